"""Noise as copies have it (facts, 9), put on clean lines. Each function gives the lines of the copy."""

import re
import unicodedata
from random import Random

import opencc

HEAD = (
    ["• Baidu", "    map", "    您现在所在的位置 : 首页 > 某市发展改革委 > 政务公开 > 政策文件"],
    ["首页 | 政务公开 | 办事服务 | 互动交流", "当前位置：首页>信息公开>文件"],
    ["某市人民政府门户网站", "设为首页 | 加入收藏 | 无障碍浏览", "您所在的位置： 首页 >> 通知公告"],
)
BELOW = (
    ["    2021-07-19 11:55     来源: 某市人民政府办公室    发布机构:某市发展改革委 【字体:   打印"],
    ["发布时间：2019-03-02 10:00 浏览次数：331次 字体：[大 中 小]"],
    ["来源：某市发展改革委 作者：李小明", "分享到：微信 微博 QQ空间", "【打印】【关闭】"],
)
TAIL = (
    [
        "    关联稿件:",
        "    相关附件:",
        "    扫一扫在手机打开当前页",
        "  • Copyright example.gov.cn All Rights Reserved 某ICP备05000439号 网站标识码:9915000052 "
        "联系电话:0660-3210000",
    ],
    [
        "上一篇：某市关于公布2020年部门预算的说明",
        "下一篇：没有了",
        "责任编辑：王小明",
        "版权所有：某市人民政府 主办单位：某市人民政府办公室",
        "某公网安备 99150202000004号",
    ],
    [
        "站点访问量:- 稿件访问量:- 统计代码:",
        "网站地图",
        "  • Baidu",
        "map",
        "您访问的链接即将离开“某市发展改革委”网站,是否继续?",
    ],
)
SPAM = (
    ["澳门金沙娱乐城真人在线，首存送888！", "百家乐 老虎机 www.abc123.com"],
    ["代开各类发票，点数优惠，联系电话13900001111，微信同号"],
    ["本站提供论文代写服务，免费试听，限时优惠，加QQ：1234567咨询"],
    ["专业植发整形美容，价格优惠，欢迎来电咨询：400-800-1234"],
)
_READINGS = (
    "發fā 關guān 實shí 應yīng 辦bàn 國guó 個gè 聯lián 務wù 動dòng 業yè 進jìn 現xiàn 機jī 構gòu "
    "導dǎo 時shí 員yuán 將jiāng 執zhí 權quán 據jù 規guī 會huì 設shè 條tiáo 質zhì 單dān 協xié 處chù"
)
SYLLABLES = {pair[0]: pair[1:] for pair in _READINGS.split()}
PLAIN = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ", "aaaaeeeeiiiioooouuuuvvvv")


def flattened(lines: list[str], random: Random) -> list[str]:
    """Full-width punctuation as ASCII."""
    return [re.sub("[，：；（）！？]", lambda match: unicodedata.normalize("NFKC", match[0]), line) for line in lines]


def shelled(lines: list[str], random: Random, title: int = 1) -> list[str]:
    """A page's shell around; `title` lines are the title."""
    return [*random.choice(HEAD), *lines[:title], *random.choice(BELOW), *lines[title:], *random.choice(TAIL)]


def spammed(lines: list[str], random: Random) -> list[str]:
    """Advertising at the end."""
    return [*lines, *random.choice(SPAM)]


def tagged(lines: list[str], random: Random) -> list[str]:
    """Tags as text, with random ids."""
    done = []
    for line in lines:
        mark = f"{random.getrandbits(40):x}"
        kind = random.randrange(4)
        if kind == 0:
            line = f'<p id="p{mark}" style="text-indent: 2em;">{line}</p>'
        elif kind == 1 and len(line) > 8:
            at = random.randrange(2, len(line) - 2)
            line = f'{line[:at]}<span data-id="{mark}">{line[at]}</span>{line[at + 1 :]}'
        elif kind == 2:
            line = f"&nbsp;&nbsp;{line}<br/>"
        done.append(line)
    return [f'<div id="zoom_{random.getrandbits(32):x}" class="TRS_Editor">', *done, "</div>"]


def traditional(lines: list[str]) -> list[str]:
    """In traditional characters."""
    convert = opencc.OpenCC("s2t").convert
    return [convert(line) for line in lines]


def with_pinyin(lines: list[str], random: Random, *, lost: bool = False) -> list[str]:
    """Pinyin in brackets behind some characters: with tones, without, repeated; `lost`: tone letters as `?`."""

    def noisy(match: re.Match[str]) -> str:
        syllable = SYLLABLES[match[0]]
        form = random.randrange(4)
        if form == 0:
            syllable = syllable.translate(PLAIN)
        elif lost and form == 1:
            syllable = re.sub(r"[^a-z]", "?", syllable)
        brackets = f"（{syllable}）" if random.random() < 0.2 else f"({syllable})"
        return match[0] + brackets * (2 if form == 2 else 1)

    return [re.sub(f"[{''.join(SYLLABLES)}]", noisy, line) for line in lines]


def broken(lines: list[str], random: Random) -> list[str]:
    """Long lines and the title broken in the middle."""
    done: list[str] = []
    for number, line in enumerate(lines):
        if (number == 0 and len(line) > 16) or (len(line) > 60 and random.random() < 0.4):
            at = random.randrange(len(line) // 3, 2 * len(line) // 3)
            done += [line[:at], line[at:]]
        else:
            done.append(line)
    return done


def wrapped(lines: list[str], random: Random) -> list[str]:
    """Every line wrapped at the same width."""
    width = random.randint(28, 40)
    return [line[at : at + width] for line in lines for at in range(0, len(line), width)]


def one_cell_a_line(rows: tuple[tuple[str, ...], ...], random: Random) -> list[str]:
    """A table with one cell a line and bars."""
    form = random.randrange(4)
    lines: list[str] = []
    for row in rows:
        if form == 0:
            lines += [f"| {cell} |" for cell in row]
        elif form == 1:
            lines += [f"| {cell}" for cell in row]
            lines.append("|")
        elif form == 2:
            lines += [f"{cell} |" for cell in row]
            lines.append("")
        else:
            lines.append(f"| {' | '.join(row)} |")
    return lines

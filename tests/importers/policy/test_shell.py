"""Shells of pages line by line, and several shelled documents in one copy."""

from collections.abc import Callable
from random import Random

import pytest

from publish.importers.policy.cleaning import Cleaned
from publish.importers.policy.lines import Kind
from tests.importers.policy import noise
from tests.importers.policy.cleandocs import generated
from tests.importers.policy.conftest import CleanOf

DOCUMENT = """关于开展信用信息公示工作的通知
汀信办〔2020〕1号
各区人民政府：
为加强信用体系建设，现就有关事项通知如下。
一、总体要求
坚持公开透明，做好信用信息公示工作。
（一）归集信息。建立信用信息归集制度，明确责任单位。（市信用办牵头）
汀澜市信用办
2020年1月3日"""
ABOVE = (
    *(
        "分享: 微信 微博 QQ空间 复制链接",
        "【字体：大 中 小】 打印 关闭",
        "浏览量：1523",
        "【大 中 小】",
        "阅读次数：[ 1254 ]",
    ),
    *("时间：2018-03-15 来源：某省发展改革委 点击：1256", "文章来源：省政府办公厅 发布时间：2016-10-28 16:30:22"),
    *("您的当前位置: 首页 >> 政策法规 >> 地方性法规", "网站首页 | 新闻资讯 | 信用动态", "今天是 2021年7月19日 星期一"),
    *(
        "信用中国（江苏）",
        "无障碍阅读 进入关怀版 登录",
        "字号：默认 大 超大 | 打印 |",
        "发布者：admin 发布时间：2018-03-01",
    ),
    *(
        "政策文件库",
        "中国政府网 国务院部门 地方政府",
        "首页 机构概况 新闻中心 政务公开",
        "日期：2018年3月1日 【字号 大 中 小】",
    ),
    *("索 引 号：014000319/2018-00123", "[ 索引号 ] 014000319/2018-00123 [ 发文机构 ] 省政府", "公开类别：主动公开"),
    *(
        "Share to: WeChat",
        "您好，今天是2021年",
        "网站支持IPv6",
        "本文被阅读 1234 次",
        "<ucaptitle>",
        "某市人民政府门户网站",
    ),
)
BELOW = (
    *("打印本页 | 关闭窗口", "[打印本页] [关闭窗口] [返回顶部]", "Copyright © 2020 xxx.gov.cn", "京ICP备10025824号-1"),
    *(
        "技术支持：某公司 建议使用1024*768分辨率浏览本站",
        "微信公众号",
        "手机版",
        "扫描二维码关注",
        "编辑：李某某 审核：王某某",
    ),
    *(
        "标签：信用 通知",
        "附件下载：",
        "访问量: 123456 次",
        "您是第 1234567 位访客",
        "相关文件：",
        "相关解读：",
        "收藏本站",
    ),
    *(
        "主办：某委 承办：某中心 网站标识码：3200000001",
        "var _hmt = _hmt || [];",
        'document.write(unescape("%3Cscript"))',
    ),
    *(
        "站点地图 | 联系我们 | 隐私",
        "（责任编辑：李四）",
        "来源：某某网",
        "意见反馈",
        "手机扫一扫 浏览该页面",
        "CNZZ统计",
    ),
    *(
        "网站保留所有权利",
        "_paq.push(['trackPageView']);",
        "展开全文",
        "打开APP阅读全文",
        "免责声明：本网转载内容均注明来源",
    ),
    *("联系人：张晓明 13800138000", "地址：某市北京路68号 邮编：210024", "您访问的链接即将离开“某网”网站,是否继续?"),
)


def assert_document(document: Cleaned, texts: list[str]) -> None:
    assert (document.head.title, document.head.number) == ("关于开展信用信息公示工作的通知", "汀信办〔2020〕1号")
    assert texts == DOCUMENT.split("\n")[2:]


@pytest.mark.parametrize("line", ABOVE)
def test_above(line: str, cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]) -> None:
    (document,) = cleaned(f"{line}\n{DOCUMENT}")
    assert_document(document, texts(document))


@pytest.mark.parametrize("line", BELOW)
def test_below(line: str, cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]) -> None:
    (document,) = cleaned(f"{DOCUMENT}\n{line}")
    assert_document(document, texts(document))


def test_all_of_it(cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]) -> None:
    (document,) = cleaned("\n".join((*ABOVE, DOCUMENT, *BELOW)))
    assert_document(document, texts(document))
    assert (document.head.index_number, document.head.source) == ("014000319/2018-00123", "省政府办公厅")


@pytest.mark.parametrize("line", ["政策咨询电话：12345", "本平台由某公司承建，感谢您的使用与支持"])
def test_what_may_belong_to_the_document_stays_and_is_unsure(line: str, cleaned: CleanOf) -> None:
    (document,) = cleaned(f"{DOCUMENT}\n{line}")
    assert [one.text for one in document.lines if Kind.UNSURE in one.kinds] == [line]


@pytest.mark.parametrize(
    "item",
    [
        "（二）加大信贷支持。对守信企业在贷款、发票领用、招商引资、品牌培育等方面给予优惠，免费提供咨询。（市金融局负责）",
        "（二）开通热线。公众可以登录信用中国网站（www.creditchina.gov.cn）免费查询，点击“信用修复”办理。",
        "（二）推广“信易贷”，通过微信公众号、手机APP等领取，优化客服热线。（市金融局牵头）",
    ],
)
def test_words_of_advertising_in_a_document_are_its_own(
    item: str, cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]
) -> None:
    (document,) = cleaned("\n".join((*DOCUMENT.split("\n")[:7], item)))
    assert texts(document)[-1] == item
    (document,) = cleaned("\n".join((*DOCUMENT.split("\n")[:7], item, *noise.SPAM[0])))
    assert texts(document)[-1] == item


@pytest.mark.parametrize("seed", range(20))
def test_two_pages_in_one_copy(seed: int, cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]) -> None:
    random = Random(seed)
    copy, expected = [], []
    for number in (1, 2):
        document = generated(seed + 100 * number)
        lines = [line for line in document.lines if isinstance(line, str)]
        ends = ["汀澜市人民政府办公室", f"2020年{number}月3日", "（此件公开发布）"]
        expected.append([document.title, document.number, "各区人民政府：", *lines, *ends])
        copy += noise.shelled(noise.flattened(expected[-1], random), random)
    found = [[one.head.title, one.head.number or "", *texts(one)] for one in cleaned("\n".join(copy))]
    assert found == expected

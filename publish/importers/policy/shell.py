"""The shell of a web page around a document: what it is made of, told line by line (facts, 8 and 9).

Lines are compared after NFKC, in lower case, simplified and with single spaces, so that a mirror's is
told as well.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from publish.importers.policy import forms
from publish.importers.policy.lines import PAGE_NUMBER, Kind, Line
from publish.importers.policy.lists import strip_lists

Simplify = Callable[[str], str]
_WORDS = (
    "首页|网站首页|返回首页|主页|政务公开|信息公开|政府信息公开|新闻中心|新闻动态|工作动态|通知公告|政策法规|政策文件|政策解读|办事服务|政务服务|互动交流|公众参与|"
    "专题专栏|数据开放|走进[\u4e00-\u9fff]{2,6}|网站地图|联系我们|联系方式|关于我们|网站声明|版权声明|隐私声明|免责声明|法律声明|网站帮助|使用帮助|帮助|无障碍(?:浏览|阅读)?|"
    "适老化|长者(?:模式|版|专区|助手)|关怀版|老年模式|简体(?:中文|版)?|繁体(?:中文|版)?|繁體|english|登录|注册|用户登录|退出|搜索|检索|站内搜索|高级搜索|设为首页|"
    "加入收藏|收藏(?:本页)?|打印(?:本页|此页|页面|文章)?|关闭(?:窗口|本页|页面)?|返回(?:顶部|列表|上一页)?|分享|复制链接|下载|纠错|我要纠错|智能问答|字号|字体|大|中|小|"
    "微信|微博|新浪微博|腾讯微博|qq|qq空间|qq好友|朋友圈|人人网|豆瓣|手机版|电脑版|移动版|客户端|app下载|rss|确定|取消|继续(?:访问|浏览)?|收藏本站|意见反馈|站点地图|隐私|政策文件库|关于本站|本站声明|本站简介|网站找错|找错|隐私政策|常见问题|网站群|机构概况|新闻资讯|放弃|上一篇|下一篇|更多|"
    "baidu|map|baidu map|百度地图|百度统计|站长统计|cnzz|51la|google analytics|umami|piwik|播报|语音播报|"
    "视力保护色|政策问答|一键分享|正文|内容|附件下载|"
    "进入关怀版|今日热点|热点推荐|热门推荐|相关推荐|推荐阅读|相关新闻|图解|解读"
)
_ONLY_WORDS = re.compile(rf"[\s•·|/>»›:,\-\[\]【】()+]*(?:(?:{_WORDS})(?:[\s•·|/>»›:,\-\[\]【】()+]+|$))+")
_BULLET = re.compile(r"^[•·●▪○◦\-*\s]+")
# Told by how the line begins or what it is, wherever it stands.
_LINE = re.compile(
    r"(?:(?:您|你)?(?:现在|目前)?(?:所在|当前)?的?(?:位置|栏目) ?:.{0,200}"
    r"|(?:网站)?首页 ?(?:[>»›/\\|]|-+>?|→).{0,200}"
    r"|[【\[(]?(?:字体|字号)(?:大小)? ?[:：]? ?[【\[(]?(?:[大中小特默认标准打印关闭+\-a\s|\]】)【\[(]|打印|收藏|分享)*"
    r"|[【\[(] ?(?:打印|关闭|收藏|纠错|大|中|小|分享|返回)[^】\])]{0,8}[】\])].{0,40}"
    r"|(?:一键)?分享(?:到|至)? ?:?.{0,60}"
    r"|(?:请)?(?:用微信)?(?:扫一扫|扫描二维码|扫码|微信扫一扫).{0,50}|.{0,12}二维码"
    r"|(?:关联稿件|相关附件|相关文件|相关文档|相关稿件|相关链接|相关阅读|相关文章|相关信息|相关政策|相关解读|"
    r"解读链接|附件下载|延伸阅读|热门文章|友情链接) ?:?"
    r"|(?:上|下)一(?:篇|条|页) ?:.{0,120}|(?:上一篇|下一篇).{0,100}"
    r"|.{0,60}(?:copyright|all rights reserved|版权所有|©).{0,200}"
    r"|.{0,80}(?:icp备|icp证|公网安备|公安备案|网站标识码|站点标识码|政府网站标识).{0,200}"
    r"|(?:主办|承办|协办|维护|运维|技术支持|网站支持|建设运维|主管)(?:单位|部门)? ?:.{0,160}"
    r"|(?:建议|推荐|最佳)(?:使用|浏览).{0,60}(?:浏览器|分辨率).{0,60}|.{0,20}(?:支持|已支持) ?ipv6.{0,20}"
    r"|(?:网站|联系|单位|办公)?地址 ?:.{0,80}(?:邮编|电话|邮政编码).{0,80}|(?:邮编|"
    r"邮政编码) ?: ?[0-9]{6}.{0,60}|(?:联系|服务|咨询|总机|值班|传真)电话 ?:[0-9\-() ]{7,40}"
    r"|(?:站点|稿件|网站|页面|文章|总)?(?:访问|浏览|点击|阅读|下载)(?:量|数|次数|"
    r"人次)? ?:? ?[\-0-9,.万 ]*(?:次|人次|人)?(?: .{0,60})?"
    r"|.{0,40}(?:浏览次数|点击次数|阅读次数|访问次数|点击数|浏览量|阅读量|访问量|点击率|阅读数|"
    r"浏览数) ?[:：(（]?.{0,40}"
    r"|统计代码 ?:?.{0,60}|本站?(?:已)?访问.{0,40}"
    r"|(?:您|你)?(?:访问的|点击的)?链接即将离开.{0,120}|您(?:即将|正在)(?:离开|访问).{0,120}|是否继续(?:访问)? ?\??"
    r"|(?:百度)?地图(?:加载|api).{0,60}|(?:var |function |document\.|window\.|\$\(|_hmt|gtag|http-equiv|"
    r"<script|//<!\[cdata).{0,2000}|.{0,40}hm\.baidu\.com.{0,200}"
    r"|(?:加载中|正在加载|loading)[.。…]*|(?:您的浏览器|当前浏览器).{0,60}|javascript.{0,100}"
    r"|(?:信息)?(?:来源|稿源|出处|发布机构|发布单位|发布部门|发布日期|发布时间|更新时间|公开日期) ?:.{0,160}"
    r"|[12][0-9]{3}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日? ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: .{0,160})?"
    r"|(?:阅读|播放|点赞|转发|评论|收听) ?[0-9]*|(?:标签|发布者|发布人|上传者) ?:.{0,80}|您是第.{0,20}位.{0,8}"
    r"|(?:字号|字体) ?:.{0,60}|(?:您好[,!]? ?)?今天是.{0,40}|本文(?:共|已|被)?.{0,4}(?:阅读|浏览).{0,20}"
    r"|(?:时间|日期) ?: ?[12][0-9]{3}[-/.年].{5,14}(?:来源|点击|浏览|阅读|字号|字体|作者|[【\[]).{0,120}"
    r"|(?:手机)?扫一扫.{0,40}|.{0,20}保留所有权利.{0,20}|(?:免责)?声明 ?:.{0,60}(?:本网|本站|转载).{0,100}"
    r"|_paq.{0,200}|jquery.{0,200}|cnzz.{0,40}|(?:展开|收起|阅读)全文|猜你喜欢 ?:?|打开app.{0,20}|广告|加载更多"
    r"|点击(?:查看|阅读)(?:更多|全文|详情)|(?:展开|查看|阅读){1,2}全文|powered by .{1,40}|还剩.{0,20}页未读.{0,20}"
    r"|本帖最后由.{0,60}编辑"
    r"|(?:使用道具|举报|点评|回复|发新帖|返回列表|只看该作者|倒序浏览|楼主|收藏本帖)(?: .{0,40})?"
    r"|(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|.{2,20} [0-9]{4}-[0-9]{2}-[0-9]{2}).{0,20}来源 ?:.{0,80})"
)
# Told only beside another line of the shell, or at the copy's ends: a broken sentence may leave such a line too.
_SITE = re.compile(
    r"[\u4e00-\u9fff]{2,30}(?:门户网站|政府网|政务网|信息网|信息公开网|官方网站|官网)(?: .{0,30})?|"
    r"信用[\u4e00-\u9fff]{2,4}(?:网站)?"
    r"|(?:时间|日期) ?: ?[0-9年月日 :./-]{6,30}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[•·|/\-\s>»?□\ufffd]+"
    r"|(?!.*(?:@|http))(?=.*[a-z]{3})[a-z0-9 ,.:;|/>»&\'()_!\-]{2,160}|[\u4e00-\u9fff]{2,30}人民政府"
)
_STAFF = re.compile(
    r"(?P<label>(?:责任编辑|责编|编辑|值班编辑|网络编辑|审核|审稿|初审|复审|终审|一审|二审|三审|校对|校稿|录入|撰稿|供稿|供稿人|作者|记者|通讯员|信息员|发布人|"
    r"发布员|上传|排版|责任人|经办人|签发|监制|编审|信息审核|拟稿人?|打印|打字|"
    r"核稿)人?员?) ?:[\s]*(?P<name>[\u4e00-\u9fffa-z*·]{1,12}(?:[、 ,/][\u4e00-\u9fff·]{2,4})*)"
)
_STAFF_LINE = re.compile(rf"[\s【\[(]*{_STAFF.pattern}.{{0,80}}")
# Scripts and styles whose tags are gone; the red line of a paper's head.
_CODE = re.compile(
    r"(?=.*(?:window\.|document\.|function ?\(|\.push\(|\|\| ?\[\]|var [a-z_]+ ?=|[a-z-]+: ?[a-z0-9#.-]+;|=>|@media))"
    r"[^\u4e00-\u9fff]{6,2000}"
)
_RULED = re.compile(r"(?=.*[━─═_*★=])[━─═_*★☆=\-—\s]{5,200}")
_PAGE = re.compile(r"[\-—–－] ?[0-9]{1,3} ?[\-—–－]|第 ?[0-9]{1,3} ?页(?:[ ,，/]{0,3}共 ?[0-9]{1,3} ?页)?")
# At the end of a document's last paragraph.
_STAFF_BEHIND = re.compile(
    r"(?<=[。！？；])\s?[(（【\[]\s?(?:责任编辑|責任編輯|责编|责编|编辑|編輯|作者|记者|記者|供稿|撰稿|审核|審核)\s?[:：]\s?"
    r"[\u4e00-\u9fff·、 ]{2,24}[)）】\]]\s?$"
)
FIELDS = (
    "索引号|信息索引号|索引编号|发布文号|颁布单位|颁布日期|颁布时间|所属类别|文件来源|法规类别|效力级别|效力等级|时效状态|主题分类|主题类别|公文种类|体裁分类|组配分类|服务对象|发文机关|发文机构|发文单位|"
    "发布机构|发布单位|制发机关|成文日期|生成日期|发文日期|印发日期|标题|名称|信息名称|文件名称|发文字号|文号|文件编号|"
    "发布日期|公开日期|发布时间|主题词|关键词|有效性|是否有效|时效性|时效|效力状态|有效期|废止日期|失效日期|实施日期|"
    "施行日期|生效日期|信息来源|来源|公开方式|公开范围|公开属性|公开形式|公开类别|内容概述|信息类别|公开时限"
)
_NAME = "|".join(" ?".join(name) for name in sorted(FIELDS.split("|"), key=len, reverse=True))
_FIELD = re.compile(rf"[\[【] ?(?P<boxed>{_NAME}) ?[\]】] ?:? ?|(?P<plain>{_NAME}) ?: ?")


def folded(text: str, simplify: Simplify) -> str:
    """`text` as shell and spam are compared."""
    return simplify(unicodedata.normalize("NFKC", text)).lower()


def page_fields(lines: Sequence[Line], simplify: Simplify) -> tuple[list[Line], dict[str, str]]:
    """Lines of the page head (索引号：… 发文机关：…) taken out, and their values; the first of each wins.

    A line with two fields or more is one of the head, and so are its neighbours with one. A field may have its value
    on the next line; its neighbours are then two lines away.
    """
    found = [_fields_of(line, simplify) for line in lines]
    head = {at for at, fields in enumerate(found) if len(fields) > 1}
    for at, fields in enumerate(found):
        near = at - 1 in head or at - 2 in head or any(found[at + 1 : at + 2])
        if fields and (near or _certain(fields) or (_blank(fields) and any(map(_blank, found[at + 2 : at + 3])))):
            head.add(at)
    values: dict[str, str] = {}
    done = list(lines)
    for at in sorted(head):
        for name, value in found[at].items():
            if (
                not value
                and at + 1 < len(lines)
                and at + 1 not in head
                and len(found[at]) == 1
                and len(lines[at + 1].text) < 60
            ):
                value = lines[at + 1].text
                done[at + 1] = done[at + 1].removed(Kind.REMOVED_SHELL, "page head, kept in the front matter")
            if value:
                values.setdefault(name, value)
        done[at] = done[at].removed(Kind.REMOVED_SHELL, "page head, kept in the front matter")
    return done, values


def _blank(fields: dict[str, str]) -> bool:
    """Whether a line is the name of one field, whose value may be on the next."""
    return list(fields.values()) == [""]


def _certain(fields: dict[str, str]) -> bool:
    return any(
        name
        in ("索引号", "信息索引号", "发文字号", "主题分类", "成文日期", "发文机关", "组配分类", "发文机构", "公开类别")
        for name in fields
    )


def _fields_of(line: Line, simplify: Simplify) -> dict[str, str]:
    if not line.kept or len(line.text) > 600:
        return {}
    if line.rows:
        return _row_fields(line, simplify)
    text = unicodedata.normalize("NFKC", line.text)
    plain = simplify(text)
    places = list(_FIELD.finditer(plain)) if len(plain) == len(text) else []
    if not places or places[0].start() > 2:
        return {}
    ends = [place.start() for place in places[1:]] + [len(text)]
    return {
        (place["boxed"] or place["plain"]).replace(" ", ""): line.text[place.end() : end].strip(" |[]【】\t")
        if len(text) == len(line.text)
        else text[place.end() : end].strip(" |[]【】")
        for place, end in zip(places, ends, strict=True)
    }


def _row_fields(line: Line, simplify: Simplify) -> dict[str, str]:
    """The page head as a table: labels and values in turn in its rows. {} if it is another table."""
    fields: dict[str, str] = {}
    for row in line.rows:
        for label, value in zip(row[::2], row[1::2], strict=False):
            name = re.sub(r"[\s:：]", "", simplify(label))
            if label and re.fullmatch(FIELDS, name) is None:
                return {}
            if label:
                fields[name] = value
    return fields if len(fields) > 1 else {}


def strip_above(lines: Sequence[Line]) -> list[Line]:
    """Lines without those above the first title, number or addressees: the page's, whatever they say.

    Kept are the head of an office's paper, and the line right above a number or addressees, which may be a title of
    an unusual form; what reads like a sentence stays and is unsure.
    """
    kept = [at for at, line in enumerate(lines) if line.kept][:_ABOVE]
    first = _first(lines, kept)
    done = list(lines)
    for at in kept[: kept.index(first)] if first is not None else ():
        line = lines[at]
        right_above = kept[kept.index(at) + 1] == first and not forms.is_title(lines[first or 0].text)
        if line.rows or forms.red_head_of(line.text) or forms.annex_of(line.text) is not None:
            continue
        if len(line.text) > 60 and "。" in line.text:
            done[at] = line.changed(Kind.UNSURE, note="text above the document")
        elif not right_above or re.search(r"[>»|:：]", line.text):
            done[at] = line.removed(Kind.REMOVED_SHELL, "above the document")
    return done


def _first(lines: Sequence[Line], kept: Sequence[int]) -> int | None:
    """Where the first document begins for certain."""
    for at in kept:
        text = lines[at].text
        title = forms.is_title(text) and (
            _ABOUT.search(text) or (len(text) >= _TITLE_LEAST and not _MENU.fullmatch(text))
        )
        if title or forms.number_of(text) or forms.is_addressees(text):
            return at
        if forms.structural(text) or (len(text) > 60 and "。" in text):
            break
    return next((at for at in kept if forms.is_title(lines[at].text)), None)


_TITLE_LEAST = 8
_MENU = re.compile(
    r".{0,6}(?:信息公开|政务公开).{0,4}(?:指南|目录|制度|年度报告|年报|规定|清单|标准)|.{0,8}政策解读|.{0,4}权责清单"
)
_ABOVE = 60
_ABOUT = re.compile("[关關][于於]")


def strip_shell(lines: Sequence[Line], simplify: Simplify) -> list[Line]:
    """Lines without those of the page's shell; names of its staff are personal."""
    texts = [_BULLET.sub("", folded(line.text, simplify)) if line.kept and not line.rows else "" for line in lines]
    done = [_judged(line, text) for line, text in zip(lines, texts, strict=True)]
    raws = [_BULLET.sub("", folded(line.text, simplify)) if not line.rows else "" for line in lines]
    done = strip_lists(done, raws)
    weak = [bool(text) and _weak(line, text) for line, text in zip(done, texts, strict=True)]
    weak = [flag and not _heads_title(done, at) for at, flag in enumerate(weak)]
    for order in (range(len(done)), range(len(done) - 1, -1, -1)):
        shell = True
        for at in order:
            if shell and weak[at] and done[at].kept:
                done[at] = done[at].removed(Kind.REMOVED_SHELL)
            shell = not done[at].kept
    return done


def _weak(line: Line, text: str) -> bool:
    whole = len(text) < 200 and (_ONLY_WORDS.fullmatch(text) or _SITE.fullmatch(text))
    return bool(whole) and not forms.is_title(line.text)


def _heads_title(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is the office at the head of a title that the next line goes on with: 关于…的通知."""
    below = next((line.text for line in lines[at + 1 : at + 3] if line.kept), "")
    text = lines[at].text
    return re.match("[关關][于於]", below) is not None and " " not in text and forms.is_office(text)


def _judged(line: Line, plain: str) -> Line:
    if not plain or len(plain) > 2200:
        return line
    if _CODE.fullmatch(plain) or _RULED.fullmatch(line.text):
        return line.removed(Kind.REMOVED_SHELL)
    if _PAGE.fullmatch(line.text):
        return line.removed(Kind.REMOVED_SHELL, PAGE_NUMBER)
    if _STAFF_LINE.fullmatch(plain):
        return line.removed(Kind.REMOVED_PERSONAL, "staff of the page")
    if staff := _STAFF_BEHIND.search(line.text):
        return line.changed(Kind.REMOVED_PERSONAL, line.text[: staff.start()].rstrip(), "staff of the page")
    if _LINE.fullmatch(plain) and not _is_document(_BULLET.sub("", line.text)):
        return line.removed(Kind.REMOVED_SHELL)
    return line


def _is_document(text: str) -> bool:
    """Whether the form of a line is a document's own, so that words of a shell in it prove nothing."""
    return (len(text) > 60 and forms.terminal(text) and "。" in text) or forms.structural(text) or forms.is_title(text)

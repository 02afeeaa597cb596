"""Advertising at the end of a copy, and what else stands behind its last document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publish.importers.policy import forms
from publish.importers.policy.lines import Kind, Line
from publish.importers.policy.shell import Simplify, folded

# One of these is enough behind a document, two of the others.
_ALWAYS = re.compile(
    r"手游|传奇(?:霸业|世界)|注册送|首存|登录即送|美女|破解版|博彩|娱乐城|百家乐|老虎机|棋牌|赌场|赌博平台|真人(?:娱乐|视讯|荷官)|时时彩|六合彩|彩票(?:网|平台|投注)|北京赛车|投注|葡京|金沙(?:娱乐|城)|私服|外挂|代开.{0,4}发票|发票代开|"
    r"办证刻章|刻章办证|套现|丰胸|壮阳|伟哥|成人(?:用品|电影|视频)|一夜情|约炮|裸聊|代孕|股票配资|配资|刷单|日赚|代写论文|论文代写|代发论文|迷药|催情"
)
_OFTEN = re.compile(
    r"(?:在线|免费|法律|律师)咨询|在线律师|找律师|快速解答|大额代办|无抵押|当天放款|公众号|关注我们|排行榜|精彩内容|侵权|安卓|攻略|金币|红包|直播|充值|联系我们删除|贷款|信用卡|办理?证件|发票|减肥|整形|植发|祛斑|美容|加盟|招商|代理|包邮|秒杀|特价|优惠|折扣|打折|限时|抢购|淘宝|天猫|京东|拼多多|微商|加(?:我)?(?:微信|v信|vx|qq)|"
    r"微信(?:号|公众号)?|客服|热线|订购|免费|试听|领取|点击|在线咨询|网站(?:建设|优化|制作)|seo|关键词排名|培训班?|招生|报名|考试资料|app|小说|电影|游戏|理财|高收益|投资回报|兼职|"
    r"品牌|厂家|批发|直销|供应商|价格(?:表|优惠)|装修|搬家|租车|旅行社|婚庆|鲜花|保健|酒店预订|机票|手机号码|二手|回收|维修|律师事务所咨询|专业团队|一站式|量大从优|欢迎(?:来电|咨询|致电|选购)|详情"
)
_LINKS = re.compile(
    r"https?://|www\.|\.(?:com|cn|net|cc|xyz|top|vip)\b|1[3-9][0-9]{9}|"
    r"[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}|(?:qq|vx|微信)[:： ]{0,2}[a-z0-9_-]{5,}"
)
_GOVERNMENT = re.compile(r"(?:https?://)?[a-z0-9.-]{0,60}\.gov\.cn")
_PROMISE = re.compile(r"[!！★☆【】→]{2}|100%|[0-9]{1,3}折")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_OFFICIAL = re.compile(
    r"[一二三四五六七八九十]{1,4}、|第[一二三四五六七八九十百]{1,6}[章条节]|[(（][^()（）]{2,200}(?:牵头|负责|配合|参加)"
)
_CLAUSE = re.compile(r"。[(（\[][^()（）]{2,200}(?:牵头|牽頭|负责|負責|配合|参加|參加)[^()（）]{0,10}[)）\]]。?$")
_COPIES = re.compile(r"抄送|共印|印数|分送|主送|附件|附注|附:|主题词|联系人|\(?联系")
_UNRELATED, _RELATED = 0.12, 0.3
_MANY_PAIRS = 15
_SHORT = 12


@dataclass(frozen=True, slots=True)
class _Known:
    """What a document is about: the pairs of characters in it."""

    pairs: frozenset[str]

    def share(self, text: str) -> float:
        """How much of a text is of pairs that the document has, 0 to 1."""
        pairs = _pairs(text)
        return sum(pair in self.pairs for pair in pairs) / len(pairs) if pairs else 0.0


def strip_tail(lines: Sequence[Line], simplify: Simplify) -> list[Line]:
    """Lines without advertising behind the last document; other text behind its end mark stays and is unsure.

    Advertising is told by its words, links and numbers, and by having few pairs of characters in common with the
    document. Nothing before the document's last numbered part, date, mark or clause is looked at.
    """
    texts = [folded(line.text, simplify) if line.kept else "" for line in lines]
    end = _end(lines, texts)
    known = _Known(frozenset().union(*map(_pairs, texts[:end])))
    tail = _Tail(known, marked=end > 0 and _mark(lines[end - 1].text))
    return [*lines[:end], *(tail.judged(line, text) for line, text in zip(lines[end:], texts[end:], strict=True))]


def _end(lines: Sequence[Line], texts: Sequence[str]) -> int:
    """The index behind the last line that is a document's for certain."""
    first = _Known(frozenset().union(*map(_pairs, texts[: len(texts) * 6 // 10 + 1])))
    for at in range(len(lines), 0, -1):
        line, text = lines[at - 1], texts[at - 1]
        if not line.kept:
            continue
        if line.rows or _mark(line.text) or at < 3 or _CLAUSE.search(line.text):
            return at
        if _score(text) or (len(_pairs(text)) >= _MANY_PAIRS and first.share(text) < _UNRELATED):
            continue
        if _OFFICIAL.search(line.text) or forms.structural(line.text) or not _behind(lines, at - 1):
            return at
    return len(lines)


def _behind(lines: Sequence[Line], at: int) -> bool:
    """Whether a plain line stands behind an end: a mark of the document, or the page's footer, above it."""
    for line in reversed(lines[max(0, at - 40) : at]):
        if line.kept and (_mark(line.text)):
            return True
        if not line.kept and Kind.REMOVED_SHELL in line.kinds and _FOOTER.search(line.raw):
            return True
        if line.kept and (forms.structural(line.text) or _OFFICIAL.search(line.text)):
            return False
    return False


_FOOTER = re.compile(
    r"扫一扫|关联稿件|關聯稿件|相关附件|相關附件|ICP|Copyright|版权|版權|上一篇|下一篇|分享到|打印本页|标识码|標識碼|主办|主辦|离开|離開",
    re.IGNORECASE,
)


def _mark(text: str) -> bool:
    """Whether a line ends a document."""
    return forms.is_printed(text) or forms.publicity_of(text) is not None or forms.date_of(text) is not None


def _score(text: str) -> int:
    if _ALWAYS.search(text):
        return 3
    return len(set(_OFTEN.findall(text))) + _linked(text) + bool(_PROMISE.search(text))


def _linked(text: str) -> bool:
    return _LINKS.search(_GOVERNMENT.sub("", text)) is not None


@dataclass(slots=True)
class _Tail:
    """Judges the lines behind the last certain one, in their order. `marked`: that one is a date or mark."""

    known: _Known
    marked: bool
    _footer: bool = False
    _spam: bool = False
    _more: bool = False

    def judged(self, line: Line, text: str) -> Line:
        if not line.kept:
            self._footer = self._footer or "markup only" not in line.notes
            return line
        if self._advertises(line, text):
            self._spam = True
            return line.removed(Kind.REMOVED_SPAM)
        share, behind = self.known.share(text), self._footer or self._spam
        if line.rows or forms.is_title(line.text) or forms.annex_of(line.text) is not None or _COPIES.match(text):
            self._more = True  # what follows is an annex, or the end of the paper
            return line
        if behind and share < _UNRELATED and _pairs(text):
            return line.removed(Kind.REMOVED_SPAM, "unrelated, behind the end of the document")
        if self._footer and len(text) <= _SHORT and not forms.terminal(line.text):
            return line.removed(Kind.REMOVED_SHELL, "a short line behind the end of the document")
        lost = share < _UNRELATED and len(_pairs(text)) >= _MANY_PAIRS
        stray = self.marked and not self._more
        doubtful = behind or lost or stray
        return line.changed(Kind.UNSURE, note="text behind the end of the document") if doubtful else line

    def _advertises(self, line: Line, text: str) -> bool:
        if _ALWAYS.search(text):
            return True
        score, share = _score(text), self.known.share(text)
        numbered = forms.structural(line.text) or _OFFICIAL.search(line.text) is not None
        if numbered and not (_linked(text) and share < _RELATED):
            return False
        behind = self.marked or self._footer or self._spam
        return (score > 1 and (behind or share < _RELATED)) or (
            score == 1 and share < (_RELATED if behind else _UNRELATED)
        )


def _pairs(text: str) -> set[str]:
    return {run[at : at + 2] for run in _HAN.findall(text) for at in range(len(run) - 1)}

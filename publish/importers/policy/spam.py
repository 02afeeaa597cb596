"""Advertising at the end of a copy, and what else stands behind its last document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publish.importers.policy import forms
from publish.importers.policy.lines import Kind, Line
from publish.importers.policy.shell import Simplify, folded

# One of these is enough behind a document, two of the others.
_ALWAYS = re.compile(
    r"博彩|娱乐城|百家乐|老虎机|棋牌|赌场|赌博平台|真人(?:娱乐|视讯|荷官)|时时彩|六合彩|彩票(?:网|平台|投注)|北京赛车|投注|葡京|金沙(?:娱乐|城)|私服|外挂|代开.{0,4}发票|发票代开|"
    r"办证刻章|刻章办证|套现|丰胸|壮阳|伟哥|成人(?:用品|电影|视频)|一夜情|约炮|裸聊|代孕|股票配资|配资|刷单|日赚|代写论文|论文代写|代发论文|迷药|催情"
)
_OFTEN = re.compile(
    r"贷款|信用卡|办理?证件|发票|减肥|整形|植发|祛斑|美容|加盟|招商|代理|包邮|秒杀|特价|优惠|折扣|打折|限时|抢购|淘宝|天猫|京东|拼多多|微商|加(?:我)?(?:微信|v信|vx|qq)|"
    r"微信(?:号|公众号)?|客服|热线|订购|免费|试听|领取|点击|在线咨询|网站(?:建设|优化|制作)|seo|关键词排名|培训班?|招生|报名|考试资料|app|小说|电影|游戏|理财|高收益|投资回报|兼职|"
    r"品牌|厂家|批发|直销|供应商|价格(?:表|优惠)|装修|搬家|租车|旅行社|婚庆|鲜花|保健|酒店预订|机票|手机号码|二手|回收|维修|律师事务所咨询|专业团队|一站式|量大从优|欢迎(?:来电|咨询|致电|选购)|详情"
)
_LINKS = re.compile(
    r"https?://|www\.|\.(?:com|cn|net|cc|xyz|top|vip)\b|1[3-9][0-9]{9}|"
    r"[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}|(?:qq|vx|微信)[:： ]{0,2}[a-z0-9_-]{5,}"
)
_PROMISE = re.compile(r"[!！★☆【】→]{2}|100%|[0-9]{1,3}折")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_OFFICIAL = re.compile(
    r"[一二三四五六七八九十]{1,4}、|第[一二三四五六七八九十百]{1,6}[章条节]|[(（][^()（）]{2,200}(?:牵头|负责|配合|参加)"
)
_UNRELATED = 0.12
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

    Advertising is told by its words, links and numbers, and by having hardly any pair of characters in common with the
    document. Nothing before the document's last numbered part, date, mark or clause is looked at.
    """
    end = _end(lines, simplify)
    known = _Known(frozenset().union(*(_pairs(folded(line.text, simplify)) for line in lines[:end] if line.kept)))
    marked = end > 0 and _mark(lines[end - 1].text)
    done = list(lines[:end])
    footer = False
    for line in lines[end:]:
        footer = footer or not line.kept
        done.append(_judged(line, folded(line.text, simplify), known, footer or marked) if line.kept else line)
    return done


def _end(lines: Sequence[Line], simplify: Simplify) -> int:
    """The index behind the last line that is a document's for certain."""
    at = len(lines)
    while at > 0:
        line = lines[at - 1]
        if line.kept and not (_score(folded(line.text, simplify)) > 0 and not line.rows and not _mark(line.text)):
            if (
                line.rows
                or _mark(line.text)
                or _OFFICIAL.search(line.text)
                or forms.structural(line.text)
                or len(lines) < 3
            ):
                return at
            if not _behind(lines, at - 1):
                return at
        at -= 1
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
    words = len(set(_OFTEN.findall(text)))
    return words + bool(_LINKS.search(text)) + bool(_PROMISE.search(text))


def _judged(line: Line, text: str, known: _Known, behind: bool) -> Line:
    score, share = _score(text), known.share(text)
    official = forms.is_title(line.text) or forms.annex_of(line.text) is not None or line.rows
    if official and score < 3:
        return line
    if score > 1 or (score == 1 and (behind or share < _UNRELATED)):
        return line.removed(Kind.REMOVED_SPAM)
    if behind and share < _UNRELATED and _pairs(text):
        return line.removed(Kind.REMOVED_SPAM, "unrelated, behind the end of the document")
    if behind and len(text) <= _SHORT and not forms.terminal(line.text):
        return line.removed(Kind.REMOVED_SHELL, "a short line behind the end of the document")
    return line.changed(Kind.UNSURE, note="text behind the end of the document") if behind else line


def _pairs(text: str) -> set[str]:
    return {run[at : at + 2] for run in _HAN.findall(text) for at in range(len(run) - 1)}

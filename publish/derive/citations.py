"""Citations in the text of a document: 《title》（文号）, bare 文号, and 第…条 after these, 本办法 or an alias."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publish.derive.numbers import number_key

_N = r"[〇零○一二三四五六七八九十百千两\d]+"
_OPEN, _CLOSE = r"[〔\[［(（【]", r"[〕\]］)）】]"
_YEARED = rf"[\u4e00-\u9fff]{{1,12}}{_OPEN}\s*\d{{4}}\s*{_CLOSE}\s*第?\s*\d{{1,5}}\s*[号號]"
_ORDER = (
    rf"[\u4e00-\u9fff]{{0,24}}(?:令|公告)\s*(?:\d{{4}}\s*年\s*)?第\s*{_N}\s*[号號]"
    rf"|[\u4e00-\u9fff]{{2,24}}(?:\d{{4}}\s*年)?\s*第\s*{_N}\s*[号號](?:令|公告)"
)
NUMBER = re.compile(rf"{_YEARED}|{_ORDER}")
_ARTICLE = rf"第\s*{_N}\s*[条條](?:之{_N})?(?:第{_N}款)?(?:第[(（]?{_N}[)）]?[项項])?"
_ARTICLES = re.compile(rf"\s*的?\s*({_ARTICLE}(?:\s*(?:[、，,和及与與或至到]|以及)\s*{_ARTICLE})*)")
_ONE = re.compile(_ARTICLE)
_OWN = r"本(?:[办辦]法|[条條]例|[规規]定|[细細][则則]|方案|通知|意[见見]|[规規][则則]|制度|[准準][则則]|法)(?=\s*第)"
_BEGIN = re.compile(rf"(?P<title>《)|(?P<own>{_OWN})|(?P<number>{_YEARED}|{_ORDER})")
_BEHIND = re.compile(r"\s*[（(](?P<inside>(?:[^（）()]|[（(][^（）()]{0,200}[）)]){0,200})[）)]")
_ALIAS = re.compile(
    r"(?:以下|下)[统統]?[简簡]?[称稱](?:[为為爲])?[：:]?\s*[《“\"「]?(?P<alias>[\u4e00-\u9fff]{1,20})[》”\"」]?"
)
# Words that a sentence puts before a number; none begins the short name of an office.
_BEFORE = re.compile(
    r"(?:.*(?:按照|根[据據]|依[据據]|依照|遵照|[贯貫][彻徹]|落[实實]|[执執]行|印[发發]|[转轉][发發]|[废廢]止|修改|按|[见見]|和|[与與]|及|以及|[对對]|[经經]|由|的|[为為爲]|是|[将將]|之|月[一二三四五六七八九十]{1,3}日))"
)
_LONGEST_TITLE = 200
# A title alone is taken for a document's where it ends like one: books, forms and columns stand in 《》 too.
_KIND = re.compile(
    r"(?:法|法典|[条條]例|[办辦]法|[规規]定|[细細][则則]|意[见見]|方案|通知|通[报報]|[决決]定|[决決][议議]|公告|通告|[规規][划劃]|[纲綱]要|[标標][准準]|[规規][则則]|[规規]程|[准準][则則]"
    r"|制度|目[录錄]|清[单單]|章程|解[释釋]|批[复復覆]|函|指南|要[点點]|[计計][划劃]|[规規][范範]|措施|分工|公[约約]|[规規][约約]|令)(?:[（(〔\[].{1,20}[）)〕\]])?$"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A citation in a line: where it stands in its text, what it names, and of what part (as it is written).

    `own`: it names the document itself (本办法第八条). A title and number and each article after them are mentions of
    their own; `listed`: this one names a document for the first time, so that it can be missed.
    """

    begin: int
    end: int
    title: str = ""
    number: str = ""
    article: str = ""
    own: bool = False
    listed: bool = False


class Reader:
    """Reads the lines of one document in their order; what an alias (以下简称《办法》) stands for is remembered.

    `numbers` are those of the documents published here, folded by `fold`: a number in running text has no left edge, so
    that its longest known ending is taken for it.
    """

    def __init__(self, numbers: Sequence[str]) -> None:
        self._numbers = sorted(numbers, key=len, reverse=True)
        self._aliases: dict[str, tuple[str, str]] = {}

    def mentions(self, text: str) -> list[Mention]:
        """The citations in a line, from left to right, none in another."""
        found: list[Mention] = []
        at = 0
        while at < len(text):
            begin = self._next(text, at)
            if begin is None:
                break
            start, end, mentions = begin
            found += mentions
            at = max(end, start + 1)
        return found

    def _next(self, text: str, at: int) -> tuple[int, int, list[Mention]] | None:
        """The first citation at or behind `at`: its begin, its end, and its mentions."""
        match = _BEGIN.search(text, at)
        if match is None:
            return None
        if match["title"]:
            return self._titled(text, match.start())
        if match["own"]:
            mentions = list(_articles(text, match.end(), own=True))
            return match.start(), mentions[-1].end if mentions else match.end(), mentions
        return self._numbered(text, match)

    def _titled(self, text: str, begin: int) -> tuple[int, int, list[Mention]]:
        end = _closing(text, begin)
        if end is None:
            return begin, begin + 1, []
        title = text[begin + 1 : end - 1].strip()
        number, last, alias = _behind(text, end)
        if alias:
            self._aliases[alias] = (title, number)
        if title in self._aliases and not number and not alias:
            # An alias by itself is no citation worth a link; with an article it is.
            articles = list(_articles(text, end, *self._aliases[title]))
            return begin, articles[-1].end if articles else end, articles
        listed = bool(number) or _KIND.search(title) is not None
        return begin, *self._whole(text, begin, last, title, number, listed=listed)

    def _numbered(self, text: str, match: re.Match[str]) -> tuple[int, int, list[Mention]]:
        dated = match.start() > 0 and text[match.start() - 1].isdecimal() and match[0][0] in "年月日"
        begin = match.start() + dated + _left_edge(match[0][dated:], self._numbers)
        return begin, *self._whole(text, begin, match.end(), "", _spaceless(text[begin : match.end()]), listed=True)

    def _whole(
        self, text: str, begin: int, end: int, title: str, number: str, *, listed: bool
    ) -> tuple[int, list[Mention]]:
        articles = list(_articles(text, end, title=title, number=number))
        whole = Mention(begin, end, title, number, listed=listed)
        return articles[-1].end if articles else end, [whole, *articles]


def _articles(text: str, at: int, title: str = "", number: str = "", own: bool = False) -> Iterator[Mention]:
    """第三条、第四条和第五条第二款 behind a citation."""
    match = _ARTICLES.match(text, at)
    if match is None:
        return
    for one in _ONE.finditer(text, match.start(1), match.end(1)):
        yield Mention(one.start(), one.end(), title, number, _spaceless(one[0]), own)


def _behind(text: str, at: int) -> tuple[str, int, str]:
    """What the brackets behind a title say: its number, where they end, and its alias (以下简称《办法》)."""
    number = alias = ""
    last = at
    while (match := _BEHIND.match(text, last)) is not None:
        inside = NUMBER.match(match["inside"].strip())
        named = _ALIAS.search(match["inside"])
        if inside is None and named is None:
            break
        number = number or (_spaceless(inside[0]) if inside else "")
        alias = alias or (named["alias"] if named else "")
        last = match.end()
    return number, last, alias


def _closing(text: str, begin: int) -> int | None:
    """Behind the 》 that closes the 《 at `begin`; titles stand in titles as 〈〉 or 《》. None if none closes it."""
    depth = 0
    for at in range(begin, min(len(text), begin + _LONGEST_TITLE)):
        depth += (text[at] == "《") - (text[at] == "》")
        if depth == 0:
            return at + 1
    return None


def _left_edge(number: str, known: Sequence[str]) -> int:
    """Where a number begins in what may be words before it: at one that is known, else behind the last such word."""
    folded = [number_key(number[at:]) for at in range(len(number))]
    for at, rest in enumerate(folded):
        if rest in known:
            return at
    words = re.match(r"[\u4e00-\u9fff]*", number)
    prefix = words[0] if words else ""
    match = _BEFORE.match(prefix)
    return match.end() if match and match.end() < len(prefix) else 0


def _spaceless(text: str) -> str:
    return re.sub(r"\s+", "", text)

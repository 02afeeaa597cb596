"""Names of units written out in full, as far as the document itself says how; nothing is invented.

A short name is expanded to the longest name that the document uses for the same unit (`canonical_name`), or that it
states (以下简称…, a bracket behind it). A name without its level (财政局 after 市发展改革委) gets the level of the
one before it if the document uses that name elsewhere. Otherwise it stays as it stands.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from publish.derive.duties.names import LONGEST, canonical_name, is_unit
from publish.derive.duties.splitting import half_width
from publish.model.document import Document
from publish.model.responsibility import Clause, Named

_ALIAS = re.compile(r"([\u4e00-\u9fff]{2,40})\(以?下[简统]称:?[“\"「『]?([\u4e00-\u9fff]{2,20})[”\"」』]?\)")
# Words that may stand before a name in a sentence, and are no part of it.
_BEFORE_NAME = re.compile(r"由|设立|成立|组建|建立|依托|会同|报送?|经|向|在|对|将|与|和|及|的")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_ENDING = re.compile(r"委员会|委|局|厅|署|部|院|办公室|办|中心|政府|支行|分行|总行|联合会|工会|协会")
_LEVEL = re.compile(r"[省市县区州盟旗]")
_PARTY = re.compile(r"[省市县区州盟旗]委")
_BEGINNINGS = frozenset("省市县区州盟旗中国")
# 江苏省苏州市; a city's name has two characters or more before 市, a county's may have one (乾县).
_PLACE_PART = (
    r"(?:[\u4e00-\u9fff]{2,8}?(?:特别行政区|自治区|自治州|自治县|自治旗|省|市|州|盟|区|旗)|[\u4e00-\u9fff]{1,5}?县)"
)
_PLACE = re.compile(rf"{_PLACE_PART}+")
_NO_PLACE = re.compile(
    r".*(?:城市|都市|本市|全市|我市|各市|该市|县市|省市|地市|社区|园区|新区|地区|辖区|各区|全区|全县|各县|全省|我省|我县|我区|上市|市区|街区|校区)"
)
_NATION = re.compile(r"国务院|国家|中共中央|中央|全国|最高|中国|中华人民共和国")
_TITLE_WORDS = re.compile(r"关于|印发|转发|批转|公布|发布|贯彻|落实|实施|加快|推进|中共|[《》〈〉“”（）()〔〕\s]")
NATION = "全国"


class Names:
    """What one document calls the units that its clauses name."""

    def __init__(self, text: str, clauses: Sequence[Clause]) -> None:
        plain = re.sub(r"\s", "", half_width(text))
        named = [one for clause in clauses for one in clause.named]
        self._stated = dict(_stated(plain)) | {one.alias: one.name for one in named if one.alias}
        stated = [*self._stated, *self._stated.values()]
        self._longest = _longest([*(one.name for one in named), *stated], ())
        wanted = set(self._longest) | {
            canonical_name(level + one.name)
            for clause in clauses
            for at, one in enumerate(clause.named)
            for level in _levels(clause.named, at)
        }
        self._longest = _longest(self._longest.values(), _said(plain, wanted))

    def in_full(self, clause: Clause, at: int) -> str:
        """The name in full of the unit at place `at` of the clause."""
        name = clause.named[at].name
        for one in (*(level + name for level in _levels(clause.named, at)), name):
            full = self._longest.get(canonical_name(self._stated.get(one, one)))
            if full is not None:
                return full
        return name


def _levels(named: Sequence[Named], at: int) -> tuple[str, ...]:
    """What the name at a place may lack, if it begins with no level: that of the nearest one before it."""
    if _LEVEL.match(named[at].name) or named[at].collective:
        return ()
    for one in reversed(named[:at]):
        if _LEVEL.match(one.name):
            return (one.name[:2], one.name[0]) if _PARTY.match(one.name) else (one.name[0],)
    return ()


def _longest(names: Iterable[str], more: Iterable[str]) -> dict[str, str]:
    """The longest name of each canonical one; of equally long ones the first."""
    longest: dict[str, str] = {}
    for name in (*names, *more):
        canonical = canonical_name(name)
        if len(name) > len(longest.get(canonical, "")):
            longest[canonical] = name
    return longest


def _said(text: str, wanted: set[str]) -> Iterator[str]:
    """Stretches of the text that are names of wanted (canonical) units."""
    starts = _BEGINNINGS | {name[0] for name in wanted if name}
    seen: set[str] = set()
    for run in _HAN.finditer(text):
        words = run[0]
        for start, character in enumerate(words):
            if character not in starts:
                continue
            window = words[start : start + LONGEST]
            for ending in _ENDING.finditer(window):
                name = window[: ending.end()]
                if name in seen:
                    continue
                seen.add(name)
                if canonical_name(name) in wanted and is_unit(name):
                    yield name


def _stated(text: str) -> Iterator[tuple[str, str]]:
    """(short name, name in full) as the text states them: 市公共信用信息中心（以下简称市信用中心）."""
    for match in _ALIAS.finditer(text):
        words, short = match[1], match[2]
        places = [cut.end() for cut in _BEFORE_NAME.finditer(words)]
        for place in (*reversed(places), 0):
            full = words[place:]
            if len(full) > len(short) and _holds(full, short) and is_unit(full):
                yield short, full
                break


def _holds(full: str, short: str) -> bool:
    """Whether the characters of the short name stand in the full one, in their order."""
    characters = iter(full)
    return all(character in characters for character in short)


def place_of(document: Document) -> str | None:
    """The place that a document is about, by its issuer, else its title: 示例市, 全国; None: not told."""
    if document.issuer:
        if _NATION.match(document.issuer):
            return NATION
        match = _PLACE.match(re.sub(r"^中共", "", document.issuer))
        if match and not _NO_PLACE.fullmatch(match[0]):
            return match[0]
    for words in _TITLE_WORDS.split(document.title):
        match = re.match(r"[\u4e00-\u9fff]{2,7}?(?:自治区|自治州|省|市|州|县)", words)
        if match and not _NO_PLACE.fullmatch(match[0]):
            return match[0]
    return None


def own_name(name: str, place: str | None) -> str:
    """A name without the place that its document is about: 示例市教育局 is 市教育局 there."""
    if place and place != NATION and name.startswith(place) and len(name) > len(place) + 1:
        return place[-1] + name[len(place) :]
    return name

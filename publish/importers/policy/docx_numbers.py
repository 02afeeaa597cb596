"""Automatic numbers of a DOCX: what the word processor shows and the text does not hold (ECMA-376, 17.9)."""

import re
from dataclasses import dataclass, field

from publish.importers.policy.docx_xml import parse_xml
from publish.importers.policy.numerals import han_numeral

_HAN = frozenset(
    (
        *("chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "ideographTraditional"),
        *("japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand"),
    )
)

# How many styles may be based on each other; a circle ends there.
_LONGEST_LINE = 20


@dataclass(slots=True)
class _Level:
    form: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """The lists of a document, counted on as paragraphs come."""

    lists: dict[str, dict[int, _Level]] = field(default_factory=dict)
    counters: dict[str, str] = field(default_factory=dict)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, number: str, level: int, style: str) -> str:
        """The number before the next paragraph of this list, level and style; "" if it has none or a bullet."""
        if not number and style in self.styles:
            number, level = self.styles[style]
        levels = self.lists.get(number)
        if not levels or level not in levels or levels[level].form in ("bullet", "none"):
            return ""
        counts = self._counts.setdefault(self.counters.get(number, number), {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [key for key in counts if key > level]:
            del counts[deeper]

        def shown(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            if other not in levels:
                return ""
            return numeral(counts.get(other, levels[other].start), levels[other].form)

        return re.sub(r"%([1-9])", shown, levels[level].text)


def numeral(number: int, form: str) -> str:
    """A number as a list of this form writes it; decimal where the form is not known."""
    if form in _HAN:
        return han_numeral(number)
    if form.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 1 <= number <= 3999:
        roman = _roman(number)
        return roman if form == "upperRoman" else roman.lower()
    return str(number)


def _roman(number: int) -> str:
    text = ""
    units = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
    for value, letters in (*units, (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            text, number = text + letters, number - value
    return text


def read_styles(data: bytes) -> dict[str, tuple[str, int]]:
    """Paragraph styles that number: their list and level, inherited ones too."""
    styles = _Styles()
    if data:
        parse_xml(data, styles.start, lambda _: None)
    return {style: found for style in styles.parents if (found := styles.number(style))}


@dataclass(slots=True)
class _Styles:
    """Handles the events of styles.xml."""

    parents: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    _now: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._now = attributes.get("styleId", "")
            self.parents[self._now] = ""
        elif name == "basedOn":
            self.parents[self._now] = value
        elif name == "numId":
            self.lists[self._now] = value
        elif name == "ilvl" and value.isdigit():
            self.levels[self._now] = int(value)

    def number(self, style: str) -> tuple[str, int] | None:
        """List and level of a style, its own or its parents'."""
        for _ in range(_LONGEST_LINE):
            if style in self.lists:
                return self.lists[style], self.levels.get(style, 0)
            style = self.parents.get(style, "")
        return None


def read_numbering(data: bytes, styles: dict[str, tuple[str, int]]) -> Numbering:
    """The lists that numbering.xml defines; lists that share a definition go on counting for each other."""
    definitions = _Definitions(Numbering(styles=styles))
    if data:
        parse_xml(data, definitions.start, lambda _: None)
    return definitions.numbering


@dataclass(slots=True)
class _Definitions:
    """Handles the events of numbering.xml."""

    numbering: Numbering
    _abstract: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _where: dict[int, _Level] = field(default_factory=dict)
    _list: str = ""
    _level: _Level = field(default_factory=_Level)
    _override: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        value = attributes.get("val", "")
        if name in ("abstractNum", "num", "abstractNumId"):
            self._definition(name, _id(name, attributes))
        elif name == "lvl":
            self._level = self._where[_index(attributes)] = _Level()
        elif name == "numFmt":
            self._level.form = value
        elif name == "lvlText":
            self._level.text = value
        elif name == "start" and value.isdigit():
            self._level.start = int(value)
        elif name == "lvlOverride":
            self._override = _index(attributes)
        elif name == "startOverride" and value.isdigit():
            self._restart(int(value))

    def _definition(self, name: str, identity: str) -> None:
        if name == "abstractNum":
            self._where = self._abstract[identity] = {}
        elif name == "num":
            self._list = identity
        elif self._list:
            self._where = self.numbering.lists[self._list] = dict(self._abstract.get(identity, {}))
            self.numbering.counters[self._list] = identity

    def _restart(self, first: int) -> None:
        """This list counts for itself, from `first`."""
        old = self._where.get(self._override, _Level())
        self._where[self._override] = _Level(old.form, old.text, first)
        self.numbering.counters[self._list] = f"own {self._list}"


def _id(name: str, attributes: dict[str, str]) -> str:
    return attributes.get({"abstractNum": "abstractNumId", "num": "numId", "abstractNumId": "val"}[name], "")


def _index(attributes: dict[str, str]) -> int:
    index = attributes.get("ilvl", "0")
    return int(index) if index.isdigit() else 0

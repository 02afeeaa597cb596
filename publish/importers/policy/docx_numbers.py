"""Automatic numbers of a DOCX: what the word processor shows and the text does not hold (ECMA-376, 17.9)."""

import re
from dataclasses import dataclass, field

from publish.importers.policy.docx_xml import parse_xml
from publish.importers.policy.numerals import han_numeral

_HAN = frozenset(
    "chineseCounting chineseCountingThousand ideographTraditional japaneseCounting taiwaneseCounting "
    "taiwaneseCountingThousand chineseLegalSimplified".split()
)


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
    found: dict[str, tuple[str, int]] = {}
    parents: dict[str, str] = {}
    current = ["", "", "0"]

    def start(name: str, attributes: dict[str, str]) -> None:
        value = attributes.get("val", "")
        if name == "style":
            current[:] = [attributes.get("styleId", ""), "", "0"]
        elif name == "basedOn":
            parents[current[0]] = value
        elif name == "numId":
            current[1] = value
        elif name == "ilvl":
            current[2] = value

    def end(name: str) -> None:
        if name == "style" and current[1]:
            found[current[0]] = (current[1], int(current[2]) if current[2].isdigit() else 0)

    if data:
        parse_xml(data, start, end)
    for style in parents:
        parent, steps = parents[style], 0
        while style not in found and parent and steps < 20:
            if parent in found:
                found[style] = found[parent]
            parent, steps = parents.get(parent, ""), steps + 1
    return found


def read_numbering(data: bytes, styles: dict[str, tuple[str, int]]) -> Numbering:
    """The lists that numbering.xml defines; lists that share a definition go on counting for each other."""
    abstract: dict[str, dict[int, _Level]] = {}
    numbering = Numbering(styles=styles)
    now = {"abstract": "", "num": "", "override": ""}
    level = _Level()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal level
        value = attributes.get("val", "")
        if name == "abstractNum":
            now.update(abstract=attributes.get("abstractNumId", ""), num="")
            abstract[now["abstract"]] = {}
        elif name == "lvl":
            level = _Level()
            index = attributes.get("ilvl", "0")
            where = numbering.lists.get(now["num"], {}) if now["num"] else abstract.get(now["abstract"], {})
            where[int(index) if index.isdigit() else 0] = level
        elif name == "start" and value.isdigit():
            level.start = int(value)
        elif name == "numFmt":
            level.form = value
        elif name == "lvlText":
            level.text = value
        elif name == "num":
            now["num"] = attributes.get("numId", "")
        elif name == "abstractNumId" and now["num"]:
            numbering.lists[now["num"]] = dict(abstract.get(value, {}))
            numbering.counters[now["num"]] = value
        elif name == "lvlOverride":
            now["override"] = attributes.get("ilvl", "0")
        elif name == "startOverride" and now["num"] and now["override"].isdigit() and value.isdigit():
            numbering.counters[now["num"]] = f"own {now['num']}"
            old = numbering.lists.get(now["num"], {}).get(int(now["override"]), _Level())
            numbering.lists.setdefault(now["num"], {})[int(now["override"])] = _Level(old.form, old.text, int(value))

    if data:
        parse_xml(data, start, lambda _: None)
    return numbering

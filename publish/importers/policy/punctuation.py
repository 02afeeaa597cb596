"""Flattened punctuation: `,;:()?!"` between Chinese characters become full-width again; document numbers get 〔〕.

What stands in numbers, times, ratios and Latin text stays. Nothing is added and nothing moved: one character for one.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from publish.importers.policy.lines import Kind, Line

_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_CJK = re.compile(
    r"[\u2014\u2018-\u201d\u2026\u3001-\u303f\u3400-\u9fff\uff01-\uff0f\uff1a-\uff1f\uff3b-\uff3f\uff5b-\uff65]"
)
_NUMBER = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{1,12})\s?[〔\[［(（【﹝]\s?(?P<year>[12１２][0-9０-９]{3})\s?[〕\]］)）】﹞]\s?"
    r"(?P<series>(?:第\s?)?)(?P<no>[0-9０-９]{1,5})\s?(?P<mark>[号號])"
)
_NARROW = {0xFF10 + digit: str(digit) for digit in range(10)}
_ASKS = re.compile(r"[吗嗎呢何谁誰哪怎么麼]|什么|是否|如何|多少|几|幾|能否|可否|有无|有無|继续|繼續")
_CLAUSE = re.compile(r"[。；;！!？?]")


def repair_punctuation(lines: Sequence[Line]) -> list[Line]:
    """Each line with full-width punctuation where Chinese text wants it. A `?` that asks nothing is a lost byte."""
    return [_table(line) if line.rows else _line(line) for line in lines]


def _line(line: Line) -> Line:
    if not line.kept:
        return line
    text, doubts = widened(line.text)
    if text != line.text:
        line = line.changed(Kind.REPAIRED, text, "punctuation")
    for doubt in doubts:
        line = line.changed(Kind.UNSURE, note=doubt)
    return line


def _table(line: Line) -> Line:
    cells = [[widened(cell) for cell in row] for row in line.rows]
    rows = tuple(tuple(text for text, _ in row) for row in cells)
    if rows == line.rows:
        return line
    changed = line.changed(Kind.REPAIRED, note="punctuation")
    return replace(changed, rows=rows, text=" ".join(" ".join(row) for row in rows))


def normal_numbers(text: str) -> str:
    """`text` with its document numbers as 平信用〔2015〕2号: brackets made 〔〕, white space inside taken out."""
    return _NUMBER.sub(_normal, text)


def _normal(match: re.Match[str]) -> str:
    number = f"〔{match['year']}〕{match['series'].strip()}{match['no']}"
    return match["name"] + number.translate(_NARROW) + match["mark"]


def widened(text: str) -> tuple[str, tuple[str, ...]]:
    """The text repaired, and what is not certain about it."""
    text = normal_numbers(text)
    if not any(c in text for c in ',;:()?!"'):
        return text, ()
    characters = list(text)
    cjk = [bool(_CJK.match(c)) for c in characters]
    doubts: list[str] = []
    _brackets(characters, cjk)
    _quotes(characters, cjk, doubts)
    for at, character in enumerate(characters):
        if character in ",;:":
            before, after = _neighbour(characters, at, -1), _neighbour(characters, at, 1)
            numbers = before.isascii() and before.isalnum() and after.isascii() and (after.isalnum() or after in "/-")
            if not numbers and (_CJK.match(before) or _CJK.match(after)):
                characters[at] = _WIDE[character]
        elif character in "?!" and _CJK.match(_neighbour(characters, at, -1)):
            if character == "!" or _asks(characters, at):
                characters[at] = _WIDE[character]
            else:
                doubts.append("a question mark that asks nothing: a lost byte?")
    return "".join(characters), tuple(dict.fromkeys(doubts))


def _neighbour(characters: list[str], at: int, step: int) -> str:
    """The next character that is not a space; "" counts as none."""
    at += step
    if 0 <= at < len(characters) and characters[at] == " ":
        at += step
    return characters[at] if 0 <= at < len(characters) else ""


def _asks(characters: list[str], at: int) -> bool:
    clause = _CLAUSE.split("".join(characters[max(0, at - 80) : at]))[-1]
    return _ASKS.search(clause) is not None


def _brackets(characters: list[str], cjk: list[bool]) -> None:
    """Pairs that hold or follow Chinese text become full-width; a bracket without a partner looks at its neighbours."""
    total = [0]
    for flag in cjk:
        total.append(total[-1] + flag)
    stack: list[int] = []
    for at, character in enumerate(characters):
        if character in "(（":
            stack.append(at)
        elif character in ")）" and stack:
            start = stack.pop()
            before, after = _neighbour(characters, start, -1), _neighbour(characters, at, 1)
            mixed = characters[start] == "（" or character == "）"
            around = (not before or _CJK.match(before) or before in ",;:") and (
                not after or _CJK.match(after) or after in ',;:()"'
            )
            if mixed or total[at] - total[start] > 0 or (around and (before or after)):
                characters[start], characters[at] = "（", "）"
        elif character == ")" and _CJK.match(_neighbour(characters, at, -1)):
            characters[at] = "）"
    for at in stack:
        if characters[at] == "(" and (
            _CJK.match(_neighbour(characters, at, 1)) or _CJK.match(_neighbour(characters, at, -1))
        ):
            characters[at] = "（"


def _quotes(characters: list[str], cjk: list[bool], doubts: list[str]) -> None:
    """Straight double quotes in turn become “ and ”, if there are as many of both and Chinese text is in or around."""
    places = [at for at, character in enumerate(characters) if character == '"']
    if len(places) % 2:
        if any(_CJK.match(_neighbour(characters, at, step)) for at in places for step in (-1, 1)):
            doubts.append("a quote without its partner")
        return
    for start, end in zip(places[::2], places[1::2], strict=True):
        around = _CJK.match(_neighbour(characters, start, -1)) or _CJK.match(_neighbour(characters, end, 1))
        if around or any(cjk[start:end]):
            characters[start], characters[end] = "“", "”"

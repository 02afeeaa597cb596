"""The numbers that parts of an official document bear: 第三十条, 二、, （三）, 4., （5）, ⑥, 附件7."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from publish.model.outline import Form

_HAN = "〇零○一二三四五六七八九十百千两兩"
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "两": 2,
    "兩": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_N = rf"(?:[{_HAN}]+|\d+)"
_OPEN, _CLOSE = r"[(（〔\[［]", r"[)）〕\]］]"
# What follows a number where a text only mentions the article: 第三条第二款, 第三条规定, 第三条和第四条; no space does.
_MENTION = (
    rf"(?!第{_N}[款項项条條章]|款|[項项](?!目)|目(?![录錄标標的])|[、，,。；;的或至及]|[和与與][第本其前]|中(?:的|所|规定|規定)"
    rf"|所[称稱列述规規]|之?(?:规定|規定)|以[上下外内內]|{_CLOSE})"
)
_PATTERNS: Sequence[tuple[Form, re.Pattern[str]]] = tuple(
    (form, re.compile(pattern))
    for form, pattern in (
        (Form.BOOK, rf"第\s*(?P<n>{_N})\s*[编編]{_MENTION}"),
        (Form.CHAPTER, rf"第\s*(?P<n>{_N})\s*章{_MENTION}"),
        (Form.SECTION, rf"第\s*(?P<n>{_N})\s*[节節]{_MENTION}"),
        (Form.ARTICLE, rf"第\s*(?P<n>{_N})\s*[条條](?:\s*之\s*(?P<sub>[{_HAN}]+))?{_MENTION}"),
        (Form.HAN, rf"(?P<n>[{_HAN}]+)\s*[、．.](?![{_HAN}]+[、．.])"),
        (Form.HAN_BRACKETS, rf"{_OPEN}\s*(?P<n>[{_HAN}]+)\s*{_CLOSE}|(?P<one>[㈠-㈩])"),
        (Form.DIGITS_BRACKETS, rf"{_OPEN}\s*(?P<n>\d{{1,3}})\s*{_CLOSE}|(?P<m>\d{{1,3}})[)）]|(?P<one>[⑴-⒇])"),
        (Form.DIGITS, r"(?P<n>\d{1,3})\s*[.．、](?!\d)|(?P<one>[⒈-⒛])"),
        (Form.CIRCLED, r"(?P<one>[①-⑳㉑-㉟㊱-㊿])"),
    )
)
_ANNEX = re.compile(rf"附\s*[件录錄](?:\s*(?P<n>{_N})\s*[:：]?)?\s*")
_LISTED = re.compile(r"附\s*[件录錄]\s*[:：]")


@dataclass(frozen=True, slots=True)
class Label:
    """A number at the beginning of a line: as it stands, what it says (`sub` of 第三条之一: 1), and what follows it."""

    form: Form
    text: str
    number: int
    sub: int
    rest: str


def label_of(line: str, heading: bool = False) -> Label | None:
    """The number that a line begins with, None if it begins with none. An annex's stands alone, or in a heading."""
    for form, pattern in _PATTERNS:
        match = pattern.match(line)
        if match:
            groups = match.groupdict()
            written = groups.get("n") or groups.get("m") or unicodedata.normalize("NFKC", groups.get("one") or "")
            sub = number_of(groups["sub"]) if groups.get("sub") else 0
            return Label(form, match[0].strip(), number_of(written.strip("().")), sub, line[match.end() :].strip())
    match = _ANNEX.match(line)
    if match and (match.end() == len(line) or heading):
        rest = line[match.end() :].strip()
        return Label(Form.ANNEX, match[0].strip().rstrip(":："), number_of(match["n"] or "1"), 0, rest)
    return None


def lists_annexes(line: str) -> bool:
    """Whether a line begins the list of annexes (附件：1. …), whose numbers are no parts of the text."""
    return _LISTED.match(line) is not None


def number_of(text: str) -> int:
    """A Chinese or Arabic numeral below ten thousand; digits of any width."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            value = _DIGITS.get(character, 0)
            digit = digit * 10 + value if digit else value
    return total + digit

"""Chinese numerals and the dates that official documents write. What cannot be read for certain is None."""

import re
from datetime import date

_DIGITS = {**{c: n for n, c in enumerate("零一二三四五六七八九")}, "〇": 0, "○": 0, "０": 0, "Ｏ": 0, "O": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = r"[0-9０-９零〇○Ｏ一二三四五六七八九十]"
# 2021年1月28日, 2021-1-28, 二〇二一年一月二十八日; white space between is of the copy.
DATE = rf"(?:[0-9０-９]{{4}}|[零〇○ＯO一二三四五六七八九]{{4}})\s?年\s?{_NUMBER}{{1,3}}\s?月\s?{_NUMBER}{{1,3}}\s?日"
_WRITTEN = re.compile(rf"(.{{4}})\s?年\s?({_NUMBER}{{1,3}})\s?月\s?({_NUMBER}{{1,3}})\s?日")
_STAMP = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")


def han_numeral(number: int) -> str:
    """1 to 9999 as 一, 十一, 一百零五, 三千."""
    if not 0 < number < 10_000:
        return str(number)
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit
    return text.removeprefix("一") if 10 <= number < 20 else text


def numeral_value(text: str) -> int | None:
    """What 12, 十二, 一百零五 or 二〇二一 says."""
    if text.isdecimal():
        return int(text)
    if not any(unit in text for unit in _UNITS):
        digits = [_DIGITS.get(character) for character in text]
        return None if not digits or None in digits else int("".join(map(str, digits)))
    total, digit = 0, None
    for character in text:
        if character in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[character]
            digit = None
        elif character in _DIGITS:
            digit = _DIGITS[character] or None
        else:
            return None
    return total + (digit or 0)


def parse_day(text: str) -> date | None:
    """The day that a text which is a date, or begins with a date stamp (2021-07-19 11:55), says."""
    match = _STAMP.match(text) or _WRITTEN.match(text)
    if match is None:
        return None
    year, month, day = (numeral_value(part) for part in match.groups())
    try:
        return None if year is None or month is None or day is None else date(year, month, day)
    except ValueError:
        return None

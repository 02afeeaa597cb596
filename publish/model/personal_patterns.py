"""Personal data in text: what looks like a resident ID number, a mobile number, a bank card, a mail or home address.

Pure functions on one string; full-width characters count as their ASCII forms, one for one, so that offsets stay.
Sources: GB 11643 (resident ID numbers), ISO/IEC 7812-1 annex B (Luhn), facts section 7.
"""

import re
from collections.abc import Iterator
from datetime import date

from publish.model.terms import Pattern

Hit = tuple[Pattern, int, int]

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xD7: ord("*")}
_REGIONS = frozenset(
    str(code)
    for block in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for code in range(block[0], block[1] + 1)
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_FREE = r"(?<![0-9A-Za-z])"
_ENDS = r"(?![0-9A-Za-z])"
_ID = re.compile(r"(?<![0-9])([1-9]\d{5})[ -]?(\d{8})[ -]?(\d{3}[0-9Xx*])(?![0-9])")
_ID_WORD = re.compile(r"(?:身份证|证件号|公民身份|身份号码|证号)[^0-9]{0,12}$")
_OLD_ID = re.compile(rf"(?<![0-9])[1-9]\d{{5}}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}{_ENDS}")
_MOBILE = re.compile(rf"{_FREE}(?:\+?(?:00)?86[ -]?)?1[3-9]\d(?:\d{{8}}|[ -]\d{{4}}[ -]\d{{4}}){_ENDS}")
_CARD = re.compile(rf"{_FREE}(?:\d{{15,19}}|\d{{4}}(?:[ -]\d{{4}}){{3}}(?:[ -]\d{{1,3}})?){_ENDS}")
_CARD_PREFIX = re.compile(r"62|60|4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]")
_ACCOUNT = re.compile(r"(?:银行账[号户]|银行卡号?|账号|卡号|开户行?)[^0-9]{0,8}(\d[\d -]{10,26}\d)(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PLACE = r"[^，。；;、,.!?！？\s]{0,40}?(?:\d+|[一二三四五六七八九十]+)?(?:号|室|单元|栋|幢|组|村|路|街|楼|屯|庄|弄|巷)"
_ADDRESS_PERSON = re.compile(
    rf"(?:家庭(?:住址|地址)|户籍(?:地址|所在地|地)?|身份证住址|现住址|居住地址?|暂住地?址?|家住)[为是在：:]*\s*((?:{_PLACE})+)"
)
_ADDRESS_ANY = re.compile(rf"(?:住址|住所地?|现住|住)[为是在：:]*\s*((?:{_PLACE})+)")
_SEX = re.compile(r"[，,、（(][男女][，,、）)][^。；;]{0,40}?住[址所]?[为是在：:]*\s*((?:" + _PLACE + ")+)")


def folded(text: str) -> str:
    """Full-width forms as ASCII, character by character."""
    return text.translate(_WIDE)


def patterns_in(text: str) -> Iterator[Hit]:
    """The strong patterns, whose check digits or form leave little doubt, in a text of any size."""
    text = folded(text)
    yield from _resident_ids(text, sure=True)
    yield from ((Pattern.MOBILE, *match.span()) for match in _MOBILE.finditer(text))
    yield from _cards(text)
    yield from ((Pattern.EMAIL, *match.span()) for match in _EMAIL.finditer(text))


def personal_in(text: str, person: bool, wanted: frozenset[Pattern]) -> Iterator[Hit]:
    """All patterns, in a cell of a record about a `person` (or not known to be about another)."""
    text = folded(text)
    if Pattern.RESIDENT_ID in wanted:
        yield from _resident_ids(text, sure=False)
    if Pattern.MOBILE in wanted:
        yield from ((Pattern.MOBILE, *match.span()) for match in _MOBILE.finditer(text))
    if Pattern.BANK_CARD in wanted:
        yield from _cards(text)
        yield from ((Pattern.BANK_CARD, *match.span(1)) for match in _ACCOUNT.finditer(text))
    if Pattern.EMAIL in wanted:
        yield from ((Pattern.EMAIL, *match.span()) for match in _EMAIL.finditer(text))
    if Pattern.ADDRESS in wanted:
        for expression in (_ADDRESS_PERSON, _SEX, *((_ADDRESS_ANY,) if person else ())):
            yield from ((Pattern.ADDRESS, *match.span(1)) for match in expression.finditer(text))


def _resident_ids(text: str, sure: bool) -> Iterator[Hit]:
    for match in _ID.finditer(text):
        number = "".join(match.groups()).upper()
        told = not sure and _ID_WORD.search(text[: match.start()]) is not None
        if told or (_plausible(number) and number[17] == _check(number)):
            yield Pattern.RESIDENT_ID, *match.span()
    if not sure:
        for match in _OLD_ID.finditer(text):
            if _ID_WORD.search(text[: match.start()]):
                yield Pattern.RESIDENT_ID, *match.span()


def _plausible(number: str) -> bool:
    """A region that there is, and a day on which somebody can have been born."""
    if number[:2] not in _REGIONS:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2099


def _check(number: str) -> str:
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False)) % 11]


def _cards(text: str) -> Iterator[Hit]:
    for match in _CARD.finditer(text):
        number = re.sub(r"[ -]", "", match.group())
        if _CARD_PREFIX.match(number) and 15 <= len(number) <= 19 and _luhn(number):
            yield Pattern.BANK_CARD, *match.span()


def _luhn(number: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0

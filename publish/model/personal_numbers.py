"""Numbers of persons in a text: resident ID numbers, bank cards and accounts; pure functions on one folded string.

Texts are folded by publish/model/personal_patterns.py: full-width forms and other dashes, spaces and dots are ASCII.
Sources: GB 11643 (resident ID numbers; the residence permits of foreigners from 2023 use its check), GB 32100 (credit
codes), ISO/IEC 7812-1 (issuers, Luhn).
"""

import re
from collections.abc import Iterator
from datetime import date

from publish.model.terms import Pattern

Hit = tuple[Pattern, int, int]

GAP = r"(?: ?[-.] ?| )?"
# Right before a number: it is one of an office, not of a person.
OFFICE_NUMBER = re.compile(
    r"(?:(?:编号|(?<=[可书照权格工产营质册])证号|书号|许可证|执照号?|注册号|登记号|备案号|核准号|批准号|"
    r"批号|文号|案号|单号|合同号?|流水号|序列号|机身号|产品号|条形?码|项目代码)(?:号码|码)?[为是]?[:#( ]{0,2}|"
    r"字?第 ?)\Z"
)
LATEST_BIRTH = date(2099, 12, 31)

_REGIONS = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
    ]
)
_REGIONS_WHOLE = frozenset({"81", "82", "83"})  # permits of people from Hong Kong, Macao and Taiwan: xx0000
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID = re.compile(rf"(?<!\d)([1-9]\d{{5}}){GAP}(\d{{4}}){GAP}(\d\d){GAP}(\d\d){GAP}(\d{{3}}[\dXx*])(?![\d*])", re.A)
_OLD_ID = re.compile(r"(?<!\d)[1-9]\d{14}(?![0-9A-Za-z*])", re.A)
_LOOSE_ID = re.compile(rf"(?<![0-9A-Za-z*])[\d*Xx](?:{GAP}[\d*Xx]){{5,20}}(?![0-9A-Za-z*])", re.A)
_ID_WORD = re.compile(r"(?:身份证|公民身份|身份号码|(证件号)|(?<![可书照权格工产营质册])证号)[^\d。;\n]{0,12}$", re.A)
_CODE_WORD = re.compile(r"信用代码|营业执照|注册号|组织机构")
_ID_WINDOW = 24
# Permits are numbered by region, day and order only since about this year.
_PERMITS_SINCE = 2005

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_CARD = re.compile(
    r"(?<![0-9A-Za-z])(?=(\d{15,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?|\d{6}[ -]\d{9,13}|\d{4}[ -]\d{6}[ -]\d{5})"
    r"(?![0-9A-Za-z]))",
    re.A,
)
_UNION_PAY = re.compile(r"6[02]\d{14,17}", re.A)
_OTHER_CARD = re.compile(r"(?:4\d{3}|5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}", re.A)
_AMERICAN_EXPRESS = re.compile(r"3[47]\d{13}", re.A)
# Prefectures of Gansu, the one province whose numbers begin like those of UnionPay.
_GANSU = frozenset({*(f"62{number:02d}" for number in range(13)), "6229", "6230"})
_CARD_WORD = re.compile(r"(?:银行|卡号?|[账帐][号户]|储蓄|借记|开户)[^\d。;\n]{0,12}$", re.A)
_ACCOUNT = re.compile(
    rf"(?:[账帐][号户]|卡号|银行卡|开户)[^\d。;\n]{{0,8}}(?<![A-Za-z])(\d(?:{GAP}\d){{11,20}})(?![0-9A-Za-z])", re.A
)
_DECIMAL = re.compile(r"\d\.\Z", re.A)


def resident_ids(text: str, *, sure: bool, person: bool = False, latest: date = LATEST_BIRTH) -> Iterator[Hit]:
    """Resident ID numbers. `sure`: only those whose check digit holds.

    Otherwise also mistyped, masked and old ones that the text says to be such, and those without a word that lack
    nothing but the check: a mistyped number is still somebody's. A valid credit code counts only if it could wholly be
    a resident ID number too. `latest`: nobody was born after.
    """
    found: list[tuple[int, int]] = []
    for match in _ID.finditer(text):
        if _is_resident_id(text, match, sure, latest):
            found.append(match.span())
    if not sure:
        found += [span for span in _told_ids(text, person, latest) if not any(_overlap(span, other) for other in found)]
    yield from ((Pattern.RESIDENT_ID, *span) for span in sorted(found))


def bank_cards(text: str, *, sure: bool) -> Iterator[Hit]:
    """Numbers of bank cards by issuer and Luhn; unless `sure`, whatever the text says to be an account as well."""
    for match in _CARD.finditer(text):
        start, shape = match.start(), match[1]
        for end in _card_ends(shape):
            number = re.sub("[ -]", "", shape[:end])
            told = _CARD_WORD.search(text, max(0, start - _ID_WINDOW), start) is not None
            if _is_card(number) and (told or not _is_office_number(text, start, number)):
                yield Pattern.BANK_CARD, start, start + end
                break
    if not sure:
        for match in _ACCOUNT.finditer(text):
            if not is_credit_code(re.sub(r"\D", "", match[1])):
                yield Pattern.BANK_CARD, *match.span(1)


def is_credit_code(code: str) -> bool:
    """Whether 18 characters carry the check of a unified social credit code (GB 32100)."""
    if len(code) != 18 or any(character not in _CREDIT_ALPHABET for character in code):
        return False
    total = sum(_CREDIT_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31] == code[17]


def _is_resident_id(text: str, match: re.Match[str], sure: bool, latest: date) -> bool:
    number = "".join(match.groups()).upper()
    start = match.start()
    if not is_plausible_id(number, latest):
        return False
    office = OFFICE_NUMBER.search(text, max(0, start - _ID_WINDOW), start) and int(number[6:10]) >= _PERMITS_SINCE
    if number[17] == id_check(number):
        return not office
    if sure or is_credit_code(number):
        return False
    return number[6:8] == "19" and not OFFICE_NUMBER.search(text, max(0, start - _ID_WINDOW), start)


def _told_ids(text: str, person: bool, latest: date) -> Iterator[tuple[int, int]]:
    """What the text says to be a resident ID number: by a word before it, or before its neighbour in a list."""
    last_end = -_ID_WINDOW
    for match in _LOOSE_ID.finditer(text):
        start, end = match.span()
        before = text[max(0, start - _ID_WINDOW) : start]
        word = _ID_WORD.search(before)
        listed = (
            start - last_end <= 6 and not _ID_WORD.search(before) and not re.search("[0-9。]", text[last_end:start])
        )
        if not word and not listed:
            continue
        number = re.sub(r"[ .-]", "", match[0]).upper()
        weak = (word is not None and word[1] is not None and not person) or _CODE_WORD.search(before) is not None
        if _told_number(number, weak or word is None, latest):
            last_end = end
            yield start, end


def _told_number(number: str, weak: bool, latest: date) -> bool:
    """`weak`: the word before it may also stand before the number of an organisation."""
    masked = number[:-1].count("X") + number.count("*") >= 2
    if not any(character.isdigit() for character in number) or is_credit_code(number):
        return False
    if not weak:
        return masked or 14 <= len(number) <= 20
    if len(number) == 15:
        return is_plausible_id(f"{number[:6]}19{number[6:]}0", latest)
    return len(number) == 18 and (is_plausible_id(number, latest) or (masked and number[:2] in _REGIONS))


def is_plausible_id(number: str, latest: date = LATEST_BIRTH) -> bool:
    """Whether there is such a region, and a day from 1900 to `latest` on which somebody can have been born."""
    region = number[:6]
    if region[:2] in _REGIONS_WHOLE:
        known = True
    elif region[0] == "9":
        # Permanent residence of foreigners: 9, the province, the country in three digits.
        known = region[:2] == "91" or region[1:3] in _REGIONS
    else:
        known = (region[:2] in _REGIONS or region[:2] == "71") and region[2:] != "0000"
    if not known or not number[6:14].isdigit():
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= latest


def id_check(number: str) -> str:
    """The check character of the first 17 digits (GB 11643)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False)) % 11]


def _card_ends(shape: str) -> Iterator[int]:
    """How far a card's number may go: groups of four may be followed by digits that are not of it."""
    yield len(shape)
    if len(shape) > 19 and shape[4] in " -" and shape[9] in " -" and not shape[19].isdigit():
        yield 19


def _is_card(number: str) -> bool:
    """By issuer and Luhn. Domestic numbers that begin with 9 look like credit codes: those need a word before them."""
    if _AMERICAN_EXPRESS.fullmatch(number):
        # Anhui's and Shandong's registration numbers have as many digits and begin alike.
        return _luhn(number) and not _is_registration_number(number)
    shaped = _UNION_PAY.fullmatch(number) or _OTHER_CARD.fullmatch(number)
    return shaped is not None and _luhn(number) and not is_credit_code(number)


def _is_office_number(text: str, start: int, number: str) -> bool:
    """Numbered by an office (region, year, order), called so by the text, or the decimals of a number."""
    if OFFICE_NUMBER.search(text, max(0, start - _ID_WINDOW), start):
        return True
    if len(number) <= 17 and _DECIMAL.search(text, max(0, start - 2), start):
        return True
    year = number[6:8] in {"19", "20"}
    if number[:2] == "62":
        return year and len(number) <= 18 and number[:4] in _GANSU
    return year and number[:2] in _REGIONS


def _is_registration_number(number: str) -> bool:
    """15 digits with the check of ISO 7064 MOD 11,10, as registration numbers of enterprises have it."""
    product = 10
    for digit in number[:14]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(number[14])) % 10 == 1


def _luhn(number: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]

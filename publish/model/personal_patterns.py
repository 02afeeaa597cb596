"""Personal data in text: what looks like a resident ID number, a mobile number, a bank card, a mail or home address.

Pure functions on one string. Full-width characters, other dashes, spaces and dots count as their ASCII forms, and
characters that cannot be seen do not count; places are those in the text as given, in characters.
Sources: facts, sections 4 and 7; personal_numbers.py and personal_addresses.py name the standards.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from publish.model.personal_addresses import addresses
from publish.model.personal_numbers import GAP, LATEST_BIRTH, OFFICE_NUMBER, bank_cards, resident_ids
from publish.model.terms import Pattern

Hit = tuple[Pattern, int, int]

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63"
SPACES = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_FOLDED = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, DASHES), "-")
    | dict.fromkeys(map(ord, SPACES), " ")
    | dict.fromkeys(map(ord, "·•・"), ".")
    | dict.fromkeys(map(ord, "×✕●■█"), "*")
)
_UNSEEN = re.compile(f"[{UNSEEN}]")

_MOBILE = re.compile(
    rf"(?:(?<![0-9A-Za-z])|(?<=[Tt][Ee][Ll])|(?<=[Ww][Xx]))(?:(?:\+|00)?86\)?{GAP})?1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}"
    r"(?![0-9A-Za-z])",
    re.A,
)
# What every number of a person that the strong patterns find begins with, and must whoever changes them: long texts
# without one cost little.
_NUMBER = re.compile(r"\d[\d .-]{10}", re.A)
# What makes it an amount or a decimal: of something (1.38 of it in billions), or with cents.
_AMOUNT_BEFORE = re.compile(r"(?:[¥￥$€]|\d{2}\.|(?<!\d)0\.)\Z", re.A)
_AMOUNT_AFTER = re.compile(
    r" ?(?:[亿万]?(?:美|欧|日|港)?元|人民币|万|亿|[%‰]|股|吨|公斤|千克|克|立方|平方|千瓦|米)|\.\d\d?(?![\d.、])", re.A
)
_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._%+-]*$")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}([A-Za-z]{2,24})(?![A-Za-z0-9-]*@)")
# Names of files of pictures for screens of twice the density look like addresses: logo@2x.png.
_FILES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "mjs", "html", "json"})


def patterns_in(text: str) -> Iterator[Hit]:
    """The strong patterns, whose check digits or form leave little doubt, in a text of any size."""
    return _places(text, _strong)


def personal_in(
    text: str, person: bool, wanted: frozenset[Pattern], latest_birth: date = LATEST_BIRTH
) -> Iterator[Hit]:
    """All `wanted` patterns, in a cell of a record about a `person` (or not known to be about another).

    A resident ID number of somebody born after `latest_birth` must be called one by the text.
    """

    def find(folded: str) -> Iterator[Hit]:
        if Pattern.RESIDENT_ID in wanted:
            yield from resident_ids(folded, sure=False, person=person, latest=latest_birth)
        if Pattern.MOBILE in wanted:
            yield from _mobiles(folded)
        if Pattern.BANK_CARD in wanted:
            yield from bank_cards(folded, sure=False)
        if Pattern.EMAIL in wanted:
            yield from _mails(folded)
        if Pattern.ADDRESS in wanted:
            yield from addresses(folded, person)

    return _places(text, find)


def _places(text: str, find: Callable[[str], Iterator[Hit]]) -> Iterator[Hit]:
    """What `find` finds in the folded text, with places in the text as given."""
    folded = text if text.isascii() else text.translate(_FOLDED)
    if not _UNSEEN.search(folded):
        yield from find(folded)
        return
    seen = [place for place, character in enumerate(folded) if character not in UNSEEN]
    for pattern, start, end in find(_UNSEEN.sub("", folded)):
        yield pattern, seen[start], seen[end - 1] + 1


def _strong(text: str) -> Iterator[Hit]:
    if _NUMBER.search(text):
        yield from resident_ids(text, sure=True)
        yield from _mobiles(text)
        yield from bank_cards(text, sure=True)
    yield from _mails(text)


def _mobiles(text: str) -> Iterator[Hit]:
    for match in _MOBILE.finditer(text):
        start, end = match.span()
        before = text[max(0, start - 12) : start]
        if not (OFFICE_NUMBER.search(before) or _AMOUNT_BEFORE.search(before) or _AMOUNT_AFTER.match(text, end)):
            yield Pattern.MOBILE, start, end


def _mails(text: str) -> Iterator[Hit]:
    """From each @ to both sides, so that long texts without one cost nothing."""
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.search(text, max(0, at - 64), at)
        domain = _DOMAIN.match(text, at + 1)
        if local and domain and domain[1].lower() not in _FILES:
            yield Pattern.EMAIL, local.start(), domain.end()
        at = text.find("@", at + 1)

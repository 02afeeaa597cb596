"""Where in many bytes personal data can be: a sieve before the slow finders, for megabytes at a time, in columns.

It lets pass everything that a finder could take for a number of a person, and little else: dates that stand together,
credit codes and prices are no such numbers by their first digits, their days or their check digits.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

MOBILE, RESIDENT, CARD = 11, 17, 15  # digits of the shortest number of each sort; a resident's may end with X
_STEP = 1 << 18  # bytes that are looked at together: so few stay near the processor
_LONGEST = 20  # digits of any, with one that may follow
_CARDS = 19  # digits of the longest card
_AT = re.compile(rb"@")
# What patterns_in takes for a mail address has on both sides such bytes, or a line feed before the `@`, since `$` in a
# pattern also matches before one; others than ASCII may stand for any of them.
_MAIL = re.compile(rb"@(?<=[A-Za-z0-9._%+\-\n\x80-\xff]@)(?=[A-Za-z0-9\x80-\xff][A-Za-z0-9.\-\x80-\xff]{3})")
_WIDE_AT = 0xA0  # last byte of `@` in full width, of the ten digits: 0x90 to 0x99
_FULL = np.uint32(0x01010101)  # four flags that are set

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]
Flags = NDArray[np.bool_]


def spans_of_suspects(text: bytes) -> list[tuple[int, int]]:
    """Where an `@` stands or a number of a person may, in order. Full-width digits: see `wide_digits`."""
    return _spans(text, _AT, _wide(text))


def wide_digits(text: bytes) -> Ints:
    """Where full-width digits stand: what has many of them must be looked at whole."""
    return _digits(text, _wide(text))


def suspects_of(text: bytes) -> tuple[list[tuple[int, int]], Ints]:
    """Both, of what is looked at as it is: an `@` only where what is beside it can be a mail address."""
    wide = _wide(text)
    return _spans(text, _MAIL, wide), _digits(text, wide)


def _spans(text: bytes, sign: re.Pattern[bytes], wide: Ints) -> list[tuple[int, int]]:
    at = [match.span() for match in sign.finditer(text)] if b"@" in text else []
    wide_at = [(place, place + 3) for place in wide.tolist() if text[place + 2] == _WIDE_AT]
    return sorted([*spans_of_numbers(text), *at, *wide_at])


def _digits(text: bytes, wide: Ints) -> Ints:
    digits: Ints = wide[np.frombuffer(text, np.uint8)[wide + 2] != _WIDE_AT]
    return digits


def _wide(text: bytes) -> Ints:
    """Where digits and `@` in full width stand."""
    places = [np.zeros(0, np.int64)]
    if b"\xef" in text:  # two bytes would be looked for ten times as long
        octets = np.frombuffer(text, np.uint8)
        for begin in range(0, octets.size, _STEP):
            part = octets[begin : begin + _STEP + 2]
            found = (part[2:] - np.uint8(0x90)) < 10
            found |= part[2:] == _WIDE_AT
            found &= part[:-2] == 0xEF
            found &= part[1:-1] == 0xBC
            places.append(np.flatnonzero(found) + begin)
    return np.concatenate(places)


def spans_of_numbers(text: bytes) -> Iterator[tuple[int, int]]:
    """Where there are digits, with spaces, hyphens and dots between them, that can be a mobile number, a resident's
    number or a bank card's (facts, sections 4 and 7; GB 11643, ISO/IEC 7812-1)."""
    octets = np.frombuffer(text, np.uint8)
    first, last = _long_runs(octets)
    sizes = last - first
    place = np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))
    is_digit = (octets[place] - np.uint8(0x30)) < 10
    at, run = place[is_digit], np.repeat(np.arange(sizes.size), sizes)[is_digit]
    if at.size < MOBILE:
        return
    ends_of_runs = np.flatnonzero(np.r_[run[1:] != run[:-1], True])
    last = np.repeat(ends_of_runs, np.diff(np.r_[-1, ends_of_runs]))
    value = np.r_[octets[at] - np.uint8(0x30), np.zeros(_LONGEST, np.uint8)]
    every = np.arange(at.size)
    left = last - every + 1
    begins = np.r_[True, at[1:] - at[:-1] > 1]
    begins[2:] |= (value[: at.size - 2] == 8) & (value[1 : at.size - 1] == 6) & (run[2:] == run[:-2])  # +86138…
    chosen = np.flatnonzero(begins & (left >= MOBILE))
    if not chosen.size:
        return
    behind = at[np.minimum(chosen + MOBILE - 1, at.size - 1)] + 1
    alone = (behind == octets.size) | ~_is_alphanumeric(octets[np.minimum(behind, octets.size - 1)])
    suspect = _mobile(value, chosen) & alone
    suspect |= _resident(value, chosen) & (left[chosen] >= RESIDENT)
    suspect |= _card(value, chosen, left[chosen])
    found = chosen[suspect]
    ends = at[np.minimum(found + _LONGEST, last[found])] + 1
    yield from zip(at[found].tolist(), ends.tolist(), strict=True)


def _long_runs(octets: Octets) -> tuple[Ints, Ints]:
    """Begin and end of each stretch of digits, spaces, hyphens and dots that is long enough for a number.

    One of MOBILE bytes covers two words of four bytes side by side, wherever it begins, and the bytes are told four at
    a time first.
    """
    pairs = [np.zeros(0, np.int64)]
    for begin in range(0, octets.size, _STEP):
        part = octets[begin : begin + _STEP + 4]
        fours = _may_stand(part)[: part.size // 4 * 4].view(np.uint32) == _FULL
        pairs.append(np.flatnonzero(fours[1:] & fours[:-1]) * 4 + begin)
    found = np.concatenate(pairs)
    new = np.flatnonzero(np.diff(found, prepend=-8) > 4)
    first, last = found[new], found[np.r_[new[1:], found.size] - 1] + 8 if found.size else found
    for _ in range(3 if found.size else 0):  # the words beside these are not full
        first = first - ((first > 0) & _may_stand(octets[np.maximum(first - 1, 0)]))
        last = last + ((last < octets.size) & _may_stand(octets[np.minimum(last, octets.size - 1)]))
    long = last - first >= MOBILE
    return first[long], last[long]


def _may_stand(octets: Octets) -> Flags:
    """Digits and what may stand between them."""
    may: Flags = (octets - np.uint8(0x2D)) < 13
    may &= octets != 0x2F
    may |= octets == 0x20
    return may


def _is_alphanumeric(octets: Octets) -> Flags:
    letter: Flags = ((octets | np.uint8(0x20)) - np.uint8(0x61)) < 26
    return letter | ((octets - np.uint8(0x30)) < 10)


def _mobile(value: Octets, at: Ints) -> Flags:
    found: Flags = (value[at] == 1) & (value[at + 1] >= 3)
    return found


def _resident(value: Octets, at: Ints) -> Flags:
    """Six digits of a region, then a day on which somebody can have been born."""
    century = value[at + 6] * np.uint8(10) + value[at + 7]
    month = value[at + 10] * np.uint8(10) + value[at + 11]
    day = value[at + 12] * np.uint8(10) + value[at + 13]
    born = ((century == 19) | (century == 20)) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    found: Flags = (value[at] > 0) & born
    return found


def _card(value: Octets, at: Ints, left: Ints) -> Flags:
    """By the issuer's first digits and Luhn's check, for any length from 15 to 19."""
    first, second = value[at], value[at + 1]
    issuer = (
        (first == 6) & ((second == 0) | (second == 2)) | (first == 4) | (first == 5) & (second >= 1) & (second <= 5)
    )
    issuer |= (first == 2) & (second >= 2) & (second <= 7) | (first == 3) & ((second == 4) | (second == 7))
    found: Flags = issuer & (left >= CARD)
    few = np.flatnonzero(found)
    digits = value[at[few, None] + np.arange(_CARDS)].astype(np.int64)
    doubled = np.where(digits > 4, 2 * digits - 9, 2 * digits)
    even = np.arange(_CARDS) % 2 == 0
    # Sums of all digits up to each place, those at even places doubled, or those at odd ones.
    sums = [np.cumsum(np.where(even == which, doubled, digits), axis=1) for which in (True, False)]
    checked = np.zeros(few.size, np.bool_)
    for length in range(CARD, _CARDS + 1):
        checked |= (sums[length % 2][:, length - 1] % 10 == 0) & (left[few] >= length)
    found[few] = checked
    return found

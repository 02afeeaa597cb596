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
_AT, _WIDE_AT = re.compile(rb"@"), re.compile(rb"\xef\xbc\xa0")  # also in full width
_WIDE_DIGITS = re.compile(rb"\xef\xbc[\x90-\x99]")

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]
Flags = NDArray[np.bool_]


def spans_of_suspects(text: bytes) -> list[tuple[int, int]]:
    """Where an `@` stands or a number of a person may, in order. Full-width digits: see `wide_digits`."""
    at = [match.span() for match in _AT.finditer(text)] if b"@" in text else []
    wide = [match.span() for match in _WIDE_AT.finditer(text)]
    return sorted([*spans_of_numbers(text), *at, *wide])


def wide_digits(text: bytes) -> Ints:
    """Where full-width digits stand: what has many of them must be looked at whole."""
    found = (match.start() for match in _WIDE_DIGITS.finditer(text)) if b"\xef\xbc" in text else ()
    return np.fromiter(found, np.int64)


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
    alone = ~_is_alphanumeric(np.r_[octets, np.uint8(0)][at[np.minimum(chosen + MOBILE - 1, at.size - 1)] + 1])
    suspect = _mobile(value, chosen) & alone
    suspect |= _resident(value, chosen) & (left[chosen] >= RESIDENT)
    suspect |= _card(value, chosen, left[chosen])
    found = chosen[suspect]
    ends = at[np.minimum(found + _LONGEST, last[found])] + 1
    yield from zip(at[found].tolist(), ends.tolist(), strict=True)


def _long_runs(octets: Octets) -> tuple[Ints, Ints]:
    """Begin and end of each stretch of digits, spaces, hyphens and dots that is long enough for a number."""
    starts = [np.zeros(0, np.int64)]
    for begin in range(0, octets.size, _STEP):
        part = octets[begin : begin + _STEP + MOBILE - 1]
        between = ((part - np.uint8(0x2D)) < 13) & (part != 0x2F) | (part == 0x20)
        twos = between[1:] & between[:-1]
        fours = twos[2:] & twos[:-2]
        eights = fours[4:] & fours[:-4]
        starts.append(np.flatnonzero(eights[3:] & eights[:-3]) + begin)  # MOBILE together
    found = np.concatenate(starts)
    new = np.flatnonzero(np.diff(found, prepend=-2) > 1)
    ends = found[np.r_[new[1:], found.size] - 1] + MOBILE if found.size else found
    return found[new], ends


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
    doubled = np.where(value > 4, 2 * value.astype(np.int64) - 9, 2 * value.astype(np.int64))
    even = np.arange(value.size) % 2 == 0
    # Sums of all digits up to each place, those at even places doubled, or those at odd ones.
    sums = [np.r_[0, np.cumsum(np.where(even == which, doubled, value))] for which in (True, False)]
    checked = np.zeros(at.size, np.bool_)
    for length in range(CARD, 20):
        end = np.minimum(at + length, value.size)
        total = np.where((end - 1) % 2 == 0, sums[1][end] - sums[1][at], sums[0][end] - sums[0][at])
        checked |= (total % 10 == 0) & (left >= length)
    found: Flags = issuer & checked
    return found

"""What a finder of personal data finds in a text, the search of a release finds as well: its sieve loses nothing."""

import random
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publish.model.personal_numbers import id_check
from publish.model.personal_patterns import patterns_in
from publish.model.terms import Pattern
from publish.release import suspects
from publish.release.matching import PATTERN, Search
from publish.release.suspects import spans_of_numbers, spans_of_suspects, wide_digits

GAPS = ["", "", "", " ", "-", ".", " - "]
JUNK = [
    "2026-11-20 2027-11-19",
    "91990100MA0000001X",
    "913301001234567890",
    "1.38亿元",
    "编号：",
    "身份证号",
    "tel",
    "TEL:",
    "+86 ",
    "0086",
    "（",
    "a",
    "9",
    "，",
    "\n",
    '","',
    "0.",
    "¥",
    "010-12345678",
    "20260102030405060708",
    "M4 4h7v1h-7z",
]


def with_gaps(digits: str, source: random.Random) -> str:
    """Digits with something between some of them, as people write them."""
    gap = source.choice(GAPS)
    places = {place for place in (2, 3, 5, 6, 9, 11, 13) if source.random() < 0.5}
    return "".join(one + gap * (place in places) for place, one in enumerate(digits))


def mobile(source: random.Random) -> str:
    return f"1{source.choice('3456789')}{source.randrange(10**9):09}"


def resident(source: random.Random) -> str:
    born = f"{source.randrange(1900, 2026)}{source.randrange(1, 13):02}{source.randrange(1, 29):02}"
    number = f"{source.choice(['110101', '320105', '440305', '810000', '911840'])}{born}{source.randrange(1000):03}"
    return number + id_check(number)


def card(source: random.Random) -> str:
    head = source.choice(["62", "60", "4", "51", "2221", "2720", "34", "37", "9", "35"])
    number = head + "".join(source.choice("0123456789") for _ in range(source.randrange(14, 19) - len(head)))
    doubled = [int(one) * (1 if place % 2 else 2) for place, one in enumerate(reversed(number))]
    return number + str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)


def junk(source: random.Random) -> str:
    return source.choice([*JUNK, "somebody@example.com", "某人@a.cn", "logo@2x.png"])


def text_of(seed: int, pieces: int) -> str:
    source = random.Random(seed)
    parts = []
    for _ in range(pieces):
        part = source.choice([mobile, resident, card, junk, junk])(source)
        parts.append(with_gaps(part, source) if part.isdigit() else part)
        parts.append(source.choice(["", " ", "，", "x", "电话", "\n", "-"]))
    return "".join(parts)


def found_by_search(texts: list[str]) -> Counter[str]:
    search = Search([], patterns_in, frozenset())
    for number, text in enumerate(texts):
        search.add(f"{number}.html", "", text.encode())
    search.flush()
    assert all(finding.owner == PATTERN for finding in search.found)
    return Counter({finding.what: count for finding, count in search.found.items()})


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
@example(0, 1)
def test_nothing_is_lost_in_texts_of_numbers(seed: int, pieces: int) -> None:
    """Each text alone; the finder may find less in the whole text than near a number, never more."""
    text = text_of(seed, pieces)
    whole = Counter(pattern.value for pattern, _, _ in patterns_in(text))
    assert not whole - found_by_search([text]), text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789 -.X@a张。", max_size=60))
def test_nothing_is_lost_in_any_text(text: str) -> None:
    whole = Counter(pattern.value for pattern, _, _ in patterns_in(text))
    assert not whole - found_by_search([text])


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from([*"@＠ａ．·−_ 张1%-.a\n", "bc", "\u200b"]), max_size=16))
@example(["a", "@", "a", ".", "bc"])
@example(["a", "\n", "@", "a", ".", "bc"])
@example(["a", "%", "\n", "@", "a", ".", "bc"])
@example(["ａ", "\u200b", "＠", "ａ", "·", "bc"])
def test_mail_addresses_are_suspects_whatever_they_are_written_with(parts: list[str]) -> None:
    text = "".join(parts)
    spans, _ = suspects.suspects_of(text.encode())
    assert set(spans) <= set(spans_of_suspects(text.encode()))
    for pattern, first, last in patterns_in(text):
        begin, end = len(text[:first].encode()), len(text[:last].encode())
        assert pattern != Pattern.EMAIL or any(begin <= at < end for at, _ in spans), text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*b"0123456789 -./,a", 0xEF, 0xBC, 0x90, 0x99, 0x9A, 0xA0]), max_size=120), st.booleans()
)
def test_columns_tell_what_patterns_tell(octets: list[int], in_steps: bool) -> None:
    """Long runs and characters in full width, whole or broken, also where the text is looked at in steps."""
    text = bytes(octets)
    with pytest.MonkeyPatch.context() as patch:
        if in_steps:
            patch.setattr(suspects, "_STEP", 16)
        first, last = suspects._long_runs(np.frombuffer(text, np.uint8))
        digits, spans = wide_digits(text).tolist(), spans_of_suspects(text)
        assert suspects.suspects_of(text)[1].tolist() == digits
    runs = [match.span() for match in re.finditer(rb"[0-9 .-]{11,}", text)]
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == runs
    assert digits == [match.start() for match in re.finditer(rb"\xef\xbc[\x90-\x99]", text)]
    assert {match.span() for match in re.finditer(rb"\xef\xbc\xa0", text)} == {
        (begin, end) for begin, end in spans if text[begin] == 0xEF
    }


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 24))
def test_cards_are_those_of_the_check_one_by_one(seed: int, size: int) -> None:
    source = random.Random(seed)
    number = (card(source) + "".join(source.choices("0123456789", k=5)))[:size]
    value = np.array([int(one) for one in number] + [0] * 20, np.uint8)
    found = suspects._card(value, np.array([0]), np.array([size]))

    def is_card(digits: str) -> bool:
        doubled = [int(one) * (1 + place % 2) for place, one in enumerate(reversed(digits))]
        return sum(one - 9 * (one > 9) for one in doubled) % 10 == 0

    issuer = re.match(r"6[02]|4|5[1-5]|2[2-7]|3[47]", number + "00") is not None
    assert found.tolist() == [issuer and any(is_card(number[:end]) for end in range(15, min(size, 19) + 1))]


def test_every_sort_is_among_what_is_tried() -> None:
    found = Counter(p.value for seed in range(300) for p, _, _ in patterns_in(text_of(seed, 4)))
    assert set(found) == {
        pattern.value for pattern in (Pattern.RESIDENT_ID, Pattern.MOBILE, Pattern.BANK_CARD, Pattern.EMAIL)
    }
    assert min(found.values()) > 10


def test_many_files_at_once_and_findings_that_are_known_already() -> None:
    texts = [text_of(seed, 3) for seed in range(200)] * 3
    search = Search([], patterns_in, frozenset())
    for number, text in enumerate(texts):
        search.add(str(number), "", text.encode())
    search.flush()
    for number, text in enumerate(texts):
        mine = Counter({one.what: count for one, count in search.found.items() if one.path == str(number)})
        assert mine == found_by_search([text])


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 2027-11-19",
        "<time>2026-11-19 2026-11-20 2026-11-21</time>",
        "91990100MA0000001X",
        "M4 4h7v1h-7z M14 4h1v1h-1z",
        "1,234,567,890.12 98.7 65.4",
        "00000000000000000000",
        "12345678901234567890",
    ],
)
def test_what_pages_are_full_of_is_no_suspect(text: str) -> None:
    assert list(spans_of_numbers(text.encode() * 3)) == []


def test_a_number_that_two_files_make_together_is_none() -> None:
    assert found_by_search(["1381234", "5678 "]) == Counter()
    assert found_by_search(["某人", "@example.com"]) == Counter()

"""Cutting listings into pages: every record once, in order, none too long; few cuts move when records come and go."""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.render.cutting import cut_pages, key_weights

KEYS = st.lists(st.integers(0, 16**20 - 1).map("{:020x}".format), max_size=200)


def key_of(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=10).hexdigest()


def cut(keys: Sequence[str], listing: Sequence[int] | None = None, most: int = 50) -> list[int]:
    ids = pl.Series(listing if listing is not None else [0] * len(keys), dtype=pl.UInt32)
    return cut_pages(key_weights(pl.Series(keys, dtype=pl.String)), ids, most).to_list()


def pages_of(keys: Sequence[str], most: int = 50) -> list[tuple[str, ...]]:
    numbered = zip(cut(keys, most=most), keys, strict=True)
    return [tuple(key for _, key in page) for _, page in groupby(numbered, key=itemgetter(0))]


@settings(deadline=None)
@given(listings=st.lists(KEYS, max_size=4), most=st.integers(1, 60))
def test_no_page_is_longer_than_allowed_and_only_last_ones_are_short(listings: list[list[str]], most: int) -> None:
    keys = [key for one in listings for key in one]
    ids = [number for number, one in enumerate(listings) for _ in one]
    numbers = cut(keys, ids, most)
    for number, one in enumerate(listings):
        mine = [page for page, owner in zip(numbers, ids, strict=True) if owner == number]
        assert mine == cut(one, most=most), "others do not matter"
        sizes = [len(list(page)) for _, page in groupby(mine)]
        assert sorted(set(mine)) == list(range(len(sizes))) == [page for page, _ in groupby(mine)]
        assert max(sizes, default=0) <= most
        assert min(sizes[:-1], default=most) >= max(1, most * 3 // 5)
        assert len(one) > most or len(sizes) <= 1


@settings(deadline=None)
@given(keys=KEYS, most=st.integers(1, 60))
def test_each_page_begins_with_the_lightest_record_that_it_may_begin_with(keys: list[str], most: int) -> None:
    """The simple way, record by record."""
    weights = [weight_of(key) for key in keys]
    begins, least = [0] if keys else [], max(1, most * 3 // 5)
    while keys and len(keys) - begins[-1] > most:
        choice = range(begins[-1] + least, begins[-1] + most + 1)
        begins.append(min(choice, key=lambda place: (weights[place], place)))
    assert cut(keys, most=most) == [sum(place >= begin for begin in begins) - 1 for place in range(len(keys))]


def weight_of(key: str) -> int:
    """SplitMix64's finaliser in whole numbers."""
    out = int(key[-15:], 16)
    out = (out ^ out >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    out = (out ^ out >> 27) * 0x94D049BB133111EB % 2**64
    return out ^ out >> 31


@pytest.mark.parametrize("most", [10, 50, 1000])
def test_pages_are_on_average_four_fifths_of_the_longest(most: int) -> None:
    """Also if keys are in order, as they are within a day, or count up."""
    for keys in ([key_of(n) for n in range(40 * most)], [f"{n:020x}" for n in range(40 * most)]):
        for one in (keys, sorted(keys)):
            assert len(one) / len(pages_of(one, most)) == pytest.approx(0.8 * most, rel=0.1)


@pytest.mark.parametrize("place", ["front", "anywhere"])
def test_cuts_are_the_same_again_after_a_few_pages(place: str) -> None:
    """Of 3,000 records one more or less: beside the page that must change, fewer than two have other ones on average.
    By fixed cuts it would be thirty."""
    keys = [key_of(number) for number in range(3_000)]
    before = set(pages_of(keys))
    draw = np.random.default_rng(7)
    changed = []
    for turn in range(60):
        at = 0 if place == "front" else int(draw.integers(len(keys)))
        removed = [*keys[:at], *keys[at + 1 :]]
        added = [*keys[:at], key_of(10_000 + turn), *keys[at:]]
        changed += [len(set(pages_of(one)) - before) for one in (removed, added)]
    assert sum(changed) < 3 * len(changed)
    assert max(changed) < 25

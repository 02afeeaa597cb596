"""Fingerprints are found where they stand, however much of both sides is in the same order."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.search.hashing import where_in

SIDES = st.lists(st.integers(0, 300), unique=True, max_size=120)


def found(prints: list[int], among: list[int]) -> list[int]:
    return where_in(np.array(prints, dtype=np.uint64), np.array(among, dtype=np.uint64)).tolist()


@settings(deadline=None, max_examples=300)
@given(SIDES, SIDES, st.sampled_from([1, 16, 64]), st.randoms(use_true_random=False))
def test_each_is_found_where_it_stands(kept: list[int], come: list[int], step: int, source: random.Random) -> None:
    # Multiples of 64 are looked up, others found by them; `come` goes in anywhere, and some of `kept` goes.
    prints = [step * one for one in kept]
    among = [one for one in prints if source.random() < 0.9]
    for one in come:
        among.insert(source.randint(0, len(among)), 64 * 400 + one)
    if source.random() < 0.3:
        source.shuffle(among)
    places = {one: place for place, one in enumerate(among)}
    assert found(prints, among) == [places.get(one, -1) for one in prints]


def test_those_that_stand_more_than_once() -> None:
    assert found([5, 7], [7, 5, 7]) == [-1, -1]
    assert found([64, 5], [64, 64, 5]) == [0, 2] or found([64, 5], [64, 64, 5]) == [-1, -1]
    source = random.Random(3)
    for _ in range(300):  # no place is told twice, and what is told is so
        prints, among = ([source.choice([0, 64, 1, 2, 3]) for _ in range(source.randint(0, 8))] for _ in range(2))
        places = [(one, place) for one, place in zip(prints, found(prints, among), strict=True) if place >= 0]
        assert all(among[place] == one for one, place in places)
        assert len({place for _, place in places}) == len(places)


def test_a_few_changes_in_many_rows() -> None:
    source = np.random.default_rng(1)
    prints = source.integers(0, 2**63, 20_000, dtype=np.uint64)
    among = np.insert(np.delete(prints, [0, 17, 9_000, 19_999]), [0, 400, 12_345], np.array([1, 2, 3], np.uint64))
    places = where_in(prints, among)
    kept = places >= 0
    assert int((~kept).sum()) == 4
    assert np.array_equal(among[places[kept]], prints[kept])

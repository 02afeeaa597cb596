"""Distinct numbers, and which are among others, as numpy has them."""

import numpy as np
import pytest

from publish.model.distinct import among, distinct, places, places_in_turn


@pytest.mark.parametrize("size", [0, 1, 2, 1000])
@pytest.mark.parametrize("kind", [np.uint64, np.int64])
def test_as_numpy_has_them(size: int, kind: type[np.uint64] | type[np.int64]) -> None:
    numbers = np.random.default_rng(size).integers(0, 1 + size // 2, size).astype(kind)
    numbers[:1] = np.iinfo(kind).max
    found = distinct(numbers)
    assert found.dtype == kind
    assert found.tolist() == np.unique(numbers).tolist()


@pytest.mark.parametrize(("size", "known"), [(0, 0), (0, 5), (5, 0), (1000, 1), (1000, 300)])
def test_which_are_among_others(size: int, known: int) -> None:
    dice = np.random.default_rng(size + known)
    numbers = dice.integers(0, 500, size).astype(np.uint64)
    others = distinct(dice.integers(0, 500, known).astype(np.uint64))
    assert among(numbers, others).tolist() == np.isin(numbers, others).tolist()
    every = others.tolist()
    found = [every.index(number) if number in every else -1 for number in numbers.tolist()]
    assert places(numbers, others).tolist() == places_in_turn(numbers, others).tolist() == found

"""Distinct numbers of an array, by sorting: numpy's own `unique` goes through a table of hashes, which takes many times
as long for some millions. And which numbers are among others, and where."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", np.uint32, np.uint64, np.int64)


def distinct(numbers: NDArray[Number]) -> NDArray[Number]:
    """Each once, rising."""
    ordered = np.sort(numbers)
    first = np.ones(ordered.size, np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def among(numbers: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of `numbers` are in `known`, rising."""
    return places(numbers, known) >= 0


def places(numbers: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each of `numbers` is in `known`, rising: the first place; -1: nowhere."""
    if not known.size:
        return np.full(numbers.size, -1, np.int64)
    order = np.argsort(numbers)  # looked up in their order they are found in half the time, of millions in a seventh
    found = np.empty(numbers.size, np.int64)
    found[order] = places_in_turn(numbers[order], known)
    return found


def places_in_turn(numbers: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.int64]:
    """As `places`, looked up as they come: quicker where they rise too, or where few are known."""
    if not known.size:
        return np.full(numbers.size, -1, np.int64)
    at = np.minimum(np.searchsorted(known, numbers), known.size - 1)
    return np.where(known[at] == numbers, at, -1)

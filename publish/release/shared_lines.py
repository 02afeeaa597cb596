"""Pages of the same templates: lines that they share are searched but once in the same company. In columns.

As many lines together as a value can go over, and one more, are a group: whatever stands in a page stands in one of its
groups, and was found where that group stood first, if nothing farther away decides on it. Groups are told apart by
hashes of 64 bits under a key of the process: that one that holds a value is taken for another of n has a chance of
n / 2^64.
"""

import os
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.distinct import distinct, places_in_turn

MOST_LINES = 8  # of a group; whoever wants more searches whole pages
MOST_KNOWN = 1 << 18  # groups that are remembered from batch to batch: those that several pages have
_BEFORE = (b"\n", b"\n" * (MOST_LINES + 1), b"")  # a line; after a gap: more ends of lines than a value has; the first
_ODD = np.uint64(0x9E3779B97F4A7C15)

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


class SharedLines:
    """What of batches of pages has not been searched yet."""

    def __init__(self, lines: int) -> None:
        """`lines`: over how many a value goes at most."""
        self._span = max(lines, 1) + 1
        self._key = int.from_bytes(os.urandom(8))
        self._known: Words = np.empty(0, np.uint64)

    def fresh(self, pages: Sequence[bytes]) -> Sequence[bytes]:
        """Of each page what is to be searched: all lines of groups that no page before it had."""
        if self._span > MOST_LINES or not pages:
            return pages
        lines = b"\n".join(pages).split(b"\n")
        counts = np.array([page.count(b"\n") + 1 for page in pages])
        page = np.repeat(np.arange(len(pages)), counts)
        needed = self._needed(pl.Series(lines, dtype=pl.Binary), page) | (counts <= self._span)[page]
        chosen = np.flatnonzero(needed)
        picked = list(zip(_separators(chosen, page), map(lines.__getitem__, chosen.tolist()), strict=True))
        edges = np.searchsorted(page[chosen], np.arange(len(pages) + 1)).tolist()
        return [b"".join(chain.from_iterable(picked[first:end])) for first, end in pairwise(edges)]

    def _needed(self, lines: pl.Series, page: Ints) -> Flags:
        """Which lines are in a new group."""
        needed = np.zeros(page.size + 1, np.int64)  # how many groups begin at each line, less those that ended before
        size = page.size - self._span + 1
        if size > 0:
            hashes = lines.hash(self._key).to_numpy()
            groups = np.zeros(size, np.uint64)
            with np.errstate(over="ignore"):
                for at in range(self._span):
                    groups = groups * _ODD + hashes[at : at + size]
            begins = np.flatnonzero(page[:size] == page[self._span - 1 :])
            new = begins[self._new(groups[begins])]
            needed += np.bincount(new, minlength=needed.size)
            needed -= np.bincount(new + self._span, minlength=needed.size)
        return np.cumsum(needed)[:-1] > 0

    def _new(self, groups: Words) -> Flags:
        """Which are there for the first time; those of several pages are remembered."""
        column = pl.Series(groups)
        was_met = places_in_turn(groups, self._known) >= 0
        new: Flags = column.is_first_distinct().to_numpy() & ~was_met
        several = groups[column.is_duplicated().to_numpy() & new]
        kept = self._known if self._known.size + several.size <= MOST_KNOWN else distinct(groups[was_met])
        self._known = np.union1d(kept, several)
        return new


def _separators(chosen: Ints, page: Ints) -> list[bytes]:
    """What stands before each chosen line."""
    gap = np.diff(chosen, prepend=-1) > 1
    first = np.diff(page[chosen], prepend=-1) > 0
    return [_BEFORE[one] for one in np.where(first, 2, gap).tolist()]

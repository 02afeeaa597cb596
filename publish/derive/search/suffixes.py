"""Every part of many names in order: what the table of names is made from, and what the next night makes it from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.heads import HEAD, heads_of

KEY = 12  # characters of a key of the table of names
COMMON = 32  # of a longer list of names that end the same, a table of names has so many
SPARE = 4 * COMMON  # and so many are put in order, so that one that goes has others to take its place
_BATCH = 400_000  # suffixes that are sorted at once
Bools = NDArray[np.bool_]
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Names:
    """Folded names by the hash of their subject's credit code: `hashes`. `prints`: a fingerprint of each name and code.
    Their characters are `codes`, one name after the other; `lengths` tells how many each has. Characters are told by
    int32, since there are very many of them."""

    codes: NDArray[np.uint32]
    lengths: Places
    hashes: NDArray[np.uint64]
    prints: NDArray[np.uint64]

    @property
    def begin(self) -> Places:
        """Where the characters of each name begin."""
        return (np.cumsum(self.lengths) - self.lengths).astype(np.int32)

    def owner(self) -> Places:
        """Of each character the name that it stands in."""
        return np.repeat(np.arange(self.lengths.size, dtype=np.int32), self.lengths)

    def ends(self) -> Places:
        """Of each character the place where its name ends."""
        return np.repeat(np.cumsum(self.lengths).astype(np.int32), self.lengths)


@dataclass(frozen=True, slots=True)
class Suffixes:
    """What stands from some character of a name on, at least two, in the order of its first KEY characters; of the
    same ones, those that end there come first, then those that begin first.

    `at`: where each begins in the characters of all names. Ends of names that are the same are a group: `first` tells
    where one begins, `cut` of all in it whether its last ones are left out. It has more than COMMON then. `heads` as
    heads_of has them.
    """

    names: Names
    at: Places
    first: Bools
    cut: Bools
    heads: NDArray[np.uint64]

    def early(self) -> Bools:
        """Those that are among the first COMMON of their group."""
        every = np.arange(self.at.size, dtype=np.int32)
        return every - np.maximum.accumulate(np.where(self.first, every, np.int32(0))) < COMMON

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """All that the next night needs of them."""
        names = self.names
        own: dict[str, NDArray[np.generic]] = {
            "codes": names.codes,
            "lengths": names.lengths,
            "prints": names.prints,
            "at": self.at,
        }
        return own | {"first": self.first, "cut": self.cut, "heads": self.heads}


def suffixes_of(names: Names) -> Suffixes:
    """All suffixes of names, sorted."""
    ranks, alphabet = _ranks(np.r_[names.codes, np.zeros(KEY, np.uint32)])
    owner, ends = names.owner(), names.ends()
    every = np.arange(names.codes.size, dtype=np.int32)
    starts, dropped_from = _without_common(every[ends - every >= 2], ranks, ends, names.hashes[owner])
    del every, owner
    parts = [sort_suffixes(batch, ranks, ends) for batch in _batches(starts, ranks, alphabet)]
    found = [_capped(at, first, dropped_from) for at, first in parts]
    at = np.concatenate([np.empty(0, np.int32), *(part[0] for part in found)])
    first, cut = (np.concatenate([np.empty(0, np.bool_), *(part[place] for part in found)]) for place in (1, 2))
    return Suffixes(names, at, first, cut, suffix_heads(names.codes, ends, at))


def suffix_heads(codes: NDArray[np.uint32], ends: Places, at: Places) -> NDArray[np.uint64]:
    """What suffixes begin with; `at` in their order, so that the same stand together."""
    codes = np.r_[codes, np.zeros(HEAD, np.uint32)]
    third = np.where(ends[at] - at >= HEAD, codes[at + 2], np.uint32(0))
    return heads_of(np.column_stack([codes[at], codes[at + 1], third]))


def suffix_columns(at: Places, names: Names) -> NDArray[np.uint32]:
    """The first KEY characters of suffixes in columns; 0 where they are shorter."""
    ends = np.cumsum(names.lengths)
    left = ends[np.searchsorted(ends, at, side="right")] - at
    columns = np.arange(KEY, dtype=np.int32)
    there = columns < left[:, None]
    out: NDArray[np.uint32] = np.where(there, names.codes[np.where(there, at[:, None] + columns, 0)], np.uint32(0))
    return out


def sort_suffixes(starts: Places, ranks: NDArray[np.uint16], ends: Places) -> tuple[Places, Bools]:
    """The suffixes that begin at `starts`, which rise, in order, and where groups begin.

    One character after the other, the last first: each time they are few numbers, which are sorted by counting.
    """
    left = ends[starts] - starts
    letters = [np.where(place < left, ranks[starts + place], np.uint16(0)) for place in range(KEY)]
    order = np.argsort(left > KEY, kind="stable")
    for letter in reversed(letters):
        order = order[np.argsort(letter[order], kind="stable")]
    left = left[order]
    same = np.zeros(order.size, dtype=np.bool_)  # as the one before, and both end with their names
    same[1:] = (left[1:] == left[:-1]) & (left[1:] <= KEY)
    for letter in letters:
        some = np.flatnonzero(same)
        same[some] = letter[order[some]] == letter[order[some - 1]]
    return starts[order], ~same


def _capped(at: Places, first: Bools, dropped_from: Bools) -> tuple[Places, Bools, Bools]:
    """The first SPARE of each group, and which are of groups that lack some."""
    starts = np.flatnonzero(first)
    sizes = np.diff(np.r_[starts, at.size])
    cut = np.repeat((sizes > SPARE) | dropped_from[at[starts]], sizes)
    held = np.arange(at.size) - np.repeat(starts, sizes) < SPARE
    return at[held], first[held], cut[held]


def _ranks(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint16], int]:
    """Characters as small numbers in the same order, and how many; 0 is none. Raises ValueError for more than 65,535
    of them."""
    alphabet = np.flatnonzero(np.bincount(codes)).astype(np.uint32) if codes.size else codes
    if alphabet.size > 0xFFFF:
        raise ValueError("names have more different characters than an index can tell apart")
    table = np.zeros(int(alphabet.max(initial=0)) + 1, dtype=np.uint16)
    table[alphabet] = np.arange(alphabet.size)
    return table[codes], alphabet.size


def _without_common(
    starts: Places, ranks: NDArray[np.uint16], ends: Places, hashes: NDArray[np.uint64]
) -> tuple[Places, Bools]:
    """Suffixes without most of those that are as short as 有限公司 and stand at the end of very many names: it would
    take long to sort them only to leave them out. Of each such list more than COMMON of its first ones are left. Also,
    by place, of which lists some are left out. `hashes` of each character's name."""
    dropped_from = np.zeros(ends.size, dtype=np.bool_)
    left = ends[starts] - starts
    short = left <= 4
    some, left = starts[short], left[short]
    keys = np.zeros(some.size, dtype=np.uint64)
    for step in range(4):
        keys = keys << np.uint64(16) | np.where(step < left, ranks[some + step], 0).astype(np.uint64)
    known, counts = np.unique_counts(keys)
    known, counts = known[counts > 8 * COMMON], counts[counts > 8 * COMMON]
    if not known.size:
        return starts, dropped_from
    place = np.minimum(np.searchsorted(known, keys), known.size - 1)
    common = known[place] == keys
    early = hashes[some] < ((2.0**64) * 4 * COMMON / counts).astype(np.uint64)[place]
    enough = np.bincount(place[common & early], minlength=known.size) > COMMON
    dropped = np.zeros(starts.size, dtype=np.bool_)
    dropped[short] = common & ~early & enough[place]
    dropped_from[some[common & enough[place]]] = True
    return starts[~dropped], dropped_from


def _batches(starts: Places, ranks: NDArray[np.uint16], size: int) -> list[Places]:
    """Suffixes by ranges of their first character, in order, about _BATCH at a time."""
    totals = np.cumsum(np.bincount(ranks[starts], minlength=size))
    group = (totals // _BATCH).astype(np.uint16)[ranks[starts]]
    order = np.argsort(group, kind="stable")  # small numbers: sorted by counting
    ends = np.cumsum(np.bincount(group))
    return [part for part in np.split(starts[order], ends[:-1]) if part.size]

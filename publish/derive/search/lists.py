"""Lists of blocks by gram, packed into shards by the first bits of the gram's hash.

Where a gram is in most blocks of a period, that period is open: its blocks are not listed, and any may have the gram.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.packing import gaps, varint_stream
from publish.derive.search.pairs import Pairs, slices
from publish.derive.search.partition import SECTIONS, SLOT_BITS
from publish.model.distinct import distinct

HASH_BITS = 32
SPAN = (1 << SLOT_BITS) + 1  # numbers of a period in a list: 0 if it is open, a slot and 1 of a block
CLASSES = (0.05, 0.1, 0.2, 0.33, 0.5)  # shares of all blocks by which a reader is told how common a gram is
_FEW = 16  # blocks: a gram in so many or fewer is rare
_OPEN = 0.5  # of a period's blocks: where a gram is in more, the period is open,
_LISTED = 2  # if it is in more blocks than these
_SLOTS = 1.5  # of a sketch for each gram that is told by it
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Grams:
    """How often grams stand in blocks, all runs together: `hashes` uint64, rising, `counts` int64; `blocks` in all."""

    hashes: NDArray[np.uint64]
    counts: NDArray[np.int64]
    blocks: int

    def classes(self) -> NDArray[np.uint8]:
        """0 for the rarest grams, len(CLASSES) for those that are in more than the largest share."""
        out: NDArray[np.uint8] = np.zeros(self.counts.size, dtype=np.uint8)
        for share in CLASSES:
            out += self.counts > max(_FEW, share * self.blocks)
        return out


def count_grams(runs: Sequence[Pairs], blocks: int) -> Grams:
    """Over all runs."""
    hashes, counts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for some in (some for pairs in runs for some in slices(pairs)):
        keys = some >> np.uint64(32)
        starts, sizes = _groups(keys)
        hashes.append(keys[starts])
        counts.append(sizes)
    every, numbers = np.concatenate(hashes), np.concatenate(counts)
    order = np.argsort(every, kind="stable")
    every, numbers = every[order], numbers[order]
    starts = _starts(every)
    sums = np.add.reduceat(numbers, starts) if starts.size else numbers
    return Grams(every[starts], sums, blocks)


def sketch(grams: Grams) -> tuple[int, bytes]:
    """The class of each gram at the place of its hash among so many, in their order: four bits each, the low ones
    first. Grams that share a place seem to be of the most common one's class, which costs a reader little."""
    classes = grams.classes()
    told = int((classes > 0).sum())
    pairs = max(8, int(told * _SLOTS) // 2)
    table = np.zeros(2 * pairs, dtype=np.uint8)
    np.maximum.at(table, (grams.hashes * np.uint64(table.size) >> np.uint64(HASH_BITS)).astype(np.int64), classes)
    twos = table.reshape(-1, 2)
    return pairs, (twos[:, 0] | twos[:, 1] << 4).astype(np.uint8).tobytes()


def open_periods(pairs: Pairs, ids: NDArray[np.int64]) -> tuple[NDArray[np.uint64], int]:
    """Which periods of a run are open for which grams: hash << 32 | period, rising; and how many numbers lists have
    then. `ids`: of all blocks of the run. Sections are few, and always listed."""
    period, blocks = np.unique_counts(distinct(ids) >> SLOT_BITS)
    found = [np.empty(0, np.uint64)]
    size = pairs.size
    for some in slices(pairs):
        starts, counts = _groups(some >> np.uint64(SLOT_BITS))
        mine = ((some[starts] & _LOW) >> np.uint64(SLOT_BITS)).astype(np.int64)
        most = _OPEN * blocks[np.searchsorted(period, mine)]
        is_open = (counts > np.maximum(most, _LISTED)) & (mine != SECTIONS)
        found.append((some[starts] & ~_LOW)[is_open] | mine[is_open].astype(np.uint64))
        size -= int((counts[is_open] - 1).sum())
    return np.concatenate(found), size


def list_numbers(pairs: Pairs, opened: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """What lists say: hash << 32 | number, rising; of a block its period times SPAN, and its slot and 1; of a period
    that is `opened` that times SPAN. The pairs of all of some grams; `opened` of the same, or more."""
    if not pairs.size:
        return pairs
    starts, counts = _groups(pairs >> np.uint64(SLOT_BITS))
    first = pairs[starts]
    period = (first & _LOW) >> np.uint64(SLOT_BITS)
    keys = (first & ~_LOW) | period
    some = opened[np.searchsorted(opened, keys[0]) : np.searchsorted(opened, keys[-1], side="right")]
    is_open = np.isin(keys, some, assume_unique=True)
    kept = np.repeat(~is_open, counts)
    block = pairs[kept] & _LOW
    number = block + (block >> np.uint64(SLOT_BITS)) + np.uint64(1)
    marks = (first & ~_LOW)[is_open] | period[is_open] * np.uint64(SPAN)
    return np.sort(np.concatenate([(pairs[kept] & ~_LOW) | number, marks]), kind="stable")  # both rise: it merges


def shard_bits(size: int, target: int) -> int:
    """So many bits that a shard has about `target` of `size` numbers."""
    return max(0, round(float(np.log2(max(size, 1) / target))))


def shards(numbers: NDArray[np.uint64], bits: int, first: int, count: int) -> list[bytes]:
    """The bodies of `count` of the 2**bits shards, from the `first`, of what their lists say. Each is varints: how many
    grams; of each the rest of its hash as the difference to the one before; how many numbers each has; those, as
    gaps."""
    hashes = numbers >> np.uint64(32)
    starts, counts = _groups(hashes)
    stream, offsets = varint_stream(gaps(numbers & _LOW, starts))
    shift = np.uint64(HASH_BITS - bits)
    borders = np.searchsorted(hashes[starts] >> shift, np.arange(first, first + count + 1, dtype=np.uint64))
    ends = offsets[np.r_[starts, numbers.size]]
    rest = hashes[starts] & np.uint64((1 << int(shift)) - 1)
    heads = _heads(rest, counts, borders)
    return [
        head + stream[ends[a] : ends[b]].tobytes()
        for head, a, b in zip(heads, borders[:-1].tolist(), borders[1:].tolist(), strict=True)
    ]


def _heads(rest: NDArray[np.uint64], counts: NDArray[np.int64], borders: NDArray[np.int64]) -> list[bytes]:
    """What each shard begins with: of the grams between two borders how many they are, the differences of their hashes
    and their counts. All shards at once, since each has few grams."""
    sizes, first = np.diff(borders), borders[0]
    shard = np.repeat(np.arange(sizes.size), sizes)
    begins = np.arange(sizes.size) + 2 * (borders[:-1] - first)  # among the numbers of all
    differences = np.diff(rest[first : borders[-1]], prepend=np.zeros(1, np.uint64))
    leading = borders[:-1][sizes > 0]
    differences[leading - first] = rest[leading]
    numbers = np.empty(sizes.size + 2 * shard.size, dtype=np.uint64)
    numbers[begins] = sizes
    places = begins[shard] + 1 + np.arange(shard.size) - (borders[:-1] - first)[shard]
    numbers[places] = differences
    numbers[places + sizes[shard]] = counts[first : borders[-1]]
    stream, offsets = varint_stream(numbers)
    edges = [*offsets[begins].tolist(), stream.size]
    return [stream[a:b].tobytes() for a, b in pairwise(edges)]


def _groups(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where equal keys that stand together begin, and how many they are."""
    starts = _starts(keys)
    return starts, np.diff(np.r_[starts, keys.size])


def _starts(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if keys.size else np.empty(0, np.int64)

"""Lists of blocks by gram, packed into shards by the first bits of the gram's hash."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.packing import gaps, pack_varints, varint_stream

HASH_BITS = 32
CLASSES = (0.05, 0.1, 0.2, 0.33, 0.5)  # of all blocks: a gram in more than the last share of them has no list
_FEW = 16  # blocks: a gram in so many or fewer always has one
_SLOTS = 1.5  # of a sketch for each gram that is told by it
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Grams:
    """How often grams stand in blocks, all runs together: `hashes` uint64, rising, `counts` int64; `blocks` in all."""

    hashes: NDArray[np.uint64]
    counts: NDArray[np.int64]
    blocks: int

    def classes(self) -> NDArray[np.uint8]:
        """0 for the rarest grams, len(CLASSES) for those that have no list."""
        out: NDArray[np.uint8] = np.zeros(self.counts.size, dtype=np.uint8)
        for share in CLASSES:
            out += self.counts > max(_FEW, share * self.blocks)
        return out

    def unlisted(self) -> NDArray[np.uint64]:
        """Hashes of the grams that have no list."""
        without: NDArray[np.uint64] = self.hashes[self.classes() == len(CLASSES)]
        return without

    def listed_pairs(self, pairs: NDArray[np.uint64]) -> int:
        """How many pairs of a run are of grams that have lists."""
        starts = _starts(pairs >> np.uint64(32))
        kept = ~np.isin(pairs[starts] >> np.uint64(32), self.unlisted(), assume_unique=True)
        return int(np.diff(np.r_[starts, pairs.size])[kept].sum())


def count_grams(runs: Sequence[NDArray[np.uint64]], blocks: int) -> Grams:
    """`runs`: of each run the pairs (hash << 32 | block), rising."""
    hashes, counts = [], []
    for pairs in runs:
        starts = _starts(pairs >> np.uint64(32))
        hashes.append(pairs[starts] >> np.uint64(32))
        counts.append(np.diff(np.r_[starts, pairs.size]))
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


def listed(pairs: NDArray[np.uint64], grams: Grams) -> NDArray[np.uint64]:
    """The pairs of grams that have lists."""
    starts = _starts(pairs >> np.uint64(32))
    kept = ~np.isin(pairs[starts] >> np.uint64(32), grams.unlisted(), assume_unique=True)
    return pairs[np.repeat(kept, np.diff(np.r_[starts, pairs.size]))]


def shard_bits(size: int, target: int) -> int:
    """So many bits that a shard has about `target` of `size` numbers."""
    return max(0, round(float(np.log2(max(size, 1) / target))))


def shards(pairs: NDArray[np.uint64], bits: int, first: int, count: int, unlisted: NDArray[np.uint64]) -> list[bytes]:
    """The bodies of `count` of the 2**bits shards, from the `first`, of their pairs. Each is varints: how many grams;
    of each the rest of its hash as the difference to the one before; in how many blocks each is; those, as gaps.
    Grams that are `unlisted` (rising) are in 0 blocks: a reader who was not sure learns it here."""
    hashes, blocks = pairs >> np.uint64(32), pairs & _LOW
    starts = _starts(hashes)
    stream, offsets = varint_stream(gaps(blocks, starts))
    shift = np.uint64(HASH_BITS - bits)
    edges = np.arange(first, first + count + 1, dtype=np.uint64)
    low, high = np.searchsorted(unlisted >> shift, edges[[0, -1]])
    keys = np.r_[hashes[starts], unlisted[low:high]]
    counts = np.r_[np.diff(np.r_[starts, pairs.size]), np.zeros(high - low, np.int64)]
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    borders = np.searchsorted(keys >> shift, edges)
    ends = offsets[np.r_[0, np.cumsum(counts)]]
    rest = keys & np.uint64((1 << int(shift)) - 1)
    return [
        _head(rest[a:b], counts[a:b]) + stream[ends[a] : ends[b]].tobytes()
        for a, b in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)
    ]


def _head(rest: NDArray[np.uint64], counts: NDArray[np.int64]) -> bytes:
    differences = np.diff(rest, prepend=np.zeros(1, np.uint64))
    size = np.array([rest.size], dtype=np.uint64)
    return pack_varints(np.concatenate([size, differences, counts.astype(np.uint64)]))


def _starts(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if keys.size else np.empty(0, np.int64)

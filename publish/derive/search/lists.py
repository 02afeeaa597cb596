"""Lists of blocks by gram, packed into shards: rare grams for the whole index, common ones by segment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.grams import BLOCK_BITS, CLASS_BITS
from publish.derive.search.packing import Packed, gaps, pack, pack_varints

HASH_BITS = 32


@dataclass(frozen=True, slots=True)
class Lists:
    """Grams and where they are. `keys` uint64, hash << 2 | class, rising; `counts` how many blocks each has (0: look in
    the segments), `blocks` those of all, one after the other, rising within each."""

    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]
    blocks: NDArray[np.uint64]


def grouped(grams: NDArray[np.uint64]) -> Lists:
    """Sorted keyed grams as lists."""
    keys = grams >> np.uint64(BLOCK_BITS)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if keys.size else np.empty(0, np.int64)
    counts = np.diff(np.r_[starts, keys.size])
    return Lists(keys[starts], counts, grams & np.uint64((1 << BLOCK_BITS) - 1))


def shard_files(lists: Lists, bits: int) -> list[Packed]:
    """2**bits files, by the first bits of the hash. Each is varints: how many grams; of each the rest of its key as the
    difference to the one before; its count; its blocks as differences."""
    ends = np.r_[0, np.cumsum(lists.counts)]
    shift = np.uint64(HASH_BITS + CLASS_BITS - bits)
    borders = np.searchsorted(lists.keys >> shift, np.arange((1 << bits) + 1, dtype=np.uint64))
    packed_blocks = gaps(lists.blocks, ends[:-1])
    rest = lists.keys & np.uint64((1 << int(shift)) - 1)
    return [
        _shard(rest[a:b], lists.counts[a:b], packed_blocks[ends[a] : ends[b]])
        for a, b in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)
    ]


def shard_bits(size: int, target: int) -> int:
    """So many bits that a shard has about `target` of `size` numbers."""
    return max(0, round(float(np.log2(max(size, 1) / target))))


def _shard(rest: NDArray[np.uint64], counts: NDArray[np.int64], blocks: NDArray[np.uint64]) -> Packed:
    differences = np.diff(rest, prepend=np.zeros(1, np.uint64))
    head = np.array([rest.size], dtype=np.uint64)
    return pack(pack_varints(np.concatenate([head, differences, counts.astype(np.uint64), blocks])))


def sketch(hashes: NDArray[np.uint64], bits: int) -> bytes:
    """A set of hashes, by their first `bits`: one bit each, low ones first. Others may seem to be in it."""
    marks = np.zeros(1 << bits, dtype=np.uint8)
    marks[(hashes >> np.uint64(HASH_BITS - bits)).astype(np.int64)] = 1
    return np.packbits(marks, bitorder="little").tobytes()


def merged_counts(parts: Sequence[tuple[NDArray[np.uint64], NDArray[np.int64]]]) -> Lists:
    """The keys of all segments with the sums of their counts; `blocks` is empty."""
    keys = np.concatenate([keys for keys, _ in parts]) if parts else np.empty(0, np.uint64)
    counts = np.concatenate([counts for _, counts in parts]) if parts else np.empty(0, np.int64)
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if keys.size else np.empty(0, np.int64)
    sums = np.add.reduceat(counts, starts) if starts.size else counts
    return Lists(keys[starts], sums, np.empty(0, np.uint64))

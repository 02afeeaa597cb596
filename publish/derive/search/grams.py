"""The grams of a unit: short pieces of its folded texts, as hashes. A query looks where all of its pieces are.

Pieces of a text: every two neighbouring characters, and every three of which one is an ASCII letter or a digit, since
two digits stand everywhere; of sections every three, since they are few, and long. A facet (a value of a filter) is
one piece. Pieces of credit codes are none: there is a table of codes. A hash that two pieces share only makes a reader
look in vain: what is found is verified in the block.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import fold_texts
from publish.derive.search.hashing import mixed

FACETS = ("o", "a", "v", "y", "f")  # dataset, authority, severity, year, flag

_PAIR, _TRIPLE, _FACET = (np.uint32(seed) for seed in (0x243F6A88, 0x85A308D3, 0x03707344))
_FNV_START, _FNV_PRIME = 0x811C9DC5, 0x01000193
_Number = TypeVar("_Number", np.uint32, np.uint64, np.int64)
_Grams = tuple[NDArray[np.uint32], NDArray[np.int64]]  # hashes, one block's after the other, and where each begins
_SIEVE = 16  # bits of a hash


def fnv(data: bytes) -> int:
    """FNV-1a, 32 bits."""
    number = _FNV_START
    for byte in data:
        number = ((number ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return number


def hash_facet(facet: str, value: str) -> int:
    """Hash of a filter's value: FNV-1a over the UTF-8 of `facet`, a tab, `value`; then mixed as a gram is."""
    return int(_facet_hashes(facet, [value])[0])


def _facet_hashes(facet: str, values: Sequence[str]) -> NDArray[np.uint32]:
    numbers = np.array([fnv(f"{facet}\t{value}".encode()) for value in values], dtype=np.uint32)
    return mixed(_FACET, numbers, np.zeros(1, np.uint32))


@dataclass(frozen=True, slots=True)
class UnitGrams:
    """`grams`: distinct (hash, block), rising, each hash << 32 | block. `traditional`: block << 32 | character of the
    traditional characters in texts, rising."""

    grams: NDArray[np.uint64]
    traditional: NDArray[np.uint64]


def unit_grams(units: pl.DataFrame, texts: Sequence[str], *, every_three: bool = False) -> UnitGrams:
    """The grams of the columns `texts` and of all facets.

    `units` has `_block` (UInt32, a number of the unit's block, rising) beside the columns of units. `every_three`: of
    sections.
    """
    count = int(units["_block"].to_numpy()[-1]) + 1 if units.height else 0
    found = [_text_grams(units, name, count, every_three) for name in texts]
    parts = [part for pieces, _ in found for part in pieces] + [_facet_grams(units, name, count) for name in FACETS]
    # Most grams of a block stand in it many times: those of one block are few enough for the processor's cache.
    table = np.empty(1 << _SIEVE, dtype=np.uint32)
    keyed = [np.empty(0, np.uint64)]
    for at in range(count):
        hashes = _each_once(np.concatenate([part[edges[at] : edges[at + 1]] for part, edges in parts]), table)
        keyed.append(hashes.astype(np.uint64) << np.uint64(32) | np.uint64(at))
    traditional = distinct(np.concatenate([np.empty(0, np.uint64), *(some for _, some in found)]))
    return UnitGrams(np.sort(np.concatenate(keyed)), traditional)


def _each_once(numbers: NDArray[np.uint32], table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Each number once, in any order. Nearly all that stand there more than once are told by their places in `table`
    (scratch of 2**n numbers; a number's last bits are its place): it takes a fifth of the time of sorting."""
    every = np.arange(table.size, dtype=np.uint32)
    last = np.uint32(table.size - 1)
    np.invert(every, out=table)  # nobody's: a number that is in its place ends as that does
    places = (numbers & last).astype(np.intp)
    table[places] = numbers
    others = numbers.take(np.flatnonzero(table.take(places) != numbers))
    return np.concatenate([table.take(np.flatnonzero(table & last == every)), distinct(others)])


def distinct(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Sorted, each once. (numpy's `unique` hashes first, which takes eight times as long for numbers like these.)"""
    ordered = np.sort(numbers)
    first = np.ones(ordered.size, dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _text_grams(
    units: pl.DataFrame, name: str, count: int, every_three: bool
) -> tuple[Sequence[_Grams], NDArray[np.uint64]]:
    """The grams of a column, and its traditional characters. Within a block the same text needs to be cut but once."""
    cells = units.select("_block", pl.col(name).alias("text")).filter(pl.col("text") != "").unique(maintain_order=True)
    folded = fold_texts(cells["text"]).in_order()
    codes, owner = folded.codes, folded.owner
    block = cells["_block"].to_numpy()
    traditional = block[folded.traditional_of].astype(np.uint64) << np.uint64(32) | folded.traditional
    if codes.size < 2:
        return (), traditional
    first = np.searchsorted(block, np.arange(count + 1, dtype=np.uint32)).astype(np.int32)
    begin = np.searchsorted(owner, first)  # of each block its codes
    pairs = mixed(_PAIR, codes[:-1], codes[1:])
    together = np.flatnonzero(owner[1:] == owner[:-1])
    plain = _alphanumeric(codes)
    some = plain[:-2] | plain[1:-1] | plain[2:] | every_three
    triple = np.flatnonzero(some & (owner[2:] == owner[:-2]))
    grams = [
        (pairs.take(together), np.searchsorted(together, begin)),
        (mixed(_TRIPLE, pairs.take(triple), codes.take(triple + 2)), np.searchsorted(triple, begin)),
    ]
    return grams, traditional


def _alphanumeric(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """0–9 and a–z: folding leaves no capitals."""
    return ((codes >= 48) & (codes <= 57)) | ((codes >= 97) & (codes <= 122))


def _facet_grams(units: pl.DataFrame, name: str, count: int) -> _Grams:
    values = {"o": pl.col("o").cast(pl.String), "y": pl.col("d").str.slice(0, 4)}.get(name, pl.col(name))
    pairs = units.select(values.alias("value"), "_block").drop_nulls().unique(maintain_order=True)
    known = pairs["value"].unique().to_list()
    hashes = dict(zip(known, _facet_hashes(name, known).tolist(), strict=True))
    numbers = np.array([hashes[value] for value in pairs["value"].to_list()], dtype=np.uint32)
    return numbers, np.searchsorted(pairs["_block"].to_numpy(), np.arange(count + 1, dtype=np.uint32))

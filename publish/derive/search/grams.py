"""The grams of a unit: short pieces of its folded texts, as hashes. A query looks where all of its pieces are.

Pieces of a text: every two neighbouring characters, and every three of which one is an ASCII letter or a digit, since
two digits stand everywhere; of sections every three, since they are few, and long. A facet (a value of a filter) is
one piece. Pieces of credit codes are none: there is a table of codes. A hash that two pieces share only makes a reader
look in vain: what is found is verified in the block.
"""

from collections.abc import Sequence
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
_Grams = tuple[NDArray[np.uint32], NDArray[np.uint32]]  # hashes, and of each its block, which rises


def fnv(data: bytes) -> int:
    """FNV-1a, 32 bits."""
    number = _FNV_START
    for byte in data:
        number = ((number ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return number


def hash_facet(facet: str, value: str) -> int:
    """Hash of a filter's value: FNV-1a over the UTF-8 of `facet`, a tab, `value`; then mixed as a gram is."""
    number = np.array([fnv(f"{facet}\t{value}".encode())], dtype=np.uint32)
    return int(mixed(_FACET, number, np.zeros(1, np.uint32))[0])


def unit_grams(units: pl.DataFrame, texts: Sequence[str], *, every_three: bool = False) -> NDArray[np.uint64]:
    """The grams of the columns `texts` and of all facets: distinct (hash, block), rising, each hash << 32 | block.

    `units` has `_block` (UInt32, a number of the unit's block, rising) beside the columns of units. `every_three`: of
    sections.
    """
    parts = [part for name in texts for part in _text_grams(units, name, every_three)]
    parts += [_facet_grams(units, name) for name in FACETS]
    count = int(units["_block"].to_numpy()[-1]) + 1 if units.height else 0
    edges = [np.searchsorted(block, np.arange(count + 1, dtype=np.uint32)).tolist() for _, block in parts]
    # Most grams of a block stand in it many times: those of one block are few enough for the processor's cache.
    of_blocks = [
        distinct(np.concatenate([part[ends[at] : ends[at + 1]] for (part, _), ends in zip(parts, edges, strict=True)]))
        for at in range(count)
    ]
    keyed = [hashes.astype(np.uint64) << np.uint64(32) | np.uint64(at) for at, hashes in enumerate(of_blocks)]
    return np.sort(np.concatenate([np.empty(0, np.uint64), *keyed]))


def distinct(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Sorted, each once. (numpy's `unique` hashes first, which takes eight times as long for numbers like these.)"""
    ordered = np.sort(numbers)
    first = np.ones(ordered.size, dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _text_grams(units: pl.DataFrame, name: str, every_three: bool) -> list[_Grams]:
    """The grams of a column. Within a block the same text needs to be cut but once."""
    cells = units.select("_block", pl.col(name).alias("text")).filter(pl.col("text") != "").unique(maintain_order=True)
    folded = fold_texts(cells["text"]).in_order()
    codes, owner = folded.codes, folded.owner
    if codes.size < 2:
        return []
    block = cells["_block"].to_numpy()
    pairs = mixed(_PAIR, codes[:-1], codes[1:])
    together = owner[1:] == owner[:-1]
    plain = _alphanumeric(codes)
    triple = np.flatnonzero((plain[:-2] | plain[1:-1] | plain[2:] | every_three) & (owner[2:] == owner[:-2]))
    return [
        (pairs[together], block[owner[:-1][together]]),
        (mixed(_TRIPLE, pairs[triple], codes[triple + 2]), block[owner[triple]]),
    ]


def _alphanumeric(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """0–9 and a–z: folding leaves no capitals."""
    return ((codes >= 48) & (codes <= 57)) | ((codes >= 97) & (codes <= 122))


def _facet_grams(units: pl.DataFrame, name: str) -> _Grams:
    values = {"o": pl.col("o").cast(pl.String), "y": pl.col("d").str.slice(0, 4)}.get(name, pl.col(name))
    pairs = units.select(values.alias("value"), "_block").drop_nulls().unique(maintain_order=True)
    known = pairs["value"].unique().to_list()
    hashes = {value: hash_facet(name, value) for value in known}
    numbers = np.array([hashes[value] for value in pairs["value"].to_list()], dtype=np.uint32)
    return numbers, pairs["_block"].to_numpy()

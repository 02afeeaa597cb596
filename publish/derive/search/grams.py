"""The grams of a unit: short pieces of its folded texts, as hashes. A query looks where all of its pieces are.

Pieces of a text: every two neighbouring characters; every four, where all are ASCII letters or digits (two digits stand
everywhere). Pieces of a credit code: every three characters. A facet (a value of a filter) is one piece. A hash that
two pieces share only makes a reader look in vain: what is found is verified in the block.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import fold_texts

# The classes of grams: of the main texts (title, subject), of other texts, and apart from both of codes and facets.
MAIN, OTHER, APART = 0, 1, 2
CLASS_BITS = 2
BLOCK_BITS = 24  # of a keyed gram: the block within its segment
MAIN_TEXTS = ("t", "s")
OTHER_TEXTS = ("a", "r")

_Number = TypeVar("_Number", np.uint64, np.int64)

_PAIR, _FOUR, _CODE, _FACET = (np.uint32(seed) for seed in (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344))
_FNV_START, _FNV_PRIME = 0x811C9DC5, 0x01000193

FACETS = ("o", "a", "v", "y", "f")  # dataset, authority, severity, year, flag


def hash_grams(seed: np.uint32, left: NDArray[np.uint32], right: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """32-bit hashes of pairs of numbers: multiply and shift, as murmur3's finaliser does. The script has the same."""
    with np.errstate(over="ignore"):
        mixed = (left * np.uint32(0x9E3779B1)) ^ (right * np.uint32(0x85EBCA77)) ^ seed
        mixed ^= mixed >> np.uint32(16)
        mixed *= np.uint32(0x85EBCA6B)
        mixed ^= mixed >> np.uint32(13)
        mixed *= np.uint32(0xC2B2AE35)
        mixed ^= mixed >> np.uint32(16)
    return mixed


def fnv(data: bytes) -> int:
    """FNV-1a, 32 bits."""
    number = _FNV_START
    for byte in data:
        number = ((number ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return number


def hash_facet(facet: str, value: str) -> int:
    """Hash of a filter's value: FNV-1a over the UTF-8 of `facet`, a tab, `value`; then mixed as a gram is."""
    number = np.array([fnv(f"{facet}\t{value}".encode())], dtype=np.uint32)
    return int(hash_grams(_FACET, number, np.zeros(1, np.uint32))[0])


@dataclass(frozen=True, slots=True)
class UnitGrams:
    """`grams`: distinct (hash, class, block), rising, each as hash << 26 | class << 24 | block. `traditional`: blocks
    with texts that hold traditional characters."""

    grams: NDArray[np.uint64]
    traditional: frozenset[int]


def unit_grams(units: pl.DataFrame, block: NDArray[np.int64], facets: pl.DataFrame) -> UnitGrams:
    """The grams of all texts and facets of the units.

    `block` is each unit's, by number from 0 below 2**24. `facets` has the columns FACETS as values (String).
    """
    further = [name for name in units.columns if name.startswith("x")]
    numbered = units.with_columns(pl.Series("_block", block))
    texts = [_text_grams(numbered, name, MAIN) for name in MAIN_TEXTS]
    texts += [_text_grams(numbered, name, OTHER) for name in (*OTHER_TEXTS, *further)]
    texts.append(_code_grams(numbered))
    parts = [grams for grams, _ in texts]
    parts += [_facet_grams(facets[name].alias("value"), numbered["_block"], name) for name in FACETS]
    marked = distinct(np.concatenate([blocks for _, blocks in texts]))
    return UnitGrams(distinct(np.concatenate(parts)), frozenset(marked.tolist()))


def distinct(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Sorted, each once. (numpy's `unique` hashes first, which takes eight times as long for numbers like these.)"""
    ordered = np.sort(numbers)
    first = np.ones(ordered.size, dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def keyed(hashes: NDArray[np.uint32], kind: int, block: NDArray[np.int64]) -> NDArray[np.uint64]:
    """hash << 26 | class << 24 | block."""
    return (
        (hashes.astype(np.uint64) << np.uint64(BLOCK_BITS + CLASS_BITS))
        | np.uint64(kind << BLOCK_BITS)
        | block.astype(np.uint64)
    )


def _texts_of(numbered: pl.DataFrame, name: str) -> pl.DataFrame:
    """Distinct (block, text) of a column: within a block the same text needs to be cut but once."""
    return numbered.select("_block", pl.col(name).alias("text")).filter(pl.col("text") != "").unique()


def _text_grams(numbered: pl.DataFrame, name: str, kind: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The grams of a column, and the blocks in which it holds traditional characters."""
    cells = _texts_of(numbered, name)
    folded = fold_texts(cells["text"])
    codes, owner = folded.codes, folded.owner
    block = cells["_block"].to_numpy()
    marked = block[folded.simplified]
    if codes.size < 4:
        codes, owner = np.r_[codes, np.zeros(4, np.uint32)], np.r_[owner, -np.arange(1, 5)]
    together = owner[1:] == owner[:-1]
    pairs = keyed(hash_grams(_PAIR, codes[:-1], codes[1:])[together], kind, block[owner[:-1][together]])
    plain = _alphanumeric(codes)
    run = plain[:-3] & plain[1:-2] & plain[2:-1] & plain[3:] & (owner[:-3] == owner[3:])
    place = np.flatnonzero(run)
    fours = keyed(_hash_four(codes, place), kind, block[owner[place]])
    return distinct(np.concatenate([pairs, fours])), marked


def _hash_four(codes: NDArray[np.uint32], place: NDArray[np.int64]) -> NDArray[np.uint32]:
    left = codes[place] | codes[place + 1] << np.uint32(8)
    return hash_grams(_FOUR, left, codes[place + 2] | codes[place + 3] << np.uint32(8))


def _alphanumeric(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """0–9 and a–z: folding leaves no capitals."""
    return ((codes >= 48) & (codes <= 57)) | ((codes >= 97) & (codes <= 122))


def _code_grams(numbered: pl.DataFrame) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    cells = _texts_of(numbered, "c")
    folded = fold_texts(cells["text"])
    codes, owner = folded.codes, folded.owner
    block = cells["_block"].to_numpy()
    if codes.size < 3:
        return np.empty(0, dtype=np.uint64), block[folded.simplified]
    place = np.flatnonzero(owner[2:] == owner[:-2])
    hashes = hash_grams(_CODE, codes[place] | codes[place + 1] << np.uint32(8), codes[place + 2])
    return distinct(keyed(hashes, APART, block[owner[place]])), block[folded.simplified]


def _facet_grams(values: pl.Series, block: pl.Series, name: str) -> NDArray[np.uint64]:
    pairs = pl.DataFrame([values, block]).drop_nulls().unique()
    known = pairs["value"].unique().to_list()
    hashes = {value: hash_facet(name, value) for value in known}
    numbers = np.array([hashes[value] for value in pairs["value"].to_list()], dtype=np.uint32)
    return keyed(numbers, APART, pairs["_block"].to_numpy())

"""Numbers that stand for texts: the same in every process, on every machine, and in the script."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import Folded

_TEXT = np.uint32(0x299F31D0)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SOME = np.uint64(63)  # fingerprints without these bits are few, and the same ones on both sides


def mixed(seed: np.uint32, left: NDArray[np.uint32], right: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """32-bit hashes of pairs of numbers: multiply and shift, as murmur3's finaliser does. The script has the same."""
    with np.errstate(over="ignore"):
        out = (left * np.uint32(0x9E3779B1)) ^ (right * np.uint32(0x85EBCA77)) ^ seed
        out ^= out >> np.uint32(16)
        out *= np.uint32(0x85EBCA6B)
        out ^= out >> np.uint32(13)
        out *= np.uint32(0xC2B2AE35)
        out ^= out >> np.uint32(16)
    return out


def text_hashes(texts: Folded, count: int) -> NDArray[np.uint32]:
    """Of each of `count` texts the sum of the hashes of its code points with their places, mixed; 0 for none."""
    starts = texts.starts
    sums = np.zeros(count, dtype=np.uint32)
    if starts.size:
        begin = np.repeat(starts.astype(np.uint32), np.diff(np.r_[starts, texts.codes.size]))
        parts = mixed(_TEXT, texts.codes, np.arange(texts.codes.size, dtype=np.uint32) - begin)
        with np.errstate(over="ignore"):
            sums[texts.owner[starts]] = np.add.reduceat(parts, starts, dtype=np.uint32)
    return mixed(_TEXT, sums, np.zeros_like(sums))


def column_hashes(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The same of texts that are as long as `codes` has columns, or shorter: then 0 stands for what is not there."""
    sums = np.zeros(codes.shape[0], dtype=np.uint32)
    for place in range(codes.shape[1]):
        column = np.ascontiguousarray(codes[:, place])
        part = mixed(_TEXT, column, np.full(1, place, dtype=np.uint32))
        part[column == 0] = 0
        with np.errstate(over="ignore"):
            sums += part
    return mixed(_TEXT, sums, np.zeros(1, dtype=np.uint32))


def code_hashes(codes: pl.Series) -> NDArray[np.uint64]:
    """64 bits of each ASCII text, all of one length or padded with NUL to that of the longest."""
    width: int = codes.to_frame().select(pl.first().str.len_bytes().max()).item() or 0
    padded = codes.str.pad_end(width, "\0").str.join("").item() if codes.len() else ""
    letters = np.frombuffer(padded.encode("latin-1", "replace"), dtype=np.uint8).reshape(codes.len(), width)
    weights = spread(np.arange(1, width + 1, dtype=np.uint64)) | np.uint64(1)
    sums = np.zeros(codes.len(), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for at in range(width):
            sums += letters[:, at].astype(np.uint64) * weights[at]
    return spread(sums)


def spread(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers stirred, so that neighbours lie apart (Fibonacci hashing, then a shift)."""
    with np.errstate(over="ignore"):
        out = numbers * _GOLDEN
        out ^= out >> np.uint64(29)
        out *= _GOLDEN
    return out


def where_in(prints: NDArray[np.uint64], among: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Of each fingerprint a place of its own `among` others, -1 if it is none of them, or if all places of the same are
    others' by then. Fast where most of both stand in the same order; only what is left of them is looked up. Where one
    of those stands there more than once, all are taken for none."""
    out = _in_step(prints, among)
    taken = np.zeros(among.size, dtype=np.bool_)
    taken[out[out >= 0]] = True
    rest, left = np.flatnonzero(out < 0), np.flatnonzero(~taken)
    found = _looked_up(prints[rest], among[left])
    if found is None:
        return np.full(prints.size, -1, dtype=np.int64)
    out[rest[found >= 0]] = left[found[found >= 0]]
    return out


def _in_step(prints: NDArray[np.uint64], among: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Places of those that stand as far behind the last one that is known as there: one of some sixty is looked up."""
    out = np.full(prints.size, -1, dtype=np.int64)
    if not prints.size or not among.size:
        return out
    own, other = (np.flatnonzero(every & _SOME == 0) for every in (prints, among))
    found = _looked_up(prints[own], among[other])
    if found is None:
        return out
    own, there = own[found >= 0], other[found[found >= 0]]
    rising = there > np.r_[-1, np.maximum.accumulate(there)[:-1]] if there.size else there > 0
    begins, places = np.r_[0, own[rising]], np.r_[0, there[rising]]
    sizes = np.diff(np.r_[begins, prints.size])
    at = np.arange(prints.size) + np.repeat(places - begins, sizes)
    inside = at < np.repeat(np.r_[places[1:], among.size], sizes)
    inside[inside] = among[at[inside]] == prints[inside]
    out[inside] = at[inside]
    return out


def _looked_up(prints: NDArray[np.uint64], among: NDArray[np.uint64]) -> NDArray[np.int64] | None:
    """Of each its place, -1 if it has none; None where one has two, or two have one."""
    places = pl.DataFrame({"print": among}).with_row_index("place")
    found = pl.DataFrame({"print": prints}).join(places, on="print", how="left", maintain_order="left")["place"]
    if found.len() != prints.size or found.drop_nulls().is_duplicated().any():
        return None
    return found.cast(pl.Int64).fill_null(-1).to_numpy()

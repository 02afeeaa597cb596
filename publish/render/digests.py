"""Hashes by which what pages are made from is told apart. Of other inputs they are different, but for one in 2**64."""

import hashlib

import numpy as np
import polars as pl


def digest_of(*parts: object) -> int:
    """64 bits of what `repr` tells of the parts."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest())


def row_digests(frame: pl.DataFrame, *context: object) -> pl.Series:
    """A hash (UInt64) of each row, its columns' names and `context`."""
    return frame.hash_rows(seed=digest_of(frame.schema, *context))


def group_digests(digests: pl.Series, counts: pl.Series) -> pl.Series:
    """A hash (UInt64) of so many of `digests` (UInt64) each, in their order; no group is empty.

    It is the sum of hashes of each with its place: as good as a hash of all, and made in columns.
    """
    sizes = counts.to_numpy().astype(np.int64)
    begins = np.cumsum(sizes) - sizes
    places = np.arange(len(digests)) - np.repeat(begins, sizes)
    placed = pl.DataFrame({"digest": digests, "place": places}).hash_rows(seed=digest_of("place")).to_numpy()
    return pl.Series(np.add.reduceat(placed, begins) if len(begins) else np.zeros(0, np.uint64))

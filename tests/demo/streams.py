"""Random numbers that come out the same everywhere: one PCG64 stream for each name.

Only `Generator.random` is drawn from; all else is arithmetic on it, because NumPy keeps the bit stream of PCG64 between
versions but not the algorithms of its other distributions (NEP 19). A stream of its own for each name means that a
new column does not change the columns before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Streams:
    """The named streams of one seed; the same name gives the same numbers, and a prefix of a longer draw."""

    seed: int

    def uniform(self, name: str, size: int) -> Floats:
        """`size` numbers in [0, 1)."""
        state = np.random.SeedSequence([self.seed, crc32(name.encode())])
        return np.random.Generator(np.random.PCG64(state)).random(size)

    def below(self, name: str, size: int, bound: int | Ints) -> Ints:
        """`size` integers in [0, bound); `bound` may differ by element."""
        return np.floor(self.uniform(name, size) * bound).astype(np.int64)

    def weighted(self, name: str, size: int, weights: Sequence[float]) -> Ints:
        """`size` indices into `weights`, each as likely as its weight."""
        return weighted(self.uniform(name, size), weights)

    def chance(self, name: str, size: int, probability: float) -> Bools:
        """`size` booleans, true with the given probability."""
        return self.uniform(name, size) < probability

    def shuffled(self, name: str, size: int) -> Ints:
        """The integers below `size` in random order."""
        return np.argsort(self.uniform(name, size), kind="stable")


def weighted(uniform: Floats, weights: Sequence[float]) -> Ints:
    """Turn uniform numbers into indices of `weights`."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(bounds[:-1] / bounds[-1], uniform, side="right").astype(np.int64)


def gather(words: Sequence[str | None], index: Ints) -> pl.Series:
    """The words at `index`, as a String column."""
    return pl.Series(words, dtype=pl.String).gather(pl.Series(index, dtype=pl.UInt32))

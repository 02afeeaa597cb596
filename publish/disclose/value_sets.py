"""Private values as sets of hashes: all of them, those that are new since the last release, and those that go over the
edge of a cell. From cells on their way, in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.private_values import JOINTS
from publish.model.sieve import Sieve

BATCH = 4_000_000  # values of one sieve, about 100 MB


@dataclass(frozen=True, slots=True)
class Cells:
    """Spellings of values of one field."""

    owner: int
    values: pl.Series


class Fresh:
    """Collects the values whose hashes are not known. Where those are very many, as under another secret, it is as if
    nothing were known: they would be kept in memory, all together."""

    def __init__(self, known: NDArray[np.uint64] | None, key: bytes) -> None:
        self._known = known
        self._key = key
        self._cells: list[Cells] = []
        self._size = 0

    def shown(self, cells: Sequence[Cells]) -> Sieve:
        """The sieve of these values, which are looked at on the way."""
        sieve, keys = _sieve(cells, self._key)
        begin = 0
        for entry in cells:
            end = begin + len(entry.values)
            if self._known is not None:
                self._add(Cells(entry.owner, entry.values.filter(~is_in_rising(keys[begin:end], self._known))))
            begin = end
        return sieve

    def _add(self, new: Cells) -> None:
        self._cells.append(new)
        self._size += len(new.values)
        if self._size > BATCH:
            self._known, self._cells = None, []

    def among(self, sieves: Sequence[Sieve]) -> Sieve | None:
        """Those that are in one of these sets, which all have been shown; None where nothing is known."""
        return None if self._known is None else _among(self._cells, sieves, self._key)[0]


class Joined:
    """Collects the values that have in them what data files put between cells. Very many are not kept."""

    def __init__(self) -> None:
        self._cells: list[Cells] = []
        self._size = 0

    def seen(self, cells: Iterable[Cells]) -> Iterator[Cells]:
        """The same."""
        for entry in cells:
            values = entry.values
            chosen = values.filter(values.str.contains_any(sorted(JOINTS)))
            self._size += len(chosen)
            if len(chosen) and self._size <= BATCH:
                self._cells.append(Cells(entry.owner, chosen))
            yield entry

    def among(self, sieves: Sequence[Sieve], key: bytes) -> tuple[Sieve | None, frozenset[str]]:
        """Those that are in one of the sets, and the marks that they have in them; None: they are too many."""
        if self._size > BATCH:
            return None, JOINTS
        sieve, values = _among(self._cells, sieves, key)
        return sieve, frozenset(one for one in JOINTS if values.str.contains(one, literal=True).any())


def _among(cells: Sequence[Cells], sieves: Sequence[Sieve], key: bytes) -> tuple[Sieve, pl.Series]:
    """Those of the values that are in one of the sets."""
    every, keys = _sieve(cells, key)
    values = pl.concat([pl.Series("value", [], dtype=pl.String), *(entry.values.alias("value") for entry in cells)])
    return every.without(np.flatnonzero(~_are_in(every.keys, sieves))), values.filter(_are_in(keys, sieves))


def _are_in(keys: NDArray[np.uint64], sieves: Sequence[Sieve]) -> NDArray[np.bool_]:
    held = [is_in_rising(keys, sieve.keys) for sieve in sieves]
    found: NDArray[np.bool_] = np.any([np.zeros(len(keys), np.bool_), *held], axis=0)
    return found


def batches_of(cells: Iterable[Cells], fresh: Fresh) -> Iterator[Sieve]:
    """Sieves of about BATCH values, so that their making takes bounded memory. All are shown to `fresh`."""
    waiting: list[Cells] = []
    size = 0
    for entry in cells:
        for begin in range(0, len(entry.values), BATCH):
            part = entry.values.slice(begin, BATCH)
            if waiting and size + len(part) > BATCH:
                yield fresh.shown(waiting)
                waiting, size = [], 0
            waiting.append(Cells(entry.owner, part))
            size += len(part)
    if waiting:
        yield fresh.shown(waiting)


def is_in_rising(wanted: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which are among rising numbers."""
    at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    return known[at] == wanted if len(known) else np.zeros(len(wanted), np.bool_)


def _sieve(cells: Sequence[Cells], key: bytes) -> tuple[Sieve, NDArray[np.uint64]]:
    """The set of these values, and the hash of each in their order."""
    none = pl.Series(dtype=pl.String)
    owners = np.concatenate([np.zeros(0, np.uint16), *(np.full(len(e.values), e.owner, np.uint16) for e in cells)])
    return Sieve.keyed(pl.concat([none, *(entry.values.alias("") for entry in cells)]), owners, key)

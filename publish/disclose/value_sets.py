"""Private values as sets of hashes: all of them, those that are new since the last release, and those that go over the
edge of a cell. From cells on their way, in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.distinct import places_in_turn
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
        sieve, keys = sieve_of(cells, self._key)
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

    def among(self, sieves: Sequence[Sieve]) -> tuple[Sieve, ...] | None:
        """A set of those that are in one of these sets, which all have been shown; None where nothing is known."""
        if self._known is None:
            return None
        every, _ = sieve_of(self._cells, self._key)
        return (every.without(np.flatnonzero(~are_in(every.keys, sieves))),)


@dataclass(frozen=True, slots=True)
class JoinedValues:
    """Values that have in them what data files put between cells, and by id, as bits, which of JOINTS (sorted)."""

    sieve: Sieve
    marks: NDArray[np.uint8]

    @staticmethod
    def of(cells: Sequence[Cells], key: bytes) -> "JoinedValues":
        """Those of these values."""
        chosen = [Cells(entry.owner, entry.values.filter(joined(entry.values))) for entry in cells]
        sieve, keys = sieve_of(chosen, key)
        return JoinedValues(sieve, _marks(chosen, keys, sieve))

    def with_more(self, cells: Sequence[Cells], key: bytes) -> "JoinedValues":
        """And those of these."""
        chosen = [Cells(entry.owner, entry.values.filter(joined(entry.values))) for entry in cells]
        if not any(len(entry.values) for entry in chosen):
            return self
        small, keys = sieve_of(chosen, key)
        sieve = self.sieve.with_more(values_of(chosen), owners_of(chosen))
        marks = np.zeros(len(sieve), np.uint8)
        marks[np.searchsorted(sieve.keys, self.sieve.keys)] = self.marks
        marks[np.searchsorted(sieve.keys, small.keys)] = _marks(chosen, keys, small)
        return JoinedValues(sieve, marks)

    def among(self, sieves: Sequence[Sieve]) -> tuple[Sieve, frozenset[str]]:
        """Those that are in one of these sets, and the marks that they have in them."""
        there = are_in(self.sieve.keys, sieves)
        bits = int(np.bitwise_or.reduce(self.marks[there])) if there.any() else 0
        return self.sieve.without(np.flatnonzero(~there)), frozenset(
            one for at, one in enumerate(sorted(JOINTS)) if bits >> at & 1
        )


def joined(values: pl.Series) -> pl.Series:
    """Whether values have in them what data files put between cells."""
    return values.str.contains_any(sorted(JOINTS))


def _marks(cells: Sequence[Cells], keys: NDArray[np.uint64], sieve: Sieve) -> NDArray[np.uint8]:
    values, bits = values_of(cells), np.zeros(len(keys), np.uint8)
    for at, one in enumerate(sorted(JOINTS)):
        bits |= values.str.contains(one, literal=True).to_numpy().astype(np.uint8) << np.uint8(at)
    marks = np.zeros(len(sieve), np.uint8)
    marks[np.searchsorted(sieve.keys, keys)] = bits
    return marks


class Joined:
    """Collects the values that have in them what data files put between cells. Very many are not kept."""

    def __init__(self) -> None:
        self._cells: list[Cells] = []
        self._size = 0

    def seen(self, cells: Iterable[Cells]) -> Iterator[Cells]:
        """The same."""
        for entry in cells:
            chosen = entry.values.filter(joined(entry.values))
            self._size += len(chosen)
            if len(chosen) and self._size <= BATCH:
                self._cells.append(Cells(entry.owner, chosen))
            yield entry

    def values(self, key: bytes) -> JoinedValues | None:
        """All of them; None: they are too many."""
        return JoinedValues.of(self._cells, key) if self._size <= BATCH else None


def are_in(keys: NDArray[np.uint64], sieves: Sequence[Sieve]) -> NDArray[np.bool_]:
    """Which of these hashes one of the sets has."""
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
    return places_in_turn(wanted, known) >= 0


def sieve_of(cells: Sequence[Cells], key: bytes) -> tuple[Sieve, NDArray[np.uint64]]:
    """The set of these values, and the hash of each in their order."""
    return Sieve.keyed(values_of(cells), owners_of(cells), key)


def owners_of(cells: Sequence[Cells]) -> NDArray[np.uint16]:
    """The owner of each value."""
    return np.concatenate([np.zeros(0, np.uint16), *(np.full(len(e.values), e.owner, np.uint16) for e in cells)])


def values_of(cells: Sequence[Cells]) -> pl.Series:
    """The values in their order."""
    return pl.concat([pl.Series("", [], dtype=pl.String), *(entry.values.alias("") for entry in cells)])

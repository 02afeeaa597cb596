"""Pairs of grams and blocks: hash << 32 | a block's number, rising, each once. They lie in files, mapped, and are gone
through some at a time: what is made of all of them at once would be memory that is new to the machine, and dear."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.uint64]
PREFIX = 16  # bits of a hash by which it is told which lists have changed
_LOW = np.uint64(0xFFFFFFFF)
_RANGES = 16  # of hashes of new pairs
_SLICES = 64  # ranges of hashes that are gone through one after the other


def pairs_file(run: int) -> str:
    """The name of the file of a run's pairs."""
    return f"pairs-{run}.bin"


def slices(pairs: Pairs) -> Iterator[Pairs]:
    """Some grams at a time, always by the same ranges of hashes."""
    edges = np.arange(1, _SLICES, dtype=np.uint64) * np.uint64(2**64 // _SLICES)
    yield from np.split(pairs, np.searchsorted(pairs, edges))


def store_pairs(parts: Iterable[Pairs], path: Path) -> Pairs:
    """Pairs in a file, mapped. Raises OSError where there is no room for all."""
    write_pairs(parts, path)
    return map_pairs(path)


def write_pairs(parts: Iterable[Pairs], path: Path) -> None:
    """The same, not mapped. (`tofile` says nothing when there is no room for its last bytes.)"""
    with path.open("wb") as file:
        for part in parts:
            file.write(np.ascontiguousarray(part).data)


def map_pairs(path: Path) -> Pairs:
    """What is in such a file. Raises OSError if there is none, ValueError if it has been cut short."""
    return np.asarray(np.memmap(path, np.uint64, "r")) if path.stat().st_size else np.empty(0, np.uint64)


def remembered_pairs(path: Path | None, touched: NDArray[np.int64] | None) -> tuple[Pairs, Pairs]:
    """The pairs that are remembered, mapped: all, and those of blocks that have been touched."""
    if path is None or touched is None:
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    old = map_pairs(path)
    changed = np.zeros(int(touched.max(initial=0)) + 1, np.bool_)
    changed[touched] = True
    # What is made of some at a time stays in memory that is at hand; all at once would be new to the machine.
    return old, np.concatenate([np.empty(0, np.uint64), *(one[_among(one, changed)] for one in slices(old))])


def _among(pairs: Pairs, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pairs are of blocks that have changed."""
    blocks = (pairs & _LOW).astype(np.int64)
    return changed.take(np.minimum(blocks, changed.size - 1)) & (blocks < changed.size)


def updated(whole: Pairs, differ: Pairs, new: Pairs) -> Iterator[Pairs]:
    """All pairs of a run, some at a time: those of the last night, without those of `differ` that are not `new`, and
    with those that are. All rise, and each is there once."""
    come = np.searchsorted(new, differ, side="right") > np.searchsorted(new, differ)
    for old, gone, more in zip(slices(whole), slices(differ[~come]), slices(differ[come]), strict=True):
        rest = np.delete(old, np.searchsorted(old, gone)) if gone.size else old
        yield np.insert(rest, np.searchsorted(rest, more), more) if more.size else rest


def prefixes_of(pairs: Pairs) -> NDArray[np.uint64]:
    """The first PREFIX bits of their hashes, each once. The pairs rise."""
    every = np.arange(1 << PREFIX, dtype=np.uint64)
    edges = np.r_[np.searchsorted(pairs, every << np.uint64(64 - PREFIX)), pairs.size]
    some: Pairs = every[edges[1:] > edges[:-1]]
    return some


def new_pairs(
    mine: NDArray[np.bool_],
    touched: NDArray[np.int64] | None,
    grams: Sequence[tuple[NDArray[np.int64], Path]],
    ids: NDArray[np.int64],
) -> Iterator[Pairs]:
    """The pairs of blocks of a run that have been made, some at a time."""
    wanted = mine if touched is None else mine & np.isin(ids, touched)
    # A range of hashes at a time: all pairs at once would be many times as large as what is left of them.
    lows = np.arange(_RANGES, dtype=np.uint64) * np.uint64(2**64 // _RANGES)
    files = [(places, path, _edges(path, lows)) for places, path in grams]
    for number in range(_RANGES):
        some = [np.empty(0, np.uint64)]
        for places, path, edges in files:
            first, last = edges[number], edges[number + 1]
            found = np.fromfile(path, dtype=np.uint64, count=last - first, offset=8 * first)
            block = places[(found & _LOW).astype(np.int64)]
            kept = wanted[block]
            some.append((found[kept] & ~_LOW) | ids[block[kept]].astype(np.uint64))
        yield _steps(_merged(*some))


def _edges(path: Path, lows: Pairs) -> list[int]:
    """Where in a file of rising numbers those begin that are not below each of `lows`; and the end."""
    size = path.stat().st_size // 8
    if not size:
        return [0] * (lows.size + 1)
    return [*np.searchsorted(np.memmap(path, dtype=np.uint64, mode="r"), lows).tolist(), size]


def _merged(*runs: Pairs) -> Pairs:
    """Rising sequences as one. Timsort finds where each begins and only merges them."""
    out = np.concatenate(runs)
    out.sort(kind="stable")
    return out


def _steps(numbers: Pairs) -> Pairs:
    """Each of rising numbers once."""
    return numbers[np.flatnonzero(np.r_[np.ones(min(1, numbers.size), np.bool_), numbers[1:] != numbers[:-1]])]


def in_one(one: Pairs, other: Pairs) -> Pairs:
    """What is in one of two rising sequences and not in both; in neither it stands twice."""
    both = _merged(one, other)
    differ = np.ones(both.size + 1, dtype=np.bool_)
    differ[1:-1] = both[1:] != both[:-1]
    return both[np.flatnonzero(differ[1:] & differ[:-1])]

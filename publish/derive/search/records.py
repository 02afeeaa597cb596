"""Blocks of records and sections: which are new, their files and grams, and the pairs of grams and blocks by run."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.blocks import BlockTask, make_blocks
from publish.derive.search.files import Files, block_prints
from publish.derive.search.memory import Remembered
from publish.derive.search.packing import Packed
from publish.derive.search.partition import LASTING, PASSING, SECTIONS, Blocks
from publish.derive.search.tables import row_prints
from publish.derive.search.units import Units

RUNS = (PASSING, LASTING)
_BATCH = 16_000  # rows of a task
PREFIX = 16  # bits of a hash by which it is told which lists have changed
_RANGES = 16
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one sort and their blocks, with a fingerprint of each block."""

    units: Units
    blocks: Blocks
    prints: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """All blocks of all groups in one sequence: their files' `names`, NAME_BYTES each, and their `prints`; of each the
    `run`, `period`, `slot` and `newest` day as Blocks has them, and `rows`. `pairs` of each run: hash << 32 | block;
    `touched`: the first PREFIX bits of hashes of the lasting pairs that have come or gone since the last build."""

    names: Sequence[bytes]
    prints: Sequence[bytes]
    run: NDArray[np.int64]
    period: NDArray[np.int64]
    slot: NDArray[np.int64]
    newest: NDArray[np.int64]
    ids: NDArray[np.int64]
    rows: NDArray[np.int64]
    pairs: Sequence[NDArray[np.uint64]]
    touched: NDArray[np.uint64]


def group_of(kind: str, units: Units, blocks: Blocks) -> Group:
    """Units with fingerprints of their blocks."""
    columns = " ".join(units.frame.columns)
    rows = row_prints(units.frame)[blocks.order]
    return Group(units, blocks, block_prints(f"{kind} {columns}", rows, blocks.starts.tolist()))


@dataclass(frozen=True, slots=True)
class Pending:
    """Blocks that workers are making. `work`: places of blocks among all, the file of their grams, what comes back."""

    blocks: Sequence[Blocks]
    prints: Sequence[bytes]
    names: list[bytes | None]
    touched: Sequence[NDArray[np.int64] | None]
    work: Sequence[tuple[NDArray[np.int64], Path, Future[tuple[Packed, ...]]]]

    def whole(self, name: str) -> NDArray[np.int64]:
        """A column of all groups' blocks."""
        return np.concatenate([np.empty(0, np.int64), *(getattr(blocks, name) for blocks in self.blocks)])


def start_records(
    groups: Sequence[Group], files: Files, remembered: Remembered, executor: Executor, folder: Path
) -> Pending:
    """Have workers pack what is new and find its grams."""
    prints = [one for group in groups for one in group.prints]
    every = [group.blocks for group in groups]
    pending = Pending(every, prints, [], [], [])
    run, ids = pending.whole("run"), pending.whole("ids")
    touched = [_touched(one, run, ids, prints, remembered) for one in RUNS]
    stale = _stale(run, ids, prints, touched, files)
    names = [None if old else files.keep(one) for old, one in zip(stale, prints, strict=True)]
    work: list[tuple[NDArray[np.int64], Path, Future[tuple[Packed, ...]]]] = []
    periods = pending.whole("period")
    for places, rows in _batches(groups, stale):
        path = folder / f"blocks-{len(work)}.arrow"
        rows.write_ipc(path)
        task = BlockTask(path, places.size, path.with_suffix(".grams"), bool(periods[places[0]] == SECTIONS))
        work.append((places, path.with_suffix(".grams"), executor.submit(make_blocks, task)))
    return Pending(every, prints, names, touched, work)


def finish_records(pending: Pending, files: Files, remembered: Remembered) -> Made:
    """All blocks, and the pairs of grams and blocks brought up to date."""
    old = [
        _remembered_pairs(remembered.pairs[one], touched) for one, touched in zip(RUNS, pending.touched, strict=True)
    ]
    for places, _, future in pending.work:
        for place, packed in zip(places.tolist(), future.result(), strict=True):
            pending.names[place] = files.put_packed(packed, pending.prints[place])
    run, ids = pending.whole("run"), pending.whole("ids")
    rows = np.concatenate([np.empty(0, np.int64), *(np.diff(blocks.starts) for blocks in pending.blocks)])
    grams = [(places, path) for places, path, _ in pending.work]
    pairs = []
    for one, touched in zip(RUNS, pending.touched, strict=True):
        new = _new_pairs(run == one, touched, grams, ids)
        whole, gone = old[one]
        differ = _in_one(new, gone)  # most pairs of a block that has changed are as they were
        pairs.append(new if touched is None else _updated(whole, differ, new))
        if one == LASTING:
            touched_prefixes = _prefixes(differ)
    period, slot, newest = (pending.whole(name) for name in ("period", "slot", "newest"))
    names = [name or b"" for name in pending.names]
    return Made(names, pending.prints, run, period, slot, newest, ids, rows, pairs, touched_prefixes)


def _touched(
    run: int,
    runs: NDArray[np.int64],
    ids: NDArray[np.int64],
    prints: Sequence[bytes],
    remembered: Remembered,
) -> NDArray[np.int64] | None:
    """Numbers of blocks of a run that are not as they were; None: nothing is remembered."""
    if remembered.pairs[run] is None:
        return None
    old = set(zip(remembered.prints[run], remembered.ids[run].tolist(), strict=True))
    mine = np.flatnonzero(runs == run).tolist()
    new = {(prints[place], int(ids[place])) for place in mine}
    return np.array(sorted({number for _, number in old ^ new}), dtype=np.int64)


def _stale(
    runs: NDArray[np.int64],
    ids: NDArray[np.int64],
    prints: Sequence[bytes],
    touched: Sequence[NDArray[np.int64] | None],
    files: Files,
) -> NDArray[np.bool_]:
    """Blocks that must be made: those whose file is not there, and all whose number has been touched."""
    out = np.array([one not in files.remembered.names for one in prints], dtype=np.bool_)
    for run, numbers in zip(RUNS, touched, strict=True):
        out |= (runs == run) & (True if numbers is None else np.isin(ids, numbers))
    return out


def _batches(groups: Sequence[Group], stale: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], pl.DataFrame]]:
    """Blocks to make, by some thousands of rows: their places among all blocks, and their rows."""
    before = 0
    for group in groups:
        sizes = np.diff(group.blocks.starts)
        mine = np.flatnonzero(stale[before : before + sizes.size])
        batch = np.cumsum(sizes[mine]) // _BATCH
        for number in np.unique(batch).tolist():
            chosen = mine[batch == number]
            picked = [
                group.blocks.order[group.blocks.starts[at] : group.blocks.starts[at + 1]] for at in chosen.tolist()
            ]
            block = np.repeat(np.arange(chosen.size, dtype=np.uint32), sizes[chosen])
            yield before + chosen, group.units.frame[np.concatenate(picked)].with_columns(pl.Series("_block", block))
        before += sizes.size


def _remembered_pairs(
    path: Path | None, touched: NDArray[np.int64] | None
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The pairs that are remembered, mapped: all, and those of blocks that have been touched."""
    if path is None or touched is None:
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    old = np.load(path, mmap_mode="r")
    blocks = old.view(np.uint32)[int(sys.byteorder == "big") :: 2]
    changed = np.zeros(int(max(touched.max(initial=0), blocks.max(initial=0))) + 1, np.bool_)
    changed[touched] = True
    return old, old[changed[blocks]]


def _updated(whole: NDArray[np.uint64], differ: NDArray[np.uint64], new: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """All pairs of a run: those of the last night, without those of `differ` that are not `new`, and with those that
    are. All rise, and each is there once."""
    come = np.searchsorted(new, differ, side="right") > np.searchsorted(new, differ)
    kept = np.ones(whole.size, dtype=np.bool_)
    kept[np.searchsorted(whole, differ[~come])] = False
    rest = whole[kept]
    return np.insert(rest, np.searchsorted(rest, differ[come]), differ[come])


def _prefixes(pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The first PREFIX bits of their hashes, each once. The pairs rise."""
    every = np.arange(1 << PREFIX, dtype=np.uint64)
    edges = np.r_[np.searchsorted(pairs, every << np.uint64(64 - PREFIX)), pairs.size]
    some: NDArray[np.uint64] = every[edges[1:] > edges[:-1]]
    return some


def _new_pairs(
    mine: NDArray[np.bool_],
    touched: NDArray[np.int64] | None,
    grams: Sequence[tuple[NDArray[np.int64], Path]],
    ids: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """The pairs of blocks of a run that have been made, rising."""
    wanted = mine if touched is None else mine & np.isin(ids, touched)
    # A range of hashes at a time: all pairs at once would be many times as large as what is left of them.
    lows = np.arange(_RANGES, dtype=np.uint64) * np.uint64(2**64 // _RANGES)
    files = [(places, path, _edges(path, lows)) for places, path in grams]
    parts = []
    for number in range(_RANGES):
        some = [np.empty(0, np.uint64)]
        for places, path, edges in files:
            first, last = edges[number], edges[number + 1]
            found = np.fromfile(path, dtype=np.uint64, count=last - first, offset=8 * first)
            block = places[(found & _LOW).astype(np.int64)]
            kept = wanted[block]
            some.append((found[kept] & ~_LOW) | ids[block[kept]].astype(np.uint64))
        parts.append(_steps(_merged(*some)))
    return joined(parts)


def _edges(path: Path, lows: NDArray[np.uint64]) -> list[int]:
    """Where in a file of rising numbers those begin that are not below each of `lows`; and the end."""
    size = path.stat().st_size // 8
    if not size:
        return [0] * (lows.size + 1)
    return [*np.searchsorted(np.memmap(path, dtype=np.uint64, mode="r"), lows).tolist(), size]


def joined(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Arrays as one; each is let go as soon as it has been copied."""
    out = np.empty(sum(part.size for part in parts), dtype=np.uint64)
    at = 0
    while parts:
        part = parts.pop(0)
        out[at : at + part.size] = part
        at += part.size
    return out


def _merged(*runs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Rising sequences as one. Timsort finds where each begins and only merges them."""
    out = np.concatenate(runs)
    out.sort(kind="stable")
    return out


def _steps(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each of rising numbers once."""
    return numbers[np.flatnonzero(np.r_[np.ones(min(1, numbers.size), np.bool_), numbers[1:] != numbers[:-1]])]


def _in_one(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """What is in one of two rising sequences and not in both; in neither it stands twice."""
    both = _merged(one, other)
    differ = np.ones(both.size + 1, dtype=np.bool_)
    differ[1:-1] = both[1:] != both[:-1]
    return both[np.flatnonzero(differ[1:] & differ[:-1])]

"""Blocks of records and sections: which are new, their files and grams, and the pairs of grams and blocks by run."""

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
from publish.derive.search.pairs import (
    Pairs,
    in_one,
    new_pairs,
    pairs_file,
    prefixes_of,
    remembered_pairs,
    store_pairs,
    updated,
)
from publish.derive.search.partition import LASTING, PASSING, SECTIONS, Blocks
from publish.derive.search.units import Units

RUNS = (PASSING, LASTING)
_BATCH = 16_000  # rows of a task


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
    `touched`: the first PREFIX bits of hashes of the lasting pairs that have come or gone since the last build, if
    anything is remembered of that."""

    names: Sequence[bytes]
    prints: Sequence[bytes]
    run: NDArray[np.int64]
    period: NDArray[np.int64]
    slot: NDArray[np.int64]
    newest: NDArray[np.int64]
    ids: NDArray[np.int64]
    rows: NDArray[np.int64]
    pairs: Sequence[Pairs]
    touched: NDArray[np.uint64]


def group_of(kind: str, units: Units, blocks: Blocks, prints: NDArray[np.uint64]) -> Group:
    """Units with fingerprints of their blocks, from those of their rows."""
    columns = " ".join(units.frame.columns)
    return Group(units, blocks, block_prints(f"{kind} {columns}", prints[blocks.order], blocks.starts.tolist()))


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


def finish_records(pending: Pending, files: Files, remembered: Remembered, folder: Path) -> Made:
    """All blocks, and the pairs of grams and blocks brought up to date, in files of `folder`."""
    old = [remembered_pairs(remembered.pairs[one], changed) for one, changed in zip(RUNS, pending.touched, strict=True)]
    for places, _, future in pending.work:
        for place, packed in zip(places.tolist(), future.result(), strict=True):
            pending.names[place] = files.put_packed(packed, pending.prints[place])
    run, ids = pending.whole("run"), pending.whole("ids")
    rows = np.concatenate([np.empty(0, np.int64), *(np.diff(blocks.starts) for blocks in pending.blocks)])
    grams = [(places, path) for places, path, _ in pending.work]
    pairs, prefixes = [], np.empty(0, np.uint64)
    for one, touched in zip(RUNS, pending.touched, strict=True):
        new = new_pairs(run == one, touched, grams, ids)
        if touched is not None:
            whole, gone = old[one]
            made = np.concatenate(list(new))
            differ = in_one(made, gone)  # most pairs of a block that has changed are as they were
            new = updated(whole, differ, made)
            if one == LASTING:
                prefixes = prefixes_of(differ)
        pairs.append(store_pairs(new, folder / pairs_file(one)))
    period, slot, newest = (pending.whole(name) for name in ("period", "slot", "newest"))
    names = [name or b"" for name in pending.names]
    return Made(names, pending.prints, run, period, slot, newest, ids, rows, pairs, prefixes)


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

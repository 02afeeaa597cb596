"""Blocks of records and sections: which are new, their files and grams, and the pairs of grams and blocks of each run."""

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
from publish.derive.search.packing import NAME_BYTES, Packed
from publish.derive.search.partition import LASTING, PASSING, Blocks
from publish.derive.search.tables import row_prints
from publish.derive.search.units import Units

RUNS = (PASSING, LASTING)
_BATCH = 40_000  # rows of a task


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one sort and their blocks, with a fingerprint of each block."""

    units: Units
    blocks: Blocks
    prints: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """All blocks of all groups in one sequence: their files' `names`, NAME_BYTES each, and their `prints`; of each the
    `run`, `period`, `slot` and `newest` day as Blocks has them, and `rows`. `pairs` of each run: hash << 32 | block."""

    names: Sequence[bytes]
    prints: Sequence[bytes]
    run: NDArray[np.int64]
    period: NDArray[np.int64]
    slot: NDArray[np.int64]
    newest: NDArray[np.int64]
    ids: NDArray[np.int64]
    rows: NDArray[np.int64]
    pairs: Sequence[NDArray[np.uint64]]


def group_of(kind: str, units: Units, blocks: Blocks) -> Group:
    """Units with fingerprints of their blocks."""
    columns = " ".join(units.frame.columns)
    rows = row_prints(units.frame)[blocks.order]
    return Group(units, blocks, block_prints(f"{kind} {columns}", rows, blocks.starts.tolist()))


def make_records(
    groups: Sequence[Group], files: Files, remembered: Remembered, executor: Executor, folder: Path
) -> Made:
    """Pack what is new, and bring the pairs up to date. What is remembered is read, the rest computed by workers."""
    whole = {name: _joined(groups, name) for name in ("run", "period", "slot", "newest", "ids")}
    prints = [one for group in groups for one in group.prints]
    rows = np.concatenate([np.empty(0, np.int64), *(np.diff(group.blocks.starts) for group in groups)])
    touched = [_touched(run, whole["run"], whole["ids"], prints, remembered) for run in RUNS]
    stale = _stale(whole["run"], whole["ids"], prints, touched, files)
    names, grams = _pack(groups, stale, files, prints, executor, folder)
    pairs = [_pairs(run, touched[run], grams, whole["run"], whole["ids"], remembered) for run in RUNS]
    return Made(names, prints, *whole.values(), rows, pairs)


def _joined(groups: Sequence[Group], name: str) -> NDArray[np.int64]:
    return np.concatenate([np.empty(0, np.int64), *(getattr(group.blocks, name) for group in groups)])


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


def _pack(
    groups: Sequence[Group],
    stale: NDArray[np.bool_],
    files: Files,
    prints: Sequence[bytes],
    executor: Executor,
    folder: Path,
) -> tuple[list[bytes], list[tuple[NDArray[np.int64], Path]]]:
    """Names of all blocks; and for each task the places of its blocks with the file of their grams."""
    names: list[bytes | None] = [None if old else files.keep(one) for old, one in zip(stale, prints, strict=True)]
    work: list[tuple[NDArray[np.int64], Path, Future[tuple[Packed, ...]]]] = []
    for places, rows in _batches(groups, stale):
        path = folder / f"blocks-{len(work)}.arrow"
        rows.write_ipc(path)
        grams = path.with_suffix(".npy")
        work.append((places, grams, executor.submit(make_blocks, BlockTask(path, places.size, grams))))
    for places, _, future in work:
        for place, packed in zip(places.tolist(), future.result(), strict=True):
            names[place] = files.put_packed(packed, prints[place])
    return [name for name in names if name is not None], [(places, grams) for places, grams, _ in work]


def _batches(groups: Sequence[Group], stale: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], pl.DataFrame]]:
    """Blocks to make, by some thousands of rows: their places among all blocks, and their rows."""
    before = 0
    for group in groups:
        sizes = np.diff(group.blocks.starts)
        mine = np.flatnonzero(stale[before : before + sizes.size])
        batch = np.cumsum(sizes[mine]) // _BATCH
        for number in np.unique(batch).tolist():
            chosen = mine[batch == number]
            picked = [group.blocks.order[group.blocks.starts[at] : group.blocks.starts[at + 1]] for at in chosen.tolist()]
            block = np.repeat(np.arange(chosen.size, dtype=np.uint32), sizes[chosen])
            yield before + chosen, group.units.frame[np.concatenate(picked)].with_columns(pl.Series("_block", block))
        before += sizes.size


def _pairs(
    run: int,
    touched: NDArray[np.int64] | None,
    grams: Sequence[tuple[NDArray[np.int64], Path]],
    runs: NDArray[np.int64],
    ids: NDArray[np.int64],
    remembered: Remembered,
) -> NDArray[np.uint64]:
    """The pairs of a run: those that are remembered of what has not been touched, and the new ones."""
    parts = [np.empty(0, np.uint64)]
    for places, path in grams:
        found = np.load(path)
        block = places[(found & np.uint64(0xFFFFFFFF)).astype(np.int64)]
        mine = runs[block] == run
        if touched is not None:
            mine &= np.isin(ids[block], touched)
        parts.append((found[mine] >> np.uint64(32) << np.uint64(32)) | ids[block[mine]].astype(np.uint64))
    new = np.concatenate(parts)
    new.sort()
    new = _distinct(new)
    path = remembered.pairs[run]
    if path is None or touched is None:
        return new
    old = np.load(path)
    changed = np.zeros(int(max(touched.max(initial=0), (old & np.uint64(0xFFFFFFFF)).max(initial=0))) + 1, np.bool_)
    changed[touched] = True
    kept = old[~changed[(old & np.uint64(0xFFFFFFFF)).astype(np.int64)]]
    return _merged(kept, new)


def _merged(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Two rising sequences as one."""
    out = np.empty(one.size + other.size, dtype=np.uint64)
    places = np.searchsorted(one, other) + np.arange(other.size)
    is_other = np.zeros(out.size, dtype=np.bool_)
    is_other[places] = True
    out[places] = other
    out[~is_other] = one
    return out


def _distinct(ordered: NDArray[np.uint64]) -> NDArray[np.uint64]:
    if not ordered.size:
        return ordered
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]]


def directory(made: Made, places: NDArray[np.int64], newest: int) -> bytes:
    """Of each block: its slot and how many days its newest unit is older than `newest` (16 bits each, low ones first;
    undated: the most), and its name."""
    ages = np.where(made.newest[places] > 0, np.minimum(newest - made.newest[places], 0xFFFE), 0xFFFF)
    facts = np.column_stack([made.slot[places], ages]).astype("<u2").tobytes()
    return b"".join(
        facts[4 * at : 4 * at + 4] + made.names[place][:NAME_BYTES] for at, place in enumerate(places.tolist())
    )

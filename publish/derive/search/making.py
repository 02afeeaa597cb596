"""A table of the index as one task for a worker: rows, blocks, nodes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from publish.derive.search.blocks import plain_blocks
from publish.derive.search.files import block_prints
from publish.derive.search.heads import alphabet_of
from publish.derive.search.names import name_table
from publish.derive.search.numbers import number_table
from publish.derive.search.orders import Order, load_order, write_order
from publish.derive.search.packing import Packed
from publish.derive.search.scale import Scale
from publish.derive.search.subjects import code_table, known_table
from publish.derive.search.tables import Arrays, Run, Table, nodes_of
from publish.model.artifact import written_whole

# The tables of an index, and what they are made from: distinct subjects, or units.
TABLES: Mapping[str, Callable[[pl.DataFrame, Scale, Arrays], Table]] = {
    "codes": code_table,
    "known": known_table,
    "names": name_table,
    "numbers": number_table,
}
# Which columns of subjects each takes: what is read of a file is looked through, and texts are long.
_READ: Mapping[str, list[str]] = {
    "codes": ["name", "code", "day", "sets", "until", "still"],
    "known": ["name", "code", "key", "until", "masked", "lasting"],
    "names": ["name", "code", "until", "lasting"],
}
_BATCH = 200_000  # rows that are packed at once


@dataclass(frozen=True, slots=True)
class TableTask:
    """`rows` is an IPC file of what TABLES[name] takes; `known`: files of the last build by fingerprint, which stay.
    `last`: the order of the last build's rows; `order`: where to leave that of these, if it is worth anything."""

    name: str
    rows: Path
    scale: Scale
    known: Mapping[bytes, bytes]
    last: Order | None
    order: Path


@dataclass(frozen=True, slots=True)
class MadeTable:
    """`fences` and `nodes` (JSON) as nodes_of has them; new `files` and `kept` ones, both by fingerprint; `alphabet`:
    all characters of keys, if what they begin with is told."""

    fences: tuple[str, ...]
    nodes: tuple[bytes, ...]
    files: Mapping[bytes, Packed]
    kept: Mapping[bytes, bytes]
    alphabet: str


def make_table(task: TableTask) -> MadeTable:
    """A table whole, its blocks packed but for those that are remembered."""
    rows = pl.read_ipc(task.rows, columns=_READ.get(task.name))
    table = TABLES[task.name](rows, task.scale, load_order(task.last))
    if table.order:
        with written_whole(task.order) as path:  # a cluster may do a task twice
            write_order(table.order, path)
    known = task.known
    files: dict[bytes, Packed] = {}
    kept: dict[bytes, bytes] = {}
    names: list[list[str]] = []
    for run in table.runs:
        prints = _prints(table.name, run)
        new = [place for place, one in enumerate(prints) if one not in known]
        kept |= {one: known[one] for one in prints if one in known}
        made = dict(zip((prints[place] for place in new), _pack(run, new), strict=True))
        files |= made
        names.append([made[one].name.hex() if one in made else known[one].hex() for one in prints])
    fences, nodes = nodes_of(table, names, task.scale.node)
    bodies = tuple(json.dumps(node, ensure_ascii=False, separators=(",", ":")).encode() for node in nodes)
    alphabet = alphabet_of(table.heads) if table.heads is not None else ""
    return MadeTable(tuple(fences), bodies, files, kept, alphabet)


def _prints(name: str, run: Run) -> list[bytes]:
    return block_prints(f"{name} {' '.join(run.frame.columns)}", run.prints[run.index], run.starts.tolist())


def _pack(run: Run, blocks: list[int]) -> list[Packed]:
    """Some blocks of a run, a batch of rows at a time."""
    out: list[Packed] = []
    sizes = np.diff(run.starts)
    batches: list[list[int]] = [[]]
    rows = 0
    for place in blocks:
        if rows > _BATCH:
            batches.append([])
            rows = 0
        batches[-1].append(place)
        rows += int(sizes[place])
    for batch in filter(None, batches):
        picked = np.concatenate([run.index[run.starts[one] : run.starts[one + 1]] for one in batch])
        block = np.repeat(np.arange(len(batch), dtype=np.uint32), sizes[batch])
        out += plain_blocks(run.frame[picked].with_columns(pl.Series("_block", block)))
    return out

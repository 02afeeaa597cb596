"""Tables: rows in the order of a key, in blocks, under nodes that say where each block begins.

A reader finds the rows whose key begins with what it looks for: from the root to a node, from there to blocks. A table
has one run of rows or two (partition.py): a node lists the blocks of both.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.heads import head_of, sketch_hashes, sketch_of
from publish.derive.search.partition import cuts

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Run:
    """Rows of a table in the order of their keys. `frame` has the columns to pack; `index` which of its rows come, one
    after the other; `starts` where blocks begin, and the end; `fences` the least key that leads to each block: longer
    than the last key before it, and not longer than its first. `prints` a 64-bit
    fingerprint of each row of `frame`."""

    frame: pl.DataFrame
    index: NDArray[np.int32]
    starts: NDArray[np.int64]
    fences: Sequence[str]
    prints: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Table:
    """One run or two, the passing one first, and what keys begin with (heads.py), rising; None if that is not told.
    `order`: what the next night can be told of the order of its rows."""

    name: str
    runs: Sequence[Run]
    heads: NDArray[np.uint64] | None = None
    order: Arrays = field(default_factory=dict)


def keyed_run(
    keys: pl.Series,
    frame: pl.DataFrame,
    prints: NDArray[np.uint64],
    index: NDArray[np.int32],
    chance: NDArray[np.uint32],
    rows: int,
) -> Run:
    """A run of some rows of `frame`: `index` in the order of their `keys`, which rise. Of each row of the frame: a
    fingerprint (row_prints), and in `chance` a number as good as chance; about `rows` a block. The frame is not copied:
    it may be large."""
    starts = np.flatnonzero(cuts(chance[index], max(1, rows // 2)))
    first = keys.gather(starts).to_list()
    before = keys.gather(starts[1:] - 1).to_list()
    fences = [""] * min(1, len(first)) + [fence(one, other) for one, other in zip(before, first[1:], strict=True)]
    return Run(frame, index, np.r_[starts, index.size], fences, prints)


def hashed_run(hashes: NDArray[np.uint32], frame: pl.DataFrame, rows: int) -> Run:
    """The same for keys that are hashes, as eight hexadecimal digits: cut by their first bits."""
    # Each beside its row is a number of its own, and those are sorted in a third of the time.
    numbered = np.sort(hashes.astype(np.uint64) << np.uint64(32) | np.arange(hashes.size, dtype=np.uint64))
    order = (numbered & np.uint64(0xFFFFFFFF)).astype(np.int32)
    bits = max(0, round(float(np.log2(max(order.size, 1) / rows))))
    shard = hashes[order].astype(np.int64) >> (32 - bits)
    starts = np.flatnonzero(np.r_[True, shard[1:] != shard[:-1]]) if shard.size else np.empty(0, np.int64)
    fences = [f"{place << (32 - bits):08x}" for place in shard[starts].tolist()]
    return Run(frame, order, np.r_[starts, order.size], fences, row_prints(frame))


def fence(before: str, first: str) -> str:
    """A short text that is greater than `before` and not greater than `first`; where both are the same key, one that
    only a search for a longer key leads past."""
    if before == first:
        return first + "\u0001"
    same = 0
    while same < len(before) and before[same] == first[same]:
        same += 1
    return first[: same + 1]


def row_prints(frame: pl.DataFrame) -> NDArray[np.uint64]:
    """A fingerprint of each row, good within one version of Polars."""
    return frame.hash_rows().to_numpy() if frame.width else np.empty(0, np.uint64)


def nodes_of(table: Table, names: Sequence[Sequence[str]], size: int) -> tuple[list[str], list[dict[str, object]]]:
    """Fences of the table's nodes, and each node: `f` fences of the blocks of each run, `n` their names joined, `p`
    a sketch of what keys begin with. `names` are the blocks', by run. A node has each run's last block before it too,
    where a key of the node may stand."""
    merged = sorted({fence for run in table.runs for fence in run.fences})
    lows = merged[::size] or [""]
    hashes = sketch_hashes(table.heads) if table.heads is not None else np.empty(0, np.uint32)
    nodes: list[dict[str, object]] = []
    for low, high in zip(lows, [*lows[1:], None], strict=True):
        node: dict[str, object] = {"f": [], "n": []}
        fences, found = [], []
        for run, of_run in zip(table.runs, names, strict=True):
            first = bisect_left(run.fences, low)  # several blocks have the same fence where one key fills them
            if first == len(run.fences) or run.fences[first] != low:
                first = max(first - 1, 0)
            last = len(run.fences) if high is None else bisect_left(run.fences, high)
            fences.append(list(run.fences[first:last]))
            found.append("".join(of_run[first:last]))
        node |= {"f": fences, "n": found}
        if table.heads is not None:
            begin = np.searchsorted(table.heads, head_of(low))
            end = table.heads.size if high is None else np.searchsorted(table.heads, head_of(high), side="right")
            node["p"] = sketch_of(hashes[begin:end])
        nodes.append(node)
    return lows, nodes

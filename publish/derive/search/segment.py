"""One segment of the index: its blocks, its grams, its lists, its directory. Each step is one task for a worker."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.grams import BLOCK_BITS, unit_grams
from publish.derive.search.lists import grouped, shard_bits, shard_files
from publish.derive.search.packing import Packed, pack, pack_varints

SHARD_NUMBERS = 16_000  # of a segment's shard: about as many grams and blocks, some kilobytes
# The columns that are shown of every hit, and those that most searches look into: a reader loads them first. Long texts
# are in a file of their own, which is loaded where a term may stand in them. `h` is 1 where folding takes the table of
# simplified characters.
HEAD = frozenset("oktscandufv")
EPOCH = 719_163  # the ordinal of 1970-01-01; days are told as ordinals, 0 is "undated"


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """`units` is an IPC file of the units; `starts` and `wide` as a Segment has them; `grams` is a file to write."""

    units: Path
    starts: tuple[int, ...]
    wide: tuple[int, ...]
    grams: Path


@dataclass(frozen=True, slots=True)
class SegmentBlocks:
    """The packed blocks, by columns: `heads` one of each; `bodies` one of each or of some that follow one another.

    `opens` is 1 for a block that begins a body; `days` (as ordinals) and `order` (first 16 bits) tell where a block
    begins, `rows` its size in units. `keys` and `counts`: in how many blocks each gram is, as `Lists` has them.
    """

    heads: tuple[Packed, ...]
    bodies: tuple[Packed, ...]
    opens: NDArray[np.int64]
    days: NDArray[np.int64]
    order: NDArray[np.int64]
    rows: NDArray[np.int64]
    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ListsTask:
    """`grams` of a segment, and `common`: a file of the keys that are in so many blocks that segments list them."""

    grams: Path
    common: Path


@dataclass(frozen=True, slots=True)
class SegmentLists:
    """The shards of the common grams; of the rare ones the keys and the blocks."""

    shards: tuple[Packed, ...]
    bits: int
    keys: NDArray[np.uint64]
    blocks: NDArray[np.uint64]


def make_blocks(task: SegmentTask) -> SegmentBlocks:
    """The first step: what is shown, and which grams are where."""
    units = pl.read_ipc(task.units)
    starts = np.array(task.starts, dtype=np.int64)
    rows = np.diff(np.r_[starts, units.height])
    block = np.repeat(np.arange(starts.size), rows)
    found = unit_grams(units, block, _facets(units))
    np.save(task.grams, found.grams)
    lists = grouped(found.grams)
    first = units[task.starts]
    days = first["_day"].fill_null(-EPOCH).cast(pl.Int64).to_numpy() + EPOCH
    order = (first["_order"] // 2**48).cast(pl.Int64).to_numpy()
    texts = [name for name in units.columns if units[name].dtype == pl.String]
    marked = pl.DataFrame({"h": [1 if place in found.traditional else None for place in range(starts.size)]})
    heads = _packed(units, block, [name for name in texts if name in HEAD], marked)
    wide = np.array(task.wide, dtype=np.int64)
    shared = np.repeat(np.arange(wide.size), np.diff(np.r_[wide, units.height]))
    bodies = _packed(units, shared, [name for name in texts if name not in HEAD], None)
    opens = np.isin(starts, wide).astype(np.int64)
    return SegmentBlocks(heads, bodies, opens, days, order, rows, lists.keys, lists.counts)


def make_lists(task: ListsTask) -> SegmentLists:
    """The second step, when it is known which grams are common."""
    grams, common = np.load(task.grams), np.load(task.common)
    keys = grams >> np.uint64(BLOCK_BITS)
    place = np.searchsorted(common, keys)
    is_common = common[np.minimum(place, common.size - 1)] == keys if common.size else np.zeros(keys.size, np.bool_)
    lists = grouped(grams[is_common])
    bits = shard_bits(lists.keys.size + lists.blocks.size, SHARD_NUMBERS)
    rare = ~is_common
    return SegmentLists(
        tuple(shard_files(lists, bits)), bits, keys[rare], grams[rare] & np.uint64((1 << BLOCK_BITS) - 1)
    )


def directory(made: SegmentBlocks, lists: SegmentLists) -> Packed:
    """The names of a segment's files: varints (how many blocks; of each its day as the difference to the one before,
    newest first; the first 16 bits of its order; its units;
    1 if it begins a file of long texts), then the names of heads, of bodies and of shards."""
    fall = -np.diff(made.days, prepend=made.days[:1] if made.days.size else 0)
    head = np.r_[made.days.size, made.days[:1], fall, made.order, made.rows, made.opens].astype(np.uint64)
    names = b"".join(file.name for file in (*made.heads, *made.bodies, *lists.shards))
    return pack(pack_varints(head) + names)


def _facets(units: pl.DataFrame) -> pl.DataFrame:
    """The columns of FACETS: what a filter can ask for."""
    return units.select(pl.col("o").cast(pl.String), "a", "v", pl.col("d").str.slice(0, 4).alias("y"), "f")


def _packed(
    units: pl.DataFrame, block: NDArray[np.int64], texts: list[str], marks: pl.DataFrame | None
) -> tuple[Packed, ...]:
    """Columns of each block as a JSON object, compressed. A column without values is null. With `marks` it is a
    head, with the datasets, and with `h` as `marks` has it."""
    numbers = ["o"] if marks is not None else []
    table = units.select(*numbers, *texts, pl.Series("_block", block))
    lists = table.group_by("_block", maintain_order=True).agg(pl.all())
    present = [pl.when(pl.col(name).list.drop_nulls().list.len() > 0).then(name) for name in texts]
    bodies = lists.select(*numbers, *present)
    if marks is not None:
        bodies = bodies.hstack(marks)
    lines = bodies.write_ndjson().encode().split(b"\n")[:-1] if bodies.width else [b"{}"] * lists.height
    return tuple(pack(line) for line in lines)

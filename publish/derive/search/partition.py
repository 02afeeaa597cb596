"""Where the index is cut: units into segments by calendar, segments into blocks.

Every cut is told by the units alone, by their day and the first digits of their keys, never by their position. So a
record that comes or goes changes the block that it is in, and no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

MAX_ROWS = 180  # of a block
MAX_WEIGHT = 150_000  # bytes of text in a block; a single unit may weigh more
WIDE = 2  # blocks that share a file of long texts, at most
_KEY_BITS = 16
_MONTHLY, _QUARTERLY, _YEARLY = 400_000, 100_000, 20_000  # units from which on segments are so long


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of units, `first` up to `last`: `name` is told by the calendar; `starts` where its blocks begin, and
    `wide` where those begin that share a file of long texts: some of `starts`. Both count from the segment's first."""

    name: str
    first: int
    last: int
    starts: tuple[int, ...]
    wide: tuple[int, ...]


def derive_segments(units: pl.DataFrame, sections: bool) -> list[Segment]:
    """Segments of units in the order of results. `sections`: they are those of documents, and one segment."""
    if not units.height:
        return []
    names = pl.Series(["policies"]).new_from_index(0, units.height) if sections else _segment_names(units)
    cut = _changes(names.rle_id().cast(pl.Int64).to_numpy())
    starts, wide = (np.flatnonzero(_block_starts(units, cut, sections, share)) for share in (1, WIDE))
    borders = [*np.flatnonzero(cut).tolist(), units.height]
    return [
        Segment(str(names[first]), first, last, _between(starts, first, last), _between(wide, first, last))
        for first, last in pairwise(borders)
    ]


def _between(starts: NDArray[np.int64], first: int, last: int) -> tuple[int, ...]:
    return tuple((starts[(starts >= first) & (starts < last)] - first).tolist())


def _segment_names(units: pl.DataFrame) -> pl.Series:
    day = pl.from_epoch("_day", "d")
    if units.height >= _MONTHLY:
        name = day.dt.strftime("%Y-%m")
    elif units.height >= _QUARTERLY:
        name = pl.format("{}-Q{}", day.dt.year(), day.dt.quarter())
    elif units.height >= _YEARLY:
        name = day.dt.strftime("%Y")
    else:
        name = pl.when(day.is_not_null()).then(pl.lit("all"))
    return units.select(name.fill_null("undated").alias("name")).to_series()


def _changes(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True where a value differs from the one before; at the first one too."""
    out = np.ones(values.shape[0], dtype=np.bool_)
    out[1:] = values[1:] != values[:-1]
    return out


def _block_starts(units: pl.DataFrame, cut: NDArray[np.bool_], sections: bool, share: int) -> NDArray[np.bool_]:
    """Cut finer and finer, but only what is still too large: larger than `share` blocks may be."""
    weight = _weights(units)
    starts = cut.copy()
    for level in _levels(units, sections):
        group = np.cumsum(starts) - 1
        large = (np.bincount(group) > share * MAX_ROWS) | (np.bincount(group, weights=weight) > share * MAX_WEIGHT)
        if not large.any():
            break
        starts |= large[group] & _changes(level)
    return starts


def _weights(units: pl.DataFrame) -> NDArray[np.float64]:
    texts = [name for name, dtype in units.schema.items() if dtype == pl.String]
    total = pl.sum_horizontal(pl.col(texts).str.len_bytes().fill_null(0)).cast(pl.Float64)
    return units.select(total).to_series().to_numpy()


def _levels(units: pl.DataFrame, sections: bool) -> Iterator[NDArray[np.int64]]:
    """Numbers whose changes are possible cuts, from coarse to fine; one at a time, since they are as long as the table.

    Where a group of units is still too large, all coarser levels have cut it already.
    """
    day = pl.from_epoch("_day", "d")
    dates = units.select((day.dt.year() * 12 + day.dt.month() - 1).alias("month"), (day.dt.day() - 1).alias("day"))
    month = dates["month"].fill_null(-1).cast(pl.Int64).to_numpy()
    for span in (12, 6, 3, 1):
        yield month // span
    if sections:
        yield units["k"].str.split("#").list.first().rle_id().cast(pl.Int64).to_numpy()
        for bits in range(9, -1, -1):
            yield (units["_order"] // 2**bits).cast(pl.Int64).to_numpy()
        return
    of_month = dates["day"].fill_null(0).cast(pl.Int64).to_numpy()
    for span in (16, 8, 4, 2, 1):
        yield month * 32 + of_month // span
    order = units["_order"].to_numpy()
    for bits in range(1, _KEY_BITS + 1):
        yield (order >> np.uint64(64 - bits)).astype(np.int64)

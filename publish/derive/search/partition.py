"""Where the index is cut: units into periods, periods into blocks.

Within a period, units stand by authority and text, so that like stands beside like: what a query finds is in few
blocks, and blocks are small. Cuts are told by the units around them alone, never by counting, so that a unit that comes
or goes changes its own block and hardly ever another.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.record_nights import Standing
from publish.derive.search.scale import EPOCH, Scale, Season
from publish.derive.search.units import Units

LASTING, PASSING = 1, 0  # the two runs of an index: what is expected to stay for the season, and what is not
SLOT_BITS = 11  # of a block's number within its period
SECTIONS = 1 << 15  # the period of documents, after all others: they are no older than any
_LAST = 3000  # months after January 1900
_LONGEST = 1 << 20  # greater than any period
_PARTS = 8  # a passing month is cut into so many
_LATE = 12  # months before a season of which most searches end
_SOME = 0.01  # a month with a larger share of units that end in the season is passing


@dataclass(frozen=True, slots=True)
class Blocks:
    """Units in blocks. `order` row numbers in the order of blocks; `starts` where blocks begin in it, and the end.

    Of each block: `run`; `period`, rising within a run, later is newer; `slot`, its number within the period, told by
    the unit that it begins with (two blocks may have the same); `newest`, its latest day as an ordinal, 0: undated.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    run: NDArray[np.int64]
    period: NDArray[np.int64]
    slot: NDArray[np.int64]
    newest: NDArray[np.int64]

    @property
    def ids(self) -> NDArray[np.int64]:
        """The number by which lists name each block."""
        return self.period << SLOT_BITS | self.slot


@dataclass(frozen=True, slots=True)
class Periods:
    """`run` and `period` of each record, as Blocks has them."""

    run: NDArray[np.int64]
    period: NDArray[np.int64]

    @property
    def rank(self) -> NDArray[np.int64]:
        """What records stand by: the passing run first, and of each run the newest period."""
        return self.run * _LONGEST - self.period


def find_periods(units: Units, season: Season | None, scale: Scale) -> Periods:
    """Run and period of each record: its month since 1899, 0 of what is undated, or the first one of its year where
    there are few; a month of the passing run is cut into parts, and its periods count those. Dates that no calendar of
    decisions has, as some databases write for none, share the first or the last month."""
    frame = units.frame
    day = pl.from_epoch("_day", "d")
    months = ((day.dt.year().cast(pl.Int64) - 1900) * 12 + day.dt.month() - 1).clip(0, _LAST) + 12
    dates = frame.select(months.fill_null(0).alias("month"), day.dt.day().cast(pl.Int64).alias("day"))
    month = dates["month"].to_numpy()
    span = 1 if frame.height >= scale.monthly else 12
    if season is None or frame.height < scale.divided:
        return Periods(np.full(month.size, PASSING), (month // span * span) * _PARTS)
    passing = _passing_months(frame, dates["month"], season)
    run = np.where(passing, PASSING, LASTING)
    part = np.minimum((dates["day"].fill_null(1).to_numpy() - 1) // 4, _PARTS - 1)
    return Periods(run, np.where(passing, month * _PARTS + part, month))


def cut_records(units: Units, periods: Periods, standing: Standing, season: Season | None, scale: Scale) -> Blocks:
    """Blocks of records, newest period first within each run; `standing`: by the rank of their periods."""
    frame, order, chance = units.frame, standing.order, standing.chance
    run, period = periods.run[order], periods.period[order]
    passing = int((run == PASSING).sum())  # these are the first, since runs are sorted by
    late = passing + int((period[passing:] >= _first_late(season)).sum())  # and then the newest
    weight = _weight(frame)
    near = cuts(chance[:passing], _window(weight, scale.near_rows, scale.block_weight))
    middle = cuts(chance[passing:late], _window(weight, scale.block_rows, scale.block_weight))
    far = cuts(chance[late:], _window(weight, scale.old_rows, scale.old_weight))
    return _blocks(frame, order, run, period, chance, np.r_[near, middle, far])


def cut_sections(units: Units, scale: Scale) -> Blocks:
    """Blocks of sections, as they are ordered."""
    order = np.arange(units.frame.height, dtype=np.int64)
    chance = _chance(units.frame)
    window = _window(_weight(units.frame), scale.near_rows, scale.block_weight)
    period = np.full(order.size, SECTIONS, dtype=np.int64)
    return _blocks(units.frame, order, np.full(order.size, PASSING), period, chance, cuts(chance, window))


def cuts(chance: NDArray[np.uint32], window: int) -> NDArray[np.bool_]:
    """Where a row begins a block: the first, and each whose number is the least among `window` rows on either side;
    and in blocks of more than 3 * window rows the least one that leaves more than `window` rows on either side.

    So blocks have more than `window` rows and somewhat less than 2 * window on average, and a row is only a cut by its
    neighbours' leave (local minima as in content-defined chunking). Numbers as good as chance.
    """
    size = chance.size
    out = np.zeros(size, dtype=np.bool_)
    if size:
        unique = chance.astype(np.uint64)
        unique <<= np.uint64(32)
        unique |= np.resize(np.arange(1 << 16, dtype=np.uint16), size)
        out[_minima(unique, window)] = True
        out[: window + 1] = False
        out[max(size - window, 0) :] = False  # no small rest at the end
        out[0] = True
        _split(out, unique, window)
    return out


def _split(out: NDArray[np.bool_], unique: NDArray[np.uint64], window: int) -> None:
    """Cut what is too long; blocks, not rows, are gone through."""
    starts = np.r_[np.flatnonzero(out), out.size]
    for place in np.flatnonzero(np.diff(starts) > 3 * window).tolist():
        first, last = int(starts[place]) + window + 1, int(starts[place + 1]) - window
        out[first + int(np.argmin(unique[first:last]))] = True


def _minima(numbers: NDArray[np.uint64], window: int) -> NDArray[np.int64]:
    """Places of the numbers that are the least of those up to `window` places away. Near ones are never the same.

    Such a number is the least of any `window + 1` in a row that it is one of. So of each so many only the least is
    looked at, and compared with all around it where that of the next so many on either side does not tell already.
    """
    span = window + 1
    top = np.iinfo(np.uint64).max
    padded = np.full((-(-numbers.size // span) + 2) * span, top, dtype=np.uint64)
    padded[span : span + numbers.size] = numbers
    rows = padded.reshape(-1, span)
    least = rows.argmin(axis=1)
    lowest = rows[np.arange(least.size), least]
    place = (np.arange(least.size) * span + least)[1:-1]
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * window + 1)
    before = (lowest[:-2] < lowest[1:-1]) & (np.diff(least)[:-1] + span <= window)
    after = (lowest[2:] < lowest[1:-1]) & (np.diff(least)[1:] + span <= window)
    place = place[~before & ~after]
    found: NDArray[np.int64] = place[around[place - window].min(axis=1) == padded[place]] - span
    return found


def _first_late(season: Season | None) -> int:
    """The period of the lasting run from which on blocks are of the usual size: a year before the season."""
    return _month(date.fromordinal(season.fresh + EPOCH)) - _LATE if season is not None else 0


def _month(day: date) -> int:
    return (day.year - 1899) * 12 + day.month - 1


def _passing_months(frame: pl.DataFrame, month: pl.Series, season: Season) -> NDArray[np.bool_]:
    """Of each unit, whether many units of its month come or go in the season. Of a season in two months, a year's first
    one does not become lasting as soon as it is over: that would move it in the middle of the season."""
    last = date.fromordinal(season.passing + EPOCH).isoformat()  # compared as they are written
    known = frame.select("u", "_day").with_columns(month)
    of_months = known.group_by("month").agg(
        (pl.col("u") <= last).fill_null(False).mean().alias("ends"),
        (pl.col("_day") >= season.fresh).fill_null(False).any().alias("fresh"),
    )
    passing = of_months.filter((pl.col("ends") > _SOME) | pl.col("fresh"))["month"].to_numpy()
    first = date.fromordinal(season.fresh + EPOCH).month - 1
    before = passing[passing % 12 == (first + 1) % 12] - 1
    return np.isin(month.to_numpy(), np.r_[passing, before])


def _chance(frame: pl.DataFrame) -> NDArray[np.uint32]:
    """A number of each unit that is as good as chance and stays with it."""
    return (frame["_order"].to_numpy() >> np.uint64(32)).astype(np.uint32)


def _weight(frame: pl.DataFrame) -> Fraction:
    """Bytes of the texts of a unit, on average."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    total = frame.select(pl.sum_horizontal(pl.col(texts).str.len_bytes().sum())).item() or 0
    return Fraction(max(total, 1), max(frame.height, 1))


def _window(of_unit: Fraction, most: int, weight: int) -> int:
    """Half of a block, in units: fewer where their texts are long, in steps of two, so that it stays as it is."""
    rows = min(most, float(weight / of_unit))
    return max(1, int(most / 2 ** np.ceil(np.log2(most / max(rows, 1)))) // 2)


def _blocks(
    frame: pl.DataFrame,
    order: NDArray[np.int64],
    run: NDArray[np.int64],
    period: NDArray[np.int64],
    chance: NDArray[np.uint32],
    cut: NDArray[np.bool_],
) -> Blocks:
    if order.size:
        cut = cut | np.r_[True, (period[1:] != period[:-1]) | (run[1:] != run[:-1])]
    first = np.flatnonzero(cut)
    days = (frame["_day"].cast(pl.Int64) + EPOCH).fill_null(0).to_numpy()[order]
    slot = (chance[first] & np.uint32((1 << SLOT_BITS) - 1)).astype(np.int64)
    newest = np.maximum.reduceat(days, first) if first.size else np.empty(0, np.int64)
    return Blocks(order, np.r_[first, order.size], run[first], period[first], slot, newest)

"""The order in which records stand in blocks, mostly that of the night before: only what has come is sorted, and put
among the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import fold_texts
from publish.derive.search.hashing import text_hashes, where_in
from publish.derive.search.units import Units

FILE = "order-records.bin"
_BEGIN = 16  # characters of a text by which units of a period are sorted
_ALIKE = 4  # characters of a text by which units stand together
_FEW = 0.1  # of all records: where more have come, all are sorted
_Arrays = Mapping[str, NDArray[np.generic]]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Standing:
    """Records in the order of blocks: `order` row numbers (int64), `chance` of each in that order a number as good as
    chance (uint32). `arrays`: what the next night needs."""

    order: NDArray[np.int64]
    chance: NDArray[np.uint32]
    arrays: _Arrays


def stand(units: Units, rank: NDArray[np.int64], prints: NDArray[np.uint64], last: _Arrays | None = None) -> Standing:
    """Records by `rank` (of their run and period, below 2**31), authority and text. `prints`: a fingerprint of each
    row. `last`: what the last night left, from which the same is made with less work."""
    frame = units.frame
    columns = np.frombuffer(" ".join(frame.columns).encode(), dtype=np.uint8)
    told = last if last and np.array_equal(last["columns"], columns) else {}
    order, chance = _tonight(frame, rank, prints, told) or _sorted(frame, rank)
    arrays: _Arrays = {
        "columns": columns,
        "prints": prints,
        "rows": order.astype(np.int32),
        "rank": rank[order].astype(np.int32),
        "chance": chance,
    }
    return Standing(order, chance, arrays)


def _sorted(frame: pl.DataFrame, rank: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    known = frame["a"].drop_nulls().unique().sort()  # numbers are sorted faster, and so are beginnings of texts
    authorities = frame["a"].replace_strict(known, pl.int_range(known.len(), eager=True), return_dtype=pl.Int64)
    # One number of run, period and authority, none last: fewer columns are sorted by in less time.
    number = authorities.cast(pl.Int64).fill_null(known.len()).to_numpy()  # without any, Polars forgets the type
    place = rank * (known.len() + 1) + number
    keys = frame.select(pl.Series("_place", place), pl.col("r").str.slice(0, _BEGIN), "_order")
    order = keys.select(pl.arg_sort_by(keys.columns, nulls_last=True)).to_series().to_numpy().astype(np.int64)
    return order, _chance(frame, rank, order, np.arange(order.size))


def _tonight(
    frame: pl.DataFrame, rank: NDArray[np.int64], prints: NDArray[np.uint64], last: _Arrays
) -> tuple[NDArray[np.int64], NDArray[np.uint32]] | None:
    """The same from the last night's order; None where nothing of use is remembered, or where records are in no order
    of their own, since they stand in that of the rows then."""
    if not last or not prints.size:
        return None
    rows = where_in(last["prints"].astype(np.uint64, copy=False), prints)[last["rows"]]
    stays = (rows >= 0) & (rank[rows] == last["rank"])  # what moves to another period is put in its place anew
    kept = rows[stays]
    come = np.ones(prints.size, dtype=np.bool_)
    come[kept] = False
    fresh = np.flatnonzero(come)
    if not kept.size or fresh.size > _FEW * prints.size or fresh.size + kept.size != prints.size:
        return None
    fresh = fresh[_sorted(frame[fresh], rank[fresh])[0]]
    where = _places(frame, rank, kept, fresh)
    order = np.insert(kept, where, fresh)
    numbers = frame["_order"].to_numpy()[order]
    if (numbers[1:] == numbers[:-1]).any():
        return None
    # A number is told by a record and the one before it.
    before = np.insert(np.flatnonzero(stays), where, -2)
    same = before >= 0
    same[1:] &= before[1:] == before[:-1] + 1
    same[:1] &= before[:1] == 0
    chance = np.empty(order.size, dtype=np.uint32)
    chance[same] = last["chance"].astype(np.uint32, copy=False)[before[same]]
    some = np.flatnonzero(~same)
    chance[some] = _chance(frame, rank, order, some)
    return order, chance


def _places(
    frame: pl.DataFrame, rank: NDArray[np.int64], kept: NDArray[np.int64], fresh: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Before how many of the `kept` rows, which are in order, each of `fresh` ones comes."""
    of_kept = rank[kept]
    low, high = (np.searchsorted(of_kept, rank[fresh], side=side) for side in ("left", "right"))
    while (open_ := np.flatnonzero(low < high)).size:
        middle = (low[open_] + high[open_]) // 2
        less = _less(frame, kept[middle], fresh[open_])
        low[open_] = np.where(less, middle + 1, low[open_])
        high[open_] = np.where(less, high[open_], middle)
    return low


def _less(frame: pl.DataFrame, one: NDArray[np.int64], other: NDArray[np.int64]) -> _Bools:
    """Whether each of some rows stands before another of the same rank, in the order of _sorted."""
    less = frame["_order"].to_numpy()[one] < frame["_order"].to_numpy()[other]
    for name, length in (("r", _BEGIN), ("a", None)):
        mine, yours = (frame[name].gather(rows).str.slice(0, length) for rows in (one, other))
        lacks, lack = mine.is_null().to_numpy(), yours.is_null().to_numpy()
        before = np.where(lacks | lack, lack & ~lacks, (mine < yours).fill_null(False).to_numpy())
        less = np.where(mine.eq_missing(yours).to_numpy(), less, before)
    return less


def _chance(
    frame: pl.DataFrame, rank: NDArray[np.int64], order: NDArray[np.int64], some: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """At `some` places of the order a number of the unit that is as good as chance and stays with it; but the first of
    several that stand together for their rank and authority and the beginning of their text has a number of those
    words, which is less than any of a single unit. Most blocks begin so, and when the first one goes, the next takes
    its place: a block keeps its number, and lists need not be written anew."""
    mine, before = order[some], order[np.maximum(some - 1, 0)]
    new = (some == 0) | (rank[mine] != rank[before])
    begin = frame["r"].gather(mine).str.slice(0, _ALIKE)
    new |= begin.ne_missing(frame["r"].gather(before).str.slice(0, _ALIKE)).to_numpy()
    new |= frame["a"].gather(mine).ne_missing(frame["a"].gather(before)).to_numpy()
    group = pl.DataFrame({"a": frame["a"].gather(mine[new]), "r": begin.filter(pl.Series(new))})
    words = group.select(pl.concat_str(pl.all().fill_null(""), separator="\t")).to_series()
    single = (frame["_order"].to_numpy()[mine] >> np.uint64(33)).astype(np.uint32) | np.uint32(1 << 31)
    single[new] = text_hashes(fold_texts(words), words.len()) >> np.uint32(1)
    return single

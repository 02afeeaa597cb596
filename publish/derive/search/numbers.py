"""The table of document numbers and other titles with digits."""

from io import BytesIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import fold_texts, split_texts
from publish.derive.search.hashing import where_in
from publish.derive.search.heads import heads_of_keys
from publish.derive.search.scale import Scale
from publish.derive.search.tables import Arrays, Table, keyed_run, row_prints
from publish.model.bare import write_bare

_BATCH = 100_000  # titles that are folded at once
_FEW = 0.1  # of all rows: where more have come, all are sorted
LONGEST = 31  # longer runs of digits are ordered as if they had so many


def number_table(units: pl.DataFrame, scale: Scale, last: Arrays | None = None) -> Table:
    """Titles with digits in their natural order: a key is the folded title with the length of its last run of digits,
    as a character, before that run. `t` title, `k` key, `o` dataset, `d` date, `u` last public day, `f` mark. `units`
    has also `lasting`: in which run a unit is. Rows of the same key come by their `_order`. `last`: the order of the
    last night, from which the same is made with less work."""
    frame = units.select("t", "k", "o", "d", "u", "f")
    prints = row_prints(frame)
    chance = units["_order"].to_numpy()
    keys, index = _tonight(units["t"], prints, last or {}) or _sorted(units["t"])
    index = _settled(keys, index, chance, units["o"].to_numpy())
    lasting = units["lasting"].to_numpy()[index]
    numbered = (keys != "").to_numpy()
    runs = []
    for mine, size in ((~lasting, scale.number_rows // 2), (lasting, scale.number_rows)):
        places = np.flatnonzero(numbered & mine)
        high = (chance >> np.uint64(32)).astype(np.uint32)
        runs.append(keyed_run(keys.gather(places), frame, prints, index[places], high, size))
    order: Arrays = {"keys": _stored(keys), "prints": prints, "rows": index}
    return Table("numbers", runs, heads_of_keys(keys.filter(keys != "")), order)


def _sorted(titles: pl.Series) -> tuple[pl.Series, NDArray[np.int32]]:
    """Keys of all titles, sorted, and the row of each."""
    batches = [natural_keys(titles.slice(first, _BATCH)) for first in range(0, titles.len(), _BATCH)]
    keys = pl.concat(batches) if batches else titles
    index = keys.arg_sort()
    return keys.gather(index), index.to_numpy().astype(np.int32)


def _tonight(titles: pl.Series, prints: NDArray[np.uint64], last: Arrays) -> tuple[pl.Series, NDArray[np.int32]] | None:
    """The same from the last night's order; None where nothing of use is remembered."""
    if not {"prints", "rows"} <= last.keys():
        return None
    places = where_in(last["prints"].astype(np.uint64, copy=False), prints)
    rows = places.astype(np.int32)[last["rows"].astype(np.int32, copy=False)]
    kept = np.flatnonzero(rows >= 0)
    come = np.ones(prints.size, dtype=np.bool_)
    come[rows[kept]] = False
    fresh = np.flatnonzero(come).astype(np.int32)
    if not kept.size or fresh.size > _FEW * prints.size or fresh.size + kept.size != prints.size:
        return None
    old = pl.read_ipc(last["keys"].tobytes())["keys"].gather(kept)
    new, index = _sorted(titles.gather(fresh))
    where = np.asarray(old.search_sorted(new)).astype(np.int64)
    place = np.insert(np.arange(kept.size), where, kept.size + np.arange(fresh.size))
    return pl.concat([old, new]).gather(place), np.insert(rows[kept], where, fresh[index])


def _settled(
    keys: pl.Series, index: NDArray[np.int32], order: NDArray[np.uint64], dataset: NDArray[np.uint16]
) -> NDArray[np.int32]:
    """Rows by key, those of the same key by `order` and `dataset`."""
    same = (keys == keys.shift()).fill_null(False).to_numpy()
    tied = np.flatnonzero(same | np.r_[same[1:], np.zeros(min(1, same.size), np.bool_)])
    group = np.cumsum(~same)[tied]
    rows = index[tied]
    out = index.copy()
    out[tied] = rows[np.lexsort((dataset[rows], order[rows], group))]
    return out


def _stored(keys: pl.Series) -> NDArray[np.uint8]:
    buffer = BytesIO()
    write_bare(keys.rename("keys").to_frame(), buffer)
    return np.frombuffer(buffer.getbuffer(), dtype=np.uint8)


def natural_keys(titles: pl.Series) -> pl.Series:
    """Keys of titles; '' of those without a digit."""
    folded = fold_texts(titles).in_order()
    codes, owner = folded.codes, folded.owner
    if not codes.size:
        return pl.Series([""] * titles.len(), dtype=pl.String)
    every = np.arange(codes.size, dtype=np.int32)
    is_digit = (codes >= 48) & (codes <= 57)
    starts = folded.starts
    sizes = np.diff(np.r_[starts, codes.size])
    last = np.maximum.reduceat(np.where(is_digit, every, np.int32(-1)), starts)  # the last digit of each text; -1: none
    before = np.maximum(np.maximum.accumulate(np.where(is_digit, np.int32(-1), every))[last], starts - 1)
    told = last >= starts
    keyed = np.repeat(told, sizes)
    # Where the run begins, in the codes of those texts alone.
    place = (np.cumsum(np.where(told, sizes, 0)) - sizes)[told] + (before + 1 - starts)[told]
    marks = np.minimum(last - before, LONGEST)[told].astype(np.uint32)
    marked = np.insert(codes[keyed], place, marks)
    return split_texts(marked, np.repeat(owner[starts], np.where(told, sizes + 1, 0)), titles.len())

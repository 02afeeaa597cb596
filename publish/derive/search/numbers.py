"""The table of document numbers and other titles with digits."""

import numpy as np
import polars as pl

from publish.derive.search.folded import fold_texts, split_texts
from publish.derive.search.heads import heads_of_keys
from publish.derive.search.scale import Scale
from publish.derive.search.tables import Table, keyed_run, row_prints

_BATCH = 100_000  # titles that are folded at once
LONGEST = 31  # longer runs of digits are ordered as if they had so many


def number_table(units: pl.DataFrame, scale: Scale) -> Table:
    """Titles with digits in their natural order: a key is the folded title with the length of its last run of digits,
    as a character, before that run. `t` title, `k` key, `o` dataset, `d` date, `u` last public day, `f` mark. `units`
    has also `lasting`: in which run a unit is."""
    titles = units["t"]
    batches = [natural_keys(titles.slice(first, _BATCH)) for first in range(0, titles.len(), _BATCH)]
    keys = pl.concat(batches) if batches else titles
    frame = units.select("t", "k", "o", "d", "u", "f")
    prints = row_prints(frame)
    chance = (units["_order"].to_numpy() >> np.uint64(32)).astype(np.uint32)
    numbered, lasting = (keys != "").to_numpy(), units["lasting"].to_numpy()
    runs = [
        keyed_run(keys, frame, prints, np.flatnonzero(numbered & mine).astype(np.int32), chance, size)
        for mine, size in ((~lasting, scale.number_rows // 2), (lasting, scale.number_rows))
    ]
    return Table("numbers", runs, heads_of_keys(keys.filter(keys != "")))


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

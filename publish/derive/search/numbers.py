"""The table of document numbers and other titles with digits."""

import numpy as np
import polars as pl

from publish.derive.search.folded import folded_strings
from publish.derive.search.scale import Scale
from publish.derive.search.tables import Run, Table, keyed_run

# What is before the last run of digits, the run, and what is after it.
_PARTS = r"(?s)^(.*?)([0-9]+)([^0-9]*)$"
_LONGEST = 31  # longer runs of digits are ordered as if they had so many


def number_table(units: pl.DataFrame, scale: Scale) -> Table:
    """Titles with digits in their natural order: a key is the folded title with the length of its last run of digits,
    as a character, before that run. `t` title, `k` key, `o` dataset, `d` date, `u` last public day, `f` mark. `units` has also
    `lasting`: in which run a unit is."""
    rows = units.filter(pl.col("t").str.contains(r"\d"))
    parts = folded_strings(rows["t"]).str.extract_groups(_PARTS).struct.unnest()
    length = parts["2"].str.len_chars().clip(upper_bound=_LONGEST)
    marks = pl.Series([chr(number) for number in range(_LONGEST + 1)])
    rows = rows.with_columns((parts["1"] + marks.gather(length) + parts["2"] + parts["3"]).alias("key"))
    rows = rows.filter(pl.col("key").is_not_null())
    runs = [_run(rows.filter(pl.col("lasting") == lasting), size) for lasting, size in _sizes(scale)]
    return Table("numbers", runs, rows["key"].str.slice(0, 2).unique().sort().to_list())


def _sizes(scale: Scale) -> tuple[tuple[bool, int], tuple[bool, int]]:
    return (False, scale.number_rows // 2), (True, scale.number_rows)


def _run(rows: pl.DataFrame, size: int) -> Run:
    chance = (rows["_order"].to_numpy() >> np.uint64(32)).astype(np.uint32)
    return keyed_run(rows["key"], rows.select("t", "k", "o", "d", "u", "f"), chance, size)

"""What both CSV paths give: the cells as written, before missing values and fields are told apart."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class RawTable:
    """`frame`: String columns "0", "1", … by position, null where a row ends before them, and `_row` UInt32 (record
    number from 1). `odd`: rows with another number of cells than the header: `_row` UInt32, `cells` UInt32.
    """

    frame: pl.DataFrame
    odd: pl.DataFrame

"""The fast path: Polars, for files whose structure is regular and whose dialect it knows."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from publish.load.csv_scan import Structure, scan_structure
from publish.load.csv_table import RawTable
from publish.load.decode import first_bad_line, undecodable
from publish.model.source import Dialect

_ROW, _CELLS = "_row", "cells"


def read_fast(path: Path, dialect: Dialect, width: int) -> RawTable | None:
    """Read a file as `read_exact` would, or None if only that can.

    Raises NotReadableTable `table.undecodable`.
    """
    if not is_plain(dialect) or width == 0:
        return None
    # Read on the side while the structure is looked at: of a file that is not regular nobody asks what came of it.
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(_read, path, dialect, width)
        structure = scan_structure(path, dialect.delimiter, dialect.quote_char, width)
    if structure is None or _first_is_odd(structure):
        return None
    frame = reading.result()
    if frame is None or frame.height != structure.records:
        return None
    header = 1 if dialect.header else 0
    numbers = pl.int_range(1, structure.records + 1, dtype=pl.UInt32, eager=True).alias(_ROW)
    odd = pl.DataFrame(
        {_ROW: structure.odd + 1, _CELLS: structure.cells}, schema_overrides={_ROW: pl.UInt32, _CELLS: pl.UInt32}
    )
    if odd.filter(pl.col(_CELLS) > width).height and (line := first_bad_line(path)):
        raise undecodable(line, "utf-8")  # Polars does not look at the cells that it cuts off
    table = frame.with_columns(numbers).slice(header)
    return RawTable(_without_filling(table, odd, width), odd)


def is_plain(dialect: Dialect) -> bool:
    """Whether Polars knows all of the dialect. The line terminator is none of its business, nor of the csv module's."""
    ascii_marks = dialect.delimiter.isascii() and (dialect.quote_char or '"').isascii()
    return (
        ascii_marks
        and dialect.delimiter not in "\r\n"
        and dialect.escape_char is None
        and not dialect.skip_initial_space
        and not dialect.comment_char
        and not dialect.comment_rows
        and (not dialect.header or dialect.header_rows == (1,))
    )


def _first_is_odd(structure: Structure) -> bool:
    """Polars takes the number of columns from the first record."""
    return len(structure.odd) > 0 and int(structure.odd[0]) == 0


def _read(path: Path, dialect: Dialect, width: int) -> pl.DataFrame | None:
    """All records as String columns, or None. What Polars raises quotes cells, hence nothing of it is kept."""
    try:
        frame = pl.read_csv(
            path,
            has_header=False,
            separator=dialect.delimiter,
            quote_char=dialect.quote_char or None,
            schema={str(index): pl.String for index in range(width)},
            infer_schema=False,
            truncate_ragged_lines=True,
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError:
        frame = None
    if frame is None and (line := first_bad_line(path)):
        raise undecodable(line, "utf-8")
    return frame


def _without_filling(table: pl.DataFrame, odd: pl.DataFrame, width: int) -> pl.DataFrame:
    """Null instead of the empty text that Polars puts where a short row has no cell."""
    short = odd.filter(pl.col(_CELLS) < width)
    if not short.height:
        return table
    counted = table.join(short, on=_ROW, how="left", maintain_order="left")
    there = pl.col(_CELLS).is_null()
    cells = [pl.when(there | (pl.col(_CELLS) > i)).then(pl.col(str(i))).alias(str(i)) for i in range(width)]
    return counted.select(*cells, _ROW)

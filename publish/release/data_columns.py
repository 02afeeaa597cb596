"""The search of a Parquet file by the cells that it is made of: what is not one of them is searched."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from publish.model.artifact import CellSource
from publish.release.data_lines import Flags
from publish.release.matching import Search
from publish.release.unpacking import NotUnpackable

_ROWS, _COLUMNS = 131_072, 5  # that are compared together: a few columns of a group of rows


def search_columns(
    search: Search, path: str, tree: Path, names: Sequence[str], source: CellSource, clean: Flags
) -> None:
    """Search the cells of the file that are not those of the same row of `source`, in columns of these `names`, or not
    of `clean` rows. Raises NotUnpackable."""
    try:
        _search(search, path, tree, names, source, clean)
    except PolarsError:  # whatever a damaged file has it stumble over
        raise NotUnpackable("cannot be read as Parquet") from None


def _search(search: Search, path: str, tree: Path, names: Sequence[str], source: CellSource, clean: Flags) -> None:
    file = pl.scan_parquet(tree / path, glob=False)
    columns = file.collect_schema().names()
    for first in range(0, len(columns), _COLUMNS):
        own, told, begin = columns[first : first + _COLUMNS], names[first : first + _COLUMNS], 0
        while (rows := file.select(own).slice(begin, _ROWS).collect()).height:
            cells = _cells(source, begin, rows.height, told) if begin + rows.height <= len(clean) else []
            for number, found in enumerate(rows):
                left = found
                if number < len(cells):
                    left = found.filter(~_is_same(found, cells[number], pl.Series(clean[begin : begin + rows.height])))
                search.add(path, f"(column {first + number + 1})", _text(left))
            begin += _ROWS


def _cells(source: CellSource, begin: int, count: int, names: Sequence[str]) -> list[pl.Series]:
    """Of so many rows; of none where there are not so many."""
    if not names or begin + count > source.height:
        return []
    return source.cells(np.arange(begin, begin + count), names).get_columns()


def _is_same(found: pl.Series, searched: pl.Series, clean: pl.Series) -> pl.Series:
    if found.dtype.is_nested():
        return pl.Series([False]).new_from_index(0, len(found))
    return ((found.cast(pl.String) == searched) & clean).fill_null(value=False)


def _text(left: pl.Series) -> bytes:
    if left.dtype.is_nested() or left.dtype == pl.Binary:
        raise NotUnpackable("has columns of a type that data files do not have")
    text: bytes = left.cast(pl.String).drop_nulls().str.join("\n").cast(pl.Binary).item()
    return text

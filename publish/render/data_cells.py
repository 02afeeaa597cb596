"""How the data files of a dataset are made of cells: for whoever searches them, so that each cell is searched but once.

What is told here is compared with the files, line by line. A cell that a format writes otherwise than as it is (in
quotes, escaped, cut) makes a line that is not as told, which is searched as any text: that costs time and proves no
less.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from publish import urls
from publish.model.artifact import CellPlace, DataCells, written_whole
from publish.render.cells import excel_safe_column
from publish.render.xlsx import CLOSE, EMPTY, OPEN, ROW, ROW_END

_BATCH = 16_384  # rows that are read together

Names = Sequence[str]
Places = tuple[CellPlace, ...]


def written_cells(frame: pl.DataFrame, typed: pl.DataFrame, slug: str, folder: Path) -> DataCells:
    """The cells in a file of `folder`. `frame`: as CSV and XLSX have them, `typed`: as JSON and Parquet do."""
    plain = [str(number) for number in range(frame.width)]
    columns = dict(zip(plain, frame.get_columns(), strict=True))
    typed_names = _added(columns, plain, "typed", (column.cast(pl.String) for column in typed.get_columns()))
    safe_names = _added(columns, plain, "safe", map(excel_safe_column, frame.get_columns()))
    path = folder / f"{slug}.cells.arrow"
    with written_whole(path) as new:
        every = pl.DataFrame([column.alias(name) for name, column in columns.items()])
        every.write_ipc(new, record_batch_size=_BATCH)
    objects = tuple(_members(typed, typed_names))
    lines = {
        "csv": (tuple(_separated(plain)), "\r\n"),
        "excel.csv": (tuple(_quoted(safe_names)), "\r\n"),
        "xlsx": (tuple(_sheet_cells(plain)), ROW_END),
        "json": (objects, ",\n"),
        "ndjson": (objects, "\n"),
    }
    return DataCells(
        path,
        {_path(slug, suffix): line for suffix, line in lines.items()},
        {_path(slug, "parquet"): tuple(typed_names)},
    )


def _added(columns: dict[str, pl.Series], plain: Names, sort: str, cells: Iterator[pl.Series]) -> list[str]:
    """The names of columns of another sort; those that are as the plain ones are not added."""
    names = []
    for name, column in zip(plain, cells, strict=True):
        other = name if column.equals(columns[name], check_names=False) else f"{sort} {name}"
        columns.setdefault(other, column)
        names.append(other)
    return names


def _separated(names: Names) -> Iterator[CellPlace]:
    for number, name in enumerate(names):
        comma = "," if number else ""
        yield CellPlace(name, comma, "", comma)


def _quoted(names: Names) -> Iterator[CellPlace]:
    for number, name in enumerate(names):
        before = ',"' if number else '"'
        yield CellPlace(name, before, '"', before + '"')


def _members(typed: pl.DataFrame, names: Names) -> Iterator[CellPlace]:
    last = typed.width - 1
    for number, (column, name) in enumerate(zip(typed.get_columns(), names, strict=True)):
        before = ("," if number else "{") + json.dumps(column.name, ensure_ascii=False) + ":"
        end = "}" if number == last else ""
        quote = '"' if column.dtype in (pl.String, pl.Date) else ""
        yield CellPlace(name, before + quote, quote + end, before + "null" + end)


def _sheet_cells(names: Names) -> Iterator[CellPlace]:
    for number, name in enumerate(names):
        row = "" if number else ROW
        yield CellPlace(name, row + OPEN, CLOSE, row + EMPTY)


def _path(slug: str, suffix: str) -> str:
    return urls.file_of(urls.download(slug, suffix))

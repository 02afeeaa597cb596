"""How the data files of a dataset are made of cells: for whoever searches them, so that each cell is searched but once.

What is told here is compared with the files, line by line. A cell that a format writes otherwise than as it is (in
quotes, escaped, cut) makes a line that is not as told, which is searched as any text: that costs time and proves no
less.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from publish import urls
from publish.model.artifact import CellPlace, DataCells, LineFile, PiecedFile
from publish.render.sheet_rows import CLOSE, EMPTY, OPEN, ROW, ROW_END
from publish.render.table_rows import TableRows

Names = Sequence[str]


def told_cells(
    rows: TableRows, slug: str, heads: Mapping[str, int], lengths: Mapping[str, Path], pieces: Mapping[str, Path]
) -> DataCells:
    """Of files by suffix: how long the `heads` of those of lines are, and which files tell how long lines are; and
    which files tell the `pieces` of packed ones (PIECE_SCHEMA)."""
    plain = [str(number) for number in range(len(rows.fields))]
    kept = [number for number, field in enumerate(rows.own) if field.name in rows.kept]
    typed = [f"typed {name}" if int(name) in kept else name for name in plain]
    objects = tuple(_members([field.name for field in rows.fields], typed))
    layouts = {
        "csv": (tuple(_separated(plain)), "\r\n"),
        "excel.csv": (tuple(_quoted([f"safe {name}" for name in plain])), "\r\n"),
        "json": (objects, ",\n"),
        "ndjson": (objects, "\n"),
    }
    lines = {
        _path(slug, suffix): LineFile(places, end, heads[suffix], lengths[suffix], int(suffix == "json"))
        for suffix, (places, end) in layouts.items()
        if suffix in heads
    }
    layouts["xlsx"] = (tuple(_sheet_cells(plain)), ROW_END)
    pieced = {
        _path(slug, suffix): PiecedFile(*layouts[urls.plain_name(suffix)], file) for suffix, file in pieces.items()
    }
    return DataCells(slug, rows, lines, pieced, {_path(slug, "parquet"): tuple(typed)})


def _separated(names: Names) -> Iterator[CellPlace]:
    for number, name in enumerate(names):
        comma = "," if number else ""
        yield CellPlace(name, comma, "", comma)


def _quoted(names: Names) -> Iterator[CellPlace]:
    for number, name in enumerate(names):
        before = ',"' if number else '"'
        yield CellPlace(name, before, '"', before + '"')


def _members(members: Names, names: Names) -> Iterator[CellPlace]:
    for number, (member, name) in enumerate(zip(members, names, strict=True)):
        before = ("," if number else "{") + json.dumps(member, ensure_ascii=False) + ":"
        end = "}" if number == len(names) - 1 else ""
        quote = '"' if name == str(number) else ""
        yield CellPlace(name, before + quote, quote + end, before + "null" + end)


def _sheet_cells(names: Names) -> Iterator[CellPlace]:
    for number, name in enumerate(names):
        row = "" if number else ROW
        yield CellPlace(name, row + OPEN, CLOSE, row + EMPTY)


def _path(slug: str, suffix: str) -> str:
    return urls.file_of(urls.download(slug, suffix))

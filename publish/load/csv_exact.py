"""The exact path: Python's csv module with the settings that frictionless gives it, in chunks, into columns.

Slower than Polars (a few seconds for a million rows), and right for every dialect and every quirk of quoting.
"""

import csv
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from publish.load.csv_table import RawTable
from publish.load.decode import first_bad_line, undecodable
from publish.load.unpack import NotReadableTable
from publish.model.source import Dialect

_CHUNK = 50_000
# How many records may stand before the header; frictionless looks at as many.
_SAMPLE = 100
# What frictionless sets for the csv module.
_FIELD_SIZE = 2_147_483_646
_HINTS = {
    "table.open-quote": "a quote is opened here and never closed, which would swallow all further rows",
    "table.unreadable": "the csv module cannot read the file from here on; is the declared dialect right?",
}


def read_header(path: Path, dialect: Dialect) -> tuple[list[str], int]:
    """The header's labels, stripped, and the number of its last record (from 1); none and 0 without a header.

    Labels of several header rows are joined as frictionless joins them. Where only the default row is asked for and it
    is a comment, the first row that is none is the header.
    """
    if not dialect.header or not dialect.header_rows:
        return [], 0
    wanted = set(dialect.header_rows)
    found: list[list[str]] = []
    last = max(wanted)
    with closing(_records(path, dialect)) as records:
        for number, cells in enumerate(islice(records, max(_SAMPLE, last)), start=1):
            if is_comment(dialect, number, cells):
                if dialect.header_rows == (1,):
                    wanted, last = {number + 1}, number + 1
                continue
            if number in wanted:
                found.append([cell.strip() for cell in cells])
            if number >= last:
                break
    return _joined(found, dialect.header_join), last


def read_exact(path: Path, dialect: Dialect, width: int, first: int) -> RawTable:
    """Read the records after number `first` into a table of `width` columns.

    Raises NotReadableTable: `table.undecodable`, `table.open-quote`, `table.unreadable`.
    """
    frames: list[pl.DataFrame] = []
    odd: list[tuple[int, int]] = []
    with closing(_records(path, dialect)) as records:
        numbered = enumerate(records, start=1)
        while block := list(islice(numbered, _CHUNK)):
            block = [
                (number, cells) for number, cells in block if number > first and not is_comment(dialect, number, cells)
            ]
            odd += [(number, len(cells)) for number, cells in block if len(cells) != width]
            frames.append(_frame(block, width))
    frame = pl.concat([_frame([], width), *frames])
    counts = pl.DataFrame(odd, schema={"_row": pl.UInt32, "cells": pl.UInt32}, orient="row")
    return RawTable(frame, counts)


def is_comment(dialect: Dialect, number: int, cells: list[str]) -> bool:
    """Whether record `number` (from 1) is a comment by `commentRows` or `commentChar`."""
    if number in dialect.comment_rows:
        return True
    return bool(dialect.comment_char and cells and cells[0].startswith(dialect.comment_char))


def _joined(rows: list[list[str]], join: str) -> list[str]:
    """A cell that repeats the one above it is not joined again."""
    labels: list[str] = []
    above: dict[int, str] = {}
    for cells in rows:
        for index, cell in enumerate(cells):
            if above.get(index) == cell:
                continue
            above[index] = cell
            if index < len(labels):
                labels[index] = join.join([labels[index], cell])
            else:
                labels.append(cell)
    return labels


def _frame(block: list[tuple[int, list[str]]], width: int) -> pl.DataFrame:
    rows = [cells if len(cells) == width else (cells + [None] * width)[:width] for _, cells in block]
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    numbers = pl.Series("_row", [number for number, _ in block], dtype=pl.UInt32)
    return pl.DataFrame([*(pl.Series(f"{i}", column, dtype=pl.String) for i, column in enumerate(columns)), numbers])


class _Lines:
    """The lines of a text; knows when they have ended."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        yield from self._stream
        self.ended = True


def _records(path: Path, dialect: Dialect) -> Generator[list[str], None, None]:
    """The records of a UTF-8 file as Python's csv module sees them; its errors as ours, without their text."""
    fault, line = "", 1
    limit = csv.field_size_limit(_FIELD_SIZE)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = _Lines(stream)
            reader = csv.reader(lines, **_settings(dialect))
            for cells in reader:
                if lines.ended:  # the record wanted another line: a quote was never closed
                    fault = "table.open-quote"
                    break
                line = reader.line_num + 1
                yield cells
    except UnicodeDecodeError:
        fault = "table.undecodable"
    except csv.Error:
        fault = "table.unreadable"
    finally:
        csv.field_size_limit(limit)
    if fault == "table.undecodable":
        raise undecodable(first_bad_line(path), "utf-8")
    if fault:
        raise NotReadableTable(fault, _HINTS[fault], line)


def _settings(dialect: Dialect) -> dict[str, Any]:
    return {
        "delimiter": dialect.delimiter,
        # As frictionless has it: without an escape character quotes are doubled, whatever the dialect says.
        "doublequote": dialect.double_quote if dialect.escape_char else True,
        "escapechar": dialect.escape_char,
        "quotechar": dialect.quote_char or None,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote_char else csv.QUOTE_NONE,
        "skipinitialspace": dialect.skip_initial_space,
    }

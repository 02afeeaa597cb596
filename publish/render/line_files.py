"""Data files of a line for each row: CSV, CSV for Excel, JSON, NDJSON. Lines that the live release has are copied."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl

from publish.model.data_memory import Ints, runs_of
from publish.render.cells import excel_safe, excel_safe_column
from publish.render.live_files import LiveFile
from publish.render.table_rows import Columns, TableRows

_ROWS = 2048  # that are put together at a time: so few stay near the processor
_LINE_FEED, _QUOTE = 10, 34
ARRAY_BEGIN, BETWEEN, ARRAY_END = b"[\n", b",\n", b"]\n"  # of JSON, and after each line but the last

Lines = tuple[bytes, Ints]  # and how long each is


@dataclass(frozen=True, slots=True)
class LiveLines:
    """A file of the live release; where its lines begin, and the last one ends."""

    file: LiveFile
    bounds: Ints


class HashedFile:
    """A file that is written from its beginning to its end."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._stream = path.open("wb", buffering=1 << 20)
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._stream.close()

    @property
    def sha256(self) -> str:
        """Of what has been written."""
        return self._digest.hexdigest()

    def write(self, data: bytes | memoryview) -> None:
        """What follows."""
        self._stream.write(data)
        self._digest.update(data)
        self.size += len(data)

    def finish(self) -> None:
        """Nothing follows."""


class JsonArray:
    """A file that has the lines of NDJSON as those of an array, each but the last with a comma."""

    def __init__(self, out: HashedFile) -> None:
        self._out = out
        self._held = b""  # the end of a line, as long as it is not known whether it is the last

    def write(self, data: bytes | memoryview) -> None:
        """Some bytes of NDJSON."""
        text = bytes(data).replace(b"\n", BETWEEN)
        if text:
            self._out.write(self._held)
            self._held = BETWEEN if text.endswith(BETWEEN) else b""
            self._out.write(memoryview(text)[: len(text) - len(self._held)])

    def finish(self) -> None:
        """No line is left."""
        self._out.write(self._held[1:] + ARRAY_END)


class Composed:
    """Lines in their order: new ones as they are given, and those of the live release between them."""

    def __init__(self, outs: Sequence[HashedFile | JsonArray], rows: Ints, live: LiveLines | None) -> None:
        """`outs`: files of these lines. `rows`: which one of the live release each row is; -1: it is new."""
        self._outs = outs
        self._runs = pairwise(runs_of(rows).tolist())
        self._rows = rows
        self._live = live
        self._owed = 0  # so many new lines are next

    def add(self, data: bytes, bounds: Sequence[int]) -> None:
        """New lines; where they begin, and where the last one ends."""
        at, last = 0, len(bounds) - 1
        while at < last:
            if not self._owed:
                self._copy()
            size = min(self._owed, last - at)
            if not size:
                raise ValueError("more lines than rows that are new")
            self._write(memoryview(data)[bounds[at] : bounds[at + size]])
            at, self._owed = at + size, self._owed - size

    def finish(self) -> None:
        """No line is left. Raises DamagedFile if the live file is not what it should be."""
        if not self._owed:
            self._copy()
        if self._owed:
            raise ValueError("fewer lines than rows that are new")
        if self._live is not None:
            self._live.file.check()

    def _copy(self) -> None:
        """Old lines, up to the next one that is new."""
        for begin, end in self._runs:
            old = int(self._rows[begin])
            if old < 0 or self._live is None:
                self._owed = end - begin
                return
            bounds = self._live.bounds
            for block in self._live.file.blocks(int(bounds[old]), int(bounds[old + end - begin])):
                self._write(block)

    def _write(self, data: memoryview) -> None:
        for out in self._outs:
            out.write(data)


def csv_head(rows: TableRows) -> bytes:
    """The first line."""
    return _header([field.name for field in rows.fields], csv.QUOTE_MINIMAL)


def excel_head(rows: TableRows) -> bytes:
    """The first line, of titles."""
    titles = pl.Series(rows.titles).to_frame("title").select(excel_safe(pl.col("title"))).to_series()
    return b"\xef\xbb\xbf" + _header(titles.to_list(), csv.QUOTE_ALL)


def lines_of(kind: str, part: Columns) -> Iterator[Lines]:
    """The lines of a kind, those of some rows at a time."""
    prepared, write = _MAKERS[kind]
    frame = prepared(part)
    for begin in range(0, frame.height, _ROWS):
        some, lines = frame.slice(begin, _ROWS), io.BytesIO()
        write(some, lines)
        yield _measured(lines.getvalue(), some.height)


def _write_csv(frame: pl.DataFrame, lines: io.BytesIO) -> None:
    """Quotes where needed."""
    frame.write_csv(lines, include_header=False, line_terminator="\r\n", quote_style="necessary")


def _write_excel(frame: pl.DataFrame, lines: io.BytesIO) -> None:
    """All cells in quotes: where the list separator is `;` Excel would begin a new cell inside one."""
    frame.write_csv(lines, include_header=False, line_terminator="\r\n", quote_style="always")


def _write_ndjson(frame: pl.DataFrame, lines: io.BytesIO) -> None:
    """An object a line. A line feed in a value is written \\n, so that every one in the bytes ends an object."""
    frame.write_ndjson(lines)


_MAKERS: Mapping[str, tuple[Callable[[Columns], pl.DataFrame], Callable[[pl.DataFrame, io.BytesIO], None]]] = {
    "csv": (lambda part: part.frame, _write_csv),
    "excel.csv": (lambda part: pl.DataFrame(list(map(excel_safe_column, part.frame.get_columns()))), _write_excel),
    "ndjson": (lambda part: part.typed, _write_ndjson),
}
HEADS: Mapping[str, Callable[[TableRows], bytes]] = {
    "csv": csv_head,
    "excel.csv": excel_head,
    "ndjson": lambda rows: b"",
    "json": lambda rows: ARRAY_BEGIN,
}


def _measured(data: bytes, rows: int) -> Lines:
    """Lines end where a line feed is not between quotes."""
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets == _LINE_FEED)
    if len(ends) != rows:
        quotes = np.searchsorted(np.flatnonzero(octets == _QUOTE), ends)
        ends = ends[quotes % 2 == 0]
    if len(ends) != rows:
        raise ValueError("there are not as many lines as rows")
    return data, np.diff(ends + 1, prepend=0)


def _header(cells: Sequence[str], quoting: int) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator="\r\n").writerow(cells)  # type: ignore[arg-type]
    return text.getvalue().encode()

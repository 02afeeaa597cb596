"""Where rendered pages go: the part of a release that render may use; and how a worker leaves a file for others."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

# What a search has found, by place, and how often. Only whoever has searched knows what a place is.
Findings = Mapping[Any, int]


class FileWriter(Protocol):
    """Writes files of a sink in the process that makes them. It can be sent to workers of this machine, and is called
    once."""

    def __call__(self, contents: pl.Series) -> pl.DataFrame:
        """Write the content (String) of each of the files that it was asked for, in their order. Returns what the sink
        wants to be told of them."""


class Sink(Protocol):
    """Takes finished files by URL. Each URL once."""

    def write(self, url: str, data: bytes) -> None:
        """One file."""

    def write_many(self, paths: Sequence[str], blobs: Iterable[bytes]) -> None:
        """Many small files; `paths` are relative to the release, as urls.file_of gives them."""

    def writer(self, paths: pl.Series) -> FileWriter | None:
        """Whoever makes many small files at these paths (String, sorted) may write them with it, at the same time as
        others; then `note_written` is told. None: `write_many` takes them."""

    def note_written(self, paths: pl.Series, told: pl.DataFrame) -> None:
        """The writer of these paths has written its files, and has told this."""

    def keep_many(self, urls_kept: Iterable[str]) -> None:
        """Files that the last release has already under the same URLs."""

    def keep_some(self, paths: pl.Series) -> pl.Series:
        """The same for many small files by path (String); returns those that cannot be shared and must be written."""

    def add_file(self, url: str, path: Path, sha256: str) -> None:
        """A finished file on disk with this SHA-256 (hex), which is moved into the release."""


class PageSearch(Protocol):
    """Looks for what must not be public in pages, in the process that makes them. It can be sent to workers."""

    @property
    def lines(self) -> int | None:
        """With so many lines on either side of a cell it is known whether something stands there that touches the
        cell; None: only whole pages tell."""

    @property
    def value_lines(self) -> int:
        """Over how many lines at most that goes which is looked for."""

    @property
    def barriers(self) -> str:
        """Characters of markup that nothing has in it which is looked for. What stands beside one in a template may be
        searched without it: none of them is part of an escape, but for a quote, behind which nothing changes."""

    def doubtful(self, texts: Sequence[pl.Series]) -> list[pl.Series]:
        """Of each of these texts (String), which are whole lines as pages have them, or what stands between barriers,
        whether it must be searched where it stands (Boolean). In all others nothing is found, in whatever page they
        are."""

    def __call__(self, pages: pl.DataFrame) -> Findings:
        """Search pages of the same templates: `path`, `html`, and `near`, String: all that no other of the pages has,
        with `lines` lines around it, but for what is not doubtful; null where the whole page is to be searched."""


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where a column of cells stands in the lines of a file: what is before a cell and after it, and what is there
    instead of all three where the cell is null."""

    column: str
    before: str
    after: str
    blank: str


class CellSource(Protocol):
    """The rows of a table as its data files have them, in their order. It can be sent to workers."""

    @property
    def height(self) -> int:
        """How many rows there are."""

    def cells(self, rows: NDArray[np.int64], names: Sequence[str] | None = None) -> pl.DataFrame:
        """The cells of these rows (rising): String columns, of which CellPlace tells, all of them or those of these
        names. The last word of a name is the column whose cells are written otherwise: `safe 3` those of `3`."""

    def digests(self, begin: int, count: int) -> NDArray[np.uint64]:
        """By which rows are known from build to build: 64 bits of all that their lines are made of."""


@dataclass(frozen=True, slots=True)
class LineFile:
    """A file of a line for each row: its cells at their `places`, then `end`. Behind `head` bytes the lines are as long
    as `lengths` tells (a .npy file, UInt32) and `more`; what a file has besides is looked at as ever."""

    places: tuple[CellPlace, ...]
    end: str
    head: int
    lengths: Path
    more: int = 0


@dataclass(frozen=True, slots=True)
class PiecedFile:
    """A packed file whose rows are made likewise, an XLSX or gzip of such lines: some rows each are packed by
    themselves. `pieces`, of PIECE_SCHEMA, is an IPC file; all such files of a dataset are cut at the same rows."""

    places: tuple[CellPlace, ...]
    end: str
    pieces: Path


@dataclass(frozen=True, slots=True)
class DataCells:
    """Cells of which the data files of a dataset are made. The files, by path in the release: those of lines, those
    of pieces, and Parquet files, which have these columns in this order. None of it need be taken on trust."""

    slug: str
    source: CellSource
    lines: Mapping[str, LineFile]
    pieced: Mapping[str, PiecedFile]
    columns: Mapping[str, tuple[str, ...]]

    @property
    def made(self) -> Mapping[str, LineFile | PiecedFile]:
        """Files that have something of their own for each row."""
        return {**self.lines, **self.pieced}


class Proof(Protocol):
    """Is told of pages that were searched while they were made, so that they need not be read again."""

    @property
    def search(self) -> PageSearch | None:
        """What pages are searched with; None: they are read when all is done."""

    def told(self, paths: pl.Series, findings: Findings) -> None:
        """These pages were searched, and the very same bytes are in the release."""


class NoProof:
    """Nothing is searched while it is made."""

    search: PageSearch | None = None

    def told(self, paths: pl.Series, findings: Findings) -> None:
        """Never called: there is no search."""


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; at the end that file takes the place of `path` in one step.

    So a file is there whole or not at all, also when its writer is killed; and a task that two workers do at a time
    harms nothing, since each writes a file of its own. An error leaves `path` as it was.
    """
    new = path.with_name(f".{secrets.token_hex(8)}.{path.name}")
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)

"""The search of data files by the cells that they are made of (data_lines.py): tasks, in whichever process.

First the cells, some rows at a time; then the files. Nothing of it is taken on trust from whoever made the files.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from publish.model.artifact import CellPlace
from publish.model.sieve import Sieve
from publish.release.data_lines import GAP, Flags, LinesLeft, Words, constants, line_hashes, plain_rows
from publish.release.matching import NAME, NOT_SCANNABLE, Finding, Search
from publish.release.page_search import SavedSearch
from publish.release.unpacking import HEAD, NotUnpackable, is_packed, plain_parts

_COLUMN_ROWS = 131_072
ROWS = 16_384  # that are looked at together: a line of a sheet has several KB

Layout = tuple[CellPlace, ...]


@dataclass(frozen=True, slots=True)
class RowsTask:
    """Cells to be searched, those of ROWS rows from `begin` on. Which rows are plain and searched, their hashes by
    `seed`, and those of their lines in each layout, under `key`, go into `folder`. `known`: hashes, rising, of rows
    that were so in the last release: they are searched for what is fresh since."""

    search: SavedSearch
    cells: Path
    begin: int
    layouts: tuple[Layout, ...]
    short: frozenset[str]
    key: int
    folder: Path
    seed: int
    known: Path | None


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file of lines of one layout (by its number), or of `columns`. `joined`: a sieve that all of it is searched with
    besides."""

    search: SavedSearch
    tree: str
    path: str
    cells: Path
    folder: Path
    key: int
    layout: int = -1
    end: bytes = b""
    columns: tuple[str, ...] = ()
    joined: Path | None = None


def search_rows(task: RowsTask) -> None:
    """Find which rows are plain and hold nothing that is looked for."""
    cells = pl.scan_ipc(task.cells).slice(task.begin, ROWS).collect()
    hashes = cells.hash_rows(task.seed).to_numpy()
    is_known = np.zeros(len(hashes), np.bool_)
    if task.known is not None and task.search.fresh is not None:
        is_known = _among(hashes, np.load(task.known, mmap_mode="r"))
    plain = is_known.copy()
    plain[~is_known] = plain_rows(cells.filter(pl.Series(~is_known)), task.short)
    # Where something is found is told by whoever searches the files.
    new = cells.filter(pl.Series(plain & ~is_known))
    if _hold_any(task.search.sieves, task.search.value_lines, new.get_columns()):
        plain &= is_known
    old = cells.filter(pl.Series(is_known))
    if task.search.fresh and _hold_any((task.search.fresh,), task.search.value_lines, old.get_columns()):
        plain &= ~is_known
    # What stands between the cells is in all lines, those of remembered rows too.
    marks = pl.Series([text for layout in task.layouts for text in constants(layout, "\n")], dtype=pl.String)
    if _hold_any(task.search.sieves, task.search.value_lines, [marks]):
        plain[:] = False
    np.save(task.folder / f"plain-{task.begin}.npy", plain)
    np.save(task.folder / f"rows-{task.begin}.npy", hashes[plain])
    chosen = cells.filter(pl.Series(plain))
    for number, layout in enumerate(task.layouts):
        np.save(task.folder / f"lines-{number}-{task.begin}.npy", line_hashes(chosen, layout, task.key))


def _among(hashes: Words, rising: Words) -> Flags:
    at = np.minimum(np.searchsorted(rising, hashes), max(len(rising) - 1, 0))
    found: Flags = rising[at] == hashes if len(rising) else np.zeros(len(hashes), np.bool_)
    return found


def search_file(task: FileTask) -> dict[Finding, int]:
    """Search what of a file is not lines, or cells, that are let off."""
    search = task.search.opened()
    search.add(task.path, NAME, os.fsencode(task.path))
    try:
        with open(f"{task.tree}/{task.path}", "rb") as stream:  # noqa: PTH123
            _search_file(search, task, stream)
            search.flush()
            found = search.found
            if task.joined is not None:
                found |= _joined(task, task.joined, stream)  # what both have found is one
    except NotUnpackable as fault:
        return {Finding(task.path, "", NOT_SCANNABLE, str(fault)): 1}
    except OSError:
        return {Finding(task.path, "", NOT_SCANNABLE, "cannot be read"): 1}
    return dict(found)


def _hold_any(sieves: Sequence[Path], lines: int, columns: Sequence[pl.Series]) -> bool:
    """Whether a private value is in any of these texts. Patterns are not: rows that may have them are not plain."""
    loaded = [Sieve.load(folder) for folder in sieves]
    search = Search(loaded, None, frozenset(), lines)
    if any(map(len, loaded)):
        for column in columns:
            text = column.drop_nulls().unique().str.join(GAP.decode()).cast(pl.Binary).item()
            search.add("", "", text, is_text=True)
        search.flush()
    return bool(search.found)


def _search_file(search: Search, task: FileTask, stream: BinaryIO) -> None:
    packed = is_packed(stream.read(HEAD))
    lines = None if task.columns else LinesLeft(_known(task), task.key, task.end, task.search.value_lines)
    for part in plain_parts(stream):
        if part.name.startswith("(column ") and task.columns:
            continue  # it is read below
        blocks = part.blocks if lines is None or (packed and not part.name) else lines.of(part.blocks)
        search.add_blocks(task.path, part.name, blocks)
    if task.columns:
        _search_columns(search, task)


def _known(task: FileTask) -> Words:
    parts = [np.load(path) for path in task.folder.glob(f"lines-{task.layout}-*.npy")]
    return np.sort(np.concatenate([np.zeros(0, np.uint64), *parts]))


def _search_columns(search: Search, task: FileTask) -> None:
    """The cells of a Parquet file that are not those of the same row of the cells that were searched."""
    source, cells = pl.scan_parquet(Path(task.tree) / task.path, glob=False), pl.scan_ipc(task.cells)
    parts = [np.load(path) for path in _in_order(task.folder)]
    plain = pl.Series(np.concatenate([np.zeros(0, np.bool_), *parts]))
    for number, name in enumerate(source.collect_schema().names()):
        begin = 0
        while len(found := _cells(source, name, begin)):
            left = found
            if number < len(task.columns):
                searched = _cells(cells, task.columns[number], begin)
                left = found.filter(~_is_same(found, searched, plain.slice(begin, len(found))))
            if left.dtype.is_nested() or left.dtype == pl.Binary:
                raise NotUnpackable("has columns of a type that data files do not have")
            text = left.cast(pl.String).drop_nulls().str.join("\n").cast(pl.Binary).item()
            search.add(task.path, f"(column {number + 1})", text)
            begin += _COLUMN_ROWS


def _cells(frame: pl.LazyFrame, column: str, begin: int) -> pl.Series:
    return frame.select(column).slice(begin, _COLUMN_ROWS).collect().to_series()


def _is_same(found: pl.Series, searched: pl.Series, plain: pl.Series) -> pl.Series:
    if not len(found) == len(searched) == len(plain) or found.dtype.is_nested():
        return pl.Series([False]).new_from_index(0, len(found))
    return ((found.cast(pl.String) == searched) & plain).fill_null(value=False)


def _in_order(folder: Path) -> list[Path]:
    return sorted(folder.glob("plain-*.npy"), key=lambda path: int(path.stem.partition("-")[2]))


def _joined(task: FileTask, joined: Path, stream: BinaryIO) -> Counter[Finding]:
    """What goes over the edges of cells, in all of a file."""
    search = Search([Sieve.load(joined)], None, frozenset(), task.search.value_lines)
    for part in plain_parts(stream):
        search.add_blocks(task.path, part.name, part.blocks)
    search.flush()
    return search.found

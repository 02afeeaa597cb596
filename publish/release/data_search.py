"""The search of data files by the cells that they are made of (data_lines.py): tasks, in whichever process.

First the rows, some at a time, in all files; then what the files have besides. Nothing of it is taken on trust from
whoever made the files. A row that the live release has too, and of which it was seen that each of its files has just
the line of its public cells, is let off where the very bytes of the live file are there (docs/decisions/0022).
"""

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish import urls
from publish.model.artifact import DataCells, written_whole
from publish.model.data_memory import KnownRows
from publish.model.sieve import Sieve
from publish.release.data_columns import search_columns
from publish.release.data_lines import GAP, Flags, Ints, constants, distinct_forms, equal_lines, lines_of, plain_rows
from publish.release.data_twins import as_known
from publish.release.data_views import LineView, PiecesView, View
from publish.release.matching import NAME, NOT_SCANNABLE, Finding, Search
from publish.release.packed_bytes import texts_of
from publish.release.page_search import SavedSearch
from publish.release.piece_parts import SHEET_PART, beside_pieces
from publish.release.unpacking import GZIP_PART, HEAD, NotUnpackable, is_packed, plain_parts

T = TypeVar("T", bound=np.generic)
ROWS = 16_384  # that are looked at together
_LINES = 2048  # that are put together at a time: so few stay near the processor
_SAMPLE, _RUN = 200, 32  # one of so many runs, of so many rows that are let off since they are the live release's


@dataclass(frozen=True, slots=True)
class DataTask:
    """A dataset whose files in `tree` are searched. `folder` is for what tasks find out; it has where lines begin.
    `live`: files of the live release by path, if they are known. `short`: data_lines.Edges. `joints`: files of which
    new rows are searched, whatever they are made of, for values that go over edges: those of `joined`, a sieve."""

    search: SavedSearch
    data: DataCells
    tree: str
    folder: Path
    live: Mapping[str, Path]
    short: frozenset[str]
    files: tuple[str, ...]
    joints: frozenset[str] = frozenset()
    joined: Path | None = None


@dataclass(frozen=True, slots=True)
class RowsTask:
    """Rows to be searched in all files, from `begin` up to `end`; both are where pieces of packed files begin."""

    of: DataTask
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class FileTask:
    """What a file has beside rows. `is_joined`: all of it is searched for values that go over edges of cells."""

    of: DataTask
    path: str
    is_joined: bool = False


def search_rows(task: RowsTask) -> dict[Finding, int]:
    """Search the lines that are not let off. Leaves in the folder the digests of the rows (`digests-`), of which it is
    known that each file has their lines (`proven-`), and of which Parquet's cells need not be searched (`clean-`): in a
    night those of known rows, since cells of new ones were read from a file of their own."""
    of, begin, count = task.of, task.begin, task.end - task.begin
    digests = of.data.source.digests(begin, count)
    known = _known_rows(of, digests)
    search, edges = of.search.opened(), _search_of_joined(of)
    with ExitStack() as stack:
        views = {path: _view(of, path, stack) for path in of.files}
        same = as_known(views, of.data.lines, begin, known)
        clean = known >= 0
        _compare(of, views, begin, same, clean)
        sample = _sampled(count) & (known >= 0)
        for path, view in views.items():
            try:
                left = ~(same[path] & clean) | sample
                for part, text in _left(view, begin, left, of):
                    search.add(path, part, text)
                for part, text in _left(view, begin, (known < 0) & ~left, of) if path in of.joints else ():
                    edges.add(path, part, text)
            except (NotUnpackable, OSError):
                same[path][:] = False
                (of.folder / f"broken-{of.files.index(path)}").touch()  # it is searched whole
    search.flush()
    edges.flush()
    proven = np.logical_and.reduce([clean, *same.values()])
    let_off = known >= 0 if of.live else clean
    for name, array in (("digests", digests), ("proven", proven), ("clean", let_off)):
        with written_whole(of.folder / f"{name}-{begin}.npy") as new:  # a cluster may do a task twice
            np.save(new, array)
    return dict(search.found | edges.found)


def _compare(of: DataTask, views: Mapping[str, View], begin: int, same: Mapping[str, Flags], clean: Flags) -> None:
    """Find out of all other rows whether files have their lines, and whether they are clean. Some at a time, however
    many there are."""
    needed = np.flatnonzero(~np.logical_and.reduce([np.ones(len(clean), np.bool_), *same.values()]))
    for low in range(0, len(needed), ROWS):
        rows = needed[low : low + ROWS]
        cells = of.data.source.cells(rows + begin)
        clean[rows] |= _clean(of, cells, ~clean[rows])
        made = of.data.made
        for places in dict.fromkeys(made[path].places for path in views):
            alike = [path for path in views if made[path].places == places]  # they have the same lines
            mine = ~np.logical_and.reduce([same[path][rows] for path in alike])
            left, own = rows[mine], cells.filter(pl.Series(mine))
            for first in range(0, len(left), _LINES):
                some = left[first : first + _LINES]
                lines = lines_of(own.slice(first, _LINES), places)
                for path in alike:
                    with suppress(NotUnpackable, OSError):  # what cannot be read is not the same, and told below
                        same[path][some] |= _as_told(views[path], some + begin, lines, made[path].end)


def _sampled(count: int) -> Flags:
    """Of which rows the lines are searched though they are let off: some runs, since to come to one row of a workbook
    takes as long as to come to all that are packed with it."""
    chance = np.random.default_rng(secrets.randbits(64))
    runs = (np.arange(count) + chance.integers(_RUN)) // _RUN
    return np.asarray((chance.random(count // _RUN + 2) * _SAMPLE < 1)[runs], np.bool_)


def _known_rows(of: DataTask, digests: NDArray[np.uint64]) -> Ints:
    if not of.live:
        return np.full(len(digests), -1, np.int64)
    rising, order = (np.load(of.folder / f"{name}.npy", mmap_mode="r") for name in ("rising", "order"))
    return KnownRows(rising, order).rows(digests)


def _view(of: DataTask, path: str, stack: ExitStack) -> View:
    stream, old = _opened(f"{of.tree}/{path}", stack), None
    if path in of.live:
        with suppress(OSError):  # then all of the file is searched, as if there was no live one
            old = _opened(str(of.live[path]), stack)
    name, pieced = of.files.index(path), of.data.pieced.get(path)
    if pieced is not None:
        pieces = pl.read_ipc(pieced.pieces)
        live = (old, pl.read_ipc(of.folder / f"live-{name}.arrow")) if old is not None else None
        return PiecesView(stream, pieces, pieced.end.encode(), live, GZIP_PART if urls.is_packed(path) else SHEET_PART)
    bounds = np.load(of.folder / f"bounds-{name}.npy", mmap_mode="r")
    return LineView(stream, bounds, (old, np.load(of.folder / f"live-{name}.npy", mmap_mode="r")) if old else None)


def _opened(path: str, stack: ExitStack) -> FileIO:
    return stack.enter_context(FileIO(path))


def _clean(of: DataTask, cells: pl.DataFrame, wanted: Flags) -> Flags:
    """Of which rows the cells hold nothing that is looked for, wherever they stand."""
    columns = [one.filter(pl.Series(wanted)) for one in distinct_forms(cells)]
    short = {name.rpartition(" ")[2] for name in of.short}
    plain = plain_rows([one.alias(one.name.rpartition(" ")[2]) for one in columns], short)
    kept = [one.filter(pl.Series(plain)) for one in columns]
    layouts = dict.fromkeys(one.places for one in of.data.made.values())
    marks = pl.Series([text for layout in layouts for text in constants(layout, "\n")], dtype=pl.String)
    # Where something is found is told by whoever searches the lines.
    if _hold_any(of.search, [*kept, marks]):
        plain[:] = False
    out = np.zeros(len(wanted), np.bool_)
    out[wanted] = plain
    return out


def _search_of_joined(of: DataTask) -> Search:
    sieves = [Sieve.load(of.joined)] if of.joined is not None else []
    return Search(sieves, None, frozenset(), of.search.value_lines)


def _hold_any(search: SavedSearch, columns: Sequence[pl.Series]) -> bool:
    """Whether a private value is in any of these texts. Patterns are not: rows that may have them are not plain."""
    loaded = [Sieve.load(folder) for folder in search.sieves]
    found = Search(loaded, None, frozenset(), search.value_lines)
    if any(map(len, loaded)):
        for column in columns:
            text = column.drop_nulls().unique().str.join(GAP.decode()).cast(pl.Binary).item()
            found.add("", "", text or b"", is_text=True)
        found.flush()
    return bool(found.found)


def _as_told(view: View, rows: Ints, lines: pl.Series, end: str) -> Flags:
    """Of which rows a file has just their line, and that end."""
    runs = [(int(run[0]), int(run[-1]) + 1) for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)]
    text = b"".join(view.text(first, last) for first, last in runs)
    sizes = np.concatenate([view.sizes(first, last) for first, last in runs])
    return equal_lines(text, sizes, lines, end)


def _left(view: View, begin: int, left: Flags, of: DataTask) -> Iterator[tuple[str, bytes]]:
    """The lines that are left, with as many on either side as a value can go over and one more, since what is beside a
    match decides on it."""
    span, height = max(of.search.value_lines, 1) + 1, of.data.source.height
    rows = np.flatnonzero(left) + begin
    breaks = np.flatnonzero(np.diff(rows) > 2 * span) + 1
    texts: dict[str, list[bytes]] = {}
    size = 0
    for run in np.split(rows, breaks) if len(rows) else ():
        first, end = int(run[0]), int(run[-1]) + 1
        for low in range(first, end, _LINES):
            text = view.text(max(0, low - span), min(height, min(low + _LINES, end) + span))
            texts.setdefault(view.part(low), []).append(GAP + text)
            size += len(text)
        if size > 1 << 22:
            yield from ((part, b"".join(some)) for part, some in texts.items())
            texts, size = {}, 0
    yield from ((part, b"".join(some)) for part, some in texts.items())


def search_file(task: FileTask) -> dict[Finding, int]:
    """Search what of a file is not rows, or cells, that are let off."""
    of = task.of
    search = of.search.opened()
    search.add(task.path, NAME, os.fsencode(task.path))
    # Packed columns have an `@` in each 256 bytes: they are searched for values, and for patterns unpacked.
    plain = replace(of.search, patterns=None).opened() if task.path in of.data.columns else search
    try:
        with open(f"{of.tree}/{task.path}", "rb") as stream:  # noqa: PTH123
            for part, blocks in _beside_rows(task, stream):
                (search if part else plain).add_blocks(task.path, part, blocks)
            if task.path in of.data.columns:
                clean = joined_parts(of.folder, "clean", np.zeros(0, np.bool_))
                names = of.data.columns[task.path]
                search_columns(search, task.path, Path(of.tree), names, of.data.source, clean)
            search.flush()
            plain.flush()
            found = search.found | plain.found
            if task.is_joined:
                found |= _joined(task, stream)  # what both have found is one
    except NotUnpackable as fault:
        return {Finding(task.path, "", NOT_SCANNABLE, str(fault)): 1}
    except OSError:
        return {Finding(task.path, "", NOT_SCANNABLE, "cannot be read"): 1}
    return dict(found)


def _beside_rows(task: FileTask, stream: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    of, path = task.of, task.path
    is_broken = path in of.files and (of.folder / f"broken-{of.files.index(path)}").exists()
    lines, pieced = of.data.lines.get(path), of.data.pieced.get(path)
    if pieced is not None and not is_broken:
        parts = beside_pieces(stream, pl.read_ipc(pieced.pieces))
        if parts is not None:
            yield from parts
            return
    if lines is not None and not is_broken and not is_packed(stream.read(HEAD)):
        yield from (("", iter((text,))) for text in _around_lines(of, path, stream))
        return
    for part in plain_parts(stream):
        if not part.name and path in of.data.columns:
            yield "", texts_of(part.blocks)
        elif not (part.name.startswith("(column ") and path in of.data.columns):  # they are read by themselves
            yield part.name, part.blocks


def _around_lines(of: DataTask, path: str, stream: BinaryIO) -> Iterator[bytes]:
    """What is before and after all lines, with some of them."""
    bounds = np.load(of.folder / f"bounds-{of.files.index(path)}.npy", mmap_mode="r")
    near = min(max(of.search.value_lines, 1) + 1, len(bounds) - 1)
    stream.seek(0)
    yield stream.read(int(bounds[near]))
    stream.seek(int(bounds[len(bounds) - 1 - near]))
    yield stream.read()


def joined_parts(folder: Path, name: str, empty: NDArray[T]) -> NDArray[T]:
    """What tasks have left of all rows, in their order."""
    paths = sorted(folder.glob(f"{name}-*.npy"), key=lambda path: int(path.stem.rpartition("-")[2]))
    return np.concatenate([empty, *map(np.load, paths)])


def _joined(task: FileTask, stream: BinaryIO) -> Counter[Finding]:
    """What goes over the edges of cells, in all of a file."""
    search = _search_of_joined(task.of)
    for part in plain_parts(stream):
        search.add_blocks(task.path, part.name, part.blocks)
    search.flush()
    return search.found

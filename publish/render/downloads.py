"""The data files of a dataset: CSV, CSV for Excel, XLSX, JSON, NDJSON, Parquet, and what describes them.

What is in each of them and why: docs/downloads.md. Every file has the columns of the table's public fields, then
`permalink` (the record's page), `public_until` (its last public day; empty: no end) and `flag` (what the record is
marked with, such as `objection`; empty: nothing). Without the mark a copy would show a disputed record as if nobody
disputed it.

A row is made into lines where the live release does not have them: of rows that it has, lines are copied, and pieces of
the workbook. The bytes are the same either way.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from publish import urls
from publish.model.artifact import DataCells, written_whole
from publish.model.data_memory import Ints, KnownData, bounds_of, forwards, same_rows, worthwhile
from publish.model.public import DatasetInfo, PublicTable
from publish.render.data_cells import told_cells
from publish.render.line_files import HEADS, Composed, HashedFile, JsonArray, LiveLines, lines_of
from publish.render.live_files import DamagedFile, LiveFile
from publish.render.table_rows import Columns, TableRows, some_rows, table_rows, with_few
from publish.render.xlsx import LivePieces, made_rows, write_xlsx

_SLOW = ("xlsx",)  # as long as all others together
_QUICK = ("xlsx", "parquet")  # in a night: to copy all others takes longer than to make these
_ROW_GROUP = 131_072
_LEVEL = 1  # of zstd: three quarters of the time of level 3, for 4 % more bytes
_READ = 16_384  # rows that are read together
_FEW = 4  # one of so many rows may be written once more
_LINES = {"csv": "csv", "excel.csv": "excel.csv", "ndjson": "ndjson", "json": "ndjson"}  # as what each is made


@dataclass(frozen=True, slots=True)
class DownloadFile:
    """One finished file: `suffix` is one of urls.DOWNLOAD_NAMES."""

    suffix: str
    path: Path
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LiveFiles:
    """Data files of the live release by their suffix, with their SHA-256 by its manifest, and what is known of them."""

    paths: Mapping[str, Path]
    sha256: Mapping[str, str]
    known: KnownData


@dataclass(frozen=True, slots=True)
class Copied:
    """What is copied, and from where: live files by their suffix, with their SHA-256, and by kind of lines the bytes
    before the first one. `lengths` of their lines (columns of ROW_SCHEMA) and `pieces` are files, for workers, as are
    `rows`: which row of the live files each row is (-1: it is new). Those that are new have a file of their own, since
    to read them from all rows takes as long as to read all. `sheet`: all rows, with those of the workbook's pieces that
    are made in a file of their own."""

    paths: Mapping[str, Path]
    sha256: Mapping[str, str]
    heads: Mapping[str, int]
    lengths: Path
    pieces: Path
    rows: Path
    new: TableRows
    sheet: TableRows

    def opened(self, suffix: str) -> LiveFile:
        """One of the live files. Raises DamagedFile."""
        return LiveFile(self.paths[suffix], self.sha256[suffix])


@dataclass(frozen=True, slots=True)
class DownloadTask:
    """Some of the files of one dataset, into `folder`. `copied`: None if all is made."""

    info: DatasetInfo
    rows: TableRows
    folder: Path
    suffixes: tuple[str, ...]
    copied: Copied | None = None


@dataclass(frozen=True, slots=True)
class MadeFiles:
    """Files in the order of their suffixes. `made`: of how many rows the lines were made."""

    files: tuple[DownloadFile, ...]
    made: int


def download_tasks(
    table: PublicTable, base_url: str, folder: Path, live: LiveFiles | None = None
) -> list[DownloadTask]:
    """All files of a dataset as two tasks for an executor; `folder` is a scratch folder that exists."""
    rows = table_rows(table, folder / f"{table.info.slug}.rows.arrow", base_url)
    copied = _copied(table, rows, folder, live) if live is not None else None
    if copied is not None and live is not None:
        rows = _with_searched(table, rows, folder, np.load(copied.rows), live.known)
    some = _SLOW if copied is None else _QUICK
    others = tuple(suffix for suffix in urls.DOWNLOAD_NAMES if suffix not in some)
    return [DownloadTask(table.info, rows, folder, suffixes, copied) for suffixes in (some, others)]


def _copied(table: PublicTable, rows: TableRows, folder: Path, live: LiveFiles) -> Copied | None:
    """None where there is too little that can be copied."""
    same = forwards(worthwhile(same_rows(rows.digests(0, rows.height), live.known.rows["digest"].to_numpy())))
    if not (same >= 0).any():
        return None
    known, slug = live.known, table.info.slug
    heads = {kind: known.heads[urls.file_of(urls.download(slug, kind))] for kind in dict.fromkeys(_LINES.values())}
    path, lengths, pieces = (folder / f"{slug}.live.{name}" for name in ("npy", "lengths.arrow", "pieces.arrow"))
    np.save(path, same)
    known.rows.select(*heads).write_ipc(lengths)
    known.pieces.write_ipc(pieces)
    new = some_rows(table, rows, np.flatnonzero(same < 0), folder / f"{slug}.new.arrow")
    made = made_rows(table.frame["_key"], known.pieces, same)
    sheet = rows
    if len(made) * _FEW <= rows.height:
        sheet = with_few(table, rows, made, folder / f"{slug}.sheet.arrow")
    return Copied(live.paths, live.sha256, heads, lengths, pieces, path, new, sheet)


def _with_searched(table: PublicTable, rows: TableRows, folder: Path, same: Ints, known: KnownData) -> TableRows:
    """With those rows besides whose cells the search of the files wants: new ones, and those that are searched in each
    build. It finds out by itself which it wants, and reads others from all rows."""
    proven = known.rows["proven"].to_numpy()
    few = np.flatnonzero((same < 0) | ~proven[np.maximum(same, 0)])
    return with_few(table, rows, few, folder / f"{table.info.slug}.few.arrow")


def render_task(task: DownloadTask) -> MadeFiles:
    """The files of a task. Runs anywhere."""
    if task.copied is not None:
        with suppress(DamagedFile):  # then nothing is kept of what was copied
            return _made(task, np.load(task.copied.rows), task.copied)
    return _made(task, np.full(task.rows.height, -1, np.int64), None)


def render_downloads(
    table: PublicTable, base_url: str, folder: Path, suffixes: Sequence[str] = urls.DOWNLOAD_NAMES
) -> tuple[DownloadFile, ...]:
    """Write files of one dataset into `folder`, a scratch folder that exists.

    The day of the build is not in any of them: a table that has not changed gives the same bytes, which the release
    links.
    """
    rows = table_rows(table, folder / f".{table.info.slug}.rows.arrow", base_url)
    return render_task(DownloadTask(table.info, rows, folder, tuple(suffixes))).files


def cells_of(rows: TableRows, slug: str, folder: Path) -> DataCells:
    """Of which cells the files are made that tasks have left in `folder`, for whoever searches them."""
    heads = {suffix: len(HEADS[suffix](rows)) for suffix in _LINES}
    lengths = {suffix: _lengths_file(folder, slug, _LINES[suffix]) for suffix in _LINES}
    return told_cells(rows, slug, heads, lengths, _pieces_file(folder, slug))


def _made(task: DownloadTask, rows: Ints, copied: Copied | None) -> MadeFiles:
    """`rows`: which one of the live release each row is; -1: it is new. Raises DamagedFile."""
    files = _write_lines(task, rows, copied)
    for suffix, write in (("xlsx", _write_workbook), ("parquet", _write_parquet)):
        if suffix in task.suffixes:
            path = task.folder / f"{task.info.slug}.{suffix}"
            with written_whole(path) as new:
                write(task, new, rows, copied)
                with new.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
            files[suffix] = DownloadFile(suffix, path, path.stat().st_size, digest)
    return MadeFiles(tuple(files[suffix] for suffix in task.suffixes), int((rows < 0).sum()))


def _write_lines(task: DownloadTask, rows: Ints, copied: Copied | None) -> dict[str, DownloadFile]:
    """The files of lines, all of them together, since two of them are made alike."""
    slug, suffixes = task.info.slug, [suffix for suffix in task.suffixes if suffix in _LINES]
    kinds = dict.fromkeys(_LINES[suffix] for suffix in suffixes)
    lengths = {kind: np.zeros(len(rows), np.uint32) for kind in kinds}
    with ExitStack() as stack:
        targets = {suffix: task.folder / f"{slug}.{suffix}" for suffix in suffixes}
        news = {suffix: stack.enter_context(written_whole(path)) for suffix, path in targets.items()}
        outs = {suffix: stack.enter_context(HashedFile(new)) for suffix, new in news.items()}
        for suffix in suffixes:
            outs[suffix].write(HEADS[suffix](task.rows))
        filled = {suffix: JsonArray(out) if suffix == "json" else out for suffix, out in outs.items()}
        composed = {}
        for kind in kinds:
            alike = [filled[suffix] for suffix in suffixes if _LINES[suffix] == kind]
            composed[kind] = Composed(alike, rows, _live_lines(copied, kind, stack))
        for chosen, part in _new_rows(task, rows, copied) if kinds else ():
            for kind, one in composed.items():
                done = 0
                for data, sizes in lines_of(kind, part):
                    lengths[kind][chosen[done : done + len(sizes)]] = sizes
                    one.add(data, np.cumsum(np.r_[0, sizes]).tolist())
                    done += len(sizes)
        for one in composed.values():
            one.finish()
        for out in filled.values():
            out.finish()
    old = rows >= 0
    for kind, sizes_of_kind in lengths.items():
        if copied is not None:
            sizes_of_kind[old] = _live_lengths(copied, kind).to_numpy()[rows[old]]
        with written_whole(_lengths_file(task.folder, slug, kind)) as new:
            np.save(new, sizes_of_kind)
    return {name: DownloadFile(name, targets[name], outs[name].size, outs[name].sha256) for name in suffixes}


def _live_lines(copied: Copied | None, kind: str, stack: ExitStack) -> LiveLines | None:
    if copied is None:
        return None
    bounds = bounds_of(_live_lengths(copied, kind), copied.heads[kind], 0)
    return LiveLines(stack.enter_context(copied.opened(kind)), bounds)


def _live_lengths(copied: Copied, kind: str) -> pl.Series:
    return pl.read_ipc(copied.lengths, columns=[kind])[kind]


def _new_rows(task: DownloadTask, rows: Ints, copied: Copied | None) -> Iterator[tuple[Ints, Columns]]:
    """Some of the rows that are new at a time."""
    new = np.flatnonzero(rows < 0)
    for begin in range(0, len(new), _READ):
        chosen = new[begin : begin + _READ]
        if copied is None:
            yield chosen, task.rows.columns(chosen)
        else:
            yield chosen, copied.new.columns(np.arange(begin, begin + len(chosen)))


def _write_workbook(task: DownloadTask, path: Path, rows: Ints, copied: Copied | None) -> None:
    of, old = task.rows if copied is None else copied.sheet, None
    with ExitStack() as stack:
        if copied is not None:
            file = stack.enter_context(copied.opened("xlsx"))
            old = LivePieces(file, pl.read_ipc(copied.pieces), rows)
        pieces = write_xlsx(path, of.titles, of.keys, of.texts, task.info.title, old)
    with written_whole(_pieces_file(task.folder, task.info.slug)) as new:
        pieces.write_ipc(new)


def _write_parquet(task: DownloadTask, path: Path, rows: Ints, copied: Copied | None) -> None:
    task.rows.values().sink_parquet(path, compression="zstd", compression_level=_LEVEL, row_group_size=_ROW_GROUP)


def _lengths_file(folder: Path, slug: str, kind: str) -> Path:
    return folder / f"{slug}.{kind}.lengths.npy"


def _pieces_file(folder: Path, slug: str) -> Path:
    return folder / f"{slug}.pieces.arrow"

"""The data files of a dataset: CSV, CSV for Excel, XLSX, JSON, NDJSON, Parquet, and what describes them.

What is in each of them and why: docs/downloads.md. Every file has the columns of the table's public fields, then
`permalink` (the record's page), `public_until` (its last public day; empty: no end) and `flag` (what the record is
marked with, such as `objection`; empty: nothing). Without the mark a copy would show a disputed record as if nobody
disputed it.

A row is made into lines where the live release does not have them: of rows that it has, lines are copied, and pieces of
the workbook and of packed files. The bytes are the same either way.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from publish import urls
from publish.model.artifact import DataCells, written_whole
from publish.model.data_memory import Ints, bounds_of, same_pieces
from publish.model.public import DatasetInfo, PublicTable
from publish.render.copied import PIECED, Copied, LiveFiles, copied_of, with_searched
from publish.render.data_cells import told_cells
from publish.render.line_files import HEADS, Composed, HashedFile, JsonArray, LiveLines, lines_of
from publish.render.live_files import DamagedFile, LiveFile
from publish.render.packed_lines import PackedFile, write_packed
from publish.render.table_rows import Columns, TableRows, table_rows
from publish.render.xlsx import LivePieces, cut_sheets, write_xlsx

_SLOW = ("xlsx",)  # as long as all others together
_QUICK = ("xlsx", "parquet")  # in a night, and where others are packed: those take longer than these
_ROW_GROUP = 131_072
_LEVEL = 1  # of zstd: three quarters of the time of level 3, for 4 % more bytes
_READ = 16_384  # rows that are read together
_LINES = {"csv": "csv", "excel.csv": "excel.csv", "ndjson": "ndjson", "json": "ndjson"}  # as what each is made
_PACKED = {suffix: urls.plain_name(suffix) for suffix in urls.PACKED_NAMES if urls.is_packed(suffix)}


@dataclass(frozen=True, slots=True)
class DownloadFile:
    """One finished file: `suffix` is one of urls.DOWNLOAD_NAMES or urls.PACKED_NAMES."""

    suffix: str
    path: Path
    bytes: int
    sha256: str


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
    table: PublicTable,
    base_url: str,
    folder: Path,
    live: LiveFiles | None = None,
    names: Sequence[str] = urls.DOWNLOAD_NAMES,
) -> list[DownloadTask]:
    """The files of a dataset that have these `names` as two tasks for an executor; `folder` is a scratch folder that
    exists."""
    rows = table_rows(table, folder / f"{table.info.slug}.rows.arrow", base_url)
    copied = copied_of(table, rows, folder, live) if live is not None else None
    if copied is not None and live is not None:
        rows = with_searched(table, rows, folder, np.load(copied.rows), live.known)
    some = _SLOW if copied is None and not _PACKED.keys() & set(names) else _QUICK
    others = tuple(suffix for suffix in names if suffix not in some)
    return [DownloadTask(table.info, rows, folder, suffixes, copied) for suffixes in (some, others)]


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


def cells_of(rows: TableRows, slug: str, folder: Path, names: Sequence[str] = urls.DOWNLOAD_NAMES) -> DataCells:
    """Of which cells the files of these `names` are made that tasks have left in `folder`, for whoever searches
    them."""
    heads = {suffix: len(HEADS[suffix](rows)) for suffix in _LINES if suffix in names}
    lengths = {suffix: _lengths_file(folder, slug, _LINES[suffix]) for suffix in heads}
    pieces = {suffix: _pieces_file(folder, slug, suffix) for suffix in names if suffix in PIECED}
    return told_cells(rows, slug, heads, lengths, pieces)


def _made(task: DownloadTask, rows: Ints, copied: Copied | None) -> MadeFiles:
    """`rows`: which one of the live release each row is; -1: it is new. Raises DamagedFile."""
    files = _write_lines(task, rows, copied) | _write_packed(task, rows, copied)
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


def _write_packed(task: DownloadTask, rows: Ints, copied: Copied | None) -> dict[str, DownloadFile]:
    """The packed files of lines, all of them together."""
    slug, names = task.info.slug, {_PACKED[suffix]: suffix for suffix in task.suffixes if suffix in _PACKED}
    if not names:
        return {}
    _, counts = cut_sheets(task.rows.keys)
    of, known = task.rows, np.full(len(counts), -1, np.int64)
    with ExitStack() as stack:
        targets = {name: task.folder / f"{slug}.{suffix}" for name, suffix in names.items()}
        news = {name: stack.enter_context(written_whole(path)) for name, path in targets.items()}
        outs = {name: stack.enter_context(HashedFile(new)) for name, new in news.items()}
        live: dict[str, tuple[LiveFile, pl.DataFrame]] = {}
        if copied is not None:
            of, theirs = copied.sheet, {name: copied.pieces_of(suffix) for name, suffix in names.items()}
            live = {name: (stack.enter_context(copied.opened(names[name])), one) for name, one in theirs.items()}
            known = same_pieces(counts, rows, theirs[next(iter(names))]["rows"].to_numpy().astype(np.int64))
        files = {name: PackedFile(out, live.get(name)) for name, out in outs.items()}
        heads = {name: HEADS[name](task.rows) for name in names}
        for name, pieces in write_packed(files, heads, counts, known, of.columns).items():
            with written_whole(_pieces_file(task.folder, slug, names[name])) as new:
                pieces.write_ipc(new)
    told = {suffix: (targets[name], outs[name]) for name, suffix in names.items()}
    return {suffix: DownloadFile(suffix, path, out.size, out.sha256) for suffix, (path, out) in told.items()}


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
            old = LivePieces(file, copied.pieces_of("xlsx"), rows)
        pieces = write_xlsx(path, of.titles, of.keys, of.texts, task.info.title, old)
    with written_whole(_pieces_file(task.folder, task.info.slug, "xlsx")) as new:
        pieces.write_ipc(new)


def _write_parquet(task: DownloadTask, path: Path, rows: Ints, copied: Copied | None) -> None:
    task.rows.values().sink_parquet(path, compression="zstd", compression_level=_LEVEL, row_group_size=_ROW_GROUP)


def _lengths_file(folder: Path, slug: str, kind: str) -> Path:
    return folder / f"{slug}.{kind}.lengths.npy"


def _pieces_file(folder: Path, slug: str, suffix: str) -> Path:
    return folder / f"{slug}.{suffix}.pieces.arrow"

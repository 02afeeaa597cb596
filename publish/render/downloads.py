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

from publish import urls
from publish.model.artifact import DataCells, written_whole
from publish.model.data_memory import Ints, KnownData, bounds_of, same_rows, worthwhile
from publish.model.public import DatasetInfo, PublicTable
from publish.render.data_cells import told_cells
from publish.render.line_files import HEADS, JSON_TAIL, MAKERS, ROWS, Composed, HashedFile, LiveLines, json_lines
from publish.render.live_files import DamagedFile, LiveFile
from publish.render.table_rows import TableRows, table_rows
from publish.render.xlsx import LivePieces, write_xlsx

_SLOW = ("xlsx",)
_ROW_GROUP = 131_072
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

    def opened(self, suffix: str) -> LiveFile:
        """One of them. Raises DamagedFile."""
        return LiveFile(self.paths[suffix], self.sha256[suffix])


@dataclass(frozen=True, slots=True)
class DownloadTask:
    """Some of the files of one dataset, into `folder`. `live`: those of the live release; None: all is made."""

    info: DatasetInfo
    rows: TableRows
    folder: Path
    suffixes: tuple[str, ...]
    live: LiveFiles | None = None


@dataclass(frozen=True, slots=True)
class MadeFiles:
    """Files in the order of their suffixes. `made`: of how many rows the lines were made."""

    files: tuple[DownloadFile, ...]
    made: int


def download_tasks(
    table: PublicTable, base_url: str, folder: Path, live: LiveFiles | None = None
) -> list[DownloadTask]:
    """All files of a dataset as tasks for an executor; `folder` is a scratch folder that exists. XLSX takes as long as
    all others together, where it is not that of the live release but for a few rows."""
    rows = table_rows(table, folder / f"{table.info.slug}.rows.arrow", base_url)
    others = tuple(suffix for suffix in urls.DOWNLOAD_NAMES if suffix not in _SLOW)
    return [DownloadTask(table.info, rows, folder, suffixes, live) for suffixes in (_SLOW, others)]


def render_task(task: DownloadTask) -> MadeFiles:
    """The files of a task. Runs anywhere."""
    if task.live is not None:
        digests = task.rows.digests(0, task.rows.height)
        rows = worthwhile(same_rows(digests, task.live.known.rows["digest"].to_numpy()))
        if (rows >= 0).any():
            with suppress(DamagedFile):  # then nothing is kept of what was copied
                return _made(task, rows, task.live)
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


def _made(task: DownloadTask, rows: Ints, live: LiveFiles | None) -> MadeFiles:
    """`rows`: which one of the live release each row is; -1: it is new. Raises DamagedFile."""
    files = _write_lines(task, rows, live)
    for suffix, write in (("xlsx", _write_workbook), ("parquet", _write_parquet)):
        if suffix in task.suffixes:
            path = task.folder / f"{task.info.slug}.{suffix}"
            with written_whole(path) as new:
                write(task, new, rows, live)
                with new.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
            files[suffix] = DownloadFile(suffix, path, path.stat().st_size, digest)
    return MadeFiles(tuple(files[suffix] for suffix in task.suffixes), int((rows < 0).sum()))


def _write_lines(task: DownloadTask, rows: Ints, live: LiveFiles | None) -> dict[str, DownloadFile]:
    """The files of lines, all of them together, since two of them are made alike."""
    slug, suffixes = task.info.slug, [suffix for suffix in task.suffixes if suffix in _LINES]
    kinds = dict.fromkeys(_LINES[suffix] for suffix in suffixes)
    lengths = {kind: np.zeros(len(rows), np.uint32) for kind in kinds}
    with ExitStack() as stack:
        targets = {suffix: task.folder / f"{slug}.{suffix}" for suffix in suffixes}
        news = {suffix: stack.enter_context(written_whole(path)) for suffix, path in targets.items()}
        outs = {suffix: stack.enter_context(HashedFile(new)) for suffix, new in news.items()}
        olds = {suffix: _live_lines(live, slug, suffix, stack) for suffix in suffixes}
        composed = {suffix: Composed(outs[suffix], rows, olds[suffix]) for suffix in suffixes}
        for suffix in suffixes:
            outs[suffix].write(HEADS[suffix](task.rows))
        for chosen in _new_rows(rows) if kinds else ():
            part = task.rows.columns(chosen)
            for kind in kinds:
                data, sizes = MAKERS[kind](part)
                lengths[kind][chosen] = sizes
                for suffix in (one for one in suffixes if _LINES[one] == kind):
                    more = int(suffix == "json")
                    bounds = np.cumsum(np.r_[0, sizes + more])
                    made = json_lines(data, is_end=chosen[-1] == len(rows) - 1) if more else data
                    bounds[-1] = len(made)
                    composed[suffix].add(made, bounds.tolist())
        for suffix, one in composed.items():
            one.finish()
            outs[suffix].write(JSON_TAIL if suffix == "json" else b"")
    old = rows >= 0
    for kind, sizes_of_kind in lengths.items():
        if live is not None:
            sizes_of_kind[old] = live.known.rows[kind].to_numpy()[rows[old]]
        with written_whole(_lengths_file(task.folder, slug, kind)) as new:
            np.save(new, sizes_of_kind)
    return {name: DownloadFile(name, targets[name], outs[name].size, outs[name].sha256) for name in suffixes}


def _live_lines(live: LiveFiles | None, slug: str, suffix: str, stack: ExitStack) -> LiveLines | None:
    if live is None:
        return None
    head = live.known.heads[urls.file_of(urls.download(slug, suffix))]
    bounds = bounds_of(live.known.rows[_LINES[suffix]], head, int(suffix == "json"))
    return LiveLines(stack.enter_context(live.opened(suffix)), bounds)


def _new_rows(rows: Ints) -> Iterator[Ints]:
    new = np.flatnonzero(rows < 0)
    for begin in range(0, len(new), ROWS):
        yield new[begin : begin + ROWS]


def _write_workbook(task: DownloadTask, path: Path, rows: Ints, live: LiveFiles | None) -> None:
    of, old = task.rows, None
    with ExitStack() as stack:
        if live is not None:
            old = LivePieces(stack.enter_context(live.opened("xlsx")), live.known.pieces, rows)
        pieces = write_xlsx(path, of.titles, of.keys, lambda some: of.columns(some).frame, task.info.title, old)
    with written_whole(_pieces_file(task.folder, task.info.slug)) as new:
        pieces.write_ipc(new)


def _write_parquet(task: DownloadTask, path: Path, rows: Ints, live: LiveFiles | None) -> None:
    task.rows.values().sink_parquet(path, compression="zstd", compression_level=3, row_group_size=_ROW_GROUP)


def _lengths_file(folder: Path, slug: str, kind: str) -> Path:
    return folder / f"{slug}.{kind}.lengths.npy"


def _pieces_file(folder: Path, slug: str) -> Path:
    return folder / f"{slug}.pieces.arrow"

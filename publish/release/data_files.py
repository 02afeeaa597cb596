"""Which data files of a release are searched by the cells that they are made of, and the tasks for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.artifact import DataCells
from publish.model.data_memory import Ints, KnownData, bounds_of
from publish.model.private_values import PrivateValues
from publish.release.data_lines import Edges, edges_of
from publish.release.data_search import ROWS, DataTask, FileTask, RowsTask, joined_parts
from publish.release.page_search import SavedSearch

LIVE_ROWS = 8 * ROWS  # that are compared with live files in one task: of most of them nothing else is read


@dataclass(frozen=True, slots=True)
class LiveData:
    """Data files of the live release. `file` gives path and SHA-256, by the manifest, of a file by its path in the
    release; None: it has none. `known`, by dataset, was left by the build that made them and searched them."""

    known: Mapping[str, KnownData] = field(default_factory=dict)
    file: Callable[[str], tuple[Path, str] | None] = lambda path: None


class DataFiles:
    """The data files that a release is told to have. Those of which too little can be told are read as others are."""

    def __init__(self, search: SavedSearch, private: PrivateValues, folder: Path, live: LiveData | None = None) -> None:
        """`folder` is one for this only, that the processes of the executor see."""
        self._search = search
        self._joints = private.joints
        self._joined = folder / "joined" if private.joined is not None else None
        if private.joined is not None and self._joined is not None:
            private.joined.save(self._joined)
        self._folder = folder
        self._live = live or LiveData()
        self._told: list[DataTask] = []

    def told(self, data: DataCells, tree: Path) -> list[RowsTask]:
        """Of a dataset whose files are in `tree`. Returns what is to be done before its files are searched."""
        if self._joined is None:
            return []
        found = {path: edges_of(one.places, one.end) for path, one in data.made.items()}
        folder = self._folder / f"data-{len(self._told)}"
        folder.mkdir(mode=0o700)
        edges = {path: one for path, one in found.items() if one is not None and _fits(data, path, tree)}
        short = frozenset[str]().union(*(one.short for one in edges.values()))
        known, live = self._live.known.get(data.slug), dict[str, Path]()
        if known is not None:
            live = _live_files(known, edges, self._live)
        files = tuple(edges)
        if known is not None and live:
            _save_known(known, data, files, folder)
        _save_bounds(data, files, folder)
        joints = frozenset(path for path, one in edges.items() if one.joints & self._joints)
        task = DataTask(self._search, data, str(tree), folder, live, short, files, joints, self._joined)
        self._told.append(task)
        pieced = [path for path in files if path in data.pieced]
        cuts = _cuts(data, pieced, LIVE_ROWS if live else ROWS)
        return [RowsTask(task, begin, end) for begin, end in pairwise(cuts)]

    @property
    def paths(self) -> list[str]:
        """All files that are searched by their cells."""
        return [path for one in self._told for path in (*one.files, *one.data.columns)]

    def files(self, paths: Sequence[str]) -> dict[str, FileTask]:
        """By path, what is to be done with each of these files that is searched by its cells."""
        tasks: dict[str, FileTask] = {}
        for one in self._told:
            for path in (*one.data.columns, *one.files):  # what takes longest first
                # In a night the new rows have been searched for them.
                tasks[path] = FileTask(one, path, path in one.joints and path not in one.live)
        wanted = frozenset(paths)
        return {path: task for path, task in tasks.items() if path in wanted}

    def known(self, sha256: Mapping[str, str]) -> dict[str, KnownData]:
        """What the next build may know of each dataset, when all is searched. `sha256` by path."""
        return {one.data.slug: _known(one, sha256) for one in self._told if _is_whole(one)}


def _fits(data: DataCells, path: str, tree: Path) -> bool:
    """Whether what is told of a file can be so."""
    try:
        size, height = (tree / path).stat().st_size, data.source.height
        if path in data.lines:
            line = data.lines[path]
            lengths = np.load(line.lengths)
            return len(lengths) == height and int(_bounds(lengths, line.head, line.more)[-1]) <= size
        rows = _piece_rows(data, path)
        if not rows.equals(_piece_rows(data, next(iter(data.pieced)))):  # tasks begin and end where pieces of all do
            return False
        return int(rows.sum()) == height and bool((rows > 0).all())  # what is in a piece without rows would not be read
    except OSError:
        return False


def _piece_rows(data: DataCells, path: str) -> pl.Series:
    return pl.read_ipc(data.pieced[path].pieces)["rows"]


def _bounds(lengths: NDArray[np.uint32], head: int, more: int) -> Ints:
    """Where lines begin, and where the last one ends: in a JSON array it has no comma behind it."""
    bounds = bounds_of(pl.Series(lengths), head, more)
    bounds[-1] -= more if len(lengths) else 0
    return bounds


def _save_bounds(data: DataCells, files: Sequence[str], folder: Path) -> None:
    for number, path in enumerate(files):
        if path in data.lines:
            line = data.lines[path]
            np.save(folder / f"bounds-{number}.npy", _bounds(np.load(line.lengths), line.head, line.more))


def _live_files(known: KnownData, edges: Mapping[str, Edges], live: LiveData) -> dict[str, Path]:
    """Of all files, if the live release has those that are known; else of none."""
    found = {path: live.file(path) for path in edges}
    if any(one is None or known.sha256.get(path) != one[1] for path, one in found.items()):
        return {}
    paths = {path: one[0] for path, one in found.items() if one is not None}
    return paths if all(path.is_file() for path in paths.values()) else {}


def _save_known(known: KnownData, data: DataCells, files: Sequence[str], folder: Path) -> None:
    """Rows of the live release of which it is known that each file has their lines, and where these are."""
    rows = known.rows
    proven = np.flatnonzero(rows["proven"].to_numpy()[:-1])
    digests = rows["digest"].to_numpy()[proven]
    order = np.argsort(digests, kind="stable")
    np.save(folder / "rising.npy", digests[order])
    np.save(folder / "order.npy", proven[order])
    for number, path in enumerate(files):
        if path in data.lines:
            line = data.lines[path]
            np.save(folder / f"live-{number}.npy", bounds_of(rows[_kind(line.lengths)], known.heads[path], line.more))
        else:
            known.pieces[path].write_ipc(folder / f"live-{number}.arrow")


def _kind(lengths: Path) -> str:
    """The column of ROW_SCHEMA for lines of which a file tells the lengths."""
    return lengths.name.split(".", 1)[1].removesuffix(".lengths.npy")


def _cuts(data: DataCells, pieced: Sequence[str], rows: int) -> list[int]:
    """Where tasks begin and end: at pieces of packed files, some `rows` from each other."""
    height = data.source.height
    begins = np.arange(height)
    if pieced:
        counts = _piece_rows(data, pieced[0]).to_numpy().astype(np.int64)
        begins = np.cumsum(counts) - counts
    chosen = np.flatnonzero(np.diff(begins // rows, prepend=-1))
    return [*begins[chosen].tolist(), height] if height else []


def _is_whole(task: DataTask) -> bool:
    """Whether all files that are made of rows were searched by them."""
    return set(task.files) == set(task.data.made)


def _known(task: DataTask, sha256: Mapping[str, str]) -> KnownData:
    data = task.data
    lengths = {_kind(line.lengths): np.load(line.lengths) for line in data.lines.values()}
    digests = joined_parts(task.folder, "digests", np.zeros(0, np.uint64))
    proven = joined_parts(task.folder, "proven", np.zeros(0, np.bool_))
    rows = pl.DataFrame({"digest": digests, "proven": proven, **lengths})
    pieces = {path: pl.read_ipc(one.pieces) for path, one in data.pieced.items()}
    heads = {path: line.head for path, line in data.lines.items()}
    return KnownData(rows, pieces, heads, {path: sha256[path] for path in task.files})

"""Which data files of a release are searched by the cells that they are made of, and the tasks for it."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.artifact import DataCells
from publish.model.distinct import distinct
from publish.model.private_values import PrivateValues
from publish.release.data_lines import Edges, edges_of
from publish.release.data_search import ROWS, FileTask, Layout, RowsTask
from publish.release.page_search import SavedSearch


@dataclass(frozen=True, slots=True)
class RowMemory:
    """By which secret hashes of rows are made, and those of rows of the last release that were plain and searched for
    all private values of its build but for the fresh ones of this; None: they are not known."""

    key: bytes
    rows: NDArray[np.uint64] | None


@dataclass(frozen=True, slots=True)
class _Dataset:
    """One told dataset: its folder for what tasks find out, its layouts in order, and how each file's edges are."""

    data: DataCells
    folder: Path
    layouts: tuple[Layout, ...]
    edges: Mapping[str, Edges]


class DataFiles:
    """The data files that a release is told to have. Those of which too little can be told are read as others are."""

    def __init__(
        self, search: SavedSearch, private: PrivateValues, folder: Path, memory: RowMemory | None = None
    ) -> None:
        """`folder` is one for this only, that the processes of the executor see. `memory`: of the last release."""
        self._search = search
        self._joints = private.joints
        self._joined = folder / "joined" if private.joined is not None else None
        if private.joined is not None and self._joined is not None:
            private.joined.save(self._joined)
        self._folder = folder
        self._key = secrets.randbits(63)
        self._told: list[_Dataset] = []
        self._secret = memory.key if memory is not None else secrets.token_bytes(32)
        self._known = folder / "rows.npy" if memory is not None and memory.rows is not None else None
        if memory is not None and memory.rows is not None and self._known is not None:
            np.save(self._known, memory.rows)

    def told(self, data: DataCells) -> list[RowsTask]:
        """Of a dataset. Returns what is to be done before its files are searched."""
        if self._joined is None:
            return []
        found = {path: edges_of(places, end) for path, (places, end) in data.lines.items()}
        edges = {path: one for path, one in found.items() if one is not None}
        layouts = tuple(dict.fromkeys(data.lines[path][0] for path in edges))
        folder = self._folder / f"data-{len(self._told)}"
        folder.mkdir(mode=0o700)
        self._told.append(_Dataset(data, folder, layouts, edges))
        height = pl.scan_ipc(data.cells).select(pl.len()).collect().item()
        return [replace(self._rows_task(self._told[-1]), begin=begin) for begin in range(0, height, ROWS)]

    @property
    def paths(self) -> list[str]:
        """All files that are searched by their cells."""
        return [path for one in self._told for path in (*one.edges, *one.data.columns)]

    def _rows_task(self, one: _Dataset) -> RowsTask:
        short, cells = _short(one), one.data.cells
        seed = _seed(self._secret, repr(sorted(short)))
        return RowsTask(self._search, cells, 0, one.layouts, short, self._key, one.folder, seed, self._known)

    def searched_rows(self) -> NDArray[np.uint64]:
        """Hashes, rising, of the rows that are plain and searched, for the next build."""
        parts = [np.load(path) for one in self._told for path in one.folder.glob("rows-*.npy")]
        return distinct(np.concatenate([np.zeros(0, np.uint64), *parts]))

    def files(self, tree: Path, paths: Sequence[str]) -> dict[str, FileTask]:
        """By path, what is to be done with each of these files that is searched by its cells."""
        tasks: dict[str, FileTask] = {}
        for one in self._told:
            bare = FileTask(self._search, str(tree), "", one.data.cells, one.folder, self._key)
            for path, edges in one.edges.items():
                places, end = one.data.lines[path]
                joined = self._joined if edges.joints & self._joints else None
                number = one.layouts.index(places)
                tasks[path] = replace(bare, path=path, layout=number, end=end.encode(), joined=joined)
            for path, columns in one.data.columns.items():
                tasks[path] = replace(bare, path=path, columns=columns)
        wanted = frozenset(paths)
        return {path: task for path, task in tasks.items() if path in wanted}


def _seed(secret: bytes, of: str) -> int:
    key = hashlib.blake2b(secret).digest()
    return int.from_bytes(hashlib.blake2b(of.encode(), key=key, digest_size=8).digest())


def _short(one: _Dataset) -> frozenset[str]:
    return frozenset().union(*(edges.short for edges in one.edges.values()))

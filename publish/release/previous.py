"""The release whose unchanged files a build shares: what it holds, in columns, since it has up to millions of files."""

import hashlib
import os
from concurrent.futures import Executor
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.issue import BuildStopped
from publish.release.faults import disk_errors, place, stopped
from publish.release.folders import Closed, list_tree
from publish.release.layout import Layout
from publish.release.manifest import Manifest
from publish.release.state import load_previous_manifest

_FEW = 16  # fewer than one in so many are looked up one by one
_MANY = 50_000  # files of a folder at the top of which no dictionary is kept


class Previous:
    """A release in `folder`, as its manifest tells: `files`, with the columns of FILE_SCHEMA, sorted by path.

    `executor` runs what looks through all its files; None: this process does.
    """

    def __init__(self, folder: Path, manifest: Manifest, executor: Executor | None = None) -> None:
        self.as_of = manifest.as_of
        self.name = folder.name
        self.root = f"{folder}/"
        self.files = manifest.files
        self._executor = executor
        self._links: bool | None = None
        self._below: dict[str, dict[str, int] | None] = {}

    def rows(self, paths: pl.Series) -> NDArray[np.int64]:
        """In which row of `files` each of the paths is; -1: in none."""
        own = self.files["path"]
        if not paths.len() or not own.len():
            return np.full(paths.len(), -1, dtype=np.int64)
        if paths.len() * _FEW > own.len() and not paths.is_sorted():
            numbered = pl.DataFrame({"path": own, "row": pl.int_range(own.len(), eager=True)})
            found = paths.to_frame("path").join(numbered, on="path", how="left", maintain_order="left")
            return found["row"].fill_null(-1).to_numpy()
        places = own.search_sorted(paths).to_numpy().astype(np.int64)
        there = own.gather(np.minimum(places, own.len() - 1)) == paths
        return np.where(there.to_numpy(), places, -1)

    def row(self, path: str) -> int:
        """The same of one path. Of folders at the top that have few files a dictionary is kept: single files are many
        all the same."""
        head = path.partition("/")[0] + "/"
        if head not in self._below:
            begin, end = (int(self.files["path"].search_sorted(bound)) for bound in (head, head[:-1] + "0"))
            names = self.files["path"].slice(begin, end - begin) if end - begin <= _MANY else None
            self._below[head] = None if names is None else dict(zip(names, range(begin, end), strict=True))
        below = self._below[head]
        if below is None or not path.startswith(head):
            return int(self.rows(pl.Series([path]))[0])
        return below.get(path, -1)

    def has(self, path: str, sha256: str) -> bool:
        """Whether a file of this path has this SHA-256 (hex), by the manifest."""
        row = self.row(path)
        return row >= 0 and self.files["sha256"][row] == sha256

    def has_many(self, files: pl.DataFrame) -> pl.Series:
        """The same of many (`path`, `sha256`): Boolean."""
        rows = self.rows(files["path"])
        if not (rows >= 0).any():
            return pl.repeat(False, files.height, dtype=pl.Boolean, eager=True)
        return (self.files["sha256"].gather(np.maximum(rows, 0)) == files["sha256"]) & pl.Series(rows >= 0)

    def intact(self, paths: pl.Series) -> NDArray[np.int64]:
        """`rows`, with -1 also for what is not there as a plain file of the size that the manifest says."""
        rows = self.rows(paths)
        return np.where(self.inodes.is_not_null().gather(np.maximum(rows, 0)).to_numpy() & (rows >= 0), rows, -1)

    @cached_property
    def inodes(self) -> pl.Series:
        """UInt64, of each of `files`; null: it is not there as a plain file of its size."""
        with disk_errors("looking through the last release"):
            # What is in a folder that cannot be entered is not there: it is written anew.
            found = list_tree(self.root, self.files["path"], self._executor, closed=Closed.PASSED_OVER).files
        return self.files.join(found, on=["path", "size"], how="left", maintain_order="left")["inode"]

    def can_be_linked(self, folder: Path) -> bool:
        """Whether files can be shared with what is in `folder`: tried the first time."""
        if self._links is None:
            self._links = any(_try_to_link(self.root + path, folder / "probe") for path in self.files["path"].head(3))
        return self._links

    def file(self, path: str) -> tuple[Path, str] | None:
        """Where a file is, and its SHA-256 by the manifest; None: there is none of this path."""
        row = self.row(path)
        return (Path(self.root + path), str(self.files["sha256"][row])) if row >= 0 else None

    def read(self, path: str) -> bytes:
        """A file, as the manifest says it is. Raises BuildStopped `release.kept-missing`."""
        row = self.row(path)
        try:
            data = Path(self.root + path).read_bytes()
        except OSError:
            data = b""
        if row < 0 or hashlib.sha256(data).hexdigest() != self.files["sha256"][row]:
            raise missing(path)
        return data

    def sizes_below(self, head: str) -> dict[str, int]:
        """Sizes of the files whose path begins with `head`, by the rest of it."""
        files = self.files.filter(pl.col("path").str.starts_with(head))
        return dict(zip(files["path"].str.strip_prefix(head), files["size"], strict=True))


def _try_to_link(source: str, target: Path) -> bool:
    try:
        os.link(source, target, follow_symlinks=False)
        target.unlink()
    except OSError:
        return False
    return True


def missing(path: str) -> BuildStopped:
    """A file that was to be shared is not there, or is another."""
    return stopped("kept-missing", "a file of the last release is missing; build once more", place(path))


def load_previous(layout: Layout, executor: Executor | None = None) -> Previous | None:
    """The live release; None also when its manifest is broken: then every file is written anew."""
    try:
        manifest = load_previous_manifest(layout.out)
    except BuildStopped:
        return None
    live = layout.live()
    if manifest is None or live is None:
        return None
    return Previous(layout.releases / live, manifest, executor)

"""The release whose unchanged files a build shares: what it holds, in columns, since it has up to millions of files."""

import hashlib
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.distinct import places
from publish.model.issue import BuildStopped
from publish.release.faults import disk_errors, place, stopped
from publish.release.layout import Layout
from publish.release.manifest import MANIFEST_FILE, SUMS_FILE, Manifest, load_manifest
from publish.release.tree_memory import TreeMemory
from publish.release.trees import NOTHING, Closed, list_tree, read_ahead

_BLOCK = 4096  # bytes of the disk that a file takes at least
_FEW = 16  # fewer than one in so many are looked up one by one
_MANY = 50_000  # files of a folder at the top of which no dictionary is kept
ALL_SIZES = 20_000  # files of a release up to which the size of each is compared; beyond, in one of so many folders
_SIZED = 16
_SEEDS = (1, 2)  # of two hashes of a path


class Previous:
    """A release in `folder`, as its manifest tells: `files`, with the columns of FILE_SCHEMA, sorted by path.

    `executor` runs what looks through all its files; None: this process does. `memory`: what is known of its folders.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, executor: Executor | None = None, memory: TreeMemory | None = None
    ) -> None:
        self.as_of = manifest.as_of
        self.name = folder.name
        self.root = f"{folder}/"
        self.files = manifest.files
        self.executor = executor
        self.memory = memory
        self._links: bool | None = None
        self._listing: Future[pl.Series] | None = None
        self._reading: Future[None] | None = None
        self._below: dict[str, dict[str, int] | None] = {}

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return int(self.files["size"].sum())

    def rows(self, paths: pl.Series) -> NDArray[np.int64]:
        """In which row of `files` each of the paths is; -1: in none."""
        own = self.files["path"]
        if not paths.len() or not own.len():
            return np.full(paths.len(), -1, dtype=np.int64)
        if paths.len() * _FEW > own.len() and not paths.is_sorted():
            # Many are all below one folder at the top, and the others of its files need not be hashed.
            begin, last = own.search_sorted(pl.Series([paths.min(), paths.max()], dtype=pl.String)).to_list()
            found = _places(paths, own.slice(begin, last - begin + 1))
            return np.where(found < 0, -1, found + begin)
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
        """UInt64, of each of `files`; null: it is not there as a plain file of its size.

        Beyond ALL_SIZES files that is told by the names alone, but for one in 16 folders, others each time: a file that
        somebody has cut since it was made is found at another time, or by a hash.
        """
        with disk_errors("looking through the last release"):
            return self._list() if self._listing is None else self._listing.result()

    def read_ahead(self, head: str) -> None:
        """Have the system read the files whose path begins with `head` beside whatever else is done: they are read from
        their beginnings to their ends later on, and a large site is not in memory."""
        read_ahead(self.root, self.files["path"].filter(self.files["path"].str.starts_with(head)))

    def read_some_ahead(self, choose: Callable[[pl.Series], pl.Series]) -> None:
        """Have those files of a large release read beside whatever else is done that `choose` takes of the paths of
        all (String): they lie all over the disk, and whoever reads them later on would wait for each."""
        if self.files.height > ALL_SIZES and self._reading is None:
            thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
            self._reading = thread.submit(lambda: read_ahead(self.root, choose(self.files["path"])))
            thread.shutdown(wait=False)

    def begin(self) -> None:
        """Look through a large release (`inodes`) beside whatever else is done, in the processes of the executor."""
        if self.executor is not None and self.files.height > ALL_SIZES and self._listing is None:
            thread = ThreadPoolExecutor(1, thread_name_prefix="previous")
            self._listing = thread.submit(self._list)
            thread.shutdown(wait=False)

    def close(self) -> None:
        """Wait for what has begun."""
        for begun in (self._listing, self._reading):
            if begun is not None and not begun.cancel():
                begun.exception()

    def _list(self) -> pl.Series:
        paths, sizes = self.files["path"], self.files["size"]
        # What is in a folder that cannot be entered is not there: it is written anew.
        one_in = 1 if self.files.height <= ALL_SIZES else _SIZED
        known = self.memory.load(self.name) if self.memory is not None and one_in > 1 else NOTHING
        found = list_tree(self.root, paths, self.executor, sizes=one_in, closed=Closed.PASSED_OVER, known=known).files
        found = found.filter(~pl.col("path").is_in([MANIFEST_FILE, SUMS_FILE]))
        if found.height != paths.len() or not (found["path"] == paths).all():
            of_path = found.rename({"size": "found"})
            found = self.files.select("path").join(of_path, on="path", how="left", maintain_order="left")
            found = found.rename({"found": "size"})
        is_whole = (found["size"] == sizes).fill_null(True)  # null too where it is not there: so is the inode
        return pl.select(pl.when(is_whole).then(found["inode"])).to_series().alias("inode")

    def shared(self, files: pl.DataFrame, unread: NDArray[np.int64]) -> pl.DataFrame:
        """Those of `files` (`path`, `sha256`) that it has too, by the manifest; `unread`: whether in these rows."""
        marked = files.select("path", "sha256", unread=pl.Series(np.isin(self.rows(files["path"]), unread)))
        return marked.filter(self.has_many(files))

    def can_be_linked(self, folder: Path) -> bool:
        """Whether files can be shared with what is in `folder`: tried the first time."""
        if self._links is None:
            self._links = any(_try_to_link(self.root + path, folder / "probe") for path in self.files["path"].head(3))
        return self._links

    def fits(self, folder: Path) -> bool:
        """Whether the disk of `folder` has room for all its files in blocks, and a quarter more."""
        with suppress(OSError):
            return shutil.disk_usage(folder).free * 4 >= (self.size + _BLOCK * self.files.height) * 5
        return False

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


def _places(paths: pl.Series, among: pl.Series) -> NDArray[np.int64]:
    """Where each of the paths is in others, each of which is there once; -1: nowhere. Told by hashes of 128 bits:
    texts that lie all over memory take three times as long."""
    (wanted, check), (known, others) = ([_hashes(one, seed) for seed in _SEEDS] for one in (paths, among))
    order = np.argsort(known)
    rising = known[order]
    at = places(wanted, rising)
    if not known.size:
        return at
    found = np.where(at < 0, -1, order[at])
    if (rising[1:] == rising[:-1]).any() or (others[found] != check)[found >= 0].any():  # half of a hash is the same
        numbered = pl.DataFrame({"path": among, "row": pl.int_range(among.len(), eager=True)})
        joined = paths.to_frame("path").join(numbered, on="path", how="left", maintain_order="left")
        return joined["row"].fill_null(-1).to_numpy()
    return found


def _hashes(paths: pl.Series, seed: int) -> NDArray[np.uint64]:
    return paths.hash(seed).to_numpy()


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


def manifest_ahead(out: Path) -> tuple[str, Manifest] | None:
    """Name and manifest of the release that is live now, for whoever gets the lock later on and may find another then;
    None: there is none that can be read."""
    layout = Layout(out.absolute())
    with suppress(BuildStopped):
        live = layout.live()
        return None if live is None else (live, load_manifest(layout.releases / live))
    return None


def load_previous(
    layout: Layout, executor: Executor | None = None, ahead: tuple[str, Manifest] | None = None
) -> Previous | None:
    """The live release; None also when its manifest is broken: then every file is written anew. `ahead`, as
    manifest_ahead has it, is believed if that release is still live: none changes its manifest."""
    try:
        live = layout.live()
        if live is None:
            return None
        manifest = ahead[1] if ahead is not None and ahead[0] == live else load_manifest(layout.releases / live)
    except BuildStopped:
        return None
    return Previous(layout.releases / live, manifest, executor, TreeMemory(layout))

"""A release that is being written: its files, and what is shared with the one before it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from datetime import date
from itertools import islice
from pathlib import Path

import polars as pl

from publish import urls
from publish.model.report import NO_PROGRESS, Progress
from publish.release.activate import Released
from publish.release.beginning import Beginning
from publish.release.caches import Caches
from publish.release.ending import Ending, Settled
from publish.release.faults import disk_errors, stopped
from publish.release.growing import duplicate
from publish.release.layout import SCRATCH, Layout
from publish.release.manifest import Manifest, Seals, is_safe
from publish.release.noted import Noted
from publish.release.previous import Previous, missing
from publish.release.recycling import Spares
from publish.release.settling import check_paths, settle
from publish.release.state import State
from publish.release.tree_writer import TreeWriter, tree_writer
from publish.release.verify import Checks

_BATCH = 2048


class Release:
    """A release that is being written, by this process and by whoever it gives a `writer`. Each path once: a second is
    refused at once where the file system tells, else when the release is settled.

    `linked` and `written` count files that are shared with the previous release and those that are not.
    """

    def __init__(
        self,
        folder: Path,
        layout: Layout,
        as_of: date,
        previous: Previous | None,
        durable: bool,
        executor: Executor | None = None,
        spares: Spares | None = None,
    ) -> None:
        self.as_of = as_of
        self.linked = self.written = 0
        self._layout = layout
        self._folder = folder
        self._previous = previous
        self._durable = durable
        self._executor = executor
        self._beginning = Beginning(self.tree, layout, previous, spares, durable=durable)
        self._noted = Noted(as_of, previous)
        self._seals: Future[Seals] | None = None  # of a tree that is settled
        self._folders: frozenset[str] = frozenset()  # of the same
        self._sealing: list[Future[Seals]] = []  # all that were begun
        self._ending: Ending | None = None
        self._caches = Caches(layout.cache, folder / SCRATCH / "next")

    def begin(self) -> None:
        """Begin the tree, beside whatever else is done: an old release that may be used up is gone from now on."""
        self._beginning.begin()

    def write(self, url: str, data: bytes) -> None:
        """One file, by URL."""
        self._changes()
        path = self._path(url)
        if path in self._noted:
            raise duplicate(path)
        digest = hashlib.sha256(data).hexdigest()
        with disk_errors("writing the release"):
            if not self._share(path, len(data), digest):
                self._beginning.growing().create(path, data)
                self.written += 1
        self._noted.one(path, len(data), digest, None)

    def write_many(self, paths: Sequence[str], blobs: Iterable[bytes]) -> None:
        """Many small files. `paths` are relative, as urls.file_of gives them; there is one blob for each. Blobs are
        taken a few thousand at a time, so that a generator of them never needs memory for all."""
        rest, contents = iter(paths), iter(blobs)
        while batch := list(islice(rest, _BATCH)):
            datas = list(islice(contents, len(batch)))
            if len(datas) != len(batch):
                raise ValueError("write_many needs as many blobs as paths")
            own = pl.Series(batch, dtype=pl.String)
            self.note_written(own, self.writer(own)(pl.Series(datas, dtype=pl.Binary)))
        if next(contents, None) is not None:
            raise ValueError("write_many needs as many blobs as paths")

    def writer(self, paths: pl.Series) -> TreeWriter:
        """What writes files at these paths (relative, String), in any process of this machine, beside others and once;
        what it returns is for `note_written`. Raises BuildStopped `release.bad-path`, and as writing does."""
        self._changes()
        with disk_errors("writing the release"):
            growing = self._beginning.growing()
        return tree_writer(growing, paths, self._previous)

    def note_written(self, paths: pl.Series, told: pl.DataFrame) -> None:
        """The writer of these paths has told this (TOLD_SCHEMA)."""
        self._changes()
        self._noted.many(told.select(paths.alias("path"), "size", "sha256"))
        linked = int(told["linked"].sum())
        self.linked += linked
        self.written += told.height - linked

    def add_file(self, url: str, path: Path, sha256: str) -> None:
        """A finished file, which is moved into the release (copied where it lies on another file system). Whoever made
        it tells its SHA-256 (hex): it may have gigabytes, which are not read once more."""
        self._changes()
        target = self._path(url)
        if target in self._noted:
            raise duplicate(target)
        with disk_errors("adding a file to the release"):
            size = path.stat().st_size
            stamp = None
            if self._share(target, size, sha256):
                path.unlink()
            else:
                stamp = self._beginning.growing().move_in(path, target)
                self.written += 1
        self._noted.one(target, size, sha256, stamp)

    def scratch(self) -> Path:
        """A folder for files on their way to add_file, on the release's file system; gone when the build ends."""
        with disk_errors("making a scratch folder"):
            (folder := self._folder / SCRATCH).mkdir(exist_ok=True)
        return folder

    def cache(self, name: str) -> Path:
        """A place for what saves the next build work, and is not part of a release. It may be there or not."""
        folder = self._layout.cache
        with disk_errors("making a folder for what the next build may use"):
            folder.mkdir(exist_ok=True)
        return folder / name

    def next_cache(self, name: str) -> Path:
        """Where to make what takes the place of `cache(name)` when this release is live; else nothing does."""
        return self._caches.next(name)

    @property
    def has_room(self) -> bool:
        """Whether there is a previous release, and room for it once more and for what the next build may know."""
        return self._previous is not None and self._previous.fits(self._folder)

    def previous(self, url: str) -> tuple[Path | None, Mapping[str, int]]:
        """Where the previous release has the folder of a URL; None: nowhere; and sizes of the files in it."""
        if self._previous is None:
            return None, {}
        head = url.strip("/") + "/"
        return Path(self._previous.root + head), self._previous.sizes_below(head)

    def read_ahead(self, choose: Callable[[pl.Series], pl.Series]) -> None:
        """As `read_some_ahead` of the previous release has it."""
        if self._previous is not None:
            self._previous.read_some_ahead(choose)

    def previous_file(self, path: str) -> tuple[Path, str] | None:
        """Where the previous release has the file of this path, and its SHA-256 by the manifest; None: it has none."""
        return self._previous.file(path) if self._previous is not None else None

    def keep_many(self, urls_kept: Iterable[str]) -> None:
        """Files that the previous release has under the same URLs, shared without being read: their names tell their
        content, which is made of public cells alone. Raises BuildStopped `release.kept-missing` if one is not there as
        its manifest says."""
        paths = pl.Series("path", sorted(map(self._path, urls_kept)), dtype=pl.String)
        for path in self._keep(paths, of_cells=True):
            # Where nothing can be linked (another's file, another file system), it is written.
            if self._previous is None:
                raise missing(path)
            self.write_many([path], [self._previous.read(path)])

    def keep_some(self, paths: pl.Series) -> pl.Series:
        """Files that the previous release has at the same paths (String), shared without being read: they are in the
        tree once it is settled. Returns the paths of those that are not there as its manifest says, or cannot be
        linked: nothing is written for them."""
        return self._keep(paths)

    def shared(self, files: pl.DataFrame) -> pl.DataFrame:
        """Those of `files` (`path`, `sha256`) that the previous release has too; `unread`: kept as of public cells."""
        return self._noted.shared(files)

    @property
    def recycled(self) -> str | None:
        """The name of the old release that was used up for it; None: none was."""
        return self._beginning.recycled

    @property
    def previous_name(self) -> str | None:
        """The name of the previous release; None: there is none."""
        return self._previous.name if self._previous else None

    @property
    def previous_day(self) -> date | None:
        """The day of the previous release; None: there is none."""
        return self._previous.as_of if self._previous else None

    @property
    def tree(self) -> Path:
        """The folder in which the release grows; to be read only. What is kept is in it once it is settled."""
        return self._folder / "tree"

    def manifest(self) -> Manifest:
        """What has been written or kept so far."""
        return self._noted.manifest

    def settle(self) -> Future[Seals]:
        """Bring what was kept to its place: now the tree has the files of the manifest and no others. Returns what will
        seal it. Raises BuildStopped `release.duplicate-path` if an address was used twice."""
        if self._seals is not None:
            return self._seals
        paths = self.manifest().files["path"]
        folders = self._folders = check_paths(paths)
        growing, ground, rows = self._beginning.growing(), self._beginning.ground, self._noted.kept
        if self._previous is not None and (rows.size or growing.recycled):
            with disk_errors("sharing files with the previous release"):
                copied = settle(growing, paths, folders, self._previous, rows, ground, self._executor)
            self.linked -= copied
            self.written += copied
        # Made and written beside the proof, in which this process waits.
        self._seals = self.manifest().begin_seals(self._folder / f"seals-{len(self._sealing)}")
        self._sealing.append(self._seals)
        return self._seals

    def ending(
        self,
        state: State,
        report: Mapping[str, object],
        checks: Checks,
        progress: Progress = NO_PROGRESS,
        *,
        beside: bool = False,
    ) -> Ending:
        """Begin the end of the release: nothing is written any more. `beside`: as `Ending` has it. Raises as settle."""
        if self._ending is not None:
            raise ValueError("a release is finished once")
        seals, noted = self.settle(), self._noted
        settled = Settled(
            self._layout,
            self.tree,
            noted.manifest,
            seals,
            self._folders,
            noted.inodes,
            noted.stamps,
            (self.linked, self.written),
            self._durable,
        )
        executor = self._executor
        self._ending = Ending(settled, self._caches, state, report, checks, progress, executor, beside=beside)
        return self._ending

    def finish(
        self, state: State, report: Mapping[str, object], checks: Checks, progress: Progress = NO_PROGRESS
    ) -> Released:
        """Seal, verify, store and make live. Raises BuildStopped with every issue found; then nothing has changed."""
        return self.ending(state, report, checks, progress).go_live()

    def close(self) -> None:
        """Let go of what is open, and wait for what has begun."""
        if self._ending is not None:
            self._ending.close()
        wait_for(self._sealing)
        self._beginning.close()
        if self._previous is not None:
            self._previous.close()

    def _path(self, url: str) -> str:
        path = urls.file_of(url)
        if not url.startswith("/") or url.startswith("//") or not is_safe(path):
            raise stopped("bad-path", "an address leaves the release or is not written in the one allowed way")
        return path

    def _changes(self) -> None:
        if self._ending is not None:
            raise ValueError("nothing is written into a release whose end has begun")
        self._seals = None

    def _keep(self, paths: pl.Series, *, of_cells: bool = False) -> pl.Series:
        if self._previous is None or not paths.len() or not self._previous.can_be_linked(self._folder):
            return paths
        self._changes()
        rows = self._previous.intact(paths)
        there = rows >= 0
        self._noted.keep(rows[there], of_cells=of_cells)
        self.linked += int(there.sum())
        return paths.filter(pl.Series(~there))

    def _share(self, path: str, size: int, digest: str) -> bool:
        """Whether the previous release has the same file, which is shared now."""
        if self._previous is None or not self._previous.has(path, digest):
            return False
        shared = self._beginning.growing().share(self._previous.root, path, size)
        self.linked += shared
        return shared

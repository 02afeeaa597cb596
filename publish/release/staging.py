"""Writing a release: a folder beside the live one, filled by one writer, that becomes a release whole or not at all."""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

import polars as pl

from publish import __version__, urls
from publish.model.issue import BuildStopped
from publish.model.report import NO_PROGRESS, Progress
from publish.release.activate import Released, finish_release
from publish.release.faults import disk_errors, place, stopped, writing_errors
from publish.release.layout import Layout, locked
from publish.release.manifest import FILE_SCHEMA, Manifest, is_safe
from publish.release.state import State, load_previous_manifest
from publish.release.verify import Checks

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Files are read-only: releases share unchanged files by hard links, so an edit in place would change them all.
_MODE = 0o444
_BATCH = 2048


@dataclass(frozen=True, slots=True)
class Previous:
    """The release whose unchanged files are linked: its folder, its `files`, SHA-256 (32 bytes) and size by path."""

    folder: str
    files: pl.DataFrame
    digests: Mapping[str, bytes]
    sizes: Mapping[str, int]


class Release:
    """A release that is being written, by one writer. Each path once; the file system itself refuses a second.

    `linked` and `written` count files that were shared with the previous release and those that were not.
    """

    def __init__(self, folder: Path, layout: Layout, as_of: date, previous: Previous | None, durable: bool) -> None:
        self.as_of = as_of
        self.linked = 0
        self.written = 0
        self._layout = layout
        self._folder = folder
        self._root = str(folder / "tree") + "/"
        self._previous = previous
        self._durable = durable
        self._made: set[str] = set()
        self._frames: list[pl.DataFrame] = []
        self._single: list[tuple[str, int, str]] = []
        self._finished = False

    def write(self, url: str, data: bytes) -> None:
        """One file, by URL."""
        path = self._path(url)
        with disk_errors("writing the release"):
            self._single.append(self._put(path, data))

    def write_many(self, paths: Sequence[str], blobs: Iterable[bytes]) -> None:
        """Many small files. `paths` are relative, as urls.file_of gives them; there is one blob for each.

        Blobs are taken a few thousand at a time, so that a generator of them never needs memory for all.
        """
        rest, contents = iter(paths), iter(blobs)
        while batch := list(islice(rest, _BATCH)):
            datas = list(islice(contents, len(batch)))
            if len(datas) != len(batch):
                raise ValueError("write_many needs as many blobs as paths")
            if not all(map(is_safe, batch)):
                raise stopped("bad-path", "a path leaves the release or is not written in the one allowed way")
            with disk_errors("writing the release"):
                records = [self._put(path, data) for path, data in zip(batch, datas, strict=True)]
            self._frames.append(_frame(records))
        if next(contents, None) is not None:
            raise ValueError("write_many needs as many blobs as paths")

    def add_file(self, url: str, path: Path) -> None:
        """A finished file, which is moved into the release (copied where it lies on another file system)."""
        target = self._path(url)
        with disk_errors("adding a file to the release"):
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256")
                size = os.fstat(stream.fileno()).st_size
            self._make_folder(target)
            if self._link(target, digest.digest(), size):
                path.unlink()
            elif os.path.lexists(self._root + target):
                raise _duplicate(target)
            else:
                shutil.move(path, self._root + target)
                Path(self._root + target).chmod(_MODE & ~_umask())
                self.written += 1
        self._single.append((target, size, digest.hexdigest()))

    def scratch(self) -> Path:
        """A folder for files on their way to add_file, on the release's file system; gone when the build ends."""
        folder = self._folder / "scratch"
        with disk_errors("making a scratch folder"):
            folder.mkdir(exist_ok=True)
        return folder

    def cache(self, name: str) -> Path:
        """A place for what saves the next build work, and is not part of a release. It may be there or not."""
        folder = self._layout.cache
        with disk_errors("making a folder for what the next build may use"):
            folder.mkdir(exist_ok=True)
        return folder / name

    def previous(self, url: str) -> tuple[Path | None, Mapping[str, int]]:
        """Where the previous release has the folder of a URL, None if there is none; and sizes of the files in it."""
        if self._previous is None:
            return None, {}
        head = url.strip("/") + "/"
        sizes = {path.removeprefix(head): size for path, size in self._previous.sizes.items() if path.startswith(head)}
        return Path(self._previous.folder + head), sizes

    def keep_many(self, urls_kept: Iterable[str]) -> None:
        """Files that the previous release has under the same URLs, shared without being read: their names tell their
        content. Raises BuildStopped `release.kept-missing` if one is not there as its manifest says."""
        for path in sorted(map(self._path, urls_kept)):
            digest = self._previous.digests.get(path, b"") if self._previous else b""
            size = self._previous.sizes.get(path, -1) if self._previous else -1
            self._make_folder(path)
            with disk_errors("sharing files with the previous release"):
                linked = self._link(path, digest, size)
            # Where nothing can be linked (another's file, another file system), it is written.
            self._single.append((path, size, digest.hex()) if linked else self._put(path, self._kept(path, digest)))

    def keep_some(self, paths: Sequence[str]) -> list[str]:
        """Files that the previous release has at the same paths, shared without being read. Returns those that it has
        not, or that cannot be linked: nothing has been written for them."""
        records: list[tuple[str, int, str]] = []
        missing: list[str] = []
        digests, sizes = (self._previous.digests, self._previous.sizes) if self._previous else ({}, {})
        with disk_errors("sharing files with the previous release"):
            for path in paths:
                digest, size = digests.get(path, b""), sizes.get(path, -1)
                self._make_folder(path)
                if digest and self._link(path, digest, size):
                    records.append((path, size, digest.hex()))
                else:
                    missing.append(path)
        self._frames.append(_frame(records))
        return missing

    @property
    def previous_name(self) -> str | None:
        """The name of the previous release; None: there is none."""
        return Path(self._previous.folder).name if self._previous else None

    @property
    def previous_files(self) -> pl.DataFrame | None:
        """What the previous release holds (FILE_SCHEMA); None: there is none."""
        return self._previous.files if self._previous else None

    def _kept(self, path: str, digest: bytes) -> bytes:
        try:
            data = Path(self._previous.folder + path).read_bytes() if self._previous else b""
        except OSError:
            data = b""
        if hashlib.sha256(data).digest() != digest:
            raise stopped("kept-missing", "a file of the last release is missing; build once more", place(path))
        return data

    @property
    def tree(self) -> Path:
        """The folder in which the release grows; to be read only."""
        return Path(self._root)

    def manifest(self) -> Manifest:
        """What has been written so far."""
        files = pl.concat([*self._frames, _frame(self._single)]).sort("path")
        return Manifest(self.as_of, __version__, files)

    def finish(
        self, state: State, report: Mapping[str, object], checks: Checks, progress: Progress = NO_PROGRESS
    ) -> Released:
        """Seal, verify, store and make live. Raises BuildStopped with every issue found; then nothing has changed."""
        if self._finished:
            raise ValueError("a release is finished once")
        self._finished = True
        counts = (self.linked, self.written)
        tree = Path(self._root)
        manifest = self.manifest()
        return finish_release(self._layout, tree, manifest, state, report, checks, counts, self._durable, progress)

    def _path(self, url: str) -> str:
        path = urls.file_of(url)
        if not url.startswith("/") or url.startswith("//") or not is_safe(path):
            raise stopped("bad-path", "an address leaves the release or is not written in the one allowed way")
        return path

    def _put(self, path: str, data: bytes) -> tuple[str, int, str]:
        digest = hashlib.sha256(data)
        size = len(data)
        self._make_folder(path)
        if not self._link(path, digest.digest(), size):
            try:
                descriptor = os.open(self._root + path, _FLAGS, _MODE)
            except FileExistsError:
                raise _duplicate(path) from None
            try:
                done = os.write(descriptor, data)
                while done < size:  # a signal, or a disk that is just becoming full
                    done += os.write(descriptor, data[done:])
            finally:
                os.close(descriptor)
            self.written += 1
        return path, size, digest.hexdigest()

    def _make_folder(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            try:
                Path(self._root + folder).mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                raise _duplicate(folder) from None  # one address is a file and a folder
            self._made.add(folder)

    def _link(self, path: str, digest: bytes, size: int) -> bool:
        """Share the previous release's file of this path if it has the same content. False: it must be written."""
        if self._previous is None or self._previous.digests.get(path) != digest:
            return False
        source = self._previous.folder + path
        try:
            if os.stat(source, follow_symlinks=False).st_size != size:  # noqa: PTH116
                return False  # not what its manifest says: do not carry the damage on
            os.link(source, self._root + path, follow_symlinks=False)
        except FileExistsError:
            raise _duplicate(path) from None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            return False  # vanished, too many links, or another's file: write it
        self.linked += 1
        return True


@contextmanager
def staged_release(
    out: Path,
    as_of: date,
    *,
    wait: bool = True,
    link: bool = True,
    durable: bool = True,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[Release]:
    """A new release in `out`. It exists once `finish` has been called; else, and on any error, nothing remains of it.

    Holds the folder's lock meanwhile: a second build waits, or without `wait` stops with `release.locked`; `waiting`
    is called before it waits. Staging folders of killed builds are removed first. `link` False writes every file anew,
    for a previous release that is damaged. `durable` False leaves out the wait for the disk; for tests.
    """
    layout = Layout(out.absolute())
    with locked(layout, wait=wait, waiting=waiting):
        clear_staging(layout)
        folder = layout.staging / secrets.token_hex(8)
        previous = _previous(layout) if link else None
        with disk_errors("making a staging folder"):
            (folder / "tree").mkdir(parents=True)
        try:
            with writing_errors("working in the output folder"):
                yield Release(folder, layout, as_of, previous, durable)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def clear_staging(layout: Layout) -> None:
    """Remove what killed builds left. Only with the lock held."""
    with disk_errors("removing the staging folders of builds that were killed"):
        for entry in layout.staging.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def _previous(layout: Layout) -> Previous | None:
    """The live release; None also when its manifest is broken: then every file is written anew."""
    try:
        manifest = load_previous_manifest(layout.out)
    except BuildStopped:
        return None
    live = layout.live()
    if manifest is None or live is None:
        return None
    paths, digests = manifest.files["path"].to_list(), map(bytes.fromhex, manifest.files["sha256"].to_list())
    sizes = dict(zip(paths, manifest.files["size"].to_list(), strict=True))
    return Previous(str(layout.releases / live) + "/", manifest.files, dict(zip(paths, digests, strict=True)), sizes)


def _frame(records: list[tuple[str, int, str]]) -> pl.DataFrame:
    return pl.DataFrame(records, schema=dict(FILE_SCHEMA), orient="row")


def _duplicate(path: str) -> BuildStopped:
    return stopped("duplicate-path", "two pages or files have the same address", place(path))


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask

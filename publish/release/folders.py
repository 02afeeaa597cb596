"""Trees of files, folder by folder: what is in them, and links from one to another. In groups, so that workers can
share the work: what a tree of millions of files takes is calls to the system."""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import numpy as np
import polars as pl

FOLDER = "(?s)^(.*/)"  # of a path: the folder that it is in, whatever is in its name
# `size` is SPECIAL of a symlink or anything else that is no plain file, and null where it was not asked for.
ENTRY_SCHEMA: Mapping[str, pl.DataType] = {"path": pl.String(), "inode": pl.UInt64(), "size": pl.Int64()}
SPECIAL = -1

_GROUP = 20_000  # files that are one task
_SAMPLE = 50_000  # paths by which it is told how many files are in a folder
_FULL = (errno.ENOSPC, errno.EDQUOT)
_ENTER = os.R_OK | os.W_OK | os.X_OK

T = TypeVar("T")
R = TypeVar("R")


class Closed(Enum):
    """What is done with a folder that this process may not enter: told as an error, opened by giving its owner the
    permission, or passed over as if nothing was in it."""

    REFUSED = 1
    MENDED = 2
    PASSED_OVER = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """`files`: all entries of a tree that are no folders (ENTRY_SCHEMA, sorted by path); `folders`: paths of its
    folders, each with a / at the end, without the tree itself, as the system tells them (`readable`)."""

    files: pl.DataFrame
    folders: frozenset[str]


@dataclass(frozen=True, slots=True)
class FolderTask:
    """Folders of the tree `root` to be listed, each by its path with a / at the end; those that are `sized` with the
    sizes of what is in them. `closed` says what is done with those that may not be entered."""

    root: str
    folders: tuple[str, ...]
    sized: frozenset[str]
    closed: Closed


@dataclass(frozen=True, slots=True)
class LinkTask:
    """Files that one tree has and another is to have: names by folder, whose path ends with a /."""

    source: str
    target: str
    names: Mapping[str, Sequence[str]]


def divided(paths: pl.Series) -> pl.DataFrame:
    """Of each path the `folder` with a / at its end (empty: none), and the `name` behind it."""
    parts = paths.cast(pl.Binary).to_frame("path").with_columns(size=_folder_sizes(paths))
    folder, name = pl.col("path").bin.slice(0, "size"), pl.col("path").bin.slice("size")
    return parts.select(folder=folder.cast(pl.String), name=name.cast(pl.String))


def folders_of(paths: pl.Series) -> frozenset[str]:
    """All folders that files at these paths are in, each with a / at the end, without the root."""
    parts = paths.cast(pl.Binary).to_frame("path").with_columns(size=_folder_sizes(paths))
    found = parts.select(pl.col("path").bin.slice(0, "size").unique().cast(pl.String)).to_series()
    return frozenset(folder[: at + 1] for folder in found for at, sign in enumerate(folder) if sign == "/")


def _folder_sizes(paths: pl.Series) -> pl.Series:
    """Bytes of each path up to its last /. (A pattern takes twice as long, and there are millions.)"""
    ends = np.cumsum(paths.str.len_bytes().to_numpy(), dtype=np.int64)
    octets = np.frombuffer(paths.str.join("").cast(pl.Binary).item(), np.uint8)
    slashes = np.flatnonzero(octets == ord("/"))
    last = np.r_[-1, slashes][np.searchsorted(slashes, ends)]
    begins = np.r_[0, ends[:-1]] if ends.size else ends
    return pl.Series(np.maximum(last + 1 - begins, 0))


def list_tree(
    root: str,
    expected: pl.Series,
    executor: Executor | None = None,
    *,
    sizes: int = 1,
    closed: Closed = Closed.REFUSED,
) -> Listing:
    """What lies in the folder `root` (with a / at its end), links not followed. In one of so many folders as `sizes`
    says, in others each time, sizes are asked for, which takes several times as long as names; 0: in none.

    `expected` are paths that are probably there: by them the work is divided. `closed`: what is done with folders that
    may not be entered. Raises OSError.
    """
    every = max(1, expected.len() // _SAMPLE)
    folder = expected.gather_every(every).str.extract(FOLDER).fill_null("")
    counts = {name: count * every for name, count in folder.value_counts().iter_rows()}
    frames, folders, level = [pl.DataFrame(schema=dict(ENTRY_SCHEMA))], set[str](), [""]
    while level:
        groups = _groups(sorted(level), counts)
        tasks = [FolderTask(root, group, _some(group, sizes), closed) for group in groups]
        level = []
        for found, below in in_parallel(executor, list_folders, tasks):
            frames.append(found)
            level += below
        folders.update(level)
    return Listing(pl.concat(frames).sort("path"), frozenset(folders))


def list_folders(task: FolderTask) -> tuple[pl.DataFrame, list[str]]:
    """What lies in some folders (ENTRY_SCHEMA), and the folders in them. In whichever process."""
    paths, inodes, sizes, below = list[str](), list[int](), list[int | None](), list[str]()
    for folder in task.folders:
        if task.closed is Closed.MENDED and not os.access(task.root + folder, _ENTER):
            os.chmod(task.root + folder, 0o700)  # noqa: PTH101  (many folders: no Path objects)
        elif task.closed is Closed.PASSED_OVER and not os.access(task.root + folder, os.R_OK | os.X_OK):
            continue
        with opened(task.root + folder) as descriptor, os.scandir(descriptor) as entries:
            size_of = _size if folder in task.sized else _no_size
            files = list[os.DirEntry[str]]()
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    below.append(f"{folder}{entry.name}/")
                else:
                    files.append(entry)
            found = [folder + entry.name for entry in files]
            paths += found if all(map(str.isascii, found)) else map(readable, found)
            inodes += [entry.inode() for entry in files]
            sizes += map(size_of, files)
    # In order here, by whichever process: then putting all in order is but merging.
    return pl.DataFrame([paths, inodes, sizes], schema=dict(ENTRY_SCHEMA)).sort("path"), below


def sizes_of(root: str, paths: Sequence[str]) -> list[int]:
    """Of single files below `root`, as `list_tree` tells them. Raises OSError."""
    found = (os.lstat(root + path) for path in paths)
    return [one.st_size if stat.S_ISREG(one.st_mode) else SPECIAL for one in found]


def _size(entry: os.DirEntry[str]) -> int | None:
    return entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else SPECIAL


def _no_size(entry: os.DirEntry[str]) -> int | None:
    return None if entry.is_file(follow_symlinks=False) else SPECIAL


def _some(folders: Sequence[str], one_in: int) -> frozenset[str]:
    return frozenset(folder for folder in folders if one_in and not secrets.randbelow(one_in))


def link_tasks(source: str, target: str, files: pl.DataFrame) -> list[LinkTask]:
    """The work of sharing files (`divided`), which are sorted by their paths."""
    groups = files.group_by("folder", maintain_order=True).agg("name")
    names = dict(zip(groups["folder"], groups["name"].to_list(), strict=True))
    counts = {folder: len(some) for folder, some in names.items()}
    return [LinkTask(source, target, {one: names[one] for one in group}) for group in _groups(list(names), counts)]


def link_files(task: LinkTask) -> list[str]:
    """Share files; what is in their place is replaced. Returns the paths of those that cannot be shared. Raises OSError
    where there is no room. In whichever process."""
    failed: list[str] = []
    for folder, names in task.names.items():
        try:
            source = opened(task.source + folder)
            with source as origin, opened(task.target + folder) as target:
                failed += [folder + name for name in names if not _is_linked(name, origin, target)]
        except (FileNotFoundError, PermissionError, NotADirectoryError):  # the folder itself: all of it has vanished
            failed += [folder + name for name in names]
    return failed


def _is_linked(name: str, source: int, target: int) -> bool:
    try:
        _link(name, source, target)
    except OSError as error:
        if error.errno in _FULL:
            raise
        return False  # vanished, too many links, or another's file
    return True


def in_parallel(executor: Executor | None, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
    """Results in the order of the tasks, which are handed out at once; a single task is done here, when it is asked
    for."""
    return map(function, tasks) if executor is None or len(tasks) < 2 else executor.map(function, tasks)


@contextmanager
def opened(folder: str) -> Iterator[int]:
    """A descriptor of a folder, which must not be a link to one."""
    # With a / at the end a link would be followed all the same.
    descriptor = os.open(folder.rstrip("/"), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _link(name: str, source: int, target: int) -> None:
    try:
        os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except FileExistsError:
        os.unlink(name, dir_fd=target)
        os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)


def _groups(folders: Sequence[str], counts: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    group, files = list[str](), 0
    for folder in folders:
        group.append(folder)
        files += counts.get(folder, 0) + 1
        if files >= _GROUP:
            yield tuple(group)
            group, files = [], 0
    if group:
        yield tuple(group)


REPLACED = "\ufffd"


def readable(path: str) -> str:
    """A path as text; what is no UTF-8 in it is replaced, so that it is hardly that of a file that a manifest knows."""
    return os.fsencode(path).decode(errors="replace")

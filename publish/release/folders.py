"""Folders of trees of files, and links from one to another. In groups, so that workers can share the work: what a tree
of millions of files takes is calls to the system."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

FOLDER = "(?s)^(.*/)"  # of a path: the folder that it is in, whatever is in its name

_GROUP = 20_000  # files that are one task
_FULL = (errno.ENOSPC, errno.EDQUOT)

T = TypeVar("T")
R = TypeVar("R")


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


def link_tasks(source: str, target: str, files: pl.DataFrame, together: int | None = None) -> list[LinkTask]:
    """The work of sharing files (`divided`), which are sorted by their paths; a task has at least so many `together`,
    and of whole folders."""
    groups = files.group_by("folder", maintain_order=True).agg("name")
    names = dict(zip(groups["folder"], groups["name"].to_list(), strict=True))
    counts = {folder: len(some) for folder, some in names.items()}
    groups_of = grouped(list(names), counts, together)
    return [LinkTask(source, target, {one: names[one] for one in group}) for group in groups_of]


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


def grouped(
    folders: Sequence[str], counts: Mapping[str, int], together: int | None = None
) -> Iterator[tuple[str, ...]]:
    """Folders, so many together that their files (`counts`) are a task, of `together` files or as many as usual."""
    group, files = list[str](), 0
    for folder in folders:
        group.append(folder)
        files += counts.get(folder, 0) + 1
        if files >= (together or _GROUP):
            yield tuple(group)
            group, files = [], 0
    if group:
        yield tuple(group)


REPLACED = "\ufffd"


def readable(path: str) -> str:
    """A path as text; what is no UTF-8 in it is replaced, so that it is hardly that of a file that a manifest knows."""
    return os.fsencode(path).decode(errors="replace")

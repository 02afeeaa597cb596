"""The listing of a tree that is settled, begun while its seals are being made: these change its own folder alone, which
is listed when they are in it."""

import os
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

import polars as pl

from publish.release.folders import grouped, in_parallel
from publish.release.stamps import TICK, is_fine
from publish.release.trees import (
    Closed,
    FolderStamp,
    FolderTask,
    Listing,
    counts_of,
    folder_stamp,
    list_by_threads,
    list_folders,
)

_CALLS = 4  # of workers, each of which asks the disk for much at once
_STILL = 0.12  # s without a change; more than tree_memory's tenth and a tick, so that all folders may be known later

_Part = tuple[pl.DataFrame, list[str], list[FolderStamp | None]]


class EarlyListing:
    """What lies in all `groups` of folders below a tree, which is listed from now on by `executor`, without sizes.
    `at`: by the clock of the file system (ns), a time before that."""

    def __init__(self, root: str, groups: Sequence[tuple[str, ...]], executor: Executor, at: int) -> None:
        self._root = root
        self._groups = groups
        self._at = at
        tasks = [FolderTask(root, group, frozenset(), Closed.REFUSED) for group in groups]
        calls = [tasks[first::_CALLS] for first in range(min(_CALLS, len(tasks)))]
        self._calls: Iterator[list[_Part]] = in_parallel(executor, list_by_threads, calls)

    def listing(self) -> Listing | None:
        """All as it is now; once. None: the folders are not those that were expected, or one cannot be read or has
        changed since it was listed. Then all is to be listed anew, in the order in which folders are found."""
        frames, folders, found = list[pl.DataFrame](), dict[str, FolderStamp | None](), set[str]()
        try:
            calls = list(self._calls)
            parts = [calls[at % _CALLS][at // _CALLS] for at in range(len(self._groups))]
            parts.append(list_folders(FolderTask(self._root, ("",), frozenset(), Closed.REFUSED)))
        except OSError:
            return None
        for group, (files, below, stamps) in zip([*self._groups, ("",)], parts, strict=True):
            frames.append(files.with_columns(pl.col("folder") + len(folders)))
            folders |= zip(group, stamps, strict=True)
            found.update(below)
        if found != folders.keys() - {""} or self._is_other(folders):
            return None
        return Listing(pl.concat(frames).sort("path"), folders, self._at)

    def _is_other(self, folders: Mapping[str, FolderStamp | None]) -> bool:
        """Whether one has changed since it was listed, or may have: so late before that a change at the same tick of
        the clock would not be told by its ctime."""
        latest = self._at - TICK
        if any(stamp is None or stamp[1] > latest for one, stamp in folders.items() if one):
            return True
        return any(folder_stamp(self._root + one) != stamp for one, stamp in folders.items())


def list_early(tree: Path, folders: Collection[str], expected: pl.Series, executor: Executor) -> EarlyListing | None:
    """Begin to list a tree in which nobody has changed anything since this was called, nor will but in its own folder.
    `folders`: all that are expected in it, each with a / at the end; `expected`: paths of files, by which the work is
    divided.

    A change to a folder is told by its ctime only if that is older than the listing by a tick of the clock; so a moment
    passes before. None: the clock of the file system may be a coarse one, or cannot be told.
    """
    time.sleep(_STILL)
    try:
        at = _now(tree.parent)
    except OSError:
        return None
    if not is_fine(at):
        return None
    return EarlyListing(f"{tree}/", list(grouped(sorted(folders), counts_of(expected))), executor, at)


def _now(folder: Path) -> int:
    """The time (ns) that what changes now in this file system gets. Raises OSError."""
    with tempfile.TemporaryFile(dir=folder) as made:
        return os.fstat(made.fileno()).st_ctime_ns

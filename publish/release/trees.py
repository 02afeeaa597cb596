"""What is in a tree, folder by folder; of a tree that was listed before only the folders that have changed since."""

import os
import secrets
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial

import numpy as np
import polars as pl

from publish.release.folders import FOLDER, grouped, in_parallel, opened, readable

# `size` is SPECIAL of a symlink or anything else that is no plain file, and null where it was not asked for; `folder`:
# the place of its folder among those of the listing.
ENTRY_SCHEMA: Mapping[str, pl.DataType] = {
    "path": pl.String(),
    "inode": pl.UInt64(),
    "size": pl.Int64(),
    "folder": pl.UInt32(),
}
SPECIAL = -1

_SAMPLE = 50_000  # paths by which it is told how many files are in a folder
_CHECKED = 16  # one in so many folders that seem unchanged is listed all the same
_ENTER = os.R_OK | os.W_OK | os.X_OK
AT_ONCE = 16  # threads that wait for the disk: what it is asked for together it finds together
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe that has come in its place stops nobody


class Closed(Enum):
    """What is done with a folder that this process may not enter: told as an error, opened by giving its owner the
    permission, or passed over as if nothing was in it."""

    REFUSED = 1
    MENDED = 2
    PASSED_OVER = 3


# Of a folder its inode and ctime (ns), taken before it was listed: names and inodes in it cannot change without the
# ctime, which is the system's and cannot be set.
FolderStamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Listing:
    """`files`: all entries of a tree that are no folders (ENTRY_SCHEMA, sorted by path). `folders`: paths of its
    folders as the system tells them, each with a / at the end, the tree itself among them as empty; each with its
    stamp, None where it cannot be told by it whether the folder has changed. `at`: by the clock of the file system
    (ns), a time before any of them was listed; None: the ctime of the tree itself, which was listed first."""

    files: pl.DataFrame
    folders: Mapping[str, FolderStamp | None]
    at: int | None = None

    def in_folders(self, folders: Collection[str]) -> pl.DataFrame:
        """Its files that are in these folders, and in no folder below."""
        chosen = np.fromiter((folder in folders for folder in self.folders), np.bool_, len(self.folders))
        return self.files.filter(pl.Series(chosen[self.files["folder"].to_numpy()], dtype=pl.Boolean))


NOTHING = Listing(pl.DataFrame(schema=dict(ENTRY_SCHEMA)), {})


@dataclass(frozen=True, slots=True)
class FolderTask:
    """Folders of the tree `root` to be listed, each by its path with a / at the end; those that are `sized` with the
    sizes of what is in them. `closed` says what is done with those that may not be entered."""

    root: str
    folders: tuple[str, ...]
    sized: frozenset[str]
    closed: Closed


def list_tree(
    root: str,
    expected: pl.Series,
    executor: Executor | None = None,
    *,
    sizes: int = 1,
    closed: Closed = Closed.REFUSED,
    known: Listing = NOTHING,
) -> Listing:
    """What lies in the folder `root` (with a / at its end), links not followed. In one of so many folders as `sizes`
    says, in others each time, sizes are asked for, which takes several times as long as names; 0: in none.

    `expected` are paths that are probably there: by them the work is divided. `closed`: what is done with folders that
    may not be entered. `known`: what was there before, all of it plain files; a folder that still has its stamp is not
    listed again, but for those where sizes are asked for, or one in 16. If one of these is not what its stamp promises,
    stamps say nothing on this file system, and all is listed. Raises OSError.
    """
    counts = counts_of(expected)
    frames, folders, level = [NOTHING.files], dict[str, FolderStamp | None](), [""]
    below_known, standing, checked = _below(known.folders), set[str](), set[str]()
    while level:
        drawn = _some(level, sizes or _CHECKED)
        same = {one for one in level if (stamp := known.folders.get(one)) and folder_stamp(root + one) == stamp}
        standing |= same - drawn
        checked |= same & drawn
        groups = list(grouped(sorted({*level} - (same - drawn)), counts))
        tasks = [
            FolderTask(root, group, drawn.intersection(group) if sizes else frozenset(), closed) for group in groups
        ]
        level = [path for one in same - drawn for path in below_known.get(one, ())]
        for group, (found, below, stamps) in zip(groups, in_parallel(executor, list_folders, tasks), strict=True):
            frames.append(found.with_columns(pl.col("folder") + len(folders)))
            folders |= zip(group, stamps, strict=True)
            level += below
    listed = Listing(pl.concat(frames).sort("path"), folders)
    if _differs(listed, {*folders, *standing}, known, checked):
        return list_tree(root, expected, executor, sizes=sizes, closed=closed)
    return _with(listed, known, standing)


def counts_of(paths: pl.Series) -> dict[str, int]:
    """About how many of the paths are in each folder (with a / at its end), by a sample of them."""
    every = max(1, paths.len() // _SAMPLE)
    folder = paths.gather_every(every).str.extract(FOLDER).fill_null("")
    return {name: count * every for name, count in folder.value_counts().iter_rows()}


def _below(folders: Iterable[str]) -> dict[str, list[str]]:
    """Of each folder those that are in it."""
    below: dict[str, list[str]] = {}
    for folder in filter(None, folders):
        below.setdefault(folder[: folder.rfind("/", 0, -1) + 1], []).append(folder)
    return below


def _differs(listed: Listing, reached: Iterable[str], known: Listing, checked: Set[str]) -> bool:
    """Whether anything in the folders `checked` is not as it was, though their stamps are. `reached`: all folders."""
    below = [_below(some) for some in (reached, known.folders)]
    names = [{folder: frozenset(some) for folder, some in one.items() if folder in checked} for one in below]
    files = [one.in_folders(checked).select("path", "inode") for one in (listed, known)]
    return names[0] != names[1] or not files[0].equals(files[1])


def _with(listed: Listing, known: Listing, standing: Set[str]) -> Listing:
    """What was listed, and what stands in other folders."""
    if not standing:
        return listed
    if {*listed.folders, *standing} == known.folders.keys():
        of_listed = np.fromiter((folder in listed.folders for folder in known.folders), np.bool_, len(known.folders))
        rows = np.flatnonzero(of_listed[known.files["folder"].to_numpy()])
        if known.files[rows].select("path", "inode").equals(listed.files.select("path", "inode")):
            # As nearly always: nothing has come or gone, and nothing need be put in order once more.
            sizes = known.files["size"].scatter(rows, listed.files["size"])
            return Listing(known.files.with_columns(sizes), {**known.folders, **listed.folders})
    folders = {**listed.folders, **{folder: known.folders[folder] for folder in known.folders if folder in standing}}
    place = {folder: number for number, folder in enumerate(folders)}
    places = np.array([place.get(folder, 0) for folder in known.folders], np.uint32)
    files = known.in_folders(standing)
    files = files.with_columns(folder=pl.Series(places[files["folder"].to_numpy()]))
    return Listing(listed.files.merge_sorted(files, key="path"), folders)


def list_folders(task: FolderTask) -> tuple[pl.DataFrame, list[str], list[FolderStamp | None]]:
    """What lies in some folders (ENTRY_SCHEMA, `folder` by their order), the folders in them, and their own stamps. In
    whichever process."""
    paths, inodes, sizes, counts = list[str](), list[int](), list[int | None](), list[int]()
    below, stamps = list[str](), list[FolderStamp | None]()
    for folder in task.folders:
        if task.closed is Closed.MENDED and not os.access(task.root + folder, _ENTER):
            os.chmod(task.root + folder, 0o700)  # noqa: PTH101  (many folders: no Path objects)
        elif task.closed is Closed.PASSED_OVER and not os.access(task.root + folder, os.R_OK | os.X_OK):
            stamps.append(None)
            counts.append(0)
            continue
        with opened(task.root + folder) as descriptor, os.scandir(descriptor) as entries:
            stamps.append(_stamp(os.fstat(descriptor)))
            every = list(entries)
            files = [entry for entry in every if entry.is_file(follow_symlinks=False)]
            others = [entry for entry in every if not entry.is_file(follow_symlinks=False)] if every != files else []
            below += [f"{folder}{entry.name}/" for entry in others if entry.is_dir(follow_symlinks=False)]
            is_sized = folder in task.sized
            sizes += [entry.stat(follow_symlinks=False).st_size for entry in files] if is_sized else [None] * len(files)
            special = [entry for entry in others if not entry.is_dir(follow_symlinks=False)]
            sizes += [SPECIAL] * len(special)
            files += special
            found = [folder + entry.name for entry in files]
            paths += found if all(map(str.isascii, found)) else map(readable, found)
            inodes += [entry.inode() for entry in files]
            counts.append(len(files))
    of_folder = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    # In order here, by whichever process: then putting all in order is but merging.
    return pl.DataFrame([paths, inodes, sizes, of_folder], schema=dict(ENTRY_SCHEMA)).sort("path"), below, stamps


def list_by_threads(tasks: Sequence[FolderTask]) -> list[tuple[pl.DataFrame, list[str], list[FolderStamp | None]]]:
    """`list_folders` of each: most of that is waiting for the disk."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(list_folders, tasks))


def folder_stamp(folder: str) -> FolderStamp | None:
    """Of a folder (with a / at its end) as it is now; None: it is not there, or no folder."""
    try:
        there = os.lstat(folder.rstrip("/"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    return _stamp(there) if stat.S_ISDIR(there.st_mode) else None


def _stamp(folder: os.stat_result) -> FolderStamp:
    return folder.st_ino, folder.st_ctime_ns


def sizes_of(root: str, paths: Sequence[str]) -> list[int]:
    """Of single files below `root`, as `list_tree` tells them. Raises OSError."""
    found = (os.lstat(root + path) for path in paths)
    return [one.st_size if stat.S_ISREG(one.st_mode) else SPECIAL for one in found]


def read_ahead(root: str, paths: Iterable[str]) -> None:
    """Have the system read these files below `root` beside whatever else is done, all at the same time: whoever reads
    them later on need not wait for the disk. What cannot be opened is passed over."""
    with ThreadPoolExecutor(AT_ONCE) as threads:  # to open a file waits for the disk too, for what its folder says
        list(threads.map(partial(_ask_for, root), paths))


def _ask_for(root: str, path: str) -> None:
    with suppress(OSError):
        descriptor = os.open(root + path, _READ)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_WILLNEED)
        finally:
            os.close(descriptor)


def _some(folders: Sequence[str], one_in: int) -> frozenset[str]:
    return frozenset(folder for folder in folders if one_in and not secrets.randbelow(one_in))

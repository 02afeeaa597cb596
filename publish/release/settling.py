"""The last step of a growing release: what was kept from the previous one comes to its place, what is old goes."""

import os
import shutil
from collections.abc import Iterable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.release.folders import (
    FOLDER,
    REPLACED,
    divided,
    folders_of,
    in_parallel,
    link_files,
    link_tasks,
    readable,
)
from publish.release.growing import Growing, duplicate, mend_mode
from publish.release.previous import Previous
from publish.release.trees import Closed, Listing, list_tree


def check_paths(paths: pl.Series) -> frozenset[str]:
    """The folders of all files of a release (`folders_of`); `paths` are sorted. Raises BuildStopped
    `release.duplicate-path` if two files have the same path, or one has that of a folder."""
    folders = folders_of(paths)
    names = pl.Series([folder[:-1] for folder in folders], dtype=pl.String)
    twice = paths.filter(paths == paths.shift(1))
    for path in (*twice.head(1), *paths.filter(paths.is_in(names.implode())).head(1)):
        raise duplicate(path)
    return folders


@dataclass(frozen=True, slots=True)
class Ground:
    """What was in the tree of an older release before anything was written into it. `in_place`: of each file of the
    previous release whether it is there, as the very file (inode). `others`: paths of all else that is no folder;
    `folders`: its folders."""

    in_place: NDArray[np.bool_]
    others: pl.Series
    folders: frozenset[str]


def look_over(root: str, previous: Previous, known: Listing) -> Ground:
    """What is in the tree `root`, and permissions of its folders as new ones have them. Raises OSError."""
    there = list_tree(root, previous.files["path"], previous.executor, sizes=0, closed=Closed.MENDED, known=known)
    _mend(root, there.folders)
    in_place, others = _apart(previous.files.select("path").with_columns(previous.inodes), there.files)
    return Ground(in_place, others, frozenset(filter(None, there.folders)))


def settle(
    growing: Growing,
    paths: pl.Series,
    folders: frozenset[str],
    previous: Previous,
    rows: NDArray[np.int64],
    ground: Ground | None,
    executor: Executor | None,
) -> int:
    """Bring files of `previous` (rows of its `files`) to their place. `paths`, `folders`: of all files of the release.

    In a tree that was an older release (`ground`), a file stays where it is if it is the very file (inode) of the
    previous release: so the tree becomes what linking would have made, whatever was wrong with it. All else that the
    release has not is removed. Returns how many files had to be copied, since they could not be linked. Raises OSError
    and BuildStopped `release.kept-missing`.
    """
    kept = np.zeros(previous.files.height, np.bool_)
    kept[rows] = True
    if ground is not None:
        gone = previous.files["path"].filter(pl.Series(ground.in_place & ~kept))
        _remove_others(growing.root, pl.concat([ground.others, gone]), ground.folders - folders, paths, folders)
        kept &= ~ground.in_place
    wanted = divided(previous.files["path"].filter(pl.Series(kept)))
    for folder in wanted["folder"].unique().sort():
        growing.make_folder(folder)
    tasks = link_tasks(previous.root, growing.root, wanted)
    failed = [path for paths in in_parallel(executor, link_files, tasks) for path in paths]
    for path in failed:
        growing.create(path, previous.read(path))
    return len(failed)


def _apart(files: pl.DataFrame, there: pl.DataFrame) -> tuple[NDArray[np.bool_], pl.Series]:
    """Which of `files` (`path`, `inode`) are `there` (ENTRY_SCHEMA, without sizes) as the very file; paths of all else
    that is there.

    By inodes first, whose numbers are compared in half the time of paths."""
    plain = there.select("inode", "path", "size", there=pl.int_range(pl.len())).filter(pl.col("size").is_null())
    # Where somebody has made one file of several, rows would multiply.
    on = ["inode"] if plain["inode"].n_unique() == plain.height else ["inode", "path"]
    both = files.select("inode", "path", own=pl.int_range(pl.len())).join(plain, on=on)
    both = both.filter(files["path"].gather(both["own"]) == there["path"].gather(both["there"]))
    in_place, others = np.zeros(files.height, np.bool_), np.ones(there.height, np.bool_)
    in_place[both["own"].to_numpy()] = True
    others[both["there"].to_numpy()] = False
    return in_place, there["path"].filter(pl.Series(others))


def _remove_others(
    root: str, others: pl.Series, strange: frozenset[str], paths: pl.Series, folders: frozenset[str]
) -> None:
    """Remove what an older release had at the paths `others` and the new one has not (`paths`, `folders`), and its
    folders that are `strange` to the new one. What stood in the way of something has gone already."""
    for folder in sorted(strange):
        if os.path.isdir(root + folder[:-1]) and not os.path.islink(root + folder[:-1]):  # noqa: PTH112, PTH114
            shutil.rmtree(root + folder)
    within = others.str.extract(FOLDER).is_in([readable(folder) for folder in strange]).fill_null(value=False)
    others = others.filter(~within & ~others.is_in([folder[:-1] for folder in folders]))
    places = np.minimum(paths.search_sorted(others).to_numpy(), max(0, paths.len() - 1))
    for path in others.filter(paths.gather(places) != others) if paths.len() else others:
        _remove(root, path)


def _remove(root: str, path: str) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):  # a file is where its folder was
        os.unlink(root + path)  # noqa: PTH108  (many files: no Path objects)
    folder = root + path.rpartition("/")[0]
    if REPLACED in path and os.path.isdir(folder):  # noqa: PTH112  (what is no UTF-8 was told as `readable`)
        for name in os.listdir(folder):  # noqa: PTH208
            if readable(name) != name:
                os.unlink(f"{folder}/{name}")  # noqa: PTH108


def _mend(root: str, folders: Iterable[str]) -> None:
    for folder in folders:
        mend_mode(root + folder, os.lstat(root + folder).st_mode)

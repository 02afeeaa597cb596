"""The last step of a growing release: what was kept from the previous one comes to its place, what is old goes."""

import os
import shutil
from collections.abc import Iterable
from concurrent.futures import Executor
from contextlib import suppress

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.release.folders import (
    FOLDER,
    REPLACED,
    Closed,
    Listing,
    divided,
    folders_of,
    in_parallel,
    link_files,
    link_tasks,
    list_tree,
    readable,
)
from publish.release.growing import Growing, duplicate, mend_mode
from publish.release.previous import Previous


def check_paths(paths: pl.Series) -> frozenset[str]:
    """The folders of all files of a release (`folders_of`); `paths` are sorted. Raises BuildStopped
    `release.duplicate-path` if two files have the same path, or one has that of a folder."""
    folders = folders_of(paths)
    names = pl.Series([folder[:-1] for folder in folders], dtype=pl.String)
    twice = paths.filter(paths == paths.shift(1))
    for path in (*twice.head(1), *paths.filter(paths.is_in(names.implode())).head(1)):
        raise duplicate(path)
    return folders


def settle(
    growing: Growing,
    paths: pl.Series,
    folders: frozenset[str],
    previous: Previous,
    rows: NDArray[np.int64],
    executor: Executor | None,
) -> int:
    """Bring files of `previous` (rows of its `files`) to their place. `paths`, `folders`: of all files of the release.

    In a tree that was an older release, a file stays where it is if it is the very file (inode) of the previous
    release: so the tree becomes what linking would have made, whatever was wrong with it. All else that the release
    has not is removed. Returns how many files had to be copied, since they could not be linked. Raises OSError and
    BuildStopped `release.kept-missing`.
    """
    ordered = np.sort(rows)
    kept = pl.DataFrame({"path": previous.files["path"][ordered], "inode": previous.inodes[ordered]})
    if growing.recycled:
        there = list_tree(growing.root, paths, executor, sizes=0, closed=Closed.MENDED)
        kept, others = _apart(kept, there.files)
        _remove_others(growing.root, paths, folders, Listing(others, there.folders))
    wanted = divided(kept["path"])
    for folder in wanted["folder"].unique().sort():
        growing.make_folder(folder)
    tasks = link_tasks(previous.root, growing.root, wanted)
    failed = [path for paths in in_parallel(executor, link_files, tasks) for path in paths]
    for path in failed:
        growing.create(path, previous.read(path))
    return len(failed)


def _apart(kept: pl.DataFrame, there: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What of `kept` (`path`, `inode`) is not `there` (ENTRY_SCHEMA, without sizes) as the very file, and what else is.

    By inodes first, whose numbers are compared in half the time of paths."""
    plain = there.select("inode", "path", "size", there=pl.int_range(pl.len())).filter(pl.col("size").is_null())
    # Where somebody has made one file of several, rows would multiply.
    on = ["inode"] if plain["inode"].n_unique() == plain.height else ["inode", "path"]
    both = kept.select("inode", "path", kept=pl.int_range(pl.len())).join(plain, on=on)
    both = both.filter(kept["path"].gather(both["kept"]) == there["path"].gather(both["there"]))
    others = [np.ones(frame.height, np.bool_) for frame in (kept, there)]
    for mask, rows in zip(others, both.select("kept", "there"), strict=True):
        mask[rows.to_numpy()] = False
    return kept.filter(others[0]), there.filter(others[1])


def _remove_others(root: str, paths: pl.Series, own: frozenset[str], there: Listing) -> None:
    """Of files that are not kept, remove those that the release has not and what is no plain file; and of all folders
    those that are none of its `own`."""
    _mend(root, there.folders)
    for folder in sorted(there.folders - own):
        if os.path.lexists(root + folder[:-1]):  # else it went with the one that it was in
            shutil.rmtree(root + folder)
    gone = pl.col("path").str.extract(FOLDER).is_in([readable(folder) for folder in there.folders - own])
    has = there.files.join(paths.to_frame("path"), on="path", how="semi")
    others = there.files.join(has.filter(pl.col("size").is_null()), on="path", how="anti")
    for path in others.filter(~gone.fill_null(False))["path"]:
        _remove(root, path)


def _remove(root: str, path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(root + path)  # noqa: PTH108  (many files: no Path objects)
    if REPLACED in path:  # what is no UTF-8 was told as `readable`
        folder = root + path.rpartition("/")[0]
        for name in os.listdir(folder):  # noqa: PTH208
            if readable(name) != name:
                os.unlink(f"{folder}/{name}")  # noqa: PTH108


def _mend(root: str, folders: Iterable[str]) -> None:
    for folder in ("", *folders):
        mend_mode(root + folder, os.lstat(root + folder).st_mode)

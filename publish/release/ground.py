"""What of an older release may stay where it is in a new one; all else is removed before anything is written."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.release.folders import FOLDER, REPLACED, readable
from publish.release.growing import mend_mode
from publish.release.previous import Previous
from publish.release.removing import remove_files, remove_folders
from publish.release.trees import Closed, Listing, list_tree


@dataclass(frozen=True, slots=True)
class Ground:
    """A tree that was an older release, with nothing left in it but files of the previous one. `in_place`: of each file
    of the previous release whether it is there, as the very file (inode). `folders`: those that there are, without the
    root."""

    in_place: NDArray[np.bool_]
    folders: frozenset[str]


def level(root: str, previous: Previous, known: Listing) -> Ground:
    """Remove from the tree `root` (with a / at its end) what the previous release has not at the same path as the very
    file, and give folders the permissions that new ones have. `known` as list_tree has it. Nobody writes into the tree
    meanwhile. Raises OSError.

    None of that is in vain: whatever is removed here could not stay, since only the previous release's files may.
    """
    there = list_tree(root, previous.files["path"], previous.executor, sizes=0, closed=Closed.MENDED, known=known)
    _mend(root, there.folders)
    in_place, goes = _apart(previous.files.select("path").with_columns(previous.inodes), there.files)
    stay = _in_use(there, goes)
    others = there.files["path"].filter(pl.Series(goes))
    remove_files(root, others)
    remove_folders(root, there.folders.keys() - stay)
    _remove_unreadable(root, others)
    return Ground(in_place, frozenset(filter(None, stay)))


def _in_use(there: Listing, goes: NDArray[np.bool_]) -> frozenset[str]:
    """The folders in which, or below which, something stays; and the tree's own."""
    used = np.bincount(there.files["folder"].to_numpy()[~goes], minlength=len(there.folders)) > 0
    folders = [folder for folder, is_used in zip(there.folders, used.tolist(), strict=True) if is_used]
    return frozenset(folder[: at + 1] for folder in folders for at, sign in enumerate(folder) if sign == "/") | {""}


def _remove_unreadable(root: str, others: pl.Series) -> None:
    """Files whose names are no UTF-8: they were told as `readable`."""
    parents = others.filter(others.str.contains(REPLACED, literal=True)).str.extract(FOLDER).fill_null("")
    for folder in filter(os.path.isdir, (root + parent for parent in parents.unique())):
        for name in os.listdir(folder):  # noqa: PTH208
            if readable(name) != name:
                os.unlink(folder + name)  # noqa: PTH108


def _apart(files: pl.DataFrame, there: pl.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of `files` (`path`, `inode`) are `there` (ENTRY_SCHEMA, without sizes) as the very file; and which of those
    that are there are something else.

    By inodes first, whose numbers are compared in half the time of paths."""
    plain = there.select("inode", "path", "size", there=pl.int_range(pl.len())).filter(pl.col("size").is_null())
    # Where somebody has made one file of several, rows would multiply.
    on = ["inode"] if plain["inode"].n_unique() == plain.height else ["inode", "path"]
    both = files.select("inode", "path", own=pl.int_range(pl.len())).join(plain, on=on)
    both = both.filter(files["path"].gather(both["own"]) == there["path"].gather(both["there"]))
    in_place, others = np.zeros(files.height, np.bool_), np.ones(there.height, np.bool_)
    in_place[both["own"].to_numpy()] = True
    others[both["there"].to_numpy()] = False
    return in_place, others


def _mend(root: str, folders: Iterable[str]) -> None:
    for folder in folders:
        mend_mode(root + folder, os.lstat(root + folder).st_mode)

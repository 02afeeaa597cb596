"""What of an older release may stay where it is in a new one; all else is removed before anything is written."""

import os
from collections.abc import Iterable, Sequence
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
    of_folder = there.files["folder"].to_numpy()
    stay = _in_use(list(there.folders), of_folder[~goes])
    remove_folders(root, there.folders.keys() - stay)
    within = np.fromiter((folder in stay for folder in there.folders), np.bool_, len(there.folders))
    others = there.files["path"].filter(pl.Series(goes & within[of_folder]))
    remove_files(root, others)
    _remove_unreadable(root, others)
    return Ground(in_place, frozenset(filter(None, stay)))


def _in_use(folders: Sequence[str], of_files: NDArray[np.uint32]) -> frozenset[str]:
    """Those `folders` that files are in (`of_files`: in which), those above them, and the tree's own."""
    used = np.flatnonzero(np.bincount(of_files, minlength=len(folders))).tolist()
    return frozenset(folders[one][: at + 1] for one in used for at, sign in enumerate(folders[one]) if sign == "/") | {
        ""
    }


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

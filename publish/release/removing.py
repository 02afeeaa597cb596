"""Removing files and folders of a tree in which a release grows."""

import os
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import polars as pl

from publish.release.folders import divided, opened

# Threads, since most of the time is spent waiting for the disk: for inodes that are not in memory, and for room to be
# given back. No workers: one that is lost may be followed by another that removes what has been written since.
_THREADS = 8
_TOGETHER = 128  # of one folder


def remove_files(root: str, paths: pl.Series) -> None:
    """Remove files of the tree `root` (with a / at its end), or links, by their paths (String). Those that are not
    there, or whose folder is a link, are passed over, and so are folders, which may have a name that is told alike
    (`readable`). Raises OSError."""
    names = divided(paths.sort()).group_by("folder", maintain_order=True).agg("name")
    parts = [
        (folder, some[begin : begin + _TOGETHER])
        for folder, some in names.iter_rows()
        for begin in range(0, len(some), _TOGETHER)
    ]
    with ThreadPoolExecutor(max(1, min(_THREADS, len(parts))), thread_name_prefix="remove") as threads:
        for _ in threads.map(partial(_remove, root), parts):
            pass


def remove_folders(root: str, folders: Iterable[str]) -> None:
    """The same of folders, each with a / at its end, and all that is in them."""
    for folder in sorted(folders):
        path = root + folder[:-1]
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114  (many: no Path objects)
            shutil.rmtree(path)


def _remove(root: str, part: tuple[str, Sequence[str]]) -> None:
    folder, names = part
    with suppress(FileNotFoundError, NotADirectoryError), opened(root + folder) as place:
        for name in names:
            with suppress(FileNotFoundError, IsADirectoryError):
                os.unlink(name, dir_fd=place)

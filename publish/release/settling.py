"""The last step of a growing release: what was kept from the previous one comes to its place, what is old goes."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.release.folders import divided, folders_of, in_parallel, link_files, link_tasks
from publish.release.ground import Ground
from publish.release.growing import Growing, duplicate
from publish.release.previous import Previous
from publish.release.removing import remove_files, remove_folders

_FEW = 20_000  # files; to link more takes the processor
_THREADS = 8
_TOGETHER = 256  # files that a thread links


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
    ground: Ground | None,
    executor: Executor | None,
) -> int:
    """Bring files of `previous` (rows of its `files`) to their place. `paths`, `folders`: of all files of the release.

    In a tree that was an older release (`ground`), a file stays where it is if it is the very file (inode) of the
    previous release: so the tree becomes what linking would have made, whatever was wrong with it. What the release has
    not is removed. Returns how many files had to be copied, since they could not be linked. Raises OSError and
    BuildStopped `release.kept-missing`.
    """
    kept = np.zeros(previous.files.height, np.bool_)
    kept[rows] = True
    if ground is not None:
        gone = previous.files["path"].filter(pl.Series(ground.in_place & ~kept))
        remove_files(growing.root, _without(gone, paths, folders))
        remove_folders(growing.root, ground.folders - folders)
        kept &= ~ground.in_place
    wanted = divided(previous.files["path"].filter(pl.Series(kept)))
    for folder in wanted["folder"].unique().sort():
        growing.make_folder(folder)
    failed = [path for some in _linked(previous.root, growing.root, wanted, executor) for path in some]
    for path in failed:
        growing.create(path, previous.read(path))
    return len(failed)


def _without(gone: pl.Series, paths: pl.Series, folders: frozenset[str]) -> pl.Series:
    """Those of the paths `gone` that are not among `paths` (sorted), nor among `folders`: in the place of these there
    is something new already."""
    gone = gone.filter(~gone.is_in([folder[:-1] for folder in folders]))
    if not paths.len():
        return gone
    places = np.minimum(paths.search_sorted(gone).to_numpy(), paths.len() - 1)
    return gone.filter(paths.gather(places) != gone)


def _linked(source: str, target: str, files: pl.DataFrame, executor: Executor | None) -> Iterator[list[str]]:
    """`link_files` of all `files` (`divided`). A few are linked by threads of this process: it is the disk that they
    wait for, which is asked for inodes that are not in memory."""
    if files.height > _FEW:
        yield from in_parallel(executor, link_files, link_tasks(source, target, files))
    elif files.height:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="link") as threads:
            yield from threads.map(link_files, link_tasks(source, target, files, _TOGETHER))

"""A spare tree: links to all files of the live release, laid out after the build for the next one to begin with.

Only where that finds no old release to use up: on a new site, and in the nights after every page has changed.
"""

import os
import stat
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from publish.model.config import ReleasePolicy
from publish.model.issue import BuildStopped
from publish.release.afterwards import WANTED, left_alone
from publish.release.layout import Layout, discard, drop_spares
from publish.release.pruning import expendable, last_live

_SAMPLE = 1000
_ENOUGH = 0.5  # of the sample
_MANY = 100_000  # files; fewer are linked in a second
_PATIENCE = 10  # seconds in which who lays out a tree notices that it was taken: at its next link


def want_spare(out: Path, policy: ReleasePolicy, now: datetime | None, paths: pl.Series, *, least: int = _MANY) -> None:
    """Ask for a spare tree of the live release, whose files are at `paths` (String), if it has at least so many, and
    the next build will find no old release that is worth being used up. Under the lock; whatever fails, there is none.

    `now` as prune_after_build has it.
    """
    layout = Layout(out.absolute())
    with suppress(OSError, BuildStopped):
        live = layout.live()
        if now is None or live is None or paths.len() < least:
            return
        root, later = f"{layout.releases / live}/", _next_build(layout, live, policy, now)
        for name in expendable(layout, policy, later, after_next=True):
            if name != live and shares_enough(root, paths, f"{layout.releases / name}/"):
                return
        (layout.spare / live).mkdir(parents=True)  # there already: laid out, or asked for
        Path(f"{layout.spare / live}{WANTED}").touch()


def _next_build(layout: Layout, live: str, policy: ReleasePolicy, now: datetime) -> datetime:
    """When it will probably be: as long after this one as this one after the one before, else a day; or when what was
    live just now may go, if that is later."""
    stopped = sorted(last_live(layout, name) for name in layout.names() if name != live)
    apart = now - stopped[-2] if len(stopped) > 1 else timedelta(days=1)
    return now + max(timedelta(hours=policy.in_use_hours), apart)


def take_tree(layout: Layout, release: str, target: Path) -> bool:
    """Move the spare tree of a release to `target`, in one step; False: there is none, or it cannot be had. Others are
    put out of sight, since they are of releases that are not live any more. Under the lock.

    Nobody writes into it from then on: whoever still lays it out knows it by its path, and is waited for.
    """
    there = _renamed(layout.spare / release, target)
    alone = not there or left_alone(layout.spare, _PATIENCE)
    drop_spares(layout)
    if not alone:
        leave_tree(layout, target)
    return there and alone


def leave_tree(layout: Layout, target: Path) -> None:
    """Put a spare tree out of sight that was taken and is of no use. Raises OSError."""
    try:
        target.rmdir()  # nothing had been laid out in it
    except OSError:
        discard(layout, target)


def shares_enough(root: str, paths: pl.Series, folder: str) -> bool:
    """Whether at least half of a sample of the files of the tree `root`, at `paths` (String), are in the other tree
    too: the very same (inodes), not some that are like them. Both with a / at the end. Raises OSError."""
    sample = paths.gather_every(max(1, paths.len() // _SAMPLE))
    same = sum(_inode(root + path) == _inode(folder + path) is not None for path in sample)
    there = os.lstat(folder.rstrip("/"))
    return stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid() and same >= _ENOUGH * max(1, sample.len())


def _inode(path: str) -> tuple[int, int] | None:
    try:
        there = os.lstat(path)
    except OSError:
        return None
    return there.st_dev, there.st_ino


def _renamed(source: Path, target: Path) -> bool:
    try:
        source.rename(target)
    except OSError:  # it is not there, or another's, or on another file system
        return False
    return True

"""An old release that may go as the ground of a new one: most of its files are those of the new one already."""

import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publish.model.config import ReleasePolicy
from publish.model.issue import BuildStopped
from publish.release.faults import disk_errors
from publish.release.ground import Ground, level
from publish.release.layout import Layout, sync_folder
from publish.release.previous import Previous
from publish.release.pruning import expendable, last_live
from publish.release.tree_memory import TreeMemory

_SAMPLE = 1000
_ENOUGH = 0.5  # of the sample


@dataclass(frozen=True, slots=True)
class Spares:
    """Which old releases may be used up: those that the policy lets go at `now` once one more release is live."""

    policy: ReleasePolicy
    now: datetime


def take_spare(
    layout: Layout, spares: Spares, previous: Previous, target: Path, *, durable: bool
) -> tuple[str, Ground] | None:
    """Move an old release to `target`, in one step, remove all that is not as in `previous`, and tell its name and what
    is left: the newest one that has at least half of the files of `previous`, by a sample. None: there is none, or it
    cannot be moved. Under the lock.

    From now on it is gone, as if it had been put aside; its state goes with the next sweep. Raises OSError.
    """
    name = _newest_worth_it(layout, spares, previous)
    if name is None:
        return None
    try:
        (layout.releases / name).rename(target)
    except OSError:  # another's
        return None
    if durable:  # before anything in it changes
        with disk_errors("taking an old release for the new one"):
            sync_folder(target.parent)
            sync_folder(layout.releases)
    return name, level(f"{target}/", previous, TreeMemory(layout).load(name))


def _newest_worth_it(layout: Layout, spares: Spares, previous: Previous) -> str | None:
    try:
        names = expendable(layout, spares.policy, spares.now, after_next=True)
        for name in sorted(names, key=lambda name: last_live(layout, name), reverse=True):
            if name != previous.name and _shares_enough(previous, f"{layout.releases / name}/"):
                return name
    except (OSError, BuildStopped):  # it can do without; whoever removes old releases will tell
        return None
    return None


def _shares_enough(previous: Previous, folder: str) -> bool:
    """Whether files of `previous` are in the other release too: the very same (inodes), not some that are like them."""
    sample = previous.files["path"].gather_every(max(1, previous.files.height // _SAMPLE))
    same = sum(_inode(previous.root + path) == _inode(folder + path) is not None for path in sample)
    there = os.lstat(folder.rstrip("/"))
    return stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid() and same >= _ENOUGH * max(1, sample.len())


def _inode(path: str) -> tuple[int, int] | None:
    try:
        there = os.lstat(path)
    except OSError:
        return None
    return there.st_dev, there.st_ino

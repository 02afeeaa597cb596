"""An old release that may go, or a spare tree, as the ground of a new one: most of its files are those of the new one
already."""

from contextlib import suppress
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
from publish.release.spare import leave_tree, shares_enough, take_tree
from publish.release.tree_memory import TreeMemory
from publish.release.trees import NOTHING


@dataclass(frozen=True, slots=True)
class Spares:
    """Which old releases may be used up: those that the policy lets go at `now` once one more release is live."""

    policy: ReleasePolicy
    now: datetime


def take_ground(
    layout: Layout, spares: Spares, previous: Previous, target: Path, *, durable: bool
) -> tuple[str | None, Ground] | None:
    """Move the spare tree of `previous`, else an old release, to `target`, in one step, remove all that is not as in
    `previous`, and tell the name of the old release (None: it was the spare tree) and what is left: the newest one that
    has at least half of the files of `previous`, by a sample. None: there is none, or it cannot be moved. Under the
    lock.

    From now on it is gone, as if it had been put aside; its state goes with the next sweep. Raises OSError.
    """
    ground = _spare_ground(layout, previous, target)
    if ground is not None:
        return None, ground
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


def _spare_ground(layout: Layout, previous: Previous, target: Path) -> Ground | None:
    """The spare tree at `target`, levelled; else there is nothing at `target`."""
    if not take_tree(layout, previous.name, target):
        return None
    with suppress(OSError):  # something in it is another's
        if shares_enough(previous.root, previous.files["path"], f"{target}/"):
            return level(f"{target}/", previous, NOTHING)
    leave_tree(layout, target)
    return None


def _newest_worth_it(layout: Layout, spares: Spares, previous: Previous) -> str | None:
    try:
        names = expendable(layout, spares.policy, spares.now, after_next=True)
        for name in sorted(names, key=lambda name: last_live(layout, name), reverse=True):
            folder = f"{layout.releases / name}/"
            if name != previous.name and shares_enough(previous.root, previous.files["path"], folder):
                return name
    except (OSError, BuildStopped):  # it can do without; whoever removes old releases will tell
        return None
    return None

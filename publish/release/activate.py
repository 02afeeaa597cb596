"""From a finished staging folder to the live release."""

import ctypes
import os
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from publish.release.faults import disk_errors
from publish.release.layout import Layout, discard, drop_spares, point, sync_folder
from publish.release.manifest import MANIFEST_FILE, Manifest
from publish.release.state import HISTORY, load_history, prepare_history, store_state, write_history
from publish.release.verify import Verification, verify_files


@dataclass(frozen=True, slots=True)
class Released:
    """A release that has gone live. `rebuilt` says that it was there before, with the same bytes.

    `files` and `bytes` do not count the manifest and the sums; `linked` and `written` add up to `files`.
    """

    name: str
    files: int
    bytes: int
    linked: int
    written: int
    rebuilt: bool
    verification: Verification


def make_live(
    layout: Layout, tree: Path, name: str, manifest: Manifest, state: Path, executor: Executor | None = None
) -> bool:
    """Store the verified tree and its finished state under the name of the release, and make it live. Under the lock.

    Returns whether a release of that name, hence of the same bytes, was there and whole: then that is live.
    """
    rebuilt = _store(layout, tree, name, manifest, executor)
    store_state(layout, name, state)
    go_live(layout, name)
    return rebuilt


def _store(layout: Layout, tree: Path, name: str, manifest: Manifest, executor: Executor | None) -> bool:
    """Move the tree to its name. True if a release of that name, hence of the same bytes, is there and whole."""
    target = layout.releases / name
    with disk_errors("storing the release"):
        if target.is_dir():
            there, own = target / MANIFEST_FILE, tree / MANIFEST_FILE
            sealed = there.is_file() and there.read_bytes() == own.read_bytes()
            if sealed and not verify_files(target, manifest, executor=executor).issues:
                discard(layout, tree)
                return True
            # Damaged: the new tree takes its place. If it is live, `current` leads nowhere for two system calls.
            discard(layout, target)
        tree.rename(target)
        sync_folder(layout.releases)
    return False


def go_live(layout: Layout, name: str) -> None:
    """Make a stored release the live one. Under the lock.

    The one that it replaces is noted first: cut off in between, it is still known to have been live, and until when.
    Spare trees of others go.
    """
    replaced = layout.live()
    if replaced is not None and replaced != name:
        if replaced not in load_history(layout):
            write_history(layout, replaced)
        with suppress(OSError):  # another's folder; then it counts as live until it was made
            os.utime(layout.releases / replaced)
    with disk_errors("making the release live"):
        history = prepare_history(layout, name)  # first, so that a disk just full stops it before anything has changed
        point(layout.current, f"releases/{name}", layout)
        history.replace(layout.state / HISTORY)
    drop_spares(layout, name)  # what is live no more shall not stay longer for one


def sync_file_system(folder: Path) -> None:
    """Wait until all that was written to this file system is on the disk: syncfs(2), which reports failed writes.

    One call instead of an fsync per file, which for a million files takes hours. Elsewhere than on Linux: sync(2).
    """
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(descriptor)

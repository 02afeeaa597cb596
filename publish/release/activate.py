"""From a finished staging folder to the live release."""

import ctypes
import os
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from publish.model.issue import BuildStopped
from publish.model.report import Progress
from publish.release.faults import disk_errors
from publish.release.layout import Layout, discard, point, sync_folder
from publish.release.manifest import MANIFEST_FILE, Manifest, Seals
from publish.release.stamps import Stamp
from publish.release.state import HISTORY, State, load_history, prepare_history, store_state, write_history, write_state
from publish.release.tree_memory import TreeMemory
from publish.release.trees import Listing
from publish.release.verify import FULL, Checks, Verification, verify, verify_files, withheld_keys


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


def finish_release(
    layout: Layout,
    tree: Path,
    manifest: Manifest,
    seals: Seals,
    inodes: pl.Series,
    stamps: Mapping[str, Stamp],
    state: State,
    report: Mapping[str, object],
    checks: Checks,
    counts: tuple[int, int],
    durable: bool,
    progress: Progress,
    executor: Executor | None = None,
) -> Released:
    """Seal the tree in staging, verify it, store it and its state, and make it live. Under the lock.

    `inodes` and `stamps`: as `verify` has them. `counts` are files (linked, written); `executor` runs the verification.
    The order is what makes it safe to be cut off at any point: until the last step the old release is live, and
    whatever is left over is swept by the next build.
    """
    name = seals.name
    with progress.step("seal"):
        seals.move_into(tree)
    listings: list[Listing] = []
    size = int(manifest.files["size"].sum())
    summary = {"name": name, "files": manifest.files.height, "bytes": size, "linked": counts[0], "written": counts[1]}
    folder = tree.parent / "state"
    with ThreadPoolExecutor(1, thread_name_prefix="state") as beside:
        stored = beside.submit(write_state, folder, state, {**report, "release": summary})
        with progress.step("verify"):
            withheld, exits = withheld_keys(state.ledger), state.publication.exits["key"]
            checked = verify(
                tree,
                manifest,
                checks,
                withheld=withheld,
                exits=exits,
                inodes=inodes,
                stamps=stamps,
                progress=progress,
                executor=executor,
                noticed=listings.append,
            )
    if checked.issues:
        raise BuildStopped(checked.issues)
    stored.result()
    if durable:
        with progress.step("wait for the disk"), disk_errors("waiting for the disk"):
            _sync_file_system(layout.out)
    with progress.step("make live"):
        rebuilt = _store(layout, tree, name, manifest, executor)
        store_state(layout, name, folder)
        go_live(layout, name)
    if not rebuilt and manifest.files.height > FULL:  # of fewer files all sizes are asked for, so all are listed
        TreeMemory(layout).write(name, listings[-1])
    return Released(name, manifest.files.height, size, *counts, rebuilt, checked)


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


def _sync_file_system(folder: Path) -> None:
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

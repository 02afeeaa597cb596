"""From a finished staging folder to the live release; and back: roll-back, pruning."""

import ctypes
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from publish.model.issue import BuildStopped
from publish.release.faults import disk_errors, stopped
from publish.release.layout import Layout, locked, point, sync_folder
from publish.release.manifest import MANIFEST_FILE, SUMS_FILE, Manifest, load_manifest
from publish.release.state import State, load_history, store_state, sweep_state, write_history, write_state
from publish.release.verify import Checks, Verification, verify, verify_files, withheld_keys


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
    state: State,
    report: Mapping[str, object],
    checks: Checks,
    counts: tuple[int, int],
    durable: bool,
) -> Released:
    """Seal the tree in staging, verify it, store it and its state, and make it live. Under the lock.

    `counts` are files (linked, written). The order is what makes it safe to be cut off at any point: until the last
    step the old release is live, and whatever is left over is swept by the next build.
    """
    data = manifest.to_bytes()
    name = manifest.name(data)
    with disk_errors("sealing the release"):
        for file, content in ((MANIFEST_FILE, data), (SUMS_FILE, manifest.sums(data))):
            (tree / file).write_bytes(content)
            (tree / file).chmod(0o444)
    checked = verify(tree, manifest, checks, withheld=withheld_keys(state.ledger), exits=state.publication.exits["key"])
    if checked.issues:
        raise BuildStopped(checked.issues)
    size = int(manifest.files["size"].sum())
    summary = {"name": name, "files": manifest.files.height, "bytes": size, "linked": counts[0], "written": counts[1]}
    folder = tree.parent / "state"
    write_state(folder, state, {**report, "release": summary})
    if durable:
        with disk_errors("waiting for the disk"):
            _sync_file_system(layout.out)
    rebuilt = _store(layout, tree, name, data, manifest)
    store_state(layout, name, folder)
    _go_live(layout, name)
    return Released(name, manifest.files.height, size, *counts, rebuilt, checked)


def roll_back(out: Path, name: str | None = None, *, wait: bool = True) -> str:
    """Make another release live: `name`, or the one that was live before. Returns its name.

    Its files are compared with its manifest first. Raises BuildStopped `release.unknown`, or what is wrong with it.
    An older release may show records whose time has run out since: build again as soon as you can.
    """
    layout = Layout(out.absolute())
    with locked(layout, wait=wait):
        if name is None:
            live = layout.live()
            before = [old for old in load_history(layout) if old != live]
            if not before:
                raise stopped("unknown", "there is no earlier release to go back to")
            name = before[-1]
        if name not in layout.names():
            raise stopped("unknown", "there is no release of this name in the output folder")
        folder = layout.releases / name
        checked = verify_files(folder, load_manifest(folder))
        if checked.issues:
            raise BuildStopped(checked.issues)
        _go_live(layout, name)
    return name


def prune(out: Path, keep: int, *, wait: bool = True) -> tuple[str, ...]:
    """Remove releases, and their state, but for the `keep` that were live last and the live one. Returns their names.

    Releases that never went live (a build that was cut off in its last step) go first.
    """
    if keep < 1:
        raise ValueError("keep at least one release")
    layout = Layout(out.absolute())
    with locked(layout, wait=wait):
        kept = {*load_history(layout)[-keep:], layout.live()}
        gone = tuple(name for name in layout.names() if name not in kept)
        with disk_errors("removing old releases"):
            for name in gone:  # out of sight in one step, then file by file
                aside = layout.staging / f"gone-{secrets.token_hex(8)}"
                (layout.releases / name).rename(aside)
                shutil.rmtree(aside)
            sweep_state(layout)
    return gone


def _store(layout: Layout, tree: Path, name: str, data: bytes, manifest: Manifest) -> bool:
    """Move the tree to its name. True if a release of that name, hence of the same bytes, is there and whole."""
    target = layout.releases / name
    with disk_errors("storing the release"):
        if target.is_dir():
            sealed = (target / MANIFEST_FILE).is_file() and (target / MANIFEST_FILE).read_bytes() == data
            if sealed and not verify_files(target, manifest).issues:
                return True
            # Damaged: the new tree takes its place. If it is live, `current` leads nowhere for two system calls.
            target.rename(tree.parent / "damaged")
        tree.rename(target)
        sync_folder(layout.releases)
    return False


def _go_live(layout: Layout, name: str) -> None:
    with disk_errors("making the release live"):
        point(layout.current, f"releases/{name}", layout)
    write_history(layout, name)


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

"""Where things are in an output folder, its lock, and the two ways in which things there change at once.

OUT/current            symlink to releases/<name>; replaced, never edited
OUT/releases/<name>/   a release: <as_of>-<first 12 hex digits of its manifest's SHA-256>
OUT/state/<name>       symlink to a folder beside it: what this release's successors must know
OUT/state/history.json names of releases in the order in which they went live
OUT/cache/             what saves the next build work; may be removed at any time
OUT/staging/<random>/  a build at work; whatever is here when nobody holds the lock was left by a killed build
OUT/spare/<name>/      links to all files of that release, the live one, for the next to begin with; removed as it likes
OUT/trash/<random>     old releases on their way out: nobody looks at them any more, and they are removed at leisure
OUT/lock
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publish.release.afterwards import RELEASES, SPARE, TRASH, WANTED, empty, waiting
from publish.release.faults import disk_errors, stopped

SCRATCH = "scratch"  # the folder of a build at work for files that are of no release
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The places in one output folder."""

    out: Path

    @property
    def current(self) -> Path:
        """The symlink that servers follow."""
        return self.out / "current"

    @property
    def releases(self) -> Path:
        """Folder of the releases."""
        return self.out / RELEASES

    @property
    def staging(self) -> Path:
        """Folder of builds at work; on the same file system as the releases, so that a rename moves them."""
        return self.out / "staging"

    @property
    def state(self) -> Path:
        """Folder of what is kept beside the releases."""
        return self.out / "state"

    @property
    def cache(self) -> Path:
        """Folder of what saves the next build work; it may be removed at any time, and is never served."""
        return self.out / "cache"

    @property
    def spare(self) -> Path:
        """Folder of spare trees (spare.py); on the same file system, so that a rename makes one the tree of a build."""
        return self.out / SPARE

    @property
    def trash(self) -> Path:
        """Folder of what is to be removed; on the same file system, so that a rename puts things there."""
        return self.out / TRASH

    def pointed(self) -> str | None:
        """Name of the release that `current` names, whether or not it is there; None if there is no `current`."""
        with disk_errors("reading which release is live"):
            name = self.current.readlink().name if self.current.is_symlink() else ""
        return name if _NAME.fullmatch(name) else None

    def live(self) -> str | None:
        """Name of the live release, or None if there is none."""
        name = self.pointed()
        return name if name is not None and (self.releases / name).is_dir() else None

    def names(self) -> tuple[str, ...]:
        """Names of all releases, sorted."""
        if not self.releases.is_dir():
            return ()
        return tuple(sorted(entry.name for entry in self.releases.iterdir() if _is_release(entry)))


def _is_release(entry: Path) -> bool:
    """Whether it is one by its name, and not a link to one: whoever works in it would work in another."""
    return _NAME.fullmatch(entry.name) is not None and not entry.is_symlink()


def as_of_name(name: str) -> date:
    """The as-of date in a release's name. Raises ValueError if it is no release's name."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError("not the name of a release")
    return date.fromisoformat(match[1])


@contextmanager
def locked(layout: Layout, *, wait: bool = True, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the output folder's lock, which the kernel lets go when the process ends, however it ends.

    flock(2): works between processes on one machine and on NFS from Linux 2.6.12 on. Without `wait`, a lock held by
    another stops with `release.locked`; else `waiting` is called before it is waited for.
    """
    with disk_errors("opening the output folder"):
        for folder in (layout.out, layout.releases, layout.staging, layout.state):
            folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(layout.out / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                hint = "another build, prune or roll-back is at work in this output folder"
                raise stopped("locked", hint) from None
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def clear_staging(layout: Layout, room: int) -> None:
    """Put what killed builds left out of sight, to be removed when nobody waits: it may be a million files. Where fewer
    bytes than `room` are free it is removed now, and what was put aside before with it. Only with the lock held.

    Scratch files are removed now in any case: there are few, and hashes of what is private are among them, with the
    secret by which they were made."""
    with disk_errors("removing the staging folders of builds that were killed"):
        left = sorted(layout.staging.iterdir())
        is_tight = bool(left or waiting(layout.trash)) and shutil.disk_usage(layout.out).free < room
        for entry in left:
            if is_tight or not entry.is_dir() or entry.is_symlink():
                take_away(layout, entry)
            else:
                shutil.rmtree(entry / SCRATCH, ignore_errors=True)
                discard(layout, entry)
        if is_tight:
            empty(layout.trash)


def take_away(layout: Layout, entry: Path) -> None:
    """Remove a file or folder in staging. What cannot be removed, since an old release was used up for it that had
    folders which nobody may enter, is put out of sight: `afterwards` mends them."""
    try:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    except OSError:
        discard(layout, entry)


def discard(layout: Layout, path: Path) -> None:
    """Put a file or folder out of sight, in one step, however large it is; `release.afterwards` removes it."""
    layout.trash.mkdir(exist_ok=True)
    path.rename(layout.trash / secrets.token_hex(8))


def drop_spares(layout: Layout, but: str | None = None) -> None:
    """Put spare trees out of sight, but for that of one release. Under the lock. What cannot be moved stays: nothing
    comes to harm but the disk."""
    with suppress(OSError):
        there = [] if layout.spare.is_symlink() or not layout.spare.is_dir() else list(layout.spare.iterdir())
        for entry in there:
            name = entry.name.removesuffix(WANTED)
            if name == but or not _NAME.fullmatch(name):
                continue
            with suppress(OSError):
                discard(layout, entry) if name == entry.name else entry.unlink()


def point(link: Path, target: str, layout: Layout) -> None:
    """Make `link` a symlink to `target`, replacing what it was in one step: a reader sees the old or the new."""
    temporary = layout.staging / f"link-{secrets.token_hex(8)}"
    temporary.symlink_to(target)
    temporary.replace(link)
    sync_folder(link.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder (renames, links) durable: fsync(2) of the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The folder in which a release grows. Files in it are shared with other releases, so nothing is ever written into one
that is there: it is unlinked first."""

import errno
import os
import shutil
import stat
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from publish.model.issue import BuildStopped
from publish.release.faults import place, stopped
from publish.release.stamps import Stamp, stamp_of, stamp_of_moved

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Files are read-only: releases share unchanged files by hard links, so an edit in place would change them all.
_MODE = 0o444


class Growing:
    """A tree at `root` (with a / at its end). Folders are made by one process. Raises OSError; and BuildStopped
    `release.duplicate-path` where the file system tells that an address is used twice.

    `recycled`: it was an older release, and something may be in the way. What is in the place of a new file or folder
    is removed, so an address that is used twice is told only by the list of all files. `made`: folders that another
    process has made or looked at.
    """

    def __init__(self, root: str, *, recycled: bool = False, made: Iterable[str] = ()) -> None:
        self.root = root
        self.recycled = recycled
        self._made = set(made)
        self._opened: dict[str, tuple[str, int]] = {}

    def create(self, path: str, data: bytes) -> None:
        """A new file."""
        folder, _, name = path.rpartition("/")
        if folder not in self._made:
            self.make_folder(path)
        place = self._descriptor(self.root, folder)
        try:
            descriptor = os.open(name, _FLAGS, _MODE, dir_fd=place)
        except FileExistsError:
            self._clear(path)
            descriptor = os.open(name, _FLAGS, _MODE, dir_fd=place)
        try:
            done = os.write(descriptor, data)
            while done < len(data):  # a signal, or a disk that is just becoming full
                done += os.write(descriptor, data[done:])
        finally:
            os.close(descriptor)

    def share(self, source: str, path: str, size: int) -> bool:
        """Share the file at `path` of the tree `source`. False: it is not there with that size, or cannot be linked."""
        self.make_folder(path)
        folder, _, name = path.rpartition("/")
        place = self._descriptor(self.root, folder)
        try:
            origin = self._descriptor(source, folder)
            there = os.stat(name, dir_fd=origin, follow_symlinks=False)
            if there.st_size != size or not stat.S_ISREG(there.st_mode):
                return False  # not what its manifest says: do not carry the damage on
            if self.recycled and _same(there, self.root + path):
                return True
            try:
                os.link(name, name, src_dir_fd=origin, dst_dir_fd=place, follow_symlinks=False)
            except FileExistsError:
                self._clear(path)
                os.link(name, name, src_dir_fd=origin, dst_dir_fd=place, follow_symlinks=False)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            return False  # vanished, too many links, or another's file
        return True

    def move_in(self, source: Path, path: str) -> Stamp | None:
        """A finished file, which is moved (copied from another file system). Returns by what it is told that nobody has
        written into it since its writer was done; None: that cannot be told."""
        self.make_folder(path)
        if os.path.lexists(self.root + path):
            self._clear(path)
        before = stamp_of(str(source))
        shutil.move(source, self.root + path)
        Path(self.root + path).chmod(_MODE & ~umask())
        return stamp_of_moved(self.root + path, before)

    def make_folder(self, path: str) -> None:
        """The folder of a file."""
        folder = path.rpartition("/")[0]
        if folder in self._made or not folder:
            return
        self.make_folder(folder)
        try:
            os.mkdir(self.root + folder)  # noqa: PTH102
        except FileExistsError:
            self._use_folder(folder)
        self._made.add(folder)

    def close(self) -> None:
        """Let go of what is open."""
        for _, descriptor in self._opened.values():
            os.close(descriptor)
        self._opened = {}

    def _use_folder(self, folder: str) -> None:
        there = os.lstat(self.root + folder)
        if stat.S_ISDIR(there.st_mode):
            mend_mode(self.root + folder, there.st_mode)
        elif not self.recycled:
            raise duplicate(folder)  # one address is a file and a folder
        else:
            os.unlink(self.root + folder)  # noqa: PTH108
            os.mkdir(self.root + folder)  # noqa: PTH102

    def _clear(self, path: str) -> None:
        """Make room where an older release has something else."""
        if not self.recycled or path in self._made:
            raise duplicate(path) from None
        if stat.S_ISDIR(os.lstat(self.root + path).st_mode):
            shutil.rmtree(self.root + path)
        else:
            os.unlink(self.root + path)  # noqa: PTH108

    def _descriptor(self, root: str, folder: str) -> int:
        """Of a folder; that of each tree which was used last stays open, since files come folder by folder."""
        last, descriptor = self._opened.get(root, ("", -1))
        if descriptor < 0 or last != folder:
            new = os.open(root + folder, _FOLDER)
            self._opened[root] = (folder, new)
            if descriptor >= 0:
                os.close(descriptor)
            return new
        return descriptor


def mend_mode(folder: str, mode: int) -> None:
    """Give a folder of an older release the permissions that a new one gets."""
    wanted = 0o777 & ~umask()
    if mode & 0o777 != wanted:
        os.chmod(folder, stat.S_IMODE(mode) & ~0o777 | wanted)  # noqa: PTH101


def duplicate(path: str) -> BuildStopped:
    """Two files of a release have this path, or one is where another has a folder."""
    return stopped("duplicate-path", "two pages or files have the same address", place(path))


@cache
def umask() -> int:
    """Of this process. Asked once, before threads make files: it is told only by setting another for a moment."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _same(one: os.stat_result, other: str) -> bool:
    try:
        there = os.lstat(other)
    except OSError:
        return False
    return (there.st_ino, there.st_dev) == (one.st_ino, one.st_dev)

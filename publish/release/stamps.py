"""By what it is told, without reading it, that nobody has written into a file since it was hashed: by any call of the
system, if not through a mapping of a page that was changed before."""

import os
import stat

# Device, inode, size in bytes; in nanoseconds when it was last written to, and when it or its inode last changed.
Stamp = tuple[int, int, int, int, int]

TICK = 10_000_000  # ns: no clock of a file system that is_fine lets pass has longer ticks
_COARSE = 2_000_000_000  # ns: no file system that releases lie on counts time in larger steps


def is_fine(at: int) -> bool:
    """Whether this time of a file system (ns) was told by a clock with ticks of a hundredth of a second or shorter."""
    return bool(at % TICK)


def stamp_of(path: str) -> Stamp | None:
    """Of a plain file; links are not followed. None: there is none. Raises OSError."""
    try:
        there = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(there.st_mode):
        return None
    return there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns


def stamp_of_moved(path: str, before: Stamp | None) -> Stamp | None:
    """Of a file that was moved to `path` and given its mode, both of which set the last of its times to now. None where
    that may hide that somebody wrote into it: it is another than `before`, or was written to so short a while ago that
    a later write may have the same time."""
    moved = stamp_of(path)
    if moved is None or before is None or moved[:4] != before[:4]:
        return None
    written, changed = moved[3:]
    step = TICK if is_fine(written) and is_fine(changed) else _COARSE
    return moved if changed - written >= step else None

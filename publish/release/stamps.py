"""By what it is told, without reading it, that nobody has written into a file since it was hashed."""

import os
import stat

# Device, inode, size in bytes; in nanoseconds when it was last written to, and when it or its inode last changed.
Stamp = tuple[int, int, int, int, int]

# ns: no file system that releases lie on counts time in larger steps; and one that counts in parts of a millisecond has
# its time from a clock which ticks at least as often as that.
_COARSE, _TICK = 2_000_000_000, 10_000_000
_FINE = 1_000_000


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
    step = _TICK if written % _FINE and changed % _FINE else _COARSE
    return moved if changed - written >= step else None

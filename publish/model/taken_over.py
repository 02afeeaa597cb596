"""Old files that nobody knows any more, written over: their room, in memory and on the disk, need not be had anew.

A page of memory that a new file takes may have to be had from the host of this machine, which takes several times as
long as writing into one that is there (docs/performance-log.md).
"""

import fcntl
import os
import signal
import stat
from contextlib import suppress
from pathlib import Path


def take_over(old: Path, new: Path) -> bool:
    """Give an old file the name `new`, for its owner to write over it from its beginning, and to cut it where that
    ends. False: it is not there, or somebody could see that: it has another name, or somebody has it open. Then there
    is nothing at `new`."""
    try:
        old.rename(new)
    except OSError:
        return False
    if _is_alone(new):
        return True
    with suppress(OSError):
        new.unlink()
    return False


def _is_alone(path: Path) -> bool:
    """And from then on its owner may write into it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        there = os.fstat(descriptor)
        if not stat.S_ISREG(there.st_mode) or there.st_nlink != 1 or not _is_open_here_alone(descriptor):
            return False
        os.fchmod(descriptor, 0o600)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _is_open_here_alone(descriptor: int) -> bool:
    """By a lease (fcntl(2)): the system gives one for writing only where nobody else has the file open or mapped. It is
    given back at once; whoever opens the file in between must not end this process, as the signal for it would."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # ignored unless somebody asks for it
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError:
        return False
    return True

"""Failures of the disk as issues: which kind, in which step; never a path of this machine, never what was written."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from polars.exceptions import PolarsError

from publish.model.issue import BuildStopped, Issue, Level

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
# What only writing meets: nobody's missing or unreadable template can look like it.
_WRITING = _FULL | {errno.EROFS}
_NUMPY = re.compile(r"^\d+ requested and \d+ written$")  # it tells no number where a disk becomes full
_POLARS = re.compile(r"\(os error (\d+)\)")  # what it raises is not always an OSError, and has the number in its text


def stopped(code: str, hint: str, file: str = "") -> BuildStopped:
    """The exception for one error of this stage; `file` is a path in the release."""
    return BuildStopped((Issue(f"release.{code}", Level.ERROR, hint, file=place(file)),))


def place(path: str) -> str:
    """A path of a release as issues name it. Subject pages are named by a credit code, the value of a cell: cut off."""
    return path if not path.startswith("s/") else path.rpartition("/")[0] + "/"


@contextmanager
def disk_errors(step: str) -> Iterator[None]:
    """Turn an OSError into BuildStopped: `release.disk-full`, `release.not-writable` or `release.disk-error`.

    What Polars raises counts too where it tells a number of the system.
    """
    try:
        yield
    except (OSError, PolarsError) as error:
        if not isinstance(error, OSError) and not _number(error):
            raise
        raise _told(error, step) from None  # the cause would name a path, which may hold a credit code


@contextmanager
def writing_errors(step: str) -> Iterator[None]:
    """The same for steps that read other things too: only a full or read-only disk is turned into BuildStopped."""
    try:
        yield
    except (OSError, PolarsError) as error:
        if _number(error) not in _WRITING:
            raise
        raise _told(error, step) from None


def _told(error: Exception, step: str) -> BuildStopped:
    number = _number(error)
    name = errno.errorcode.get(number, "unknown error")
    if number in _FULL:
        return stopped("disk-full", f"no space left while {step} ({name}); free some, or prune old releases")
    if number in _REFUSED:
        return stopped("not-writable", f"may not write while {step} ({name}); check owner, permissions and mount")
    return stopped("disk-error", f"the disk failed while {step} ({name})")


def _number(error: Exception) -> int:
    found = _POLARS.search(str(error))
    told = getattr(error, "errno", None) or (int(found[1]) if found else 0)
    return told or (errno.ENOSPC if isinstance(error, OSError) and _NUMPY.search(str(error)) else 0)

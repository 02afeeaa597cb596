"""Failures of the disk as issues: which kind, in which step; never a path of this machine, never what was written."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from publish.model.issue import BuildStopped, Issue, Level

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def stopped(code: str, hint: str, file: str = "") -> BuildStopped:
    """The exception for one error of this stage; `file` is a path in the release."""
    return BuildStopped((Issue(f"release.{code}", Level.ERROR, hint, file=place(file)),))


def place(path: str) -> str:
    """A path of a release as issues name it. Subject pages are named by a credit code, the value of a cell: cut off."""
    return path if not path.startswith("s/") else path.rpartition("/")[0] + "/"


@contextmanager
def disk_errors(step: str) -> Iterator[None]:
    """Turn an OSError into BuildStopped: `release.disk-full`, `release.not-writable` or `release.disk-error`."""
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "unknown error")
        if error.errno in _FULL:
            code, hint = "disk-full", f"no space left while {step} ({name}); free some, or prune old releases"
        elif error.errno in _REFUSED:
            code, hint = "not-writable", f"may not write while {step} ({name}); check owner, permissions and mount"
        else:
            code, hint = "disk-error", f"the disk failed while {step} ({name})"
        raise stopped(code, hint) from None  # the cause would name a path, which may hold a credit code

"""Paths inside a data package: nothing remote, nothing outside, no link that leads out."""

import os
import re
from pathlib import Path

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class UnsafePath(Exception):  # noqa: N818  (an outcome, turned into an issue by whoever asked)
    """A path that is refused; `code` and `hint` say why."""

    def __init__(self, code: str, hint: str) -> None:
        self.code, self.hint = code, hint
        super().__init__(code)


def inside(folder: Path, written: str) -> Path:
    """The existing regular file that `written` names in `folder`. Raises UnsafePath.

    The folder itself may be a link (that is the site owner's decision); what is in it may not lead out of it.
    """
    parts = written.split("/")
    if _SCHEME.match(written) or written.startswith("//"):
        raise UnsafePath("package.remote-path", "only files of the package are read, never addresses")
    if written.startswith(("/", "~")) or "\\" in written:
        raise UnsafePath("package.unsafe-path", "expected a path relative to the package, with / between its parts")
    if ".." in parts:
        raise UnsafePath("package.unsafe-path", "the path leaves the package (..)")
    path = folder.joinpath(*parts)
    try:
        real = path.resolve()
        if not real.is_relative_to(folder.resolve()):
            raise UnsafePath("package.link-outside", "a symbolic link leads out of the package")
        if not real.is_file() or not os.access(real, os.R_OK):
            raise UnsafePath("package.missing-file", "there is no such file in the package, or it cannot be read")
    except (OSError, ValueError, RuntimeError):  # a NUL in the name, a name too long, a loop of links
        raise UnsafePath("package.missing-file", "there is no such file in the package, or it cannot be read") from None
    return path

"""Of scripts and styles alike: notes on rights, which stay when comments go; and files that are left alone."""

import re

_COMMENT = re.compile(r"//[^\n\r\u2028\u2029]*|/\*.*?\*/", re.DOTALL)
_KEPT = re.compile(r"/[/*]!|.*@(?:license|licence|preserve)\b", re.DOTALL)


class UnclearError(ValueError):
    """A file that cannot be read for certain, and so is published as it is."""


def kept_notes(gap: str) -> list[str]:
    """Of white space and comments the notes on rights: `/*!`, `//!`, `@license`, `@preserve`."""
    return [match.group() for match in _COMMENT.finditer(gap) if _KEPT.match(match.group())]

"""Which rows of the data files of a night have the bytes that the live release has of them.

A file whose lines are those of another but for their end (JSON, of which the lines are those of NDJSON) is compared
with that one and not with its own of the live release: both are new, and the other one was just read.
"""

from collections.abc import Mapping
from contextlib import suppress

import numpy as np

from publish.model.artifact import LineFile
from publish.release.data_lines import Flags, Ints
from publish.release.data_views import LineView, View


def as_known(views: Mapping[str, View], lines: Mapping[str, LineFile], begin: int, known: Ints) -> dict[str, Flags]:
    """Of each file, by path, which of the rows from `begin` on have the very bytes of those `known` of the live release
    (-1: none); but for the end of their line, where `lines` tell that it is all that another file has otherwise."""
    bases = {path: base for path in views if (base := _base(path, views, lines)) is not None}
    same = {path: _as_live(view, begin, known) for path, view in views.items() if path not in bases}
    for path, base in bases.items():
        own, other = views[path], views[base]
        assert isinstance(own, LineView)
        assert isinstance(other, LineView)
        same[path] = np.zeros(len(known), np.bool_)
        with suppress(OSError):  # the rows are compared with their cells
            end, other_end = (lines[one].end.encode() for one in (path, base))
            same[path] = own.as_other(end, other, other_end, begin, same[base] & (known >= 0))
    return same


def _base(path: str, views: Mapping[str, View], lines: Mapping[str, LineFile]) -> str | None:
    """The file whose lines, which end with one byte, are those of this one, which end with more."""
    own = lines.get(path)
    if own is None or len(own.end.encode()) == 1 or not isinstance(views[path], LineView):
        return None
    others = (one for one, view in views.items() if isinstance(view, LineView) and one in lines)
    others = (one for one in others if lines[one].places == own.places)
    return next((one for one in others if len(lines[one].end.encode()) == 1), None)


def _as_live(view: View, begin: int, known: Ints) -> Flags:
    try:
        return view.as_live(begin, known)
    except OSError:  # the live file cannot be read: the rows are compared with their cells
        return np.zeros(len(known), np.bool_)

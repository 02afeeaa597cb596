"""The structure of a CSV file, seen without parsing cells: are its quotes regular, how many cells has each record?

Polars reads fast and forgives: short rows are filled, long ones cut, and a stray quote swallows lines. This scan finds
the rows that Polars would bend, and the files that it would read otherwise than Python's csv module does.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

# What fits into the processor's cache.
_CHUNK = 1 << 20
_LF, _CR = 10, 13
_BOM = b"\xef\xbb\xbf"

_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Structure:
    """A regular file. `records` counts all records, the header included.

    `odd` and `cells`: index (from 0) and number of cells of each record that has another number of cells than expected;
    a blank line has 0.
    """

    records: int
    odd: _Places
    cells: _Places


@dataclass(slots=True)
class _Scan:
    """Where a scan stands at the end of a chunk: inside quotes or not, in which record, how many delimiters into it."""

    expected: int
    records: int = 0
    open: bool = False
    delimiters: int = 0
    start: int = 0
    odd: list[_Places] = field(default_factory=list)
    cells: list[_Places] = field(default_factory=list)


def scan_structure(path: Path, delimiter: str, quote: str | None, expected: int) -> Structure | None:
    """Scan a UTF-8 file of records with `expected` cells. None: not regular, only the exact path reads it rightly.

    Regular means: each quote opens a cell, ends one or is doubled inside one, none is open at the end, and lines end
    with LF or CR LF. `delimiter` and `quote` are single ASCII characters. About a second for 1 GB.
    """
    data = np.memmap(path, dtype=np.uint8, mode="r")
    start = len(_BOM) if data[: len(_BOM)].tobytes() == _BOM else 0
    scan = _Scan(expected, start=start)
    marks = (ord(delimiter), ord(quote) if quote else _LF)
    for begin in range(start, len(data), _CHUNK):
        if not _scan_chunk(scan, data, begin, min(begin + _CHUNK, len(data)), marks):
            return None
    if scan.open:
        return None
    if scan.start < len(data):
        _count(scan, np.array([scan.delimiters]), np.array([False]))
    odd = np.concatenate([np.empty(0, np.int64), *scan.odd])
    return Structure(scan.records, odd, np.concatenate([np.empty(0, np.int64), *scan.cells]))


def _scan_chunk(scan: _Scan, data: _Bytes, begin: int, end: int, marks: tuple[int, int]) -> bool:
    """Take the bytes from `begin` to `end`; False if they are not regular."""
    quote = marks[1]
    places, kinds = _marked(np.asarray(data[begin:end]), {*marks, _LF, _CR})
    places += begin
    if quote != _LF and len(kinds) and (scan.open or (kinds == quote).any()):
        is_quote = kinds == quote
        # Only whether the number of quotes so far is odd matters, so that it may wrap around.
        inside = (np.cumsum(is_quote, dtype=np.uint8) + np.uint8(scan.open)) & np.uint8(1) == 1
        if not _quotes_are_regular(data, places[is_quote], inside[is_quote], marks):
            return False
        scan.open = bool(inside[-1])
        plain = ~(is_quote | inside)
        places, kinds = places[plain], kinds[plain]
    returns = places[kinds == _CR]
    if len(returns) and (returns[-1] == len(data) - 1 or not (data[returns + 1] == _LF).all()):
        return False
    kept = kinds != _CR
    _count_records(scan, data, places[kept], kinds[kept] == _LF)
    return True


def _marked(chunk: _Bytes, marks: set[int]) -> tuple[_Places, _Bytes]:
    """Where in a chunk the marks stand, and which they are.

    Marks are mostly below the digits, and few other bytes are (Chinese text has none): one comparison finds them all,
    and the others are sorted out among the few that are left.
    """
    if max(marks) < ord("0"):
        places = np.flatnonzero(chunk <= max(marks))
    else:
        places = np.flatnonzero(np.logical_or.reduce([chunk == mark for mark in marks]))
    kinds = chunk[places]
    wanted = np.zeros(256, dtype=bool)
    wanted[list(marks)] = True
    kept = wanted[kinds]
    return (places, kinds) if kept.all() else (places[kept], kinds[kept])


def _quotes_are_regular(data: _Bytes, quotes: _Places, opening: npt.NDArray[np.bool_], marks: tuple[int, int]) -> bool:
    delimiter, quote = marks
    before = _neighbours(data, quotes[opening], -1)
    after = _neighbours(data, quotes[~opening], 1)
    if len(before) and quotes[0] == len(_BOM) and opening[0] and data[0] == _BOM[0]:
        before[0] = _LF
    opened = (before == delimiter) | (before == _LF) | (before == quote)
    closed = (after == delimiter) | (after == _LF) | (after == _CR) | (after == quote)
    return bool(opened.all() and closed.all())


def _neighbours(data: _Bytes, places: _Places, step: int) -> _Bytes:
    """The bytes beside `places`; what lies outside of the file counts as a line end."""
    beside = places + step
    outside = (beside < 0) | (beside >= len(data))
    found: _Bytes = data[np.where(outside, 0, beside)]
    found[outside] = _LF
    return found


def _count_records(scan: _Scan, data: _Bytes, places: _Places, ends: npt.NDArray[np.bool_]) -> None:
    """Count delimiters per record. `places` are those of delimiters and line ends, `ends` says which end a record."""
    last = np.flatnonzero(ends)
    if not len(last):
        scan.delimiters += len(places)
        return
    delimiters = np.diff(last, prepend=-1) - 1
    delimiters[0] += scan.delimiters
    stops = places[last]
    lengths = np.diff(stops, prepend=scan.start - 1) - 1
    blank = lengths == 0
    single = np.flatnonzero(lengths == 1)
    blank[single] = data[stops[single] - 1] == _CR
    _count(scan, delimiters, blank)
    scan.start = int(stops[-1]) + 1
    scan.delimiters = len(places) - 1 - int(last[-1])


def _count(scan: _Scan, delimiters: _Places, blank: npt.NDArray[np.bool_]) -> None:
    cells = np.where(blank, 0, delimiters + 1)
    odd = np.flatnonzero(cells != scan.expected)
    scan.odd.append(odd + scan.records)
    scan.cells.append(cells[odd])
    scan.records += len(cells)

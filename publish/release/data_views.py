"""What a data file has of each row: lines of a text, or of what is inflated piece by piece, as rows of a sheet are."""

import zlib
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from itertools import pairwise
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.data_memory import same_pieces
from publish.release.unpacking import NotUnpackable

_LAST_BLOCK = b"\1\0\0\xff\xff"  # stored, of no bytes: after whole blocks it ends the stream
_MOST_PIECE = 1 << 28  # bytes that a piece unpacks to
_BLOCK = 1 << 17  # bytes that are compared together, near the processor
_ROWS = 2048  # that are inflated together
_KEPT = 1 << 24  # bytes of pieces of a file that are kept unpacked: in a night those of a task that are others

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


class View(Protocol):
    """The rows of a file in their order."""

    def text(self, begin: int, end: int) -> bytes:
        """Of the rows from `begin` up to `end`."""

    def sizes(self, begin: int, end: int) -> Ints:
        """How many bytes of that each row has."""

    def part(self, row: int) -> str:
        """What the part of the file is called in which a row is."""

    def as_live(self, begin: int, rows: Ints) -> Flags:
        """Which of the rows from `begin` on are, byte by byte, those `rows` of the live release (-1: none)."""


class LineView:
    """A file of lines."""

    def __init__(self, stream: FileIO, bounds: Ints, live: tuple[FileIO, Ints] | None) -> None:
        """`bounds`: where lines begin, and where the last one ends. `live`: those of the file of the live release."""
        self._stream = stream
        self._bounds = bounds
        self._live = live

    def text(self, begin: int, end: int) -> bytes:
        """As View."""
        return _read(self._stream, int(self._bounds[begin]), int(self._bounds[end]))

    def sizes(self, begin: int, end: int) -> Ints:
        """As View."""
        return np.diff(self._bounds[begin : end + 1])

    def part(self, row: int) -> str:
        """As View."""
        return ""

    def as_live(self, begin: int, rows: Ints) -> Flags:
        """As View: runs of rows are compared together."""
        same = np.zeros(len(rows), np.bool_)
        if self._live is None or not (rows >= 0).any():
            return same
        stream, bounds = self._live
        own = np.asarray(self._bounds[begin : begin + len(rows) + 1])
        bounds = np.asarray(bounds)
        old_sizes = (bounds[rows + 1] - bounds[rows]) * (rows >= 0)
        alike = (rows >= 0) & (old_sizes == np.diff(own))
        blocks = Blocks(self._stream, stream)
        for first, last in _runs(np.where(alike, rows, -1)):
            same[first:last] = blocks.are_same(own[first], bounds[rows[first]], own[last] - own[first])
        return same

    def as_other(self, end: bytes, other: "LineView", other_end: bytes, begin: int, wanted: Flags) -> Flags:
        """Which of the `wanted` rows from `begin` on are, byte by byte, those of `other` with this `end` instead of
        theirs, which is one byte. Raises OSError."""
        same, count = np.zeros(len(wanted), np.bool_), len(wanted)
        bounds, others = (np.asarray(one._bounds[begin : begin + count + 1]) for one in (self, other))
        alike = wanted & (np.diff(bounds) == np.diff(others) + len(end) - 1) & (np.diff(others) > 0)
        for first, last in _runs(np.where(alike, np.arange(count), -1)):
            blocks = (others[first + 1 : last + 1] - others[first]) // _BLOCK
            cuts = first + np.r_[0, np.flatnonzero(np.diff(blocks)) + 1, last - first]
            for low, high in pairwise(cuts.tolist()):
                text = _read(other._stream, int(others[low]), int(others[high]))
                ends = np.frombuffer(text, np.uint8)[others[low + 1 : high + 1] - others[low] - 1]
                if (ends == other_end[0]).all():  # and no line has one within, or what is put together is too long
                    own = _read(self._stream, int(bounds[low]), int(bounds[high]))
                    same[low:high] = text.replace(other_end, end) == own
        return same


class PiecesView:
    """The rows of a file in which some each are packed by themselves: of a workbook, or of lines."""

    def __init__(
        self, stream: FileIO, pieces: pl.DataFrame, end: bytes, live: tuple[FileIO, pl.DataFrame] | None, part: str
    ) -> None:
        """`pieces`: PIECE_SCHEMA; `end` of the rows; what a `part` is called, `{}` being the number of its sheet."""
        self._stream = stream
        self._live = live
        self._end = end
        self._part = part
        self._places = pieces.select("begin", "bytes", "size", "crc", "sheet").cast(pl.Int64).to_numpy()
        self._counts = pieces["rows"].to_numpy().astype(np.int64)
        self._begins: Ints = np.cumsum(self._counts) - self._counts
        self._unpacked: dict[int, tuple[bytes, Ints]] = {}
        self._kept = 0  # bytes of them

    def text(self, begin: int, end: int) -> bytes:
        """As View. Raises NotUnpackable for a piece that is not one."""
        return b"".join(
            self._piece(one)[0][bounds[first] : bounds[last]] for one, first, last, bounds in self._parts(begin, end)
        )

    def sizes(self, begin: int, end: int) -> Ints:
        """As View. Raises NotUnpackable."""
        parts = [np.diff(bounds[first : last + 1]) for _, first, last, bounds in self._parts(begin, end)]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def part(self, row: int) -> str:
        """As View."""
        return self._part.format(self._places[self._at(row)][4] + 1)

    def as_live(self, begin: int, rows: Ints) -> Flags:
        """As View, by packed pieces; `begin` and the end are those of pieces."""
        if self._live is None or not (rows >= 0).any():
            return np.zeros(len(rows), np.bool_)
        stream, old = self._live
        low, high = self._at(begin), self._at(begin + len(rows) - 1) + 1
        own, counts = self._places[low:high], self._counts[low:high]
        found = same_pieces(counts, rows, old["rows"].to_numpy().astype(np.int64))
        live = old.select("begin", "bytes").cast(pl.Int64).to_numpy()[np.maximum(found, 0)]
        # Pieces that follow one another in both files are compared together.
        follows = np.diff(own[:, 0]) == own[:-1, 1]
        follows &= np.diff(live[:, 0]) == live[:-1, 1]
        blocks, pieces = Blocks(self._stream, stream), np.zeros(len(found), np.bool_)
        for first, last in _runs(np.where(own[:, 1] == live[:, 1], found, -1), follows):
            pieces[first:last] = blocks.are_same(own[first, 0], live[first, 0], own[first:last, 1].sum())
        same = np.repeat(pieces, counts)
        self._look_into(begin, rows, same)
        return same

    def _look_into(self, begin: int, rows: Ints, same: Flags) -> None:
        """Which of the rows that are not `same` yet are, in pieces that are others."""
        assert self._live is not None
        live = PiecesView(*self._live, self._end, None, self._part)
        for first, last in _runs(np.where(same, -1, rows)):
            for low in range(first, last, _ROWS):
                old, high = int(rows[low]), min(low + _ROWS, last)
                with suppress(NotUnpackable):  # of a piece that is none nothing is the same
                    same[low:high] = self.text(begin + low, begin + high) == live.text(old, old + high - low)

    def _parts(self, begin: int, end: int) -> list[tuple[int, int, int, Ints]]:
        """Of each piece in which such rows are: which, from and to which of its rows, and where all its rows begin."""
        parts = []
        while begin < end:
            one = self._at(begin)
            first = begin - int(self._begins[one])
            last = min(end - int(self._begins[one]), int(self._counts[one]))
            parts.append((one, first, last, self._piece(one)[1]))
            begin += last - first
        return parts

    def _at(self, row: int) -> int:
        return int(np.searchsorted(self._begins, row, side="right")) - 1

    def _piece(self, one: int) -> tuple[bytes, Ints]:
        if one not in self._unpacked:
            begin, length, size, crc, _ = self._places[one].tolist()
            while self._unpacked and self._kept + size > _KEPT:
                self._kept -= len(self._unpacked.pop(next(iter(self._unpacked)))[0])
            text = unpacked(_read(self._stream, begin, begin + length), size, crc)
            self._unpacked[one] = text, _bounds(text, self._end, int(self._counts[one]))
            self._kept += len(text)
        return self._unpacked[one]


def unpacked(data: bytes, size: int, crc: int) -> bytes:
    """What is in whole deflate blocks that know of nothing before them: so many bytes with this CRC-32. Raises
    NotUnpackable if they are not that."""
    if size > _MOST_PIECE:
        raise NotUnpackable("has a part that is larger than the scan reads")
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        text = reader.decompress(data, size + 1)
        rest = reader.decompress(reader.unconsumed_tail + _LAST_BLOCK, 1)
    except zlib.error:
        raise NotUnpackable("has a part that cannot be unpacked") from None
    if len(text) != size or rest or not reader.eof or reader.unused_data or zlib.crc32(text) != crc:
        raise NotUnpackable("has a part that is not whole")
    return text


def _bounds(text: bytes, end: bytes, rows: int) -> Ints:
    """Where rows begin, and where the last one ends, which may have another end (in a JSON array no comma follows it);
    if there are others than these, all is the first one's."""
    lines = text.split(end)
    if len(lines) > rows + 1:
        lines = _outside_quotes(lines, end)
    is_other = len(lines) == rows and bool(lines[-1])
    if not is_other and (len(lines) != rows + 1 or lines[-1]):
        return np.asarray(np.r_[0, np.full(rows, len(text))], np.int64)
    sizes = np.fromiter(map(len, lines[:rows]), np.int64, rows) + len(end)
    sizes[-1:] -= is_other * len(end)
    bounds: Ints = np.cumsum(np.r_[0, sizes])
    return bounds


def _outside_quotes(lines: Sequence[bytes], end: bytes) -> list[bytes]:
    """Lines of CSV: one that ends between quotes goes on in the next."""
    out, held, is_open = list[bytes](), list[bytes](), False
    for line in lines:
        held.append(line)
        is_open ^= line.count(b'"') % 2 == 1
        if not is_open:
            out.append(end.join(held))
            held = []
    return [*out, end.join(held)] if held else out


def _runs(rows: Ints, follows: Flags | None = None) -> Sequence[tuple[int, int]]:
    """Runs of rows that follow one another in both, from and to which. `follows`: which may have the next in theirs."""
    old = np.flatnonzero(rows >= 0)
    if not len(old):
        return []
    breaks = (np.diff(old) > 1) | (np.diff(rows[old]) != 1)
    if follows is not None:
        breaks |= ~follows[old[:-1]]
    return [(int(run[0]), int(run[-1]) + 1) for run in np.split(old, np.flatnonzero(breaks) + 1)]


class Blocks:
    """Two files that are compared block by block, in memory that is asked for once."""

    def __init__(self, one: FileIO, other: FileIO) -> None:
        self._streams = one, other
        self._blocks = bytearray(_BLOCK), bytearray(_BLOCK)

    def are_same(self, begin: int, other_begin: int, size: int) -> bool:
        """Whether both have the same bytes there, so many."""
        for stream, at in zip(self._streams, (begin, other_begin), strict=True):
            stream.seek(int(at))
        for at in range(0, int(size), _BLOCK):
            some = min(_BLOCK, int(size) - at)
            for stream, block in zip(self._streams, self._blocks, strict=True):
                if stream.readinto(memoryview(block)[:some]) != some:
                    return False
            one, other = self._blocks
            if some < _BLOCK:
                one, other = one[:some], other[:some]
            if one != other:
                return False
        return True


def _read(stream: FileIO, begin: int, end: int) -> bytes:
    """Raises OSError where the file has less: what is not read is not searched."""
    stream.seek(begin)
    parts = [stream.read(end - begin)]
    while parts[-1] and sum(map(len, parts)) < end - begin:
        parts.append(stream.read(end - begin - sum(map(len, parts))))
    data = b"".join(parts)
    if len(data) != end - begin:
        raise OSError("the file ends too early")
    return data

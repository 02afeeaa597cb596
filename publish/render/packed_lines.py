"""Data files of a line for each row, packed as gzip: CSV, CSV for Excel, JSON, NDJSON.

A gzip file of one member (RFC 1952), since readers in browsers take no second one. Its lines are deflated in pieces of
some rows that know nothing of each other, cut where those of the workbook are, so that a piece of the live release is
taken as it is, and the bytes are the same either way. They depend on the zlib of the Python that runs.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl

from publish.model.crc import combined_crc
from publish.model.data_memory import PIECE_SCHEMA, Ints, runs_of
from publish.render.line_files import ARRAY_END, BETWEEN, HashedFile, lines_of
from publish.render.live_files import LiveFile
from publish.render.packing import deflated
from publish.render.pieces import batches, rows_of
from publish.render.table_rows import Columns

_READ = 16_384  # rows whose lines are made together
_LEVEL = 3  # three fifths of the time of level 5; files are a tenth larger (0028)
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no name, no time, an unknown system

_COLUMNS = ("rows", "begin", "bytes", "size", "crc")  # of PIECE_SCHEMA

Piece = tuple[bytes, int, int]  # deflated, with size and CRC-32 of what is in it


class PackedFile:
    """A gzip file that is written piece by piece."""

    def __init__(self, out: HashedFile, live: tuple[LiveFile, pl.DataFrame] | None = None) -> None:
        """`live`: one of the live release, with its pieces (PIECE_SCHEMA)."""
        self._out = out
        self._live = live[0] if live is not None else None
        self._known: Ints = np.zeros((0, len(_COLUMNS)), np.int64)
        self._noted = [self._known]  # _COLUMNS of what has been written
        if live is not None:
            self._known = live[1].select(_COLUMNS).cast(pl.Int64).to_numpy()
        self._beside: list[tuple[int, int]] = []  # size and CRC-32 of what is before and behind the pieces

    def begin(self, head: bytes) -> None:
        """Write what stands before all rows."""
        self._out.write(_HEAD)
        self._put_beside(deflated(head, level=_LEVEL))

    def make(self, made: Sequence[Piece], counts: Ints) -> None:
        """Write pieces of so many rows each."""
        told = np.array([[0, len(data), size, crc] for data, size, crc in made], np.int64)
        self._note(np.column_stack([counts, told]))
        for data, _, _ in made:
            self._out.write(data)

    def copy(self, first: int, last: int) -> None:
        """Write pieces of the live file, from one up to another. Raises DamagedFile."""
        assert self._live is not None
        some: Ints = self._known[first:last].copy()
        begin, size = int(some[0, 1]), int(some[:, 2].sum())
        self._note(some)
        for block in self._live.blocks(begin, begin + size):
            self._out.write(block)

    def finish(self, tail: bytes) -> pl.DataFrame:
        """Write what stands behind all rows. Returns PIECE_SCHEMA. Raises DamagedFile if the live file is not what it
        should be."""
        if self._live is not None:
            self._live.check()
        self._put_beside(deflated(tail, is_last=True, level=_LEVEL))
        pieces = np.concatenate(self._noted)
        (head, head_crc), (end, end_crc) = self._beside
        sizes, crcs = np.r_[head, pieces[:, 3], end], np.r_[head_crc, pieces[:, 4], end_crc]
        self._out.write(struct.pack("<II", combined_crc(crcs.astype(np.uint32), sizes), sizes.sum() & 0xFFFFFFFF))
        told = pl.DataFrame(pieces, schema=list(_COLUMNS)).select(pl.lit(0).alias("sheet"), *_COLUMNS)
        return told.cast(dict(PIECE_SCHEMA))  # type: ignore[arg-type]  # of a dict's keys mypy asks for the widest type

    def _put_beside(self, piece: Piece) -> None:
        self._out.write(piece[0])
        self._beside.append(piece[1:])

    def _note(self, pieces: Ints) -> None:
        """Of what is written next (_COLUMNS); where it begins is found out."""
        pieces[:, 1] = self._out.size + np.cumsum(pieces[:, 2]) - pieces[:, 2]
        self._noted.append(pieces)


def write_packed(
    files: Mapping[str, PackedFile],
    heads: Mapping[str, bytes],
    counts: Ints,
    known: Ints,
    columns: Callable[[Ints], Columns],
) -> dict[str, pl.DataFrame]:
    """Write files of lines by their names when they are not packed, whose first bytes are `heads`, from pieces of so
    many rows each. `known`: which piece of the live files each one is; -1: it is made of `columns`, those of some rows.
    Returns PIECE_SCHEMA of each. Raises DamagedFile."""
    firsts = np.cumsum(counts) - counts
    for name, file in files.items():
        file.begin(heads[name])
    for batch in batches(counts, _READ):
        new = batch[known[batch] < 0]
        is_end = len(new) > 0 and new[-1] == len(counts) - 1
        made = _made(list(files), columns(rows_of(firsts[new], counts[new])), counts[new], is_end) if len(new) else {}
        for name, file in files.items():
            _put(file, made.get(name, []), counts[batch], known[batch])
    return {name: file.finish(ARRAY_END if name == "json" else b"") for name, file in files.items()}


def _put(file: PackedFile, made: Sequence[Piece], counts: Ints, known: Ints) -> None:
    """Pieces in their order: runs of those that are made, and of those that the live file has one after the other."""
    at, runs = 0, runs_of(known).tolist()
    for begin, end in pairwise(runs):
        if known[begin] >= 0:
            file.copy(int(known[begin]), int(known[begin]) + end - begin)
        else:
            file.make(made[at : at + end - begin], counts[begin:end])
            at += end - begin


def _made(names: Sequence[str], part: Columns, counts: Ints, is_end: bool) -> dict[str, list[Piece]]:
    """Pieces of so many rows each, of files by name. `is_end`: the last row is that of the files."""
    out: dict[str, list[Piece]] = {}
    for kind in dict.fromkeys("ndjson" if name == "json" else name for name in names):
        texts = list(_texts(kind, part, counts))
        if kind in names:
            out[kind] = [deflated(text, level=_LEVEL) for text in texts]
        if kind == "ndjson" and "json" in names:
            out["json"] = list(map(partial(deflated, level=_LEVEL), _in_array(texts, is_end)))
    return out


def _texts(kind: str, part: Columns, counts: Ints) -> Iterator[bytes]:
    """The lines of so many rows each."""
    lines = list(lines_of(kind, part))
    data, sizes = b"".join(text for text, _ in lines), np.concatenate([some for _, some in lines])
    bounds = np.r_[0, np.cumsum(sizes)][np.r_[0, np.cumsum(counts)]].tolist()
    return (data[begin:end] for begin, end in pairwise(bounds))


def _in_array(texts: Sequence[bytes], is_end: bool) -> Iterator[bytes]:
    """Lines of NDJSON as those of an array: each has a comma but the last of the file."""
    for number, text in enumerate(texts, 1):
        between = text.replace(b"\n", BETWEEN)
        yield between[: -len(BETWEEN)] + BETWEEN[1:] if is_end and number == len(texts) else between

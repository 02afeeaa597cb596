"""What a workbook has beside the rows that are told of: its bytes, and its parts unpacked."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import polars as pl

from publish.release.data_views import unpacked
from publish.release.unpacking import NotUnpackable, plain_parts

_MOST = 1 << 24  # bytes before and after the rows of a sheet, unpacked
_HEADER = struct.Struct("<26xHH")


def beside_pieces(stream: BinaryIO, pieces: pl.DataFrame) -> Iterator[tuple[str, Iterator[bytes]]] | None:
    """Names of parts and what is in them; of the sheets of the pieces (PIECE_SCHEMA) what stands before and after their
    rows, with the nearest. None: pieces are not what the file has, and all of it is to be read."""
    spans = _spans(pieces)
    try:
        texts = _sheets(stream, pieces, spans)
    except (NotUnpackable, zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError):
        return None
    return _parts(stream, spans, texts) if texts is not None else None


def _parts(
    stream: BinaryIO, spans: list[tuple[int, int]], texts: dict[str, bytes]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    for part in plain_parts(stream):
        if part.name == "":
            yield "", _outside(stream, spans)
        elif part.name in texts:
            yield part.name, iter((texts[part.name],))
        else:
            yield part.name, part.blocks


def _spans(pieces: pl.DataFrame) -> list[tuple[int, int]]:
    """From where to where each sheet has pieces."""
    ends = pieces.with_columns((pl.col("begin") + pl.col("bytes")).alias("end"))
    spans = ends.group_by("sheet", maintain_order=True).agg(pl.col("begin").first(), pl.col("end").last())
    return spans.select("begin", "end").rows()


def _sheets(stream: BinaryIO, pieces: pl.DataFrame, spans: list[tuple[int, int]]) -> dict[str, bytes] | None:
    """By the name of the part, what a sheet has before and after its pieces; None: they do not follow one another, or
    are not just what the part has there."""
    begins, sizes, sheets = (pieces[name].to_numpy().astype(np.int64) for name in ("begin", "bytes", "sheet"))
    follows = begins[1:] == begins[:-1] + sizes[:-1]
    if not (follows | (sheets[1:] != sheets[:-1])).all() or len(spans) != len(np.unique(sheets)):
        return None
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
    texts = {}
    for number, (begin, end) in zip(np.unique(sheets).tolist(), spans, strict=True):
        own = [member for member in members if member.header_offset < begin and end <= _end(stream, member)]
        if len(own) != 1 or own[0].compress_type != zipfile.ZIP_DEFLATED or own[0].flag_bits & 1:
            return None
        first, last = (pieces.filter(pl.col("sheet") == number)[at].row(0, named=True) for at in (0, -1))
        head = _inflated(_read(stream, _end(stream, own[0]) - own[0].compress_size, begin), is_last=False)
        tail = _inflated(_read(stream, end, _end(stream, own[0])), is_last=True)
        near = [
            unpacked(_read(stream, one["begin"], one["begin"] + one["bytes"]), one["size"]) for one in (first, last)
        ]
        if own[0].filename in texts or sum(member.filename == own[0].filename for member in members) > 1:
            return None
        texts[own[0].filename] = head + near[0] + b"\n" * 16 + near[1] + tail
    return texts


def _end(stream: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Where what is packed in a part ends."""
    stream.seek(member.header_offset)
    name, extra = _HEADER.unpack(stream.read(_HEADER.size))
    return member.header_offset + _HEADER.size + int(name) + int(extra) + member.compress_size


def _inflated(data: bytes, is_last: bool) -> bytes:
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    text = reader.decompress(data, _MOST)
    if not is_last:
        reader.decompress(reader.unconsumed_tail + b"\1\0\0\xff\xff", 1)
    if not reader.eof or reader.unused_data:
        raise ValueError
    return text


def _outside(stream: BinaryIO, spans: list[tuple[int, int]]) -> Iterator[bytes]:
    """The bytes of the file that are not pieces, with a gap where some were."""
    at = 0
    for begin, end in sorted(spans):
        yield _read(stream, at, begin) + b"\n" * 16
        at = end
    stream.seek(at)
    yield stream.read()


def _read(stream: BinaryIO, begin: int, end: int) -> bytes:
    stream.seek(begin)
    return stream.read(end - begin)

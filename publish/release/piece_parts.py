"""What a packed file has beside the pieces that are told of: its bytes, and its parts unpacked."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import polars as pl

from publish.model.crc import combined_crc
from publish.release.data_views import unpacked
from publish.release.unpacking import GZIP_PART, PLAIN_GZIP, NotUnpackable, plain_parts

SHEET_PART = "xl/worksheets/sheet{}.xml"  # what a sheet is called in a workbook
_MOST = 1 << 24  # bytes before and after the rows of a sheet, unpacked
_GZIP_HEAD, _GZIP_TAIL = 10, 8  # bytes: nothing else is there if no flag is set (RFC 1952)
_GAP = b"\n" * 16  # where pieces were left out: no value goes over it
_HEADER = struct.Struct("<26xHH")


def beside_pieces(stream: BinaryIO, pieces: pl.DataFrame) -> Iterator[tuple[str, Iterator[bytes]]] | None:
    """Names of parts and what is in them; of those that have the pieces (PIECE_SCHEMA), sheets of a workbook or the one
    of a gzip file, what stands before and after their rows, with the nearest. None: pieces are not what the file has,
    and all of it is to be read."""
    spans = _spans(pieces)
    stream.seek(0)
    is_gzip = stream.read(len(PLAIN_GZIP)) == PLAIN_GZIP
    try:
        texts = (_gzip if is_gzip else _sheets)(stream, pieces, spans)
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
    if not _follow(pieces, spans):
        return None
    sheets = pieces["sheet"].to_numpy()
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
    texts = {}
    for number, (begin, end) in zip(np.unique(sheets).tolist(), spans, strict=True):
        own = [member for member in members if member.header_offset < begin and end <= _end(stream, member)]
        if len(own) != 1 or own[0].compress_type != zipfile.ZIP_DEFLATED or own[0].flag_bits & 1:
            return None
        head = _inflated(_read(stream, _end(stream, own[0]) - own[0].compress_size, begin), is_last=False)
        tail = _inflated(_read(stream, end, _end(stream, own[0])), is_last=True)
        mine = pieces.filter(pl.col("sheet") == number)
        if not _adds_up(head, mine, tail, own[0].file_size, own[0].CRC):
            return None
        if own[0].filename in texts or sum(member.filename == own[0].filename for member in members) > 1:
            return None
        texts[own[0].filename] = _joined(stream, head, mine, tail)
    return texts


def _gzip(stream: BinaryIO, pieces: pl.DataFrame, spans: list[tuple[int, int]]) -> dict[str, bytes] | None:
    """As `_sheets`: of the one part of a gzip file that has one member and nothing behind it."""
    if not _follow(pieces, spans) or len(spans) != 1:
        return None
    (begin, end), size = spans[0], stream.seek(0, 2)
    head = _inflated(_read(stream, _GZIP_HEAD, begin), is_last=False)
    tail = _inflated(_read(stream, end, size), is_last=True, behind=_GZIP_TAIL)
    crc, isize = struct.unpack("<II", _read(stream, size - _GZIP_TAIL, size))
    if not _adds_up(head, pieces, tail, isize, crc, modulo=1 << 32):
        return None
    return {GZIP_PART: _joined(stream, head, pieces, tail)}


def _adds_up(head: bytes, pieces: pl.DataFrame, tail: bytes, size: int, crc: int, modulo: int = 1 << 64) -> bool:
    """Whether a part says of itself what its pieces come to: else nobody could read it."""
    own, crcs = (pieces[name].to_numpy().astype(np.int64) for name in ("size", "crc"))
    sizes = np.r_[len(head), own, len(tail)]
    sums = np.r_[zlib.crc32(head), crcs, zlib.crc32(tail)].astype(np.uint32)
    return int(sizes.sum()) % modulo == size and combined_crc(sums, sizes) == crc


def _follow(pieces: pl.DataFrame, spans: list[tuple[int, int]]) -> bool:
    """Whether those of a sheet follow one another."""
    begins, sizes, sheets = (pieces[name].to_numpy().astype(np.int64) for name in ("begin", "bytes", "sheet"))
    follows = begins[1:] == begins[:-1] + sizes[:-1]
    return bool((follows | (sheets[1:] != sheets[:-1])).all()) and len(spans) == len(np.unique(sheets))


def _joined(stream: BinaryIO, head: bytes, pieces: pl.DataFrame, tail: bytes) -> bytes:
    """What is before the pieces and behind them, with the first and the last of them."""
    first, last = (
        unpacked(_read(stream, one["begin"], one["begin"] + one["bytes"]), one["size"], one["crc"])
        for one in (pieces[at].row(0, named=True) for at in (0, -1))
    )
    return head + first + _GAP + last + tail


def _end(stream: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Where what is packed in a part ends."""
    stream.seek(member.header_offset)
    name, extra = _HEADER.unpack(stream.read(_HEADER.size))
    return member.header_offset + _HEADER.size + int(name) + int(extra) + member.compress_size


def _inflated(data: bytes, is_last: bool, behind: int = 0) -> bytes:
    """`behind`: so many bytes follow the stream. Raises ValueError if it is another one."""
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    text, rest = reader.decompress(data, _MOST), b""
    if not is_last:
        rest = reader.decompress(reader.unconsumed_tail + b"\1\0\0\xff\xff", 1)
    if rest or not reader.eof or len(reader.unused_data) != behind:
        raise ValueError
    return text


def _outside(stream: BinaryIO, spans: list[tuple[int, int]]) -> Iterator[bytes]:
    """The bytes of the file that are not pieces, with a gap where some were."""
    at = 0
    for begin, end in sorted(spans):
        yield _read(stream, at, begin) + _GAP
        at = end
    stream.seek(at)
    yield stream.read()


def _read(stream: BinaryIO, begin: int, end: int) -> bytes:
    stream.seek(begin)
    return stream.read(end - begin)

"""What is inside packed files, by their first bytes: gzip, bzip2, xz, zip (XLSX too), Parquet, SQLite; each in others.

Bounds: blocks of about a MiB; MAX_DEPTH files in one another; MAX_BYTES unpacked of one file; a packed
file inside another is kept in a temporary file beyond SPOOL bytes; databases and Parquet inside others are read whole,
up to MAX_WHOLE.
What cannot be looked into raises NotUnpackable: of such a file nothing is proven.
"""

import base64
import binascii
import io
import lzma
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from publish.model.inflating import BLOCK, inflated

MAX_DEPTH = 5
MAX_BYTES = 1 << 36  # 64 GiB
MAX_WHOLE = 1 << 31  # 2 GiB
SPOOL = 1 << 26  # 64 MiB
HEAD = 16  # so many bytes tell what a file is
GZIP_PART = "(gzip)"  # what is in a gzip file
PLAIN_GZIP = b"\x1f\x8b\x08\0"  # how one begins without names or comments in its header (RFC 1952)

_ROWS = 1 << 17


class NotUnpackable(Exception):  # noqa: N818  (an outcome, which becomes an issue)
    """A packed file that cannot be looked into. The text names what it is, never what is in it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file in plain: what it is called inside ('' for the bytes of the file itself), and its bytes.

    `blocks` are to be read before the next part is asked for.
    """

    name: str
    blocks: Iterator[bytes]


def is_packed(head: bytes) -> bool:
    """Whether a file with these first HEAD bytes has more in it than its bytes say."""
    return _format(head) is not None


def plain_parts(stream: BinaryIO) -> Iterator[Part]:
    """The bytes of a file, then everything that is packed in it, names too. Raises NotUnpackable. `stream` can seek."""
    yield from _parts(stream, "", _Budget(MAX_BYTES), 0)


class _Budget:
    def __init__(self, left: int) -> None:
        self._left = left

    def taken(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self._left -= len(block)
            if self._left < 0:
                raise NotUnpackable("unpacks to more than the scan reads")
            yield block


def _parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    stream.seek(0)
    yield Part(name, _read(stream))
    stream.seek(0)
    kind = _format(stream.read(HEAD))
    if kind is None:
        return
    if depth == MAX_DEPTH:
        raise NotUnpackable(f"holds packed files more than {MAX_DEPTH} deep")
    stream.seek(0)
    with _reading(kind):
        for part in _READERS[kind](stream, name, budget, depth + 1):
            yield Part(part.name, _guarded(part.blocks, kind))


@contextmanager
def _reading(kind: str) -> Iterator[None]:
    """Whatever is wrong with a packed file is one fault."""
    broken = NotUnpackable(f"begins as {kind} and cannot be read as that")
    try:
        yield
    except (OSError, RuntimeError, ValueError, EOFError, LookupError, struct.error, zlib.error):
        raise broken from None
    except (zipfile.BadZipFile, lzma.LZMAError, sqlite3.Error, pl.exceptions.PolarsError):
        raise broken from None


def _guarded(blocks: Iterator[bytes], kind: str) -> Iterator[bytes]:
    with _reading(kind):
        yield from blocks


def _read(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _inside(blocks: Iterator[bytes], name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    """A file inside another: passed on as it comes if it is plain, else kept for its own reader."""
    taken = budget.taken(blocks)
    first = next(taken, b"")
    while len(first) < HEAD and (more := next(taken, b"")):
        first += more
    if not is_packed(first[:HEAD]):
        yield Part(name, chain((first,), taken))
        return
    with tempfile.SpooledTemporaryFile(SPOOL) as spool:
        for block in chain((first,), taken):
            spool.write(block)
        yield from _parts(cast(BinaryIO, spool), name, budget, depth)


def _whole(stream: BinaryIO) -> bytes:
    stream.seek(0)
    data = stream.read(MAX_WHOLE + 1)
    if len(data) > MAX_WHOLE:
        raise NotUnpackable("is larger than the scan reads")
    return data


def _inner(name: str, part: str) -> str:
    return f"{name}/{part}" if name else part


def _bzip2_parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    yield from _inside(inflated(stream, "bzip2"), _inner(name, "(bzip2)"), budget, depth)


def _xz_parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    yield from _inside(inflated(stream, "xz"), _inner(name, "(xz)"), budget, depth)


def _gzip_parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    # The name and the comment in the header (RFC 1952), which follow ten bytes that are no text.
    head = stream.read(1 << 16)
    if head[3] & 0b11100:
        at = 10
        if head[3] & 4:
            at += 2 + int.from_bytes(head[10:12], "little")
        yield Part(_inner(name, "(header)"), iter((head[10:at], b"\0", *_header_texts(head, at))))
    stream.seek(0)
    yield from _inside(inflated(stream, "gzip"), _inner(name, GZIP_PART), budget, depth)


def _header_texts(head: bytes, at: int) -> Iterator[bytes]:
    for flag in (8, 16):
        if head[3] & flag:
            end = head.index(b"\0", at)
            yield head[at : end + 1]
            at = end + 1


def _zip_parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        texts = [entry.orig_filename.encode() + b"\n" + entry.comment + b"\n" + entry.extra for entry in members]
        yield Part(_inner(name, "(names)"), iter((archive.comment + b"\n", b"\n".join(texts))))
        for entry in members:
            with archive.open(entry) as member:
                yield from _inside(_read(cast(BinaryIO, member)), _inner(name, entry.filename), budget, depth)


def _parquet_parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    """The footer, which has the statistics, its key-value metadata decoded, and every column as lines of text."""
    stream.seek(-8, 2)
    length, magic = struct.unpack("<I4s", stream.read(8))
    if magic != b"PAR1" or length > MAX_WHOLE:
        raise ValueError
    stream.seek(-8 - length, 2)
    footer = stream.read(length)
    # Polars reads a file by its path without holding all of it.
    on_disk = getattr(stream, "name", None)
    source = Path(on_disk) if isinstance(on_disk, str) else io.BytesIO(_whole(stream))
    metadata = pl.read_parquet_metadata(source)
    texts = [text for pair in metadata.items() for entry in pair for text in (entry.encode(), _from_base64(entry))]
    yield Part(_inner(name, "(footer)"), iter((footer, b"\n", b"\n".join(texts))))
    for number, column in enumerate(pl.read_parquet_schema(source), 1):
        blocks = budget.taken(_column(source, column))
        yield Part(_inner(name, f"(column {number})"), chain((column.encode() + b"\n",), blocks))


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _column(source: Path | BinaryIO, column: str) -> Iterator[bytes]:
    begin = 0
    while True:
        if not isinstance(source, Path):
            source.seek(0)
        cells = pl.scan_parquet(source, glob=False).select(pl.col(column)).slice(begin, _ROWS).collect()
        if not cells.height:
            return
        yield _text(cells) + b"\n"
        begin += _ROWS


def _text(cells: pl.DataFrame) -> bytes:
    series = cells.to_series()
    if series.dtype == pl.Binary:
        return b"\n".join(series.drop_nulls().to_list())
    if series.dtype.is_nested():
        return cells.write_ndjson().encode()
    return str(series.cast(pl.String).str.join("\n").item() or "").encode()


def _sqlite_parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    """The statements that made the tables, and every table's rows. A virtual table keeps its rows in other tables."""
    data = bytearray(_whole(stream))
    data[18:20] = b"\1\1"  # no write-ahead log: it would be in another file
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(bytes(data))
        connection.text_factory = lambda text: bytes(text).decode(errors="replace")
        made = connection.execute("select type, name, rootpage, sql from sqlite_master").fetchall()
        yield Part(_inner(name, "(schema)"), iter(("\n".join(str(sql) for *_, sql in made).encode(),)))
        tables = [table for kind, table, page, _ in made if kind == "table" and page]
        for number, table in enumerate(tables, 1):
            quoted = table.replace('"', '""')
            rows = connection.execute(f'select * from "{quoted}"')
            yield Part(_inner(name, f"(table {number})"), budget.taken(_rows(rows)))


def _rows(rows: sqlite3.Cursor) -> Iterator[bytes]:
    while found := rows.fetchmany(4096):
        yield b"".join(b"\n".join(map(_cell, row)) + b"\n" for row in found)


def _cell(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


_Reader = Callable[[BinaryIO, str, _Budget, int], Iterator[Part]]
_READERS: dict[str, _Reader] = {
    "gzip": _gzip_parts,
    "bzip2": _bzip2_parts,
    "xz": _xz_parts,
    "zip": _zip_parts,
    "Parquet": _parquet_parts,
    "SQLite": _sqlite_parts,
}
_MAGIC = (
    (b"\x1f\x8b\x08", "gzip"),
    *((b"BZh%d1AY&SY" % level, "bzip2") for level in range(1, 10)),
    (b"\xfd7zXZ\0", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3\0", "SQLite"),
    # No reader for these in the standard library: nothing is proven of them.
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
)


def _format(head: bytes) -> str | None:
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)

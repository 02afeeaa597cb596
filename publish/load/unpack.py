"""Decompression in bounded steps: an archive bomb ends in an error, never in full memory."""

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

BLOCK = 1 << 20
# What an xz stream may ask for; the highest preset (-9) takes 65 MiB.
_XZ_MEMORY = 1 << 28


class NotReadableTable(Exception):  # noqa: N818  (an outcome, turned into an issue by whoever asked)
    """Bytes that are no table. `code` and `hint` are an Issue's; `line` counts from 1 (0: unknown)."""

    def __init__(self, code: str, hint: str, line: int = 0) -> None:
        self.code, self.hint, self.line = code, hint, line
        super().__init__(hint)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def too_large(limit: int) -> NotReadableTable:
    """The fault of a text past the limit."""
    return NotReadableTable("table.too-large", f"the text is longer than limits.max_resource_bytes ({limit} bytes)")


def unpacked(path: Path, compression: str | None, innerpath: str | None) -> Iterator[bytes]:
    """The bytes of a file in blocks of at most about a MiB. `compression` and `innerpath` as in ResourceFile.

    Raises NotReadableTable `table.bad-archive`.
    """
    bad = NotReadableTable("table.bad-archive", f"the file is not a whole {compression} archive that can be read")
    try:
        if compression == "zip":
            yield from _zip_member(path, innerpath)
            return
        with path.open("rb") as stream:
            yield from _stream(stream, compression)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError, NotImplementedError) as error:
        raise bad from error
    except (OSError, RuntimeError, ValueError) as error:
        if compression is None:
            raise
        raise bad from error


def _zip_member(path: Path, innerpath: str | None) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if not innerpath and not names:
            raise EOFError
        with archive.open(innerpath or names[0]) as stream:
            while block := stream.read(BLOCK):
                yield block


def _stream(stream: BinaryIO, compression: str | None) -> Iterator[bytes]:
    if compression is None:
        while block := stream.read(BLOCK):
            yield block
        return
    yield from _members(stream, {"gz": _gzip, "bz2": _bzip2, "xz": _xz}[compression])


def _gzip() -> _Decompressor:
    return _GzipDecompressor()


def _bzip2() -> _Decompressor:
    return bz2.BZ2Decompressor()


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


class _GzipDecompressor:
    """zlib's, with the interface of the other two: input that is not used yet is kept inside."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


def _members(stream: BinaryIO, make: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """One or more compressed members, one after the other, as gzip, bzip2 and xz files may hold."""
    decompressor, data = make(), stream.read(BLOCK)
    if not data:
        raise EOFError
    while True:
        block = decompressor.decompress(data, BLOCK)
        if block:
            yield block
        if decompressor.eof:
            data = (decompressor.unused_data or stream.read(BLOCK)).lstrip(b"\0")
            if not data:
                return
            decompressor = make()
        elif len(block) < BLOCK:
            data = stream.read(BLOCK)
            if not data and not block:
                raise EOFError
        else:
            data = b""

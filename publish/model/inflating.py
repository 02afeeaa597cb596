"""Compressed streams in bounded steps: gzip, bzip2 and xz, of one member or several."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Protocol

BLOCK = 1 << 20
_XZ_MEMORY = 1 << 28  # the highest preset takes 65 MiB


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of the others: input that is not used yet is kept inside."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


def inflated(stream: BinaryIO, kind: str) -> Iterator[bytes]:
    """The contents of all members of a gzip, bzip2 or xz stream, one after the other, in blocks of at most BLOCK bytes.

    Bytes after the last member that are no member are an error: zlib.error, OSError, lzma.LZMAError or EOFError.
    """
    make = _MAKERS[kind]
    decompressor, data = make(), stream.read(BLOCK)
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


_MAKERS: Mapping[str, Callable[[], _Decompressor]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY),
}

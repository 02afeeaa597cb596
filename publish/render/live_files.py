"""Data files of the live release, from which lines and pieces are copied. Each is read once, and hashed on the way."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

_BLOCK = 1 << 18  # bytes that are read, hashed and written while they are near the processor


class DamagedFile(Exception):  # noqa: N818
    """A file of the live release is not what its manifest says, or cannot be read. Whatever was copied is nothing."""


class LiveFile:
    """A file that is read once, from its beginning to its end: so what is copied of it is what is hashed."""

    def __init__(self, path: Path, sha256: str) -> None:
        """Raises DamagedFile."""
        try:
            self._stream = path.open("rb", buffering=0)
        except OSError:
            raise DamagedFile from None
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._hashed = 0  # bytes, from the beginning
        self._block = memoryview(bytearray(_BLOCK))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._stream.close()

    def blocks(self, begin: int, end: int) -> Iterator[memoryview]:
        """What stands from `begin` up to `end`: each block is good until the next one is asked for. Raises
        DamagedFile. What is before is read; what has been read is not to be had again (ValueError)."""
        if begin < self._hashed:
            raise ValueError("a live file is read forwards")
        for _ in self._read(begin):
            pass
        yield from self._read(end)

    def bytes(self, begin: int, end: int) -> bytes:
        """The same as one. Raises DamagedFile."""
        return b"".join(map(bytes, self.blocks(begin, end)))

    def check(self) -> None:
        """Read the rest. Raises DamagedFile if all of it has not the hash."""
        for _ in self._read(os.fstat(self._stream.fileno()).st_size):
            pass
        if self._digest.hexdigest() != self._sha256:
            raise DamagedFile

    def _read(self, end: int) -> Iterator[memoryview]:
        while self._hashed < end:
            try:
                size = self._stream.readinto(self._block[: end - self._hashed])
            except OSError:
                raise DamagedFile from None
            if not size:
                raise DamagedFile
            block = self._block[:size]
            self._digest.update(block)
            self._hashed += size
            yield block

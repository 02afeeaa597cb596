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
    """A file that is read from its beginning to its end, whatever is wanted of it."""

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
        DamagedFile. What is before and has not been read is read; what has been is read again, which is rare."""
        for _ in self._read(self._hashed, begin):
            pass
        yield from self._read(begin, end)

    def bytes(self, begin: int, end: int) -> bytes:
        """The same as one. Raises DamagedFile."""
        return b"".join(map(bytes, self.blocks(begin, end)))

    def check(self) -> None:
        """Read the rest. Raises DamagedFile if all of it has not the hash."""
        for _ in self._read(self._hashed, os.fstat(self._stream.fileno()).st_size):
            pass
        if self._digest.hexdigest() != self._sha256:
            raise DamagedFile

    def _read(self, begin: int, end: int) -> Iterator[memoryview]:
        """`begin` is not behind what is hashed."""
        while begin < end:
            try:
                self._stream.seek(begin)
                size = self._stream.readinto(self._block[: end - begin])
            except OSError:
                raise DamagedFile from None
            if not size:
                raise DamagedFile
            block = self._block[:size]
            self._digest.update(block[self._hashed - begin :])
            begin += size
            self._hashed = max(self._hashed, begin)
            yield block

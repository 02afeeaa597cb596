"""Decompression in bounded steps: an archive bomb ends in an error, never in full memory."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from publish.model.inflating import BLOCK, inflated


class NotReadableTable(Exception):  # noqa: N818  (an outcome, turned into an issue by whoever asked)
    """Bytes that are no table. `code` and `hint` are an Issue's; `line` counts from 1 (0: unknown)."""

    def __init__(self, code: str, hint: str, line: int = 0) -> None:
        self.code, self.hint, self.line = code, hint, line
        super().__init__(hint)


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
    yield from inflated(stream, {"gz": "gzip", "bz2": "bzip2", "xz": "xz"}[compression])

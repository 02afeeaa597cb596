"""Files of the demo packages: CSV in any encoding, compressed or not, always the same bytes for the same rows."""

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Form:
    """How a CSV file is written. `bom` is for UTF-8."""

    encoding: str = "utf-8"
    bom: bool = False
    gzipped: bool = False
    separator: str = ","
    line_end: str = "\n"


@dataclass(frozen=True, slots=True)
class Written:
    """A file as stored: `size` in bytes, `sha256` in hex, both after compression."""

    size: int
    sha256: str


def write_table(path: Path, blocks: Iterable[pl.DataFrame], form: Form) -> Written:
    """Write the blocks below one header; null is an empty cell. Only one block is held in memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw:
        hashed = _Hashed(raw)
        with _compressed(hashed, form) as out:
            out.write(_BOM if form.bom else b"")
            for number, block in enumerate(blocks):
                text = block.write_csv(
                    include_header=number == 0, separator=form.separator, line_terminator=form.line_end, null_value=""
                )
                out.write(text.encode(form.encoding))
    return Written(hashed.size, hashed.digest.hexdigest())


@contextmanager
def _compressed(raw: "_Hashed", form: Form) -> Iterator["_Hashed | gzip.GzipFile"]:
    if not form.gzipped:
        yield raw
        return
    # No name and no time in the header: the same rows are the same bytes.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
        yield packed


class _Hashed:
    """A file that counts and hashes what is written to it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.digest.update(data)
        return self._raw.write(data)

    def flush(self) -> None:
        self._raw.flush()

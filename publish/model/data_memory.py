"""What a build remembers of the data files of its release, for the next one: whose lines they have, and where.

Nothing in it changes a byte of a release. It may be removed at any time; then all files are made and searched anew.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.distinct import places
from publish.model.kept import keep
from publish.model.program import made_by

# Each row in the order of the files: its digest, whether each file was seen to have just the line of its public cells
# there, and how long its line is in each file of lines that is not packed (LENGTHS; those of JSON as those of NDJSON).
ROW_SCHEMA: Mapping[str, pl.DataType] = {"digest": pl.UInt64(), "proven": pl.Boolean()}
LENGTHS: Mapping[str, pl.DataType] = dict.fromkeys(("csv", "excel.csv", "ndjson"), pl.UInt32())
# Pieces of a packed file, in their order: of which sheet of a workbook (else 0), how many rows, where their bytes begin
# in the file, how many they are, and size and CRC-32 of what is packed in them.
PIECE_SCHEMA: Mapping[str, pl.DataType] = {
    "sheet": pl.UInt32(),
    "rows": pl.UInt32(),
    "begin": pl.UInt64(),
    "bytes": pl.UInt32(),
    "size": pl.UInt32(),
    "crc": pl.UInt32(),
}
_ROWS = (pl.Schema(ROW_SCHEMA), pl.Schema({**ROW_SCHEMA, **LENGTHS}))
_MADE_BY, _ABOUT = "made-by", "about.json"
_LEAST = 4  # rows of a run, on average: with shorter ones nothing is saved

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class KnownData:
    """The data files of a dataset in the live release: `rows` of ROW_SCHEMA, with LENGTHS or without; by path in the
    release `pieces` (PIECE_SCHEMA), `heads`, the bytes before the first line, and `sha256`."""

    rows: pl.DataFrame
    pieces: Mapping[str, pl.DataFrame]
    heads: Mapping[str, int]
    sha256: Mapping[str, str]


def bounds_of(lengths: pl.Series, head: int, more: int) -> Ints:
    """Where lines begin, and where the last one ends."""
    sizes = lengths.to_numpy().astype(np.int64) + more
    out: Ints = np.cumsum(np.r_[np.int64(head), sizes])
    return out


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Digests of rows, `rising`, and which row has each; but for the last row, whose line may end otherwise."""

    rising: Words
    order: Ints

    @classmethod
    def of(cls, digests: Words) -> "KnownRows":
        """In their order."""
        order = np.argsort(digests[:-1], kind="stable")
        return cls(digests[order], order)

    def rows(self, digests: Words) -> Ints:
        """For each digest the row that has it; -1: none."""
        if not len(self.rising):
            return np.full(len(digests), -1, np.int64)
        at = places(digests, self.rising)
        return np.where(at >= 0, self.order[at], -1)


def same_rows(digests: Words, known: Words) -> Ints:
    """For each row the one of `known` that has its digest; -1: none. The last is none: its line may end otherwise."""
    found = KnownRows.of(known).rows(digests)
    found[-1:] = -1
    return found


def runs_of(rows: Ints) -> Ints:
    """Where runs begin in `rows` (same_rows), and the end: rows that follow one another in both, or are in one only."""
    if not len(rows):
        return np.zeros(1, np.int64)
    old = rows >= 0
    joins = np.where(old[1:], rows[1:] == rows[:-1] + 1, ~old[:-1]) & (old[1:] == old[:-1])
    return np.asarray(np.r_[0, np.flatnonzero(~joins) + 1, len(rows)], np.int64)


def forwards(rows: Ints) -> Ints:
    """`rows` (same_rows), but for those of which one at or behind them is before: a live file is read once."""
    before = np.r_[-1, np.maximum.accumulate(rows)[:-1]] if len(rows) else rows
    return np.where(rows > before, rows, -1)


def worthwhile(rows: Ints) -> Ints:
    """`rows` where it has runs of some length; else nothing of it."""
    return rows if len(runs_of(rows)) * _LEAST <= len(rows) + 64 else np.full_like(rows, -1)


def same_pieces(counts: Ints, rows: Ints, known: Ints) -> Ints:
    """For each piece of so many of `rows` (same_rows) the known one, of so many, that has the same; -1: none."""
    firsts: Ints = np.cumsum(counts) - counts
    old_firsts: Ints = np.cumsum(known) - known
    if not len(counts) or not len(known):
        return np.full(len(counts), -1, np.int64)
    runs: Ints = np.searchsorted(runs_of(rows), np.concatenate([firsts, firsts + counts - 1]), side="right")
    begins: Ints = rows[firsts]
    at: Ints = np.searchsorted(old_firsts, begins).astype(np.int64)
    at[at == len(known)] = 0
    same = (old_firsts[at] == begins) & (known[at] == counts) & (runs[: len(counts)] == runs[len(counts) :])
    return np.where(same, at, -1).astype(np.int64)


class DataMemory:
    """The memory in `folder`. `release` is the name of the live one; None: there is none."""

    def __init__(self, folder: Path, release: str | None) -> None:
        self._folder = folder
        self._release = release

    def load(self) -> dict[str, KnownData]:
        """By dataset; none where it is not of this release and program, or is damaged."""
        try:
            said = (self._folder / _MADE_BY).read_text(encoding="utf-8")
            if self._release is None or said != f"{made_for(self._release)} {_digest(self._folder)}":
                return {}
            about = json.loads((self._folder / _ABOUT).read_bytes())
            return {slug: self._known(one) for slug, one in about.items()}
        except Exception:  # a damaged file raises whatever its reader stumbles over
            return {}

    def _known(self, about: Mapping[str, Any]) -> KnownData:
        rows = pl.read_ipc(self._folder / about["rows"])
        pieces = {path: pl.read_ipc(self._folder / name) for path, name in about["pieces"].items()}
        if rows.schema not in _ROWS or any(one.schema != pl.Schema(PIECE_SCHEMA) for one in pieces.values()):
            raise ValueError
        heads = {path: int(head) for path, head in about["heads"].items()}
        return KnownData(rows, pieces, heads, about["sha256"])

    def write(self, release: str, known: Mapping[str, KnownData]) -> None:
        """Make that of the release of that name, as `keep` has it."""
        keep(self._folder, _MADE_BY, partial(self._write, known))(release)

    def _write(self, known: Mapping[str, KnownData]) -> Callable[[str], str]:
        about = {slug: self._put(number, one) for number, (slug, one) in enumerate(known.items())}
        (self._folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
        digest = _digest(self._folder)
        return lambda release: f"{made_for(release)} {digest}"

    def _put(self, number: int, known: KnownData) -> dict[str, object]:
        rows = f"{number}.rows.arrow"
        pieces = {path: f"{number}.pieces-{place}.arrow" for place, path in enumerate(known.pieces)}
        for name, frame in ((rows, known.rows), *((pieces[path], one) for path, one in known.pieces.items())):
            frame.write_ipc(self._folder / name)
        return {"rows": rows, "pieces": pieces, "heads": dict(known.heads), "sha256": dict(known.sha256)}


def made_for(release: str) -> str:
    """The release, and what lines and their hashes depend on beside cells: the program and its libraries."""
    return f"{release} {made_by('polars', 'numpy', 'zlib')}"


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.name != _MADE_BY:
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

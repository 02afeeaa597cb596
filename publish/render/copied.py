"""What the data files of a night have of those of the live release, and from where it is copied."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from publish import urls
from publish.model.data_memory import LENGTHS, Ints, KnownData, forwards, same_rows, worthwhile
from publish.model.public import PublicTable
from publish.render.live_files import LiveFile
from publish.render.table_rows import TableRows, some_rows, with_few
from publish.render.xlsx import made_rows

PIECED = tuple(suffix for suffix in urls.PACKED_NAMES if suffix != "parquet")  # files in pieces
_FEW = 4  # one of so many rows may be written once more


@dataclass(frozen=True, slots=True)
class LiveFiles:
    """Data files of the live release by their suffix, with their SHA-256 by its manifest, and what is known of them."""

    paths: Mapping[str, Path]
    sha256: Mapping[str, str]
    known: KnownData


@dataclass(frozen=True, slots=True)
class Copied:
    """What is copied, and from where: live files by their suffix, with their SHA-256, and by kind of lines the bytes
    before the first one. `lengths` of their lines (LENGTHS) and `pieces` (by suffix) are files, for workers, as are
    `rows`: which row of the live files each row is (-1: it is new). Those that are new have a file of their own, since
    to read them from all rows takes as long as to read all. `sheet`: all rows, with those of the workbook's pieces that
    are made in a file of their own: those of packed files have the same rows."""

    paths: Mapping[str, Path]
    sha256: Mapping[str, str]
    heads: Mapping[str, int]
    lengths: Path
    pieces: Mapping[str, Path]
    rows: Path
    new: TableRows
    sheet: TableRows

    def opened(self, suffix: str) -> LiveFile:
        """One of the live files. Raises DamagedFile."""
        return LiveFile(self.paths[suffix], self.sha256[suffix])

    def pieces_of(self, suffix: str) -> pl.DataFrame:
        """Of one of the live files (PIECE_SCHEMA)."""
        return pl.read_ipc(self.pieces[suffix])


def copied_of(table: PublicTable, rows: TableRows, folder: Path, live: LiveFiles) -> Copied | None:
    """None where there is too little that can be copied."""
    same = forwards(worthwhile(same_rows(rows.digests(0, rows.height), live.known.rows["digest"].to_numpy())))
    if not (same >= 0).any():
        return None
    known, slug = live.known, table.info.slug
    heads = {kind: known.heads[_path(slug, kind)] for kind in LENGTHS if kind in known.rows.columns}
    path, lengths = (folder / f"{slug}.live.{name}" for name in ("npy", "lengths.arrow"))
    np.save(path, same)
    known.rows.select(*heads).write_ipc(lengths)
    pieces = {suffix: folder / f"{slug}.live.{suffix}.arrow" for suffix in live.paths if suffix in PIECED}
    for suffix, file in pieces.items():
        known.pieces[_path(slug, suffix)].write_ipc(file)
    new = some_rows(table, rows, np.flatnonzero(same < 0), folder / f"{slug}.new.arrow")
    made = made_rows(table.frame["_key"], known.pieces[_path(slug, "xlsx")], same)
    sheet = rows
    if len(made) * _FEW <= rows.height:
        sheet = with_few(table, rows, made, folder / f"{slug}.sheet.arrow")
    return Copied(live.paths, live.sha256, heads, lengths, pieces, path, new, sheet)


def with_searched(table: PublicTable, rows: TableRows, folder: Path, same: Ints, known: KnownData) -> TableRows:
    """With those rows besides whose cells the search of the files wants: new ones, and those that are searched in each
    build. It finds out by itself which it wants, and reads others from all rows."""
    proven = known.rows["proven"].to_numpy()
    few = np.flatnonzero((same < 0) | ~proven[np.maximum(same, 0)])
    return with_few(table, rows, few, folder / f"{table.info.slug}.few.arrow")


def _path(slug: str, suffix: str) -> str:
    return urls.file_of(urls.download(slug, suffix))

"""Which files a release in the making has: noted one by one, by thousands, and by rows of the previous release."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish import __version__
from publish.release.manifest import FILE_SCHEMA, Manifest
from publish.release.previous import Previous
from publish.release.stamps import Stamp

_NONE = np.zeros(0, dtype=np.int64)


class Noted:
    """Files in the order in which they come; `manifest` puts them in the order of their paths."""

    def __init__(self, as_of: date, previous: Previous | None) -> None:
        self._as_of = as_of
        self._previous = previous
        self._frames: list[pl.DataFrame] = []
        self._single: dict[str, tuple[int, str]] = {}
        self._kept: list[NDArray[np.int64]] = []
        self._of_cells: list[NDArray[np.int64]] = []
        self._made: tuple[Manifest, pl.Series] | None = None
        self._stamps: dict[str, Stamp] = {}

    def __contains__(self, path: str) -> bool:
        """Whether it was noted by itself."""
        return path in self._single

    def one(self, path: str, size: int, digest: str, stamp: Stamp | None = None) -> None:
        """A file by itself; `digest`: its SHA-256 (hex); `stamp`: by what it is told that it has that still."""
        self._single[path] = (size, digest)
        self._made = None
        if stamp is not None:
            self._stamps[path] = stamp

    def many(self, files: pl.DataFrame) -> None:
        """Files with the columns of FILE_SCHEMA."""
        self._frames.append(files)
        self._made = None

    def keep(self, rows: NDArray[np.int64], *, of_cells: bool) -> None:
        """Files of the previous release, by rows of its `files`, shared unread; `of_cells`: they are made of public
        cells and nothing else."""
        self._kept.append(rows)
        self._of_cells += [rows] if of_cells else []
        self._made = None

    @property
    def stamps(self) -> Mapping[str, Stamp]:
        """By path, of files of which it was noted."""
        return self._stamps

    @property
    def kept(self) -> NDArray[np.int64]:
        """All rows that are kept."""
        return np.concatenate([_NONE, *self._kept])

    def shared(self, files: pl.DataFrame) -> pl.DataFrame:
        """Those of `files` (`path`, `sha256`) that the previous release has too, by its manifest; and `unread`, whether
        one was shared without being read and is made of public cells alone."""
        if self._previous is None:
            return files.select("path", "sha256", unread=pl.lit(False)).clear()
        return self._previous.shared(files, np.concatenate([_NONE, *self._of_cells]))

    @property
    def manifest(self) -> Manifest:
        """What has been noted so far."""
        return self._all()[0]

    @property
    def inodes(self) -> pl.Series:
        """UInt64, of each of the manifest's files: which it has in the previous release if it is kept from there, else
        null."""
        return self._all()[1]

    def _all(self) -> tuple[Manifest, pl.Series]:
        if self._made is None:
            sizes, digests = ([entry[at] for entry in self._single.values()] for at in (0, 1))
            single = pl.DataFrame([list(self._single), sizes, digests], schema=dict(FILE_SCHEMA))
            files = pl.concat([*self._frames, single]).sort("path")
            files = files.with_columns(inode=pl.lit(None, dtype=pl.UInt64))
            if self._previous is not None and self.kept.size:
                files = files.merge_sorted(_rows(self._previous, self.kept), key="path")
            self._made = Manifest(self._as_of, __version__, files.drop("inode")), files["inode"]
        return self._made


def _rows(previous: Previous, rows: NDArray[np.int64]) -> pl.DataFrame:
    """These of its files with their inodes, sorted by path, as it has them; as often as each is named."""
    files, named = previous.files.with_columns(previous.inodes), np.zeros(previous.files.height, np.bool_)
    named[rows] = True
    # Which of all are named is told in a tenth of the time in which so many are picked one by one.
    return files.filter(pl.Series(named)) if np.count_nonzero(named) == rows.size else files[np.sort(rows)]

"""The rows of a public table as its data files have them, a part at a time, for whoever makes or searches files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.public import PublicField, PublicTable
from publish.render.cells import can_be_typed, excel_safe_column, typed
from publish.render.digests import digest_of

# The columns that are added to a table's own, by name, with their titles.
ADDED = {"permalink": "记录网址", "public_until": "公示截止日期", "flag": "标注"}
_TYPES = frozenset({"integer", "number", "boolean"})

_BATCH = 16_384  # rows that are read together

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows as files have them: `frame` has String columns by name (`public_until` too), `typed` the same with the types
    that every value of the table has, and `public_until` as Date."""

    frame: pl.DataFrame
    typed: pl.DataFrame


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table of which the `height` rows are in `path`, an IPC file, and their digests in `hashes`, a .npy file.
    `kept`: names of the fields that all values of the table have the type of, without loss; masked ones are text.
    `few`: some of the rows once more, as an IPC file, with a .npy file of which they are; whoever wants their cells
    need not read all rows for them."""

    path: Path
    hashes: Path
    height: int
    own: tuple[PublicField, ...]
    base_url: str
    kept: frozenset[str]
    few: Path | None = None

    @property
    def keys(self) -> pl.Series:
        """Of the records."""
        return pl.scan_ipc(self.path).select("_key").collect().to_series()

    @property
    def fields(self) -> tuple[PublicField, ...]:
        """What the columns are. Those that are added get underscores if a field has their name."""
        permalink, until, flag = self._added
        return (
            *(_described(field, field.name in self.kept) for field in self.own),
            PublicField(permalink, ADDED["permalink"], type="string", format="uri"),
            PublicField(until, ADDED["public_until"], type="date"),
            PublicField(flag, ADDED["flag"], type="string"),
        )

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the columns, for people."""
        return tuple(field.title or field.name for field in self.fields)

    def texts(self, rows: Ints) -> pl.DataFrame:
        """String columns of these rows, rising."""
        return self._part_of_few(rows, *self._texts())

    def columns(self, rows: Ints) -> Columns:
        """Of these rows, rising."""
        part = self._part_of_few(rows, *self._texts(), pl.col("_until"))
        own = [typed(one, one.name) for one in self.own if one.name in self.kept]
        until = pl.col("_until").alias(self._added[1])
        return Columns(part.drop("_until"), part.with_columns(*own, until).drop("_until"))

    def values(self) -> pl.LazyFrame:
        """All rows with the types that every value has, and `public_until` as Date."""
        return pl.scan_ipc(self.path).select(self._values())

    def _texts(self) -> list[pl.Expr]:
        _, until, flag = self._added
        return [
            *(pl.col(field.name).cast(pl.String) for field in self.own),
            self._address(),
            pl.col("_until").cast(pl.String).alias(until),
            pl.col("_flag").alias(flag),
        ]

    def _values(self) -> list[pl.Expr]:
        own = [typed(one, one.name) if one.name in self.kept else pl.col(one.name) for one in self.own]
        _, until, flag = self._added
        return [*own, self._address(), pl.col("_until").alias(until), pl.col("_flag").alias(flag)]

    def _address(self) -> pl.Expr:
        key = pl.col("_key")
        page = (pl.lit(f"{self.base_url}/r/"), key.str.head(2), pl.lit("/"), key, pl.lit(".html"))
        return pl.concat_str(*page).alias(self._added[0])

    def cells(self, rows: Ints, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Of these rows, rising: String columns called `0` and so on as CSV has them; `typed 0`: what JSON has instead,
        where a column has a type; `safe 0`: as the CSV for Excel has them. All of them, or those of these names."""
        texts, values = self._texts(), self._values()
        columns = []
        for name in names or self._names():
            kind, _, number = name.rpartition(" ")
            chosen = values[int(number)].cast(pl.String) if kind == "typed" else texts[int(number)]
            columns.append(chosen.alias(name))
        cells = self._part_of_few(rows, *columns) if names is None else self._part(rows, *columns)
        return cells.with_columns(excel_safe_column(one) for one in cells.get_columns() if one.name.startswith("safe"))

    def _names(self) -> list[str]:
        plain = [str(number) for number in range(len(self.fields))]
        typed_ones = [f"typed {number}" for number, one in enumerate(self.own) if one.name in self.kept]
        return [*plain, *typed_ones, *(f"safe {name}" for name in plain)]

    def digests(self, begin: int, count: int) -> NDArray[np.uint64]:
        """64 bits of all that a row's lines are made of, for each of these rows."""
        hashes: NDArray[np.uint64] = np.load(self.hashes, mmap_mode="r")[begin : begin + count]
        return hashes

    @property
    def _added(self) -> list[str]:
        names = [field.name for field in self.own]
        return [_free(name, names) for name in ADDED]

    def _part_of_few(self, rows: Ints, *columns: pl.Expr) -> pl.DataFrame:
        """As `_part`; the few rows from their own file."""
        own = np.load(self.few.with_suffix(".npy")) if self.few is not None else np.zeros(0, np.int64)
        there = np.isin(rows, own, assume_unique=True)
        if self.few is None or not there.any():
            return self._part(rows, *columns)
        few = _part(self.few, np.searchsorted(own, rows[there]), *columns)
        if there.all():
            return few
        every = pl.concat([few, self._part(rows[~there], *columns)])
        return every[np.argsort(np.r_[np.flatnonzero(there), np.flatnonzero(~there)])]

    def _part(self, rows: Ints, *columns: pl.Expr) -> pl.DataFrame:
        return _part(self.path, rows, *columns)


def _part(path: Path, rows: Ints, *columns: pl.Expr) -> pl.DataFrame:
    """Of these rows (rising) of a file."""
    table = pl.scan_ipc(path)
    if not len(rows) or rows[-1] - rows[0] + 1 == len(rows):
        return table.slice(int(rows[0]) if len(rows) else 0, len(rows)).select(columns).collect()
    batches, at = rows // _BATCH, [0]
    at += [*(np.flatnonzero(np.diff(batches)) + 1).tolist(), len(rows)]
    # Columns are derived of the rows alone that are wanted of a batch.
    return pl.concat(
        table.slice(int(batches[low]) * _BATCH, _BATCH).collect()[rows[low:high] % _BATCH] for low, high in pairwise(at)
    ).select(columns)


def table_rows(table: PublicTable, path: Path, base_url: str) -> TableRows:
    """Write the rows of a table to `path`, and their digests beside it."""
    part = _stored(table)
    part.write_ipc(path, record_batch_size=_BATCH)
    kept = frozenset(field.name for field in table.fields if can_be_typed(part[field.name], field))
    hashes = path.with_suffix(".npy")
    types = [(field.name, field.type) for field in table.fields if field.name in kept]
    np.save(hashes, part.hash_rows(seed=digest_of(part.schema, types, base_url)).to_numpy())
    return TableRows(path, hashes, part.height, table.fields, base_url, kept)


def some_rows(table: PublicTable, rows: TableRows, chosen: Ints, path: Path) -> TableRows:
    """Write those of the `rows` of a table that are `chosen` to `path`, with their digests: columns as those of all."""
    _stored(table)[chosen].write_ipc(path, record_batch_size=_BATCH)
    hashes = path.with_suffix(".npy")
    np.save(hashes, rows.digests(0, rows.height)[chosen])
    return replace(rows, path=path, hashes=hashes, height=len(chosen))


def with_few(table: PublicTable, rows: TableRows, chosen: Ints, path: Path) -> TableRows:
    """The `rows` of a table, of which those that are `chosen` (rising) are written to `path` besides."""
    _stored(table)[chosen].write_ipc(path, record_batch_size=_BATCH)
    np.save(path.with_suffix(".npy"), chosen)
    return replace(rows, few=path)


def _stored(table: PublicTable) -> pl.DataFrame:
    return table.frame.select(*(field.name for field in table.fields), "_key", "_until", "_flag")


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name


def _described(field: PublicField, is_kept: bool) -> PublicField:
    """The field as the CSV holds it: a type that not every value has, or that options would be needed for, is text."""
    if field.masked or field.type == "list" or (field.type in _TYPES and not is_kept):
        return PublicField(field.name, field.title, field.description, "string", "default", field.masked)
    return field

"""Records as lists show them (components/record-row): made when a page needs them, once, and kept in files.

A million of them are 0.7 GB, of which a night needs few.
"""

import mmap
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.distinct import distinct
from publish.model.public import PublicTable
from publish.render.bulk import BulkPlan, Slot, assemble, plan_of_shapes
from publish.render.contexts import DatasetView, Row
from publish.render.digests import row_digests
from publish.render.rows import ROW_COLUMNS, ROW_SLOTS, Words, row_slots
from publish.render.views import Desk

_SUBJECT: Mapping[str, pl.DataType] = {"_subject": pl.String(), "_until": pl.Date()}
# A record has an address and a title; whatever else a list shows of it may be missing. All shapes that there can be are
# few, and to see which there are every record would have to be looked at.
_SHAPES = tuple("11" + "".join(bits) for bits in product("01", repeat=len(ROW_SLOTS) - 2))
_NONE = np.uint32(0xFFFFFFFF)


class Fragments:
    """The records of all datasets, numbered through: those of a table follow those of the tables before it.

    `rows`: of each table a hash (UInt64) of each row; `hashes`: of each record one of all that its HTML is made of and
    perhaps of more; `records`: `_subject` and `_until` of each.
    """

    def __init__(self, desk: Desk, tables: Sequence[PublicTable], views: Sequence[DatasetView], folder: Path) -> None:
        """`views` are those of the tables; `folder` is for the files."""
        self._parts = [_Part(desk, table, view) for table, view in zip(tables, views, strict=True)]
        sizes = [table.frame.height for table in tables]
        self._begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.array(sizes, np.int64))])
        self._folder = folder
        self._files: list[Path] = []
        self._starts: list[int] = [0]  # of the files, in places; one more than files
        self._places: NDArray[np.uint32] = np.full(self._begins[-1], _NONE, np.uint32)
        self.rows = [part.rows for part in self._parts]
        self.hashes = pl.concat([pl.Series("hash", [], dtype=pl.UInt64), *(part.hashes for part in self._parts)])
        none = pl.DataFrame(schema=dict(_SUBJECT))
        self.records = pl.concat([none, *(table.frame.select(list(_SUBJECT)) for table in tables)])

    def begin(self, table: int) -> int:
        """The number of a table's first record."""
        return int(self._begins[table])

    def html(self, numbers: pl.Series) -> pl.Series:
        """HTML of these records (rising numbers)."""
        wanted = numbers.to_numpy()
        edges = np.searchsorted(wanted, self._begins)
        parts = [
            part.html(pl.Series(wanted[first:last] - begin))
            for part, begin, first, last in zip(self._parts, self._begins, edges, edges[1:], strict=False)
            if last > first
        ]
        return pl.concat([pl.Series("html", [], dtype=pl.String), *parts])

    def joined(self, lists: pl.Series) -> pl.Series:
        """HTML of the records of each of `lists`, List(UInt32)."""
        numbers, which = np.unique(lists.explode(empty_as_null=False).to_numpy(), return_inverse=True)
        html = self.html(pl.Series(numbers)).gather(which)
        return nested(html, lists.list.len()).list.join("").alias(lists.name)

    def placed(self, lists: pl.Series) -> tuple[tuple[Path, ...], pl.Series]:
        """`lists` of numbers, List(UInt32), as what joined_fragments needs: files, and places in them for numbers."""
        flat = lists.explode(empty_as_null=False).to_numpy()
        self._make(distinct(flat[self._places[flat] == _NONE]))
        places, starts = self._places[flat], np.array(self._starts)
        of = np.searchsorted(starts, places, side="right") - 1
        needed, which = np.unique(of, return_inverse=True)
        sizes = np.diff(starts)[needed]
        near = places - starts[of] + (np.cumsum(sizes) - sizes)[which]
        counts = lists.list.len()
        made = nested(pl.Series(near, dtype=pl.UInt32), counts)
        return tuple(self._files[one] for one in needed), made.alias(lists.name)

    def _make(self, numbers: NDArray[np.uint32]) -> None:
        if not len(numbers):
            return
        path = self._folder / f"fragments-{len(self._files)}.html"
        save_fragments(path, self.html(pl.Series(numbers)))
        self._places[numbers] = np.arange(self._starts[-1], self._starts[-1] + len(numbers), dtype=np.uint32)
        self._files.append(path)
        self._starts.append(self._starts[-1] + len(numbers))


class _Part:
    """The records of one table."""

    def __init__(self, desk: Desk, table: PublicTable, view: DatasetView) -> None:
        self._table = table
        self._words = Words(desk.label)
        self._plan = row_plan(desk, view, _SHAPES)
        self.rows = table.digests
        # Of the whole row, which is hashed for its own page too: what lists do not show changes seldom on its own.
        constants = [self._plan.pieces[shape] for shape in _SHAPES]
        self.hashes = row_digests(self.rows.to_frame("row"), constants, self._words.digest, table.info.title)

    def html(self, rows: pl.Series) -> pl.Series:
        return assemble(self._plan, self._slots(self._table.frame.select(ROW_COLUMNS)[rows])).alias("html")

    def _slots(self, frame: pl.DataFrame) -> pl.DataFrame:
        return row_slots(frame, self._table.info, self._words)


def row_plan(desk: Desk, dataset: DatasetView, shapes: Sequence[str]) -> BulkPlan:
    """Plan of one record in a list, for these shapes of ROW_SLOTS."""
    macro = desk.environment.get_template("components/record-row/macro.html").module.record_row  # type: ignore[attr-defined]
    return plan_of_shapes(ROW_SLOTS, shapes, lambda slots: str(macro(list_row(slots, dataset))))


def list_row(slots: Mapping[str, Slot | str | None], dataset: DatasetView) -> Row:
    """What a list shows of one record, from slots or text."""
    cells = {name: slots[name] for name in ROW_SLOTS}
    return Row(dataset_title=dataset.title, kind=dataset.kind, **cells)  # type: ignore[arg-type]


def save_fragments(path: Path, html: pl.Series) -> None:
    """A file of HTML (String) of records, at least one; and one beside it that tells where they begin and the last one
    ends."""
    path.write_bytes(html.str.join("").cast(pl.Binary).item())
    np.save(_bounds_of(path), np.append(0, html.str.len_bytes().cast(pl.Int64).cum_sum().to_numpy()))


def load_fragments(path: Path) -> pl.Series:
    """All that save_fragments has saved."""
    data, bounds = path.read_bytes(), np.load(_bounds_of(path)).tolist()
    return _texts("html", [data[begin:end] for begin, end in pairwise(bounds)])


def joined_fragments(lists: pl.Series, files: Sequence[Path]) -> pl.Series:
    """The HTML (String) of each of `lists` of places, List(UInt32), in what the `files` hold, one after the other.

    Records of a listing are in all files that there are, some in each: only those are read, which is done one by one.
    """
    bounds = [np.load(_bounds_of(path)) for path in files]
    starts = np.cumsum([0, *(len(one) - 1 for one in bounds)])
    places = lists.explode(empty_as_null=False).to_numpy()
    of = np.searchsorted(starts, places, side="right") - 1
    begins, ends = (np.concatenate([one[side : len(one) - 1 + side] for one in bounds])[places] for side in (0, 1))
    with ExitStack() as mapped:
        data = [mapped.enter_context(_mapped(path)) for path in files]
        pieces = [
            data[at][first:last] for at, first, last in zip(*(x.tolist() for x in (of, begins, ends)), strict=True)
        ]
    edges = np.append(0, lists.list.len().cast(pl.Int64).cum_sum().to_numpy()).tolist()
    return _texts(lists.name, [b"".join(pieces[first:last]) for first, last in pairwise(edges)])


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _bounds_of(path: Path) -> Path:
    return path.with_suffix(".npy")


def _texts(name: str, data: list[bytes]) -> pl.Series:
    return pl.Series(name, data, dtype=pl.Binary).cast(pl.String)


def nested(values: pl.Series, counts: pl.Series) -> pl.Series:
    """`values` as lists of so many each; none is empty."""
    of = np.repeat(np.arange(len(counts), dtype=np.uint32), counts.to_numpy())
    return pl.DataFrame({"list": of, "value": values}).group_by("list", maintain_order=True).agg("value")["value"]

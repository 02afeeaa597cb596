"""Bulk pages of one template: what they are made from, and partitions of them that any executor can assemble."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from publish.model.artifact import FileWriter, Findings, PageSearch, written_whole
from publish.render.bulk import (
    BulkPlan,
    around_cells,
    assemble_escaped,
    escape_cells,
    plan_of_shapes,
    shapes_of,
)
from publish.render.cell_lines import can_list, doubtful_lists, doubtful_pages
from publish.render.digests import digest_of
from publish.render.fragments import Fragments, joined_fragments
from publish.render.qr import qr_paths

PARTITION_ROWS = 10_000  # some 80 MB of pages
DRAWN = frozenset({"qr_path"})  # made of the page's address, which stands in the page, and of nothing else
LISTED = frozenset({"rows"})  # fragments

# Renders one page from its slots, or from text in their place.
Render = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Pages:
    """Bulk pages of one template. `name` tells them apart from others of the site.

    `inputs`, one row per page: `path` String, and `inputs` UInt64, a hash of what the path and all cells of the page
    come from; constants of the template aside. `slots` gives the slots (String) of the pages at some positions, and
    their `path`; `render` and `raw` as derive_plan has them. `origin` (the site's scheme and host): pages show the QR
    code of their address, and their slots have `url` and `qr_size`. `fragments`: the slot `rows` holds numbers of
    records, List(UInt32), in whose place the pages have the records as lists show them. `size` pages are made together.
    """

    name: str
    inputs: pl.DataFrame
    slots: Callable[[pl.Series], pl.DataFrame]
    render: Render
    raw: frozenset[str] = frozenset()
    origin: str | None = None
    fragments: Fragments | None = None
    size: int = PARTITION_ROWS

    def shapes(self, slots: pl.DataFrame) -> pl.Series:
        """The shape (String) of each page with these slots."""
        return shapes_of(self._as_planned(slots))

    def _as_planned(self, slots: pl.DataFrame) -> pl.DataFrame:
        return slots.drop("path") if self.origin is None else slots.drop("path").with_columns(qr_path="qr_size")

    def plan(self, shapes: Sequence[str]) -> BulkPlan:
        """The plan of these shapes."""
        names = self._as_planned(self.slots(pl.Series([], dtype=pl.UInt32))).columns
        return plan_of_shapes(names, shapes, self.render, sorted(self.raw))


class Plans:
    """The plans of some pages, cut for each shape when it is met: not every page need be looked at before."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._known: dict[str, BulkPlan] = {}
        self._digests: dict[str, int] = {}

    def of(self, shapes: Sequence[str]) -> BulkPlan:
        """The plan of these shapes, at least one."""
        self._learn(shapes)
        first = self._known[shapes[0]]
        pieces = {shape: self._known[shape].pieces[shape] for shape in shapes}
        return BulkPlan(first.slots, first.raw, pieces)

    def constants(self, shapes: Sequence[str]) -> dict[str, int]:
        """A hash (64 bits) of all that pages of each shape have in common."""
        self._learn(shapes)
        return {shape: self._digests[shape] for shape in shapes}

    def _learn(self, shapes: Sequence[str]) -> None:
        new = [shape for shape in shapes if shape not in self._known]
        if not new:
            return
        plan = self._pages.plan(new)
        for shape in new:
            self._known[shape] = plan
            self._digests[shape] = digest_of(plan.slots, plan.pieces[shape], sorted(plan.raw), self._pages.origin)


@dataclass(frozen=True, slots=True)
class Partition:
    """A piece of bulk work, small to send: `rows` is a Parquet file of slot columns plus `path`, sorted by path.
    `writer` writes the pages; None: they go into the file `out`.

    QR codes are made by whoever assembles the pages, in parallel: of all subjects at once they would be a gigabyte.
    `fragments` are the files to which the numbers in the slot `rows` lead. `search`: what they are searched with.
    """

    plan: BulkPlan
    rows: Path
    out: Path
    origin: str | None = None
    fragments: tuple[Path, ...] = ()
    search: PageSearch | None = None
    writer: FileWriter | None = None


class Made(NamedTuple):
    """What was found in the pages of a partition, if they were searched; what its writer has told, if it has one."""

    findings: Findings
    told: pl.DataFrame | None


def render_partition(partition: Partition) -> Made:
    """Make the pages of a partition, search them, and write them: to their places, or into an Arrow file (`path` and
    `html`, both String) for a writer elsewhere. That may be done again; what has a writer is done once."""
    frame, search, doubtful = pl.read_parquet(partition.rows), partition.search, None
    if partition.fragments:
        if search is not None and can_list(search):
            doubtful = doubtful_lists(frame["rows"], partition.fragments, search)
        frame = frame.with_columns(joined_fragments(frame["rows"], partition.fragments))
    if partition.origin is not None:
        frame = with_qr(frame, partition.origin)
    pages = _searchable(partition.plan, frame, search, doubtful)
    found = search(pages) if search else {}
    if partition.writer is not None:
        return Made(found, partition.writer(pages["html"]))
    with written_whole(partition.out) as new:
        pages.select("path", "html").write_ipc(new)
    return Made(found, None)


def _searchable(
    plan: BulkPlan, frame: pl.DataFrame, search: PageSearch | None, doubtful: pl.Series | None
) -> pl.DataFrame:
    """`path`, `html`, `near` as PageSearch has them; the first page of each shape is searched whole. `doubtful`: pages
    that are so by their fragments, if those have been searched."""
    cells = escape_cells(plan, frame)
    shapes = shapes_of(cells)
    pages = frame.select("path", assemble_escaped(plan, cells, shapes).alias("html"))
    if search is None or search.lines is None:
        return pages.with_columns(pl.lit(None, dtype=pl.String).alias("near"))
    listed = frozenset() if doubtful is None else LISTED
    may_hold = doubtful_pages(plan, cells, shapes, search, drawn=DRAWN, listed=listed)
    rows = (may_hold if doubtful is None else may_hold | doubtful).arg_true()
    around = around_cells(plan, search.lines, "\n" * (search.lines + 1))
    near = pl.repeat("", pages.height, dtype=pl.String, eager=True)
    near = near.scatter(rows, assemble_escaped(around, cells[rows], shapes[rows]))
    return pages.with_columns(near.scatter(shapes.is_first_distinct().arg_true(), None).alias("near"))


def with_qr(slots: pl.DataFrame, origin: str) -> pl.DataFrame:
    """Slots of pages, which have `url`, with `qr_path`, null where `qr_size` is."""
    return slots.with_columns(qr_paths(origin + slots["url"]).alias("qr_path"))

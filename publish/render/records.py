"""Record and subject pages: bulk pages, rendered by partition so that any executor can share the work."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from markupsafe import Markup

from publish import urls
from publish.model.artifact import Findings, PageSearch, written_whole
from publish.model.public import PublicTable
from publish.render.bulk import (
    BulkPlan,
    Slot,
    around_cells,
    assemble,
    assemble_escaped,
    derive_plan,
    escape_cells,
    shapes_of,
)
from publish.render.cell_lines import doubtful_pages
from publish.render.contexts import DatasetView, Link, Meta, QrView, RecordPage, Row, SubjectPage, Value
from publish.render.qr import qr_paths, qr_sizes
from publish.render.rows import ROW_SLOTS, VALUE_PREFIX, stated
from publish.render.views import Desk

PARTITION_ROWS = 10_000  # some 80 MB of pages
DRAWN = frozenset({"qr_path"})  # made of the page's address, which stands in the page, and of nothing else


@dataclass(frozen=True, slots=True)
class Partition:
    """A piece of bulk work, small to send: `rows` is a Parquet file of slot columns plus `path`, `out` the result.

    `origin` (scheme and host): pages show the QR code of their address there. The codes are made by whoever assembles
    the pages, in parallel: of all subjects at once they would be a gigabyte. `search`: what they are searched with.
    """

    plan: BulkPlan
    rows: Path
    out: Path
    origin: str | None = None
    search: PageSearch | None = None


def render_partition(partition: Partition) -> Findings:
    """Assemble the pages of a partition into an Arrow file: `path` and `html`, both String. Runs anywhere. Returns what
    is found in them, if they are searched."""
    frame = pl.read_parquet(partition.rows)
    if partition.origin is not None:
        frame = with_qr(frame, partition.origin)
    pages = _searchable(partition.plan, frame, partition.search)
    found = partition.search(pages) if partition.search else {}
    with written_whole(partition.out) as new:
        # One folder after the other: files are made half as fast again as in the order of the records.
        pages.select("path", "html").sort("path").write_ipc(new)
    return found


def _searchable(plan: BulkPlan, frame: pl.DataFrame, search: PageSearch | None) -> pl.DataFrame:
    """`path`, `html`, `near` as PageSearch has them; the first page of each shape is searched whole."""
    cells = escape_cells(plan, frame)
    shapes = shapes_of(cells)
    pages = frame.select("path", assemble_escaped(plan, cells, shapes).alias("html"))
    if search is None or search.lines is None:
        return pages.with_columns(pl.lit(None, dtype=pl.String).alias("near"))
    doubtful = doubtful_pages(plan, cells, shapes, search, DRAWN).arg_true()
    around = around_cells(plan, search.lines, "\n" * (search.lines + 1))
    near = pl.repeat("", pages.height, dtype=pl.String, eager=True)
    near = near.scatter(doubtful, assemble_escaped(around, cells[doubtful], shapes[doubtful]))
    return pages.with_columns(near.scatter(shapes.is_first_distinct().arg_true(), None).alias("near"))


@dataclass(frozen=True, slots=True)
class Pages:
    """Bulk pages of one plan: `slots` are its columns and `path`; `origin` as in Partition; `size` pages are made
    together. `name` is told apart from others at work."""

    name: str
    plan: BulkPlan
    slots: pl.DataFrame
    origin: str | None = None
    size: int = 0

    @property
    def shapes(self) -> pl.Series:
        """The shape (String) of each page."""
        slots = self.slots if self.origin is None else self.slots.with_columns(qr_path="qr_size")
        return shapes_of(slots.select(self.plan.slots))

    def partitions(
        self, chosen: pl.Series, scratch: Path, search: PageSearch | None, part: str = "pages"
    ) -> Iterator[Partition]:
        """The `chosen` pages (Boolean) as partitions, in `scratch`; `part` tells these from others of the same."""
        frame, size = self.slots.filter(chosen), self.size or PARTITION_ROWS
        for number, start in enumerate(range(0, frame.height, size)):
            rows, out = (scratch / f"{self.name}-{part}-{number}.{suffix}" for suffix in ("parquet", "arrow"))
            frame.slice(start, size).write_parquet(rows, compression="lz4")
            yield Partition(self.plan, rows, out, self.origin, search)


def derive_row_plan(desk: Desk, rows: pl.DataFrame, dataset: DatasetView) -> BulkPlan:
    """Plan of one record in a list (components/record-row)."""
    macro = desk.environment.get_template("components/record-row/macro.html").module.record_row  # type: ignore[attr-defined]
    return derive_plan(rows, lambda slots: str(macro(_row(slots, dataset))))


def derive_record_plan(desk: Desk, table: PublicTable, slots: pl.DataFrame, dataset: DatasetView) -> BulkPlan:
    """Plan of a dataset's record page (pages/record.html)."""
    return derive_plan(slots, record_renderer(desk, table, dataset))


def record_renderer(
    desk: Desk, table: PublicTable, dataset: DatasetView
) -> Callable[[Mapping[str, Slot | str | None]], str]:
    """Render one record page from its slots; with text instead of slots it is the plain rendering that tests use."""
    template = desk.environment.get_template("pages/record.html")

    def render(slots: Mapping[str, Slot | str | None]) -> str:
        values = tuple(
            Value(label=field.title, text=cell, name=field.name)  # type: ignore[arg-type]
            for field in table.fields
            if (cell := slots[VALUE_PREFIX + field.name]) is not None
        )
        meta = Meta(
            title=slots["title"],  # type: ignore[arg-type]
            path=slots["url"],  # type: ignore[arg-type]
            description=slots["description"] or "",  # type: ignore[arg-type]
            breadcrumbs=desk.crumbs(
                Link(desk.label("nav.datasets"), urls.DATASETS),
                Link(dataset.title, dataset.url),
                Link(slots["title"]),  # type: ignore[arg-type]
            ),
            expires=slots["until"],  # type: ignore[arg-type]
            published=slots["date"],  # type: ignore[arg-type]
            source=table.info.provider,
            steady=True,
        )
        page = RecordPage(
            meta=meta,
            row=_row(slots, dataset),
            values=values,
            subject_url=slots["subject_url"],  # type: ignore[arg-type]
            flag_note=slots["flag_note"],  # type: ignore[arg-type]
            dataset=dataset,
            legal_basis=table.info.legal_basis,
        )
        return template.render(page=page)

    return render


def _row(slots: Mapping[str, Slot | str | None], dataset: DatasetView) -> Row:
    cells = {name: slots[name] for name in ROW_SLOTS}
    return Row(dataset_title=dataset.title, kind=dataset.kind, **cells)  # type: ignore[arg-type]


def subject_slots(subjects: pl.DataFrame, rows: pl.DataFrame, origin: str) -> pl.DataFrame:
    """One row per subject: `name`, `code`, `count`, `rows` (HTML), `url`, `expires`, `qr_size`, String, and `path`.

    `subjects` as in Site; `rows` has `key` and `html` (the record as a list shows it). `expires` is the last day of
    the record that stays longest (null if one has no end): each row hides itself on its own day before that. `origin`
    is the site's scheme and host; `qr_size` is null where an address is too long for a QR code.
    """
    longest = pl.when(pl.col("until").is_null().any()).then(None).otherwise(pl.col("until").max())
    return (
        subjects.join(rows, on="key", how="inner", maintain_order="left")
        .group_by("code", maintain_order=True)
        .agg(
            stated("name").drop_nulls().first().alias("name"),
            pl.len().cast(pl.String).alias("count"),
            pl.col("html").str.join("").alias("rows"),
            longest.cast(pl.String).alias("expires"),
        )
        .with_columns(
            pl.col("name").fill_null(pl.col("code")),
            pl.concat_str(
                pl.lit("/s/"), pl.col("code").str.slice(-2), pl.lit("/"), pl.col("code"), pl.lit(".html")
            ).alias("url"),
        )
        .with_columns(
            (origin + pl.col("url")).map_batches(qr_sizes, return_dtype=pl.UInt8).cast(pl.String).alias("qr_size"),
            pl.col("url").str.strip_prefix("/").alias("path"),
        )
        .sort("path")  # a partition has few folders
    )


def with_qr(slots: pl.DataFrame, origin: str) -> pl.DataFrame:
    """Slots of pages, which have `url`, with `qr_path`, null where `qr_size` is."""
    return slots.with_columns(qr_paths(origin + slots["url"]).alias("qr_path"))


def derive_subject_plan(desk: Desk, slots: pl.DataFrame) -> BulkPlan:
    """Plan of the subject pages (pages/subject.html). `slots` without `path`; `qr_path` need only be there or not."""
    return derive_plan(slots, subject_renderer(desk), raw=("rows", "qr_path"))


def subject_renderer(desk: Desk) -> Callable[[Mapping[str, Slot | Markup | str | None]], str]:
    """Render one subject page from its slots."""
    template = desk.environment.get_template("pages/subject.html")

    def render(slots: Mapping[str, Slot | Markup | str | None]) -> str:
        meta = Meta(
            title=slots["name"],  # type: ignore[arg-type]
            path=slots["url"],  # type: ignore[arg-type]
            description=slots["name"],  # type: ignore[arg-type]
            breadcrumbs=desk.crumbs(Link(slots["name"])),  # type: ignore[arg-type]
            expires=slots["expires"],  # type: ignore[arg-type]
            steady=True,
        )
        code = QrView(slots["qr_size"], slots["qr_path"]) if slots["qr_path"] is not None else None  # type: ignore[arg-type]
        return template.render(
            page=SubjectPage(meta, slots["name"], slots["code"], slots["count"], slots["rows"], code)  # type: ignore[arg-type]
        )

    return render


def rows_html(plan: BulkPlan, rows: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """`key` and `html` of each record as a list shows it, in the table's order."""
    return pl.DataFrame({"key": keys, "html": assemble(plan, rows)})


def record_pages(desk: Desk, table: PublicTable, slots: pl.DataFrame, dataset: DatasetView) -> Pages:
    """A dataset's record pages."""
    plan = derive_record_plan(desk, table, slots, dataset)
    return Pages(
        f"records-{table.info.slug}", plan, slots.with_columns(pl.col("url").str.strip_prefix("/").alias("path"))
    )


def subject_pages(desk: Desk, slots: pl.DataFrame) -> Pages:
    """The subject pages."""
    plan = derive_subject_plan(desk, slots.drop("path").with_columns(qr_path="qr_size"))
    return Pages("subjects", plan, slots, origin=desk.config.base_url)

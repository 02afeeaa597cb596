"""Record and subject pages: what they are made from, and their templates."""

from collections.abc import Callable, Mapping

import polars as pl
from markupsafe import Markup

from publish import urls
from publish.model.public import PublicTable
from publish.render.bulk import Slot
from publish.render.bulk_pages import Pages
from publish.render.contexts import DatasetView, Link, Meta, QrView, Value
from publish.render.digests import group_digests, row_digests
from publish.render.fragments import Fragments, list_row
from publish.render.page_contexts import RecordPage, SubjectPage
from publish.render.qr import qr_sizes
from publish.render.rows import VALUE_PREFIX, Words, record_path, record_slots, stated, subject_path
from publish.render.views import Desk


def record_pages(desk: Desk, table: PublicTable, dataset: DatasetView, digests: pl.Series) -> Pages:
    """A dataset's record pages. `digests`: a hash (UInt64) of each of the table's rows."""
    words = Words(desk.label)
    paths = table.frame.select(record_path().alias("path"))["path"]
    inputs = row_digests(digests.to_frame("row"), words.digest, table.info, table.fields)

    def slots(rows: pl.Series) -> pl.DataFrame:
        made = record_slots(table.frame[rows], table.info, table.fields, words)
        return made.with_columns(paths[rows])

    return Pages(
        f"records-{table.info.slug}",
        pl.DataFrame([paths, inputs.alias("inputs")]),
        slots,
        record_renderer(desk, table, dataset),
    )


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
            row=list_row(slots, dataset),
            values=values,
            subject_url=slots["subject_url"],  # type: ignore[arg-type]
            flag_note=slots["flag_note"],  # type: ignore[arg-type]
            dataset=dataset,
            legal_basis=table.info.legal_basis,
        )
        return template.render(page=page)

    return render


def subject_pages(desk: Desk, subjects: pl.DataFrame, fragments: Fragments) -> Pages:
    """The subject pages; `subjects` as in Site."""
    origin = desk.config.base_url
    pages = _subject_inputs(subjects, fragments.hashes, origin)

    def slots(chosen: pl.Series) -> pl.DataFrame:
        numbered = pages[chosen].select("code", pl.col("records").alias("number"))
        numbered = numbered.explode("number", empty_as_null=False)
        rows = fragments.records[numbered["number"]]
        return subject_slots(
            numbered.with_columns(rows["_subject"].alias("name"), rows["_until"].alias("until")), origin
        )

    return Pages(
        "subjects",
        pages.select("path", "inputs"),
        slots,
        subject_renderer(desk),
        raw=frozenset({"rows", "qr_path"}),
        origin=origin,
        fragments=fragments,
    )


def _subject_inputs(subjects: pl.DataFrame, hashes: pl.Series, origin: str) -> pl.DataFrame:
    """One row per subject: `path`, `inputs`, `code`, `records`."""
    lists = subjects["records"]
    counts = lists.list.len().alias("count")
    digests = group_digests(hashes.gather(lists.explode(empty_as_null=False)), counts)
    inputs = row_digests(pl.DataFrame([subjects["code"], counts, digests.alias("records")]), origin)
    return subjects.select(subject_path().alias("path"), inputs.alias("inputs"), "code", "records")


def subject_slots(rows: pl.DataFrame, origin: str) -> pl.DataFrame:
    """One row per subject, in order: `name`, `code`, `count`, `url`, `expires`, `qr_size` and `path`, String, and
    `rows`, List(UInt32), numbers of records.

    `rows`, one for each of their records: `code`, `name`, `until` (Date), `number`. `expires` is the last day of the
    record that stays longest (null if one has no end): each row hides itself on its own day before that. `origin` is
    the site's scheme and host; `qr_size` is null where an address is too long for a QR code.
    """
    longest = pl.when(pl.col("until").is_null().any()).then(None).otherwise(pl.col("until").max())
    return (
        rows.group_by("code", maintain_order=True)
        .agg(
            stated("name").drop_nulls().first().alias("name"),
            pl.len().cast(pl.String).alias("count"),
            pl.col("number").alias("rows"),
            longest.cast(pl.String).alias("expires"),
        )
        .with_columns(pl.col("name").fill_null(pl.col("code")), subject_path().alias("path"))
        .with_columns(("/" + pl.col("path")).alias("url"))
        .with_columns(
            (origin + pl.col("url")).map_batches(qr_sizes, return_dtype=pl.UInt8).cast(pl.String).alias("qr_size")
        )
    )


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

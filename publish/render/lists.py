"""Listings: a dataset's records by month and by authority, newest first, cut into pages that seldom change.

The first page of each is made for itself: it tells how many records there are, and leads to all its days or months.
All others are bulk pages, and tell nothing that changes with the records of other pages.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import polars as pl
from markupsafe import Markup

from publish import urls
from publish.model.public import PublicTable
from publish.model.site import UNDATED, DatasetSummary
from publish.render.bulk import Slot, derive_plan
from publish.render.contexts import CountLink, DatasetView, Link, ListingPage, Pager
from publish.render.pagers import (
    HREFS,
    LABELS,
    NEAR,
    PAGE_SLOTS,
    Grouping,
    date_links,
    listed_records,
    listing_pages,
    month_label,
)
from publish.render.records import Pages
from publish.render.views import Desk, column_meta

_TOGETHER = 1000  # pages of a partition: some 40 MB
_AT_ONCE = 4 * _TOGETHER  # pages whose HTML is in memory

Slots = Mapping[str, Slot | Markup | str | None]


@dataclass(frozen=True, slots=True)
class Listings:
    """All listings of a dataset by month, or all by authority. `fragments`: HTML of each record of the table; `records`
    (`listing`, `page`, `place`) and `pages` as pagers.py has them, these with `title`; `dates` and `months`: links of
    first pages, by listing and of all."""

    dataset: DatasetView
    fragments: pl.Series
    records: pl.DataFrame
    pages: pl.DataFrame
    dates: Mapping[int, tuple[CountLink, ...]]
    months: tuple[Link, ...]


def listings(
    desk: Desk, table: PublicTable, summary: DatasetSummary, dataset: DatasetView, rows: pl.DataFrame
) -> Iterator[Listings]:
    """The listings by month, then those by authority. `rows` has `html`, in the table's order."""
    months = tuple(Link(link.label, link.href) for link in month_links(desk, summary))
    for grouping in groupings(desk, summary):
        records = listed_records(table.frame, grouping.name, desk.config.limits.listing_rows)
        pages = listing_pages(desk, records, grouping)
        pages = pages.with_columns(_title(dataset.title).alias("title"))
        dates = date_links(desk, records, pages, grouping.monthly)
        of_pages = records.select("listing", "page", "place")
        yield Listings(dataset, rows["html"], of_pages, pages, dates, months if grouping.monthly else ())


def groupings(desk: Desk, summary: DatasetSummary) -> tuple[Grouping, Grouping]:
    """By month and by authority."""
    slug = summary.info.slug
    month = pl.col("_date").dt.strftime("%Y-%m").fill_null(UNDATED)
    return (
        Grouping(month, partial(month_label, desk), partial(urls.listing, slug), monthly=True),
        Grouping(pl.col("_authority"), str, partial(urls.authority, slug), monthly=False),
    )


def _title(dataset: str) -> pl.Expr:
    name = pl.concat_str(pl.lit(f"{dataset} "), "heading")
    return pl.when(pl.col("page") == 0).then(name).otherwise(pl.concat_str(name, pl.lit(" "), "label"))


def render_first_pages(desk: Desk, every: Listings) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of the first page of each listing."""
    counts = dict(every.records.group_by("listing").len().iter_rows())
    firsts = every.pages.filter(pl.col("page") == 0)
    for start in range(0, firsts.height, _TOGETHER):
        for row in with_rows(every, firsts.slice(start, _TOGETHER)).iter_rows(named=True):
            one = row["listing"]
            render = listing_renderer(desk, every.dataset, counts[one], every.dates.get(one, ()), every.months)
            yield row["url"], render(row | {"rows": Markup(row["rows"])}).encode()


def further_pages(desk: Desk, every: Listings, name: str) -> Iterator[Pages]:
    """All other pages, as bulk pages, some thousands at a time."""
    others = every.pages.filter(pl.col("page") > 0)
    for number, start in enumerate(range(0, others.height, _AT_ONCE)):
        slots = with_rows(every, others.slice(start, _AT_ONCE)).select("title", *PAGE_SLOTS, "rows")
        plan = derive_plan(slots, listing_renderer(desk, every.dataset), raw=("rows",))
        path = pl.Series("path", [urls.file_of(url) for url in slots["url"]], dtype=pl.String)
        yield Pages(f"{name}-{number}", plan, slots.with_columns(path), size=_TOGETHER)


def with_rows(every: Listings, pages: pl.DataFrame) -> pl.DataFrame:
    """Some of the pages with `rows`, the HTML of their records."""
    of = pages.select("listing", "page")
    records = every.records.join(of, on=["listing", "page"], how="semi", maintain_order="left")
    html = records.with_columns(every.fragments.gather(records["place"]).alias("rows"))
    joined = html.group_by("listing", "page", maintain_order=True).agg(pl.col("rows").str.join(""))
    return pages.join(joined, on=["listing", "page"], how="left", maintain_order="left")


def listing_renderer(
    desk: Desk,
    dataset: DatasetView,
    count: int | None = None,
    dates: tuple[CountLink, ...] = (),
    months: tuple[Link, ...] = (),
) -> Callable[[Slots], str]:
    """Render one page of a listing from its slots. `count`, `dates`, `months`: of first pages only."""
    template = desk.environment.get_template("pages/listing.html")
    column = (Link(desk.label("nav.datasets"), urls.DATASETS), Link(dataset.title, dataset.url))

    def render(slots: Slots) -> str:
        heading, label, home = slots["heading"], slots["label"], slots["home"]
        place = (Link(heading, home), Link(label)) if home is not None else (Link(heading),)  # type: ignore[arg-type]
        meta = column_meta(desk, slots["title"], slots["url"], (*column, *place))  # type: ignore[arg-type]
        page = ListingPage(
            meta=replace(meta, steady=True),
            dataset=dataset,
            heading=heading,  # type: ignore[arg-type]
            label=label if home is not None else None,  # type: ignore[arg-type]
            count=count,
            size=slots["size"],  # type: ignore[arg-type]
            span=slots["span"],  # type: ignore[arg-type]
            rows=slots["rows"],  # type: ignore[arg-type]
            pager=_pager(slots),
            dates=dates,
            months=months,
        )
        return template.render(page=page)

    return render


def _pager(slots: Slots) -> Pager:
    near = [(slots[label], slots[href]) for label, href in zip(LABELS, HREFS, strict=True)]
    return Pager(
        first=slots["first"],  # type: ignore[arg-type]
        previous=slots[HREFS[NEAR - 1]],  # type: ignore[arg-type]
        next=slots[HREFS[NEAR + 1]],  # type: ignore[arg-type]
        last=slots["last"],  # type: ignore[arg-type]
        dates=slots["dates"],  # type: ignore[arg-type]
        pages=tuple(Link(label, href) for label, href in near if label is not None),  # type: ignore[arg-type]
    )


def month_links(desk: Desk, summary: DatasetSummary) -> tuple[CountLink, ...]:
    """Links to the months of a dataset."""
    slug = summary.info.slug
    return tuple(CountLink(month_label(desk, name), urls.listing(slug, name), n) for name, n in summary.months)


def authority_links(summary: DatasetSummary) -> tuple[CountLink, ...]:
    """Links to the authorities of a dataset."""
    slug = summary.info.slug
    return tuple(CountLink(name, urls.authority(slug, name), count) for name, count in summary.authorities)

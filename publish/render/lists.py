"""Listings: a dataset's records by month and by authority, newest first, cut into pages that seldom change.

The first page of each is made for itself: it tells how many records there are, and leads to all its days or months.
All others are bulk pages, and tell nothing that changes with the records of other pages.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import polars as pl
from markupsafe import Markup

from publish import urls
from publish.model.public import PublicTable
from publish.model.site import UNDATED, DatasetSummary
from publish.render.bulk import Slot
from publish.render.bulk_pages import Pages
from publish.render.contexts import CountLink, DatasetView, Link, Pager
from publish.render.cutting import key_weights
from publish.render.digests import group_digests, row_digests
from publish.render.fragments import Fragments, nested
from publish.render.page_contexts import ListingPage
from publish.render.pagers import (
    HREFS,
    LABELS,
    NEAR,
    PAGE_SLOTS,
    Grouping,
    date_groups,
    date_links,
    listed_records,
    listing_pages,
    month_label,
)
from publish.render.views import Desk, column_meta

_NO_MONTH = date(1, 1, 2)
_TOGETHER = 1000  # pages of a partition: some 40 MB

Slots = Mapping[str, Slot | Markup | str | None]


@dataclass(frozen=True, slots=True)
class Listings:
    """All listings of a dataset by month, or all by authority. `records` are numbers (UInt32, Fragments), page by page;
    `pages` as pagers.py has them, with `title` and `begin`, where the records of a page begin; `counts`: records of
    each listing; `dates` and `months`: links of first pages, by listing and of all."""

    dataset: DatasetView
    records: pl.Series
    pages: pl.DataFrame
    counts: Mapping[int, int]
    dates: Mapping[int, tuple[CountLink, ...]]
    months: tuple[Link, ...]

    def numbers(self, pages: pl.DataFrame) -> pl.Series:
        """The records of some of the pages (UInt32), one page after the other."""
        places = pages.select(place=pl.int_ranges("begin", pl.col("begin") + pl.col("len")))["place"]
        return self.records.gather(places.explode(empty_as_null=False))

    def rows(self, pages: pl.DataFrame) -> pl.Series:
        """`rows`, List(UInt32): the records of each of some of the pages."""
        return nested(self.numbers(pages), pages["len"]).alias("rows")


def listings(
    desk: Desk, table: PublicTable, summary: DatasetSummary, dataset: DatasetView, begin: int
) -> Iterator[Listings]:
    """The listings by month, then those by authority. `begin`: the number of the table's first record."""
    months = tuple(Link(link.label, link.href) for link in month_links(desk, summary))
    weights = key_weights(table.frame["_key"])
    for grouping in groupings(desk, summary):
        records = listed_records(table.frame, weights, grouping.key, desk.config.limits.listing_rows)
        groups = date_groups(records, grouping.monthly)
        pages = listing_pages(desk, records, groups, grouping)
        begins = (pl.col("len").cast(pl.Int64).cum_sum() - pl.col("len")).alias("begin")
        pages = pages.with_columns(_title(dataset.title).alias("title"), begins)
        dates = date_links(desk, groups, pages, grouping.monthly)
        counts = dict(pages.group_by("listing").agg(pl.sum("len")).iter_rows())
        numbers = (records["place"] + begin).cast(pl.UInt32)
        yield Listings(dataset, numbers, pages, counts, dates, months if grouping.monthly else ())


def groupings(desk: Desk, summary: DatasetSummary) -> tuple[Grouping, Grouping]:
    """By month and by authority."""
    slug = summary.info.slug
    # The first of a month stands for it; whatever is no such day, for records without a date.
    month = pl.col("_date").dt.month_start().fill_null(_NO_MONTH)
    name = pl.when(pl.col("key") == _NO_MONTH).then(pl.lit(UNDATED)).otherwise(pl.col("key").dt.strftime("%Y-%m"))
    return (
        Grouping(month, name, partial(month_label, desk), partial(urls.listing, slug), monthly=True),
        Grouping(pl.col("_authority"), pl.col("key"), str, partial(urls.authority, slug), monthly=False),
    )


def _title(dataset: str) -> pl.Expr:
    name = pl.concat_str(pl.lit(f"{dataset} "), "heading")
    return pl.when(pl.col("page") == 0).then(name).otherwise(pl.concat_str(name, pl.lit(" "), "label"))


def render_first_pages(desk: Desk, every: Listings, fragments: Fragments) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of the first page of each listing."""
    firsts = every.pages.filter(pl.col("page") == 0)
    for start in range(0, firsts.height, _TOGETHER):
        some = firsts.slice(start, _TOGETHER)
        html = fragments.joined(every.rows(some))
        for row in some.with_columns(html).iter_rows(named=True):
            one = row["listing"]
            dates = every.dates.get(one, ())
            render = listing_renderer(desk, every.dataset, every.counts[one], dates, every.months)
            yield row["url"], render(row | {"rows": Markup(row["rows"])}).encode()


def further_pages(desk: Desk, every: Listings, fragments: Fragments, name: str) -> Pages:
    """All other pages, as bulk pages."""
    others = every.pages.filter(pl.col("page") > 0)
    others = others.with_columns(path=pl.Series(map(urls.file_of, others["url"]), dtype=pl.String))
    own = others.select("title", *PAGE_SLOTS, "path")
    hashes = fragments.hashes.gather(every.numbers(others))
    inputs = row_digests(own.with_columns(records=group_digests(hashes, others["len"])))
    return Pages(
        name,
        others.select("path", inputs.alias("inputs")),
        lambda rows: own[rows].with_columns(every.rows(others[rows])),
        listing_renderer(desk, every.dataset),
        raw=frozenset({"rows"}),
        fragments=fragments,
        size=_TOGETHER,
    )


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

"""Listings: a dataset's records by month and by authority, newest first, cut into pages. Long ones are bulk pages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil

import polars as pl
from markupsafe import Markup

from publish import urls
from publish.model.public import PublicTable
from publish.model.site import UNDATED, DatasetSummary
from publish.render.bulk import Slot
from publish.render.bulk_pages import Pages
from publish.render.contexts import CountLink, DatasetView, Link, ListingPage, Pager
from publish.render.digests import group_digests, row_digests
from publish.render.fragments import Fragments
from publish.render.views import Desk, column_meta

_NAMED = 9  # pages that a pager names at most
_LONG = 8  # a listing of more pages is worth a plan of its own
_TOGETHER = 1000  # pages of a partition: some 40 MB
_LABELS = tuple(f"label{place}" for place in range(_NAMED))
_HREFS = tuple(f"href{place}" for place in range(_NAMED))
_SLOTS = ("title", "url", "number", "previous", "next", *_LABELS, *_HREFS)

Slots = Mapping[str, Slot | Markup | str | None]


@dataclass(frozen=True, slots=True)
class Listing:
    """The records of a month or of an authority: `rows` their numbers (UInt32, Fragments), `address` of each page by
    its number."""

    dataset: DatasetView
    months: tuple[CountLink, ...]
    heading: str
    rows: pl.Series
    address: Callable[[int], str]


def listings(
    desk: Desk, table: PublicTable, summary: DatasetSummary, dataset: DatasetView, begin: int
) -> Iterator[Listing]:
    """Every listing by month and by authority. `begin`: the number of the table's first record."""
    month = pl.col("_date").dt.strftime("%Y-%m").fill_null(UNDATED)
    frame = table.frame.select(month.alias("month"), "_authority").with_row_index("number", begin)
    months = month_links(desk, summary)
    for (name,), group in frame.group_by("month", maintain_order=True):
        heading = month_label(desk, str(name))
        yield Listing(dataset, months, heading, group["number"], _month_address(summary, str(name)))
    for (name,), group in frame.drop_nulls("_authority").group_by("_authority", maintain_order=True):
        yield Listing(dataset, months, str(name), group["number"], _authority_address(summary, str(name)))


def render_listing(desk: Desk, listing: Listing, fragments: Fragments) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of a listing, one by one."""
    render = listing_renderer(desk, listing)
    for row in listing_slots(desk, listing).iter_rows(named=True):
        html = "".join(fragments.html(pl.Series(row["rows"], dtype=pl.UInt32)))
        yield row["url"], render(row | {"rows": Markup(html)}).encode()


def listing_pages(desk: Desk, listing: Listing, name: str, fragments: Fragments) -> Pages:
    """The same as bulk pages."""
    slots = listing_slots(desk, listing)
    paths = pl.Series("path", [urls.file_of(url) for url in slots["url"]], dtype=pl.String)
    slots = slots.with_columns(paths)
    records = group_digests(fragments.hashes.gather(listing.rows), slots["rows"].list.len())
    inputs = row_digests(slots.drop("rows").with_columns(records.alias("records")))
    return Pages(
        name,
        pl.DataFrame([paths, inputs.alias("inputs")]),
        lambda rows: slots[rows],
        listing_renderer(desk, listing),
        raw=frozenset({"rows"}),
        fragments=fragments,
        size=_TOGETHER,
    )


def is_long(desk: Desk, listing: Listing) -> bool:
    """Whether a plan costs less than its pages one by one."""
    return listing.rows.len() > _LONG * desk.config.limits.listing_rows


def listing_slots(desk: Desk, listing: Listing) -> pl.DataFrame:
    """One row per page, all String: `title`, `url`, `number`, `previous` and `next` (addresses), `label0` … and
    `href0` … (the pager's; the present page has no address), `rows` List(UInt32)."""
    size = desk.config.limits.listing_rows
    total = ceil(listing.rows.len() / size)
    number = pl.int_range(listing.rows.len(), eager=True) // size
    pages = pl.DataFrame({"number": number, "rows": listing.rows}).group_by("number", maintain_order=True)
    heads = [_head(listing, one, total) for one in range(1, total + 1)]
    frame = pl.DataFrame(heads, schema=dict.fromkeys(_SLOTS, pl.String), orient="row")
    return frame.with_columns(pages.agg("rows")["rows"])


def _head(listing: Listing, number: int, total: int) -> dict[str, str]:
    name = f"{listing.dataset.title} {listing.heading}"
    found = {
        "title": name if number == 1 else f"{name} ({number}/{total})",
        "url": listing.address(number),
        "number": str(number),
    }
    if number > 1:
        found["previous"] = listing.address(number - 1)
    if number < total:
        found["next"] = listing.address(number + 1)
    for label, href, one in zip(_LABELS, _HREFS, _near(number, total), strict=False):
        found[label] = str(one)
        if one != number:
            found[href] = listing.address(one)
    return found


def listing_renderer(desk: Desk, listing: Listing) -> Callable[[Slots], str]:
    """Render one page of a listing from its slots."""
    template = desk.environment.get_template("pages/listing.html")
    total = ceil(listing.rows.len() / desk.config.limits.listing_rows)
    dataset = listing.dataset
    place = (Link(desk.label("nav.datasets"), urls.DATASETS), Link(dataset.title, dataset.url), Link(listing.heading))

    def render(slots: Slots) -> str:
        links = tuple(
            Link(slots[label], slots[href])  # type: ignore[arg-type]
            for label, href in zip(_LABELS, _HREFS, strict=True)
            if slots[label] is not None
        )
        page = ListingPage(
            meta=replace(column_meta(desk, slots["title"], slots["url"], place), steady=True),  # type: ignore[arg-type]
            dataset=dataset,
            heading=listing.heading,
            count=listing.rows.len(),
            rows=slots["rows"],  # type: ignore[arg-type]
            pager=Pager(slots["number"], total, slots["previous"], slots["next"], links),  # type: ignore[arg-type]
            months=listing.months,
        )
        return template.render(page=page)

    return render


def month_links(desk: Desk, summary: DatasetSummary) -> tuple[CountLink, ...]:
    """Links to the months of a dataset."""
    slug = summary.info.slug
    return tuple(CountLink(month_label(desk, name), urls.listing(slug, name), n) for name, n in summary.months)


def authority_links(summary: DatasetSummary) -> tuple[CountLink, ...]:
    """Links to the authorities of a dataset."""
    slug = summary.info.slug
    return tuple(CountLink(name, urls.authority(slug, name), count) for name, count in summary.authorities)


def month_label(desk: Desk, month: str) -> str:
    """A month as people read it."""
    if month == UNDATED:
        return desk.label("month.undated")
    year, _, number = month.partition("-")
    return desk.t("month.label", year=year, month=int(number)).unescape()


def _month_address(summary: DatasetSummary, month: str) -> Callable[[int], str]:
    return lambda page: urls.listing(summary.info.slug, month, page)


def _authority_address(summary: DatasetSummary, name: str) -> Callable[[int], str]:
    return lambda page: urls.authority(summary.info.slug, name, page)


def _near(number: int, total: int) -> list[int]:
    """The pages that a pager names: the first, the last and those near; not a thousand links on each page."""
    return sorted({1, total, *range(max(1, number - 3), min(total, number + 3) + 1)})

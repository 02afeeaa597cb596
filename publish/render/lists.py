"""Listings: a dataset's records by month and by authority, newest first, cut into pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil

import polars as pl
from markupsafe import Markup

from publish import urls
from publish.model.public import PublicTable
from publish.model.site import UNDATED, DatasetSummary
from publish.render.contexts import CountLink, DatasetView, Link, ListingPage, Pager
from publish.render.views import Desk, column_meta


def render_listings(
    desk: Desk, table: PublicTable, summary: DatasetSummary, dataset: DatasetView, rows: pl.DataFrame
) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of every monthly listing and every listing by authority. `rows` has `key` and `html`."""
    month = pl.col("_date").dt.strftime("%Y-%m").fill_null(UNDATED)
    frame = table.frame.select(month.alias("month"), "_authority").with_columns(rows["html"])
    months = month_links(desk, summary)
    for (name,), group in frame.group_by("month", maintain_order=True):
        heading = month_label(desk, str(name))
        yield from _pages(desk, summary, dataset, months, group, heading, _month_address(summary, str(name)))
    for (name,), group in frame.drop_nulls("_authority").group_by("_authority", maintain_order=True):
        yield from _pages(desk, summary, dataset, months, group, str(name), _authority_address(summary, str(name)))


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


def _pages(
    desk: Desk,
    summary: DatasetSummary,
    dataset: DatasetView,
    months: tuple[CountLink, ...],
    group: pl.DataFrame,
    heading: str,
    address: Callable[[int], str],
) -> Iterator[tuple[str, bytes]]:
    size = desk.config.limits.listing_rows
    total = ceil(group.height / size)
    fragments = group["html"].to_list()
    for number in range(1, total + 1):
        url = address(number)
        crumbs = (Link(desk.label("nav.datasets"), urls.DATASETS), Link(dataset.title, dataset.url), Link(heading))
        title = f"{dataset.title} {heading}" if number == 1 else f"{dataset.title} {heading} ({number}/{total})"
        page = ListingPage(
            meta=replace(column_meta(desk, title, url, crumbs), steady=True),
            dataset=dataset,
            heading=heading,
            count=group.height,
            rows=Markup("".join(fragments[(number - 1) * size : number * size])),
            pager=_pager(number, total, address),
            months=months,
        )
        yield url, desk.page("listing", page)


def _pager(number: int, total: int, address: Callable[[int], str]) -> Pager:
    return Pager(
        number=number,
        total=total,
        previous=address(number - 1) if number > 1 else None,
        next=address(number + 1) if number < total else None,
        pages=tuple(Link(str(n), None if n == number else address(n)) for n in _near(number, total)),
    )


def _near(number: int, total: int) -> list[int]:
    """The pages that a pager names: the first, the last and those near; not a thousand links on each page."""
    return sorted({1, total, *range(max(1, number - 3), min(total, number + 3) + 1)})

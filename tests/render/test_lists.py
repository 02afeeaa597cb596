"""Listings as bulk pages: the same bytes as one by one, wherever the pager stands, and every record once."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.render.bulk import assemble
from publish.render.contexts import CountLink
from publish.render.lists import Listing, is_long, listing_pages, render_listing
from tests.render.htmlcheck import Page, faults
from tests.render.test_bulk_templates import HOSTILE, TITLES, make, view_of
from tests.searchkit import table_of

DESK = make()
DESK = replace(DESK, config=replace(DESK.config, limits=replace(DESK.config.limits, listing_rows=2)))
VIEW = view_of(DESK, table_of("penalties", "行政处罚", [{"_title": "甲"}]))


class Records:
    """As Fragments, of records that are nothing but their numbers."""

    hashes = pl.Series(range(100), dtype=pl.UInt64)

    def html(self, numbers: pl.Series) -> pl.Series:
        return pl.Series([f"<li><a href='/r/{number}.html'>{number}</a></li>" for number in numbers], dtype=pl.String)


RECORDS: Any = Records()


def listing_of(records: int, heading: str = "2026年11月", title: str = "行政处罚") -> Listing:
    months = (CountLink(heading, "/a.html", 1), CountLink("2025年1月", "/b.html", 2))
    return Listing(
        replace(VIEW, title=title),
        months,
        heading,
        pl.Series(range(records), dtype=pl.UInt32),
        lambda page: f"/l/{page}.html",
    )


def bulk(listing: Listing) -> dict[str, bytes]:
    pages = listing_pages(DESK, listing, "listing", RECORDS)
    slots = pages.slots(pl.int_range(pages.inputs.height, dtype=pl.UInt32, eager=True))
    html = pl.Series("rows", ["".join(RECORDS.html(rows)) for rows in slots["rows"]], dtype=pl.String)
    made = assemble(pages.plan(pages.shapes(slots).unique().to_list()), slots.drop("path").with_columns(html))
    return {path: page.encode() for path, page in zip(slots["path"], made, strict=True)}


@pytest.mark.parametrize("total", range(1, 26))
def test_bulk_pages_equal_those_one_by_one_for_all_pagers(total: int) -> None:
    listing = listing_of(2 * total - 1)
    made = bulk(listing)
    assert made == {url.lstrip("/"): data for url, data in render_listing(DESK, listing, RECORDS)}
    assert len(made) == total
    seen = []
    for number in range(1, total + 1):
        page = made[f"l/{number}.html"].decode()
        assert faults(page) == []
        links = [a.attributes["href"] for a in Page(page).all("a")]
        seen += [href for href in links if href.startswith("/r/")]
        near = {1, total, *range(number - 3, number + 4)} & set(range(1, total + 1)) - {number}
        assert {href for href in links if href.startswith("/l/")} == {f"/l/{other}.html" for other in near}
    assert seen == [f"/r/{number}.html" for number in range(2 * total - 1)]


@settings(deadline=None, max_examples=30)
@given(heading=st.sampled_from(HOSTILE[:2] + HOSTILE[6:]) | TITLES, title=TITLES, records=st.integers(1, 30))
def test_whatever_a_listing_is_called(heading: str, title: str, records: int) -> None:
    listing = listing_of(records, heading, title)
    assert bulk(listing) == {url.lstrip("/"): data for url, data in render_listing(DESK, listing, RECORDS)}


def test_long_ones_are_bulk_pages() -> None:
    assert [is_long(DESK, listing_of(records)) for records in (1, 16, 17)] == [False, False, True]

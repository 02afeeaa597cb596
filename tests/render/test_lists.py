"""Listings: every record once and in order, pagers that lead everywhere, bulk pages the same bytes as one by one, and a
night that changes few pages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from publish import urls
from publish.derive.summaries import derive_summary
from publish.model.public import EXIT_SCHEMA, ExitTable, PublicTable
from publish.render.bulk import assemble
from publish.render.bulk_pages import Pages
from publish.render.digests import row_digests
from publish.render.fragments import nested
from publish.render.lists import Listings, further_pages, listing_renderer, listings, render_first_pages
from publish.render.views import Desk
from tests.render.htmlcheck import Page, faults
from tests.render.test_bulk_templates import HOSTILE, TITLES, make, view_of
from tests.render.test_cutting import key_of
from tests.searchkit import table_of

NEWEST = date(2026, 11, 20)
NO_EXITS = ExitTable(pl.DataFrame(schema=dict(EXIT_SCHEMA)))
Row = Mapping[str, Any]


def desk(most: int) -> Desk:
    made = make()
    return replace(made, config=replace(made.config, limits=replace(made.config.limits, listing_rows=most)))


def row(number: int, day: date | None = NEWEST, authority: str | None = "甲局", title: str = "号") -> Row:
    return {"_key": key_of(number), "_title": title, "_date": day, "_authority": authority}


class Records:
    """As Fragments: a record's HTML is a link to it."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._html = frame.select(pl.format("<li><a href='/r/{}.html'>{}</a></li>", "_key", "_title").alias("html"))
        self.hashes = row_digests(self._html)

    def joined(self, lists: pl.Series) -> pl.Series:
        html = self._html["html"].gather(lists.explode(empty_as_null=False))
        return nested(html, lists.list.len()).list.join("").alias(lists.name)


def listed(rows: Sequence[Row], most: int = 2, title: str = "行政处罚") -> tuple[list[Listings], Any]:
    """The listings by month and by authority."""
    table = table_of("penalties", title, list(rows))
    frame = table.frame.sort(["_date", "_key"], descending=[True, False], nulls_last=True)
    table = PublicTable(table.info, table.fields, frame)
    made = desk(most)
    every = listings(made, table, derive_summary(table, NO_EXITS), view_of(made, table), 0)
    return list(every), Records(frame)


def slots_of(pages: Pages, records: Any) -> pl.DataFrame:
    slots = pages.slots(pl.int_range(pages.inputs.height, dtype=pl.UInt32, eager=True))
    assert slots["path"].to_list() == pages.inputs["path"].to_list() == [urls.file_of(url) for url in slots["url"]]
    return slots.with_columns(records.joined(slots["rows"]))


def pages_of(rows: Sequence[Row], most: int = 2, title: str = "行政处罚") -> dict[str, str]:
    """Every page by its address."""
    made, found = desk(most), list[tuple[str, str]]()
    every, records = listed(rows, most, title)
    for one in every:
        found += [(url, page.decode()) for url, page in render_first_pages(made, one, records)]
        pages = further_pages(made, one, records, "listing")
        slots = slots_of(pages, records)
        html = assemble(pages.plan(pages.shapes(slots).unique().to_list()), slots.drop("path"))
        found += zip(slots["url"].to_list(), html.to_list(), strict=True)
    assert len(dict(found)) == len(found), "no address twice"
    return dict(found)


def links(page: str) -> list[str]:
    return [link.attributes["href"] or "" for link in Page(page).all("a")]


def keys_on(page: str) -> list[str]:
    return [href[3:-5] for href in links(page) if href.startswith("/r/")]


def following(pages: Mapping[str, str], url: str) -> list[str]:
    """Addresses from a listing's first page on, as readers go."""
    found = [url]
    while further := [
        a.attributes["href"] for a in Page(pages[found[-1]]).all("a") if a.attributes.get("rel") == "next"
    ]:
        found += [href for href in further if href]
    return found


DAYS = st.one_of(st.none(), st.integers(0, 80).map(lambda days: NEWEST - timedelta(days)))
AUTHORITIES = st.one_of(st.none(), st.sampled_from(["甲局", "乙局"]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(DAYS, AUTHORITIES), max_size=40), st.integers(1, 5))
def test_pages_hold_every_record_once_in_order_and_lead_to_each_other(
    records: list[tuple[date | None, str | None]], most: int
) -> None:
    rows = [row(number, day, authority) for number, (day, authority) in enumerate(records)]
    rows.sort(key=lambda one: (one["_date"] is None, -(one["_date"] or NEWEST).toordinal(), one["_key"]))
    expected: dict[str, list[str]] = {}
    for one in rows:
        month = one["_date"].strftime("%Y-%m") if one["_date"] else "undated"
        expected.setdefault(urls.listing("penalties", month), []).append(one["_key"])
        if one["_authority"]:
            expected.setdefault(urls.authority("penalties", one["_authority"]), []).append(one["_key"])
    pages = pages_of(rows, most)
    seen = []
    for first, keys in expected.items():
        chain = following(pages, first)
        on_pages = [keys_on(pages[url]) for url in chain]
        assert [key for page in on_pages for key in page] == keys
        assert all(0 < len(page) <= most for page in on_pages)
        assert f"共 {len(keys)} 条" in pages[first]
        assert not any("共 " in pages[url] for url in chain[1:])
        seen += chain
        for at, url in enumerate(chain):
            assert faults(pages[url]) == []
            near = set(chain[max(0, at - 2) : at + 3]) | {first} | ({chain[-1]} if at == 0 else set())
            mine = {href for href in links(pages[url]) if href in chain}
            assert near - {url} <= mine
            assert at == 0 or mine <= near, "nothing that changes with pages far away"
    assert sorted(seen) == sorted(pages)


@settings(deadline=None, max_examples=25)
@given(heading=st.sampled_from(HOSTILE[:2] + HOSTILE[6:]) | TITLES, title=TITLES, records=st.integers(1, 14))
def test_bulk_pages_equal_those_one_by_one(heading: str, title: str, records: int) -> None:
    rows = [row(number, NEWEST - timedelta(number // 3), heading) for number in range(records)]
    made, pages = desk(2), pages_of(rows, 2, title)
    every, fragments = listed(rows, 2, title)
    for listing in every:
        render = listing_renderer(made, listing.dataset)
        slots = slots_of(further_pages(made, listing, fragments, "listing"), fragments)
        for one in slots.iter_rows(named=True):
            assert pages[one["url"]] == render(one | {"rows": Markup(one["rows"])})


def test_pages_are_called_by_day_and_counted_within_it() -> None:
    days = [NEWEST] * 3 + [date(2026, 11, 3)] * 3 + [date(2026, 10, 31), None, None, None]
    pages = pages_of([row(number, day) for number, day in enumerate(days)], 1)
    by = urls.authority("penalties", "甲局").removesuffix(".html")
    dated = ["220261120", "320261120", "120261103", "220261103", "320261103", "120261031"]
    assert following(pages, f"{by}.html") == [f"{by}.html", *(f"{by}-{number}.html" for number in (*dated, 2, 3, 4))]
    month = "/datasets/penalties/2026-11"
    numbers = (220, 320, 103, 203, 303)
    assert following(pages, f"{month}.html") == [f"{month}.html", *(f"{month}-{number}.html" for number in numbers)]
    assert following(pages, "/datasets/penalties/undated.html") == [
        f"/datasets/penalties/undated{number}.html" for number in ("", "-2", "-3")
    ]
    pager = Page(pages[f"{month}-103.html"]).all("ol")[-1]
    assert [item.text for item in pager.children] == ["11-20（2）", "11-20（3）", "11-03", "11-03（2）", "11-03（3）"]
    assert "<title>行政处罚 2026年11月 11-03（2） - " in pages[f"{month}-203.html"]


def test_a_first_page_leads_to_its_days_or_months() -> None:
    days = [NEWEST] * 3 + [date(2026, 11, 3)] * 2 + [date(2026, 10, 31)] * 2 + [None]
    pages = pages_of([row(number, day) for number, day in enumerate(days)], 1)
    month, by = "/datasets/penalties/2026-11", urls.authority("penalties", "甲局").removesuffix(".html")
    assert chips(pages[f"{month}.html"], "dates") == [
        (f"{month}.html", "11-20", "3"),
        (f"{month}-103.html", "11-03", "2"),
    ]
    assert chips(pages[f"{by}.html"], "dates") == [
        (f"{by}.html", "2026年11月", "5"),
        (f"{by}-120261031.html", "2026年10月", "2"),
        (f"{by}-2.html", "日期不详", "1"),
    ]
    assert f"{month}.html#dates" in links(pages[f"{month}-103.html"])
    assert "#dates" not in "".join(links(pages["/datasets/penalties/undated.html"]))


def chips(page: str, name: str) -> list[tuple[str, str, str]]:
    """(address, label, count) of the links below the heading with this id."""
    part = page.split(f'id="{name}"', 1)[1].split("</section>", 1)[0]
    found = []
    for item in part.split('<a href="')[1:]:
        href, _, rest = item.partition('"')
        label, _, count = rest.partition(">")[2].partition(' <span class="chip-count">')
        found.append((href, label, count.partition("<")[0]))
    return found


def test_nothing_to_list_has_no_pages() -> None:
    assert pages_of([]) == {}
    assert set(pages_of([row(1, authority=None)])) == {"/datasets/penalties/2026-11.html"}


@pytest.fixture(scope="module")
def city() -> list[Row]:
    """4,000 records of four months and eight authorities: about a day's worth on a page."""
    draw = np.random.default_rng(3)
    days, offices = draw.integers(0, 120, 4000).tolist(), draw.integers(0, 8, 4000).tolist()
    return [
        row(number, NEWEST - timedelta(day), f"第{office}局")
        for number, (day, office) in enumerate(zip(days, offices, strict=True))
    ]


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    return sum(before.get(url) != page for url, page in after.items())


def test_one_record_changes_few_of_two_hundred_pages(city: list[Row]) -> None:
    before = pages_of(city, 50)
    assert len(before) == 199
    corrected = [*city[:77], {**city[77], "_title": "更正"}, *city[78:]]
    assert changed(before, pages_of(corrected, 50)) == 2, "of its month and of its authority"
    draw = np.random.default_rng(5)
    counts = []
    for number in range(12):
        at = int(draw.integers(len(city)))
        new = row(5000 + number, NEWEST - timedelta(number % 3), f"第{number % 8}局")
        counts += [changed(before, pages_of(one, 50)) for one in ([*city[:at], *city[at + 1 :]], [new, *city])]
    # Its own pages and the first ones are four; cuts that move and names beside them make the rest.
    assert sum(counts) <= 10 * len(counts)
    assert max(counts) <= 50


def test_a_night_changes_few_pages(city: list[Row]) -> None:
    """Five come in front, five go anywhere."""
    before = pages_of(city, 50)
    draw = np.random.default_rng(11)
    gone = set(draw.choice(len(city), 5, replace=False).tolist())
    new = [row(6000 + number, NEWEST + timedelta(1), f"第{number}局") for number in range(5)]
    after = pages_of([*new, *(one for number, one in enumerate(city) if number not in gone)], 50)
    assert changed(before, after) < len(before) / 4
    assert len(set(before) - set(after)) <= 10, "addresses that nothing answers any more"

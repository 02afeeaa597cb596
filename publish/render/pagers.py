"""Which pages the listings of a dataset have, what their addresses are and what their pagers say (decision 0018).

A page is named by the day of its first record, and counted among those that begin on that day. So a page that comes or
goes renames others of one day, not all behind it, and its name tells people what is on it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from publish.model.site import UNDATED
from publish.render.bulk import Slot
from publish.render.contexts import CountLink
from publish.render.cutting import cut_pages
from publish.render.rows import filled
from publish.render.views import Desk

_HTML = ".html"
NEAR = 2  # pages that a pager names on either side of the present one
LABELS = tuple(f"label{place}" for place in range(2 * NEAR + 1))
HREFS = tuple(f"href{place}" for place in range(2 * NEAR + 1))
# What a template may print of a page, all String; what has no value is not there.
PAGE_SLOTS = ("heading", "label", "url", "home", "first", "last", "dates", "size", "span", *LABELS, *HREFS)


@dataclass(frozen=True, slots=True)
class Grouping:
    """By what the records of a dataset are listed: `key`, of each record, `name` of each key (String), by a column
    `key`, and `heading` of each name; `address` of a listing's page by its name and number. `monthly`: a listing is of
    one month, so that a day of it is told short."""

    key: pl.Expr
    name: pl.Expr
    heading: Callable[[str], str]
    address: Callable[[str, int], str]
    monthly: bool


def listed_records(table: pl.DataFrame, weights: pl.Series, key: pl.Expr, most: int) -> pl.DataFrame:
    """The records of a table (`_date`, `_authority`), listing by listing: `place` in the table and `listing` (its first
    record's place; both UInt32), `key`, `day` (Date), `page` (UInt32, from 0). Those without a key are in none.
    `weights` are those of the table's records (cut_pages)."""
    records = (
        table.select(key.alias("key"), pl.col("_date").alias("day"), pl.lit(weights).alias("weight"))
        .with_row_index("place")
        .drop_nulls("key")
        .with_columns(pl.col("place").first().over("key").alias("listing"))
        .sort("listing", maintain_order=True)
    )
    return records.with_columns(cut_pages(records["weight"], records["listing"], most)).drop("weight")


def listing_pages(desk: Desk, records: pl.DataFrame, groups: pl.DataFrame, grouping: Grouping) -> pl.DataFrame:
    """One row per page, in the order of `records`: `listing`, `page`, `len` (records), and PAGE_SLOTS. `groups`:
    date_groups of the records."""
    pages = records.group_by("listing", "page", maintain_order=True).agg(
        pl.first("key"),
        pl.len(),
        pl.first("day"),
        pl.min("day").alias("earliest"),
        pl.max("day").alias("latest"),
        pl.col("day").is_null().any().alias("undated"),
    )
    pages = pages.with_columns(pl.int_range(1, pl.len() + 1).over("listing", "day").alias("again"))
    pages = pages.with_columns(grouping.name.alias("name"), _number(grouping.monthly).alias("number"))
    names = pages["name"].unique(maintain_order=True).to_list()
    firsts = [grouping.address(name, 1).removesuffix(_HTML) for name in names]
    headings = {name: grouping.heading(name) for name in names}
    address = pl.col("name").replace_strict(names, firsts, return_dtype=pl.String)
    number = pl.when(pl.col("number") > 1).then(pl.format("-{}", "number")).otherwise(pl.lit(""))
    pages = pages.with_columns(
        pl.concat_str(address, number, pl.lit(_HTML)).alias("url"),
        pl.col("name").replace_strict(headings, return_dtype=pl.String).alias("heading"),
        _label(desk, grouping.monthly).alias("label"),
        pl.col("len").cast(pl.String).alias("size"),
        _span(desk).alias("span"),
    )
    several = groups.group_by("listing").len("groups")
    pages = pages.join(several, on="listing", how="left", maintain_order="left").with_columns(_links())
    return pages.select("listing", "page", "len", *PAGE_SLOTS)


def date_links(
    desk: Desk, groups: pl.DataFrame, pages: pl.DataFrame, monthly: bool
) -> dict[int, tuple[CountLink, ...]]:
    """By listing, where it has several pages and dates: links to the pages on which its days (`monthly`) or its months
    begin, with their counts. `groups`: date_groups of its records."""
    longer = pages.filter(pl.col("last").is_not_null())["listing"]
    groups = groups.filter(pl.col("listing").is_in(longer.implode()))
    groups = groups.join(pages.select("listing", "page", "url"), on=["listing", "page"], maintain_order="left")
    labels = {group: group if monthly else month_label(desk, group) for group in groups["group"].unique()}
    found: dict[int, list[CountLink]] = {}
    for listing, group, url, count in groups.select("listing", "group", "url", "len").iter_rows():
        found.setdefault(listing, []).append(CountLink(labels[group], url, count))
    return {listing: tuple(links) for listing, links in found.items() if len(links) > 1}


def month_label(desk: Desk, month: str) -> str:
    """A month as people read it."""
    if month == UNDATED:
        return desk.label("month.undated")
    year, _, number = month.partition("-")
    return desk.t("month.label", year=year, month=int(number)).unescape()


def _span(desk: Desk) -> pl.Expr:
    """Of which days the records of a page are, the earliest first; and whether there are undated ones."""
    first, last = _day(desk, "earliest"), _day(desk, "latest")
    text = desk.t("listing.span", first=Slot("first"), last=Slot("last"))
    days = pl.when(first == last).then(first).otherwise(filled(text, first=first, last=last))
    both = filled(desk.t("listing.span-undated", days=Slot("days")), days=days)
    return pl.when(pl.col("undated") & pl.col("earliest").is_not_null()).then(both).otherwise(days)


def date_groups(records: pl.DataFrame, monthly: bool) -> pl.DataFrame:
    """Records by listing and day (`monthly`), or listing and month: `listing`, `group` (a day or a month, String),
    `page` on which it begins, `len`."""
    group = pl.col("day") if monthly else pl.col("day").dt.month_start()
    groups = records.group_by("listing", group.alias("group"), maintain_order=True).agg(pl.first("page"), pl.len())
    return groups.with_columns(pl.col("group").dt.strftime("%m-%d" if monthly else "%Y-%m").fill_null(UNDATED))


def _number(monthly: bool) -> pl.Expr:
    """The number in a page's address: of the first page 1; else how many pages have begun on its day up to it, and
    the day: `-203` is the second of the 3rd of the month, `-220261103` that of 2026-11-03. Undated ones are counted."""
    day = pl.col("day").dt
    date = day.year().cast(pl.Int64) * 10_000 + day.month().cast(pl.Int64) * 100 + day.day()
    coded = pl.col("again") * 100 + day.day() if monthly else pl.col("again") * 100_000_000 + date
    dated = pl.col("day").first().over("listing").is_not_null()
    undated = pl.col("again") + dated.cast(pl.Int64)  # 1 is the first page's, whatever its day
    return pl.when(pl.col("page") == 0).then(1).when(pl.col("day").is_null()).then(undated).otherwise(coded)


def _label(desk: Desk, monthly: bool) -> pl.Expr:
    """What a page is called in pagers. The first one's name is always the same, whatever comes in."""
    day, number = _day(desk, "day", "%m-%d" if monthly else "%Y-%m-%d"), pl.col("again").cast(pl.String)
    again = filled(desk.t("pager.again", day=Slot("day"), number=Slot("number")), day=day, number=number)
    first = pl.lit(desk.label("pager.first"))
    return pl.when(pl.col("page") == 0).then(first).when(pl.col("again") == 1).then(day).otherwise(again)


def _links() -> list[pl.Expr]:
    home = pl.col("url").first().over("listing")
    several = pl.col("page").max().over("listing") > 0
    return [
        pl.when(pl.col("page") > 0).then(home).alias("home"),
        pl.when(pl.col("page") > NEAR).then(home).alias("first"),
        # The last page's address changes more often than others: only the first page tells it.
        pl.when((pl.col("page") == 0) & several).then(pl.col("url").last().over("listing")).alias("last"),
        pl.when(several & (pl.col("groups") > 1)).then(home + "#dates").alias("dates"),
        *(pl.col("label").shift(NEAR - at).over("listing").alias(name) for at, name in enumerate(LABELS)),
        *(
            (pl.col("url").shift(NEAR - at).over("listing") if at != NEAR else pl.lit(None, dtype=pl.String)).alias(
                name
            )
            for at, name in enumerate(HREFS)
        ),
    ]


def _day(desk: Desk, column: str, form: str = "%Y-%m-%d") -> pl.Expr:
    return pl.col(column).dt.strftime(form).fill_null(desk.label("month.undated"))

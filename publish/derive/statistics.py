"""Figures of the site for the statistics page: what is public, what has left, and how duties stand.

Only counts, and only of what the site shows or has shown; duties aside, which may be about records that nobody sees (an
objection to a suspended record). They are counted by authority only where it has at least FEW of a duty: from a smaller
count one could tell of a single record. The others are summed, whoever they belong to.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from publish.model.public import Disclosure, PublicTable
from publish.model.site import FEW, DatasetFigures, DutyFigures, Statistics
from publish.model.terms import DeadlineState, ExitReason, Flag, Severity

MONTHS = 24
AUTHORITIES = 20


def derive_statistics(disclosure: Disclosure, deadlines: bool) -> Statistics:
    """All figures; those of duties only if `deadlines` says that the site's rules publish them (GS 22)."""
    return Statistics(
        datasets=tuple(_dataset(table, disclosure) for table in disclosure.public),
        months=_months(disclosure.public),
        authorities=_authorities(disclosure.public),
        exits=_counts(disclosure.exits.frame["reason"], ExitReason),
        withdrawals=_by_month(disclosure.withdrawals["withdrawn_on"]),
        duties=_duties(disclosure.deadlines.frame) if deadlines else None,
    )


def _dataset(table: PublicTable, disclosure: Disclosure) -> DatasetFigures:
    return DatasetFigures(
        slug=table.info.slug,
        title=table.info.title,
        records=table.frame.height,
        severities=_counts(table.frame["_severity"], Severity),
        flags=_counts(table.frame["_flag"], Flag),
        exits=disclosure.exits.frame.filter(pl.col("dataset") == table.info.slug).height,
    )


def _counts(column: pl.Series, codes: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """(code, count) in the order of the codes, those that occur."""
    found = dict(column.drop_nulls().value_counts().iter_rows())
    return tuple((str(code), found[str(code)]) for code in codes if str(code) in found)


def _by_month(days: pl.Series) -> tuple[tuple[str, int], ...]:
    """(yyyy-mm, count), newest first, the last MONTHS that occur."""
    months = days.drop_nulls().dt.month_start().alias("month").value_counts().sort("month", descending=True)
    return tuple(months.head(MONTHS).with_columns(pl.col("month").dt.strftime("%Y-%m")).iter_rows())


def _months(tables: Sequence[PublicTable]) -> tuple[tuple[str, int], ...]:
    empty = pl.Series("_date", [], dtype=pl.Date)
    return _by_month(pl.concat([empty, *(table.frame["_date"] for table in tables)]))


def _authorities(tables: Sequence[PublicTable]) -> tuple[tuple[str, int], ...]:
    """(authority, public records), the AUTHORITIES with the most."""
    empty = pl.Series("authority", [], dtype=pl.String)
    names = pl.concat([empty, *(table.frame["_authority"].drop_nulls().alias("authority") for table in tables)])
    counts = names.value_counts().sort(["count", "authority"], descending=[True, False])
    return tuple(counts.head(AUTHORITIES).iter_rows())


def _duties(frame: pl.DataFrame) -> tuple[DutyFigures, ...]:
    """By authority and duty; where an authority has fewer than FEW of a duty, they count under no name."""
    many = pl.len().over("authority", "duty") >= FEW
    named = pl.when(many).then(pl.col("authority")).alias("authority")
    counts = (
        frame.with_columns(named)
        .group_by("authority", "duty")
        .agg((pl.col("state") == state.value).sum().alias(state.value) for state in DeadlineState)
        .sort("authority", "duty", nulls_last=True)
    )
    states = [state.value for state in DeadlineState]
    return tuple(
        DutyFigures(row["authority"], row["duty"], tuple((state, row[state]) for state in states))
        for row in counts.iter_rows(named=True)
    )

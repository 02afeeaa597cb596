"""What became of the records that came in, counted from the ledger."""

from collections.abc import Sequence

import polars as pl

from publish.model.public import Disclosure
from publish.model.report import RecordCounts
from publish.model.source import CheckedTable
from publish.model.terms import Outcome


def count_records(tables: Sequence[CheckedTable], disclosure: Disclosure) -> RecordCounts:
    """Counts for the report. Published, withheld, suspended, pending, expired and exited add up to the records in."""
    whole = disclosure.ledger.frame.filter(pl.col("field").is_null() & pl.col("row").is_not_null())
    withheld = (
        whole.filter(pl.col("outcome") == Outcome.WITHHELD.value)
        .sort("rule")
        .unique(["dataset", "row"], keep="first", maintain_order=True)
        .group_by("rule", maintain_order=True)
        .len()
    )
    others = dict(whole.group_by("outcome").len().iter_rows())
    return RecordCounts(
        packages=len({table.source.package.folder for table in tables}),
        records=sum(disclosure.counts.values()),
        published=sum(table.frame.height for table in disclosure.public),
        withheld=dict(withheld.iter_rows()),
        pending=others.get(Outcome.PENDING.value, 0),
        expired=others.get(Outcome.EXPIRED.value, 0),
        suspended=others.get(Outcome.SUSPENDED.value, 0),
        exited=disclosure.exited,
        exits=disclosure.exits.frame.height,
        duties=dict(disclosure.deadlines.frame.group_by("state").len().sort("state").iter_rows()),
    )

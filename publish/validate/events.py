"""Events of registers against the records that they are about."""

from collections.abc import Iterator, Sequence

import polars as pl

from publish.model.issue import Issue, Level
from publish.model.source import CheckedTable


def unknown_records(tables: Sequence[CheckedTable]) -> Iterator[Issue]:
    """A warning `register.unknown-record` per register with events about records that its resource does not have.

    It tells how many rows and the first of them. A register whose resource could not be read is not judged: that has
    been said when it was read.
    """
    records = {_place(table): table for table in tables if table.source.disclosure is not None}
    for table in tables:
        source = table.source
        if source.register is None or (source.package.folder, source.register.of) not in records:
            continue
        known = records[source.package.folder, source.register.of].typed["@record_id"]
        events = table.typed.filter(pl.col("@record_id").is_not_null())
        met = known.filter(known.is_in(events["@record_id"].implode()))  # few: the table of records may be large
        stray = events.filter(~pl.col("@record_id").is_in(met.implode()))
        if stray.height:
            hint = f"resource {source.register.of} has no such record; such an event changes nothing"
            yield Issue(
                "register.unknown-record",
                Level.WARNING,
                hint,
                package=source.package.name,
                resource=source.resource,
                row=int(stray["_row"][0]),
                count=stray.height,
            )


def _place(table: CheckedTable) -> tuple[str, str]:
    return table.source.package.folder, table.source.resource

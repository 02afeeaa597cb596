"""What is said of bad rows: one issue per field and code, and a guard against tables that are bad as a whole."""

from collections.abc import Iterator

import polars as pl

from publish.model.issue import Issue, Level
from publish.model.source import CheckedTable, SourceTable

HINTS = {
    "cell.missing": "the row has fewer cells than the header",
    "cell.extra": "the row has more cells than the header; is a quote or an escape missing?",
    "cell.type": "not of the field's type and format",
    "cell.required": "a value is required here",
    "cell.unique": "the value stands in an earlier row too",
    "cell.pattern": "does not match the field's pattern",
    "cell.enum": "not one of the field's listed values",
    "cell.minimum": "below the field's minimum",
    "cell.maximum": "above the field's maximum",
    "cell.min-length": "shorter than the field allows",
    "cell.max-length": "longer than the field allows",
    "cell.date": "neither a date (yyyy-mm-dd, yyyy/m/d, yyyy.m.d, yyyymmdd, yyyy年m月d日) nor, for an end, 长期",
    "row.blank": "the row is blank",
    "row.primary-key": "the primary key is missing or stands in an earlier row too",
    "row.unique-key": "the values of a unique key stand in an earlier row too",
    "row.foreign-key": "refers to a row that the other table does not have",
    "row.record-id": "several records have the same id; which of them is right cannot be told",
    "row.record-id-missing": "the record has no id",
    "row.no-event-day": "an event without a day; the record that it is about is withheld",
}


def record_issues(table: SourceTable, errors: pl.DataFrame) -> Iterator[Issue]:
    """One issue per field and code: how many rows, and the first of them. `errors` as in CheckedTable."""
    groups = errors.group_by("field", "code").agg(pl.col("row").min(), pl.col("row").n_unique().alias("count"))
    for group in groups.sort("field", "code").iter_rows(named=True):
        yield Issue(
            group["code"],
            Level.RECORD,
            HINTS[group["code"]],
            package=table.package.name,
            resource=table.resource,
            row=group["row"],
            field=group["field"],
            count=group["count"],
        )


def guard_bad_records(table: CheckedTable, share: float) -> Iterator[Issue]:
    """An error `guard.bad-records` if more than `share` of a table's rows have errors."""
    bad, rows = table.errors["row"].n_unique(), table.source.frame.height
    if bad > share * rows:
        hint = f"{bad} of {rows} rows have errors, more than limits.bad_record_share allows ({share:.2%})"
        source = table.source
        yield Issue(
            "guard.bad-records", Level.ERROR, hint, package=source.package.name, resource=source.resource, count=bad
        )

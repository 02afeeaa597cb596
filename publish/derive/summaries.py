"""Counts per dataset, month and authority."""

from collections.abc import Sequence

import polars as pl

from publish.model.public import ExitTable, PublicTable
from publish.model.site import UNDATED, DatasetSummary


def month_of(column: str = "_date") -> pl.Expr:
    """The month (`yyyy-mm`) of a Date column, `undated` where there is none."""
    return pl.col(column).dt.strftime("%Y-%m").fill_null(UNDATED)


def derive_summary(table: PublicTable, exits: ExitTable) -> DatasetSummary:
    """Summary of one public table."""
    months = table.frame.group_by(month_of().alias("month")).len()
    dated = months.filter(pl.col("month") != UNDATED).sort("month", descending=True)
    undated = months.filter(pl.col("month") == UNDATED)
    authorities = (
        table.frame.drop_nulls("_authority")
        .group_by("_authority")
        .len()
        .sort(["len", "_authority"], descending=[True, False])
    )
    latest = table.frame["_date"].max()
    return DatasetSummary(
        info=table.info,
        count=table.frame.height,
        latest=None if latest is None else str(latest),
        months=tuple(pl.concat([dated, undated]).iter_rows()),
        authorities=tuple(authorities.iter_rows()),
        exits=exits.frame.filter(pl.col("dataset") == table.info.slug).height,
    )


def derive_subjects(tables: Sequence[PublicTable]) -> pl.DataFrame:
    """The current records of each subject with a credit code; columns as Site.subjects.

    A subject's name is the one in its newest record.
    """
    frames = [
        table.frame.drop_nulls("_code").select(
            pl.col("_code").alias("code"),
            pl.col("_key").alias("key"),
            pl.lit(table.info.slug).alias("dataset"),
            pl.col("_subject").alias("name"),
            pl.col("_until").alias("until"),
            pl.col("_date").alias("date"),
        )
        for table in tables
    ]
    schema = {"code": pl.String, "key": pl.String, "dataset": pl.String, "name": pl.String, "until": pl.Date}
    records = pl.concat([pl.DataFrame(schema=schema | {"date": pl.Date}), *frames])
    if _newest_first(records):  # as each table is: to sort by one column is much quicker than by three
        return records.select(*schema).sort("code", maintain_order=True)
    return records.sort(["code", "date", "key"], descending=[False, True, False], nulls_last=True).select(*schema)


def _newest_first(records: pl.DataFrame) -> bool:
    """Whether they are sorted by date, the newest first and undated ones last, and then by key (never null)."""
    day = pl.col("date").dt.epoch("d").fill_null(-(2**31))  # before any Date
    before, same = day.shift(1) > day, day.shift(1) == day
    follows = before | (same & (pl.col("key").shift(1) <= pl.col("key")))
    return bool(records.select(follows.slice(1).all()).item())

"""Counts per dataset, month and authority."""

from collections.abc import Sequence
from itertools import accumulate

import polars as pl

from publish.model.public import ExitTable, PublicTable
from publish.model.site import UNDATED, DatasetSummary


def month_of(column: str = "_date") -> pl.Expr:
    """The month (`yyyy-mm`) of a Date column, `undated` where there is none."""
    return pl.col(column).dt.strftime("%Y-%m").fill_null(UNDATED)


def derive_summary(table: PublicTable, exits: ExitTable) -> DatasetSummary:
    """Summary of one public table."""
    months = table.frame.group_by(pl.col("_date").dt.month_start()).len()
    months = months.select(month_of().alias("month"), "len")
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
    """The subjects with a credit code: `code`, and `records`, List(UInt32), columns as Site.subjects."""
    begins = accumulate((table.frame.height for table in tables), initial=0)
    frames = [
        table.frame.select(
            pl.col("_code").alias("code"),
            pl.int_range(begin, begin + table.frame.height, dtype=pl.UInt32).alias("records"),
            "_date",
            "_key",
        ).drop_nulls("code")
        for table, begin in zip(tables, begins, strict=False)
    ]
    schema = {"code": pl.String(), "records": pl.UInt32(), "_date": pl.Date(), "_key": pl.String()}
    # A table is in this order already.
    several = sum(not frame.is_empty() for frame in frames) > 1
    records = pl.concat([pl.DataFrame(schema=schema), *frames])
    if several:
        records = records.sort(["_date", "_key"], descending=[True, False], nulls_last=True)
    return records.group_by("code", maintain_order=True).agg("records")

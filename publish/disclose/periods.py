"""Period arithmetic (Civil Code 201-203), columnar.

The first day is not counted; the last day is the corresponding day of the last month, or that month's last day where
there is none. The law's roll-over of a last day that is a holiday would publish longer; it stays off, since whether it
applies to publication could not be confirmed.
"""

from collections.abc import Mapping

import polars as pl

from publish.model.terms import Severity


def period_end(start: pl.Expr, severity: pl.Expr, months: Mapping[Severity, int]) -> pl.Expr:
    """Last day (Date) of the period that begins on `start`, by severity; null where either is null or has no period."""
    end = pl.lit(None, dtype=pl.Date)
    for grade, length in months.items():
        end = pl.when(severity == grade.value).then(start.dt.offset_by(f"{length}mo")).otherwise(end)
    return end

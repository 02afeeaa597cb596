"""Register events about the records of one table: objections under review, repairs granted."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from publish.model.source import CheckedTable, Role
from publish.model.terms import EventState, Register


def events_of(registers: Sequence[CheckedTable], as_of: date) -> pl.DataFrame:
    """One row per record with an event: `@record_id` String, `_objection` Boolean, `_repaired_on` Date (or null).

    An event counts from its own date on; a bad row of a register counts for nothing. An objection is under review
    while it is open and not closed by the as-of date; a repair takes effect on the day it was granted.
    """
    frames = [_events(table, as_of) for table in registers if table.source.register is not None]
    if not frames:
        return pl.DataFrame(schema={"@record_id": pl.String, "_objection": pl.Boolean, "_repaired_on": pl.Date})
    return (
        pl.concat(frames)
        .group_by("@record_id")
        .agg(pl.col("_objection").any(), pl.col("_repaired_on").min())
        .sort("@record_id")
    )


def _events(table: CheckedTable, as_of: date) -> pl.DataFrame:
    assert table.source.register is not None
    typed = table.typed.filter(~pl.col("_row").is_in(table.errors["row"].unique().to_list()))
    day, closed = _column(typed, Role.EVENT_DATE), _column(typed, Role.EVENT_CLOSED)
    state = typed.get_column("@event_state") if "@event_state" in typed.columns else None
    typed = typed.with_columns(
        (pl.lit(None, dtype=pl.Date) if day is None else pl.col(day)).alias("_day"),
        (pl.lit(None, dtype=pl.Date) if closed is None else pl.col(closed)).alias("_closed"),
        (pl.lit(None, dtype=pl.String) if state is None else pl.col("@event_state")).alias("_state"),
    ).filter(pl.col("@record_id").is_not_null())
    begun = (pl.col("_day") <= as_of).fill_null(True)
    closed_by_now = (pl.col("_closed") <= as_of).fill_null(pl.col("_state") != EventState.OPEN).fill_null(False)
    granted = pl.coalesce("_closed", "_day")
    none = pl.lit(None, dtype=pl.Date)
    if table.source.register.register is Register.OBJECTION:
        objection, repaired = begun & ~closed_by_now, none
    else:
        objection = pl.lit(False)
        repaired = pl.when((pl.col("_state") == EventState.GRANTED) & (granted <= as_of)).then(granted).otherwise(none)
    return typed.select("@record_id", objection.alias("_objection"), repaired.alias("_repaired_on"))


def _column(typed: pl.DataFrame, role: Role) -> str | None:
    name = f"@{role.value}"
    return name if name in typed.columns else None

"""Register events about the records of one table, one row per record, as of a day."""

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from publish.model.calendar import WorkingCalendar
from publish.model.source import CheckedTable, Role
from publish.model.terms import REGISTER_EFFECTS, Effect, EventState, Register

EVENT_SCHEMA = {
    "@record_id": pl.String(),
    "_register": pl.String(),
    "_row": pl.UInt32(),
    "_day": pl.Date(),
    "_checked": pl.Date(),
    "_closed": pl.Date(),
    "_state": pl.String(),
    "_effect": pl.String(),
    "_bad": pl.Boolean(),
}
_ROLES = {
    "_day": Role.EVENT_DATE,
    "_checked": Role.EVENT_CHECKED,
    "_closed": Role.EVENT_CLOSED,
    "_state": Role.EVENT_STATE,
    "_effect": Role.EVENT_EFFECT,
}


def events_of(registers: Sequence[CheckedTable]) -> pl.DataFrame:
    """All events of the registers about a table, EVENT_SCHEMA, in a stable order.

    `_bad`: the row is wrong, or lacks what its register must say, so that nobody can tell what became of the record.
    """
    frames = [_events(table) for table in registers if table.source.register is not None]
    return pl.concat([pl.DataFrame(schema=EVENT_SCHEMA), *frames]).sort(
        "@record_id", "_day", "_register", "_row", nulls_last=True
    )


def _events(table: CheckedTable) -> pl.DataFrame:
    assert table.source.register is not None
    register = table.source.register.register
    typed = table.typed
    columns = [
        pl.col(f"@{role.value}") if f"@{role.value}" in typed.columns else pl.lit(None, dtype=EVENT_SCHEMA[name])
        for name, role in _ROLES.items()
    ]
    events = typed.filter(pl.col("@record_id").is_not_null()).select(
        pl.col("@record_id").str.strip_chars(),
        pl.lit(register.value).alias("_register"),
        "_row",
        *(column.cast(EVENT_SCHEMA[name]).alias(name) for name, column in zip(_ROLES, columns, strict=True)),
        pl.col("_row").is_in(table.errors["row"].unique().to_list()).alias("_bad"),
    )
    return events.with_columns((pl.col("_bad") | _incomplete(register)).fill_null(True).alias("_bad"))


def _incomplete(register: Register) -> pl.Expr:
    """Whether an event lacks what its register must say. An objection without a day is taken to be under way."""
    # Nobody can tell what an event without a state came to, one that is open and closed, or one closed before it began.
    unclear = pl.col("_state").is_null() | (
        (pl.col("_state") == EventState.OPEN.value) & pl.col("_closed").is_not_null()
    )
    unclear = unclear | (pl.col("_closed") < pl.col("_day")).fill_null(False)
    if register is Register.OBJECTION:
        return unclear
    if register is Register.REPAIR:
        # A state that nobody understands may be a grant.
        granted = (pl.col("_state") == EventState.GRANTED.value).fill_null(True)
        return unclear | (granted & pl.coalesce("_closed", "_day").is_null())
    effect = pl.col("_effect")
    if register is Register.REVOCATION:  # a revocation that says no more sets the decision aside
        effect = effect.fill_null(Effect.REVOKED.value)
    allowed = REGISTER_EFFECTS.get(register)
    wrong = pl.lit(False) if allowed is None else ~effect.is_in(sorted(allowed)).fill_null(False)
    return pl.col("_day").is_null() | wrong


def standing_of(
    events: pl.DataFrame, as_of: date, notice_days: Callable[[date], int], calendar: WorkingCalendar
) -> pl.DataFrame:
    """What the events (EVENT_SCHEMA) say of each record as of a day; an event counts from its own day on.

    `notice_days`: how many working days the notice of a repair runs that was granted on a day.

    One row per record with an event: `@record_id`; Boolean `_bad_event`, `_objection` (one is under review),
    `_repair_applied`, `_unknown_day` (the repair notice ends beyond the calendar); Date `_noticed_on`, `_upheld_on`
    (the last objection found right), `_amended_on` (the last amendment), `_granted_on`, `_notice_end` (last day of the
    repair notice), `_repaired_on` (first day without the record), `_withdrawn_on`, `_wrong_on`, `_revoked_on`,
    `_dissolved_on`.
    """
    known = events.with_columns(
        (pl.col("_day") <= as_of).fill_null(True).alias("_begun"),
        (pl.col("_closed") <= as_of)
        .fill_null(pl.col("_closed").is_null() & (pl.col("_state") != EventState.OPEN.value))
        .fill_null(False)
        .alias("_over"),
        pl.coalesce("_closed", "_day").alias("_decided"),
    )
    sound, past = ~pl.col("_bad"), (pl.col("_day") <= as_of).fill_null(False)

    def of(register: Register) -> pl.Expr:
        return sound & (pl.col("_register") == register.value)

    def effect(register: Register, *effects: Effect) -> pl.Expr:
        named = pl.col("_effect").fill_null(Effect.REVOKED.value).is_in([e.value for e in effects])
        return pl.col("_day").filter(of(register) & past & named)

    granted = (pl.col("_state") == EventState.GRANTED.value).fill_null(False)
    upheld = of(Register.OBJECTION) & pl.col("_begun") & pl.col("_over") & granted
    repaired = of(Register.REPAIR) & granted & (pl.col("_decided") <= as_of)
    standing = (
        known.group_by("@record_id")
        .agg(
            pl.col("_bad").any().alias("_bad_event"),
            (of(Register.OBJECTION) & pl.col("_begun") & ~pl.col("_over")).any().alias("_objection"),
            (of(Register.REPAIR) & pl.col("_begun") & ~pl.col("_over")).any().alias("_repair_applied"),
            pl.col("_day").filter(of(Register.PRIOR_NOTICE) & past).min().alias("_noticed_on"),
            # An upheld objection without a day counts as found today: only an amendment of today or later answers it.
            pl.col("_decided").fill_null(as_of).filter(upheld).max().alias("_upheld_on"),
            effect(Register.CORRECTION, Effect.AMENDED).max().alias("_amended_on"),
            pl.col("_decided").filter(repaired).min().alias("_granted_on"),
            effect(Register.CORRECTION, Effect.WITHDRAWN).min().alias("_withdrawn_on"),
            effect(Register.CORRECTION, Effect.WRONGLY_LISTED).min().alias("_wrong_on"),
            effect(Register.REVOCATION, Effect.REVOKED).min().alias("_revoked_on"),
            effect(Register.REVOCATION, Effect.DISSOLVED).min().alias("_dissolved_on"),
        )
        .sort("@record_id")
    )
    return _with_notice(standing, notice_days, calendar)


def _with_notice(standing: pl.DataFrame, notice_days: Callable[[date], int], calendar: WorkingCalendar) -> pl.DataFrame:
    """Adds `_notice_end`, `_repaired_on` and `_unknown_day`: the notice runs for working days after the grant."""
    granted = standing["_granted_on"]
    days = granted.drop_nulls().unique()
    lengths = pl.Series([notice_days(day) for day in days], dtype=pl.Int64)
    length = (
        granted.replace_strict(days, lengths, default=0, return_dtype=pl.Int64) if len(days) else granted.cast(pl.Int64)
    )
    end = calendar.after(granted, length)
    at_once = pl.lit((length == 0).fill_null(True))
    return standing.with_columns(
        pl.when(~at_once).then(pl.lit(end)).alias("_notice_end"),
        pl.when(at_once).then(pl.lit(granted)).otherwise(pl.lit(end).dt.offset_by("1d")).alias("_repaired_on"),
        (~at_once & pl.lit(granted.is_not_null() & end.is_null())).alias("_unknown_day"),
    )

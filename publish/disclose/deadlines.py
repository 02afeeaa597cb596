"""Duties with a time limit in working days: publication, the review of an objection, the correction of a mistake.

The clock of each is a rule: GS 17 and N36 (publication), JS-M 31-32 (objection), JS-M 35 (repair notice).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from publish.disclose.basis import Basis, Stated, handling_of
from publish.disclose.decided import DecidedTable
from publish.disclose.fields import is_public
from publish.model.issue import Issue, Level
from publish.model.public import DEADLINE_SCHEMA, DeadlineTable, Publication
from publish.model.rules import Rule
from publish.model.source import Role
from publish.model.terms import DeadlineState, Effect, EventState, Outcome, Register
from publish.model.topics import Deadline

# A duty whose last day is today, or follows within so many working days, is due soon.
SOON = 2
# Publication in time is counted for decisions whose last day was within this span; older ones are history.
LOOK_BACK = timedelta(days=365)

_OF_RECORDS = ("_key", "_row", "@authority", "@decision_date")


@dataclass(frozen=True, slots=True)
class _Clock:
    """`days` working days by a rule; `duty` as DEADLINE_SCHEMA names it."""

    duty: str
    days: int
    rule: str


def decide_deadlines(
    decided: Sequence[DecidedTable], publication: Publication, basis: Basis
) -> tuple[DeadlineTable, tuple[Issue, ...]]:
    """All duties with a limit, and a warning `calendar.unknown-year` about those that reach beyond the calendar.

    `publication` is the register of this build: it knows on which day a record was first shown.
    """
    frames = [pl.DataFrame(schema=DEADLINE_SCHEMA)]
    for entry in decided:
        frames += _publication(entry, publication, basis)
        frames += _objections(entry, basis)
        frames += _notices(entry, basis)
    table = pl.concat(frames).sort("dataset", "duty", "due", "row", nulls_last=True)
    return DeadlineTable(table), tuple(_unknown(table, decided, basis))


def _publication(entry: DecidedTable, publication: Publication, basis: Basis) -> Iterator[pl.DataFrame]:
    rules = list(basis.book.in_force(Deadline, entry.spec.kind, basis.as_of))
    known = (pl.col("dataset") == entry.dataset) & pl.col("since").is_not_null()
    shown = publication.records.filter(known).select(pl.col("key").alias("_key"), "since")
    for rule in rules[:1]:  # the highest and newest; where others are shorter, it still prevails (JS-M 3, 43)
        frame = (
            entry.decisions.frame.select("_outcome", *_OF_RECORDS, "@subject_kind", "@published_on")
            .filter(
                (pl.col("_outcome") == Outcome.PUBLIC.value)
                & (pl.col("@decision_date") >= basis.as_of - 2 * LOOK_BACK)
                & _about(rule)
            )
            .join(shown, on="_key", how="left", maintain_order="left")
        )
        # A day stated by the publisher is the day; else the first release that showed it, if it is known.
        done = pl.coalesce("@published_on", "since")
        clock = _Clock("publication", rule.parameters.days, rule.id)
        duties = _duties(entry, frame.with_columns(done.alias("_done")), "@decision_date", clock, basis)
        told = pl.col("done").is_not_null() | pl.col("due").is_null()
        yield duties.filter(told & (pl.col("due") >= basis.as_of - LOOK_BACK).fill_null(True))


def _about(rule: Rule[Deadline]) -> pl.Expr:
    subjects = rule.parameters.subjects
    return pl.col("@subject_kind").is_in(sorted(subjects)).fill_null(False) if subjects else pl.lit(True)


def _objections(entry: DecidedTable, basis: Basis) -> Iterator[pl.DataFrame]:
    handling = handling_of(basis, entry.spec.kind)
    events = entry.decisions.events.filter(~pl.col("_bad") & (pl.col("_day") <= basis.as_of).fill_null(False))
    filed = events.filter(pl.col("_register") == Register.OBJECTION.value)
    closed = pl.when(pl.col("_closed") <= basis.as_of).then(pl.col("_closed"))
    checked = pl.when(pl.col("_checked") <= basis.as_of).then(pl.col("_checked"))
    review = filed.with_columns(closed.alias("_done"))
    check = filed.with_columns(pl.min_horizontal(checked, closed).alias("_done"))
    upheld = filed.filter((pl.col("_state") == EventState.GRANTED.value) & closed.is_not_null())
    corrected = events.filter(pl.col("_register") == Register.CORRECTION.value).select(
        "@record_id", pl.col("_day").alias("_done"), "_effect"
    )
    # The first correction on or after the day on which the objection was found right.
    corrections = (
        upheld.join(corrected.filter(pl.col("_effect").is_in([e.value for e in Effect])), on="@record_id", how="left")
        .with_columns(pl.when(pl.col("_done") >= pl.col("_closed")).then(pl.col("_done")))
        .sort("_row", "_done", nulls_last=True)
        .unique("_row", keep="first", maintain_order=True)
    )
    for duty, stated, frame, start in (
        ("objection-review", handling.review_days, review, "_day"),
        ("objection-check", handling.check_days, check, "_day"),
        ("correction", handling.correct_days, corrections, "_closed"),
    ):
        yield from _of_events(entry, frame, start, duty, stated, basis)


def _of_events(
    entry: DecidedTable, frame: pl.DataFrame, start: str, duty: str, stated: Stated[int | None], basis: Basis
) -> Iterator[pl.DataFrame]:
    if stated.value is None or stated.rule is None or not frame.height:
        return
    records = entry.decisions.frame.select("@record_id", "_key", pl.col("_row").alias("_record"), "@authority")
    records = records.filter(pl.col("@record_id").is_in(frame["@record_id"].implode()))
    frame = frame.join(records, on="@record_id", how="inner", maintain_order="left")
    frame = frame.with_columns(pl.col("_record").alias("_row"))
    yield _duties(entry, frame, start, _Clock(duty, stated.value, stated.rule.id), basis)


def _notices(entry: DecidedTable, basis: Basis) -> Iterator[pl.DataFrame]:
    """Repair notices that run: on their last day the record leaves by itself."""
    stated = handling_of(basis, entry.spec.kind).notice_days
    if stated.rule is None:
        return
    frame = entry.decisions.frame.select(*_OF_RECORDS, "_granted_on", "_left_on")
    running = frame.filter(pl.col("_granted_on").is_not_null() & pl.col("_left_on").is_null())
    running = running.with_columns(pl.lit(None, dtype=pl.Date).alias("_done"))
    yield _duties(entry, running, "_granted_on", _Clock("repair-notice", stated.value, stated.rule.id), basis)


def _duties(entry: DecidedTable, frame: pl.DataFrame, start: str, clock: _Clock, basis: Basis) -> pl.DataFrame:
    """DEADLINE_SCHEMA from `_key`, `_row`, `@authority`, the Date `start` and `_done` (null: not yet)."""
    due = basis.calendar.after(frame[start], clock.days)
    ahead = basis.calendar.between(pl.repeat(basis.as_of, len(due), dtype=pl.Date, eager=True), due)
    day = pl.lit(basis.as_of)
    state = (
        pl.when(pl.col("due").is_null())
        .then(pl.lit(DeadlineState.UNKNOWN.value))
        .when(pl.coalesce("_done", day) > pl.col("due"))
        .then(pl.lit(DeadlineState.LATE.value))
        .when(pl.col("_done").is_null() & (pl.col("ahead") <= SOON))
        .then(pl.lit(DeadlineState.DUE_SOON.value))
        .otherwise(pl.lit(DeadlineState.ON_TIME.value))
    )
    authority = pl.lit(None, dtype=pl.String)
    if is_public(entry.table, Role.AUTHORITY):  # and has a public record: else its name is nowhere on the site
        named = entry.decisions.frame.select("_outcome", "@authority")
        shown = named.filter(pl.col("_outcome") == Outcome.PUBLIC.value)["@authority"].unique()
        authority = pl.when(pl.col("@authority").is_in(shown.implode())).then(pl.col("@authority"))
    return (
        frame.with_columns(due.alias("due"), ahead.alias("ahead"))
        .select(
            pl.lit(entry.dataset).alias("dataset"),
            pl.col("_key").alias("key"),
            pl.col("_row").alias("row"),
            authority.alias("authority"),
            pl.lit(clock.duty).alias("duty"),
            "due",
            pl.col("_done").alias("done"),
            state.alias("state"),
            pl.lit(clock.rule).alias("rule"),
        )
        .cast(pl.Schema(DEADLINE_SCHEMA))
    )


def _unknown(table: pl.DataFrame, decided: Sequence[DecidedTable], basis: Basis) -> Iterator[Issue]:
    """Days that nobody can know yet: in the report, and in the life of a record, which is then withheld."""
    hint = (
        f"working days are known until {basis.calendar.last}; add the State Council's next calendar to "
        "content/calendars/ (docs/calendars.md)"
    )
    for dataset, count in table.filter(pl.col("due").is_null()).group_by("dataset").len().sort("dataset").iter_rows():
        yield Issue("calendar.unknown-year", Level.WARNING, hint, resource=dataset, count=count)
    for entry in decided:
        count = int(entry.decisions.frame["_unknown_day"].sum())
        if count:
            told = f"{hint}; records whose repair notice ends later are withheld"
            yield Issue("calendar.unknown-year", Level.RECORD, told, resource=entry.dataset, count=count)

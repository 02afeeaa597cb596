"""The life of a record: a pure function of its dates, the events about it, the rules, the calendar and the day.

TRANSITIONS is the state machine, which docs/lifecycle.md draws; `life` is the same in columns. A test walks random
histories day by day and demands that each step of `life` is a path in TRANSITIONS.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from publish.disclose.basis import Handling
from publish.model.terms import ExitReason, Flag, LifeState, Outcome
from publish.model.topics import UnderObjection


@dataclass(frozen=True, slots=True)
class Transition:
    """From one state to another by an event: of a register, or the passing of a day."""

    before: LifeState
    event: str
    after: LifeState


_S = LifeState
BEFORE = (_S.PENDING, _S.NOTICED)
LIVE = (_S.LISTED, _S.DISPUTED, _S.CORRECTING, _S.REPAIR_APPLIED, _S.REPAIR_NOTICE)
ENDED = (_S.EXPIRED, _S.REPAIRED, _S.REVOKED, _S.CORRECTED, _S.DISSOLVED, _S.WRONGLY_LISTED)
# What leads out of publication, the reason that is told first where several fall on one day: the truth about the
# listing before what became of it later.
EXITS = (
    (_S.WRONGLY_LISTED, ExitReason.WRONGLY_LISTED, "_wrong_on", "correction: wrongly listed"),
    (_S.CORRECTED, ExitReason.CORRECTED, "_withdrawn_on", "correction: withdrawn"),
    (_S.REVOKED, ExitReason.REVOKED, "_revoked_on", "revocation: revoked"),
    (_S.DISSOLVED, ExitReason.DISSOLVED, "_dissolved_on", "revocation: dissolved"),
    (_S.REPAIRED, ExitReason.REPAIRED, "_repaired_on", "repair notice is over"),
    (_S.EXPIRED, ExitReason.EXPIRED, "_ended_on", "last day has passed"),
)


def transitions() -> Iterator[Transition]:
    """Every step that a record's life can take."""
    yield Transition(_S.PENDING, "prior notice", _S.NOTICED)
    yield from (Transition(state, "first day", _S.LISTED) for state in BEFORE)
    yield Transition(_S.LISTED, "objection filed", _S.DISPUTED)
    yield Transition(_S.DISPUTED, "objection rejected", _S.LISTED)
    yield Transition(_S.DISPUTED, "objection upheld", _S.CORRECTING)
    yield Transition(_S.CORRECTING, "correction: amended", _S.LISTED)
    yield Transition(_S.LISTED, "repair applied for", _S.REPAIR_APPLIED)
    yield Transition(_S.REPAIR_APPLIED, "repair rejected", _S.LISTED)
    yield Transition(_S.REPAIR_APPLIED, "repair granted", _S.REPAIR_NOTICE)
    # A repair and an objection may run at once; the state is then that of the objection, which shows less.
    yield Transition(_S.REPAIR_APPLIED, "objection filed", _S.DISPUTED)
    yield Transition(_S.REPAIR_NOTICE, "objection filed", _S.DISPUTED)
    for state in (*BEFORE, *LIVE):
        for after, _, _, event in EXITS:
            if after is not _S.REPAIRED:
                yield Transition(state, event, after)
    yield from (Transition(state, "repair notice is over", _S.REPAIRED) for state in (*BEFORE, *LIVE))
    yield from (
        Transition(s, "correction: wrongly listed", _S.WRONGLY_LISTED) for s in ENDED if s is not _S.WRONGLY_LISTED
    )


def diagram() -> str:
    """The state machine as a Mermaid state diagram; what every live state can do is drawn once, from `live`."""
    steps = list(transitions())
    shared = {
        (t.event, t.after) for t in steps if all(Transition(s, t.event, t.after) in steps for s in (*BEFORE, *LIVE))
    }
    lines = ["stateDiagram-v2", "  [*] --> pending"]
    lines += [
        f"  {t.before} --> {t.after}: {t.event}"
        for t in steps
        if t.before in BEFORE and (t.event, t.after) not in shared
    ]
    lines.append("  state live {")
    inside = [t for t in steps if t.before in LIVE and t.after in LIVE]
    lines += [f"    {t.before} --> {t.after}: {t.event}" for t in inside]
    lines.append("  }")
    lines += [f"  live --> {after}: {event}" for event, after in sorted(shared)]
    lines += [f"  {t.before} --> {t.after}: {t.event}" for t in steps if t.before in ENDED]
    lines += [f"  {state} --> [*]" for state in ENDED]
    return "\n".join(lines) + "\n"


def life(handling: Handling, as_of: date) -> tuple[pl.Expr, pl.Expr]:
    """First `_left_on`, `_exit_reason` as one struct to unnest, then `_state`, over the columns of `standing_of`.

    Also needs `_start` and `_until` Date. `_left_on` is the first day without the record, null while it is due to be
    public; a wrong listing that is found out after the end changes the reason, not the day.
    """
    ended = pl.col("_until").dt.offset_by("1d").alias("_ended_on")
    days = {reason: ended if column == "_ended_on" else pl.col(column) for _, reason, column, _ in EXITS}
    past = {reason: pl.when(day <= as_of).then(day) for reason, day in days.items()}
    left_on = pl.min_horizontal(*past.values())
    reasons = [(past[ExitReason.WRONGLY_LISTED].is_not_null(), ExitReason.WRONGLY_LISTED.value)]
    reasons += [(past[reason] == left_on, reason.value) for _, reason, _, _ in EXITS[1:]]
    begun = (pl.col("_start") <= as_of).fill_null(True)
    states = [
        (~begun & pl.col("_noticed_on").is_not_null(), _S.NOTICED.value),
        (~begun, _S.PENDING.value),
        (_uncorrected(), _S.CORRECTING.value),
        (pl.col("_objection"), _S.DISPUTED.value),
        (pl.col("_granted_on").is_not_null(), _S.REPAIR_NOTICE.value),
        (pl.col("_repair_applied"), _S.REPAIR_APPLIED.value),
        (pl.lit(True), _S.LISTED.value),
    ]
    return (
        pl.struct(left_on.alias("_left_on"), _first(reasons).alias("_exit_reason")).alias("_exit"),
        pl.coalesce("_exit_reason", _first(states)).alias("_state"),
    )


def _first(cases: Sequence[tuple[pl.Expr, str]]) -> pl.Expr:
    """The text of the first case that holds; null if none does."""
    # By numbers: a column of texts takes sixteen times as much room, for each case.
    case = pl.coalesce(*(pl.when(holds).then(pl.lit(at, dtype=pl.UInt8)) for at, (holds, _) in enumerate(cases)))
    return pl.lit(pl.Series([text for _, text in cases], dtype=pl.String)).gather(case)


def _uncorrected() -> pl.Expr:
    """An objection was found right and nothing has been put right since: what stands there is known to be wrong."""
    answered = (pl.col("_amended_on") >= pl.col("_upheld_on")).fill_null(False)
    return pl.col("_upheld_on").is_not_null() & ~answered


def outcome_of(withheld: pl.Expr, handling: Handling) -> pl.Expr:
    """`_outcome` (Outcome value) from `_state`; `withheld` by a rule comes before everything."""
    suspended = handling.under_objection.value is UnderObjection.SUSPENDED
    disputed = Outcome.SUSPENDED if suspended else Outcome.PUBLIC
    outcomes = dict.fromkeys((state.value for state in ENDED), Outcome.EXITED.value)
    outcomes |= {_S.EXPIRED.value: Outcome.EXPIRED.value}
    outcomes |= dict.fromkeys((state.value for state in BEFORE), Outcome.PENDING.value)
    outcomes |= dict.fromkeys((state.value for state in LIVE), Outcome.PUBLIC.value)
    outcomes |= {_S.CORRECTING.value: Outcome.WITHHELD.value, _S.DISPUTED.value: disputed.value}
    told = pl.col("_state").replace_strict(outcomes, default=Outcome.WITHHELD.value, return_dtype=pl.String)
    return pl.when(withheld).then(pl.lit(Outcome.WITHHELD.value)).otherwise(told).alias("_outcome")


def flag_of(handling: Handling) -> pl.Expr:
    """`_flag` (Flag value or null) of a public record from its `_state`."""
    objection = Flag.OBJECTION_SUSPENDED if handling.measures_suspended.value else Flag.OBJECTION
    flags = {_S.DISPUTED.value: objection.value, _S.REPAIR_NOTICE.value: Flag.REPAIR_NOTICE.value}
    return pl.col("_state").replace_strict(flags, default=None, return_dtype=pl.String).alias("_flag")

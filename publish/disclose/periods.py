"""Until when a record may be public: stated ends, periods by severity, and the arithmetic of periods.

Civil Code 201-203: the first day is not counted; the last day is the corresponding day of the last month, or that
month's last day where there is none. Whether a last day that is a holiday rolls to the next working day could not be
confirmed for publication; it would publish longer, so a rule must ask for it (`holiday_roll`).
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from publish.disclose.basis import Basis
from publish.model.rules import Rule
from publish.model.terms import Kind, PenaltyType, Severity
from publish.model.topics import Grading, Validity

_GRADES = [severity.value for severity in Severity]


def period_end(start: pl.Expr, severity: pl.Expr, months: Mapping[Severity, int]) -> pl.Expr:
    """Last day (Date) of the period that begins on `start`, by severity; null where either is null or has no period."""
    end = pl.lit(None, dtype=pl.Date)
    for grade, length in months.items():
        end = pl.when(severity == grade.value).then(start.dt.offset_by(f"{length}mo")).otherwise(end)
    return end


def governing_severity(frame: pl.DataFrame, rules: Sequence[Rule[Grading]]) -> pl.Series:
    """The severity (String) that decides, of each row of `@severity`, `@penalty_type` (enum values joined with `|`).

    The gravest of a decision's penalty types governs it (N58: the longest). Where the record states a severity as well,
    and where rules grade differently, the milder holds: it is public for a shorter time.
    """
    stated = frame["@severity"]
    grades = [stated.replace_strict(_GRADES, range(len(_GRADES)), default=None, return_dtype=pl.Int8)]
    types = frame["@penalty_type"]
    if rules and types.null_count() < len(types):
        texts = types.drop_nulls().unique()
        for rule in rules:
            graded = [_gravest(text, rule.parameters.types) for text in texts]
            grades.append(types.replace_strict(texts, pl.Series(graded, dtype=pl.Int8), default=None))
    milder = pl.select(pl.min_horizontal(grades)).to_series()
    return milder.replace_strict(range(len(_GRADES)), _GRADES, default=None, return_dtype=pl.String).alias("_severity")


def _gravest(text: str, types: Mapping[PenaltyType, Severity]) -> int | None:
    grades = [types.get(PenaltyType(part)) for part in text.split("|")]
    return None if None in grades else max(_GRADES.index(grade) for grade in grades if grade is not None)


def rule_ends(frame: pl.DataFrame, basis: Basis, kind: Kind) -> list[pl.Series]:
    """The last days (Date) that the periods in force set for each row of `@decision_date`, `_severity`.

    A rule counts if it is in force on the as-of date; of an older one, for the records decided while it was (it still
    covers them, and the shorter period holds), and for those that had ended under it (they do not come back).
    """
    now = {rule.id for rule in basis.book.in_force(Validity, kind, basis.as_of)}
    replaced = {
        rule.overrides
        for rule in basis.book.rules()
        if rule.overrides and rule.in_force(basis.as_of) and rule.covers(kind)
    }
    ends: list[pl.Series] = []
    decided, severity = pl.col("@decision_date"), pl.col("_severity")
    for rule in basis.book.all_of(Validity, kind):
        if not rule.parameters.periods or (
            rule.id not in now and (rule.id in replaced or _is_later(rule, basis.as_of))
        ):
            continue
        end = period_end(decided, severity, rule.parameters.periods)
        if rule.id not in now:
            end = pl.when(_within(rule, decided) | _ended_under(rule, decided, end)).then(end)
        column = frame.select(end.alias(rule.id)).to_series()
        if rule.parameters.holiday_roll:  # past the known calendar nobody can say that the day rolls: it does not
            column = basis.calendar.roll(column).fill_null(column).alias(rule.id)
        ends.append(column)
    return ends


def _is_later(rule: Rule[Validity], as_of: date) -> bool:
    """Not yet in force: it says nothing of today."""
    return rule.start is not None and rule.start > as_of


def _ended_under(rule: Rule[Validity], decided: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The record's period by the rule was over on some day on which the rule was in force."""
    if rule.end is None:
        return pl.lit(False)
    over = (
        end.dt.offset_by("1d") if rule.start is None else pl.max_horizontal(end.dt.offset_by("1d"), pl.lit(rule.start))
    )
    return ((over <= rule.end) & (decided <= rule.end)).fill_null(False)


def _within(rule: Rule[Validity], day: pl.Expr) -> pl.Expr:
    after = pl.lit(True) if rule.start is None else day >= rule.start
    before = pl.lit(True) if rule.end is None else day <= rule.end
    return (after & before).fill_null(False)

"""The parameters of a rule, by its topic, from the mapping that the schema has accepted.

JSON knows one kind of number, so the schema lets `7.0` pass for a whole one: numbers are made whole here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from publish.model.terms import (
    Area,
    ExitReason,
    Kind,
    Outcome,
    Pattern,
    PenaltyType,
    Procedure,
    Severity,
    SubjectKind,
)
from publish.model.topics import (
    Adult,
    Catalogue,
    CrossCheck,
    Deadline,
    End,
    ExitNotice,
    FreeText,
    Grading,
    NamedSubjects,
    Objection,
    Parameters,
    PriorNotice,
    Repair,
    Require,
    Safeguard,
    SafeguardTopic,
    Statistics,
    UnderObjection,
    Validity,
    Withhold,
)

Raw = Mapping[str, Any]


def parameters_of(raw: Raw) -> Parameters:
    """The parameters of one rule."""
    topic = raw["topic"]
    return _MAKERS[topic](raw) if topic in _MAKERS else Safeguard(SafeguardTopic(topic))


def _validity(raw: Raw) -> Validity:
    return Validity(
        ends=End(raw.get("end", End.REQUIRED)),
        periods=_by_severity(raw.get("periods", {})),
        minimums=_by_severity(raw.get("minimums", {})),
        areas=frozenset(Area(area) for area in raw.get("areas", ())),
        area_minimum=_whole(raw, "area_minimum"),
        holiday_roll=raw.get("holiday_roll", False),
    )


def _by_severity(raw: Raw) -> dict[Severity, int]:
    return {Severity(name): int(months) for name, months in raw.items()}


def _whole(raw: Raw, key: str) -> int | None:
    return int(raw[key]) if key in raw else None


def _withhold(raw: Raw) -> Withhold:
    return Withhold(
        severity=frozenset(Severity(value) for value in raw.get("severity", ())),
        procedure=frozenset(Procedure(value) for value in raw.get("procedure", ())),
        subject_kind=frozenset(SubjectKind(value) for value in raw.get("subject_kind", ())),
    )


def _grading(raw: Raw) -> Grading:
    return Grading({PenaltyType(name): Severity(grade) for name, grade in raw["types"].items()})


def _objection(raw: Raw) -> Objection:
    return Objection(
        record=UnderObjection(raw["record"]) if "record" in raw else None,
        measures_suspended=raw["measures"] == "suspended" if "measures" in raw else None,
        review_days=_whole(raw, "review_days"),
        check_days=_whole(raw, "check_days"),
        correct_days=_whole(raw, "correct_days"),
    )


def _exit_notice(raw: Raw) -> ExitNotice:
    return ExitNotice(
        names=NamedSubjects(raw["names"]) if "names" in raw else None,
        days=_whole(raw, "days"),
        noindex=raw.get("noindex"),
        reasons=frozenset(ExitReason(reason) for reason in raw.get("reasons", ())),
    )


def _deadline(raw: Raw) -> Deadline:
    return Deadline(int(raw["days"]), frozenset(SubjectKind(kind) for kind in raw.get("subjects", ())))


def _free_text(raw: Raw) -> FreeText:
    return FreeText(frozenset(Pattern(pattern) for pattern in raw["patterns"]), Outcome(raw["outcome"]))


_MAKERS: Mapping[str, Callable[[Raw], Parameters]] = {
    "validity": _validity,
    "withhold": _withhold,
    "require": lambda raw: Require(tuple(raw["require"])),
    "grading": _grading,
    "adult": lambda raw: Adult(int(raw["years"])),
    "catalogue": lambda raw: Catalogue(tuple(raw["stated"])),
    "prior-notice": lambda raw: PriorNotice(),
    "cross-check": lambda raw: CrossCheck(frozenset(Kind(kind) for kind in raw["against"])),
    "objection": _objection,
    "repair": lambda raw: Repair(_whole(raw, "notice_days")),
    "exit-notice": _exit_notice,
    "deadline": _deadline,
    "free-text": _free_text,
    "statistics": lambda raw: Statistics(raw["deadlines"]),
}

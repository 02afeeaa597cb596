"""What decisions rest on beside the tables: rules, calendar, day, secret; and the statements of rules, resolved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from publish.model.calendar import WorkingCalendar
from publish.model.rules import Rule, RuleBook
from publish.model.terms import ExitReason, Kind
from publish.model.topics import ExitNotice, NamedSubjects, Objection, Parameters, Repair, UnderObjection

V = TypeVar("V", covariant=True)


@dataclass(frozen=True, slots=True)
class Basis:
    """The rule book, the working-day calendar, the as-of date, and the secret of record keys."""

    book: RuleBook
    calendar: WorkingCalendar
    as_of: date
    secret: bytes = b""


@dataclass(frozen=True, slots=True)
class Stated(Generic[V]):
    """A parameter's value and the rule that states it; no rule: the protective default."""

    value: V
    rule: Rule[Parameters] | None = None


@dataclass(frozen=True, slots=True)
class Handling:
    """How objections and repairs about one kind of dataset are handled on one day. Days are working days."""

    under_objection: Stated[UnderObjection]
    measures_suspended: Stated[bool]
    review_days: Stated[int | None]
    check_days: Stated[int | None]
    correct_days: Stated[int | None]
    notice_days: Stated[int]
    repair_rule: Rule[Parameters] | None


@dataclass(frozen=True, slots=True)
class Notice:
    """How an exit notice for one reason is given. `days` None: the site's limit."""

    names: NamedSubjects
    days: int | None
    noindex: bool
    rule: Rule[ExitNotice] | None


def handling_of(basis: Basis, kind: Kind) -> Handling:
    """The statements in force for a kind. Where rules differ, the strictest: what shows less, or is due sooner."""
    objection = list(basis.book.in_force(Objection, kind, basis.as_of))
    repair = list(basis.book.in_force(Repair, kind, basis.as_of))
    records = [(p.record, rule) for rule in objection if (p := rule.parameters).record is not None]
    measures = [
        (p.measures_suspended, rule) for rule in objection if (p := rule.parameters).measures_suspended is not None
    ]
    order = list(UnderObjection)
    under = max(records, key=lambda pair: order.index(pair[0]), default=(UnderObjection.SUSPENDED, None))
    rests = max(measures, key=lambda pair: pair[0], default=(False, None))
    notice = _fewest((rule.parameters.notice_days, rule) for rule in repair)
    return Handling(
        under_objection=Stated(*under),
        measures_suspended=Stated(*rests),
        review_days=_fewest((rule.parameters.review_days, rule) for rule in objection),
        check_days=_fewest((rule.parameters.check_days, rule) for rule in objection),
        correct_days=_fewest((rule.parameters.correct_days, rule) for rule in objection),
        notice_days=Stated(notice.value or 0, notice.rule),
        repair_rule=repair[0] if repair else None,
    )


def notice_of(basis: Basis, kind: Kind, reason: ExitReason) -> Notice:
    """How exits for a reason are announced: nobody is named and search engines are kept out unless rules say so."""
    rules = [
        rule
        for rule in basis.book.in_force(ExitNotice, kind, basis.as_of)
        if not rule.parameters.reasons or reason in rule.parameters.reasons
    ]
    rules.sort(key=lambda rule: not rule.parameters.reasons)  # a rule about this very reason is the one to cite
    order = list(NamedSubjects)
    names = [rule.parameters.names for rule in rules if rule.parameters.names is not None]
    days = [rule.parameters.days for rule in rules if rule.parameters.days is not None]
    noindex = [rule.parameters.noindex for rule in rules if rule.parameters.noindex is not None]
    return Notice(
        names=max(names, key=order.index, default=NamedSubjects.NOBODY),
        days=min(days, default=None),
        noindex=any(noindex) or not noindex,
        rule=rules[0] if rules else None,
    )


def _fewest(stated: Iterable[tuple[int | None, Rule[Parameters]]]) -> Stated[int | None]:
    """The smallest number that a rule states, with the rule."""
    found = [(days, rule) for days, rule in stated if days is not None]
    return Stated(*min(found, key=lambda pair: pair[0], default=(None, None)))

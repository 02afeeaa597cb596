"""The rules page: which rules are in force, in the profile's words, what they set, and where their articles stand."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import groupby
from typing import Any, TypeVar

from publish import urls
from publish.model import topics
from publish.model.rules import Level, Rule
from publish.model.site import RuleInForce, RuleState, Site
from publish.model.terms import Area, ExitReason, Kind, Outcome, Pattern, PenaltyType, Procedure, Severity, SubjectKind
from publish.model.topics import Parameters
from publish.render.contexts import Link, RuleGroup, RuleView
from publish.render.page_contexts import RulesPage
from publish.render.views import Desk, column_meta

E = TypeVar("E", bound=StrEnum)


def render_rules(desk: Desk, site: Site) -> bytes:
    """The rules page. A site without data has none to show, and says so."""
    title = desk.label("nav.rules")
    meta = column_meta(desk, title, urls.RULES, [Link(title)])
    held = [entry for entry in site.rules if entry.state is RuleState.IN_FORCE]
    groups = tuple(
        RuleGroup(
            title=profile,
            level=desk.label(f"rule.level.{level.value}"),
            note=desk.label("rule.safeguard") if level is Level.BASELINE else "",
            rules=tuple(_view(desk, entry) for entry in entries),
        )
        for (profile, level), entries in groupby(held, key=lambda entry: (entry.profile, entry.level))
    )
    others = tuple(_view(desk, entry) for entry in site.rules if entry.state is not RuleState.IN_FORCE)
    return desk.page("rules", RulesPage(meta, groups, others))


def _view(desk: Desk, entry: RuleInForce) -> RuleView:
    rule = entry.rule
    state = None if entry.state is RuleState.IN_FORCE else desk.label(f"rule.state.{entry.state.value}")
    kinds = desk.label("rule.every-kind") if entry.every_kind else kinds_in_words(desk, entry.kinds)
    return RuleView(
        id=rule.id,
        title=rule.title,
        sets=tuple(said for said in statements(desk, rule.parameters) if said.rstrip("。.") != rule.title),
        kinds=kinds,
        period=_period(desk, rule),
        basis=Link(str(rule.citation), entry.basis_url),
        profile=entry.profile,
        state=state,
        replaced_by=tuple(Link(other.title, f"{urls.RULES}#{other.id}") for other in entry.replaced_by),
    )


def _period(desk: Desk, rule: Rule[Parameters]) -> str:
    """When the rule is in force; blank if it has no bounds."""
    if rule.start and rule.end:
        return desk.t("rule.between", start=rule.start, end=rule.end).unescape()
    if rule.start:
        return desk.t("rule.since", start=rule.start).unescape()
    return desk.t("rule.until", end=rule.end).unescape() if rule.end else ""


def statements(desk: Desk, parameters: Parameters) -> Iterator[str]:
    """What a rule sets, in sentences of the site's language. A parameter that the rule leaves open says nothing."""
    yield from _SPEAKERS[type(parameters)](desk, parameters)


def _safeguard(desk: Desk, _: topics.Safeguard) -> Iterator[str]:
    yield from ()  # its title says it all


def _validity(desk: Desk, rule: topics.Validity) -> Iterator[str]:
    if rule.periods:
        yield desk.t("rule.longest", periods=_months(desk, rule.periods)).unescape()
    if rule.minimums:
        yield desk.t("rule.shortest", periods=_months(desk, rule.minimums)).unescape()
    if rule.areas and rule.area_minimum:
        areas = _words(desk, (desk.label(f"rule.area.{area.value}") for area in _ordered(Area, rule.areas)))
        yield desk.t("rule.shortest-area", areas=areas, months=rule.area_minimum).unescape()
    yield desk.label(f"rule.ends.{rule.ends.value}")
    if rule.holiday_roll:
        yield desk.label("rule.holiday-roll")


def _withhold(desk: Desk, rule: topics.Withhold) -> Iterator[str]:
    if rule.severity:
        values = _words(desk, (desk.label(f"severity.{value.value}") for value in _ordered(Severity, rule.severity)))
        yield desk.t("rule.withhold-severity", values=values).unescape()
    if rule.procedure:
        ordered = _ordered(Procedure, rule.procedure)
        values = _words(desk, (desk.label(f"rule.procedure.{value.value}") for value in ordered))
        yield desk.t("rule.withhold-procedure", values=values).unescape()
    if rule.subject_kind:
        yield desk.t("rule.withhold-subject", values=_subjects(desk, rule.subject_kind)).unescape()
    if SubjectKind.NATURAL_PERSON in rule.subject_kind:
        yield desk.label("rule.unknown-subject")


def _require(desk: Desk, rule: topics.Require) -> Iterator[str]:
    values = _words(desk, (desk.label(f"rule.role.{role}") for role in rule.roles))
    yield desk.t("rule.require", values=values).unescape()


def _grading(desk: Desk, rule: topics.Grading) -> Iterator[str]:
    for severity in Severity:
        types = [kind for kind in PenaltyType if rule.types.get(kind) is severity]
        if types:
            values = _words(desk, (desk.label(f"rule.penalty.{kind.value}") for kind in types))
            label = desk.label(f"severity.{severity.value}")
            yield desk.t("rule.graded", severity=label, types=values).unescape()
    yield desk.label("rule.gravest")


def _adult(desk: Desk, rule: topics.Adult) -> Iterator[str]:
    yield desk.t("rule.adult", years=rule.years).unescape()


def _catalogue(desk: Desk, rule: topics.Catalogue) -> Iterator[str]:
    values = _words(desk, (desk.label(f"rule.stated.{name}") for name in rule.stated))
    yield desk.t("rule.catalogue", values=values).unescape()


def _prior_notice(desk: Desk, _: topics.PriorNotice) -> Iterator[str]:
    yield desk.label("rule.prior-notice")


def _cross_check(desk: Desk, rule: topics.CrossCheck) -> Iterator[str]:
    yield desk.t("rule.cross-check", kinds=kinds_in_words(desk, rule.against)).unescape()


def _objection(desk: Desk, rule: topics.Objection) -> Iterator[str]:
    if rule.record is not None:
        yield desk.label(f"rule.record.{rule.record.value}")
    if rule.measures_suspended is not None:
        yield desk.label("rule.measures-rest") if rule.measures_suspended else desk.label("rule.measures-go-on")
    if rule.review_days is not None:
        yield desk.t("rule.review-days", days=rule.review_days).unescape()
    if rule.check_days is not None:
        yield desk.t("rule.check-days", days=rule.check_days).unescape()
    if rule.correct_days is not None:
        yield desk.t("rule.correct-days", days=rule.correct_days).unescape()


def _repair(desk: Desk, rule: topics.Repair) -> Iterator[str]:
    if rule.notice_days:
        yield desk.t("rule.repair-notice", days=rule.notice_days).unescape()
    else:
        yield desk.label("rule.repair")


def _exit_notice(desk: Desk, rule: topics.ExitNotice) -> Iterator[str]:
    if rule.reasons:
        values = _words(desk, (desk.label(f"exit.{reason.value}") for reason in _ordered(ExitReason, rule.reasons)))
        yield desk.t("rule.reasons", values=values).unescape()
    if rule.names is not None:
        yield desk.label(f"rule.names.{rule.names.value}")
    if rule.days is not None:
        yield desk.t("rule.notice-days", days=rule.days).unescape()
    if rule.noindex is not None:
        yield desk.label("rule.noindex") if rule.noindex else desk.label("rule.indexed")


def _deadline(desk: Desk, rule: topics.Deadline) -> Iterator[str]:
    yield desk.t("rule.deadline", days=rule.days).unescape()
    if rule.subjects:
        yield desk.t("rule.deadline-subjects", values=_subjects(desk, rule.subjects)).unescape()


def _free_text(desk: Desk, rule: topics.FreeText) -> Iterator[str]:
    ordered = _ordered(Pattern, rule.patterns)
    values = _words(desk, (desk.label(f"rule.pattern.{pattern.value}") for pattern in ordered))
    if rule.outcome is Outcome.MASKED:
        yield desk.t("rule.masked", values=values).unescape()
    else:
        yield desk.t("rule.withheld", values=values).unescape()


def _statistics(desk: Desk, rule: topics.Statistics) -> Iterator[str]:
    yield desk.label("rule.deadlines-shown") if rule.deadlines else desk.label("rule.deadlines-hidden")


_SPEAKERS: Mapping[type, Callable[[Desk, Any], Iterator[str]]] = {
    topics.Safeguard: _safeguard,
    topics.Validity: _validity,
    topics.Withhold: _withhold,
    topics.Require: _require,
    topics.Grading: _grading,
    topics.Adult: _adult,
    topics.Catalogue: _catalogue,
    topics.PriorNotice: _prior_notice,
    topics.CrossCheck: _cross_check,
    topics.Objection: _objection,
    topics.Repair: _repair,
    topics.ExitNotice: _exit_notice,
    topics.Deadline: _deadline,
    topics.FreeText: _free_text,
    topics.Statistics: _statistics,
}


def kinds_in_words(desk: Desk, kinds: Collection[Kind]) -> str:
    """Kinds of datasets, in their order."""
    return _words(desk, (desk.label(f"kind.{kind.value}") for kind in _ordered(Kind, kinds)))


def _subjects(desk: Desk, subjects: Collection[SubjectKind]) -> str:
    ordered = _ordered(SubjectKind, subjects)
    return _words(desk, (desk.label(f"rule.subject.{subject.value}") for subject in ordered))


def _months(desk: Desk, months: Mapping[Severity, int]) -> str:
    return _words(
        desk,
        (
            desk.t("rule.months", severity=desk.label(f"severity.{severity.value}"), months=months[severity]).unescape()
            for severity in _ordered(Severity, months)
        ),
    )


def _ordered(every: type[E], some: Collection[E]) -> list[E]:
    return [value for value in every if value in some]


def _words(desk: Desk, words: Iterable[str]) -> str:
    return desk.label("join.words").join(words)

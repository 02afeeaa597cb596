"""How jurisdictions regulate the same: a row for each parameter of rule profiles, a column for each profile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from publish import urls
from publish.model import topics
from publish.model.site import ComparedProfile, ComparedRule
from publish.model.topics import Parameters
from publish.render.contexts import Link
from publish.render.policy_contexts import CompareCell, CompareEntry, ComparePage, CompareRow
from publish.render.rules_page import kinds_in_words, statements
from publish.render.views import Desk, column_meta


def _all_of(kind: type[Parameters]) -> Callable[[Parameters], Parameters | None]:
    return lambda parameters: parameters if isinstance(parameters, kind) else None


def _objection(*names: str) -> Callable[[Parameters], Parameters | None]:
    """An objection rule with these parameters only; None if it states none of them."""

    def part(parameters: Parameters) -> Parameters | None:
        if not isinstance(parameters, topics.Objection):
            return None
        values = {name: getattr(parameters, name) for name in names}
        return topics.Objection(**values) if any(value is not None for value in values.values()) else None

    return part


# Each row, and what of a rule's parameters it shows.
ROWS: Mapping[str, Callable[[Parameters], Parameters | None]] = {
    "validity": _all_of(topics.Validity),
    "grading": _all_of(topics.Grading),
    "objection-record": _objection("record"),
    "objection-measures": _objection("measures_suspended"),
    "objection-days": _objection("review_days", "check_days", "correct_days"),
    "repair": _all_of(topics.Repair),
    "deadline": _all_of(topics.Deadline),
    "exit-notice": _all_of(topics.ExitNotice),
    "prior-notice": _all_of(topics.PriorNotice),
    "cross-check": _all_of(topics.CrossCheck),
    "withhold": _all_of(topics.Withhold),
    "require": _all_of(topics.Require),
    "catalogue": _all_of(topics.Catalogue),
    "adult": _all_of(topics.Adult),
    "free-text": _all_of(topics.FreeText),
    "statistics": _all_of(topics.Statistics),
}


def render_comparison(desk: Desk, profiles: Sequence[ComparedProfile]) -> bytes:
    """The page; a parameter that no jurisdiction regulates has no row."""
    title = desk.label("compare.title")
    crumbs = (Link(desk.label("nav.rules"), urls.RULES), Link(title))
    meta = column_meta(desk, title, urls.RULES_COMPARED, crumbs, description=desk.label("compare.lead"))
    columns = tuple((profile.title, desk.label(f"rule.level.{profile.level.value}")) for profile in profiles)
    rows = (
        CompareRow(name, desk.label(f"compare.{name}"), tuple(_cell(desk, one, part) for one in profiles))
        for name, part in ROWS.items()
    )
    return desk.page(
        "compare", ComparePage(meta, columns, tuple(row for row in rows if any(c.entries for c in row.cells)))
    )


def _cell(desk: Desk, profile: ComparedProfile, part: Callable[[Parameters], Parameters | None]) -> CompareCell:
    return CompareCell(profile.title, tuple(_entries(desk, profile.rules, part)))


def _entries(
    desk: Desk, rules: Sequence[ComparedRule], part: Callable[[Parameters], Parameters | None]
) -> Iterator[CompareEntry]:
    for one in rules:
        shown = part(one.rule.parameters)
        if shown is None:
            continue
        said = tuple(statements(desk, replace(shown))) or (one.rule.title,)
        yield CompareEntry(said, _note(desk, one), Link(str(one.rule.citation), one.basis_url))


def _note(desk: Desk, one: ComparedRule) -> str:
    kinds = kinds_in_words(desk, one.rule.kinds) if one.rule.kinds else ""
    since = desk.t("compare.coming", date=one.rule.start).unescape() if one.coming else ""
    borrowed = desk.label("compare.borrowed") if one.rule.borrowed else ""
    return desk.label("join.words").join(word for word in (kinds, since, borrowed) if word)

"""The rules of a site as its rules page shows them: which are in force, for what, and where their articles stand."""

from collections.abc import Collection, Sequence
from datetime import date

from publish.derive.articles import Articles
from publish.model.document import Document
from publish.model.rules import Rule, RuleBook, RuleProfile
from publish.model.site import ComparedProfile, ComparedRule, RuleInForce, RuleState
from publish.model.terms import Kind
from publish.model.topics import Parameters


def derive_rules(
    book: RuleBook, kinds: Collection[Kind], as_of: date, documents: Sequence[Document]
) -> tuple[RuleInForce, ...]:
    """The rules of `book` about the `kinds` that the site's datasets have, in the book's order.

    Those that are not in force on `as_of` are among them, with their state; those about other kinds are not.
    """
    ordered = tuple(kind for kind in Kind if kind in kinds)
    articles = Articles(documents, [rule.citation for rule in book.rules()])
    replacing = [rule for rule in book.rules() if rule.overrides and rule.in_force(as_of)]
    found = []
    for profile in book.profiles:
        for rule in profile.rules:
            covered = tuple(kind for kind in ordered if rule.covers(kind))
            if not covered:
                continue
            mine = [other for other in replacing if other.overrides == rule.id]
            state, kept = _standing(rule, covered, mine, as_of)
            every = not rule.kinds and kept == ordered
            by = tuple(other for other in mine if any(map(other.covers, covered))) if rule.in_force(as_of) else ()
            basis = articles.address_of(rule.citation)
            found.append(RuleInForce(rule, profile.title, profile.level, state, kept, every, by, basis))
    return tuple(found)


def derive_comparison(
    profiles: Sequence[RuleProfile], as_of: date, documents: Sequence[Document]
) -> tuple[ComparedProfile, ...]:
    """What each profile has in force on `as_of` or later, by itself: without what it is layered on."""
    articles = Articles(documents, [rule.citation for profile in profiles for rule in profile.rules])
    return tuple(
        ComparedProfile(
            profile.title,
            profile.level,
            tuple(
                ComparedRule(rule, rule.start is not None and rule.start > as_of, articles.address_of(rule.citation))
                for rule in profile.rules
                if rule.end is None or rule.end >= as_of
            ),
        )
        for profile in profiles
    )


def _standing(
    rule: Rule[Parameters], covered: tuple[Kind, ...], replacing: Sequence[Rule[Parameters]], as_of: date
) -> tuple[RuleState, tuple[Kind, ...]]:
    """State on the day, and the kinds of which that is true. As RuleBook.in_force has it, kind by kind."""
    if rule.start is not None and rule.start > as_of:
        return RuleState.COMING, covered
    if not rule.in_force(as_of):
        return RuleState.ENDED, covered
    kept = tuple(kind for kind in covered if not any(other.covers(kind) for other in replacing))
    return (RuleState.IN_FORCE, kept) if kept else (RuleState.REPLACED, covered)

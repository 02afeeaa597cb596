"""What pages show beside the tables themselves."""

from collections.abc import Collection, Sequence
from datetime import date

from publish.derive.corpus import DocumentIndex
from publish.derive.keywords import derive_keywords
from publish.derive.policies import derive_policies
from publish.derive.related import derive_related
from publish.derive.responsibilities import derive_responsibilities
from publish.derive.rules import derive_comparison, derive_rules
from publish.derive.statistics import derive_statistics
from publish.derive.summaries import derive_subjects, derive_summary
from publish.model.document import Document
from publish.model.issue import Issue
from publish.model.public import Disclosure
from publish.model.rules import RuleBook, RuleProfile
from publish.model.site import Site
from publish.model.terms import Kind
from publish.model.topics import Statistics


def derive_site(
    disclosure: Disclosure, documents: Sequence[Document], book: RuleBook, profiles: Sequence[RuleProfile] = ()
) -> tuple[Site, tuple[Issue, ...]]:
    """What pages show beside the tables themselves, and what the publisher should know of responsibility clauses.

    `profiles` are those to be compared.
    """
    kinds = {table.info.kind for table in disclosure.public}
    index = DocumentIndex(documents)
    responsibilities, issues = derive_responsibilities(documents)
    site = Site(
        tuple(derive_summary(table, disclosure.exits) for table in disclosure.public),
        derive_subjects(disclosure.public),
        tuple(documents),
        derive_related(documents, index),
        keywords=derive_keywords(documents, index),
        policies=derive_policies(documents, book, disclosure.as_of),
        compared=derive_comparison(profiles, disclosure.as_of, documents),
        rules=derive_rules(book, kinds, disclosure.as_of, documents),
        statistics=derive_statistics(disclosure, _publishes_deadlines(book, kinds, disclosure.as_of)),
        responsibilities=responsibilities,
    )
    return site, issues


def _publishes_deadlines(book: RuleBook, kinds: Collection[Kind], as_of: date) -> bool:
    return any(rule.parameters.deadlines for kind in kinds for rule in book.in_force(Statistics, kind, as_of))

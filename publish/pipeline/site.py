"""What pages show beside the tables themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
from publish.model.policy import PolicyText
from publish.model.public import Disclosure
from publish.model.responsibility import Responsibilities
from publish.model.rules import RuleBook, RuleProfile
from publish.model.site import ComparedProfile, Site
from publish.model.terms import Kind
from publish.model.topics import Statistics


@dataclass(frozen=True, slots=True)
class OfDocuments:
    """What pages show of policy documents, by slug where it is of one; and `issues`, what the publisher should know of
    responsibility clauses."""

    related: Mapping[str, tuple[str, ...]]
    keywords: Mapping[str, tuple[str, ...]]
    policies: Mapping[str, PolicyText]
    compared: tuple[ComparedProfile, ...]
    responsibilities: Responsibilities
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class DocumentsTask:
    """All `documents` of a site, the rules that rest on them, and the `profiles` that are to be compared."""

    documents: tuple[Document, ...]
    book: RuleBook
    profiles: tuple[RuleProfile, ...]
    as_of: date


def derive_documents(task: DocumentsTask) -> OfDocuments:
    """What depends on no record. In whichever process."""
    documents = task.documents
    index = DocumentIndex(documents)
    responsibilities, issues = derive_responsibilities(documents)
    return OfDocuments(
        derive_related(documents, index),
        derive_keywords(documents, index),
        derive_policies(documents, task.book, task.as_of),
        derive_comparison(task.profiles, task.as_of, documents),
        responsibilities,
        issues,
    )


def derive_site(disclosure: Disclosure, documents: Sequence[Document], book: RuleBook, derived: OfDocuments) -> Site:
    """What pages show beside the tables themselves. `derived`: of the `documents`."""
    kinds = {table.info.kind for table in disclosure.public}
    return Site(
        tuple(derive_summary(table, disclosure.exits) for table in disclosure.public),
        derive_subjects(disclosure.public),
        tuple(documents),
        derived.related,
        keywords=derived.keywords,
        policies=derived.policies,
        compared=derived.compared,
        rules=derive_rules(book, kinds, disclosure.as_of, documents),
        statistics=derive_statistics(disclosure, _publishes_deadlines(book, kinds, disclosure.as_of)),
        responsibilities=derived.responsibilities,
    )


def _publishes_deadlines(book: RuleBook, kinds: Collection[Kind], as_of: date) -> bool:
    return any(rule.parameters.deadlines for kind in kinds for rule in book.in_force(Statistics, kind, as_of))

"""How a document stands on a day: in force, not yet, repealed, expired, archived; nothing that is not stated."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from publish.derive.articles import fold_title
from publish.derive.numbers import number_key
from publish.model.document import Document, Relation, RelationKind
from publish.model.issue import Issue, Level
from publish.model.policy import Named, Standing, Status

# How documents and their publishers word it.
_WORDS = {
    Standing.IN_FORCE: ("现行有效", "有效", "现行", "in force"),
    Standing.COMING: ("尚未施行", "尚未生效", "未施行", "未生效", "not yet in force"),
    Standing.REPEALED: ("已废止", "废止", "已被废止", "repealed"),
    Standing.EXPIRED: ("失效", "已失效", "已过期", "expired"),
    Standing.ARCHIVED: ("归档", "已归档", "archived"),
    Standing.UNSTATED: ("unstated",),
}


def standing_of(document: Document, documents: Sequence[Document], as_of: date) -> Status:
    """What its front matter states, and what other documents here state of it: dates before words."""
    repealed = _repealed(document, documents, as_of)
    if repealed is not None:
        return repealed
    since, until = document.in_force_from, document.in_force_until
    if until is not None and until < as_of:
        return Status(Standing.EXPIRED, since=since, until=until)
    if since is not None and since > as_of:
        return Status(Standing.COMING, since=since, until=until)
    if document.archived:
        return Status(Standing.ARCHIVED, since=since, until=until)
    stated = _worded(document.validity)
    if stated is Standing.UNSTATED and (since or until):
        return Status(Standing.IN_FORCE, since=since, until=until)
    words = document.validity if stated is Standing.OTHER else ""
    return Status(stated, words, since=since, until=until)


def standing_issues(documents: Sequence[Document], as_of: date) -> Iterator[Issue]:
    """A warning where a document's own words and what dates and other documents say cannot both be so."""
    for document in documents:
        found, stated = standing_of(document, documents, as_of).standing, _worded(document.validity)
        ended = (Standing.REPEALED, Standing.EXPIRED, Standing.COMING)
        if stated is Standing.IN_FORCE and found in ended:
            hint = f"stated to be in force, but {found.value} by dates or by another document; that is what is shown"
            yield Issue("document.validity-conflict", Level.WARNING, hint, file=document.file, field="validity")


def names(relation: Relation, document: Document) -> bool:
    """Whether a relation is to this document: by number where both have one, else by title."""
    if relation.number and document.number:
        return number_key(relation.number) == number_key(document.number)
    return relation.title is not None and fold_title(relation.title) == fold_title(document.title)


def _repealed(document: Document, documents: Sequence[Document], as_of: date) -> Status | None:
    """Its repeal, if that is stated and has come."""
    own = [relation for relation in document.relations if relation.kind is RelationKind.REPEALED_BY]
    by = [named_of(relation, documents) for relation in own]
    days: list[date | None] = [document.repealed_on] if document.repealed_on or own else []
    for other in documents:
        repeals = [one for one in other.relations if one.kind is RelationKind.REPEALS]
        if other is document or not any(names(one, document) for one in repeals):
            continue
        if other.slug not in {named.slug for named in by}:
            by.append(Named(other.title, other.number, slug=other.slug))
        days.append(other.in_force_from)
    if not days:
        return None
    # The document's own day holds; what repeals it does so when it is in force itself.
    day = document.repealed_on or next((one for one in days if one is not None), None)
    if day is not None and day > as_of:
        return None
    return Status(Standing.REPEALED, since=day, by=tuple(by))


def named_of(relation: Relation, documents: Sequence[Document]) -> Named:
    """The document that a relation names, as it is called here if it is published here."""
    named = Named(relation.title, relation.number)
    found = [document for document in documents if names(relation, document)]
    if len(found) != 1:
        return named
    return replace(named, title=found[0].title, number=found[0].number, slug=found[0].slug)


def _worded(validity: str) -> Standing:
    for standing, words in _WORDS.items():
        if validity.strip().lower() in words:
            return standing
    return Standing.OTHER

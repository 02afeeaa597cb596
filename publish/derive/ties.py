"""What documents state of one another, told on both their pages."""

from collections.abc import Iterator, Mapping, Sequence

from publish.derive.standing import named_of, names
from publish.model.document import Document, RelationKind
from publish.model.policy import Named, Tie

# What a relation is to the document that states it, and to the other one.
_TIES: Mapping[RelationKind, tuple[Tie, Tie]] = {
    RelationKind.BASED_ON: (Tie.BASED_ON, Tie.BASIS_OF),
    RelationKind.IMPLEMENTS: (Tie.IMPLEMENTS, Tie.IMPLEMENTED_BY),
    RelationKind.REPEALS: (Tie.REPEALS, Tie.REPEALED_BY),
    RelationKind.REPEALED_BY: (Tie.REPEALED_BY, Tie.REPEALS),
    RelationKind.AMENDS: (Tie.AMENDS, Tie.AMENDED_BY),
    RelationKind.ANNEX_OF: (Tie.ANNEX_OF, Tie.HAS_ANNEX),
}


def ties_of(document: Document, documents: Sequence[Document]) -> tuple[tuple[Tie, Named], ...]:
    """Its relations in the order of Tie, each once: its own word first, then those of others."""
    found = list(dict.fromkeys(_ties(document, documents)))
    order = list(Tie)
    return tuple(sorted(found, key=lambda one: order.index(one[0])))


def _ties(document: Document, documents: Sequence[Document]) -> Iterator[tuple[Tie, Named]]:
    for relation in document.relations:
        yield _TIES[relation.kind][0], named_of(relation, documents)
    for other in documents:
        for relation in other.relations:
            if other is not document and names(relation, document):
                yield _TIES[relation.kind][1], Named(other.title, other.number, slug=other.slug)

"""A ranking to hold another one to: Whoosh's BM25F over sections, and how far two orders agree."""

from collections.abc import Sequence
from itertools import combinations

from publish.derive.corpus import SectionIndex
from publish.derive.finding import field_names, parse_query
from publish.model.document import Document


def whoosh_order(documents: Sequence[Document], query: str) -> list[str]:
    """Addresses of the documents' sections that hold all terms, best first, each once.

    Whoosh also finds sections that hold some terms only in the titles above them; `kendall_tau` leaves out what one
    order does not have.
    """
    found = SectionIndex(documents).search(parse_query(query, field_names([])))
    return list(dict.fromkeys(section.url for _, section in found))


def kendall_tau(one: Sequence[str], other: Sequence[str]) -> float:
    """Kendall's tau of two orders, over what both have: 1.0 the same order, -1.0 the reverse, 0.0 no connection.

    Fewer than two items in common are in the same order, whichever it is. Raises ValueError for an item that is there
    twice.
    """
    if len(set(one)) < len(one) or len(set(other)) < len(other):
        raise ValueError("an order has an item twice")
    places = {item: place for place, item in enumerate(other)}
    common = [places[item] for item in one if item in places]
    pairs = list(combinations(common, 2))
    return sum(1 if first < second else -1 for first, second in pairs) / len(pairs) if pairs else 1.0

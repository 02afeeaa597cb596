"""Policy documents and site pages: Markdown with front matter."""

import re
from dataclasses import dataclass
from datetime import date

# Ids that the page shell uses itself: a document may not take their place, and nothing links to them as a document's.
RESERVED_ANCHORS = re.compile(r"(q|main|header-q|related|months|authorities|downloads|fields|search-.*)")


@dataclass(frozen=True, slots=True)
class Document:
    """One policy document. The five dates and bodies of the government page head are different fields (facts, 8).

    `body` is Markdown; `source_url` may be an outside link. `validity` is stated or "unstated", never inferred.
    """

    slug: str
    title: str
    body: str
    number: str | None = None
    issuer: str | None = None
    written_on: date | None = None
    printed_on: date | None = None
    published_on: date | None = None
    source: str | None = None
    source_url: str | None = None
    index_number: str | None = None
    subject_class: str | None = None
    keywords: tuple[str, ...] = ()
    validity: str = "unstated"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site's own in content/pages/<slug>.md, such as about and how to object. `body` is Markdown."""

    slug: str
    title: str
    body: str

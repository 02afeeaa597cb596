"""Policy documents and site pages: Markdown with front matter."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

# Ids that the page shell uses itself: a document may not take their place, and nothing links to them as a document's.
RESERVED_ANCHORS = re.compile(r"(q|main|header-q|related|months|authorities|downloads|fields|search-.*|shell-.*)")


class RelationKind(StrEnum):
    """What a document says of another one. `ANNEX_OF`: it was published as an annex of that one."""

    BASED_ON = "based_on"
    IMPLEMENTS = "implements"
    REPEALS = "repeals"
    REPEALED_BY = "repealed_by"
    AMENDS = "amends"
    ANNEX_OF = "annex_of"


@dataclass(frozen=True, slots=True)
class Relation:
    """To a document by its title (without 《》) or number (normalised, 〔〕), or both; it need not be on the site."""

    kind: RelationKind
    title: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is published with a document: its name in the address, how it is called, its size and SHA-256."""

    name: str
    title: str
    bytes: int
    sha256: str
    path: Path = field(default=Path(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier text of a document, as it was from `day` until the next version's; `document` has its own slug."""

    day: date
    document: "Document"


@dataclass(frozen=True, slots=True)
class Document:
    """One policy document. The five dates and bodies of the government page head are different fields (facts, 8).

    `body` is Markdown; `source_url` may be an outside link. `validity` is stated or "unstated", never inferred; so are
    the days from which (`in_force_from`) and up to which (`in_force_until`, the last day) it is in force, and the day
    on which it was repealed. `publicity` is its mark, such as 此件公开发布; `addressees` as they stand at its head.
    `versions` are earlier texts, oldest first. `file`: where it was read, as findings call it.
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
    addressees: str | None = None
    publicity: str | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None
    repealed_on: date | None = None
    archived: bool = False
    relations: tuple[Relation, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    versions: tuple[Version, ...] = ()
    file: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site's own in content/pages/<slug>.md, such as about and how to object. `body` is Markdown."""

    slug: str
    title: str
    body: str

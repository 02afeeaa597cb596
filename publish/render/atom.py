"""Atom feeds (RFC 4287): pure text, no clock; the same entries give the same bytes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/atom+xml"

_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACE = "http://www.w3.org/2005/Atom"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, production 2


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """One entry. `url` is the page's address and the entry's id, for good; `updated` a date-time of RFC 3339.

    `category` is (term, label): a word for machines and one for people.
    """

    url: str
    title: str
    updated: str
    summary: str
    category: tuple[str, str]


@dataclass(frozen=True, slots=True)
class AtomFeed:
    """A feed. `url` is its own address and its id, `page` that of the page with the same content."""

    url: str
    page: str
    title: str
    subtitle: str
    author: str
    author_url: str
    language: str
    updated: str
    entries: Sequence[AtomEntry]


def render_atom(feed: AtomFeed) -> bytes:
    """The feed as UTF-8. Characters that XML 1.0 cannot hold are left out."""
    head = (
        f'<feed xmlns="{_NAMESPACE}" xml:lang={_attribute(feed.language)}>\n'
        f"<id>{_text(feed.url)}</id>\n"
        f"<title>{_text(feed.title)}</title>\n"
        f"<subtitle>{_text(feed.subtitle)}</subtitle>\n"
        f"<updated>{_text(feed.updated)}</updated>\n"
        f"<author><name>{_text(feed.author)}</name><uri>{_text(feed.author_url)}</uri></author>\n"
        f'<link rel="self" type="{MEDIA_TYPE}" href={_attribute(feed.url)}/>\n'
        f'<link rel="alternate" type="text/html" href={_attribute(feed.page)}/>\n'
    )
    return f"{_XML}{head}{''.join(map(_entry, feed.entries))}</feed>\n".encode()


def _entry(entry: AtomEntry) -> str:
    term, label = entry.category
    return (
        "<entry>\n"
        f"<id>{_text(entry.url)}</id>\n"
        f"<title>{_text(entry.title)}</title>\n"
        f"<updated>{_text(entry.updated)}</updated>\n"
        f"<category term={_attribute(term)} label={_attribute(label)}/>\n"
        f'<link rel="alternate" type="text/html" href={_attribute(entry.url)}/>\n'
        f"<summary>{_text(entry.summary)}</summary>\n"
        "</entry>\n"
    )


def _text(value: str) -> str:
    return escape(_ILLEGAL.sub("", value))


def _attribute(value: str) -> str:
    return quoteattr(_ILLEGAL.sub("", value))

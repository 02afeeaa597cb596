"""Policy documents cut into the sections that a search finds, each with the address that leads to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from publish import urls
from publish.derive.annotate import with_ids
from publish.derive.outline import read_outline
from publish.model.document import RESERVED_ANCHORS, Document
from publish.model.markup import HEADINGS
from publish.model.outline import Form

_ANCHORED = HEADINGS | {"p", "li"}
_BLOCKS = _ANCHORED | {"br", "hr", "blockquote", "pre", "ul", "ol", "dl", "dt", "dd", "table", "tr", "caption", "div"}
_CELLS = frozenset({"td", "th"})
# What a section is made of beside headings and what bears an id of its own; items of an article belong to the article.
_CUT = frozenset({Form.ANNEX, Form.BOOK, Form.CHAPTER, Form.SECTION, Form.ARTICLE, Form.HAN, Form.HAN_BRACKETS})


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, article or item of a document with what follows it, up to the next one.

    `title` is its own heading (the document's title for its first section, None where there is only text), `context`
    the document and heading it stands under, `text` its plain text, one line a block.
    """

    url: str
    title: str | None
    context: str | None
    text: str


def derive_sections(document: Document) -> Iterator[Section]:
    """The sections of a document in its order; the first is what stands before any heading or anchor, if only ''."""
    # As the page is rendered: what a reader cannot see there must not be found here, and anchors must be there.
    outline = read_outline(document)
    cut = frozenset(
        part.anchor
        for part in outline.parts
        if part.form in _CUT and (part.form is Form.ARTICLE or "art-" not in part.anchor)
    )
    cutter = _Cutter()
    cutter.feed(with_ids(outline, cut))
    cutter.close()
    url = urls.policy(document.slug)
    for number, part in enumerate(cutter.parts):
        address = f"{url}#{part.anchor}" if part.anchor else url
        lines = [re.sub(r"\s+", " ", line).strip() for line in "".join(part.text).split("\n")]
        body = "\n".join(line for line in lines if line)
        if number == 0:
            yield Section(address, document.title, None, body)
        elif part.heading:
            yield Section(address, re.sub(r"\s+", " ", part.heading).strip(), document.title, body)
        elif body:
            under = re.sub(r"\s+", " ", part.under).strip()
            yield Section(address, None, f"{document.title} {under}".strip(), body)


@dataclass(slots=True)
class _Part:
    anchor: str
    under: str
    heading: str
    text: list[str]


class _Cutter(HTMLParser):
    """Cuts sanitised HTML at headings and at paragraphs and list items that have an id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts = [_Part("", "", "", [])]
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        anchor = dict(attrs).get("id") or ""
        if RESERVED_ANCHORS.fullmatch(anchor):
            anchor = ""  # as on the page, which takes it away
        last = self.parts[-1]
        if tag in HEADINGS or anchor:
            self.parts.append(_Part(anchor or last.anchor, last.heading or last.under, "", []))
            self._in_heading = tag in HEADINGS
        elif tag in _BLOCKS:
            last.text.append("\n")
        elif tag in _CELLS:
            last.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in HEADINGS:
            self._in_heading = False
        elif tag in _BLOCKS:
            self.parts[-1].text.append("\n")

    def handle_data(self, data: str) -> None:
        data = data.replace("\n", " ")  # only blocks begin a line
        if self._in_heading:
            self.parts[-1].heading += data
        else:
            self.parts[-1].text.append(data)

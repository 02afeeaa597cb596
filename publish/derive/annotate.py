"""A document's HTML with an id for every part and a link on every citation of what is published here."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from publish.derive.articles import Articles, Found
from publish.derive.citations import Mention, Reader
from publish.derive.lines import Line
from publish.derive.outline import Outline
from publish.model.document import Document
from publish.model.outline import Part
from publish.model.policy import Piece
from publish.model.rules import Citation

_MARK = "\0"  # no sanitised HTML holds one
_CLOSED, _MARKED, _OPENED, _LINKED = range(4)
_HAVE_IDS = frozenset({"h2", "h3", "h4", "h5", "h6", "p", "li"})


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation in a document: the part that it stands in, where it leads."""

    mention: Mention
    line: int
    part: Part | None
    found: Found | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    """`text` in the place of the HTML from `begin` to `end`; of several at one place the one of lower `rank` first."""

    begin: int
    rank: int
    end: int
    text: str


def read_citations(outline: Outline, numbers: Sequence[str]) -> list[Cited]:
    """The citations in a document's lines. `numbers`: see citations.Reader."""
    reader = Reader(numbers)
    cited = []
    starts = list(outline.starts)
    part = -1
    for at, line in enumerate(outline.lines):
        while part + 1 < len(starts) and starts[part + 1] <= at:
            part += 1
        within = outline.parts[part] if part >= 0 else None
        cited += [Cited(mention, at, within) for mention in reader.mentions(line.text)]
    return cited


def citation_of(mention: Mention) -> Citation:
    """A mention as rules cite."""
    return Citation(mention.title, mention.number, mention.article)


def resolve(document: Document, mention: Mention, articles: Articles) -> Found | None:
    """Where a mention leads; None where that is not published here, or is the document as a whole itself."""
    found = articles.find_in(document, mention.article) if mention.own else articles.find(citation_of(mention))
    inner = re.search("〈([^〈〉]+)〉", mention.title)
    if found is None and inner is not None:  # 《关于印发〈…〉的通知》, where what it issues is published here
        found = articles.find(replace(citation_of(mention), title=inner[1]))
    if found is not None and found.document.slug == document.slug and found.part is None:
        return None
    return found


def annotate(document: Document, outline: Outline, cited: Sequence[Cited]) -> tuple[Piece, ...]:
    """The document's HTML cut where parts begin that stand in no list or the like."""
    every = frozenset(part.anchor for part in outline.parts)
    edits = [*_marks(outline), *_ids(outline, every), *_links(document, outline, cited)]
    texts = re.split(f"{_MARK}([^{_MARK}]*){_MARK}", _edited(outline.markup, edits))
    pieces = [Piece(None, texts[0]), *(Piece(texts[n], texts[n + 1]) for n in range(1, len(texts), 2))]
    return tuple(piece for piece in pieces if piece.html.strip())


def with_ids(outline: Outline, kept: frozenset[str]) -> str:
    """The document's HTML with some of its anchors."""
    return _edited(outline.markup, _ids(outline, kept))


def _edited(markup: str, edits: Iterable[_Edit]) -> str:
    done: list[str] = []
    at = 0
    for edit in sorted(edits):
        done += [markup[at : edit.begin], edit.text]
        at = edit.end
    return "".join([*done, markup[at:]])


def _marks(outline: Outline) -> Iterator[_Edit]:
    """A mark where a piece begins: a part's outermost element, or the paragraph that is made of a line."""
    tops: set[int] = set()
    for part, start in zip(outline.parts, outline.starts, strict=True):
        line = outline.lines[start]
        at = line.top if line.first else line.begin
        if at not in tops and (line.first or line.split):
            tops.add(at)
            yield _Edit(at, _MARKED, at, f"{_MARK}{part.anchor}{_MARK}")


def _ids(outline: Outline, kept: frozenset[str]) -> Iterator[_Edit]:
    """An id on each part's block, or before it where it begins within a block."""
    for part, start in zip(outline.parts, outline.starts, strict=True):
        line = outline.lines[start]
        if line.anchor == part.anchor or part.anchor not in kept:
            continue
        if not line.first and line.split:
            yield _Edit(line.begin, _CLOSED, line.begin, "</p>\n")
            yield _Edit(line.begin, _OPENED, line.begin, f'<p id="{part.anchor}">')
        else:
            yield _own_id(outline.markup, line, part.anchor)


def _own_id(markup: str, line: Line, anchor: str) -> _Edit:
    if not line.first or line.tag not in _HAVE_IDS:
        before = "" if line.first else "<br>"
        return _Edit(line.begin, _OPENED, line.begin, f'{before}<span id="{anchor}"></span>')
    begin = markup.rindex("<", 0, line.opened)
    tag = re.sub(r'\sid="[^"]*"', "", markup[begin : line.opened])
    return _Edit(begin, _OPENED, line.opened, f'{tag[:-1]} id="{anchor}">')


def _links(document: Document, outline: Outline, cited: Sequence[Cited]) -> Iterator[_Edit]:
    for one in cited:
        line, mention = outline.lines[one.line], one.mention
        if one.found is None or any(line.linked[mention.begin : mention.end]):
            continue
        begin, last = line.places[mention.begin], line.places[mention.end - 1]
        end = outline.markup.index(";", last) + 1 if outline.markup[last] == "&" else last + 1
        if "<" in outline.markup[begin:end]:
            continue  # it goes across markup: a link there could not be closed rightly
        yield _Edit(begin, _LINKED, begin, f'<a href="{_address(document, one.found)}">')
        yield _Edit(end, _CLOSED, end, "</a>")


def _address(document: Document, found: Found) -> str:
    own = found.document.slug == document.slug and found.part is not None
    return f"#{found.part.anchor}" if own and found.part else found.url

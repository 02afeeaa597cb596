"""A copy into documents: every step, in order."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import opencc

from publish.importers.policy.cells import rebuild_tables
from publish.importers.policy.heads import Head, annex_head, head_of, with_page
from publish.importers.policy.joining import join_broken
from publish.importers.policy.lines import Copy, Kind, Line, Place
from publish.importers.policy.markup import repair_encoding, strip_markup
from publish.importers.policy.personal import strip_personal
from publish.importers.policy.pinyin import strip_pinyin
from publish.importers.policy.punctuation import repair_punctuation
from publish.importers.policy.shell import page_fields, strip_above, strip_shell
from publish.importers.policy.slugs import slug_of
from publish.importers.policy.spam import strip_tail
from publish.importers.policy.splitting import Piece, cited_names, split


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One document of a copy. `original_title`: its title before it was converted, if it was."""

    slug: str
    head: Head
    lines: tuple[Line, ...]
    original_title: str | None = None


def converter() -> Callable[[str], str]:
    """Traditional into simplified characters, by OpenCC's t2s."""
    return opencc.OpenCC("t2s").convert


def clean(copy: Copy, *, simplified: bool = False) -> tuple[Cleaned, ...]:
    """The documents that a copy holds, in its order; each of its lines stands in exactly one, removed ones too.

    `simplified`: convert traditional characters. A document whose title is "" has none that can be told.
    """
    simplify = converter()
    lines = repair_encoding(copy.lines)
    lines = strip_pinyin(strip_markup(lines), simplify)
    lines, page = page_fields(lines, simplify)
    lines = strip_shell(lines, simplify)
    lines = strip_tail(rebuild_tables(lines), simplify)
    lines = strip_personal(lines)
    lines = strip_above(join_broken(lines, cited_names(lines)))
    # What a line end tore apart is whole only now.
    lines = repair_punctuation(strip_pinyin(lines, simplify))
    lines = [_run_together(line) for line in lines]
    original = list(lines)
    if simplified:
        lines = [_simplified(line, simplify) for line in lines]
    documents = _headed(split(lines), copy, page, simplify)
    if simplified:
        documents = [_with_original(document, original) for document in documents]
    return tuple(documents)


def _headed(pieces: Sequence[Piece], copy: Copy, page: dict[str, str], simplify: Callable[[str], str]) -> list[Cleaned]:
    shell = [line for piece in pieces for line in piece.lines if _of_page(line)]
    heads: list[Head] = []
    for piece in pieces:
        head = head_of(piece)
        if not heads:
            head = with_page(head, page, copy.stated, shell)
        elif piece.parent is not None:
            head = annex_head(head, heads[piece.parent])
        heads.append(_printed_below(head, heads, piece))
    taken: dict[str, int] = {}
    documents: list[Cleaned] = []
    for piece, head in zip(pieces, heads, strict=True):
        parent = documents[piece.parent].slug if piece.parent is not None else ""
        slug = slug_of(head, parent, taken, simplify)
        lines = tuple(replace(line, document=slug) for line in _told(piece, head))
        documents.append(Cleaned(slug, head, lines))
    return documents


# Set off by white space inside a line: the beginnings of numbered paragraphs.
_SET_OFF = re.compile(
    r"\s{2,}(?:第[一二三四五六七八九十百]{1,5}[章条]|[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）])"
)


def _run_together(line: Line) -> Line:
    """Several paragraphs on one line are not taken apart: a person has to."""
    if line.kept and not line.rows and line.first == line.last and len(_SET_OFF.findall(line.raw)) > 1:
        return line.changed(Kind.UNSURE, note="several paragraphs in one line")
    return line


def _of_page(line: Line) -> bool:
    """Whether a line is the page's: what stands beside a name of its staff tells of the document too."""
    return not line.kept and (Kind.REMOVED_SHELL in line.kinds or "staff of the page" in line.notes)


def _printed_below(head: Head, heads: list[Head], piece: Piece) -> Head:
    """The printing is told at the end of the file, so behind the annexes: it is the covering document's too."""
    if piece.parent is not None and head.printed_on:
        cover = heads[piece.parent]
        heads[piece.parent] = replace(
            cover, printed_on=cover.printed_on or head.printed_on, issuer=cover.issuer or head.issuer
        )
    return head


def _told(piece: Piece, head: Head) -> list[Line]:
    if piece.title is None and head.title:
        first = next((at for at, line in enumerate(piece.lines) if line.kept), 0)
        lines = list(piece.lines)
        lines[first] = lines[first].changed(Kind.UNSURE, note="no line is the title: it is taken from the page")
        return lines
    return piece.lines


def _simplified(line: Line, simplify: Callable[[str], str]) -> Line:
    if not line.kept:
        return line
    text = simplify(line.text)
    if text == line.text:
        return line
    rows = tuple(tuple(simplify(cell) for cell in row) for row in line.rows)
    return replace(line.changed(Kind.CONVERTED, note="traditional characters"), text=text, rows=rows)


def _with_original(document: Cleaned, lines: Sequence[Line]) -> Cleaned:
    """The title as it was goes among the keywords, so that both wordings are found."""
    places = {line.first for line in document.lines if line.place is Place.FRONT}
    folded = re.sub(r"\s", "", document.head.title)
    simplify = converter()
    for line in lines:
        title = re.sub(r"\s", "", line.text)
        if line.first in places and simplify(title) == folded != title:
            head = replace(document.head, keywords=(*document.head.keywords, title))
            return replace(document, head=head, original_title=title)
    return document

"""What was found, as it is shown: title, subject, address, and the words around each match."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from publish import urls
from publish.derive.finding import Query, Term, columns_of
from publish.derive.folding import fold_text
from publish.derive.sections import Section
from publish.model.document import Document
from publish.model.finding import Hit
from publish.model.public import PublicTable

_BEFORE, _AFTER = 15, 35  # characters shown around a match
_TOLD = ("_title", "_subject")  # shown whole already


def record_hits(
    tables: Sequence[PublicTable], found: Sequence[tuple[str, str]], query: Query, base_url: str
) -> tuple[Hit, ...]:
    """The records found (dataset slug, key), in their order."""
    by_slug = {table.info.slug: table for table in tables}
    rows: dict[tuple[str, str], Mapping[str, Any]] = {}
    for slug in dict.fromkeys(slug for slug, _ in found):
        keys = pl.Series([key for other, key in found if other == slug])
        frame = by_slug[slug].frame.filter(pl.col("_key").is_in(keys.implode()))
        rows |= {(slug, row["_key"]): row for row in frame.iter_rows(named=True)}
    return tuple(_record_hit(by_slug[slug], rows[slug, key], query, base_url) for slug, key in found)


def section_hits(found: Iterable[tuple[Document, Section]], query: Query, base_url: str) -> tuple[Hit, ...]:
    """The sections found, in their order; one without a title is called by what it stands under."""
    return tuple(
        Hit(
            title=" ".join(part for part in (section.context, section.title) if part),
            url=base_url + section.url,
            date=document.published_on,
            words=_words_of(query, partial(_section_part, document, section)),
        )
        for document, section in found
    )


def words_around(text: str, term: str) -> str | None:
    """The part of `text` around the first place that folds to `term` (folded), on one line; None if there is none."""
    if term not in fold_text(text):
        return None
    # Folding moves places, so the shortest part that still holds the term is looked for: first its end, then its start.
    end = bisect_left(range(len(text)), True, key=lambda place: term in fold_text(text[:place]))
    start = bisect_left(range(end), True, key=lambda place: term not in fold_text(text[place:end])) - 1
    first, last = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    part = re.sub(r"\s+", " ", text[first:last]).strip()
    return f"{'…' if first else ''}{part}{'…' if last < len(text) else ''}"


def _record_hit(table: PublicTable, row: Mapping[str, Any], query: Query, base_url: str) -> Hit:
    cells = {name: str(cell) for name, cell in row.items() if cell is not None}
    return Hit(
        title=cells.get("_title", table.info.title),
        url=base_url + urls.record(cells["_key"]),
        date=row["_date"],
        words=_words_of(query, partial(_record_part, table, cells)),
        subject=cells.get("_subject"),
        dataset=table.info.slug,
        dataset_title=table.info.title,
        flag=cells.get("_flag"),
    )


def _words_of(query: Query, part_with: Callable[[Term], str | None]) -> tuple[str, ...]:
    """The part around each term that no part before it shows already."""
    parts: list[str] = []
    for term in query.terms:
        if not any(term.text in fold_text(part) for part in parts) and (part := part_with(term)):
            parts.append(part)
    return tuple(parts)


def _record_part(table: PublicTable, cells: Mapping[str, str], term: Term) -> str | None:
    """`field: words`; None where title or subject show the term."""
    # By its cell: a column that is filled from a field is called by the title of that field.
    titles = {cells[field.name]: field.title or field.name for field in reversed(table.fields) if field.name in cells}
    names = [name for name in columns_of(table, term.field) if name in cells]
    if any(term.text in fold_text(cells[name]) for name in names if name in _TOLD):
        return None
    parts = ((name, words_around(cells[name], term.text)) for name in names)
    return next((f"{titles.get(cells[name], name.removeprefix('_'))}: {part}" for name, part in parts if part), None)


def _section_part(document: Document, section: Section, term: Term) -> str | None:
    """From the text where it has the term, else from what the page head says unless the titles show it."""
    if part := words_around(section.text, term.text):
        return part
    if any(term.text in fold_text(title or "") for title in (section.title, section.context)):
        return None
    head = (document.number, document.issuer, document.index_number, document.subject_class, *document.keywords)
    return next(filter(None, (words_around(text, term.text) for text in head if text)), None)

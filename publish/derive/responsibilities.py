"""Who is to do what, over all documents: rows, units and pairs of documents that can be compared."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from publish.derive.duties.clauses import derive_clauses
from publish.derive.duties.context import Names, own_name, place_of
from publish.derive.duties.names import canonical_name
from publish.derive.duties.reading import Convention
from publish.derive.duties.splitting import half_width
from publish.derive.duties.tables import table_clauses, tables_of
from publish.derive.duties.words import first_leads
from publish.derive.outline import Outline, read_outline
from publish.model.document import Document, RelationKind
from publish.model.issue import Issue, Level
from publish.model.outline import Part
from publish.model.responsibility import Clause, Responsibilities, Responsibility, Unit

# A page for each pair: of n documents there are n(n-1)/2, so each is compared with those it shares most with.
PARTNERS = 5


@dataclass(frozen=True, slots=True)
class _Found:
    """A clause with what it is about. `part` None: before the first numbered part."""

    part: Part | None
    task: str
    clause: Clause


def derive_responsibilities(documents: Sequence[Document]) -> tuple[Responsibilities, tuple[Issue, ...]]:
    """All responsibilities of `documents`, and what is to be told of their clauses.

    Issues (warnings, without names): `document.responsible-person`, a clause names a natural person or an office;
    `document.responsible-unknown`, it names whom the program does not know as an organisation. Neither gets a page.
    """
    rows: list[Responsibility] = []
    issues: list[Issue] = []
    places: dict[str, str | None] = {}
    of_documents = _places(documents)
    for document in documents:
        own, told = _of_document(document, of_documents[document.slug])
        rows += own
        issues += told
        places |= {row.key: of_documents[document.slug] for row in own}
    units = tuple(_units(rows, places))
    return Responsibilities(tuple(rows), units, tuple(_pairs(rows, documents))), tuple(issues)


def _places(documents: Sequence[Document]) -> dict[str, str | None]:
    """By slug what each document is about; an annex that does not tell is about what its document is about."""
    places = {document.slug: place_of(document) for document in documents}
    named = {name: places[one.slug] for one in documents for name in (one.title, one.number) if name}
    for document in documents:
        for relation in document.relations:
            if relation.kind is RelationKind.ANNEX_OF and places[document.slug] is None:
                places[document.slug] = named.get(relation.number or "") or named.get(relation.title or "")
    return places


def _of_document(document: Document, place: str | None) -> tuple[list[Responsibility], list[Issue]]:
    """The rows of one document, by clause as the text goes, a table's after the text of its item; and its issues."""
    outline = read_outline(document)
    text = "\n".join(line.text for line in outline.lines)
    convention = Convention(*first_leads(half_width(text)))
    found = list(_found(outline, convention))
    names = Names(text, [one.clause for one in found])
    labels = _labels(outline.parts)
    scope = place or f"/{document.slug}"
    rows: list[Responsibility] = []
    number = 0
    for one in found:
        number += bool(one.clause.named)
        for at, named in enumerate(one.clause.named):
            unit = names.in_full(one.clause, at)
            rows.append(
                Responsibility(
                    document=document.slug,
                    number=number,
                    anchor=one.part.anchor if one.part else None,
                    item=labels[one.part.anchor] if one.part else None,
                    task=one.task,
                    key=unit_key(scope, own_name(unit, place)),
                    unit=unit,
                    named=f"{named.name}（{named.alias}）" if named.alias else named.name,
                    share=named.share,
                    order=at + 1,
                    collective=named.collective,
                    others=named.others,
                )
            )
    return rows, list(_issues(document, found))


def unit_key(scope: str, name: str) -> str:
    """12 hex digits for a unit: the same whatever the spelling of its name, in every document of the same place."""
    return hashlib.sha256(f"{scope}\0{canonical_name(name)}".encode()).hexdigest()[:12]


def _found(outline: Outline, convention: Convention) -> Iterator[_Found]:
    """Every clause of a document, part by part."""
    bounds = [0, *outline.starts, len(outline.lines)]
    tables = list(tables_of(outline.markup))
    for number, (begin, end) in enumerate(pairwise(bounds)):
        part = outline.parts[number - 1] if number else None
        lines = outline.lines[begin:end]
        prose = "\n".join(line.text for line in lines if not line.row)
        yield from _in_prose(part, prose, convention)
        first = lines[0].begin if lines else 0
        last = outline.lines[end].begin if end < len(outline.lines) else len(outline.markup)
        for offset, rows in tables:
            if (first if number else 0) <= offset < last:
                about = part.title or "" if part else ""
                yield from (_Found(part, task or about, clause) for task, clause in table_clauses(rows, convention))


def _in_prose(part: Part | None, prose: str, convention: Convention) -> Iterator[_Found]:
    """The clauses of a part's text; each is about what stands between it and the one before."""
    end, about = 0, ""
    for clause in derive_clauses(prose, convention):
        said = _task(prose[end : clause.start], part if end == 0 else None)
        about = said or about or (part.title or "" if part else "")
        end = clause.end
        yield _Found(part, about, clause)


def _task(text: str, part: Part | None) -> str:
    """Plain text of a task: without the item's number, and without the marks that the clause left behind."""
    text = text.lstrip("。；;,，、. \n\t") if part is None else text.strip()
    if part is not None and text.startswith(part.label):
        text = text[len(part.label) :]
    return re.sub(r"\s+", " ", text).strip()


def _labels(parts: Sequence[Part]) -> Mapping[str, str]:
    """By anchor the numbers of an item with those that it stands in: 二、（一）2."""
    labels: dict[str, str] = {}
    for part in parts:
        labels[part.anchor] = labels.get(part.parent or "", "") + part.label
    return labels


def _issues(document: Document, found: Sequence[_Found]) -> Iterator[Issue]:
    for code, hint, count in (
        ("document.responsible-person", _PERSON, sum(one.clause.persons for one in found)),
        ("document.responsible-unknown", _UNKNOWN, sum(one.clause.unknown for one in found)),
    ):
        if count:
            places = [one.part.anchor for one in found if one.part and _counts(one.clause, code)]
            where = f"#{places[0]}" if places else ""
            yield Issue(code, Level.WARNING, hint, file=document.file, field=where, count=count)


def _counts(clause: Clause, code: str) -> int:
    return clause.persons if code.endswith("person") else clause.unknown


_PERSON = "a responsibility clause names a natural person or an office: nobody gets a page by it; name the unit instead"
_UNKNOWN = "a responsibility clause names whom the program does not know as an organisation: it gets no page"


def _units(rows: Sequence[Responsibility], places: Mapping[str, str | None]) -> Iterator[Unit]:
    """The units by place and name."""
    rows_of: dict[str, list[Responsibility]] = {}
    for row in rows:
        rows_of.setdefault(row.key, []).append(row)
    units = []
    for key, own in rows_of.items():
        # Without the place that stands beside it: 市教育局 rather than 示例市教育局.
        full = sorted(
            {row.unit for row in own}, key=lambda name: (own_name(name, places[key]) != name, -len(name), name)
        )
        names = {name for row in own for name in (row.unit, row.named)}
        units.append(Unit(key, full[0], places[key], tuple(sorted(names)), all(row.collective for row in own)))
    yield from sorted(
        units, key=lambda unit: (unit.collective, unit.place is None, unit.place or "", unit.name, unit.key)
    )


def _pairs(rows: Sequence[Responsibility], documents: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """Pairs of documents that name the same units, the words for many apart: of each those it shares most with."""
    units: dict[str, set[str]] = {document.slug: set() for document in documents}
    for row in rows:
        if not row.collective:
            units[row.document].add(row.key)
    shared: dict[tuple[str, str], int] = {}
    for one, other in combinations(sorted(units), 2):
        if common := len(units[one] & units[other]):
            shared[one, other] = common
    best = sorted(shared, key=lambda pair: (-shared[pair], pair))
    partners: Counter[str] = Counter()
    for one, other in best:
        if partners[one] < PARTNERS and partners[other] < PARTNERS:
            partners.update((one, other))
            yield one, other

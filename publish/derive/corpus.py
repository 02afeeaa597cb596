"""Whoosh over the policy documents: one index of whole documents, one of their sections.

Chinese has no spaces to cut at, so what is indexed are n-grams of the folded text (publish/derive/folding.py): width
and case make no difference, and any part of a word can be found. Scores are BM25F, and a title weighs more than a
text. The records are no business of Whoosh's, which indexes some ten thousand characters a second.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from whoosh import query as whoosh_query
from whoosh.analysis import NgramTokenizer
from whoosh.classify import Expander
from whoosh.fields import TEXT, Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.scoring import BM25F

from publish.derive.finding import FIXED, Query, Term
from publish.derive.folding import fold_text
from publish.derive.sections import Section, derive_sections
from publish.model.document import Document
from publish.model.search import SECTION_FIELDS

_KEY_TERMS = 40
_TITLE_B = 0.3  # how much the length of a title counts; of a text it is 0.75
_DOCUMENT_WEIGHTS: Mapping[str, float] = {"title": 3.0, "number": 1.0, "text": 1.0}
_SECTION_WEIGHTS: Mapping[str, float] = {"title": 3.0, "context": 0.3, "head": 1.0, "text": 1.0}
# The cells of a section that a word for a field means.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    **{word: ("title",) for word, column in FIXED.items() if column == "_title"},
    **{word: ("issuer",) for word, column in FIXED.items() if column == "_authority"},
    **dict(zip(SECTION_FIELDS, (("number",), ("index",), ("class",), ("keywords",), ("text",)), strict=True)),
}


class DocumentIndex:
    """The documents of a site as wholes. `texts`: the plain text of each, one line a block, by slug."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = sorted(documents, key=lambda document: document.slug)
        self.texts: Mapping[str, str] = {document.slug: plain_text(document) for document in self._documents}
        rows = (
            {"title": fold_text(d.title), "number": fold_text(d.number or ""), "text": self._folded(d)}
            for d in self._documents
        )
        self._searcher = _searcher(rows, _DOCUMENT_WEIGHTS, shortest=2)

    def related(self, limit: int) -> Mapping[str, tuple[str, ...]]:
        """For each slug up to `limit` slugs of others that share its most telling bigrams, best first, ties by slug."""
        return {d.slug: tuple(self._related(d)[:limit]) for d in self._documents}

    def rarity(self, phrase: str) -> float:
        """How telling a phrase of two or more characters is: the inverse document frequency of its rarest bigram.

        No part of a phrase is rarer than the phrase, so this never says too much.
        """
        return max(float(self._searcher.idf("text", gram)) for gram in _bigrams(fold_text(phrase)))

    def _related(self, document: Document) -> list[str]:
        # Bigrams of words only: digits and punctuation tell nothing of what a text is about.
        grams = Counter(gram for gram in _bigrams(self._folded(document)) if gram.isalpha())
        expander = Expander(self._searcher.reader(), "text")
        expander.add(sorted(grams.items()))
        wanted = [
            whoosh_query.Term(field, gram, boost=weight)
            for gram, weight in expander.expanded_terms(_KEY_TERMS)
            for field in _DOCUMENT_WEIGHTS
        ]
        scores = {self._documents[place].slug: score for place, score in _scores(self._searcher, wanted)}
        scores.pop(document.slug, None)
        return sorted(scores, key=lambda slug: (-scores[slug], slug))

    def _folded(self, document: Document) -> str:
        return fold_text(document.title) + "\n" + fold_text(self.texts[document.slug])


class SectionIndex:
    """The sections of all documents, for whoever looks for a passage."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._passages = [passage for document in documents for passage in _passages(document)]
        self._searcher = _searcher((passage.row() for passage in self._passages), _SECTION_WEIGHTS, shortest=1)

    def search(self, query: Query) -> list[tuple[Document, Section]]:
        """The sections in which all terms stand, best first by BM25F, ties in the order of the documents.

        The titles above a section count as its own, but one term at least must stand in the section itself: or a word
        of a title would find every article below it.
        """
        grams = {gram for term in query.terms for gram in (_bigrams(term.text) or [term.text])}
        wanted = [whoosh_query.Term(field, gram) for gram in sorted(grams) for field in _SECTION_WEIGHTS]
        ranked = sorted((-score, place) for place, score in _scores(self._searcher, wanted))
        # Whoosh has put them in order by bigrams; whether the terms stand there as typed is read.
        found = [self._passages[place] for _, place in ranked if self._passages[place].holds(query)]
        return [(passage.document, passage.section) for passage in found]


@dataclass(frozen=True, slots=True)
class _Passage:
    """A section and what can be found of it, folded, by field; what the page head says only of the first one."""

    document: Document
    section: Section
    cells: Mapping[str, str]
    context: str

    def row(self) -> dict[str, str]:
        """What Whoosh indexes."""
        head = [text for name, text in self.cells.items() if name not in ("title", "text")]
        cells = {name: self.cells[name] for name in ("title", "text")}
        return cells | {"context": self.context, "head": "\n".join(head)}

    def holds(self, query: Query) -> bool:
        """Whether all terms stand here or in the titles above, and one of them here."""
        here = [self._stands(term) for term in query.terms]
        above = [term.field is None and term.text in self.context for term in query.terms]
        return any(here) and all(own or other for own, other in zip(here, above, strict=True))

    def _stands(self, term: Term) -> bool:
        names = self.cells if term.field is None else _FIELDS.get(term.field, ())
        return any(term.text in self.cells[name] for name in names)


def plain_text(document: Document) -> str:
    """A document's headings and text without its title, one line a block, as a reader sees them."""
    sections = list(derive_sections(document))
    lines = [sections[0].text, *(f"{section.title or ''}\n{section.text}" for section in sections[1:])]
    return "\n".join(line for line in "\n".join(lines).split("\n") if line)


def _passages(document: Document) -> Iterator[_Passage]:
    head = {
        "number": document.number,
        "issuer": document.issuer,
        "index": document.index_number,
        "class": document.subject_class,
        "keywords": "\n".join(document.keywords),
    }
    for section in derive_sections(document):
        cells = {"title": section.title, "text": section.text} | head
        folded = {name: fold_text(cell or "") for name, cell in cells.items()}
        yield _Passage(document, section, folded, fold_text(section.context or ""))
        head = dict.fromkeys(head)


class _OwnStorage(RamStorage):  # type: ignore[misc]  # Whoosh tells no types
    """An index in memory. Whoosh's own has one folder for temporary files on a machine: two builds take it from each
    other. `folder` is for those of this one while it is written; not all of them are removed by Whoosh."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """A new folder."""
        return FileStorage(tempfile.mkdtemp(dir=self._folder)).create()


def _bigrams(text: str) -> list[str]:
    """The bigrams of folded text, line by line: none is there across two of them, which folding has parted."""
    return [line[start : start + 2] for line in text.split("\n") for start in range(len(line) - 1)]


def _searcher(rows: Iterable[Mapping[str, str]], weights: Mapping[str, float], *, shortest: int) -> Any:
    """A searcher over an index in memory; a document's number in it is its place among `rows`.

    `weights` are the fields with what an occurrence in them counts for; n-grams are of `shortest` characters to 2.
    """
    analyzer = NgramTokenizer(minsize=shortest, maxsize=2)
    fields = {name: TEXT(analyzer=analyzer, phrase=False, field_boost=weight) for name, weight in weights.items()}
    with tempfile.TemporaryDirectory(prefix="whoosh-") as folder:
        index = _OwnStorage(folder).create_index(Schema(**fields))
        writer = index.writer()
        for row in rows:
            writer.add_document(**row)
        writer.commit()
    # Titles are all short: that one has a few characters more than another says little.
    return index.searcher(weighting=BM25F(title_B=_TITLE_B, context_B=_TITLE_B))


def _scores(searcher: Any, wanted: Sequence[whoosh_query.Term]) -> Iterator[tuple[int, float]]:
    """(place, BM25F score) of the documents that hold any of the terms wanted."""
    for hit in searcher.search(whoosh_query.Or(wanted), limit=None):
        yield hit.docnum, hit.score

"""Related policy documents (关联稿件), by Whoosh over character bigrams, since Chinese has no spaces to cut at."""

from collections.abc import Mapping, Sequence

from whoosh.analysis import LowercaseFilter, NgramTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage

from publish.model.document import Document

RELATED = 3
_KEY_TERMS = 40


def derive_related(documents: Sequence[Document]) -> Mapping[str, tuple[str, ...]]:
    """For each document's slug up to three slugs of other documents that share its most telling bigrams.

    Scores are BM25F; ties are broken by slug, so that the same documents give the same answer.
    """
    if len(documents) < 2:
        return {document.slug: () for document in documents}
    analyzer = NgramTokenizer(minsize=2, maxsize=2) | LowercaseFilter()
    storage = RamStorage()
    index = storage.create_index(Schema(slug=ID(stored=True), text=TEXT(analyzer=analyzer, vector=True)))
    writer = index.writer()
    for document in sorted(documents, key=lambda d: d.slug):
        writer.add_document(slug=document.slug, text=f"{document.title}\n{document.body}")
    writer.commit()
    related = {}
    with index.searcher() as searcher:
        for document in documents:
            number = searcher.document_number(slug=document.slug)
            hits = searcher.more_like(number, "text", top=len(documents), numterms=_KEY_TERMS)
            ranked = sorted((-hit.score, hit["slug"]) for hit in hits if hit["slug"] != document.slug)
            related[document.slug] = tuple(slug for _, slug in ranked[:RELATED])
    return related

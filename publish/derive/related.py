"""Related policy documents (关联稿件)."""

from collections.abc import Mapping, Sequence

from publish.derive.corpus import DocumentIndex
from publish.model.document import Document

RELATED = 3


def derive_related(documents: Sequence[Document], index: DocumentIndex | None = None) -> Mapping[str, tuple[str, ...]]:
    """For each document's slug up to three slugs of other documents that share its most telling bigrams.

    Scores are BM25F; ties are broken by slug, so that the same documents give the same answer. `index` is that of the
    documents where there is one already.
    """
    return (index or DocumentIndex(documents)).related(RELATED)

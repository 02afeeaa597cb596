"""The search index, first edition: every searchable text, in shards that the browser loads newest first.

/search/index/root.json      format, the folding table, and the list of shards
/search/index/<hash>.json    one shard: lists of equal length by column; named by its content, so it never changes

A shard's columns, null where there is none: `url`, `title` (null: shown under its context or dataset), `subject`,
`code`, `authority`, `reason`, `date` and `until` (`yyyy-mm-dd`), `flag`, `text` (list of further searchable texts);
policy documents have `context` (shown, not searched) instead of what they lack. Searched are `title`, `subject`,
`code`, `authority`, `reason` and `text`: every public field of text is among them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from publish import urls
from publish.derive.folding import folding_table
from publish.derive.sections import derive_sections
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.model.search import SearchIndex, SearchShard

FORMAT = 1
SHARD_ROWS = 2000
POLICIES = "@policies"  # no slug: slugs hold no `@`
ROOT = urls.SEARCH_INDEX + "root.json"

_HASH_DIGITS = 16
_SHOWN = ("_title", "_subject", "_code", "_authority", "_reason")
_TEXT_TYPES = frozenset({"string", "any"})
_DOCUMENT_SCHEMA: Mapping[str, pl.DataType] = {
    "url": pl.String(),
    "title": pl.String(),
    "context": pl.String(),
    "authority": pl.String(),
    "date": pl.String(),
    "text": pl.List(pl.String()),
}


def derive_search(tables: Sequence[PublicTable], documents: Sequence[Document]) -> SearchIndex:
    """The index of all public records and policy documents. The same input gives the same bytes."""
    shards: list[SearchShard] = []
    for table in tables:
        shards += _shards(_records(table), table.info.slug, table.info.title)
    shards += _shards(_sections(documents), POLICIES, "")
    root = {"format": FORMAT, "folding": folding_table(), "shards": [_entry(shard) for shard in shards]}
    data = json.dumps(root, ensure_ascii=False, separators=(",", ":")).encode()
    return SearchIndex(ROOT, data, tuple(shards))


def _records(table: PublicTable) -> pl.DataFrame:
    """The columns of a shard, one row per record, in the table's order (newest first)."""
    key = pl.col("_key")
    return table.frame.select(
        pl.concat_str(pl.lit("/r/"), key.str.slice(0, 2), pl.lit("/"), key, pl.lit(".html")).alias("url"),
        *(pl.col(name).alias(name.removeprefix("_")) for name in _SHOWN),
        pl.col("_date").cast(pl.String).alias("date"),
        pl.col("_until").cast(pl.String).alias("until"),
        pl.col("_flag").alias("flag"),
        _further([field.name for field in table.fields if field.type in _TEXT_TYPES]).alias("text"),
    )


def _further(names: Sequence[str]) -> pl.Expr:
    """List of the cells of text fields that the columns shown do not have already."""
    if not names:
        return pl.lit([], dtype=pl.List(pl.String))
    cells = [
        pl.when(pl.col(name) != "", *(pl.col(name).ne_missing(pl.col(shown)) for shown in _SHOWN)).then(pl.col(name))
        for name in names
    ]
    return pl.concat_list(cells).list.drop_nulls()


def _sections(documents: Sequence[Document]) -> pl.DataFrame:
    """One row per section of a document, newest document first, undated ones last."""
    ordered = sorted(documents, key=lambda d: (-d.published_on.toordinal() if d.published_on else 0, d.slug))
    rows = [row for document in ordered for row in _section_rows(document)]
    return pl.DataFrame(rows, schema=dict(_DOCUMENT_SCHEMA), orient="row")


def _section_rows(document: Document) -> Iterator[tuple[object, ...]]:
    """The rows of a document; what its page head says is found once, in the first."""
    day = document.published_on.isoformat() if document.published_on else None
    issuer = document.issuer
    head = [document.number, document.index_number, document.subject_class, *document.keywords]
    for section in derive_sections(document):
        texts = [text for text in (*head, section.text) if text]
        yield section.url, section.title, section.context, issuer, day, texts
        issuer, head = None, []


def _shards(frame: pl.DataFrame, dataset: str, title: str) -> Iterator[SearchShard]:
    for start in range(0, frame.height, SHARD_ROWS):
        rows = frame.slice(start, SHARD_ROWS)
        # One row of lists is the columnar JSON, but for the list around it.
        data = rows.select(pl.all().implode()).write_json().encode()[1:-1]
        dates = rows["date"].drop_nulls()
        yield SearchShard(
            url=f"{urls.SEARCH_INDEX}{hashlib.sha256(data).hexdigest()[:_HASH_DIGITS]}.json",
            data=data,
            dataset=dataset,
            title=title,
            count=rows.height,
            newest=str(dates.max()) if dates.len() else None,
            oldest=str(dates.min()) if dates.len() else None,
        )


def _entry(shard: SearchShard) -> dict[str, object]:
    return {
        "url": shard.url,
        "dataset": shard.dataset,
        "title": shard.title,
        "count": shard.count,
        "newest": shard.newest,
        "oldest": shard.oldest,
    }

"""What is searched, in one shape: records of all datasets, and sections of policy documents, as one table of units."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from publish.derive.sections import derive_sections
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.model.search import POLICIES, SECTION_FIELDS, SHOWN, SearchDataset

# The columns of a unit, by the names that they have in a block; all String but `o`.
#   k  a record's key; a section's address below /policies/      o  UInt16, its dataset, by position in the root
#   t  title   s  subject   c  credit code   a  authority   r  reason   n  what a section stands under (shown only)
#   d  date   u  last public day, both yyyy-mm-dd   f  flag   v  severity   x0, x1, …  further searchable fields
_PLAIN = ("k", "t", "s", "c", "a", "r", "n", "d", "u", "f", "v")
_MOSTLY = 0.5  # a field that says the same as a shown column in so many records is stored where it differs
_SAMPLE = 20_000  # records by which it is told of which columns that cannot be
_TEXT_TYPES = frozenset({"string", "any"})
SECTION_ROWS: Mapping[str, pl.DataType] = {
    name: pl.String() for name in (*_PLAIN, *(f"x{place}" for place in range(len(SECTION_FIELDS))), "_print")
}


@dataclass(frozen=True, slots=True)
class Units:
    """All units of one sort.

    `frame` has the columns above, and `_day` (Int32, days since 1970; null if undated), `_order` (UInt64, as good as
    chance: of a record the first 16 digits of its key, of a section a hash of its address).
    """

    frame: pl.DataFrame


def derive_datasets(tables: Sequence[PublicTable], documents: Sequence[Document]) -> tuple[SearchDataset, ...]:
    """What the root says of each dataset; policy documents are the last one, if there are any."""
    datasets = [_dataset(table) for table in tables]
    if documents:
        fields = tuple((name, name, f"x{place}", "") for place, name in enumerate(SECTION_FIELDS))
        datasets.append(SearchDataset(POLICIES, "", "policy", fields))
    return tuple(datasets)


def record_units(tables: Sequence[PublicTable], datasets: Sequence[SearchDataset]) -> Units:
    """The records of all tables, one table after the other."""
    frames = [_records(table, datasets[place], place) for place, table in enumerate(tables)]
    return Units(pl.concat(frames, how="diagonal") if frames else _empty())


def document_print(document: Document) -> str:
    """A fingerprint of all that its sections are made from."""
    return hashlib.blake2b(repr(document).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def section_rows(documents: Sequence[Document]) -> pl.DataFrame:
    """The sections of documents, as SECTION_ROWS has them; `_print` is that of the document."""
    rows = [(*row, document_print(document)) for document in documents for row in _section_rows(document)]
    return pl.DataFrame(rows, schema=dict(SECTION_ROWS), orient="row")


def section_units(rows: pl.DataFrame, documents: Sequence[Document], place: int) -> Units:
    """The sections of all documents, newest document first; `rows` are theirs in any order of documents (and may be
    of others), `place` is their dataset's."""
    ordered = sorted(documents, key=lambda d: (-d.published_on.toordinal() if d.published_on else 0, d.slug))
    order = pl.DataFrame({"_print": [document_print(document) for document in ordered]}, schema={"_print": pl.String})
    frame = order.join(rows, on="_print", how="inner", maintain_order="left_right").drop("_print")
    return Units(
        frame.with_columns(
            pl.lit(place, dtype=pl.UInt16).alias("o"),
            pl.col("d").str.to_date().dt.epoch("d").cast(pl.Int32).alias("_day"),
            pl.Series("_order", [_address_hash(address) for address in frame["k"]], dtype=pl.UInt64),
        )
    )


def _address_hash(address: str) -> int:
    return int.from_bytes(hashlib.blake2b(address.encode(), digest_size=8).digest())


def _dataset(table: PublicTable) -> SearchDataset:
    """Which column of a block holds each searchable field: a shown one where they say the same."""
    fields, further = [], 0
    some = table.frame.gather_every(max(1, table.frame.height // _SAMPLE))
    for field in table.fields:
        if field.type not in _TEXT_TYPES:
            continue
        likely = [short for short, name in SHOWN.items() if _share_alike(some, field.name, name) >= _MOSTLY / 2]
        shares = {short: _share_alike(table.frame, field.name, SHOWN[short]) for short in likely}
        best = max(likely, key=lambda short: shares[short], default="")
        usual = best if best and shares[best] >= _MOSTLY else ""
        stored = "" if usual and shares[usual] == 1 else f"x{further}"
        further += stored != ""
        fields.append((field.name, field.title or field.name, stored, usual))
    return SearchDataset(table.info.slug, table.info.title, table.info.kind.value, tuple(fields))


def _share_alike(frame: pl.DataFrame, one: str, other: str) -> float:
    return frame.select(pl.col(one).eq_missing(pl.col(other)).mean()).item() or 0.0


def _records(table: PublicTable, dataset: SearchDataset, place: int) -> pl.DataFrame:
    return table.frame.select(
        pl.col("_key").alias("k"),
        *(pl.col(name).alias(short) for short, name in SHOWN.items()),
        pl.lit(None, dtype=pl.String).alias("n"),
        pl.col("_date").cast(pl.String).alias("d"),
        pl.col("_until").cast(pl.String).alias("u"),
        pl.col("_flag").alias("f"),
        pl.col("_severity").alias("v"),
        *(_stored(name, usual).alias(column) for name, _, column, usual in dataset.fields if column),
        pl.lit(place, dtype=pl.UInt16).alias("o"),
        pl.col("_date").dt.epoch("d").cast(pl.Int32).alias("_day"),
        pl.col("_key").str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64).alias("_order"),
    )


def _stored(name: str, usual: str) -> pl.Expr:
    """A field's cells; null where they are as the shown column has them, and then blank where there is none."""
    if not usual:
        return pl.when(pl.col(name) != "").then(pl.col(name))
    return pl.when(pl.col(name).ne_missing(pl.col(SHOWN[usual]))).then(pl.col(name).fill_null(""))


def _empty() -> pl.DataFrame:
    schema = {name: pl.String() for name in _PLAIN}
    return pl.DataFrame(schema=schema | {"o": pl.UInt16(), "_day": pl.Int32(), "_order": pl.UInt64()})


def _section_rows(document: Document) -> Iterator[tuple[str | None, ...]]:
    """The rows of a document; what its page head says is found once, in the first."""
    day = document.published_on.isoformat() if document.published_on else None
    issuer: str | None = document.issuer
    words = "，".join(document.keywords) or None
    head: tuple[str | None, ...] = (document.number, document.index_number, document.subject_class, words)
    for section in derive_sections(document):
        address = section.url.removeprefix("/policies/")
        plain = (address, section.title, None, None, issuer, None, section.context, day, None, None, None)
        yield (*plain, *head, section.text)
        issuer, head = None, (None, None, None, None)

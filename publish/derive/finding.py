"""Finding by reading everything: what the site's search must find, worked out without an index.

A query is terms that must all stand in a record, each in one of its searchable cells: spaces part terms, quotes hold
one together, `事由:未公示` looks for a term in one field only. All is compared folded (publish/derive/folding.py).
The command line searches so, and tests hold the search in the browser to it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from publish.derive.folding import fold_text
from publish.model.public import PublicField, PublicTable
from publish.model.search import ALIASES, SECTION_FIELDS, SHOWN

MINIMUM = 2  # characters, all terms together: a single one is in nearly every record
# Words for the columns that every table has; in a table with a field of such a name or title they mean that field.
FIXED: Mapping[str, str] = {word: SHOWN[short] for word, short in ALIASES.items()}

_TEXT_TYPES = frozenset({"string", "any"})
_QUOTES = '"\uff02\u201c\u201d'  # straight, full-width, and the curly ones that Chinese keyboards type
# White space as scripts in a browser know it, so that both cut a query at the same places.
_SPACES = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_COLONS = ":\uff1a"
_PART = re.compile(f"[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]?|(?P<word>[^{_SPACES}{_QUOTES}]+)")
_FIELD = re.compile(f"([^{_SPACES}{_QUOTES}{_COLONS}]+)[{_COLONS}](?=[^{_SPACES}])")
_FOUND = {"dataset": pl.String(), "key": pl.String(), "date": pl.Date()}


@dataclass(frozen=True, slots=True)
class Term:
    """Folded text that must stand in one cell: any searchable one, or one that `field` (folded) is a word for."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What must all be found, each once, in the order typed."""

    terms: tuple[Term, ...]

    @property
    def is_short(self) -> bool:
        """Whether it says too little to be searched for."""
        return sum(len(term.text) for term in self.terms) < MINIMUM


def field_names(tables: Sequence[PublicTable]) -> frozenset[str]:
    """Folded words that name a field in a query: names and titles of searchable fields, and the fixed ones."""
    fields = [field for table in tables for field in _text_fields(table)]
    words = {*FIXED, *SECTION_FIELDS, *(field.name for field in fields), *(field.title for field in fields)}
    return frozenset(map(fold_text, words)) - {""}


def parse_query(text: str, names: Collection[str] = FIXED.keys()) -> Query:
    """A query as typed. `names` (folded): what before a colon is a field; before any other, the colon is a character.

    An open quote is closed by the end. A quote right behind `field:` is the field's value; a colon that nothing follows
    is a character too.
    """
    terms: dict[Term, None] = {}  # each once, in their order
    part = _PART.search(text)
    while part:
        named = _FIELD.match(text, part.start())
        field = fold_text(named[1]) if named else None
        if named and field in names:
            part = _PART.match(text, named.end()) or part
        else:
            field = None
        terms[Term(fold_text(part["quoted"] or part["word"] or ""), field)] = None
        part = _PART.search(text, part.end())
    return Query(tuple(term for term in terms if term.text))


def find_records(tables: Sequence[PublicTable], query: Query) -> list[tuple[str, str]]:
    """(dataset slug, key) of every record in whose searchable cells all terms stand; none for a query without terms.

    Searchable are `_title`, `_subject`, `_code`, `_authority`, `_reason` and all fields of text. Newest first, undated
    last, by key within a day.
    """
    if not query.terms:
        return []
    found = [
        table.frame.filter(_holds(table, query)).select(
            pl.lit(table.info.slug).alias("dataset"), pl.col("_key").alias("key"), pl.col("_date").alias("date")
        )
        for table in tables
    ]
    frame = pl.concat([pl.DataFrame(schema=_FOUND), *found])
    order = frame.sort(["date", "key", "dataset"], descending=[True, False, False], nulls_last=True)
    return list(order.select("dataset", "key").iter_rows())


def columns_of(table: PublicTable, field: str | None) -> list[str]:
    """The columns in which a term for `field` is looked for: all searchable ones for None; there may be none."""
    fields = _text_fields(table)
    if field is None:
        return [*SHOWN.values(), *(entry.name for entry in fields)]
    own = [entry.name for entry in fields if field in (fold_text(entry.name), fold_text(entry.title))]
    return own or [column for word, column in FIXED.items() if word == field]


def _text_fields(table: PublicTable) -> list[PublicField]:
    return [field for field in table.fields if field.type in _TEXT_TYPES]


def _holds(table: PublicTable, query: Query) -> pl.Expr:
    """Whether a record holds all terms. Each distinct cell is folded once, however many terms there are."""
    columns = {term: columns_of(table, term.field) for term in query.terms}
    folded = {name: _folded(table.frame[name]) for name in {name for names in columns.values() for name in names}}
    return pl.all_horizontal(
        pl.any_horizontal(pl.lit(False), *_cells_with(term.text, names, folded)) for term, names in columns.items()
    )


def _cells_with(text: str, names: Sequence[str], folded: Mapping[str, pl.DataFrame]) -> Iterator[pl.Expr]:
    for name in names:
        cells = folded[name].filter(pl.col("folded").str.contains(text, literal=True))["cell"]
        yield pl.col(name).is_in(cells.implode()).fill_null(False)


def _folded(column: pl.Series) -> pl.DataFrame:
    """The distinct cells of a column: `cell`, `folded`.

    Most characters fold alone, whatever stands around them, which Polars does in one pass; cells with others are
    folded by themselves.
    """
    cells = column.drop_nulls().unique().alias("cell").to_frame()
    characters = set(cells["cell"].str.join("").item() or "") if cells.height else set()
    joining = [character for character in characters if not _folds_alone(character)]
    table = {one: other for one in characters if (other := fold_text(one)) != one}
    by_itself = pl.col("cell").str.contains_any(pl.Series(joining, dtype=pl.String).implode())
    hard = cells.filter(by_itself)
    easy = cells.filter(~by_itself).with_columns(pl.col("cell").str.replace_many(table).alias("folded"))
    singly = pl.Series("folded", [fold_text(cell) for cell in hard["cell"]], dtype=pl.String)
    return pl.concat([easy, hard.with_columns(singly)])


def _folds_alone(character: str) -> bool:
    """No part of it is a mark or a Hangul letter, which NFKC may join to what stands before."""
    parts = unicodedata.normalize("NFKD", character)
    return not any(unicodedata.category(part)[0] == "M" or "\u1100" <= part <= "\u11ff" for part in parts)

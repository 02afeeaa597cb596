"""People whom no text of the site may name: who they are, and which texts name them."""

from collections.abc import Iterator, Sequence

import polars as pl

from publish.disclose.secrets import Secrets, folded_texts, known_secrets, name_parts
from publish.model.source import CheckedTable, Role
from publish.model.spelling import few_distinct
from publish.model.terms import SubjectKind

_LEAST = 3


def people_of(table: CheckedTable, decided: pl.DataFrame) -> pl.Series:
    """Folded names of natural persons and informants of a table's records, those of three characters and more.

    A shorter name is too often part of another word to be masked where nobody says that it is a name.
    """
    named = decided.select("@subject_kind", "@subject_name")
    persons = named.filter(pl.col("@subject_kind") == SubjectKind.NATURAL_PERSON.value)["@subject_name"]
    informants = [table.source.frame[spec.name] for spec in table.source.schema.with_role(Role.INFORMANT)]
    names = pl.concat([persons.alias("n"), *(name.alias("n") for name in informants)]).drop_nulls()
    parts = folded_texts(name_parts(names).explode(empty_as_null=False).unique())
    return parts.filter(parts.str.len_chars() >= _LEAST).unique().sort()


def people_in(texts: Sequence[pl.Series], names: pl.Series) -> Iterator[pl.DataFrame]:
    """The names (as people_of has them) that each folded text of each column holds, as known_secrets gives them."""
    for text, rows in zip(texts, _holding(texts, names), strict=True):
        none = pl.Series([], dtype=pl.List(pl.String))
        found = text.gather(rows).str.extract_many(names.implode(), overlapping=True) if len(rows) else none
        held = known_secrets([Secrets(found, _LEAST, keep=True)])
        yield held.with_columns(rows.gather(held["row"]).alias("row"))


def _holding(texts: Sequence[pl.Series], names: pl.Series) -> Iterator[pl.Series]:
    """Positions of the texts of each column that hold one of the names: all columns are searched at once, since to get
    ready for many names takes long."""
    if not len(names):
        yield from (pl.Series([], dtype=pl.UInt32) for _ in texts)
        return
    few = [few_distinct(text) for text in texts]
    looked_at = [text if some is None else some for text, some in zip(texts, few, strict=True)]
    nothing = pl.Series([], dtype=pl.String)
    marks = (
        pl.concat([nothing, *(text.alias("") for text in looked_at)]).str.contains_any(names.implode()).fill_null(False)
    )
    begin = 0
    for text, some, looked in zip(texts, few, looked_at, strict=True):
        held = marks.slice(begin, len(looked))
        begin += len(looked)
        yield held.arg_true() if some is None else text.is_in(some.filter(held).implode()).fill_null(False).arg_true()

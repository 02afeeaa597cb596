"""Masking of persons in the public cells of a table: their names, and personal data in free text.

A natural person's name keeps its first character; an organisation's name is never masked (facts, 7). A name that is
masked in its own column is masked in the other texts of the record as well, and so are the names of other persons.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from publish.disclose.identifiers import holds_resident_id, valid_credit_codes
from publish.disclose.personal import find_personal, mask_personal
from publish.model.source import CheckedTable, FieldSpec, Role
from publish.model.terms import Pattern

MASK = "**"
HIDDEN = "***"
_TEXT_TYPES = frozenset({"string", "any"})
_NAMELESS = frozenset({Role.SUBJECT_NAME, Role.SUBJECT_CODE, Role.AUTHORITY})
# Stands for the organisation's own name while persons' names are masked: Unicode keeps it for private use.
_OWN = "\ue000"


@dataclass(frozen=True, slots=True)
class MaskedCells:
    """The public cells of the chosen records, masked.

    `cells`: one String column per public field. `withheld`, `personal`: by field, the positions (Boolean, one per row)
    of cells that were emptied, and of those in which personal data was masked.
    """

    cells: pl.DataFrame
    withheld: Mapping[str, pl.Series] = field(default_factory=dict)
    personal: Mapping[str, pl.Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Secret:
    """What each row's texts may not hold (String, null: nothing), and what stands there instead.

    Values of fewer than `least` characters are too short to be told from other text.
    """

    values: pl.Series
    mask: pl.Expr
    least: int


def masked_name(name: pl.Expr) -> pl.Expr:
    """A natural person's name with only its first character kept (张**); a name of one character keeps none."""
    bare = name.str.strip_chars()
    kept = pl.when(bare.str.len_chars() > 1).then(bare.str.slice(0, 1)).otherwise(pl.lit(""))
    return pl.when(name.is_not_null()).then(pl.concat_str(kept, pl.lit(MASK)))


def mask_cells(
    table: CheckedTable, chosen: pl.DataFrame, fields: Sequence[FieldSpec], patterns: frozenset[Pattern]
) -> MaskedCells:
    """Mask the cells of the public `fields` in the rows of `chosen` (decided records of the table, in its order)."""
    source = table.source.frame.filter(pl.col("_row").is_in(chosen["_row"].implode()))
    person = chosen["_person"].alias("_person")
    secrets = [*_names(table, source, chosen), *_numbers(table, source)]
    own = source.select(_own_name(table, chosen)).to_series()
    columns: list[pl.Series] = []
    withheld: dict[str, pl.Series] = {}
    personal: dict[str, pl.Series] = {}
    for spec in fields:
        cell = source[spec.name].cast(pl.String)
        hidden = _hidden(spec, cell, person)
        if hidden is not None and hidden.any():
            withheld[spec.name] = hidden
            cell = pl.select(pl.when(~hidden).then(cell)).to_series()
        if spec.role is Role.SUBJECT_NAME:
            cell = pl.select(pl.when(person).then(masked_name(pl.lit(cell))).otherwise(cell)).to_series()
        elif spec.type in _TEXT_TYPES:
            cell = _without(cell, secrets, own)
            cell, hits = _without_personal(spec, cell, person, patterns)
            if hits is not None:
                personal[spec.name] = hits
        columns.append(cell.alias(spec.name))
    return MaskedCells(pl.DataFrame(columns), withheld, personal)


def personal_rows(
    table: CheckedTable, person: pl.Series, fields: Sequence[FieldSpec], patterns: frozenset[Pattern]
) -> pl.Series:
    """Boolean, one per source row: a public text of the record holds one of the patterns."""
    marks = pl.repeat(False, table.source.frame.height, dtype=pl.Boolean, eager=True)
    for spec in fields:
        if spec.type in _TEXT_TYPES and spec.role not in _NAMELESS:
            hits = find_personal(table.source.frame[spec.name], person, patterns)["index"].unique()
            marks = marks | pl.arange(0, len(marks), eager=True).is_in(hits.cast(pl.Int64).implode())
    return marks


def _hidden(spec: FieldSpec, cell: pl.Series, person: pl.Series) -> pl.Series | None:
    """Cells to be emptied: what is in place of a credit code and is none; numbers in columns that are no texts."""
    if spec.role is Role.SUBJECT_CODE:
        return cell.is_not_null() & (person | ~valid_credit_codes(cell))
    if spec.type not in _TEXT_TYPES:
        return cell.to_frame("c").select(holds_resident_id(pl.col("c"))).to_series()
    return None


def _numbers(table: CheckedTable, source: pl.DataFrame) -> Iterator[_Secret]:
    """Persons' numbers that the record itself holds: masked in its texts whatever shape they have."""
    for spec in table.source.schema.with_role(Role.PERSON_NUMBER):
        number = source[spec.name].str.strip_chars()
        yield _Secret(number, pl.lit(HIDDEN), least=5)


def _names(table: CheckedTable, source: pl.DataFrame, chosen: pl.DataFrame) -> Iterator[_Secret]:
    """Full names of persons of each record, null where there is none: the subject's, other persons', informants'."""
    subject = chosen["@subject_name"].to_frame("n").select(pl.when(chosen["_person"]).then(pl.col("n"))).to_series()
    others = [
        source[spec.name]
        for role in (Role.OTHER_PERSON, Role.INFORMANT)
        for spec in table.source.schema.with_role(role)
    ]
    for name in (subject, *others):
        yield _Secret(name.str.strip_chars(), masked_name(pl.col("secret")), least=2)


def _own_name(table: CheckedTable, chosen: pl.DataFrame) -> pl.Expr:
    """The name of a subject that is no person, to be kept whole even if its owner's name is in it."""
    return pl.when(~chosen["_person"]).then(chosen["@subject_name"].str.strip_chars()).alias("_own")


def _without(cell: pl.Series, secrets: Sequence[_Secret], own: pl.Series) -> pl.Series:
    for secret in secrets:
        cell = _without_one(cell, secret, own)
    return cell


def _without_one(cell: pl.Series, secret: _Secret, own: pl.Series) -> pl.Series:
    """The cells without what is secret of their record; only rows that hold it are worked on."""
    frame = pl.DataFrame({"cell": cell, "secret": secret.values, "own": own})
    long_enough = pl.col("secret").str.len_chars() >= secret.least
    held = frame.select(long_enough & pl.col("cell").str.contains(pl.col("secret"), literal=True)).to_series()
    if not held.fill_null(False).any():
        return cell
    own_name = pl.when(pl.col("own") != "").then(pl.col("own"))
    guarded = pl.coalesce(pl.col("cell").str.replace_all(_OWN, "").str.split(own_name).list.join(_OWN), "cell")
    masked = guarded.str.split(pl.col("secret")).list.join(secret.mask)
    restored = pl.coalesce(masked.str.split(_OWN).list.join(own_name), masked)
    worked = frame.filter(held).select(restored).to_series()
    return cell.scatter(held.arg_true(), worked)


def _without_personal(
    spec: FieldSpec, cell: pl.Series, person: pl.Series, patterns: frozenset[Pattern]
) -> tuple[pl.Series, pl.Series | None]:
    if spec.role in _NAMELESS or not patterns:
        return cell, None
    hits = find_personal(cell, person, patterns)
    if not hits.height:
        return cell, None
    marks = pl.arange(0, len(cell), eager=True).is_in(hits["index"].unique().cast(pl.Int64).implode())
    return mask_personal(cell, hits), marks

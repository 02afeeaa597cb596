"""Keys: values that must be there, be the only ones, or be found in another table. Values are equal as frictionless has
it: by what the texts mean in their type (`01` and `1` are one integer), never across kinds of types.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import isodate
import polars as pl

from publish.model.distinct import distinct
from publish.model.source import FieldSpec, Schema, SourceTable
from publish.validate.cells import ERRORS, errors_of, read, type_of

_ROW = "_row"
# The most digits that Python makes an integer of.
_LONGEST_INTEGER = 4300


def key_errors(table: SourceTable, others: Mapping[str, SourceTable]) -> pl.DataFrame:
    """Errors (ERRORS): `cell.unique` in a field; for whole rows `row.primary-key`, `row.unique-key`, `row.foreign-key`.

    `others` are the tables of the package by resource name. A foreign key to a table that is not among them is not
    judged: that the table is missing has been said when it was read.
    """
    keys = table.frame.select(_ROW, *key_columns(table.frame, table.schema, _key_fields(table.schema)))
    unique = [spec.name for spec in table.schema.fields if spec.constraints.unique]
    primary = table.schema.primary_key
    # A field is often unique, the primary key and a unique key at once, and this is the dearest of all checks.
    groups = {*((name,) for name in unique), *table.schema.unique_keys} | ({primary} if primary else set())
    repeated = {group: _repeated(keys, list(group)) for group in sorted(groups)}
    found = [pl.DataFrame(schema=ERRORS)]
    found += [errors_of(repeated[(name,)], name, pl.lit("cell.unique")) for name in unique]
    found += [errors_of(repeated[group], "", pl.lit("row.unique-key")) for group in table.schema.unique_keys]
    if primary:
        empty = keys.filter(pl.all_horizontal(pl.col(name).is_null() for name in primary))
        found += [errors_of(rows, "", pl.lit("row.primary-key")) for rows in (empty, repeated[primary])]
    found += [errors_of(rows, "", pl.lit("row.foreign-key")) for rows in _unmatched(table, keys, others)]
    return pl.concat(found)


def key_columns(frame: pl.DataFrame, schema: Schema, names: Sequence[str]) -> Iterator[pl.Series]:
    """For each field a String series that is equal where the values are; null where there is none or it is no value."""
    for name in names:
        yield _key_column(frame, schema.named(name))


def _key_fields(schema: Schema) -> list[str]:
    used = {spec.name for spec in schema.fields if spec.constraints.unique} | {*schema.primary_key}
    used |= {name for group in schema.unique_keys for name in group}
    used |= {name for key in schema.foreign_keys for name in key.fields}
    return [spec.name for spec in schema.fields if spec.name in used]


def _key_column(frame: pl.DataFrame, spec: FieldSpec) -> pl.Series:
    cells, cell_type = frame[spec.name], type_of(spec)
    canonical = cell_type.canonical(spec) if cell_type.form(spec) is not False else False
    if canonical is True:
        return cells
    written = frame.select(spec.name) if canonical is False else frame.filter(~canonical).select(spec.name)
    texts = written[spec.name].drop_nulls().unique().to_list()
    if not texts:
        return cells
    reader = cell_type.reader(spec)
    meant = [canonical_text(read(reader, text)) for text in texts]
    return cells.replace_strict(texts, meant, default=cells, return_dtype=pl.String)


def canonical_text(value: Any) -> str | None:
    """One text for all values that are equal: 1, 1.0 and true are; so is an instant in any zone. None for no value."""
    match value:
        case None | str():
            return value
        case bool() | int():
            return str(int(value))
        case Decimal():
            return _number_text(value)
        case date() | time() | timedelta():
            return _time_text(value)
        case dict():
            return json.dumps(value, sort_keys=True, ensure_ascii=False)
        case list() | tuple():
            return "[" + ",".join(str(canonical_text(item)) for item in value) + "]"
        case _:
            return repr(value)


def _time_text(value: date | time | timedelta) -> str:
    if isinstance(value, timedelta):
        return isodate.duration_isoformat(value)  # type: ignore[no-any-return]
    if isinstance(value, time):
        offset, moment = value.utcoffset(), datetime.combine(date(1, 1, 1), value.replace(tzinfo=None))
    elif isinstance(value, datetime):
        offset, moment = value.utcoffset(), value.replace(tzinfo=None)
    else:
        return value.isoformat()
    return value.isoformat() if offset is None else f"{moment - datetime(1, 1, 1) - offset} UTC"


def _number_text(value: Decimal) -> str:
    """Digits and exponent without trailing zeros; whole numbers as integers are written."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)
    text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    exponent += len(text) - len(stripped)
    if not stripped:
        return "0"
    tail = "0" * exponent if 0 <= exponent <= _LONGEST_INTEGER else f"e{exponent}"
    return f"{'-' if sign else ''}{stripped}{tail}"


def _repeated(keys: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Rows whose key stands in an earlier row; a key that is null in all its parts is none."""
    there = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    if all_differ(keys.select(names).filter(there)):
        return keys.clear()
    key = pl.col(names[0]) if len(names) == 1 else pl.struct(names)
    return keys.filter(there & ~key.is_first_distinct())


def all_differ(keys: pl.DataFrame) -> bool:
    """Whether all rows are seen to differ, as they mostly do: by their hashes, much faster than by the texts."""
    return distinct(keys.hash_rows().to_numpy()).size == keys.height


def _unmatched(table: SourceTable, keys: pl.DataFrame, others: Mapping[str, SourceTable]) -> Iterator[pl.DataFrame]:
    for key in table.schema.foreign_keys:
        own = key.reference_resource in {"", table.resource}
        target = table if own else others.get(key.reference_resource)
        names, wanted = list(key.fields), key.reference_fields
        if target is None or not {spec.name for spec in target.schema.fields}.issuperset(wanted):
            continue
        there = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
        referring = keys.filter(there).select(_ROW, *names)
        if [type_of(table.schema.named(n)).kind for n in names] != [
            type_of(target.schema.named(n)).kind for n in wanted
        ]:
            yield referring
            continue
        found = pl.DataFrame(list(key_columns(target.frame, target.schema, wanted)))
        found.columns = names
        # The table that is referred to may be large, and what refers to it is mostly small.
        met = found.join(referring.select(names).unique(), on=names, how="semi", nulls_equal=True)
        yield referring.join(met, on=names, how="anti", nulls_equal=True, maintain_order="left")

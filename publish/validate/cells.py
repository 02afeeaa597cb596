"""Cells against their fields: types and constraints.

Polars sorts out the cells that are surely right; every other distinct text is judged once in Python, exactly.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from publish.model.source import Constraints, FieldSpec, Schema
from publish.validate.patterns import rust_pattern
from publish.validate.readers import Reader
from publish.validate.types import TYPES, CellType, Sure

ERRORS = {"row": pl.UInt32, "field": pl.String, "code": pl.String}
Judge = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The constraints of a field as values; `unreadable` names those that mean nothing."""

    minimum: Any = None
    maximum: Any = None
    enum: tuple[Any, ...] | None = None
    pattern: re.Pattern[str] | None = None
    min_length: int | None = None
    max_length: int | None = None
    unreadable: tuple[str, ...] = ()


def type_of(spec: FieldSpec) -> CellType:
    """The registry's entry for a field; a type that the standard does not know says nothing about a cell."""
    return TYPES.get(spec.type, TYPES["any"])


def read(reader: Reader, text: str) -> Any:
    """The value of a text, or None. The libraries behind the readers raise errors of many classes."""
    try:
        return reader(text)
    except Exception:
        return None


def cell_errors(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Errors of the cells (ERRORS): `cell.type`, `cell.required`, `cell.pattern`, `cell.enum`, `cell.minimum`,
    `cell.maximum`, `cell.min-length`, `cell.max-length`."""
    doubts = {spec.name: doubt for spec in schema.fields if (doubt := _doubt(spec)) is not None}
    counts = _counts(frame, schema, doubts)
    found = [pl.DataFrame(schema=ERRORS)]
    for spec in schema.fields:
        if spec.constraints.required and frame[spec.name].null_count():
            lacking = frame.filter(pl.col(spec.name).is_null())
            found.append(errors_of(lacking, spec.name, pl.lit("cell.required")))
        if counts.get(spec.name):
            found.append(_judged(frame.filter(doubts[spec.name]).select("_row", spec.name), spec))
    return pl.concat(found)


def _counts(frame: pl.DataFrame, schema: Schema, doubts: Mapping[str, pl.Expr]) -> dict[str, int]:
    """How many cells of each field, or how many of its distinct texts, are in doubt."""
    few = [name for name in doubts if type_of(schema.named(name)).few]
    sums = [doubt.sum().alias(name) for name, doubt in doubts.items() if name not in few]
    counts = frame.select(sums).row(0, named=True) if sums else {}
    for name in few:
        counts[name] = frame.select(pl.col(name).unique()).select(doubts[name].sum()).item()
    return counts


def errors_of(rows: pl.DataFrame, field: str, code: pl.Expr) -> pl.DataFrame:
    """ERRORS with one row per row of `rows`, which has `_row`."""
    return rows.select(pl.col("_row").alias("row"), pl.lit(field).alias("field"), code.alias("code"))


def limits_of(spec: FieldSpec) -> Limits:
    """The constraints that the field's type supports."""
    declared, supported = spec.constraints, type_of(spec).constraints
    reader = type_of(spec).reader(spec)
    bounds = {"minimum": declared.minimum, "maximum": declared.maximum} if "minimum" in supported else {}
    values = {name: read(reader, text) for name, text in bounds.items() if text is not None}
    enum = None
    if declared.enum is not None and "enum" in supported:
        enum = tuple(value for value in map(_enum_reader(spec, reader), declared.enum) if value is not None)
    unreadable = [name for name, value in values.items() if value is None]
    pattern = None
    if declared.pattern is not None and "pattern" in supported:
        try:
            pattern = re.compile(f"^{declared.pattern}$")
        except re.error:
            unreadable.append("pattern")
    limits = Limits(**values, enum=enum, pattern=pattern, unreadable=tuple(unreadable))
    if "min-length" in supported:
        limits = replace(limits, min_length=declared.min_length, max_length=declared.max_length)
    return limits


def make_judge(spec: FieldSpec) -> Judge:
    """A function from the text of a cell to the codes of what is wrong with it."""
    reader, limits = type_of(spec).reader(spec), limits_of(spec)

    def judge(text: str) -> tuple[str, ...]:
        value = read(reader, text)
        return ("cell.type",) if value is None else tuple(_broken(value, limits))

    return judge


def _broken(value: Any, limits: Limits) -> Iterator[str]:
    if limits.minimum is not None and not _in_order(limits.minimum, value):
        yield "cell.minimum"
    if limits.maximum is not None and not _in_order(value, limits.maximum):
        yield "cell.maximum"
    if limits.enum is not None and not _is_one_of(value, limits.enum):
        yield "cell.enum"
    if limits.pattern is not None and not limits.pattern.match(value):
        yield "cell.pattern"
    if limits.min_length is not None and len(value) < limits.min_length:
        yield "cell.min-length"
    if limits.max_length is not None and len(value) > limits.max_length:
        yield "cell.max-length"


def _in_order(low: Any, high: Any) -> bool:
    """Whether low <= high. What cannot be compared, such as NaN or times with and without a zone, is not in order."""
    try:
        return bool(low <= high)
    except (TypeError, ArithmeticError):
        return False


def _is_one_of(value: Any, values: tuple[Any, ...]) -> bool:
    try:
        return value in values
    except (TypeError, ArithmeticError):
        return False


def _enum_reader(spec: FieldSpec, reader: Reader) -> Reader:
    """Booleans of an enum may be written as YAML and JSON write them, whatever `trueValues` says."""
    if spec.type != "boolean":
        return lambda text: read(reader, text)
    plain = {"true": True, "false": False}
    return lambda text: plain.get(text, read(reader, text))


def _doubt(spec: FieldSpec) -> pl.Expr | None:
    """The cells that are not surely right; None if all are."""
    sure: pl.Expr | None = None
    for condition in _conditions(spec):
        if condition is False:
            return pl.col(spec.name).is_not_null()
        if condition is not True:
            sure = condition if sure is None else sure & condition
    return None if sure is None else pl.col(spec.name).is_not_null() & ~sure.fill_null(False)


def _conditions(spec: FieldSpec) -> Iterator[Sure]:
    """What together makes a cell surely right."""
    cell_type, limits, text = type_of(spec), limits_of(spec), pl.col(spec.name)
    yield cell_type.form(spec)
    if limits.minimum is not None:
        yield cell_type.bound(spec, limits.minimum, False)
    if limits.maximum is not None:
        yield cell_type.bound(spec, limits.maximum, True)
    if limits.enum is not None:
        yield text.is_in(_plain_texts(spec, limits.enum))
    if limits.pattern is not None:
        pattern = rust_pattern(spec.constraints.pattern or "")
        yield text.str.contains(pattern) if pattern is not None else False
    if limits.min_length is not None:
        yield text.str.len_chars() >= limits.min_length if cell_type.kind == "text" else False
    if limits.max_length is not None:
        yield text.str.len_chars() <= limits.max_length if cell_type.kind == "text" else False


def _plain_texts(spec: FieldSpec, enum: tuple[Any, ...]) -> list[str]:
    """The texts of the enum that, written in a cell, are one of its values."""
    reader = type_of(replace(spec, constraints=Constraints())).reader(spec)
    texts = spec.constraints.enum or ()
    return [text for text in texts if _is_one_of(read(reader, text), enum)]


def _judged(cells: pl.DataFrame, spec: FieldSpec) -> pl.DataFrame:
    """ERRORS of doubtful cells (`_row` and the field's column)."""
    judge = make_judge(spec)
    texts = cells[spec.name].unique().to_list()
    judged = [(text, code) for text in texts for code in judge(text)]
    codes = pl.DataFrame(judged, schema={spec.name: pl.String, "code": pl.String}, orient="row")
    return errors_of(cells.join(codes, on=spec.name, maintain_order="left_right"), spec.name, pl.col("code"))

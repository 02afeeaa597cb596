"""Cells of data files, in columns: typed where every value can be, and made safe where a spreadsheet opens them."""

from collections.abc import Callable, Mapping

import polars as pl

from publish.model.public import PublicField

# A spreadsheet takes a cell for a formula if it begins so, perhaps after blanks: OWASP, CSV Injection; the full-width
# forms are what East Asian input methods write. The apostrophe is here so that the mark can be taken away again.
_FORMULA = r"^[\s\u00a0\u200b\u2060\u3000\ufeff]*['=+\-@＝＋－＠]|^[\t\r\n]"
# What a spreadsheet takes for a number or a date and shows as another: more digits than it shows or keeps, leading
# zeros, exponents, `3-12` (a date to it), `(1)` (minus one to it).
_NUMBER = r"^\s*(\d{12,}|0\d+|\d+[eE]\d+|\d{1,2}[-/]\d{1,2}|[(（]\d+[)）])\s*$"
_ALTERED = f"{_FORMULA}|{_NUMBER}"
_MARK = "'"

_INTEGER = r"^[+-]?[0-9]{1,18}$"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_TRUE, _FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")  # the defaults of Table Schema
# Digits that a 64-bit float keeps whatever the number.
_FLOAT_DIGITS = 15


def excel_safe(cell: pl.Expr) -> pl.Expr:
    """Cells that a spreadsheet program opening a CSV neither runs nor alters, by an apostrophe before those it would.

    Each cell that begins with an apostrophe has one too many, and no other: taking it away gives the original.
    """
    return pl.when(~cell.str.contains(_ALTERED)).then(cell).otherwise(pl.lit(_MARK) + cell)


def excel_safe_column(column: pl.Series) -> pl.Series:
    """excel_safe of a column; one that has no such cell is itself, and not copied."""
    if not column.str.contains(_ALTERED).any():
        return column
    return column.alias("cell").to_frame().select(excel_safe(pl.col("cell"))).to_series().alias(column.name)


def can_be_typed(column: pl.Series, field: PublicField) -> bool:
    """Whether every value can be Int64, Float64 or Boolean, as its field's type says, without loss. A value that would
    change or vanish makes the whole column text; masked columns are text."""
    return not field.masked and field.type in _CHECKS and _CHECKS[field.type](column)


def typed(field: PublicField, name: str) -> pl.Expr:
    """A column of which can_be_typed tells so."""
    cell = pl.col(name)
    if field.type == "boolean":
        return pl.when(cell.is_not_null()).then(cell.is_in(_TRUE)).alias(name)
    return cell.cast(pl.Int64 if field.type == "integer" else pl.Float64)


def _number(column: pl.Series) -> bool:
    if not _all(column, _DECIMAL):
        return False
    if (column.str.len_bytes().max() or 0) <= _FLOAT_DIGITS:  # type: ignore[operator]
        return True
    digits = column.str.replace_all(r"[^0-9]", "").str.strip_chars_start("0").str.len_bytes()
    return bool((digits <= _FLOAT_DIGITS).all())


def _all(column: pl.Series, pattern: str) -> bool:
    return bool(column.str.contains(pattern).all())


_CHECKS: Mapping[str, Callable[[pl.Series], bool]] = {
    "integer": lambda column: _all(column, _INTEGER),
    "number": _number,
    "boolean": lambda column: bool(column.is_in([*_TRUE, *_FALSE]).all()),
}

"""Cells of data files, in columns: typed where every value can be, and made safe where a spreadsheet opens them."""

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


def typed_column(column: pl.Series, field: PublicField) -> pl.Series:
    """The column as Int64, Float64 or Boolean, by its field's type, if every value can be that without loss.

    Else the column as it is: a value that would change or vanish makes the whole column text. Masked columns are text.
    """
    if field.masked or field.type not in _CASTS:
        return column
    return _CASTS[field.type](column)


def _integer(column: pl.Series) -> pl.Series:
    return column.cast(pl.Int64) if _all(column, _INTEGER) else column


def _number(column: pl.Series) -> pl.Series:
    if not _all(column, _DECIMAL):
        return column
    digits = column.str.replace_all(r"[^0-9]", "").str.strip_chars_start("0").str.len_bytes()
    return column.cast(pl.Float64) if (digits <= _FLOAT_DIGITS).all() else column


def _boolean(column: pl.Series) -> pl.Series:
    if not column.is_in([*_TRUE, *_FALSE]).all():
        return column
    truth = column.is_in(_TRUE).to_frame("truth").with_columns(column.is_null().alias("blank"))
    return truth.select(pl.when(~pl.col("blank")).then("truth").alias(column.name)).to_series()


def _all(column: pl.Series, pattern: str) -> bool:
    return bool(column.str.contains(pattern).all())


_CASTS = {"integer": _integer, "number": _number, "boolean": _boolean}

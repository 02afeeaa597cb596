"""Rows of a sheet of a workbook as XML, some at a time: each cell is text (ECMA-376, `inlineStr`).

Cells are put together as lines, with control characters between them that no XML can have and that are left out of
cells; tags take their place while few rows are near the processor. Columns are looked at one by one only where some
cell of these rows is not written as it is.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise

import numpy as np
import polars as pl

from publish.model.data_memory import Ints

CELL_UNITS = 32_767  # UTF-16 units that Excel takes in a cell
# A row of the sheet: its cells between these, or the last where there is none.
ROW, ROW_END = "<row>", "</row>"
OPEN, CLOSE, EMPTY = '<c t="inlineStr"><is><t>', "</t></is></c>", "<c/>"
_OPEN_KEPT = '<c t="inlineStr"><is><t xml:space="preserve">'

_ILLEGAL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"  # XML 1.0, production 2
_SPECIAL = r"[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_"
_SPACES = r"^ | $|  |[\t\n\r]"  # which XML's readers may leave out

_NULL, _KEPT, _ROW, _CELL = "\x00", "\x01", "\x1e", "\x1f"  # an empty cell, before one with blanks; after a row, a cell
_CONTROLS = 0x20  # all below
_SEEN = (b"&", b"<", b">")
_AT_ENDS = (b"  ", b" \x1f", b"\x1f ", b" \x1e", b"\x1e ")


def sheet_rows(cells: pl.DataFrame, counts: Ints) -> Iterator[bytes]:
    """The XML of so many rows each, which are all rows of `cells` (String columns, in their order).

    Characters that XML cannot hold are left out; text beyond CELL_UNITS is cut and ends with `…`. Null is an empty
    cell.
    """
    text = _joined(cells)
    if not _is_plain(text, cells):
        text = _joined(pl.DataFrame(list(map(_written, cells.get_columns()))))
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord(_ROW)) + 1
    for begin, end in pairwise([0, *ends[np.cumsum(counts) - 1].tolist()]):
        yield _tagged(text[begin:end])


def _joined(cells: pl.DataFrame) -> bytes:
    lines = BytesIO()
    cells.write_csv(
        lines, include_header=False, separator=_CELL, line_terminator=_ROW, quote_style="never", null_value=_NULL
    )
    return lines.getvalue()


def _is_plain(text: bytes, cells: pl.DataFrame) -> bool:
    """Whether each cell is written as it is, so far as can be told of all at once: where a control character is that is
    no mark, marks are far from each other, or what _SPECIAL or _SPACES may match is there, it cannot."""
    octets = np.frombuffer(text, np.uint8)
    marks = np.flatnonzero(octets < _CONTROLS)
    nulls = sum(column.null_count() for column in cells.get_columns())
    if len(marks) != cells.height * cells.width + nulls or np.diff(marks, prepend=-1).max() > CELL_UNITS:
        return False
    if any(some in text for some in _SEEN) or (b"_" in text and b"_x" in text):
        return False
    if ((octets[:-2] == 0xEF) & (octets[1:-1] == 0xBF) & (octets[2:] >= 0xBE)).any():  # U+FFFE, U+FFFF
        return False
    return b" " not in text or not (text.startswith(b" ") or any(some in text for some in _AT_ENDS))


def _tagged(text: bytes) -> bytes:
    between = ROW + OPEN
    xml = text.replace(_CELL.encode(), (CLOSE + OPEN).encode())
    xml = xml.replace(_ROW.encode(), (CLOSE + ROW_END + between).encode())
    xml = between.encode() + xml[: -len(between)]
    if _NULL.encode() in text:
        xml = xml.replace((OPEN + _NULL + CLOSE).encode(), EMPTY.encode())
    return xml.replace((OPEN + _KEPT).encode(), _OPEN_KEPT.encode()) if _KEPT.encode() in text else xml


def _written(column: pl.Series) -> pl.Series:
    """As XML has the cells, with a mark before those whose blanks a reader may leave out."""
    if (column.str.len_bytes().max() or 0) > CELL_UNITS:  # type: ignore[operator]
        column = _cut(column)
    if not column.str.contains(f"{_SPECIAL}|{_SPACES}").any():
        return column
    text = column.str.replace_all(_ILLEGAL, "").str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        text = text.str.replace_all(plain, entity, literal=True)
    marked = pl.when(pl.lit(text.str.contains(_SPACES))).then(_KEPT + pl.lit(text)).otherwise(pl.lit(text))
    return pl.select(marked.alias(column.name)).to_series()


def _cut(column: pl.Series) -> pl.Series:
    astral = pl.col("text").str.count_matches(r"[\x{10000}-\x{10ffff}]")
    units = pl.col("text").str.len_chars() + astral
    cut = pl.col("text").str.head(CELL_UNITS - 1 - astral.cast(pl.Int64)) + "…"
    cells = column.to_frame("text").select(pl.when(units > CELL_UNITS).then(cut).otherwise("text"))
    return cells.to_series().alias(column.name)

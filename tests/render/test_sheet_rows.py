"""Rows of a sheet put together all at once are those put together cell by cell."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.render import sheet_rows as sheet

TEXTS = [None, "", "甲", "a b", "￥1", "repair_notice", "_x0041_", "_x", "&<>", " a", "a ", "a  b", "\t", "a\r\nb", '"']
TEXTS += ["\x00", "\x01", "\x1e", "\x1f", "a\x1f\x1eb", "\ufffe", "\uffff", "\uffbd", "長" * 6, "長" * 21, "𠀀" * 11]


def simple(cell: str | None) -> str:
    """What the standards say of one cell, one step after the other."""
    if cell is None:
        return sheet.EMPTY
    if len(cell.encode("utf-16-le")) // 2 > sheet.CELL_UNITS:
        astral = sum(ord(one) > 0xFFFF for one in cell)
        cell = cell[: sheet.CELL_UNITS - 1 - astral] + "…"
    cell = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", cell)
    cell = escape(re.sub(r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", cell), {"\r": "&#13;"})
    kept = cell.startswith(" ") or cell.endswith(" ") or re.search("  |[\t\n]", cell)
    return sheet.OPEN[:-1] + (' xml:space="preserve">' if kept else ">") + cell + sheet.CLOSE


@pytest.fixture(autouse=True, scope="module")
def short() -> Iterator[None]:
    """Cells are cut soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet, "CELL_UNITS", 20)
        yield


cells = st.one_of(st.sampled_from(TEXTS), st.text(max_size=3))


@settings(deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=6), st.integers(1, 6))
def test_as_cell_by_cell(rows: list[tuple[str | None, str | None]], cut: int) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    cut = min(cut, len(rows))
    counts = [count for count in (cut, len(rows) - cut) if count]
    expected = [sheet.ROW + "".join(map(simple, row)) + sheet.ROW_END for row in rows]
    pieces = [expected[:cut], expected[cut:]][: len(counts)]
    assert list(sheet.sheet_rows(frame, np.array(counts))) == ["".join(piece).encode() for piece in pieces]


def test_columns_are_looked_at_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    written = sheet._written
    monkeypatch.setattr(sheet, "_written", lambda column: looked.append(column.name) or written(column))
    plain = pl.DataFrame({"a": ["甲 乙", None, "repair_notice", "￥1", ""], "b": ["長" * 6] * 5})
    list(sheet.sheet_rows(plain, np.array([5])))
    assert looked == []
    list(sheet.sheet_rows(plain.with_columns(a=pl.lit("&")), np.array([5])))
    assert looked == ["a", "b"]

"""A cell that holds a value, in whatever spelling, is one of those that a piece of the value finds."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from publish.derive.folding import folding_table
from publish.disclose import value_night, value_pieces
from publish.disclose.private_values import Means, Public
from publish.disclose.public_values import Held, PublicCells, _spellings, held_by, speller
from publish.disclose.value_pieces import Odd, Pieces, note_odd, odd_pattern
from publish.model.public import DatasetInfo, Disclosure, PublicField, PublicTable
from publish.model.sieve import Sieve
from publish.model.sieve_windows import MAX_BYTES
from publish.model.spelling import Speller
from publish.model.terms import Kind
from tests.model.test_spelling import hostile

ESCAPED = ["&amp;", "&#24352;", "\\u5f20", "%E5%BC%A0", "%", "%4", '""', '"', "\\", "&", "&#x33;", "\\n", "%41"]
cell = st.lists(hostile | st.sampled_from(ESCAPED) | st.text(max_size=3), max_size=4).map("".join)


@cache
def quickly() -> Speller:
    return speller(folding_table())


def likely(values: list[bytes], cells: list[str], spell: Speller | None, sample: list[str]) -> list[int] | None:
    """Which cells are likely; None: values have no pieces."""
    pieces = Pieces.among(pl.Series(values, dtype=pl.Binary), [pl.Series(sample, dtype=pl.String)])
    if pieces is None:
        return None
    rows = pl.arange(0, len(cells), dtype=pl.UInt32, eager=True)
    every = PublicCells(0, pl.Series(cells, dtype=pl.String), rows)
    pattern, odd = odd_pattern(spell), np.zeros(len(cells), np.bool_)
    note_odd([odd], pattern, [every])
    found = list(pieces.likely([every, PublicCells(None, every.cells)], Odd(pattern, [odd])))
    assert len({tuple(one.cells.to_list()) for one in found}) <= 1, "with numbers of rows or without"
    rows_of = [row for one in found if one.rows is not None for row in one.rows.to_list()]
    alone = [PublicCells(0, every.cells[n : n + 1], rows[n : n + 1]) for n in range(len(cells))]
    each = [row for one in pieces.likely(alone, Odd(pattern, [odd])) if one.rows is not None for row in one.rows]
    assert each == rows_of, "in one column, or each in its own, of which some are ASCII alone"
    return rows_of


def texts_of(text: str, spell: Speller | None) -> Iterator[str]:
    one = pl.Series([0], dtype=pl.UInt32)
    return (spelt.decode(errors="replace") for spelt, _, _ in _spellings(pl.Series([text]), one, spell))


def part_of_a_spelling(text: str, data: Any, spell: Speller | None) -> tuple[str, bytes]:
    """One of the spellings of the text, and some of it."""
    spelt = [text for text in texts_of(text, spell) if text]
    assume(spelt)
    whole = data.draw(st.sampled_from(spelt))
    begin = data.draw(st.integers(0, len(whole) - 1))
    return whole, whole[begin : begin + data.draw(st.integers(1, 12))].encode()


@settings(deadline=None, max_examples=200)
@given(st.lists(cell, min_size=1, max_size=4), st.data(), st.booleans())
def test_what_a_spelling_holds_is_likely(cells: list[str], data: Any, folds: bool) -> None:
    spell = quickly() if folds else None
    _, value = part_of_a_spelling(cells[0], data, spell)
    found = likely([value], cells, spell, cells[1:])
    assert found is None or 0 in found


def is_found(value: bytes, text: str) -> bool:
    """Whether a search for the value finds it there; it does not look for just any bytes."""
    try:
        return len(Sieve.of([value]).hits(text.encode())) > 0
    except ValueError:
        return False


@settings(deadline=None, max_examples=300)
@given(st.lists(cell, min_size=1, max_size=4), st.data(), st.booleans())
def test_what_a_search_finds_is_likely_by_hashes_of_pieces(cells: list[str], data: Any, folds: bool) -> None:
    spell = quickly() if folds else None
    text, value = part_of_a_spelling(cells[0], data, spell)
    if is_found(value, text):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(value_pieces, "_FEW", 0)
            found = likely([value], cells, spell, cells[1:])
        assert found is None or 0 in found


def test_long_values_by_hashes_of_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a value is cut, what is left of a word is no piece."""
    monkeypatch.setattr(value_pieces, "_FEW", 0)
    for size in range(MAX_BYTES - 3, MAX_BYTES + 3):
        value = ("甲乙丙丁 " + "x" * size)[:MAX_BYTES].encode()
        text = value.decode()[:-1] + "xyz" + "x" * 9
        for cell in (text, value.decode(), value.decode() + "乙"):
            assert not is_found(value, cell) or likely([value], ["甲", cell], quickly(), [cell]) == [1]
    assert is_found(b"x" * (MAX_BYTES + 9), "x" * (MAX_BYTES + 99))
    assert likely([b"x" * (MAX_BYTES + 9)], ["x" * (MAX_BYTES + 99)], None, []) is None


@pytest.mark.parametrize(
    "written", ["北ＡＢ1２号院", "北AB12号院", "北 ab 12 号\u3000院", "北&#65;B12号院", "北%41b12号院"]
)
def test_spellings_of_one_value(written: str) -> None:
    cells = ["南区", written, "北AB-号院"]
    assert likely(["北ab12号院".encode()], cells, quickly(), []) == [1]


def test_the_piece_is_the_one_that_is_rare() -> None:
    value, others = "汀陵市监罚〔2026〕140号", [f"汀陵市监罚〔2026〕{number}号" for number in range(130)]
    for sample, piece in ((others, "140号"), ([], "汀陵市监罚")):
        assert likely([value.encode()], [*others, value], quickly(), sample) == [130]
        pieces = Pieces.among(pl.Series([value.encode()]), [pl.Series(sample, dtype=pl.String)])
        assert pieces is not None
        assert pieces.pieces == (piece,), "of those that are equally rare the longest"


@pytest.mark.parametrize("few", [0, 100])
def test_codes_are_found_in_columns_of_ascii_in_either_case(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_pieces, "_FEW", few)
    values = [b"9199AB7x01", "甲乙丙-919900".encode(), b"plain words", "丙丁戊己".encode()]
    codes = ["9199ab7X01", "9199AB7X0", "919900", "x 9199AB7x01 y", "PLAIN-WORDS", "plain", ""]
    assert likely(values, codes, quickly(), []) == [0, 3, 4]
    assert likely(values, [*codes, "Kind：9199ab7X01", "丙丁戊己"], quickly(), []) == [0, 3, 4, 7, 8]


@pytest.mark.parametrize("few", [0, 100])
def test_a_cell_has_all_pieces_of_one_value(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_pieces, "_FEW", few)
    values = ["汀陵市监罚〔2026〕140号房", "汀陵市监罚〔2025〕77号房", "AB甲乙"]
    others = ["汀陵市监罚〔2026〕77号房", "霁川卫罚〔2026〕140号房", "ab甲乙140号房", "2026"]
    texts = [value.encode() for value in values]
    assert likely(texts, [*values, *others], quickly(), []) == [0, 1, 2, 5]
    monkeypatch.setattr(value_pieces, "_SHARED", 1)
    assert likely(texts, [*values, *others], quickly(), []) == [0, 1, 2, 3, 5], "what many share tells by itself"


def test_of_a_long_value_so_much_counts_as_a_set_knows() -> None:
    text = "甲 " * (MAX_BYTES // 4) + "乙丙丁戊己庚辛"
    cells = [text[: MAX_BYTES // 2], "乙丙丁戊己庚辛", "甲 "]
    assert likely([text.encode()], cells, quickly(), []) == [0, 2]


def test_values_without_a_piece_or_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert likely(["éö·ü".encode(), "甲乙".encode()], ["甲乙"], None, []) is None
    monkeypatch.setattr(value_pieces, "_MAX_VALUES", 1)
    assert likely([b"abcdef"], ["x ABCDEF"], None, []) == [0]
    assert likely([b"abcdef", b"ghijkl"], [], None, []) is None


def held(found: Iterator[list[Held]]) -> list[tuple[int, bytes]]:
    return sorted(
        {(int(key), text) for one in found for each in one for key, text in zip(each.ids, each.texts, strict=True)}
    )


@pytest.mark.parametrize("few", [0, 100])
@pytest.mark.parametrize("folds", [True, False])
def test_all_rows_are_searched_as_if_all_cells_were(folds: bool, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns that are cut into parts for threads, and few or many cells that are likely."""
    monkeypatch.setattr(value_pieces, "_FEW", few)
    cells = [f"第{number}号院，张{chr(0x4E00 + number)}李；ＡＢ{number:06}" for number in range(300)]
    numbers = [f"{number},{number:03}" for number in range(300)]
    fields = (PublicField("text", "T"), PublicField("sum", "S", type="integer"))
    frame = pl.DataFrame({"text": cells, "sum": numbers, "_title": cells})
    table = PublicTable(DatasetInfo("t", "T", Kind.PENALTY, "甲"), fields, frame)
    disclosure = object.__new__(Disclosure)
    object.__setattr__(disclosure, "public", (table,))
    public = Public(disclosure, (), folding_table() if folds else None)
    values = ["第17号院", "张乀李", "ab000123", "ab000999", "张三丰", "299299", "第299号院,张"]
    texts = pl.Series([value.encode() for value in values])
    small = Sieve.of(texts)
    exact = held(held_by((small,), value_night.row_cells(disclosure), public.folding, None, None))
    assert len(exact) == (5 if folds else 3)
    searched = list[int]()

    def counted(sieves: Any, some: Any, *given: Any) -> Iterator[list[Held]]:
        some = list(some)
        searched.append(sum(len(one.cells) for one in some))
        return held_by(sieves, some, *given)

    def by_rows(sieve: Sieve, texts: pl.Series) -> Iterator[list[Held]]:
        odd, _ = value_night._odd(None, [], [np.arange(300).astype(np.uint64)], public)
        return value_night._held_by_rows(sieve, texts, public, odd, Means())

    monkeypatch.setattr(value_night, "held_by", counted)
    monkeypatch.setattr(value_night, "_ROWS", 70)
    monkeypatch.setattr(value_pieces, "_TOGETHER", 7)
    assert held(by_rows(small, texts)) == exact
    assert searched[0] < 10 if not folds else searched[0] >= 5
    assert held(by_rows(Sieve.of(texts[:0]), texts[:0])) == []
    other = pl.Series([*texts, "éö·ü".encode()], dtype=pl.Binary)
    assert held(by_rows(Sieve.of(other), other))[-1:] != []
    assert searched[-1] == 600 + 300, "a value without a piece is looked for everywhere"
    assert np.all(np.array(searched[:1]) < 900)

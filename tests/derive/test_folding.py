"""Folding: spellings that a search takes for the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.derive.folding import REMOVED, REPLACED, fold_text, folding_table


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("汀监罚〔2026〕1号", "汀监罚[２０２６]１号"),
        ("汀监罚〔2026〕1号", "汀监罚【2026】 1 号"),
        ("汀监罚〔2026〕1号", "汀监罚（2026）1号"),
        ("甲　公司", "甲公司"),
        ("ＡＢＣ", "abc"),
        ("阿依·古丽", "阿依・古丽"),
        ("阿依·古丽", "阿依•古丽"),
        ("二〇二六", "二○二六"),
        ("A—1", "a-1"),
        ("ｶﾞｽ", "ガス"),
        ("㈱甲", "(株)甲"),
        ("ΟΔΟΣ", "οδοσ"),
        ("甲\u200b公\ufeff司", "甲公司"),
        ("葛\U000e0100城", "葛城"),
    ],
)
def test_two_spellings_of_the_same(one: str, other: str) -> None:
    assert fold_text(one) == fold_text(other)


@pytest.mark.parametrize(
    ("one", "other"), [("甲公司", "乙公司"), ("1号", "11号"), ("张三", "张三丰"), ("罚款", "罚金")]
)
def test_two_different_texts(one: str, other: str) -> None:
    assert fold_text(one) != fold_text(other)


@given(st.text())
def test_a_folded_text_holds_nothing_that_is_removed_or_replaced(text: str) -> None:
    folded = fold_text(text)
    assert not set(folded) & REPLACED.keys()
    assert not any(first <= ord(character) <= last for character in folded for first, last in REMOVED)


def test_all_white_space_and_nothing_that_can_be_seen_is_removed() -> None:
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    for character in everything:
        if character.isspace():
            assert fold_text(character) == "", f"U+{ord(character):04X}"
        if unicodedata.category(character)[0] in "LNPS" and unicodedata.normalize("NFKC", character).strip():
            assert fold_text(character) != "", f"U+{ord(character):04X}"


def test_the_table_for_the_browser_is_the_table() -> None:
    assert folding_table() == {"replace": dict(REPLACED), "remove": [[first, last] for first, last in REMOVED]}
    assert all(len(variant) == len(usual) == 1 for variant, usual in REPLACED.items())
    assert not REPLACED.keys() & set(REPLACED.values()), "one pass must be enough"

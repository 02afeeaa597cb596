"""Texts spelt quickly are spelt as the slow way does it, whatever stands in them."""

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.folding import folding_table
from publish.disclose.public_values import fold
from publish.disclose.secrets import folded
from publish.model import spelling as module
from publish.model.spelling import Speller, by_distinct

LOOSE = " \u3000\u200b\u00ad\ufeff\n\t·•・‧∙⋅.-‐‑–_'\u00a0\u2003"
WIDE = "ＡＺａｚ０９，（）．－＇＿／～ｶﾞﾊﾟ㈱①㌔ⅷﬁ…㎡"
JOINING = "e\u0301\u0300a\u030a\u1100\u1161\u11a8가\u3099か\uff9e\ufe0f\U000e0100Σσς\u0345İIıß"
IDEOGRAPHS = "张三李四阿依古丽丨\u4e00\u9fff\u3400\U00020000\uf900\ufa0e\u2f00\u3007"
hostile = st.text("aZ09《》〔〕【】“”，。、" + LOOSE + WIDE + JOINING + IDEOGRAPHS, max_size=12)


def by_secrets(texts: pl.Series) -> pl.Series:
    return texts.alias("t").to_frame().select(folded(pl.col("t"))).to_series()


def by_index(texts: pl.Series) -> pl.Series:
    return fold(texts, folding_table())


SLOWLY = [by_secrets, by_index]
SPELLERS = [Speller.of(slowly) for slowly in SLOWLY]


@pytest.mark.parametrize("which", [0, 1])
def test_what_stands_alone_is_spelt_alone(which: int) -> None:
    alone = [chr(code) for first, last in module._ALONE for code in range(first, last + 1)]
    dice = random.Random(1)
    for _ in range(5):
        dice.shuffle(alone)
        text = pl.Series(["".join(alone)])
        assert SPELLERS[which](text).to_list() == SLOWLY[which](text).to_list()


@settings(deadline=None)
@given(st.lists(hostile | st.text(max_size=6) | st.none(), max_size=8))
def test_any_texts(texts: list[str | None]) -> None:
    series = pl.Series("t", texts, dtype=pl.String)
    for slowly, speller in zip(SLOWLY, SPELLERS, strict=True):
        assert speller(series).to_list() == slowly(series).to_list()


@settings(deadline=None)
@given(st.lists(hostile | st.none(), min_size=1, max_size=5), st.integers(1, 40))
def test_columns_that_repeat_themselves(texts: list[str | None], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SAMPLE", 3)
        patch.setattr(module, "_FEW", 3)
        series = pl.Series("t", (texts * size)[:size], dtype=pl.String)
        for slowly, speller in zip(SLOWLY, SPELLERS, strict=True):
            assert speller(series).to_list() == slowly(series).to_list()


def test_each_distinct_text_is_worked_on_once() -> None:
    sizes = list[int]()

    def work(texts: pl.Series) -> pl.Series:
        sizes.append(len(texts))
        return texts.str.contains("a")

    few = pl.Series(["a", "b", None] * 10_000)
    assert by_distinct(few, work).to_list() == [True, False, None] * 10_000
    assert sizes == [3]
    many = pl.Series(map(str, range(30_000)))
    assert by_distinct(many, work).to_list() == [False] * 30_000
    assert sizes == [3, 30_000]


@settings(deadline=None)
@given(st.lists(hostile | st.none(), min_size=1, max_size=8), st.lists(hostile, max_size=8))
def test_words_are_found_in_what_is_comparable_as_in_what_is_spelt(texts: list[str | None], words: list[str]) -> None:
    pieces = [text[at : at + 3] for text in texts if text for at in range(len(text))]
    for speller in SPELLERS:
        series = pl.Series("t", texts, dtype=pl.String)
        spelt, (comparable, where) = speller(series).to_list(), speller.comparable(series)
        looked_for = speller(pl.Series([*pieces, *words], dtype=pl.String)).unique()
        for word in looked_for.filter(speller.are_plain(looked_for) & (looked_for != "")):
            found = [None if text is None else word in text for text in comparable]
            assert found == [None if text is None else word in text for text in spelt]
        assert comparable.gather(where).to_list() == [spelt[place] for place in where]
        assert series.to_list() == texts


@settings(deadline=None)
@given(st.lists(hostile, min_size=1, max_size=8))
def test_ideographs_are_found_in_a_text_as_it_is_unless_it_is_parted(texts: list[str]) -> None:
    for speller in SPELLERS:
        series = pl.Series(texts, dtype=pl.String)
        parted = series.str.contains(speller.parted)
        for text, spelt, is_parted in zip(texts, speller(series), parted, strict=True):
            words = {spelt[at : at + size] for at in range(len(spelt)) for size in (2, 3)}
            names = [word for word in words if len(word) > 1 and all("\u4e00" <= one <= "\u9fff" for one in word)]
            assert is_parted or all(name in text for name in names)


@pytest.mark.parametrize("which", [0, 1])
def test_what_most_texts_are_made_of_need_not_be_spelt(which: int) -> None:
    text = pl.Series(["当事人在“艺术品”经营过程中，擅自变更合同（见附件）；罚款1200元。《条例》第七十一条"])
    assert len(SPELLERS[0].comparable(text)[1]) == 0
    assert not text.str.contains(SPELLERS[which].parted).any()

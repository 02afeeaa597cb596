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

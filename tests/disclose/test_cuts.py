"""Where the one mask of a text stands."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.disclose.cuts import is_personal, masked_at, places_of

pieces = st.text(alphabet="张三丰ab𠮷*", max_size=4)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(pieces, pieces, st.sampled_from(["", "*", "**", "张**"]), pieces, st.booleans()), max_size=6))
def test_a_text_is_masked_again_as_it_was(cases: list[tuple[str, str, str, str, bool]]) -> None:
    texts = pl.Series("t", [before + gone + after for before, gone, _, after, _ in cases], dtype=pl.String)
    masked = pl.Series([before + mask + after for before, _, mask, after, _ in cases], dtype=pl.String)
    personal = pl.Series([case[-1] for case in cases], dtype=pl.Boolean)
    places = places_of(texts, masked, personal)
    known = pl.Series(places != 0)
    at = places[known.to_numpy()]
    assert masked_at(texts.filter(known), at).to_list() == masked.filter(known).to_list()
    assert is_personal(at).to_list() == personal.filter(known).to_list()
    fits = [bool(mask) and gone.startswith(mask.strip("*")) for _, gone, mask, _, _ in cases]
    assert known.to_list() == [fit and "*" not in text for fit, text in zip(fits, texts, strict=True)]


def test_what_is_more_than_one_place_has_none() -> None:
    texts = pl.Series(["张三丰与李四光", "张三*", "张三", None, "张三丰", "x" * 300, "由张三"])
    masked = pl.Series(["张**与李**", "张**", "李**", None, "张三丰", "*" * 300, "由张**"])
    places = places_of(texts, masked, pl.repeat(False, len(texts), eager=True))
    assert np.flatnonzero(places).tolist() == [6]

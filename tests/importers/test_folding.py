"""Folding: the column and the text version agree, whatever the text."""

import hashlib

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.importers.folding import fold_column, fold_text, record_ids


# Characters that the Unicode version of Python does not know yet may fold differently in a newer table.
@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cn")))))
def test_column_and_text_fold_alike(texts: list[str]) -> None:
    column = pl.Series("t", texts, dtype=pl.String)
    assert column.to_frame().select(fold_column(pl.col("t"))).to_series().to_list() == [fold_text(t) for t in texts]


@settings(deadline=None)  # a busy machine is no fault
@given(st.sampled_from([chr(n) for n in range(0x110000) if chr(n).isspace()]))
def test_all_white_space_goes(space: str) -> None:
    assert fold_text(f"a{space}b") == "ab"
    assert pl.Series("t", [f"a{space}b"]).to_frame().select(fold_column(pl.col("t"))).item() == "ab"


def test_record_id_is_the_documented_hash() -> None:
    frame = pl.DataFrame(
        {"a": ["（株） Ａ"], "b": ["1\n2"], "c": ["not in the key"], "d": [None]}, schema_overrides={"d": pl.String}
    )
    expected = hashlib.sha256("(株)A\x1f12\x1f".encode()).hexdigest()[:20]
    assert record_ids(frame, ["a", "b", "d"]).to_list() == [expected]


def test_cells_do_not_run_into_each_other() -> None:
    frame = pl.DataFrame({"a": ["xy", "x", "x\x1fy"], "b": ["z", "yz", "z"]})
    ids = record_ids(frame, ["a", "b"]).to_list()
    assert ids[0] != ids[1]
    assert ids[2] == ids[0], "a separator inside a cell counts as white space"

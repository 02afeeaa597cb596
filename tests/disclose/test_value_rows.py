"""Rows told by their hashes: which are new, which a public table shows whole."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from publish.disclose.basis import Basis
from publish.disclose.stage import disclose
from publish.disclose.value_rows import new_rows, source_rows
from publish.model.source import Publicity

numbers = st.lists(st.integers(0, 9) | st.integers((1 << 64) - 3, (1 << 64) - 1), max_size=12)


@given(numbers, numbers)
def test_new_rows_are_those_that_are_not_known(hashes: list[int], known: list[int]) -> None:
    found = new_rows(np.array(hashes, np.uint64), np.unique(np.array(known, np.uint64)))
    assert found.tolist() == [at for at, one in enumerate(hashes) if one not in known]


def test_a_row_has_another_hash_with_any_other_cell(make_table: Any, penalty: Any, book: Any, calendar: Any) -> None:
    """And where it is no more shown whole; of a table without a public one too."""

    def told(homes: list[str | None], notes: list[str | None], *, shown: bool = True) -> tuple[list[int], list[bool]]:
        rows = [penalty(number, subject_name=f"甲{number}公司") for number in range(3)]
        extra = {"home": (None, homes), "note": (Publicity.PUBLIC, notes)}
        table = make_table(rows, extra=extra)
        disclosure, _, _ = disclose((table,), Basis(book, calendar, date(2026, 11, 20)), previous=None, notice_days=30)
        public = disclosure.public[0]
        if not shown:
            object.__setattr__(disclosure, "public", ())
        else:  # one row is not shown
            kept = public.frame.filter(pl.col("note").fill_null("") != "hidden")
            object.__setattr__(public, "frame", kept)
        (found,) = source_rows((table,), disclosure, b"key")
        return found.hashes.tolist(), found.whole.tolist()

    hashes, whole = told(["a", None, "c"], ["x", "y", None])
    assert whole == [True, True, True]
    assert len(set(hashes)) == 3
    assert told(["a", None, "c"], ["x", "y", None]) == (hashes, whole)
    for homes, notes, changed in (
        (["a", None, "d"], ["x", "y", None], [2]),
        (["a", "", "c"], ["x", "y", None], [1]),
        (["x", None, "c"], ["a", "y", None], [0]),
        (["a", None, "c"], ["x", "y", "c"], [2]),
    ):
        others, still = told(homes, notes)
        assert [at for at in range(3) if others[at] != hashes[at]] == changed
        assert still == whole
    seen, are = told(["a", None, "c"], ["hidden", "y", None])
    assert are == [False, True, True]
    assert seen[1:] == hashes[1:]
    none, never = told(["a", None, "c"], ["x", "y", None], shown=False)
    assert never == [False] * 3
    assert not set(none) & set(hashes)

"""The tables of a sieve are the same however they are made."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.model import sieve_tables
from publish.model.sieve_building import Builder
from publish.model.sieve_tables import Keys, Marks


@given(st.lists(st.integers(0, (1 << 64) - 1) | st.integers(0, 40), max_size=60, unique=True))
def test_keys_and_marks_are_made_the_same_by_counting(numbers: list[int]) -> None:
    keys = np.sort(np.array(numbers, np.uint64))
    made = Keys.of(keys)
    bits = (len(made.buckets) - 1).bit_length() - 1
    firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    assert made.buckets.tolist() == [*np.searchsorted(keys, firsts).tolist(), len(keys)]
    assert made.buckets.dtype == np.uint32
    assert made.find(keys).tolist() == list(range(len(keys)))
    slowly = Marks(np.zeros(len(made.marks.table), np.uint8)).with_more(keys)
    assert made.marks.table.tolist() == slowly.table.tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sieve_tables, "_MARKED_AT_ONCE", 0)
        assert Marks.of(keys).table.tolist() == slowly.table.tolist()


def test_values_of_few_beginnings_leave_room_for_others() -> None:
    few = pl.Series([f"（{number % 9}）{number:07}" for number in range(20_000)])
    others = pl.Series([f"{number:05}：值" for number in range(2_000)])
    made, _, _ = Builder(b"key").built(few)
    nothing, _, _ = Builder(b"key").built(few.clear())
    grown, _, _ = Builder(b"key").added(nothing, few)
    for tables in (made, grown):
        every, _, _ = Builder(b"key").added(tables, others)
        for slots in (every.firsts, every.levels[0]):
            assert np.count_nonzero(slots.table) * 8 < len(slots.table)

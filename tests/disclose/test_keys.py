"""Keys in their order, by numbers: as by comparing texts."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.disclose.keys import key_order, key_places, newest_first

DAY = date(2026, 11, 20)
# Real keys, some that begin with the same number, and what no build has made: `0A` is the same number as `0a`.
real = st.integers(0, 3).flatmap(
    lambda first: st.binary(min_size=9, max_size=9).map(lambda rest: f"0{first}{rest.hex()}")
)
alike = st.sampled_from([f"{'0' * 16}{last:04x}" for last in range(4)])
odd = st.sampled_from(["", "0A", "0a", "a", "+1", "1", "键", "zz"])
some_keys = st.lists(st.one_of(real, alike, odd), max_size=12) | st.lists(real, max_size=30)
days = st.one_of(st.none(), st.integers(0, 3), st.just(-700_000)).map(
    lambda n: None if n is None else DAY + timedelta(n)
)


@settings(deadline=None)
@given(some_keys)
def test_they_are_in_the_order_of_texts(keys: list[str]) -> None:
    column = pl.Series(keys, dtype=pl.String)
    assert column.gather(key_order(column)).to_list() == sorted(keys)


@settings(deadline=None)
@given(st.dictionaries(st.one_of(real, alike, odd), days, max_size=20))
def test_a_public_table_is_in_its_order(told: dict[str, date | None]) -> None:
    frame = pl.DataFrame({"key": list(told), "day": list(told.values())}, schema={"key": pl.String, "day": pl.Date})
    wanted = frame.sort(["day", "key"], descending=[True, False], nulls_last=True)
    assert frame[newest_first(frame["day"], key_order(frame["key"]))].equals(wanted)


@settings(deadline=None)
@given(some_keys, some_keys, st.booleans())
def test_places_are_those_of_the_texts(keys: list[str], known: list[str], shared: bool) -> None:
    known = [*known, *keys[::2]] if shared else known
    column, its = pl.Series(keys, dtype=pl.String), pl.Series(known, dtype=pl.String)
    places = key_places(column, key_order(column), its)
    assert places.dtype == pl.UInt32
    assert places.to_list() == [known.index(key) if key in known else None for key in keys]

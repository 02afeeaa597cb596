"""Matches that are public: with what the last build has looked at, the same as without."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.model.personal_patterns import patterns_in
from publish.model.public import DatasetInfo, PublicTable
from publish.model.terms import Kind
from publish.release import public_matches as module
from publish.release.matching import match_digest
from publish.release.public_matches import public_matches

MOBILE, CARD = "13812345678", "6222021234567894"
cells = st.sampled_from(
    [None, "", "甲有限公司", "91440300192203821X", MOBILE, CARD, f"电话{MOBILE}", "who@example.net", "1" * 70]
)
tables = st.lists(st.tuples(cells, cells), max_size=6)


def table(rows: list[tuple[str | None, str | None]], slug: str = "one") -> PublicTable:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    return PublicTable(DatasetInfo(slug, slug, Kind.PENALTY, "局"), (), frame)


@settings(deadline=None)
@given(st.lists(st.tuples(tables, tables), min_size=2, max_size=4))
def test_a_night_finds_what_a_full_build_finds(nights: list[tuple[list[tuple[str | None, str | None]], ...]]) -> None:
    plain = module.NO_ROWS
    for first, second in nights:
        both = [table(first), table(second, "two")]
        exact = public_matches([], both, patterns_in)
        tonight = public_matches([], both, patterns_in, plain)
        assert tonight.allowed == exact.allowed
        assert tonight.plain.tolist() == exact.plain.tolist()
        plain = tonight.plain


def test_cells_that_are_a_number_are_allowed_and_longer_ones_are_not() -> None:
    found = public_matches([], [table([(MOBILE, "甲"), (f"电话{CARD}", "乙"), ("who@example.net", None)])], patterns_in)
    assert found.allowed == {match_digest(MOBILE), match_digest("who@example.net")}
    assert len(found.plain) == 1


def test_only_new_rows_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[list[str]] = []
    of_cells = module._suspicious
    monkeypatch.setattr(module, "_suspicious", lambda some: looked.append(sorted(some)) or of_cells(some))
    old = [(f"9144030019220382{number:02}", "甲") for number in range(20)]
    plain = public_matches([], [table(old)], patterns_in).plain
    public_matches([], [table([*old, ("91440300192203821X", "乙")])], patterns_in, plain)
    assert [len(some) for some in looked] == [20, 1]

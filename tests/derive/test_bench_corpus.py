"""The bench corpus: shaped as a public table, deterministic, and a night later almost the same."""

from datetime import date, timedelta

import polars as pl
import pytest

from publish.disclose.identifiers import valid_credit_codes
from publish.model.public import PublicTable
from tests.bench.corpus import night, penalties
from tests.searchkit import SYSTEM

AS_OF = date(2026, 11, 20)
ROWS = 5_000


@pytest.fixture(scope="module")
def table() -> PublicTable:
    return penalties(ROWS, seed=1, as_of=AS_OF)


def test_the_table_has_the_shape_of_a_public_table(table: PublicTable) -> None:
    frame = table.frame
    assert frame.schema == SYSTEM | {field.name: pl.String for field in table.fields}
    assert frame.height == ROWS
    assert frame["_key"].n_unique() == ROWS
    assert frame["_key"].str.contains("^[0-9a-f]{20}$").all()
    assert frame.equals(frame.sort(["_date", "_key"], descending=[True, False]))
    assert frame["_title"].n_unique() == ROWS
    assert 0.55 < frame["_subject"].n_unique() / ROWS < 0.65


def test_every_row_is_public_on_the_day(table: PublicTable) -> None:
    frame = table.frame
    assert frame["_date"].max() == AS_OF
    assert (frame["_until"] >= AS_OF).all()
    assert set(frame["_severity"]) == {"general", "serious"}


def test_codes_are_valid_and_persons_have_none(table: PublicTable) -> None:
    persons = table.frame.filter(pl.col("_kind") == "natural_person")
    assert persons.height == ROWS // 10
    assert persons["_code"].null_count() == persons.height
    assert persons["_subject"].str.contains(r"^[^*]{1,2}\*{1,2}$").all()
    others = table.frame.filter(pl.col("_kind") != "natural_person")
    assert valid_credit_codes(others["_code"]).all()
    assert others.group_by("_code").agg(pl.col("_subject").n_unique())["_subject"].max() == 1


def test_numbers_rise_with_the_date(table: PublicTable) -> None:
    numbers = table.frame.select(
        "_authority", "_date", pl.col("_title").str.extract(r"(\d+)号$").cast(pl.Int64).alias("number")
    )
    series = numbers.sort("number").group_by("_authority", pl.col("_date").dt.year(), maintain_order=True)
    assert all(days["_date"].is_sorted() for _, days in series)


def test_the_same_seed_gives_the_same_table(table: PublicTable) -> None:
    assert table.frame.equals(penalties(ROWS, seed=1, as_of=AS_OF).frame)
    assert not table.frame.equals(penalties(ROWS, seed=2, as_of=AS_OF).frame)
    assert night(table, 1).frame.equals(night(table, 1).frame)


def test_a_night_expires_adds_repairs_and_corrects(table: PublicTable) -> None:
    old, new, tomorrow = table.frame, night(table, 3).frame, AS_OF + timedelta(days=1)
    assert new.schema == old.schema
    assert new.equals(new.sort(["_date", "_key"], descending=[True, False]))
    added = new.join(old, on="_key", how="anti")
    gone = old.join(new, on="_key", how="anti")
    assert set(added["_date"]) == {tomorrow}
    assert (new["_until"] >= tomorrow).all()
    assert added["_title"].is_in(old["_title"].to_list()).sum() == 0
    assert gone.filter(pl.col("_until") >= tomorrow).height == 1
    both = old.join(new, on="_key")
    assert both.filter(pl.col("_reason") != pl.col("_reason_right")).height == 1
    assert both.select("_title").equals(both.select(pl.col("_title_right").alias("_title")))


def test_numbers_of_a_night_go_on(table: PublicTable) -> None:
    later = night(PublicTable(table.info, table.fields, penalties(20_000).frame), 1)
    titles = later.frame["_title"]
    assert titles.n_unique() == len(titles)
    assert valid_credit_codes(later.frame["_code"].drop_nulls()).all()

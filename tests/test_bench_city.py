"""The site that whole builds are measured on: what it holds, and that it is always the same."""

from pathlib import Path

import polars as pl
import pytest
import yaml

from tests.bench.city import COLUMNS, City, make_city, write_records, write_site
from tests.demo.identifiers import credit_codes

ROWS = 3000


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(ROWS, share=0.01)


def test_twenty_columns_and_as_many_subjects_as_wanted(city: City) -> None:
    assert tuple(city.first.columns) == COLUMNS
    assert len(COLUMNS) == 20
    assert city.first.height == ROWS
    assert 0.5 <= city.first["CF_XDR_SHXYM"].n_unique() / ROWS <= 0.7
    assert city.first["JLBH"].is_unique().all()
    events = sum(register.height for register in city.registers.values())
    assert 0.015 <= events / ROWS <= 0.025


def test_persons_are_named_and_numbered_and_organisations_have_codes(city: City) -> None:
    persons = city.first.filter(pl.col("CF_XDR_LB") == "自然人")
    assert 0.05 < persons.height / ROWS < 0.15
    assert persons["CF_XDR_ZJHM"].str.len_chars().unique().to_list() == [18]
    text = city.first.select(pl.concat_str(pl.all(), ignore_nulls=True)).to_series().str.join("").item()
    assert "*" not in text, "nothing is masked at the source"
    assert persons.select(pl.col("CF_SY").str.contains(pl.col("CF_XDR_MC"), literal=True).all()).item()
    codes = city.first["CF_XDR_SHXYM"].drop_nulls()
    heads, regions, bodies = (codes.str.slice(*part).to_list() for part in ((0, 2), (2, 6), (8, 8)))
    again = credit_codes(heads, regions, bodies)
    assert again.to_list() == codes.to_list(), "check digits"


def test_each_night_adds_removes_and_edits_as_many_as_it_says(city: City) -> None:
    assert city.changes == {"added": 10, "removed": 10, "edited": 10}
    for before, after in ((city.first, city.later), (city.later, city.last)):
        assert (after.join(before, on="JLBH", how="anti").height, before.join(after, on="JLBH", how="anti").height) == (
            10,
            10,
        )
        both = before.join(after, on="JLBH", suffix="_later")
        assert both.filter(pl.col("CF_WFXW") != pl.col("CF_WFXW_later")).height == 10
    told = set(pl.concat([register["JLBH"] for register in city.registers.values()]))
    assert told <= set(city.first["JLBH"]) & set(city.later["JLBH"]) & set(city.last["JLBH"])


def test_the_same_arguments_give_the_same_and_another_seed_does_not(city: City) -> None:
    again = make_city(ROWS, share=0.01)
    assert again.first.equals(city.first)
    assert again.later.equals(city.later)
    assert again.last.equals(city.last)
    assert all(again.registers[name].equals(frame) for name, frame in city.registers.items())
    assert not make_city(ROWS, seed=2, share=0.01).first.equals(city.first)


def test_the_descriptor_fits_the_table_that_is_there(city: City, tmp_path: Path) -> None:
    write_site(tmp_path, city)
    size = write_records(tmp_path, city.later)
    folder = tmp_path / "data/penalties"
    descriptor = yaml.safe_load((folder / "datapackage.yaml").read_text(encoding="utf-8"))
    records = descriptor["resources"][0]
    assert records["bytes"] == size == (folder / "penalties.csv").stat().st_size
    assert tuple(field["name"] for field in records["schema"]["fields"]) == COLUMNS
    assert {resource["path"] for resource in descriptor["resources"]} == {path.name for path in folder.glob("*.csv")}

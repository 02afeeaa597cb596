"""Acts reported twice (JS-M 16), and events about records that are not there."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from publish.model.issue import Issue, Level
from publish.model.source import (
    CheckedTable,
    DisclosureSpec,
    PackageInfo,
    RegisterSpec,
    Role,
    Schema,
    SourceTable,
)
from publish.model.terms import Kind, Register
from publish.validate.duplicates import NO_CODES, duplicate_records
from publish.validate.events import unknown_records
from publish.validate.stage import validate
from tests.validate.oracle import lenient, role_field, table_of

CODE, OTHER_CODE = "91110108551385082Q", "914403001922038216"
ROLES = {
    "number": Role.DOCUMENT_NUMBER,
    "authority": Role.AUTHORITY,
    "code": Role.SUBJECT_CODE,
    "name": Role.SUBJECT_NAME,
}
Cells = list[str | None]


def source(resource: str, columns: dict[str, Cells], kind: Kind = Kind.PENALTY, package: str = "p") -> SourceTable:
    height = len(next(iter(columns.values())))
    columns = {"id": [f"{resource}-{n}" for n in range(height)], **columns}
    specs = [role_field((ROLES | {"id": Role.RECORD_ID})[name], name) for name in columns]
    table = table_of(columns, Schema(tuple(specs)), disclosure=DisclosureSpec(resource, kind, "t", "局"))
    return replace(table, resource=resource, package=PackageInfo(package, f"data/{package}"))


def told(*tables: SourceTable) -> list[tuple[str, str, int, int]]:
    checked, issues = validate(tables, lenient())
    assert all(table.errors.is_empty() for table in checked), "duplicates withhold nothing"
    assert all(issue.level is Level.WARNING and issue.code == "record.duplicate" for issue in issues)
    return [(issue.package, issue.resource, issue.row, issue.count) for issue in issues]


def acts(numbers: Cells, authority: Cells | str = "甲局", code: Cells | str = CODE, name: Cells | str = "甲") -> Any:
    size = len(numbers)
    spread = {"authority": authority, "code": code, "name": name}
    return {"number": numbers} | {
        key: [cells] * size if isinstance(cells, str) else cells for key, cells in spread.items()
    }


@pytest.mark.parametrize(
    "number",
    [
        "甲市监罚[2026]1号",
        "甲市监罚(2026)1号",
        "甲市监罚（2026）１号",
        " 甲市监罚〔2026〕 1 号",
        "甲市监罚【2026】1号\u200b",
    ],
)
def test_one_number_in_many_ways(number: str) -> None:
    assert told(source("r", acts(["甲市监罚〔2026〕1号", "甲市监罚〔2026〕2号", number]))) == [("p", "r", 4, 1)]


def test_authority_and_subject_must_be_the_same_too() -> None:
    numbers: Cells = ["罚1号"] * 2
    assert told(source("r", acts(numbers, authority=["甲局", "乙局"]))) == []
    assert told(source("r", acts(numbers, code=[CODE, OTHER_CODE], name=["甲", "乙"]))) == []
    assert told(source("r", acts(numbers, code=[CODE, CODE.lower()], name=["甲", "乙"]))) == [("p", "r", 3, 1)]
    assert told(source("r", acts(numbers, code=[CODE, OTHER_CODE]))) == [("p", "r", 3, 1)], "or their names"
    assert told(source("r", acts(numbers, code=[CODE, None]))) == [("p", "r", 3, 1)]


@pytest.mark.parametrize("code", [*NO_CODES, "", " ", None])
def test_no_code_makes_no_two_subjects_one(code: str | None) -> None:
    assert told(source("r", acts(["罚1号"] * 2, code=[code, code], name=["甲", "乙"]))) == []
    assert told(source("r", acts(["罚1号"] * 2, code=[code, code], name=["甲（店）", "甲(店)"]))) == [("p", "r", 3, 1)]


@pytest.mark.parametrize("number", ["", " ", None, "-", "无"])
def test_no_number_is_the_number_of_nothing(number: str | None) -> None:
    assert told(source("r", acts([number, number]))) == []


def test_every_repetition_counts_once() -> None:
    table = source("r", acts(["罚1号", "罚2号", "罚1号", "罚1号", "罚2号"]))
    assert told(table) == [("p", "r", 4, 3)]


def test_the_provider_is_the_authority_where_no_field_tells_it() -> None:
    columns = acts(["罚1号"])
    without = {name: cells for name, cells in columns.items() if name != "authority"}
    assert told(source("a", without), source("b", acts(["罚1号"], authority="局"))) == [("p", "b", 2, 1)]
    assert told(source("a", without), source("b", acts(["罚1号"], authority="别局"))) == []
    assert told(source("a", without), source("b", acts(["罚1号"], authority=[None]))) == [("p", "b", 2, 1)]


def test_between_resources_of_one_kind_in_the_whole_site() -> None:
    first = source("a", acts(["罚1号", "罚2号", "罚3号"]))
    second = source("b", acts(["罚9号", "罚3号", "罚2号", "罚2号"]), package="q")
    third = source("c", acts(["罚2号"]), package="q")
    of_another_kind = source("d", acts(["罚2号"]), Kind.LICENCE)
    assert told(first, second, third, of_another_kind) == [
        ("q", "b", 3, 3),
        ("q", "b", 5, 1),
        ("q", "c", 2, 1),
        ("q", "c", 2, 1),
    ]


def test_the_other_resource_is_named_and_no_cell_is() -> None:
    _, issues = validate([source("a", acts(["罚1号"])), source("b", acts(["罚1号"]))], lenient())
    assert "records of p/a" in issues[0].hint
    assert not [cell for cell in ("罚", "甲", CODE) if cell in str(issues)]


def test_tables_without_the_roles_are_let_be() -> None:
    assert told(source("r", {"number": ["罚1号", "罚1号"]})) == []
    assert told(source("r", {"name": ["甲", "甲"], "authority": ["局", "局"]})) == []
    assert told(source("r", acts([]))) == []


def test_many_records_are_compared_all_at_once() -> None:
    """200,000 records, half of them in two tables, all of the second twice; the worst: one number for all. Pair by
    pair, as many as would never end."""
    size = 100_000
    shared = pl.Series("n", [f"罚〔2026〕{n}号" for n in range(size)])
    same = pl.repeat("罚〔2026〕1号", size, eager=True)
    for numbers, count in ((shared, size), (same, size)):
        tables = [big_table(name, numbers) for name in ("a", "b")]
        found = list(duplicate_records(tables))
        assert ("b", count) in [(issue.resource, issue.count) for issue in found]


def big_table(resource: str, numbers: pl.Series) -> CheckedTable:
    small = source(resource, acts(["罚1号"]))
    rows = pl.int_range(2, len(numbers) + 2, dtype=pl.UInt32, eager=True)
    typed = pl.DataFrame({"_row": rows, "@document_number": numbers}).with_columns(
        pl.lit("甲局").alias("@authority"), pl.lit(CODE).alias("@subject_code"), pl.lit("甲").alias("@subject_name")
    )
    return CheckedTable(small, typed, pl.DataFrame())


def register(of: str, ids: Cells, folder: str = "data/p") -> SourceTable:
    columns: dict[str, Cells] = {"id": ids, "day": ["2026-01-05"] * len(ids)}
    specs = role_field(Role.RECORD_ID, "id"), role_field(Role.EVENT_DATE, "day")
    spec = RegisterSpec(Register.PRIOR_NOTICE, of)
    table = table_of(columns, Schema(specs), disclosure=None, register=spec)
    return replace(table, resource="events", package=PackageInfo("p", folder))


def strays(*tables: SourceTable) -> list[Issue]:
    checked, issues = validate(tables, lenient())
    found = [issue for issue in issues if issue.code == "register.unknown-record"]
    assert found == list(unknown_records(checked))
    return found


def test_events_about_records_that_are_not_there() -> None:
    records = source("r", acts(["罚1号", "罚2号"]))
    (issue,) = strays(records, register("r", ["r-1", "r-7", None, "r-8", "r-7", "r-0"]))
    assert (issue.level, issue.package, issue.resource, issue.row, issue.count) == (Level.WARNING, "p", "events", 3, 3)
    assert "r-7" not in str(issue)
    assert strays(records, register("r", ["r-0", "r-1"])) == []


def test_a_register_is_compared_with_its_own_package_only() -> None:
    records = source("r", acts(["罚1号"]))
    assert strays(records, register("r", ["r-9"], folder="data/q")) == [], "its resource could not be read"
    assert strays(records, register("absent", ["r-9"])) == []
    elsewhere = replace(source("r", acts(["罚1号"] * 10)), package=PackageInfo("q", "data/q"))
    assert len(strays(records, elsewhere, register("r", ["r-9"]))) == 1

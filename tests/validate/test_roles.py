"""Typed columns: dates, ends without end, coded values, record ids."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from publish.model.issue import Level
from publish.model.source import CheckedTable, DisclosureSpec, FieldSpec, RegisterSpec, Role, Schema
from publish.model.terms import Kind, Register
from publish.validate.stage import validate
from tests.validate.oracle import lenient, role_field, table_of

SECRET = "张三丰的秘密"
BLOCK = DisclosureSpec("d", Kind.PENALTY, "t", "p", values={"severity": {"较重": "serious", "轻": "minor"}})


def check(columns: dict[str, list[str | None]], *specs: FieldSpec, **more: Any) -> tuple[CheckedTable, Any]:
    if columns and "x" not in columns:  # or a null would make a blank row
        height = len(next(iter(columns.values())))
        columns, specs = {**columns, "x": ["-"] * height}, (*specs, FieldSpec("x", "string"))
    tables, issues = validate([table_of(columns, Schema(specs), **{"disclosure": BLOCK, **more})], lenient())
    assert SECRET not in str(issues)
    return tables[0], issues


def codes(table: CheckedTable) -> list[tuple[int, str, str]]:
    return table.errors.rows()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-01-05", date(2024, 1, 5)),
        ("2024/1/5", date(2024, 1, 5)),
        ("2024.1.5", date(2024, 1, 5)),
        ("20240105", date(2024, 1, 5)),
        ("2024年1月5日", date(2024, 1, 5)),
        (" 2024年01月05日 ", date(2024, 1, 5)),
        ("2024-02-30", None),
        ("2024-1/5", None),
        ("2024年1月", None),
        ("24-01-05", None),
        ("长期", None),
        ("2024-01-05 至 2025-01-05", None),
    ],
)
def test_dates_in_text_fields(text: str, day: date | None) -> None:
    table, _ = check({"decision_date": [text]}, role_field(Role.DECISION_DATE))
    assert table.typed.schema == {"_row": pl.UInt32, "@decision_date": pl.Date}
    assert table.typed["@decision_date"].to_list() == [day]
    assert codes(table) == ([] if day else [(2, "decision_date", "cell.date")])


@pytest.mark.parametrize("role", [Role.VALID_UNTIL, Role.PUBLISH_UNTIL])
def test_ends(role: Role) -> None:
    texts = [
        "长期",
        "永久",
        "无固定期限",
        "2099-12-31",
        "2099/12/31",
        "2999-12-31",
        "9999-12-31",
        "2099-12-30",
        "",
        " ",
    ]
    cells: list[str | None] = [*texts, None, SECRET]
    table, issues = check({"end": cells}, role_field(role, "end"))
    is_open = [True] * 7 + [False] * 5
    assert table.typed[f"@{role}_open"].to_list() == is_open
    assert table.typed[f"@{role}"].to_list() == [None] * 7 + [date(2099, 12, 30), None, None, None, None]
    assert codes(table) == [(13, "end", "cell.date")]
    assert [(i.code, i.level, i.row, i.count) for i in issues] == [("cell.date", Level.RECORD, 13, 1)]


def test_ends_in_date_fields() -> None:
    spec = FieldSpec("end", "date", "%Y/%m/%d", role=Role.VALID_UNTIL)
    table, _ = check({"end": ["2024/1/5", "2099/12/31", "长期", None]}, spec)
    assert table.typed["@valid_until"].to_list() == [date(2024, 1, 5), None, None, None]
    assert table.typed["@valid_until_open"].to_list() == [False, True, True, False]
    assert codes(table) == [(4, "end", "cell.type")]


def test_datetimes_give_their_day_as_written() -> None:
    spec = FieldSpec("at", "datetime", role=Role.EVENT_DATE)
    table, _ = check({"at": ["2024-01-05T23:59:00+08:00", "x"]}, spec)
    assert table.typed["@event_date"].to_list() == [date(2024, 1, 5), None]
    assert codes(table) == [(3, "at", "cell.type")]


def test_coded_values() -> None:
    cells: list[str | None] = ["较重", "minor", " 轻 ", "", None, SECRET, "SERIOUS", SECRET]
    table, issues = check({"degree": cells}, role_field(Role.SEVERITY, "degree"))
    assert table.typed["@severity"].to_list() == ["serious", "minor", "minor", None, None, None, None, None]
    assert codes(table) == []
    assert [(i.code, i.level, i.field, i.row, i.count) for i in issues] == [
        ("value.unknown-code", Level.WARNING, "degree", 7, 3)
    ]


def test_record_ids() -> None:
    columns: dict[str, list[str | None]] = {"a": ["1", "1", "2", None, " ", "1"], "b": ["x", "y", "x", "x", "x", "x"]}
    table, _ = check(columns, role_field(Role.RECORD_ID, "a"), role_field(Role.RECORD_ID, "b"))
    assert table.typed["@record_id"].to_list() == ["1/x", "1/y", "2/x", None, None, "1/x"]
    missing = "row.record-id-missing"
    assert codes(table) == [(2, "", "row.record-id"), (5, "", missing), (6, "", missing), (7, "", "row.record-id")]


def test_a_register_may_name_a_record_often() -> None:
    register = RegisterSpec(Register.OBJECTION, "r", {"event_state": {"受理": "open"}})
    columns: dict[str, list[str | None]] = {"id": ["1", "1", None], "state": ["受理", "granted", None]}
    specs = role_field(Role.RECORD_ID, "id"), role_field(Role.EVENT_STATE, "state")
    table, _ = check(columns, *specs, disclosure=None, register=register)
    assert table.typed["@event_state"].to_list() == ["open", "granted", None]
    assert codes(table) == [(4, "", "row.record-id-missing")]


def test_other_roles_are_as_written() -> None:
    table, _ = check(
        {"n": [" 甲 ", None], "x": ["1", "2"]}, role_field(Role.SUBJECT_NAME, "n"), FieldSpec("x", "string")
    )
    assert table.typed.columns == ["_row", "@subject_name"]
    assert table.typed["@subject_name"].to_list() == [" 甲 ", None]


def test_a_table_without_rows_or_roles() -> None:
    table, issues = check({"x": []}, FieldSpec("x", "string"), disclosure=None)
    assert (table.typed.columns, table.typed.height, table.errors.height, issues) == (["_row"], 0, 0, ())
    table, _ = check({"x": []}, role_field(Role.VALID_UNTIL, "x"))
    assert table.typed.schema == {"_row": pl.UInt32, "@valid_until": pl.Date, "@valid_until_open": pl.Boolean}

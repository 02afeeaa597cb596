"""Typed columns: dates, ends without end, coded values, record ids."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from publish.model.issue import Level
from publish.model.source import CheckedTable, DisclosureSpec, FieldSpec, RegisterSpec, Role, Schema
from publish.model.terms import REGISTER_EFFECTS, Effect, Kind, Register
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


MANY = {
    "penalty_type": {"警告": "warning", "罚款": "fine", "没收": "confiscation", "吊销许可证件/执照": "permit_revoked"},
    "area": {"食品": "food", "药品": "drugs"},
    "severity": {"轻微": "minor", "一般": "general", "严重": "serious"},
}


@pytest.mark.parametrize(
    ("role", "text", "code"),
    [
        (Role.PENALTY_TYPE, "警告", "warning"),
        *((Role.PENALTY_TYPE, f"警告{mark}罚款", "fine|warning") for mark in "、，,；;|｜/／"),
        (Role.PENALTY_TYPE, " 罚款 ；警告、 没收 ", "confiscation|fine|warning"),
        (Role.PENALTY_TYPE, "罚款;罚款", "fine"),
        (Role.PENALTY_TYPE, "warning;罚款;", "fine|warning"),
        (Role.PENALTY_TYPE, "吊销许可证件/执照", "permit_revoked"),
        (Role.PENALTY_TYPE, "警告;未知;罚款", None),
        (Role.PENALTY_TYPE, "警告 罚款", None),
        (Role.PENALTY_TYPE, "、", None),
        (Role.AREA, "药品、食品", "drugs|food"),
        (Role.AREA, "食品、服装", None),
        (Role.SEVERITY, "轻微、严重、一般", "serious"),
        (Role.SEVERITY, "一般/轻微", "general"),
        (Role.SEVERITY, "轻微;minor", "minor"),
        (Role.SEVERITY, "严重、不明", None),
    ],
)
def test_cells_of_several_values(role: Role, text: str, code: str | None) -> None:
    block = replace(BLOCK, values=MANY)
    table, issues = check({"c": ["", text, None, text]}, role_field(role, "c"), disclosure=block)
    assert table.typed[f"@{role.value}"].to_list() == [None, code, None, code]
    told = [(issue.code, issue.row, issue.count) for issue in issues]
    assert told == ([] if code else [("value.unknown-code", 3, 2)])
    assert codes(table) == []


def test_other_coded_cells_hold_one_value() -> None:
    block = replace(BLOCK, values={"procedure": {"简易": "summary", "普通": "ordinary"}})
    table, issues = check({"c": ["简易", "简易、普通"]}, role_field(Role.PROCEDURE, "c"), disclosure=block)
    assert table.typed["@procedure"].to_list() == ["summary", None]
    assert [issue.code for issue in issues] == ["value.unknown-code"]


@pytest.mark.parametrize("role", [Role.PUBLISHED_ON, Role.EVENT_CHECKED])
def test_new_date_roles(role: Role) -> None:
    table, _ = check({"c": ["2026年1月5日", "长期"]}, role_field(role, "c"))
    assert table.typed[f"@{role.value}"].to_list() == [date(2026, 1, 5), None]
    assert codes(table) == [(3, "c", "cell.date")]


def event_table(register: Register, columns: dict[str, list[str | None]], **values: dict[str, str]) -> Any:
    roles = {"id": Role.RECORD_ID, "day": Role.EVENT_DATE, "closed": Role.EVENT_CLOSED, "state": Role.EVENT_STATE}
    specs = [role_field((roles | {"effect": Role.EVENT_EFFECT})[name], name) for name in columns]
    return check(columns, *specs, disclosure=None, register=RegisterSpec(register, "r", values))


@pytest.mark.parametrize("register", Register)
def test_effects_are_those_of_the_register(register: Register) -> None:
    cells: list[str | None] = [*Effect, "更正", None]
    columns: dict[str, list[str | None]] = {"day": ["2026-01-05"] * len(cells), "effect": cells}
    table, issues = event_table(register, columns, event_effect={"更正": "amended"})
    possible = REGISTER_EFFECTS.get(register, frozenset())
    told = [effect.value if effect in possible else None for effect in (*Effect, Effect.AMENDED)]
    assert table.typed["@event_effect"].to_list() == [*told, None]
    unknown = told.count(None)
    assert [(i.code, i.count) for i in issues] == ([("value.unknown-code", unknown)] if unknown else [])


@pytest.mark.parametrize("register", Register)
def test_events_without_a_day(register: Register) -> None:
    """The row is bad, and its id stays: the record that it is about must be withheld."""
    columns: dict[str, list[str | None]] = {"id": ["1", "2", "3"], "day": ["2026-01-05", None, " "]}
    table, issues = event_table(register, columns)
    dated = register in {Register.CORRECTION, Register.REVOCATION, Register.PRIOR_NOTICE}
    assert codes(table) == ([(3, "", "row.no-event-day"), (4, "", "row.no-event-day")] if dated else [])
    assert table.typed["@record_id"].to_list() == ["1", "2", "3"]
    assert [(i.code, i.level, i.row, i.count) for i in issues] == (
        [("row.no-event-day", Level.RECORD, 3, 2)] if dated else []
    )


def test_a_granted_repair_needs_one_of_two_days() -> None:
    day = "2026-01-05"
    columns: dict[str, list[str | None]] = {
        "id": ["1", "2", "3", "4", "5", "6"],
        "state": ["granted", "granted", "granted", "open", "rejected", None],
        "day": [day, None, None, None, None, None],
        "closed": [None, day, None, None, None, None],
    }
    table, _ = event_table(Register.REPAIR, columns)
    assert codes(table) == [(4, "", "row.no-event-day")]
    table, _ = event_table(Register.REPAIR, {name: columns[name] for name in ("id", "state")})
    assert [row for row, _, _ in codes(table)] == [2, 3, 4]


def test_a_row_with_a_wrong_day_has_no_day() -> None:
    table, _ = event_table(Register.CORRECTION, {"id": ["1"], "day": ["2026-02-30"]})
    assert codes(table) == [(2, "", "row.no-event-day"), (2, "day", "cell.date")]


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


def test_of_several_fields_the_first_that_is_filled_counts() -> None:
    columns: dict[str, list[str | None]] = {"a": ["1", None, " ", None], "b": ["2", "3", "4", None]}
    roles = role_field(Role.PERSON_NUMBER, "a"), role_field(Role.PERSON_NUMBER, "b")
    table, _ = check(columns, *roles)
    assert table.typed["@person_number"].to_list() == ["1", "3", "4", None]


def test_a_table_without_rows_or_roles() -> None:
    table, issues = check({"x": []}, FieldSpec("x", "string"), disclosure=None)
    assert (table.typed.columns, table.typed.height, table.errors.height, issues) == (["_row"], 0, 0, ())
    table, _ = check({"x": []}, role_field(Role.VALID_UNTIL, "x"))
    assert table.typed.schema == {"_row": pl.UInt32, "@valid_until": pl.Date, "@valid_until_open": pl.Boolean}

"""Small checked tables for the disclosure tests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from publish.load.calendar import load_calendar
from publish.load.rules import load_rule_book
from publish.model.calendar import WorkingCalendar
from publish.model.rules import Citation, Level, Rule, RuleBook, RuleProfile
from publish.model.source import (
    DATE_ROLES,
    CheckedTable,
    DisclosureSpec,
    FieldSpec,
    PackageInfo,
    Publicity,
    RegisterSpec,
    Role,
    Schema,
    SourceTable,
)
from publish.model.terms import Kind, Register
from publish.model.topics import Parameters

ORGANISATION = "914403001922038216"
ERRORS = {"row": pl.UInt32, "field": pl.String, "code": pl.String}
MISSHAPEN = {"_row": pl.UInt32, "code": pl.String}

MakeTable = Callable[..., CheckedTable]


@pytest.fixture(scope="session")
def book() -> RuleBook:
    return load_rule_book(Path("nowhere"), ["national"])


@pytest.fixture(scope="session")
def calendar() -> WorkingCalendar:
    return load_calendar(Path("nowhere"))


@pytest.fixture
def penalty() -> Callable[..., dict[str, Any]]:
    """One penalty; keyword arguments change its cells."""

    def make(number: int = 1, **cells: Any) -> dict[str, Any]:
        return {
            "record_id": f"R{number:04d}",
            "document_number": f"罚〔2026〕{number}号",
            "subject_name": "澜屿甲有限公司",
            "subject_code": ORGANISATION,
            "subject_kind": "organisation",
            "decision_date": date(2026, 5, 6),
            "severity": "general",
            "reason": "未按规定公示",
        } | cells

    return make


@pytest.fixture
def make_table() -> MakeTable:
    """make_table(rows, classes={role: class or None}, errors=[(row, field, code)], extra={column: cells}, **spec)."""

    def make(
        rows: Sequence[Mapping[str, Any]],
        *,
        classes: Mapping[str, Publicity | None] | None = None,
        errors: Sequence[tuple[int, str, str]] = (),
        resource: str = "penalties",
        extra: Mapping[str, tuple[Publicity | None, Sequence[str | None]]] | None = None,
        register: RegisterSpec | None = None,
        **spec: Any,
    ) -> CheckedTable:
        roles = list(dict.fromkeys(role for row in rows for role in row if not role.endswith("_open")))
        shown = dict.fromkeys(roles, Publicity.PUBLIC) | {"record_id": None} | dict(classes or {})
        numbers = pl.Series("_row", range(2, len(rows) + 2), dtype=pl.UInt32)
        fields = [
            FieldSpec(f"c_{r}", type="date" if Role(r) in DATE_ROLES else "string", role=Role(r), publicity=shown[r])
            for r in roles
        ]
        cells = {f"c_{r}": pl.Series([_text(row.get(r)) for row in rows], dtype=pl.String) for r in roles}
        for name, (publicity, texts) in (extra or {}).items():
            fields.append(FieldSpec(name, type="string", publicity=publicity))
            cells[name] = pl.Series(texts, dtype=pl.String)
        typed: dict[str, pl.Series] = {"_row": numbers}
        for role in roles:
            dtype = pl.Date if Role(role) in DATE_ROLES else pl.String
            typed[f"@{role}"] = pl.Series([row.get(role) for row in rows], dtype=dtype)
        for role in ("valid_until", "publish_until"):
            if any(f"{role}_open" in row for row in rows):
                typed[f"@{role}_open"] = pl.Series([row.get(f"{role}_open", False) for row in rows])
        disclosure = None
        if register is None:
            disclosure = DisclosureSpec(
                **{"dataset": resource, "kind": Kind.PENALTY, "title": "行政处罚", "provider": "市监局"} | spec
            )
        source = SourceTable(
            PackageInfo("p", "data/p"),
            resource,
            Schema(tuple(fields)),
            pl.DataFrame(cells).with_columns(numbers),
            pl.DataFrame(schema=MISSHAPEN),
            disclosure,
            register,
        )
        return CheckedTable(source, pl.DataFrame(typed), pl.DataFrame(errors, schema=ERRORS, orient="row"))

    return make


@pytest.fixture
def make_register(make_table: MakeTable) -> MakeTable:
    """make_register("repair", [{record_id, event_date, event_state, event_closed}], of="penalties")."""

    def make(register: str, events: Sequence[Mapping[str, Any]], of: str = "penalties") -> CheckedTable:
        spec = RegisterSpec(Register(register), of)
        return make_table(events, resource=f"{register}s", register=spec)

    return make


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@pytest.fixture
def with_rules(book: RuleBook) -> Callable[..., RuleBook]:
    """with_rules(Objection(...), (Deadline(7), {"kinds": {...}}), …): the national book with rules of a town."""

    def make(*added: Parameters | tuple[Parameters, dict[str, Any]]) -> RuleBook:
        rules = []
        for number, entry in enumerate(added):
            parameters, bounds = entry if isinstance(entry, tuple) else (entry, {})
            citation = Citation("本市办法", "示政〔2026〕1号", f"第{number}条")
            rules.append(Rule(f"town.{number}", "本市规则", citation, parameters, **bounds))
        town = RuleProfile("town", "本市", Level.MUNICIPAL, tuple(rules))
        return RuleBook((*book.profiles, town))

    return make

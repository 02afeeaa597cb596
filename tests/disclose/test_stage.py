"""Disclosure of small tables: what is public, until when, and why the rest is not."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from publish.disclose.basis import Basis
from publish.disclose.stage import disclose
from publish.model.calendar import WorkingCalendar
from publish.model.public import Disclosure, Publication
from publish.model.rules import RuleBook
from publish.model.source import Publicity
from publish.model.terms import Absence, Kind
from publish.model.topics import Objection, UnderObjection

AS_OF = date(2026, 11, 20)


@pytest.fixture
def run(book: RuleBook, calendar: WorkingCalendar) -> Any:
    def disclose_tables(
        *tables: Any, as_of: date = AS_OF, previous: Publication | None = None, book: RuleBook = book
    ) -> Any:
        return disclose(tables, Basis(book, calendar, as_of), previous=previous, notice_days=30)

    return disclose_tables


def outcome(disclosure: Disclosure) -> tuple[int, list[tuple[str, str]]]:
    """How many are public, and (outcome, rule) of each whole-record ledger entry."""
    whole = disclosure.ledger.frame.filter(pl.col("field").is_null())
    return disclosure.public[0].frame.height, sorted(whole.select("outcome", "rule").iter_rows())


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, (1, [])),
        ({"severity": "minor"}, (0, [("withheld", "national.n36.minor")])),
        ({"severity": None}, (0, [("withheld", "national.n36.validity"), ("withheld", "national.severity-required")])),
        ({"procedure": "summary"}, (0, [("withheld", "national.n36.minor")])),
        ({"procedure": "ordinary"}, (1, [])),
        ({"decision_date": date(2025, 11, 20)}, (1, [])),
        ({"decision_date": date(2025, 11, 19)}, (0, [("expired", "national.n36.validity")])),
        ({"decision_date": date(2023, 11, 20), "severity": "serious"}, (1, [])),
        ({"decision_date": date(2023, 11, 19), "severity": "serious"}, (0, [("expired", "national.n36.validity")])),
        ({"decision_date": date(2026, 11, 21)}, (0, [("pending", "national.n36.validity")])),
        ({"valid_until": date(2026, 11, 20)}, (1, [])),
        ({"valid_until": date(2026, 11, 19)}, (0, [("expired", "national.n36.validity")])),
        ({"valid_until": None, "valid_until_open": True}, (1, [])),
        (
            {"publish_until": date(2026, 11, 1), "valid_until": date(2099, 1, 1)},
            (0, [("expired", "national.n36.validity")]),
        ),
        ({"record_id": None}, (0, [("withheld", "baseline.bad-record")])),
    ],
)
def test_one_penalty(run: Any, make_table: Any, penalty: Any, cells: dict[str, Any], expected: Any) -> None:
    disclosure, _, _ = run(make_table([penalty(**cells)]))
    assert outcome(disclosure) == expected


@pytest.mark.parametrize(
    ("kind", "cells", "public"),
    [
        (Kind.LICENCE, {"valid_until": None}, 0),
        (Kind.LICENCE, {"valid_until": None, "valid_until_open": True}, 1),
        (Kind.LICENCE, {"valid_until": date(2026, 11, 20)}, 1),
        (Kind.REDLIST, {"valid_until": None, "valid_until_open": True}, 0),
        (Kind.REDLIST, {"valid_until": date(2027, 1, 1)}, 1),
        (Kind.BLACKLIST, {"valid_until": None, "valid_until_open": True}, 1),
        (Kind.OTHER, {"valid_until": None}, 1),
    ],
)
def test_ends_by_kind(run: Any, make_table: Any, penalty: Any, kind: Kind, cells: dict[str, Any], public: int) -> None:
    """A blank end is not 长期; a marker without a period opens only what a rule lets be open-ended."""
    disclosure, _, _ = run(make_table([penalty(**cells)], kind=kind, legal_basis=("法",)))
    assert disclosure.public[0].frame.height == public


def test_the_earliest_end_governs(run: Any, make_table: Any, penalty: Any) -> None:
    cells = {"valid_until": date(2030, 1, 1), "publish_until": date(2027, 3, 1), "decision_date": date(2026, 5, 6)}
    disclosure, _, _ = run(make_table([penalty(**cells)]))
    assert disclosure.public[0].frame["_until"].to_list() == [date(2027, 3, 1)]


def test_rules_before_the_change_of_law(run: Any, make_table: Any, penalty: Any) -> None:
    """N58 publishes minor penalties for three months; N36 does not publish them at all."""
    row = penalty(severity="minor", decision_date=date(2026, 2, 1))
    assert outcome(run(make_table([row]), as_of=date(2026, 3, 31))[0]) == (1, [])
    assert outcome(run(make_table([row]), as_of=date(2026, 4, 1))[0]) == (0, [("withheld", "national.n36.minor")])


def test_a_bad_row_is_withheld(run: Any, make_table: Any, penalty: Any) -> None:
    table = make_table([penalty(1), penalty(2)], errors=[(3, "c_reason", "cell.pattern")])
    disclosure, _, _ = run(table)
    assert outcome(disclosure) == (1, [("withheld", "baseline.bad-record")])


def test_persons_are_masked_everywhere(run: Any, make_table: Any, penalty: Any) -> None:
    person = {"subject_name": "欧阳明月", "subject_kind": "natural_person", "subject_code": "11010519491231002X"}
    row = penalty(
        **person, title="关于欧阳明月的处罚", reason="欧阳明月，电话未登记", other_person="赵六", person_number="990101"
    )
    disclosure, publication, _ = run(make_table([row]))
    frame = disclosure.public[0].frame
    text = str(frame.rows()) + str(publication.records.rows())
    assert "欧**" in text
    for secret in ("欧阳明月", "11010519491231002X", "赵六", "990101", "R0001"):
        assert secret not in text
    assert frame["_code"].to_list() == [None]


@pytest.mark.parametrize("kind", [None, "alien"])
def test_who_is_unknown_is_a_person(run: Any, make_table: Any, penalty: Any, kind: str | None) -> None:
    disclosure, _, _ = run(make_table([penalty(subject_name="李四", subject_kind=kind)]))
    assert disclosure.public[0].frame["_subject"].to_list() == ["李**"]


def test_a_name_of_one_character_keeps_nothing(run: Any, make_table: Any, penalty: Any) -> None:
    disclosure, _, _ = run(make_table([penalty(subject_name="丙", subject_kind="natural_person")]))
    assert disclosure.public[0].frame["_subject"].to_list() == ["**"]


def test_organisations_are_never_masked(run: Any, make_table: Any, penalty: Any) -> None:
    disclosure, _, _ = run(make_table([penalty()]))
    row = disclosure.public[0].frame.row(0, named=True)
    assert (row["_subject"], row["_code"]) == ("澜屿甲有限公司", "914403001922038216")


def test_a_code_that_fails_its_check_is_hidden(run: Any, make_table: Any, penalty: Any) -> None:
    disclosure, _, _ = run(make_table([penalty(subject_code="914403001922038217")]))
    assert disclosure.public[0].frame["c_subject_code"].to_list() == [None]
    cells = disclosure.ledger.frame.filter(pl.col("field") == "c_subject_code")
    assert cells["rule"].to_list() == ["baseline.subject-code"]


def test_a_resident_number_in_any_public_text_is_masked(run: Any, make_table: Any, penalty: Any) -> None:
    extra = {"remark": (Publicity.PUBLIC, ["身份证11010519491231002X号"])}
    disclosure, _, _ = run(make_table([penalty(reason="证号 990101199001011234")], extra=extra))
    frame = disclosure.public[0].frame
    assert frame["remark"].to_list() == ["身份证***号"]
    assert frame["_reason"].to_list() == ["证号 ***"], "a mistyped number is still somebody's number"
    cells = disclosure.ledger.frame.filter(pl.col("rule") == "baseline.free-text")
    assert cells.select("field", "outcome").rows() == [("c_reason", "masked"), ("remark", "masked")]


def test_only_public_fields_come_out(run: Any, make_table: Any, penalty: Any) -> None:
    extra = {
        "private": (None, ["秘密一"]),
        "shared": (Publicity.SHARED, ["秘密二"]),
        "authorised": (Publicity.AUTHORISED, ["秘密三"]),
        "limited": (Publicity.LIMITED, ["秘密四"]),
    }
    table = make_table([penalty()], extra=extra, classes={"decision_date": None, "severity": None})
    disclosure, _, _ = run(table)
    frame = disclosure.public[0].frame
    assert "秘密" not in str(frame.rows())
    assert frame.select("_date", "_severity", "_until").row(0) == (None, None, None), "no date told by a private field"
    fields = disclosure.ledger.frame.filter(pl.col("row").is_null())
    assert set(fields["field"]) == {"c_record_id", "c_decision_date", "c_severity", *extra}


def test_an_open_objection_flags_and_stays_public(
    run: Any, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    events = [
        {"record_id": "R0001", "event_date": date(2026, 11, 10), "event_state": "open", "event_closed": None},
        {
            "record_id": "R0002",
            "event_date": date(2026, 10, 1),
            "event_state": "rejected",
            "event_closed": date(2026, 10, 9),
        },
        {"record_id": "R0003", "event_date": date(2026, 11, 21), "event_state": "open", "event_closed": None},
    ]
    table = make_table([penalty(n) for n in (1, 2, 3)])
    book = with_rules(Objection(UnderObjection.PUBLIC))
    disclosure, _, _ = run(table, make_register("objection", events), book=book)
    flags = dict(zip(disclosure.public[0].frame["c_document_number"], disclosure.public[0].frame["_flag"], strict=True))
    assert flags == {"罚〔2026〕1号": "objection", "罚〔2026〕2号": None, "罚〔2026〕3号": None}


def test_exits_need_a_proof_of_publication(run: Any, make_table: Any, penalty: Any) -> None:
    rows = [penalty(decision_date=date(2025, 11, 10))]
    assert run(make_table(rows))[0].exits.frame.height == 0
    assert run(make_table(rows, published_since=date(2025, 1, 1)))[0].exits.frame.height == 1
    assert run(make_table(rows, published_since=date(2026, 11, 11)))[0].exits.frame.height == 0
    _, before, _ = run(make_table(rows), as_of=date(2026, 11, 10))
    exits = run(make_table(rows), previous=before)[0].exits.frame
    expected = (date(2026, 11, 11), "expired", date(2026, 12, 10))
    assert exits.select("left_on", "reason", "notice_until").row(0) == expected


def test_the_notice_of_an_expired_record(run: Any, make_table: Any, penalty: Any) -> None:
    rows = [penalty(decision_date=date(2025, 10, 30))]
    table = make_table(rows, published_since=date(2025, 1, 1))
    shown = {
        day: run(table, as_of=day)[0].exits.frame.height
        for day in (date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 29), date(2026, 11, 30))
    }
    assert list(shown.values()) == [0, 1, 1, 0], "from the day after the last day, for 30 days"
    exit_row = run(table, as_of=date(2026, 11, 1))[0].exits.frame.row(0, named=True)
    assert exit_row["left_on"] == date(2026, 10, 31)
    assert exit_row["subject"] is None, "no national rule says whom a notice names"


def test_a_granted_repair_ends_publication(run: Any, make_table: Any, make_register: Any, penalty: Any) -> None:
    event = {
        "record_id": "R0001",
        "event_date": date(2026, 11, 1),
        "event_state": "granted",
        "event_closed": date(2026, 11, 12),
    }
    table = make_table([penalty()], published_since=date(2025, 1, 1))
    before = run(table, make_register("repair", [event]), as_of=date(2026, 11, 11))[0]
    after = run(table, make_register("repair", [event]), as_of=date(2026, 11, 12))[0]
    assert before.public[0].frame.height == 1
    assert after.public[0].frame.height == 0
    assert after.exits.frame.select("left_on", "reason").row(0) == (date(2026, 11, 12), "repaired")


def test_absence_is_an_alarm_or_an_exit(run: Any, make_table: Any, penalty: Any) -> None:
    for absence, exits, alarms in ((Absence.ALARM, 0, ["record.vanished"]), (Absence.EXIT, 1, [])):
        _, before, _ = run(make_table([penalty(1), penalty(2)], absence=absence), as_of=AS_OF - timedelta(days=1))
        disclosure, register, issues = run(make_table([penalty(1)], absence=absence), previous=before)
        assert disclosure.exits.frame.height == exits
        assert [issue.code for issue in issues] == alarms
        again, _, _ = run(make_table([penalty(1)], absence=absence), previous=register)
        assert again.exits.frame.height == exits, "the notice stays while it runs"
        back, _, _ = run(make_table([penalty(1), penalty(2)], absence=absence), previous=register)
        assert back.exits.frame.height == 0, "who is public again has not left"


def test_the_order_of_rows_changes_nothing(run: Any, make_table: Any, penalty: Any) -> None:
    rows = [penalty(n, decision_date=date(2026, 1 + n % 10, 1 + n)) for n in range(1, 20)]
    one, _, _ = run(make_table(rows))
    other, _, _ = run(make_table(rows[::-1]))
    assert one.public[0].frame.equals(other.public[0].frame)

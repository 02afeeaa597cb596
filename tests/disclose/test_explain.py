"""explain and forecast on small tables: the same functions as a build, a day at a time."""

from datetime import date
from typing import Any

from publish.disclose.basis import Basis
from publish.disclose.explain import explain_record, forecast
from publish.model.calendar import WorkingCalendar
from publish.model.topics import Deadline, Objection, Repair, UnderObjection

AS_OF = date(2026, 11, 20)


def test_a_life_in_order(
    calendar: WorkingCalendar, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    """Objection rejected, repair granted: what happened and what will, each day with its source."""
    book = with_rules(Objection(UnderObjection.PUBLIC, False, 10, 5, 3), Repair(5), Deadline(7))
    objection = {
        "record_id": "R0001",
        "event_date": date(2026, 8, 3),
        "event_state": "rejected",
        "event_closed": date(2026, 8, 12),
    }
    repair = {
        "record_id": "R0001",
        "event_date": date(2026, 11, 2),
        "event_state": "granted",
        "event_closed": date(2026, 11, 16),
    }
    tables = [
        make_table([penalty(published_on=date(2026, 5, 11)), penalty(2, published_on=None)]),
        make_register("objection", [objection]),
        make_register("repair", [repair]),
    ]
    (found,) = explain_record(tables, Basis(book, calendar, AS_OF), "R0001")
    assert (found.outcome, found.flag, found.state) == ("public", "repair_notice", "repair_notice")
    assert (found.start, found.until) == (date(2026, 5, 6), date(2026, 11, 23)), "the last day of the notice"
    assert [str(moment) for moment in found.timeline] == [
        "2026-05-06  decided",
        "2026-05-11  published, as stated",
        "2026-05-14  publication due: on_time  by national.deadline",
        "2026-08-03  objection filed (objection row 2)",
        "2026-08-10  objection-check due: late  by town.0",
        "2026-08-12  objection rejected (objection row 2)",
        "2026-08-17  objection-review due: on_time  by town.0",
        "2026-11-02  repair filed (repair row 2)",
        "2026-11-16  repair granted (repair row 2)",
        "2026-11-23  last day of the repair notice",
        "2027-05-06  last day of the period  by national.n36.validity "
        "《信用修复管理办法》（国家发展改革委令2025年第36号）",
    ]


def test_no_cell_is_printed(
    calendar: WorkingCalendar, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    tables = [make_table([penalty(subject_name="密密有限公司", reason="密事由", severity="minor")])]
    (found,) = explain_record(tables, Basis(with_rules(), calendar, AS_OF), "R0001")
    assert found.outcome == "withheld"
    assert "密" not in str(found)
    assert "914403001922038216" not in str(found)


def test_what_is_coming(
    calendar: WorkingCalendar, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    rules = [Objection(UnderObjection.PUBLIC, review_days=10), (Repair(5), {"start": date(2026, 11, 1)})]
    book = with_rules(*rules, (Deadline(7), {"start": date(2026, 12, 1)}))
    rows = [
        penalty(1, publish_until=date(2026, 11, 25)),
        penalty(2, publish_until=None),
        penalty(3, publish_until=None, decision_date=date(2026, 12, 8)),
        penalty(4, publish_until=date(2027, 1, 31)),
        penalty(5, publish_until=date(2026, 11, 19)),
    ]
    granted = {"record_id": "R0002", "event_date": date(2026, 11, 17), "event_state": "granted"}
    filed = {"record_id": "R0004", "event_date": date(2026, 11, 12), "event_state": "open"}
    tables = [make_table(rows), make_register("repair", [granted]), make_register("objection", [filed])]
    found = forecast(tables, Basis(book, calendar, AS_OF), 30)
    assert [(entry.day, entry.what, entry.about) for entry in found] == [
        (date(2026, 11, 24), "due", "repair-notice"),
        (date(2026, 11, 25), "leaves", "repaired"),
        (date(2026, 11, 26), "due", "objection-review"),
        (date(2026, 11, 26), "expires", ""),
        (date(2026, 12, 1), "rule-begins", "town.2"),
        (date(2026, 12, 8), "begins", ""),
    ]

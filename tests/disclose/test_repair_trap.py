"""JS-M 34 with 30: a repair needs a year without a breach since the correction, and 一般 is valid for one year only."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from publish.disclose.basis import Basis
from publish.disclose.decide import decide_records
from publish.load.rules import load_rule_book
from publish.model.calendar import WorkingCalendar

DECIDED, EARLIEST = date(2025, 11, 10), date(2026, 11, 10)


@pytest.mark.parametrize(
    ("severity", "on", "state", "left_on"),
    [
        # Corrected on the day of the decision, repaired a year later: 一般 has its last day then and is never repaired.
        ("general", EARLIEST, "repair_notice", None),
        ("general", date(2026, 11, 11), "expired", date(2026, 11, 11)),
        ("general", date(2026, 11, 20), "expired", date(2026, 11, 11)),
        # 严重 has two years to go: five working days of notice, the last one is Tuesday the 17th.
        ("serious", date(2026, 11, 17), "repair_notice", None),
        ("serious", date(2026, 11, 18), "repaired", date(2026, 11, 18)),
    ],
)
def test_the_validity_of_general_discredit_ends_before_any_repair(
    make_table: Callable[..., Any],
    make_register: Callable[..., Any],
    penalty: Callable[..., Any],
    calendar: WorkingCalendar,
    severity: str,
    on: date,
    state: str,
    left_on: date | None,
) -> None:
    table = make_table([penalty(decision_date=DECIDED, severity=severity)])
    granted = {"record_id": "R0001", "event_date": EARLIEST, "event_state": "granted", "event_closed": EARLIEST}
    basis = Basis(load_rule_book(Path("nowhere"), ["jiangsu"]), calendar, on)
    row = decide_records(table, [make_register("repair", [granted])], basis).frame.row(0, named=True)
    assert (row["_state"], row["_left_on"]) == (state, left_on)

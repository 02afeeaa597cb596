"""The arithmetic of working days, against a plain loop over days."""

import pickle
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.model.calendar import CalendarUnknown, WorkingCalendar, working_calendar

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
SPAN = [FIRST + DAY * n for n in range((LAST - FIRST).days + 1)]
# Some weekdays off, some weekend days worked; the first day of the span is off and the last one is worked.
OFF = {date(2026, 1, 1), date(2026, 1, 2), *(date(2026, 2, 16) + DAY * n for n in range(8))}
WORKED = {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)}


def works(day: date) -> bool:
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def after_by_hand(day: date, count: int) -> date | None:
    if not FIRST <= day <= LAST:
        return None
    while count:
        day += DAY
        count -= works(day)
        if day > LAST:
            return None
    return day


def roll_by_hand(day: date) -> date | None:
    return day if FIRST <= day <= LAST and works(day) else after_by_hand(day, 1)


def between_by_hand(start: date, end: date) -> int | None:
    if not (FIRST <= start <= LAST and FIRST <= end <= LAST):
        return None
    low, high = sorted((start, end))
    count = sum(works(day) for day in SPAN if low < day <= high)
    return count if start <= end else -count


def dates(*days: date | None) -> pl.Series:
    return pl.Series("days", days, dtype=pl.Date)


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return working_calendar(FIRST, LAST, OFF, WORKED)


days = st.lists(st.none() | st.dates(FIRST - 20 * DAY, LAST + 20 * DAY), max_size=30)


@given(days=days, count=st.integers(0, 70))
def test_after(calendar: WorkingCalendar, days: list[date | None], count: int) -> None:
    expected = [day and after_by_hand(day, count) for day in days]
    found = calendar.after(dates(*days), count)
    assert (found.name, found.dtype, found.to_list()) == ("days", pl.Date, expected)
    unknown = calendar.unknown(dates(*days), count)
    assert unknown.to_list() == [day is not None and end is None for day, end in zip(days, expected, strict=True)]


@given(rows=st.lists(st.tuples(st.dates(FIRST, LAST), st.none() | st.integers(0, 20)), max_size=30))
def test_after_with_a_count_for_each_day(calendar: WorkingCalendar, rows: list[tuple[date, int | None]]) -> None:
    found = calendar.after(dates(*(day for day, _ in rows)), pl.Series([count for _, count in rows], dtype=pl.UInt8))
    assert found.to_list() == [None if count is None else after_by_hand(day, count) for day, count in rows]


@given(days=days)
def test_roll(calendar: WorkingCalendar, days: list[date | None]) -> None:
    found = calendar.roll(dates(*days))
    assert (found.name, found.dtype) == ("days", pl.Date)
    assert found.to_list() == [day and roll_by_hand(day) for day in days]


@given(start=st.dates(FIRST - 9 * DAY, LAST + 9 * DAY), ends=days)
def test_between(calendar: WorkingCalendar, start: date, ends: list[date | None]) -> None:
    expected = [end and between_by_hand(start, end) for end in ends]
    for starts in (dates(*[start] * len(ends)), dates(start)):
        found = calendar.between(starts, dates(*ends))
        assert found.dtype == pl.Int32
        assert found.to_list() == expected


@given(day=st.dates(FIRST, LAST), count=st.integers(1, 40))
def test_between_undoes_after(calendar: WorkingCalendar, day: date, count: int) -> None:
    end = calendar.after(dates(day), count)
    if end.item() is not None:
        assert calendar.between(dates(day), end).item() == count
        assert works(end.item())


def test_the_ends_of_the_calendar(calendar: WorkingCalendar) -> None:
    assert calendar.after(dates(LAST - DAY, LAST), 1).to_list() == [LAST, None]
    assert calendar.after(dates(FIRST - DAY, FIRST), 1).to_list() == [None, date(2026, 1, 4)]
    assert calendar.roll(dates(FIRST, LAST, LAST + DAY)).to_list() == [date(2026, 1, 4), LAST, None]
    assert calendar.between(dates(FIRST, FIRST), dates(LAST, LAST + DAY)).is_null().to_list() == [False, True]


def test_a_calendar_that_ends_on_days_off() -> None:
    calendar = working_calendar(date(2026, 1, 5), date(2026, 1, 11), (), ())  # Monday to Sunday
    assert calendar.roll(dates(date(2026, 1, 10))).item() is None
    assert calendar.after(dates(date(2026, 1, 9)), 1).item() is None


def test_due(calendar: WorkingCalendar) -> None:
    assert calendar.due(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert calendar.due(date(2026, 2, 17), 0) == date(2026, 2, 17)


@pytest.mark.parametrize(
    ("day", "file"),
    [(date(2026, 3, 30), "2027.yaml"), (date(2027, 6, 7), "2027.yaml"), (date(2025, 12, 31), "2025.yaml")],
)
def test_what_is_unknown_is_told(calendar: WorkingCalendar, day: date, file: str) -> None:
    with pytest.raises(CalendarUnknown) as told:
        calendar.due(day, 2)
    text = str(told.value)
    assert f"content/calendars/{file}" in text
    assert str(LAST) in text
    assert str(day) not in text  # it may be the day of somebody's record


def test_days_of_null_and_no_days(calendar: WorkingCalendar) -> None:
    for nulls in (pl.Series([None, None]), dates(None, None)):
        assert calendar.after(nulls, 5).to_list() == [None, None]
        assert calendar.unknown(nulls, 5).to_list() == [False, False]
        assert calendar.roll(nulls).to_list() == [None, None]
    assert calendar.after(dates(), 5).to_list() == []


@pytest.mark.parametrize("count", [-1, pl.Series([3, -1])])
def test_a_count_below_zero(calendar: WorkingCalendar, count: int | pl.Series) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        calendar.after(dates(FIRST, FIRST), count)


ASKED: list[Callable[[WorkingCalendar, pl.Series], object]] = [
    lambda calendar, days: calendar.after(days, 1),
    lambda calendar, days: calendar.roll(days),
    lambda calendar, days: calendar.between(days, days),
]


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("days", [pl.Series([20000]), pl.Series(["2026-01-05"]), dates(FIRST).cast(pl.Datetime)])
def test_only_dates_are_days(
    calendar: WorkingCalendar, ask: Callable[[WorkingCalendar, pl.Series], object], days: pl.Series
) -> None:
    with pytest.raises(TypeError, match="Date"):
        ask(calendar, days)


def test_a_calendar_goes_to_other_processes(calendar: WorkingCalendar) -> None:
    copy = pickle.loads(pickle.dumps(calendar))
    assert copy.after(dates(FIRST), 5).item() == calendar.after(dates(FIRST), 5).item()


def test_a_calendar_has_days() -> None:
    with pytest.raises(ValueError, match="first day or later"):
        working_calendar(LAST, FIRST, (), ())

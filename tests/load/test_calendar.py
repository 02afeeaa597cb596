"""The State Council's arrangements as data, and the calendars that a site adds."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from publish.load.calendar import load_calendar
from publish.model.calendar import CalendarUnknown, WorkingCalendar
from publish.model.issue import BuildStopped, Issue

OWN = Path(__file__).resolve().parents[2] / "publish" / "disclose" / "calendars"
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
# A Saturday that 国办发明电〔2005〕35号 has worked, for 3 January 2006; the oracle leaves it out (its issue 125).
ORACLE_LACKS = {date(2005, 12, 31)}
NEXT = """
notice: 国办发明电〔2026〕1号
holidays:
  - {name: 元旦, rest: [2027-01-01]}
  - {name: 春节, rest: [2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11, 2027-02-12], work: [2027-02-20]}
"""

WriteSite = Callable[[dict[str, str | bytes]], Path]


@pytest.fixture(scope="module")
def known() -> WorkingCalendar:
    return load_calendar(Path("nowhere"))


@pytest.fixture(scope="module")
def oracle() -> Any:
    return pytest.importorskip("chinese_calendar", reason="the oracle, the package chinesecalendar, is not installed")


def dates(*days: date) -> pl.Series:
    return pl.Series(days, dtype=pl.Date)


def issues_of(root: Path) -> list[Issue]:
    with pytest.raises(BuildStopped) as stopped:
        load_calendar(root)
    return list(stopped.value.issues)


def one_issue(root: Path) -> Issue:
    (issue,) = issues_of(root)
    return issue


def is_working(calendar: WorkingCalendar, day: date) -> bool:
    return bool(calendar.roll(dates(day)).item() == day)


# --- the program's own years -----------------------------------------------------------------------------------------


def test_every_day_of_the_known_years(known: WorkingCalendar, oracle: Any) -> None:
    assert (known.first, known.last) == (FIRST, LAST)
    days = pl.date_range(FIRST, LAST, eager=True)
    found = (known.roll(days) == days).fill_null(False)
    expected = [day in ORACLE_LACKS or oracle.is_workday(day) for day in days]
    assert len(days) == 8401
    assert days.filter(found != pl.Series(expected)).to_list() == []


def test_the_oracle_still_lacks_a_day(oracle: Any) -> None:
    assert [day for day in ORACLE_LACKS if oracle.is_workday(day)] == []


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-02-10", ["2026-02-13", "2026-02-24", "2026-02-26", "2026-03-02"]),
        ("2025-09-26", ["2025-09-30", "2025-10-10", "2025-10-13", "2025-10-16"]),
        ("2024-09-27", ["2024-10-08", "2024-10-10", "2024-10-12", "2024-10-16"]),
        ("2020-01-20", ["2020-01-23", "2020-02-04", "2020-02-06", "2020-02-11"]),
        ("2021-01-28", ["2021-02-02", "2021-02-04", "2021-02-07", "2021-02-10"]),
        ("2026-04-30", ["2026-05-08", "2026-05-11", "2026-05-13", "2026-05-18"]),
    ],
)
def test_golden_deadlines(known: WorkingCalendar, start: str, ends: list[str]) -> None:
    day, expected = date.fromisoformat(start), [date.fromisoformat(end) for end in ends]
    counts = pl.Series([3, 5, 7, 10])
    assert [known.due(day, count) for count in counts] == expected
    assert known.after(dates(*[day] * 4), counts).to_list() == expected
    assert known.between(dates(day), dates(*expected)).to_list() == counts.to_list()


@pytest.mark.parametrize(
    ("day", "rolled"),
    [
        ("2026-02-15", "2026-02-24"),  # a Sunday in the Spring Festival
        ("2026-02-14", "2026-02-14"),  # a Saturday that is worked
        ("2026-10-01", "2026-10-08"),
        ("2020-02-01", "2020-02-03"),  # first to be worked, then off as the holiday was prolonged
        ("2026-12-31", "2026-12-31"),
    ],
)
def test_a_day_off_rolls_to_the_next_working_day(known: WorkingCalendar, day: str, rolled: str) -> None:
    assert known.roll(dates(date.fromisoformat(day))).to_list() == [date.fromisoformat(rolled)]


def test_past_the_last_known_day(known: WorkingCalendar) -> None:
    days = dates(date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 4), date(2003, 12, 31))
    assert known.after(days, 5).to_list() == [date(2026, 12, 31), None, None, None]
    assert known.unknown(days, 5).to_list() == [False, True, True, True]
    with pytest.raises(CalendarUnknown, match=r"2026-12-31.*content/calendars/2027\.yaml"):
        known.due(date(2026, 12, 25), 5)


def test_every_year_has_its_notice() -> None:
    paths = sorted(OWN.iterdir())
    assert [path.name for path in paths] == [f"{year}.yaml" for year in range(2004, 2027)]
    for path in paths:
        year = int(path.stem)
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        assert raw["notice"].startswith(f"国办发明电〔{year - 1}〕")
        assert {"元旦", "春节", "劳动节"} < {holiday["name"] for holiday in raw["holidays"]}
        for holiday in raw["holidays"]:
            assert not {"〔", "〕", "号"} - set(holiday.get("notice", raw["notice"])), path.name


# --- a site's own years ----------------------------------------------------------------------------------------------


def test_a_site_adds_a_year(write_site: WriteSite) -> None:
    calendar = load_calendar(write_site({"content/calendars/2027.yaml": NEXT}))
    assert (calendar.first, calendar.last) == (FIRST, date(2027, 12, 31))
    assert calendar.due(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert calendar.due(date(2027, 2, 5), 6) == date(2027, 2, 20)


def test_a_site_replaces_a_year(write_site: WriteSite, known: WorkingCalendar) -> None:
    text = (OWN / "2026.yaml").read_text(
        encoding="utf-8"
    ) + "  - {name: 元旦, rest: [2026-12-31], work: [2026-12-26]}\n"
    calendar = load_calendar(write_site({"content/calendars/2026.yaml": text}))
    moved = date(2026, 12, 31), date(2026, 12, 26)
    assert [is_working(known, day) for day in moved] == [True, False]
    assert [is_working(calendar, day) for day in moved] == [False, True]
    same = pl.date_range(FIRST, date(2026, 12, 25), eager=True)
    assert known.roll(same).equals(calendar.roll(same))


def test_a_replaced_year_keeps_nothing(write_site: WriteSite) -> None:
    calendar = load_calendar(
        write_site({"content/calendars/2026.yaml": "holidays: [{name: 元旦, rest: [2026-01-01]}]"})
    )
    assert not is_working(calendar, date(2026, 1, 1))
    assert is_working(calendar, date(2026, 10, 1))


def test_a_site_may_begin_earlier(write_site: WriteSite) -> None:
    calendar = load_calendar(
        write_site({"content/calendars/2003.yaml": "holidays: [{name: 元旦, rest: [2003-01-01]}]"})
    )
    assert calendar.first == date(2003, 1, 1)


def test_hidden_files_are_passed_over(write_site: WriteSite) -> None:
    root = write_site({"content/calendars/.gitkeep": "", "content/calendars/2027.yaml": NEXT})
    assert load_calendar(root).last == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("text", "line"),
    [("holidays:\n  - {name: 元旦", 2), ("holidays: !!python/name:os.system x", 1), (b"\n\xd4\xaa\xb5\xa9", 2)],
)
def test_a_file_that_cannot_be_read(write_site: WriteSite, text: str | bytes, line: int) -> None:
    issue = one_issue(write_site({"content/calendars/2027.yaml": text}))
    assert (issue.code, issue.file, issue.line) == ("calendar.bad-file", "content/calendars/2027.yaml", line)


@pytest.mark.parametrize("name", ["2027.yml", "next.yaml", "2027-new.yaml", "27.yaml", "２０２７.yaml", "2027.yaml~"])
def test_a_file_is_called_after_its_year(write_site: WriteSite, name: str) -> None:
    issue = one_issue(write_site({f"content/calendars/{name}": NEXT}))
    assert (issue.code, issue.file) == ("calendar.bad-file", f"content/calendars/{name}")
    assert "2027.yaml" in issue.hint


@pytest.mark.parametrize(
    ("holiday", "place", "told"),
    [
        ("rest: [2026-12-31]", "rest[0]", "2027"),
        ("rest: [2028-01-03]", "rest[0]", "2027"),
        ("rest: [2027-10-01, 2027-10-02]", "rest[1]", "weekdays"),
        ("work: [2027-10-09, 2027-10-11]", "work[1]", "Saturdays and Sundays"),
        ("rest: [2027-10-01, 2027-10-01]", "rest[1]", "twice"),
        ("rest: [2027-02-30]", "rest[0]", "2027-02-08"),
        ("rest: [20271001]", "rest[0]", "text"),
        ("rest: ['20271001']", "rest[0]", "2027-02-08"),
        ("rest: [2027-10-1]", "rest[0]", "2027-02-08"),
        ("rest: 2027-10-01", "rest", "list"),
        ("rest: []", "rest", "empty"),
        ("off: [2027-10-01], work: [2027-10-09]", "off", "unknown key"),
        ("work: [2027-10-09], work: [2027-10-10]", "work", "twice"),
        ("notice: 某号", "", "rest"),
    ],
)
def test_a_value_that_is_wrong(write_site: WriteSite, holiday: str, place: str, told: str) -> None:
    text = f"# a comment\nholidays:\n  - {{name: 元旦, rest: [2027-01-01]}}\n  - {{name: 国庆节, {holiday}}}\n"
    issue = one_issue(write_site({"content/calendars/2027.yaml": text}))
    assert (issue.code, issue.file, issue.line) == ("calendar.bad-value", "content/calendars/2027.yaml", 4)
    assert issue.hint.startswith(f"holidays[1]{'.' if place else ''}{place}: ")
    assert told in issue.hint


@pytest.mark.parametrize("text", ["", "[]", "holidays: []", "notice: 某号", "holidays: [{rest: [2027-01-01]}]"])
def test_a_file_that_says_too_little(write_site: WriteSite, text: str) -> None:
    assert one_issue(write_site({"content/calendars/2027.yaml": text})).code == "calendar.bad-value"


def test_a_day_stands_in_one_place(write_site: WriteSite) -> None:
    text = NEXT + "  - {name: 除夕, rest: [2027-02-08]}\n"
    assert "twice" in one_issue(write_site({"content/calendars/2027.yaml": text})).hint


def test_all_faults_are_told_at_once(write_site: WriteSite) -> None:
    root = write_site(
        {
            "content/calendars/2027.yaml": "holidays: [{name: 元旦, rest: [2027-01-02], work: [2027-01-04]}]",
            "content/calendars/2028.yaml": "{",
            "content/calendars/2030.yaml": "{",
            "content/calendars/2034.yaml": "holidays: [{name: 元旦, rest: [2034-01-02]}]",
            "content/calendars/notes.txt": "",
        }
    )
    found = issues_of(root)
    assert Counter(issue.code for issue in found) == {
        "calendar.bad-file": 3,
        "calendar.bad-value": 2,
        "calendar.gap": 2,
    }
    gaps = [(issue.file, issue.count) for issue in found if issue.code == "calendar.gap"]
    assert gaps == [("content/calendars/2029.yaml", 1), ("content/calendars/2031.yaml", 3)]


def test_years_without_a_gap(write_site: WriteSite) -> None:
    issue = one_issue(write_site({"content/calendars/2028.yaml": "holidays: [{name: 元旦, rest: [2028-01-03]}]"}))
    assert (issue.code, issue.file) == ("calendar.gap", "content/calendars/2027.yaml")

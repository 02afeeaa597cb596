"""Working days from YAML files, one per year: the program's own and those of a site's content/calendars/."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from publish.load.checking import Codes, duplicate_issues, key_name, schema_issues
from publish.load.marked import KeyPath, Marked, NotReadable, load_marked, parse_own_yaml
from publish.model.calendar import WorkingCalendar, working_calendar
from publish.model.issue import BuildStopped, Issue, Level

FOLDER = "content/calendars"
SCHEMA = "calendar.yaml"
BAD_VALUE = "calendar.bad-value"
CODES = Codes(BAD_VALUE, BAD_VALUE, BAD_VALUE, BAD_VALUE, BAD_VALUE)
_NAME = re.compile(r"[12]\d{3}\.yaml", re.ASCII)
_SATURDAY = 5


def load_calendar(root: Path) -> WorkingCalendar:
    """The years that the program knows and those of the site; a year that both have is as the site says.

    Raises BuildStopped with every fault found. Codes: `calendar.bad-file`, `calendar.bad-value`, `calendar.gap`.
    """
    years: dict[int, Marked | None] = {}
    issues: list[Issue] = []
    for file, read in _files(root):
        found = _read(file, read)
        if isinstance(found, Issue):
            issues.append(found)
        if _NAME.fullmatch(Path(file).name):
            years[int(Path(file).stem)] = None if isinstance(found, Issue) else found
    readable = {year: marked for year, marked in sorted(years.items()) if marked is not None}
    for year, marked in readable.items():
        issues += _faults(year, marked)
    issues += _gaps(set(years))
    if issues:
        raise BuildStopped(tuple(issues))
    return _calendar(readable)


def _files(root: Path) -> Iterator[tuple[str, Callable[[], Marked]]]:
    """The program's files, then the site's, as they are called in findings; each with what reads it."""
    for entry in sorted(files("publish.disclose").joinpath("calendars").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            file = f"calendars/{entry.name}"
            yield file, partial(parse_own_yaml, entry.read_text(encoding="utf-8"), file)
    folder = root / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not path.name.startswith("."):
            file = f"{FOLDER}/{path.name}"
            yield file, partial(load_marked, path, file)


def _read(file: str, read: Callable[[], Marked]) -> Marked | Issue:
    if not _NAME.fullmatch(Path(file).name):
        hint = "a file here is called after its year, such as 2027.yaml"
        return Issue("calendar.bad-file", Level.ERROR, hint, file=file)
    try:
        return read()
    except NotReadable as fault:
        return Issue("calendar.bad-file", Level.ERROR, fault.hint, file=file, line=fault.line)


def _faults(year: int, marked: Marked) -> list[Issue]:
    faults = duplicate_issues(marked, BAD_VALUE) + schema_issues(marked, SCHEMA, CODES)
    return faults or list(_day_faults(year, marked))


def _day_faults(year: int, marked: Marked) -> Iterator[Issue]:
    """What the schema cannot say of days. Expects a file that fits it."""
    seen: set[date] = set()
    for path, day in _days(marked):
        weekend, kind = day.weekday() >= _SATURDAY, path[-2]
        hint = ""
        if day.year != year:
            hint = f"not a day of {year}; days of another year stand in the file of that year"
        elif day in seen:
            hint = "this day is listed twice"
        elif kind == "rest" and weekend:
            hint = "a Saturday or Sunday; rest lists only the weekdays that are off, weekends are off anyway"
        elif kind == "work" and not weekend:
            hint = "a weekday; work lists only the Saturdays and Sundays that are worked"
        if hint:
            yield marked.issue(BAD_VALUE, f"{key_name(path)}: {hint}", *path)
        seen.add(day)


def _days(marked: Marked) -> Iterator[tuple[KeyPath, date]]:
    """Every day of the file and where it stands: `("holidays", 0, "rest", 2)`."""
    for number, holiday in enumerate(marked.value["holidays"]):
        for kind in ("rest", "work"):
            for index, text in enumerate(holiday.get(kind, ())):
                yield ("holidays", number, kind, index), date.fromisoformat(text)


def _gaps(years: set[int]) -> Iterator[Issue]:
    """One issue for each run of years that are missing between known ones."""
    known = sorted(years)
    for before, after in pairwise(known):
        if after - before > 1:
            missing = f"{before + 1}" if after - before == 2 else f"{before + 1} to {after - 1}"
            hint = f"{before} and {after} are known, {missing} not; a calendar has no gaps: add a file for each year"
            yield Issue("calendar.gap", Level.ERROR, hint, file=f"{FOLDER}/{before + 1}.yaml", count=after - before - 1)


def _calendar(years: Mapping[int, Marked]) -> WorkingCalendar:
    days = [(path[-2], day) for marked in years.values() for path, day in _days(marked)]
    return working_calendar(
        date(min(years), 1, 1),
        date(max(years), 12, 31),
        off=[day for kind, day in days if kind == "rest"],
        worked=[day for kind, day in days if kind == "work"],
    )

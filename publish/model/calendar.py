"""Working days (工作日) of the People's Republic of China: Monday to Friday, as the State Council's yearly holiday
arrangements (部分节假日安排) move them. What the arrangements do not cover is unknown, never guessed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl


class CalendarUnknown(Exception):  # noqa: N818  (an outcome: the days are sound, the calendar ends too early)
    """A working day was asked for that the calendar does not reach. Its text tells what is known, never the day."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCalendar:
    """The working days from `first` to `last`, both included; `working_calendar` makes one.

    The methods take Series of Date and keep their names and lengths. A null day gives null, and so does one that lies,
    or leads, outside the calendar: `unknown` tells the two apart. TypeError for a Series of anything but dates.
    """

    first: date
    last: date
    # All working days, ascending (Date). And for each day of the calendar, and the one after `last`, how many working
    # days lie before it (Int64). With both, every question is a look-up by position.
    working: pl.Series = field(repr=False)
    before: pl.Series = field(repr=False)

    def after(self, days: pl.Series, count: int | pl.Series) -> pl.Series:
        """Date: the `count`-th working day after each day, which itself is not counted (Civil Code 201).

        `count` is a number or a Series of one per day; 0 is the day itself, working or not. Null too where the count
        is null. Raises ValueError for a count below 0.
        """
        counts = count.cast(pl.Int64) if isinstance(count, pl.Series) else _repeat(count, len(days))
        if (counts < 0).any():
            raise ValueError("a count of working days is 0 or more")
        position = self._positions(days)
        later = self.working.gather(self.before.gather(position + 1) + counts - 1, null_on_oob=True)
        same = days.cast(pl.Date).set(position.is_null(), None)
        return same.zip_with((counts == 0).fill_null(False), later).alias(days.name)

    def due(self, day: date, count: int) -> date:
        """`after` for one day. Raises CalendarUnknown where that is null."""
        found: date | None = self.after(pl.Series([day], dtype=pl.Date), count).item()
        if found is None:
            year = self.first.year - 1 if day < self.first else self.last.year + 1
            raise CalendarUnknown(
                f"working days are known from {self.first} to {self.last}; content/calendars/{year}.yaml adds a year"
            )
        return found

    def unknown(self, days: pl.Series, count: int) -> pl.Series:
        """Boolean, never null: there is a day, but the `count`-th working day after it is not known."""
        return days.is_not_null() & self.after(days, count).is_null()

    def between(self, start: pl.Series, end: pl.Series) -> pl.Series:
        """Int32: the working days after `start` up to and including `end`; below 0 where `end` is the earlier day.

        From one working day to another it is the count that `after` takes. A Series of one day stands for all rows.
        """
        first, last = (self.before.gather(self._positions(days) + 1) for days in (start, end))
        return (last - first).cast(pl.Int32).alias(end.name)

    def roll(self, days: pl.Series) -> pl.Series:
        """Date: each day that is a working day, and for the others the next one (Civil Code 203)."""
        position = self._positions(days)
        return self.working.gather(self.before.gather(position), null_on_oob=True).alias(days.name)

    def _positions(self, days: pl.Series) -> pl.Series:
        """Int64: days since `first`; null for a null day and for one outside the calendar."""
        if days.dtype not in (pl.Date, pl.Null):
            raise TypeError(f"expected days (Date), not {days.dtype}")
        position = days.cast(pl.Date).to_physical().cast(pl.Int64) - _number(self.first)
        return position.set(~position.is_between(0, _number(self.last) - _number(self.first)), None)


def working_calendar(first: date, last: date, off: Iterable[date], worked: Iterable[date]) -> WorkingCalendar:
    """The calendar of a span: weekdays work but for the days `off`, weekends do not but for the days `worked`.

    Days outside the span are passed over. Raises ValueError if `last` lies before `first`.
    """
    if last < first:
        raise ValueError("a calendar ends on its first day or later")
    days = np.arange(np.datetime64(first), np.datetime64(last + timedelta(days=1)))
    works = np.is_busday(days, weekmask="1111100", holidays=_array(off)) | np.isin(days, _array(worked))
    before = np.concatenate(([0], np.cumsum(works)))
    return WorkingCalendar(
        first, last, working=pl.Series("working", days[works]), before=pl.Series("before", before, dtype=pl.Int64)
    )


def _array(days: Iterable[date]) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.array(list(days), dtype="datetime64[D]")


def _number(day: date) -> int:
    """As Polars and numpy number days: 1970-01-01 is 0."""
    return (day - date(1970, 1, 1)).days


def _repeat(count: int, length: int) -> pl.Series:
    return pl.repeat(count, length, dtype=pl.Int64, eager=True)

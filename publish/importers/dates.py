"""Dates as legacy tables write them: Japanese eras and Western years, to calendar days. Never a guess.

What cannot be read for certain is no date: a missing era or month, a two-digit year without an era, day-first dates,
days that do not exist, an era outside its own days (平成 ends on 2019-04-30). The eras follow the imperial edicts on
their names (改元詔書, 元号法): 1912-07-30 and 1926-12-25 belong to both neighbours. 明治 is read from its sixth year
on, since Japan counted by the lunisolar calendar before 1873-01-01 and such days have other Western dates.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True, slots=True)
class Era:
    """One era: `name`, its one-letter `initial`, its `first` and `last` day (None: it still runs) as read here."""

    name: str
    initial: str
    year_zero: int
    first: date
    last: date | None

    def day(self, year: int, month: int, day: int) -> date | None:
        """The day in year `year` of the era; None if there is no such day in it."""
        found = _calendar_day(self.year_zero + year, month, day)
        if year < 1 or found is None or found < self.first or (self.last is not None and found > self.last):
            return None
        return found


ERAS = (
    Era("明治", "M", 1867, date(1873, 1, 1), date(1912, 7, 30)),
    Era("大正", "T", 1911, date(1912, 7, 30), date(1926, 12, 25)),
    Era("昭和", "S", 1925, date(1926, 12, 25), date(1989, 1, 7)),
    Era("平成", "H", 1988, date(1989, 1, 8), date(2019, 4, 30)),
    Era("令和", "R", 2018, date(2019, 5, 1), None),
)

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_ERA_NAMES = "|".join(name for era in ERAS for name in (era.name, era.initial))
_MONTH_DAY = (
    r"(?:年(?P<m1>[0-9]{1,2})月(?P<d1>[0-9]{1,2})日|(?P<sep>[./-])(?P<m2>[0-9]{1,2})(?P=sep)(?P<d2>[0-9]{1,2}))"
)
_ERA_DATE = re.compile(rf"(?P<era>{_ERA_NAMES})\.?(?P<year>元|[0-9]{{1,2}}){_MONTH_DAY}")
_WESTERN_DATE = re.compile(rf"(?:西暦)?(?P<year>[0-9]{{4}}){_MONTH_DAY}")
_COMPACT_DATE = re.compile(r"(?P<year>[0-9]{4})(?P<m1>[0-9]{2})(?P<d1>[0-9]{2})")
# Spreadsheets write a date cell as midnight; any other time says that the cell is not a mere date.
_MIDNIGHT = re.compile(r"(?<=[0-9])[ T]0?0:00(?::00(?:\.0+)?)?$")
_SPACE = re.compile(r"\s+")


def parse_date(text: str) -> date | None:
    """The day that `text` writes for certain, else None.

    Read are era dates (平成29年５月15日, H28.10.4, 令和元年5月1日, S64/1/7, R1-05-01) and Western dates, year first
    (2017年5月15日, 2017/5/15, 2017-05-15, 20170515), in digits and letters of any width, with the sign ㍻ for 平成,
    with white space anywhere. A midnight behind the date (`2017/5/15 0:00`) is dropped.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().upper()
    plain = _SPACE.sub("", _MIDNIGHT.sub("", _SPACE.sub(" ", plain)))
    if match := _ERA_DATE.fullmatch(plain):
        era = next(era for era in ERAS if match["era"] in (era.name, era.initial))
        return era.day(1 if match["year"] == "元" else int(match["year"]), *_month_and_day(match))
    match = _WESTERN_DATE.fullmatch(plain)
    if match:
        return _calendar_day(int(match["year"]), *_month_and_day(match))
    match = _COMPACT_DATE.fullmatch(plain)
    return _calendar_day(int(match["year"]), int(match["m1"]), int(match["d1"])) if match else None


def parse_dates(texts: pl.Series) -> pl.Series:
    """`parse_date` over a String column, as a Date column of the same name; each distinct text is read once."""
    distinct = texts.drop_nulls().unique()
    days = pl.Series([parse_date(text) for text in distinct.to_list()], dtype=pl.Date)
    return texts.replace_strict(distinct, days, default=None, return_dtype=pl.Date)


def _month_and_day(match: re.Match[str]) -> tuple[int, int]:
    return int(match["m1"] or match["m2"]), int(match["d1"] or match["d2"])


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

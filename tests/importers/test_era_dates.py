"""Dates of legacy tables: every era there and back, and nothing guessed."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.importers.dates import ERAS, Era, parse_date, parse_dates

FULL_WIDTH = str.maketrans("0123456789./-", "０１２３４５６７８９．／－")
LAST_DAY = date(2099, 12, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("平成29年５月15日", date(2017, 5, 15)),
        ("H28.10.4", date(2016, 10, 4)),
        ("Ｈ２８．１０．４", date(2016, 10, 4)),
        ("h28.10.04", date(2016, 10, 4)),
        ("H.28.10.4", date(2016, 10, 4)),
        ("平成 29 年 5 月 15 日\n", date(2017, 5, 15)),
        ("㍻29年5月15日", date(2017, 5, 15)),
        ("㋿2年5月15日", date(2020, 5, 15)),
        ("令和元年５月１日", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("S64/1/7", date(1989, 1, 7)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("大正15年12月25日", date(1926, 12, 25)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("明治45年7月30日", date(1912, 7, 30)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("明治6年1月1日", date(1873, 1, 1)),
        ("H28-2-29", date(2016, 2, 29)),
        ("H28−2−29", date(2016, 2, 29)),
        ("2017年5月15日", date(2017, 5, 15)),
        ("西暦2017年5月15日", date(2017, 5, 15)),
        ("2017/5/15", date(2017, 5, 15)),
        ("2017/5/15 0:00", date(2017, 5, 15)),
        ("2017-05-15T00:00:00", date(2017, 5, 15)),
        ("2017-05-15 00:00:00.000", date(2017, 5, 15)),
        ("20170515", date(2017, 5, 15)),
    ],
)
def test_reads(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "　",
        "不明",
        "平成31年5月1日",  # the era had ended
        "H31.5.1",
        "令和元年4月30日",  # it had not begun
        "昭和64年1月8日",
        "平成元年1月7日",
        "大正15年12月26日",
        "明治5年12月2日",  # lunisolar
        "令和0年5月1日",
        "H29.2.29",
        "H29.13.1",
        "H29.5",
        "平成29年5月",
        "平成29年5月15",
        "29.5.15",  # which era?
        "17/5/15",
        "15/5/2017",  # day or month first?
        "05-15-2017",
        "42870",  # a spreadsheet's day number
        "H29.5/15",
        "H29.5.15送検",
        "H29.5.15、H29.6.1",
        "2017/5/15 10:30",
        "2017/5/150:00",
        "20170532",
        "平成二十九年五月十五日",
        "K29.5.15",
        "HH29.5.15",
    ],
)
def test_refuses_to_guess(text: str) -> None:
    assert parse_date(text) is None


def _days(era: Era) -> st.SearchStrategy[tuple[Era, date]]:
    return st.tuples(st.just(era), st.dates(era.first, era.last or LAST_DAY))


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.one_of([_days(era) for era in ERAS]),
    st.sampled_from(["{y}年{m}月{d}日", "{y}.{m}.{d}", "{y}/{m}/{d}", "{y}-{m}-{d}"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_every_day_of_every_era_reads_back(
    era_day: tuple[Era, date], form: str, by_initial: bool, wide: bool, padded: bool
) -> None:
    era, day = era_day
    year = day.year - era.year_zero
    width = 2 if padded else 1
    shown = "元" if year == 1 and not padded else f"{year:0{width}}"
    text = form.format(y=shown, m=f"{day.month:0{width}}", d=f"{day.day:0{width}}")
    text = (era.initial if by_initial else era.name) + (text.translate(FULL_WIDTH) if wide else text)
    assert parse_date(text) == day


@settings(deadline=None)  # a busy machine is no fault
@given(st.sampled_from(ERAS), st.integers(1, 40_000))
def test_no_day_outside_an_era_is_read(era: Era, distance: int) -> None:
    before = era.first - timedelta(days=distance)
    outside = [before] if before.year > era.year_zero else []
    if era.last is not None:
        outside.append(era.last + timedelta(days=distance))
    for day in outside:
        year = day.year - era.year_zero
        assert parse_date(f"{era.name}{year}年{day.month}月{day.day}日") is None


@settings(deadline=None)  # a busy machine is no fault
@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_every_western_day_reads_back(day: date) -> None:
    for text in (
        day.isoformat(),
        day.strftime("%Y/%m/%d"),
        day.strftime("%Y%m%d"),
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert parse_date(text) == day


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(max_size=20))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert parse_date(text) is None or isinstance(parse_date(text), date)


def test_a_column() -> None:
    texts = pl.Series("on", ["H28.10.4", None, "不明", "H28.10.4", ""])
    days = parse_dates(texts)
    assert days.to_list() == [date(2016, 10, 4), None, None, date(2016, 10, 4), None]
    assert days.dtype == pl.Date
    assert days.name == "on"


def test_an_empty_column() -> None:
    assert parse_dates(pl.Series("on", [], dtype=pl.String)).dtype == pl.Date
    assert parse_dates(pl.Series("on", [None], dtype=pl.String)).to_list() == [None]

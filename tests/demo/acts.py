"""What all acts have in common: working days, document numbers, subjects and authorities as columns."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tests.demo.authorities import AUTHORITIES, AUTHORITY_KEYS, authority_codes
from tests.demo.streams import Days, Floats, Ints
from tests.demo.subjects import KINDS
from tests.demo.words import DISTRICT_MARKS

# A little more than three years, so that serious records of the beginning have expired too.
SPAN_DAYS: Final = 1140
RESIDENT_CARD: Final = "身份证"


def decision_days(uniform: Floats, as_of: date, span: int = SPAN_DAYS) -> Days:
    """Working days (Monday to Friday, not the fixed holidays) up to the as-of day, sorted.

    The newest day is 2.3 times as likely as the oldest: density 0.6 + 0.8 x over the span, drawn by its inverse.
    """
    newness = (np.sqrt(0.36 + 1.6 * uniform) - 0.6) / 0.8
    back = np.floor(span * (1 - newness)).astype(np.int64)
    days = np.datetime64(as_of, "D") - back.astype("timedelta64[D]")
    years = range(as_of.year - 5, as_of.year + 1)
    feasts = ["01-01", "05-01", "05-02", "05-03", *(f"10-{day:02d}" for day in range(1, 8))]
    holidays = np.array([f"{year}-{feast}" for year in years for feast in feasts], dtype="datetime64[D]")
    return np.sort(np.busday_offset(days, 0, roll="backward", holidays=holidays))


def serial_numbers(frame: pl.DataFrame) -> pl.Series:
    """Running number from 1 within `authority`, `district` and the year of `day`, in row order."""
    return frame.select(
        pl.int_range(1, pl.len() + 1).over("authority", "district", pl.col("day").dt.year())
    ).to_series()


def document_number(word: str) -> pl.Expr:
    """文号 such as 汀澜市监霁处罚〔2026〕12号, from `authority`, `district`, `day` and `serial`."""
    marks = [AUTHORITIES[key].mark for key in AUTHORITY_KEYS]
    return pl.concat_str(
        indexed("authority", marks),
        indexed("district", DISTRICT_MARKS),
        pl.lit(f"{word}〔"),
        pl.col("day").dt.year().cast(pl.String),
        pl.lit("〕"),
        pl.col("serial").cast(pl.String),
        pl.lit("号"),
    )


def indexed(column: str, words: Sequence[str | None]) -> pl.Expr:
    """The words at the indices in a column; null stays null."""
    lookup = dict(enumerate(words))
    return pl.col(column).replace_strict(lookup, default=None, return_dtype=pl.String)


def subject_columns(prefix: str) -> list[pl.Expr]:
    """The 双公示 subject fields, in the order of the 2018 standard, from the columns of make_subjects."""
    person = pl.col("kind") == KINDS.index("自然人")
    card = pl.lit(RESIDENT_CARD)
    number = pl.col("person_no")
    return [
        pl.col("name").alias(f"{prefix}_XDR_MC"),
        indexed("kind", KINDS).alias(f"{prefix}_XDR_LB"),
        pl.col("code").alias(f"{prefix}_XDR_SHXYM"),
        pl.col("registration").alias(f"{prefix}_XDR_GSZC"),
        pl.col("body_no").alias(f"{prefix}_XDR_ZZJG"),
        pl.col("tax_no").alias(f"{prefix}_XDR_SWDJ"),
        pl.col("institution_no").alias(f"{prefix}_XDR_SYDW"),
        pl.col("social_no").alias(f"{prefix}_XDR_SHZZ"),
        pl.col("chief").alias(f"{prefix}_FRDB"),
        pl.when(~person).then(card).alias(f"{prefix}_FR_ZJLX"),
        pl.when(~person).then(number).alias(f"{prefix}_FR_ZJHM"),
        pl.when(person).then(card).alias(f"{prefix}_XDR_ZJLX"),
        pl.when(person).then(number).alias(f"{prefix}_XDR_ZJHM"),
    ]


def authority_name() -> pl.Expr:
    """Full name of the authority."""
    return indexed("authority", [AUTHORITIES[key].name for key in AUTHORITY_KEYS])


def authority_code() -> pl.Expr:
    """Credit code of the authority."""
    return indexed("authority", authority_codes())


def day_column(days: Days) -> pl.Series:
    """Days as a Date column; NaT becomes null."""
    return pl.Series(days.astype("datetime64[D]"), dtype=pl.Date)


def chosen_text(options: Sequence[Sequence[str]], row: Ints, uniform: Floats) -> Ints:
    """Index into the flattened `options` of one text of the options' row."""
    sizes = np.array([len(texts) for texts in options], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    return np.asarray(starts[row] + np.floor(uniform * sizes[row]).astype(np.int64), dtype=np.int64)


def flattened(options: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """All texts of all rows, as chosen_text counts them."""
    return tuple(text for texts in options for text in texts)

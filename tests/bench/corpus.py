"""A realistic table of penalties of any size, and the same one night later: what benches of search are run on.

All is invented (see corpus_words). Made in columns: a million rows in seconds, the same arguments give the same table.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.model.terms import Flag, Kind, Severity
from tests.bench.corpus_subjects import organisations, persons
from tests.bench.corpus_texts import AUTHORITIES, authorities_of, texts
from tests.bench.corpus_words import REGIONS
from tests.demo.streams import Days, Streams, gather

INFO: Final = DatasetInfo("penalties", "行政处罚", Kind.PENALTY, "汀澜市信用信息中心（虚构）")
_PERSON_SHARE: Final = 0.1
_SUBJECTS_PER_ROW: Final = 0.6
_YEARS: Final = {Severity.GENERAL: 1, Severity.SERIOUS: 3}
_GENERAL_SHARE: Final = 0.8  # of the last year
# What changes in a night, per million rows.
_NEW: Final = 500
_REPAIRED: Final = 20
_CORRECTED: Final = 5
_FAR: Final = 50_000_000  # organisations of later nights are numbered from here
# After the national standard of 2018.
FIELDS: Final = (
    PublicField("CF_WSH", "行政处罚决定书文号"),
    PublicField("CF_XDR_MC", "行政相对人名称", masked=True),
    PublicField("CF_XDR_LB", "行政相对人类别"),
    PublicField("CF_XDR_SHXYM", "统一社会信用代码"),
    PublicField("CF_FRDB", "法定代表人（负责人）", masked=True),
    PublicField("CF_WFXW", "违法行为类型"),
    PublicField("CF_AY", "案由"),
    PublicField("CF_SY", "违法事实", masked=True),
    PublicField("CF_YJ", "处罚依据"),
    PublicField("CF_CFLB", "处罚类别"),
    PublicField("CF_NR", "处罚内容"),
    PublicField("CF_NR_FK", "罚款金额（万元）", type="number"),
    PublicField("CF_NR_WFFF", "没收违法所得、没收非法财物的金额（万元）", type="number"),
    PublicField("CF_NR_ZKDX", "暂扣或吊销证照名称"),
    PublicField("CF_JDRQ", "处罚决定日期", type="date"),
    PublicField("CF_GSJZQ", "公示截止期", type="date"),
    PublicField("CF_CFCX", "处罚程序"),
    PublicField("CF_CFJG", "处罚机关"),
    PublicField("CF_CFJGDM", "处罚机关统一社会信用代码"),
    PublicField("CF_SJLY", "数据来源单位"),
    PublicField("BZ", "备注"),
)
_REPEATED: Final = {
    "CF_WSH": "_title",
    "CF_XDR_MC": "_subject",
    "CF_XDR_SHXYM": "_code",
    "CF_AY": "_reason",
    "CF_CFJG": "_authority",
    "CF_SJLY": "_authority",
}
_COLUMNS: Final = (
    *("_key", "_title", "_subject", "_code", "_kind", "_date", "_until", "_authority", "_severity", "_reason", "_flag"),
    *(field.name for field in FIELDS),
)


def penalties(rows: int, seed: int = 1, as_of: date = date(2026, 11, 20)) -> PublicTable:
    """`rows` penalties, all public on `as_of`: general ones of the last year, serious ones of the last three."""
    streams = Streams(seed)
    back = streams.below("row.day", rows, (as_of - _years_before(as_of, 3)).days + 1)
    back[:1] = 0  # so that the table tells its day
    acts = _acts(streams, np.datetime64(as_of, "D") - back.astype("timedelta64[D]"), as_of)
    people = round(rows * _PERSON_SHARE)
    size = min(round(rows * _SUBJECTS_PER_ROW), rows - people)
    known = organisations(streams, size)
    # Everybody once, and the rest by the square: a few have hundreds.
    again = np.floor(streams.uniform("row.again", rows - people - size) ** 2 * size).astype(np.int64)
    chosen = known[np.concatenate([np.arange(size), again])]
    subjects = pl.concat([chosen, persons(streams, people)])[streams.shuffled("row.subject", rows)]
    return _table(_records(streams, acts, subjects, _serials_of_years(as_of)))


def night(table: PublicTable, seed: int, share: float | None = None) -> PublicTable:
    """The table on the next day: new records, expired and repaired ones gone, some reasons corrected.

    With `share` so much of all this that it concerns that share of the records: the rest of those that expire stay.
    """
    streams = Streams(seed * 1_000_003 + 7)
    frame = table.frame
    as_of = frame["_date"].max()
    assert isinstance(as_of, date)
    tomorrow = as_of + timedelta(days=1)
    draws = np.argsort(streams.uniform("night.rows", frame.height), kind="stable")
    ends = (frame["_until"] < tomorrow).to_numpy()
    usual = sum(_per_million(count, frame.height) for count in (_NEW, _REPAIRED, _CORRECTED)) + int(ends.sum())
    part = 1.0 if share is None else share * frame.height / usual
    repaired, corrected, fresh = (_per_million(count * part, frame.height) for count in (_REPAIRED, _CORRECTED, _NEW))
    ends[np.flatnonzero(ends)[round(part * ends.sum()) :]] = False
    touched = pl.DataFrame({"gone": _marked(draws[:repaired], frame.height)})
    touched = touched.with_columns(_marked(draws[repaired : repaired + corrected], frame.height).alias("corrected"))
    later = pl.when("corrected").then(pl.format("{}（已更正）", "_reason")).otherwise("_reason")
    kept = (
        frame.hstack(touched)
        .with_columns(later.alias("_reason"))
        .with_columns(pl.col("_reason").alias("CF_AY"))
        .filter(~pl.Series(ends) & ~pl.col("gone"))
        .drop("gone", "corrected")
    )
    new = _new_records(streams, frame, tomorrow, seed, fresh)
    return _table(pl.concat([new, kept]))


def _new_records(streams: Streams, frame: pl.DataFrame, day: date, seed: int, size: int) -> pl.DataFrame:
    """The records of one more day: half of them about organisations that are known already."""
    people, some = size // 10, (size - size // 10) // 2
    coded = frame.filter(pl.col("_code").is_not_null())
    known = coded[streams.below("night.known", some if coded.height else 0, max(coded.height, 1))].select(
        pl.col("_subject").alias("name"),
        pl.col("_code").alias("code"),
        pl.col("_kind").alias("kind"),
        pl.col("_code").str.slice(2, 6).replace_strict({r: p for p, r in enumerate(REGIONS)}).alias("place"),
    )
    fresh = organisations(streams, size - people - known.height, first=_FAR + seed % 40 * 1_000_000)
    subjects = pl.concat([known, fresh, persons(streams, people)])[streams.shuffled("row.subject", size)]
    acts = _acts(streams, np.full(size, np.datetime64(day, "D")), day)
    last = (
        frame.filter(pl.col("_date").dt.year() == day.year)
        .group_by("_authority")
        .agg(pl.col("_title").str.extract(r"(\d+)号$").cast(pl.Int64).max().alias("base"))
    )
    return _records(streams, acts, subjects, last)


def _table(frame: pl.DataFrame) -> PublicTable:
    return PublicTable(INFO, FIELDS, frame.select(_COLUMNS))


def _acts(streams: Streams, days: Days, as_of: date) -> pl.DataFrame:
    """`_key`, `_date`, `_until`, `_severity` and `_flag`, in the order of the table."""
    size = len(days)
    year_ago = np.datetime64(_years_before(as_of, 1), "D")
    general = (days >= year_ago) & streams.chance("row.general", size, _GENERAL_SHARE)
    objection = pl.Series(streams.chance("row.flag", size, 0.005))
    frame = pl.DataFrame({"_date": pl.Series(days, dtype=pl.Date), "_key": _keys(streams, size), "general": general})
    date_, is_general = pl.col("_date"), pl.col("general")
    return frame.select(
        "_key",
        "_date",
        pl.when(is_general)
        .then(date_.dt.offset_by(f"{_YEARS[Severity.GENERAL]}y"))
        .otherwise(date_.dt.offset_by(f"{_YEARS[Severity.SERIOUS]}y"))
        .alias("_until"),
        pl.when(is_general)
        .then(pl.lit(Severity.GENERAL.value))
        .otherwise(pl.lit(Severity.SERIOUS.value))
        .alias("_severity"),
        pl.when(objection).then(pl.lit(Flag.OBJECTION.value)).alias("_flag"),
    ).sort(["_date", "_key"], descending=[True, False])


def _records(streams: Streams, acts: pl.DataFrame, subjects: pl.DataFrame, base: pl.DataFrame) -> pl.DataFrame:
    """All columns: acts in order, each about the subject in the same row; numbers go on from those of `base`."""
    named = subjects.rename({"name": "_subject", "code": "_code", "kind": "_kind"})
    frame = acts.hstack(named).with_columns(pl.Series("bureau", authorities_of(streams, named["place"].to_numpy())))
    frame = frame.with_columns(
        gather([authority.name for authority in AUTHORITIES], frame["bureau"].to_numpy()).alias("_authority")
    )
    frame = frame.with_columns(_numbers(frame, base).alias("_title"))
    frame = frame.hstack(texts(streams, frame))
    frame = frame.with_columns(pl.col(source).alias(name) for name, source in _REPEATED.items())
    return frame.select(_COLUMNS)


def _numbers(frame: pl.DataFrame, base: pl.DataFrame) -> pl.Series:
    """文号: rising with the date within authority and year, one in ten left out (what is not published)."""
    year = pl.col("_date").dt.year()
    serial = pl.int_range(pl.len(), 0, -1).over("_authority", year)
    if "share" in base.columns:
        counted = frame.with_columns(
            pl.len().over("_authority", year).alias("count"), year.cast(pl.Int64).alias("year")
        )
        before = (
            counted.join(base, on="year", how="left", maintain_order="left")["share"].fill_null(0.0) * counted["count"]
        )
        before = before.cast(pl.Int64)
    else:
        joined = frame.select("_authority").join(base, on="_authority", how="left", maintain_order="left")
        before = joined["base"].fill_null(0)
    number = before + frame.select(serial + serial // 9).to_series()
    bureau = frame["bureau"].to_numpy()
    heads, tails = [a.head for a in AUTHORITIES], [a.middle for a in AUTHORITIES]
    written = frame.select(year.cast(pl.String)).to_series()
    return gather(heads, bureau) + written + gather(tails, bureau) + number.cast(pl.String) + "号"


def _serials_of_years(as_of: date) -> pl.DataFrame:
    """How many numbers of the oldest year were given before the table begins, as a share of those after."""
    start = _years_before(as_of, 3)
    passed = (start - date(start.year, 1, 1)).days
    return pl.DataFrame(
        {"year": [start.year], "share": [passed / (366 - passed)]}, schema={"year": pl.Int64, "share": pl.Float64}
    )


def _keys(streams: Streams, size: int) -> pl.Series:
    """20 hex digits each, as of a hash: uniform, 80 bits."""
    halves = [(streams.uniform(f"row.key.{part}", size) * 2**40).astype(np.int64) for part in "ab"]
    digits = np.empty((size, 20), dtype=np.uint8)
    alphabet = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    for place in range(10):
        for part, half in enumerate(halves):
            digits[:, part * 10 + place] = alphabet[(half >> (4 * place)) & 15]
    joined = digits.tobytes().decode("ascii")
    return pl.Series([joined[at : at + 20] for at in range(0, len(joined), 20)], dtype=pl.String)


def _per_million(count: float, rows: int) -> int:
    return max(1, round(count * rows / 1_000_000))


def _marked(index: Sequence[int] | np.ndarray, size: int) -> pl.Series:
    marks = np.zeros(size, dtype=bool)
    marks[index] = True
    return pl.Series(marks)


def _years_before(day: date, years: int) -> date:
    """The first date whose record of so many years is still public on `day`."""
    leap = day.month == 2 and day.day == 29
    return date(day.year - years, 3, 1) if leap else day.replace(year=day.year - years)

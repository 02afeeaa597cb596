"""The registers: objections, applications for credit repair, corrections, revocations, prior notices."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tests.demo.acts import day_column
from tests.demo.penalties import GENERAL, PLANTED, SERIOUS
from tests.demo.streams import Days, Ints, Streams
from tests.demo.subjects import PERSON

OPEN, GRANTED, REJECTED = 0, 1, 2
OBJECTION_STATES: Final = ("核查中", "成立", "不成立")
REPAIR_STATES: Final = ("审核中", "准予", "不予")
CORRECTIONS: Final = ("更正内容", "撤回", "错误列入")
REVOCATIONS: Final = ("决定被撤销", "主体注销", None)
_NOTES: Final = ("依当事人异议更正", f"经核查更正，联系人{PLANTED[1]}", None)
_GROUNDS: Final = ("决定文书号登记有误", "主体名称登记有误", "处罚决定已被撤销", "公示期限计算有误", "非本单位所为")
_UNTOLD: Final = 30
_MIN_AGE: Final = 130  # days from a decision to its first possible repair: the shortest publication, and the review


def living_penalties(plan: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Penalties that a site under the national rules shows on the as-of day: rows of the plan."""
    period = pl.when(pl.col("severity") == SERIOUS).then(pl.lit("36mo")).otherwise(pl.lit("12mo"))
    until = pl.min_horizontal("valid_until", "publish_until", pl.col("day").dt.offset_by(period))
    return plan.filter(pl.col("severity").is_in([GENERAL, SERIOUS]) & ~pl.col("summary") & (until >= as_of))


def make_objections(
    streams: Streams, name: str, records: pl.DataFrame, ids: pl.Expr, size: int, as_of: date
) -> pl.DataFrame:
    """A register of objections: all columns as String. A third is under review, filed within the last ten days."""
    chosen = _some(streams, f"{name}.objection", records, size)
    count = len(chosen)
    state = streams.weighted(f"{name}.objection.state", count, (34, 26, 40))
    ages = np.where(state == OPEN, 0, 20) + streams.below(f"{name}.objection.age", count, 10)
    filed, closed = _dates(chosen, state, ages, 12, as_of)
    return pl.DataFrame({"state": state}).select(
        _number("YY", count).alias("YY_BH"),
        chosen.select(ids.alias("JLBH")).to_series(),
        filed.cast(pl.String).alias("YY_SQRQ"),
        pl.Series("YY_SQLY", [_GROUNDS[i] for i in streams.below(f"{name}.objection.ground", count, len(_GROUNDS))]),
        pl.Series("YY_ZT", [OBJECTION_STATES[i] for i in state]),
        _checked(streams, f"{name}.objection", filed, as_of).cast(pl.String).alias("YY_HCRQ"),
        closed.cast(pl.String).alias("YY_BJRQ"),
    )


def make_repairs(
    streams: Streams, name: str, records: pl.DataFrame, ids: pl.Expr, size: int, as_of: date
) -> pl.DataFrame:
    """A register of repairs: all columns as String. Half is granted, most of it within the last four weeks."""
    chosen = _some(streams, f"{name}.repair", records.filter(pl.col("day") < as_of - pl.duration(days=_MIN_AGE)), size)
    count = len(chosen)
    state = streams.weighted(f"{name}.repair.state", count, (28, 50, 22))
    recent = np.where(streams.chance(f"{name}.repair.recent", count, 0.65), 0, 30)
    ages = np.where(state == OPEN, 1, 21 + recent) + streams.below(f"{name}.repair.age", count, 26)
    filed, closed = _dates(chosen, state, ages, 20, as_of)
    return pl.DataFrame({"state": state}).select(
        _number("XF", count).alias("XF_BH"),
        chosen.select(ids.alias("JLBH")).to_series(),
        filed.cast(pl.String).alias("XF_SQRQ"),
        _number("CN", count).alias("XF_CNSBH"),
        pl.Series("XF_ZT", [REPAIR_STATES[i] for i in state]),
        closed.cast(pl.String).alias("XF_BJRQ"),
    )


def make_corrections(
    streams: Streams, name: str, objections: pl.DataFrame, records: pl.DataFrame, ids: pl.Expr, size: int, as_of: date
) -> pl.DataFrame:
    """A register of corrections: all columns as String. Every other upheld objection was answered, up to three days
    later, and the others wait still; `size` more corrections have every effect, within the last forty days."""
    upheld = objections.filter(pl.col("YY_ZT") == OBJECTION_STATES[GRANTED])[::2]
    closed = upheld["YY_BJRQ"].str.to_date().to_numpy().astype("datetime64[D]")
    answered = np.minimum(closed + streams.below(f"{name}.correction.answer", len(upheld), 3) + 1, _day(as_of))
    chosen = _some(streams, f"{name}.correction", records, size)
    count = len(upheld) + len(chosen)
    effect = np.concatenate([np.zeros(len(upheld), dtype=np.int64), np.arange(len(chosen)) % len(CORRECTIONS)])
    days = np.concatenate([answered, _recent(streams, f"{name}.correction", chosen, as_of)])
    return pl.DataFrame({"effect": effect}).select(
        _number("GZ", count).alias("GZ_BH"),
        pl.concat([upheld["JLBH"], chosen.select(ids.alias("JLBH")).to_series()]),
        day_column(days).cast(pl.String).alias("GZ_RQ"),
        pl.Series("GZ_JG", [CORRECTIONS[i] for i in effect]),
        pl.Series("GZ_SM", [_NOTES[i % len(_NOTES)] for i in range(count)], dtype=pl.String),
    )


def make_revocations(
    streams: Streams, name: str, records: pl.DataFrame, ids: pl.Expr, size: int, as_of: date
) -> pl.DataFrame:
    """A register of revocations: all columns as String, with every effect. Persons do not dissolve."""
    chosen = _some(streams, f"{name}.revocation", records.filter(pl.col("kind") != PERSON), size)
    days = _recent(streams, f"{name}.revocation", chosen, as_of)
    reasons = [REVOCATIONS[i % len(REVOCATIONS)] for i in range(len(chosen))]
    return pl.DataFrame({"day": day_column(days)}).select(
        _number("CX", len(chosen)).alias("CX_BH"),
        chosen.select(ids.alias("JLBH")).to_series(),
        pl.col("day").cast(pl.String).alias("CX_RQ"),
        pl.Series("CX_SY", reasons, dtype=pl.String),
    )


def make_prior_notices(streams: Streams, plan: pl.DataFrame, ids: pl.Expr) -> pl.DataFrame:
    """A register of prior notices, ten to forty days before the listing; one listing in thirty has none."""
    told = plan.filter(pl.Series(np.arange(len(plan)) % _UNTOLD != _UNTOLD - 1))
    days = told["day"].to_numpy().astype("datetime64[D]") - 10
    days -= streams.below("notice.day", len(told), 31).astype("timedelta64[D]")
    return told.select(
        _number("TZ", len(told)).alias("TZ_BH"),
        ids.alias("JLBH"),
        day_column(days).cast(pl.String).alias("TZ_SDRQ"),
    )


def without_events(records: pl.DataFrame, ids: pl.Expr, *registers: pl.DataFrame) -> pl.DataFrame:
    """Records that none of the registers (with a column JLBH) is about."""
    used = pl.concat([register["JLBH"] for register in registers])
    return records.filter(~ids.is_in(used.implode()))


def _some(streams: Streams, name: str, records: pl.DataFrame, size: int) -> pl.DataFrame:
    """At most `size` of the records, each once."""
    picked = streams.shuffled(name, len(records))[:size]
    return records[pl.Series(np.sort(picked), dtype=pl.UInt32)]


def _dates(chosen: pl.DataFrame, state: Ints, ages: Ints, review: int, as_of: date) -> tuple[pl.Series, pl.Series]:
    """Day of filing, not before the decision, and day of closing (null while open), `review` days later at most."""
    filed = np.datetime64(as_of, "D") - ages.astype("timedelta64[D]")
    filed = np.maximum(filed, chosen["day"].to_numpy().astype("datetime64[D]"))
    closed = np.minimum(filed + review, np.datetime64(as_of, "D"))
    return day_column(filed), day_column(np.where(state == OPEN, np.datetime64("NaT", "D"), closed))


def _checked(streams: Streams, name: str, filed: pl.Series, as_of: date) -> pl.Series:
    """Day of the provider's check: three to six days after filing, if it has come; one in six was not noted."""
    count = len(filed)
    days = filed.to_numpy().astype("datetime64[D]") + streams.below(f"{name}.check", count, 4) + 3
    lacking = (days > _day(as_of)) | streams.chance(f"{name}.unchecked", count, 1 / 6)
    return day_column(np.where(lacking, np.datetime64("NaT", "D"), days))


def _recent(streams: Streams, name: str, chosen: pl.DataFrame, as_of: date) -> Days:
    """A day of the last forty for each record, not before its decision."""
    days = _day(as_of) - streams.below(f"{name}.age", len(chosen), 40).astype("timedelta64[D]")
    later: Days = np.maximum(days, chosen["day"].to_numpy().astype("datetime64[D]"))
    return later


def _day(day: date) -> np.datetime64:
    return np.datetime64(day, "D")


def _number(prefix: str, size: int) -> pl.Series:
    return pl.Series([f"{prefix}-{number:06d}" for number in range(1, size + 1)], dtype=pl.String)

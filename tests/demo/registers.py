"""The registers: objections to records and applications for credit repair."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tests.demo.acts import day_column
from tests.demo.penalties import GENERAL, SERIOUS
from tests.demo.streams import Ints, Streams

OPEN, GRANTED, REJECTED = 0, 1, 2
OBJECTION_STATES: Final = ("核查中", "成立", "不成立")
REPAIR_STATES: Final = ("审核中", "准予", "不予")
_GROUNDS: Final = ("决定文书号登记有误", "主体名称登记有误", "处罚决定已被撤销", "公示期限计算有误", "非本单位所为")
_MIN_AGE: Final = 130  # days from a decision to its first possible repair: the shortest publication, and the review


def living_penalties(plan: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Penalties that a site under the national rules shows on the as-of day: rows of the plan."""
    period = pl.when(pl.col("severity") == SERIOUS).then(pl.lit("36mo")).otherwise(pl.lit("12mo"))
    until = pl.min_horizontal("valid_until", "publish_until", pl.col("day").dt.offset_by(period))
    return plan.filter(pl.col("severity").is_in([GENERAL, SERIOUS]) & ~pl.col("summary") & (until >= as_of))


def living_listings(plan: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Listings on the black list that a site shows on the as-of day: rows of the plan."""
    return plan.filter((pl.col("severity") < 2) & (pl.col("until") >= as_of) & (pl.col("starts") <= as_of))


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


def _number(prefix: str, size: int) -> pl.Series:
    return pl.Series([f"{prefix}-{number:06d}" for number in range(1, size + 1)], dtype=pl.String)

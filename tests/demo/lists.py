"""The black list and the red list."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tests.demo.acts import (
    RESIDENT_CARD,
    authority_code,
    authority_name,
    chosen_text,
    day_column,
    decision_days,
    document_number,
    flattened,
    indexed,
    serial_numbers,
)
from tests.demo.authorities import AUTHORITY_KEYS
from tests.demo.kinds import Listing, Suitable
from tests.demo.penalties import SERIOUS
from tests.demo.permits import BLACKLISTS, REDLISTS
from tests.demo.streams import Ints, Streams
from tests.demo.subjects import KINDS, PERSON

_COLLISIONS: Final = 4  # subjects on both lists: the case of the red/black cross-check
_MARKS: Final = ("长期", "2099-12-31", None, None)
_DATED, _BLANK = 2, 3
_SEVERITIES: Final = ("严重", "一般", None)


def plan_blacklist(
    streams: Streams, subjects: pl.DataFrame, penalties: pl.DataFrame, size: int, as_of: date
) -> pl.DataFrame:
    """One row for each listing of somebody with a serious penalty; columns as _plan says, and `severity`."""
    serious = penalties.filter(pl.col("severity") == SERIOUS)["subject"].unique(maintain_order=True).to_numpy()
    order = streams.shuffled("blacklist.subject", len(serious))
    plan = _plan(streams, "blacklist", subjects, serious[order][:size].astype(np.int64), BLACKLISTS, as_of)
    severity = pl.Series("severity", streams.weighted("blacklist.severity", len(plan), (80, 18, 2)))
    months = pl.when(pl.col("severity") == 1).then(pl.lit("12mo")).otherwise(pl.lit("36mo"))
    return plan.with_columns(severity).with_columns(pl.col("day").dt.offset_by(months).alias("until"))


def plan_redlist(
    streams: Streams, subjects: pl.DataFrame, penalties: pl.DataFrame, blacklist: pl.DataFrame, size: int, as_of: date
) -> pl.DataFrame:
    """One row for each listing of somebody without a penalty, or of a few who are on the black list; see _plan."""
    clean = subjects.join(penalties.select("subject"), on="subject", how="anti", maintain_order="left")[
        "subject"
    ].to_numpy()
    order = streams.shuffled("redlist.subject", len(clean))
    both = living_listings(blacklist.filter(pl.col("kind") != PERSON), as_of)["subject"].to_numpy()
    both = both[: min(_COLLISIONS, size)]
    chosen = np.concatenate([both, clean[order][: size - len(both)]]).astype(np.int64)
    plan = _plan(streams, "redlist", subjects, chosen[streams.shuffled("redlist.mix", len(chosen))], REDLISTS, as_of)
    return plan.with_columns(pl.col("day").dt.offset_by("24mo").alias("until"))


def living_listings(plan: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Listings on the black list that a site shows on the as-of day: rows of the plan."""
    return plan.filter((pl.col("severity") < 2) & (pl.col("until") >= as_of) & (pl.col("starts") <= as_of))


def _plan(
    streams: Streams, name: str, subjects: pl.DataFrame, subject: Ints, lists: Sequence[Listing], as_of: date
) -> pl.DataFrame:
    """Columns: `record`, `subject`, `kind`, `district`, `day` Date, `list`, `authority`, `serial`, `reason`, `starts`
    Date, `end` (0, 1: long-term marks; 2: `until`; 3: blank); the caller adds `until`."""
    size = len(subject)
    kind = subjects["kind"].to_numpy()[subject].astype(np.int64)
    sector = subjects["sector"].to_numpy()[subject]
    row = Suitable.of(lists).choose(streams.uniform(f"{name}.list", size), kind, sector)
    day = decision_days(streams.uniform(f"{name}.day", size), as_of)
    recent = day > np.datetime64(as_of, "D") - 21
    wait = np.where(recent & streams.chance(f"{name}.waits", size, 0.5), 22, 0) + streams.below(f"{name}.wait", size, 5)
    of_authority = np.array([AUTHORITY_KEYS.index(entry.authority) for entry in lists], dtype=np.int64)
    plan = pl.DataFrame(
        {
            "record": np.arange(size, dtype=np.int64),
            "subject": subject,
            "kind": kind,
            "district": subjects["district"].to_numpy()[subject],
            "day": day_column(day),
            "list": row,
            "authority": of_authority[row],
            "reason": chosen_text([entry.reasons for entry in lists], row, streams.uniform(f"{name}.reason", size)),
            "starts": day_column(day + wait.astype("timedelta64[D]")),
            "end": streams.weighted(f"{name}.end", size, (4, 4, 88, 4)),
        }
    )
    return plan.with_columns(serial_numbers(plan).alias("serial"))


def listing_ids(prefix: str) -> pl.Expr:
    """Record ids of a list, from `record` and `day`."""
    number = (pl.col("record") + 1).cast(pl.String).str.zfill(5)
    return pl.concat_str(pl.lit(prefix), pl.col("day").dt.year().cast(pl.String), pl.lit("-"), number)


def write_out_blacklist(plan: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """All columns of blacklist.csv as String."""
    rows = plan.join(subjects.drop("kind", "district"), on="subject", how="left", maintain_order="left")
    person = pl.col("kind") == PERSON
    return rows.select(
        listing_ids("HD").alias("MD_BH"),
        indexed("list", [entry.name for entry in BLACKLISTS]).alias("MD_MC"),
        pl.col("name").alias("MD_ZTMC"),
        indexed("kind", KINDS).alias("MD_ZTLB"),
        pl.col("code").alias("MD_SHXYM"),
        pl.col("chief").alias("MD_FRDB"),
        pl.when(person).then(pl.lit(RESIDENT_CARD)).alias("MD_ZJLX"),
        pl.when(person).then("person_no").alias("MD_ZJHM"),
        document_number("列").alias("MD_JDWH"),
        indexed("reason", flattened([entry.reasons for entry in BLACKLISTS])).alias("MD_LRSY"),
        indexed("list", [entry.basis for entry in BLACKLISTS]).alias("MD_LRYJ"),
        indexed("severity", _SEVERITIES).alias("MD_SXCD"),
        pl.col("day").cast(pl.String).alias("MD_RDRQ"),
        pl.col("starts").cast(pl.String).alias("MD_LRRQ"),
        _end_text().alias("MD_YXQZ"),
        authority_name().alias("MD_RDJG"),
        authority_code().alias("MD_RDJGDM"),
    )


def write_out_redlist(plan: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """All columns of redlist.tsv as String; its header is Chinese."""
    rows = plan.join(subjects.drop("kind", "district"), on="subject", how="left", maintain_order="left")
    person = pl.col("kind") == PERSON
    return rows.select(
        listing_ids("HO").alias("名单编号"),
        indexed("list", [entry.name for entry in REDLISTS]).alias("名单名称"),
        pl.col("name").alias("主体名称"),
        indexed("kind", KINDS).alias("主体类别"),
        pl.col("code").alias("统一社会信用代码"),
        pl.col("chief").alias("法定代表人"),
        pl.when(person).then(pl.lit(RESIDENT_CARD)).alias("证件类型"),
        pl.when(person).then("person_no").alias("证件号码"),
        document_number("荐").alias("认定文号"),
        indexed("reason", flattened([entry.reasons for entry in REDLISTS])).alias("认定事由"),
        indexed("list", [entry.basis for entry in REDLISTS]).alias("认定依据"),
        pl.col("day").cast(pl.String).alias("认定日期"),
        pl.col("starts").cast(pl.String).alias("有效期起"),
        _end_text().alias("有效期止"),
        authority_name().alias("认定机关"),
        authority_code().alias("认定机关代码"),
    )


def _end_text() -> pl.Expr:
    dated = pl.when(pl.col("end") == _DATED).then(pl.col("until").cast(pl.String))
    return pl.coalesce(dated, indexed("end", _MARKS))

"""The licences package."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tests.demo.acts import (
    authority_code,
    authority_name,
    chosen_text,
    day_column,
    decision_days,
    document_number,
    flattened,
    indexed,
    serial_numbers,
    subject_columns,
)
from tests.demo.authorities import AUTHORITY_KEYS
from tests.demo.kinds import Suitable
from tests.demo.permits import PERMITS
from tests.demo.streams import Streams
from tests.demo.words import SHORT_CITY

_CHOICE: Final = Suitable.of(PERMITS)
_CONTENTS: Final = [p.contents for p in PERMITS]
_OPEN_MARKS: Final = ("长期", "2099/12/31")
_BLANK, _DATED = 2, 3


def plan_licences(streams: Streams, subjects: pl.DataFrame, size: int, as_of: date) -> pl.DataFrame:
    """One row of numbers for each licence, in order of decision.

    Columns: `record`, `subject`, `kind`, `district`, `day` Date, `permit`, `authority`, `serial`, `content`,
    `starts` Date (some after the as-of day), `until` Date, `end` (0, 1: long-term marks; 2: blank; 3: `until`),
    `ended` Boolean.
    """
    subject = streams.below("licence.subject", size, len(subjects))
    kind = subjects["kind"].to_numpy()[subject].astype(np.int64)
    sector = subjects["sector"].to_numpy()[subject]
    permit = _CHOICE.choose(streams.uniform("licence.permit", size), kind, sector)
    years = np.array([p.years for p in PERMITS], dtype=np.int64)[permit]
    day = decision_days(streams.uniform("licence.day", size), as_of)
    # A licence granted in the last weeks may begin later: the case of a record that is not public yet.
    recent = day > np.datetime64(as_of, "D") - 30
    wait = np.where(recent & streams.chance("licence.waits", size, 0.4), 31, 0) + streams.below("licence.wait", size, 4)
    end = np.where(years == 0, streams.below("licence.open", size, 2), _DATED)
    end = np.where(streams.chance("licence.blank", size, 0.02), _BLANK, end)
    of_authority = np.array([AUTHORITY_KEYS.index(p.authority) for p in PERMITS], dtype=np.int64)
    plan = pl.DataFrame(
        {
            "record": np.arange(size, dtype=np.int64),
            "subject": subject,
            "kind": kind,
            "district": subjects["district"].to_numpy()[subject],
            "day": day_column(day),
            "permit": permit,
            "authority": of_authority[permit],
            "content": chosen_text(_CONTENTS, permit, streams.uniform("licence.content", size)),
            "starts": day_column(day + wait.astype("timedelta64[D]")),
            "years": years,
            "end": end,
        }
    )
    last = pl.col("starts").dt.offset_by(pl.col("years").cast(pl.String) + "y").dt.offset_by("-1d")
    plan = plan.with_columns(serial_numbers(plan).alias("serial"), last.alias("until"))
    return plan.with_columns(((pl.col("end") == _DATED) & (pl.col("until") < as_of)).alias("ended"))


def write_out_licences(plan: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """The records of some rows of the plan: all columns of licences.csv as String. Dates are written 2026/01/31."""
    rows = plan.join(subjects.drop("kind", "district"), on="subject", how="left", maintain_order="left")
    certificate = indexed("permit", [p.certificate or None for p in PERMITS])
    record = (pl.col("record") + 1).cast(pl.String).str.zfill(7)
    year = pl.col("day").dt.year().cast(pl.String)
    end = pl.when(pl.col("end") == _DATED).then(pl.col("until").dt.strftime("%Y/%m/%d"))
    return rows.select(
        pl.concat_str(pl.lit("XK"), year, pl.lit("-"), record).alias("JLBH"),
        *subject_columns("XK"),
        indexed("permit", [p.document for p in PERMITS]).alias("XK_XKWS"),
        document_number("许准").alias("XK_WSH"),
        indexed("permit", [p.category for p in PERMITS]).alias("XK_XKLB"),
        certificate.alias("XK_XKZS"),
        pl.when(certificate.is_not_null()).then(pl.concat_str(pl.lit(f"{SHORT_CITY}证字"), record)).alias("XK_XKBH"),
        indexed("content", flattened(_CONTENTS)).alias("XK_NR"),
        pl.col("day").dt.strftime("%Y/%m/%d").alias("XK_JDRQ"),
        pl.col("starts").dt.strftime("%Y/%m/%d").alias("XK_YXQZ"),
        pl.coalesce(end, indexed("end", [*_OPEN_MARKS, None, None])).alias("XK_YXQZI"),
        authority_name().alias("XK_XKJG"),
        authority_code().alias("XK_XKJGDM"),
        pl.when("ended").then(pl.lit("无效")).otherwise(pl.lit("有效")).alias("XK_ZT"),
        authority_name().alias("XK_LYDW"),
        authority_code().alias("XK_LYDWDM"),
        pl.lit(None, dtype=pl.String).alias("BZ"),
    )

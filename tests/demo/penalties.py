"""The penalties package: a plan of small numbers for all records, then text for one block of records at a time.

A million records of 34 columns are about 1.5 GB of text; made block by block they never stand in memory together.
"""

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
from tests.demo.streams import Days, Ints, Streams
from tests.demo.subjects import PERSON
from tests.demo.violations_city import ENVIRONMENT, OTHERS
from tests.demo.violations_trade import MARKET, WORK
from tests.demo.words import CITY, DISTRICTS, ROADS

SEVERITIES: Final = ("轻微", "一般", "严重", "未定级", None)
MINOR, GENERAL, SERIOUS = 0, 1, 2
MONTHS: Final = (3, 12, 36)  # usual publication by severity
_SEVERITY_WEIGHTS: Final = (24, 52, 20, 2, 2)
_PROCEDURES: Final = ("普通程序", "简易程序")
_OPENINGS: Final = ("现场检查时发现", "日常巡查时发现", "核查线索时查明", "专项检查时发现", "复查时发现")
_ENDINGS: Final = (
    "上述事实有现场笔录、询问笔录和照片为证",
    "当事人对上述事实无异议",
    "当事人已在限期内改正",
    "当事人在陈述申辩期内未提出意见",
    "案件调查期间当事人予以配合",
)
_REMARKS: Final = (
    "已履行,当事人无异议",
    '当事人称其招牌为"老渡口"',
    "分期缴纳\n（第一期已缴）",
    "-",
    "与同日另一案件合并调查",
)
# Numbers of nobody in running text: the sample of the standard for resident IDs, and the best known mobile number.
PLANTED: Final = ("11010519491231002X", "13800138000")
_PLANTED_TEXTS: Final = (f"代收人身份证号：{PLANTED[0]}。", f"当事人联系电话{PLANTED[1]}。", None)
_PLANTED_WEIGHTS: Final = (6, 9, 985)
# How the two end dates are written: blank, a marker for no end, or a date (None). The traps of facts, section 2.
_MARKERS: Final = ("", "长期", "2099-12-31", "2999-12-31", None)
_VALID_WEIGHTS: Final = (34, 8, 8, 2, 48)
_PUBLISH_WEIGHTS: Final = (42, 0, 5, 0, 53)
VIOLATIONS: Final = (*MARKET, *WORK, *ENVIRONMENT, *OTHERS)
_CHOICE: Final = Suitable.of(VIOLATIONS)
_ACTS: Final = [v.acts for v in VIOLATIONS]


def plan_penalties(streams: Streams, subjects: pl.DataFrame, size: int, distinct: int, as_of: date) -> pl.DataFrame:
    """One row of numbers for each penalty, in order of decision; the first `distinct` subjects of the pool all occur.

    Columns: `record` (0, 1, …), `subject`, `kind`, `district`, `day` Date, `violation`, `authority`, `serial`, `act`,
    `road`, `opening`, `ending`, `remark`, `planted`, `severity`, `summary`, `telling`, `warned`, `fined`, `grave`,
    `suspended` Boolean, `fine` and `gain` Int64 in 元, `valid_mark`, `publish_mark`, `valid_until` and
    `publish_until` Date or null.
    """
    subject = _recurring(streams, size, distinct)
    kind = subjects["kind"].to_numpy()[subject].astype(np.int64)
    sector = subjects["sector"].to_numpy()[subject]
    violation = _CHOICE.choose(streams.uniform("penalty.violation", size), kind, sector)
    severity = streams.weighted("penalty.severity", size, _SEVERITY_WEIGHTS)
    summary = np.where(severity == MINOR, 0.45, np.where(severity == GENERAL, 0.02, 0.0))
    day = decision_days(streams.uniform("penalty.day", size), as_of)
    of_authority = np.array([AUTHORITY_KEYS.index(v.authority) for v in VIOLATIONS], dtype=np.int64)
    plan = pl.DataFrame(
        {
            "record": np.arange(size, dtype=np.int64),
            "subject": subject,
            "kind": kind,
            "district": subjects["district"].to_numpy()[subject],
            "day": day_column(day),
            "violation": violation,
            "authority": of_authority[violation],
            "act": chosen_text(_ACTS, violation, streams.uniform("penalty.act", size)),
            "road": streams.below("penalty.road", size, len(ROADS)),
            "opening": streams.below("penalty.opening", size, len(_OPENINGS)),
            "ending": streams.below("penalty.ending", size, len(_ENDINGS)),
            "remark": streams.below("penalty.remark", size, 12 * len(_REMARKS)),
            "planted": streams.weighted("penalty.planted", size, _PLANTED_WEIGHTS),
            "severity": severity,
            "summary": streams.uniform("penalty.summary", size) < summary,
            "telling": streams.chance("penalty.telling", size, 0.04) & (kind == PERSON),
        }
    )
    return plan.with_columns(
        serial_numbers(plan).alias("serial"),
        *_measures(streams, violation, severity),
        *_ends(streams, severity, day),
    )


def _recurring(streams: Streams, size: int, distinct: int) -> Ints:
    """Subjects: each of the first `distinct` once, the rest of the records go to few of them often."""
    often = np.floor(distinct * streams.uniform("penalty.repeat", size - distinct) ** 3).astype(np.int64)
    everyone = np.concatenate([np.arange(distinct, dtype=np.int64), often])
    return everyone[streams.shuffled("penalty.order", size)]


def _measures(streams: Streams, violation: Ints, severity: Ints) -> list[pl.Series]:
    size = len(violation)
    pick = streams.uniform("penalty.measure", size)
    minor, serious = severity == MINOR, severity == SERIOUS
    has_certificate = np.array([bool(v.certificate) for v in VIOLATIONS])[violation]
    may_gain = np.array([v.gain for v in VIOLATIONS])[violation]
    low, high = (np.array([v.fine[end] for v in VIOLATIONS], dtype=np.int64)[violation] for end in (0, 1))
    low, high = np.where(serious, high, low), np.where(serious, 3 * high, high)
    low, high = np.where(minor, np.maximum(low // 10, 50), low), np.where(minor, low, high)
    step = np.where(high >= 10_000, 500, 50)
    drawn = low + streams.uniform("penalty.fine", size) ** 2 * (high - low)
    fine = np.maximum(np.floor(drawn / step).astype(np.int64) * step, step)
    gain = (100 * (1 + np.floor(streams.uniform("penalty.gain", size) ** 3 * 400))).astype(np.int64)
    suspended = has_certificate & ~minor & ~serious & (pick > 0.92)
    return [
        pl.Series("warned", (minor & (pick < 0.6)) | (~minor & ~serious & (pick < 0.15))),
        pl.Series("fined", (~minor | (pick >= 0.45)) & ~suspended),
        pl.Series("grave", serious & (pick < 0.7)),
        pl.Series("suspended", suspended),
        pl.Series("fine", fine),
        pl.Series("gain", np.where(may_gain & ~minor & (streams.uniform("penalty.gained", size) < 0.5), gain, 0)),
    ]


def _ends(streams: Streams, severity: Ints, day: Days) -> list[pl.Series | pl.Expr]:
    """Both end dates; where both are dates they often differ, and then the earlier one must govern."""
    size = len(severity)
    usual = np.array([*MONTHS, 12, 12], dtype=np.int64)[severity]
    short = np.where(usual == 36, 12, np.where(usual == 12, 6, usual))
    series: list[pl.Series | pl.Expr] = []
    for name, weights in (("valid", _VALID_WEIGHTS), ("publish", _PUBLISH_WEIGHTS)):
        mark = streams.weighted(f"penalty.{name}.mark", size, weights)
        months = np.where(streams.chance(f"penalty.{name}.short", size, 0.2), short, usual)
        ends = pl.DataFrame({"day": day_column(day), "months": months, "dated": mark == len(_MARKERS) - 1})
        until = pl.col("day").dt.offset_by(pl.col("months").cast(pl.String) + "mo")
        series.append(pl.Series(f"{name}_mark", mark))
        series.append(ends.select(pl.when("dated").then(until).alias(f"{name}_until")).to_series())
    return series


def penalty_ids() -> pl.Expr:
    """Record ids (JLBH), from `record` and `day`."""
    return pl.concat_str(
        pl.lit("CF"),
        pl.col("day").dt.year().cast(pl.String),
        pl.lit("-"),
        (pl.col("record") + 1).cast(pl.String).str.zfill(7),
    )


def write_out_penalties(plan: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """The records of some rows of the plan: all columns of penalties.csv as String."""
    rows = plan.join(subjects.drop("kind", "district"), on="subject", how="left", maintain_order="left")
    rows = rows.with_columns(_yuan("fine").alias("fine_text"), _yuan("gain").alias("gain_text"))
    rows = rows.with_columns(
        pl.when("fined").then("fine_text").alias("fine_text"),
        pl.when(pl.col("gain") > 0).then("gain_text").alias("gain_text"),
        indexed("violation", [v.certificate for v in VIOLATIONS]).alias("certificate"),
        _grave_word().alias("grave_word"),
    )
    return rows.select(
        penalty_ids().alias("JLBH"),
        *subject_columns("CF"),
        document_number("处罚").alias("CF_WSH"),
        indexed("violation", [v.reason for v in VIOLATIONS]).alias("CF_WFXW"),
        _facts().alias("CF_SY"),
        indexed("violation", [v.law for v in VIOLATIONS]).alias("CF_YJ"),
        _categories().alias("CF_CFLB"),
        _contents().alias("CF_NR"),
        pl.col("fine_text").alias("CF_NR_FK"),
        pl.col("gain_text").alias("CF_NR_WFFF"),
        _certificate_taken().alias("CF_NR_ZKDX"),
        pl.col("day").cast(pl.String).alias("CF_JDRQ"),
        _end_text("valid").alias("CF_YXQ"),
        _end_text("publish").alias("CF_GSJZQ"),
        pl.when("summary").then(pl.lit(_PROCEDURES[1])).otherwise(pl.lit(_PROCEDURES[0])).alias("CF_CFCX"),
        indexed("severity", SEVERITIES).alias("CF_SXCD"),
        authority_name().alias("CF_CFJG"),
        authority_code().alias("CF_CFJGDM"),
        authority_name().alias("CF_SJLY"),
        authority_code().alias("CF_SJLYDM"),
        indexed("remark", _REMARKS).alias("BZ"),
    )


def _yuan(column: str) -> pl.Expr:
    """Money in 万元 with up to four decimals, made of integers, so that no float is ever printed."""
    whole, rest = (pl.col(column) // 10_000).cast(pl.String), (pl.col(column) % 10_000).cast(pl.String).str.zfill(4)
    return pl.concat_str(whole, pl.lit("."), rest).str.strip_chars_end("0").str.strip_chars_end(".")


def _facts() -> pl.Expr:
    """What happened, with the subject's name in it; now and then a person's number, which must never get out."""
    planted = indexed("planted", _PLANTED_TEXTS).fill_null("")
    seen = pl.col("day").dt.offset_by("-45d").dt.strftime("%Y年%-m月%-d日")
    number = (
        pl.when("telling").then(pl.concat_str(pl.lit("（身份证号："), "person_no", pl.lit("）"))).otherwise(pl.lit(""))
    )
    return pl.concat_str(
        seen,
        pl.lit(f"，执法人员在{CITY}"),
        indexed("district", DISTRICTS),
        indexed("road", ROADS),
        indexed("opening", _OPENINGS),
        pl.lit("，"),
        pl.col("name"),
        number,
        indexed("act", flattened(_ACTS)),
        pl.lit("。"),
        indexed("ending", _ENDINGS),
        pl.lit("。"),
        planted,
    )


def _grave_word() -> pl.Expr:
    """The serious measure: persons are barred from a trade, all others restricted in it or closed."""
    word, revoked = indexed("violation", [v.grave for v in VIOLATIONS]), pl.lit("吊销许可证件")
    person = pl.col("kind") == PERSON
    return (
        pl.when(person & (word != revoked)).then(pl.lit("限制从业"))
        .when(~person & (word == "限制从业")).then(pl.lit("限制开展生产经营活动"))
        .otherwise(word)
    )  # fmt: skip


def _categories() -> pl.Expr:
    parts = (
        pl.when("warned").then(pl.lit("警告")),
        pl.when("fined").then(pl.lit("罚款")),
        pl.when(pl.col("gain") > 0).then(pl.lit("没收违法所得")),
        pl.when("suspended").then(pl.lit("暂扣许可证件")),
        pl.when("grave").then(pl.col("grave_word")),
    )
    return pl.concat_str(*parts, separator=";", ignore_nulls=True)


def _contents() -> pl.Expr:
    revoked = pl.col("grave_word").is_in(["吊销许可证件", "降低资质等级"])
    grave = (
        pl.when(revoked)
        .then(pl.concat_str("grave_word", pl.lit("（"), "certificate", pl.lit("）")))
        .otherwise("grave_word")
    )
    parts = (
        pl.when("warned").then(pl.lit("给予警告")),
        pl.concat_str(pl.lit("处以罚款"), "fine_text", pl.lit("万元")),
        pl.concat_str(pl.lit("没收违法所得"), "gain_text", pl.lit("万元")),
        pl.when("suspended").then(pl.concat_str(pl.lit("暂扣"), "certificate", pl.lit("三个月"))),
        pl.when("grave").then(grave),
    )
    return pl.concat_str(*parts, separator="；", ignore_nulls=True) + "。"


def _certificate_taken() -> pl.Expr:
    taken = pl.col("suspended") | (pl.col("grave") & pl.col("grave_word").is_in(["吊销许可证件", "降低资质等级"]))
    return pl.when(taken).then("certificate")


def _end_text(name: str) -> pl.Expr:
    marked = indexed(f"{name}_mark", [mark or None for mark in _MARKERS])
    return pl.coalesce(pl.col(f"{name}_until").cast(pl.String), marked)

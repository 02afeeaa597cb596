"""The columns of a public table as slots of templates: list rows and record pages."""

from collections.abc import Callable, Mapping

import polars as pl

from publish.model.public import PublicTable
from publish.model.terms import Flag, Severity

ROW_SLOTS = ("url", "title", "subject", "authority", "date", "until", "reason", "severity", "flag")
VALUE_PREFIX = "value:"


def row_slots(table: PublicTable, label: Callable[[str], str]) -> pl.DataFrame:
    """ROW_SLOTS as String columns, one row per record in the table's order. `label` gives interface texts."""
    severities = {grade.value: label(f"severity.{grade.value}") for grade in Severity}
    return table.frame.select(
        _record_url().alias("url"),
        pl.coalesce(stated("_title"), pl.lit(table.info.title)).alias("title"),
        stated("_subject").alias("subject"),
        stated("_authority").alias("authority"),
        pl.col("_date").cast(pl.String).alias("date"),
        pl.col("_until").cast(pl.String).alias("until"),
        stated("_reason").alias("reason"),
        _told("_severity", severities).alias("severity"),
        _told("_flag", {flag.value: label(f"flag.{flag.value}") for flag in Flag}).alias("flag"),
    )


def record_slots(table: PublicTable, label: Callable[[str], str]) -> pl.DataFrame:
    """ROW_SLOTS, `description`, `subject_url`, `flag_note` and one `value:<field>` per published field, all String.

    `flag_note` says in a sentence what the record's mark means.
    """
    rows = row_slots(table, label)
    words = pl.concat_str("subject", "reason", separator=label("join.phrases"), ignore_nulls=True).replace("", None)
    notes = {flag.value: label(f"record.flag.{flag.value}") for flag in Flag}
    subject_url = table.frame.select(_subject_url().alias("subject_url"), _told("_flag", notes).alias("flag_note"))
    values = table.frame.select(pl.col(field.name).alias(VALUE_PREFIX + field.name) for field in table.fields)
    blank = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in values.columns]
    return pl.concat(
        [rows, rows.select(words.alias("description")), subject_url, values.select(blank)], how="horizontal"
    )


def stated(name: str) -> pl.Expr:
    """A text column, null where it is blank: a blank link or heading is none, and a slot with a value is shown."""
    return pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name))


def _told(name: str, words: Mapping[str, str]) -> pl.Expr:
    """The words for a column of codes, null where it is null."""
    return pl.col(name).replace_strict(words, default=None, return_dtype=pl.String)


def _record_url() -> pl.Expr:
    """urls.record, columnar."""
    key = pl.col("_key")
    return pl.concat_str(pl.lit("/r/"), key.str.slice(0, 2), pl.lit("/"), key, pl.lit(".html"))


def _subject_url() -> pl.Expr:
    """urls.subject, columnar; null where there is no code."""
    code = pl.col("_code")
    return pl.concat_str(pl.lit("/s/"), code.str.slice(-2), pl.lit("/"), code, pl.lit(".html"))

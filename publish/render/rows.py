"""The columns of a public table as slots of templates: list rows and record pages."""

import re
from collections.abc import Callable, Mapping, Sequence

import polars as pl
from markupsafe import Markup

from publish.model.public import DatasetInfo, PublicField
from publish.model.terms import Flag, Severity
from publish.render.bulk import Slot
from publish.render.digests import digest_of

ROW_SLOTS = ("url", "title", "subject", "authority", "date", "until", "reason", "severity", "flag")
# The columns of a public table that they come from.
ROW_COLUMNS = ("_key", "_title", "_subject", "_authority", "_date", "_until", "_reason", "_severity", "_flag")
VALUE_PREFIX = "value:"


class Words:
    """The interface texts that slots hold; `digest` is a hash of them."""

    def __init__(self, label: Callable[[str], str]) -> None:
        """`label` gives interface texts by key."""
        self.severities: Mapping[str, str] = {one.value: label(f"severity.{one.value}") for one in Severity}
        self.flags: Mapping[str, str] = {one.value: label(f"flag.{one.value}") for one in Flag}
        self.notes: Mapping[str, str] = {one.value: label(f"record.flag.{one.value}") for one in Flag}
        self.between = label("join.phrases")
        self.digest = digest_of(self.severities, self.flags, self.notes, self.between)


def row_slots(frame: pl.DataFrame, info: DatasetInfo, words: Words) -> pl.DataFrame:
    """ROW_SLOTS as String columns, one row per record of `frame`, which has ROW_COLUMNS of a public table."""
    return frame.select(
        ("/" + record_path()).alias("url"),
        pl.coalesce(stated("_title"), pl.lit(info.title)).alias("title"),
        stated("_subject").alias("subject"),
        stated("_authority").alias("authority"),
        pl.col("_date").cast(pl.String).alias("date"),
        pl.col("_until").cast(pl.String).alias("until"),
        stated("_reason").alias("reason"),
        _told("_severity", words.severities).alias("severity"),
        _told("_flag", words.flags).alias("flag"),
    )


def record_slots(frame: pl.DataFrame, info: DatasetInfo, fields: Sequence[PublicField], words: Words) -> pl.DataFrame:
    """ROW_SLOTS, `description`, `subject_url`, `flag_note` and one `value:<field>` per published field, all String, of
    the records in `frame`, rows of a public table.

    `flag_note` says in a sentence what the record's mark means.
    """
    rows = row_slots(frame, info, words)
    told = pl.concat_str("subject", "reason", separator=words.between, ignore_nulls=True).replace("", None)
    others = frame.select(
        ("/" + subject_path("_code")).alias("subject_url"),
        _told("_flag", words.notes).alias("flag_note"),
        *(
            pl.when(pl.col(field.name) != "").then(pl.col(field.name)).alias(VALUE_PREFIX + field.name)
            for field in fields
        ),
    )
    return pl.concat([rows, rows.select(told.alias("description")), others], how="horizontal")


def stated(name: str) -> pl.Expr:
    """A text column, null where it is blank: a blank link or heading is none, and a slot with a value is shown."""
    return pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name))


def _told(name: str, words: Mapping[str, str]) -> pl.Expr:
    """The words for a column of codes, null where it is null."""
    return pl.col(name).replace_strict(words, default=None, return_dtype=pl.String)


def record_path() -> pl.Expr:
    """The file of urls.record, columnar; `_key` as in public tables."""
    key = pl.col("_key")
    return pl.concat_str(pl.lit("r/"), key.str.slice(0, 2), pl.lit("/"), key, pl.lit(".html"))


def subject_path(code: str = "code") -> pl.Expr:
    """The file of urls.subject, columnar; null where there is no code."""
    return pl.concat_str(pl.lit("s/"), pl.col(code).str.slice(-2), pl.lit("/"), pl.col(code), pl.lit(".html"))


def exit_path() -> pl.Expr:
    """The file of urls.exit_notice, columnar; `key` as in EXIT_SCHEMA."""
    key = pl.col("key")
    return pl.concat_str(pl.lit("exits/"), key.str.slice(0, 2), pl.lit("/"), key, pl.lit(".html"))


def filled(text: Markup, **cells: pl.Expr) -> pl.Expr:
    """An interface text with columns in the place of slots, as plain text; null where one of its columns is."""
    slots = {Slot(name).__html__(): cell for name, cell in cells.items()}
    parts = re.split(f"({'|'.join(slots)})", text.unescape())
    return pl.concat_str(slots[part] if part in slots else pl.lit(part) for part in parts)

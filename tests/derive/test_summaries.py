"""Counts per month and authority, subjects across datasets, related documents."""

from datetime import date

import polars as pl

from publish.derive.related import derive_related
from publish.derive.summaries import derive_subjects, derive_summary
from publish.model.document import Document
from publish.model.public import EXIT_SCHEMA, DatasetInfo, ExitTable, PublicTable
from publish.model.terms import Kind

CODE = "914403001922038216"


def table(slug: str, rows: list[tuple[str, str | None, str | None, date | None, str | None]]) -> PublicTable:
    schema = {"_key": pl.String, "_code": pl.String, "_subject": pl.String, "_date": pl.Date, "_authority": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.lit(None, dtype=pl.Date).alias("_until"))
    return PublicTable(DatasetInfo(slug, slug, Kind.PENALTY, "局"), (), frame)


ROWS = table(
    "one",
    [
        ("k1", CODE, "新名", date(2026, 11, 2), "一局"),
        ("k2", CODE, "旧名", date(2026, 11, 1), "二局"),
        ("k3", None, "张**", date(2025, 1, 31), "一局"),
        ("k4", None, None, None, None),
    ],
)


def test_summary() -> None:
    exits = ExitTable(pl.DataFrame({"dataset": ["one", "two"]}))
    summary = derive_summary(ROWS, exits)
    assert summary.count == 4
    assert summary.latest == "2026-11-02"
    assert summary.months == (("2026-11", 2), ("2025-01", 1), ("undated", 1))
    assert summary.authorities == (("一局", 2), ("二局", 1))
    assert summary.exits == 1


def test_summary_of_nothing() -> None:
    summary = derive_summary(table("none", []), ExitTable(pl.DataFrame(schema=dict(EXIT_SCHEMA))))
    assert (summary.count, summary.latest, summary.months, summary.authorities) == (0, None, (), ())


def test_subjects_gather_records_of_all_datasets_newest_first() -> None:
    other = table("two", [("k9", CODE, "别名", date(2026, 11, 3), None)])
    subjects = derive_subjects([ROWS, other])
    assert subjects.rows() == [(CODE, [4, 0, 1])]
    assert derive_subjects([ROWS]).rows() == [(CODE, [0, 1])]
    assert derive_subjects([]).schema == derive_subjects([ROWS]).schema
    assert derive_subjects([]).height == 0


def test_related_documents_share_words() -> None:
    documents = [
        Document("a", "信用修复办法", "信用修复的条件、程序与公示期限。异议申请的受理。"),
        Document("b", "异议处理通知", "异议申请的受理与信用修复的程序。"),
        Document("c", "渔港管理", "渔船进出港口应当报告。"),
    ]
    assert derive_related(documents) == {"a": ("b",), "b": ("a",), "c": ()}
    assert derive_related(documents[:1]) == {"a": ()}
    assert derive_related([]) == {}

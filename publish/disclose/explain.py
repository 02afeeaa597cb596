"""Every decision about one record, from the same functions that decide a build."""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from publish.disclose.stage import decide_table, registers_of
from publish.model.explanation import Explanation
from publish.model.rules import RuleBook
from publish.model.source import CheckedTable


def explain_record(
    tables: Sequence[CheckedTable], book: RuleBook, as_of: date, secret: bytes, wanted: str
) -> Iterator[Explanation]:
    """Decisions about the records whose id or key is `wanted`: the outcome first, then each rule that applied."""
    for table in tables:
        if table.source.disclosure is None:
            continue
        decided = decide_table(table, registers_of(table, tables), book, as_of, secret)
        frame = decided.decisions.frame.filter((pl.col("@record_id") == wanted) | (pl.col("_key") == wanted))
        for record in frame.iter_rows(named=True):
            dataset = table.source.disclosure.dataset
            common = {"dataset": dataset, "key": record["_key"] or "", "row": record["_row"], "as_of": as_of}
            yield Explanation(**common, outcome=record["_outcome"], start=record["_start"], until=record["_until"])
            entries = decided.ledger.filter((pl.col("row") == record["_row"]) | pl.col("row").is_null())
            for entry in entries.sort("field", "rule", nulls_last=False).iter_rows(named=True):
                yield Explanation(
                    **common,
                    outcome=entry["outcome"],
                    field=entry["field"] or "",
                    rule=entry["rule"],
                    citation=entry["citation"],
                    start=record["_start"],
                    until=entry["until"],
                )

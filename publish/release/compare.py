"""What changed from one release to another, and why: from the registers and ledgers beside them."""

from collections.abc import Iterator

import polars as pl

from publish.model.explanation import Difference
from publish.model.terms import Outcome
from publish.release.state import State

_WHY = ("dataset", "key", "reason")


def compare(before: State, after: State) -> tuple[Difference, ...]:
    """Differences by dataset, change and reason, each with the keys of its records; sorted.

    `left`: by the exit's reason (expired, repaired, …), else the rule that withholds or suspends the record, else
    `vanished`: the source no longer has it. `appeared`: `new`, or what ended that kept it back before. `until`: the
    last public day moved `earlier` or `later`.
    """
    first, second = before.publication.records, after.publication.records
    left = first.join(second, on=["dataset", "key"], how="anti")
    appeared = second.join(first, on=["dataset", "key"], how="anti")
    both = first.join(second, on=["dataset", "key"], how="inner", suffix="_new")
    moved = both.filter(pl.col("until").ne_missing(pl.col("until_new")))
    later = (pl.col("until_new") > pl.col("until")).fill_null(pl.col("until_new").is_null())
    until = moved.select(
        "dataset", "key", pl.when(later).then(pl.lit("later")).otherwise(pl.lit("earlier")).alias("reason")
    )
    found = [
        *_grouped("left", _with_reason(left, _reasons(after), "vanished")),
        *_grouped("appeared", _with_reason(appeared, _reasons(before), "new")),
        *_grouped("until", until),
    ]
    return tuple(sorted(found, key=lambda entry: (entry.dataset, entry.change, entry.reason)))


def _reasons(state: State) -> pl.DataFrame:
    """`dataset`, `key`, `reason` of records that a release does not show: exits before rules, the first rule by id."""
    exits = state.publication.exits.select(*_WHY)
    ledger = state.ledger.frame.filter(pl.col("field").is_null() & pl.col("key").is_not_null())
    told = pl.when(pl.col("outcome").is_in([Outcome.EXPIRED.value, Outcome.PENDING.value])).then(pl.col("outcome"))
    rules = ledger.with_columns(pl.coalesce(told, "rule").alias("reason")).sort("reason").select(*_WHY)
    return pl.concat([exits, rules]).unique(["dataset", "key"], keep="first", maintain_order=True)


def _with_reason(records: pl.DataFrame, reasons: pl.DataFrame, default: str) -> pl.DataFrame:
    joined = records.select("dataset", "key").join(reasons, on=["dataset", "key"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("reason").fill_null(default))


def _grouped(change: str, records: pl.DataFrame) -> Iterator[Difference]:
    groups = records.group_by("dataset", "reason").agg(pl.col("key").sort())
    for dataset, reason, keys in groups.iter_rows():
        yield Difference(dataset, change, reason, tuple(keys))

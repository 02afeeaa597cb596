"""What this release shows, for the next one to follow; and what earlier ones showed and this one does not."""

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from publish.disclose.basis import Basis
from publish.disclose.decided import DecidedTable
from publish.disclose.earlier import Earlier
from publish.disclose.exits import display_names
from publish.model.public import (
    PUBLICATION_SCHEMA,
    WITHDRAWAL_DAYS,
    WITHDRAWAL_SCHEMA,
    ExitTable,
    Publication,
)
from publish.model.terms import Outcome


def publication_of(
    decided: Sequence[DecidedTable], exits: ExitTable, earlier: Earlier | None, basis: Basis
) -> Publication:
    """The publication register of this build, with the withdrawals."""
    empty = pl.DataFrame(schema=PUBLICATION_SCHEMA)
    by_dataset = sorted(decided, key=lambda entry: entry.dataset)
    records = pl.concat([empty, *(_shown(entry, earlier, basis) for entry in by_dataset)])
    counts = {entry.dataset: entry.table.source.frame.height for entry in decided}
    return Publication(basis.as_of, records, exits.frame, counts, _withdrawals(records, earlier, decided, basis))


def _shown(entry: DecidedTable, earlier: Earlier | None, basis: Basis) -> pl.DataFrame:
    """PUBLICATION_SCHEMA of one dataset, by key. What the first register of a dataset shows has no known first day."""
    decided = entry.decisions.frame.select("_outcome", "_key", "@subject_name", "_until", "_person")
    decided = decided.filter(pl.col("_outcome") == Outcome.PUBLIC.value)
    records = decided.select(
        pl.lit(entry.dataset).alias("dataset"),
        pl.col("_key").alias("key"),
        display_names(entry, decided),
        pl.col("_until").alias("until"),
        pl.col("_person").alias("person"),
    )
    if earlier is None or entry.dataset not in earlier.register.counts:
        records = records.with_columns(pl.lit(None, dtype=pl.Date).alias("since"))
    else:
        place = earlier.places[entry.dataset]
        before = earlier.register.records["since"].gather(place)
        first = pl.when(pl.lit(place.is_not_null())).then(pl.lit(before)).otherwise(pl.lit(basis.as_of))
        records = records.with_columns(first.alias("since"))
    return records.select(*PUBLICATION_SCHEMA).cast(pl.Schema(PUBLICATION_SCHEMA))[entry.decisions.order]


def _withdrawals(
    records: pl.DataFrame, earlier: Earlier | None, decided: Sequence[DecidedTable], basis: Basis
) -> pl.DataFrame:
    """WITHDRAWAL_SCHEMA, newest first: whatever an earlier release showed and this one does not, for whatever reason.

    A record that comes back leaves the feed. The day is the one on which the record left, as far as its own dates or a
    register tell, else that of the first release without it; never earlier than the release that still showed it.
    """
    if earlier is None:
        return pl.DataFrame(schema=WITHDRAWAL_SCHEMA)
    previous = earlier.register
    # A last day that only a private field tells is not told here either.
    told = pl.col("_shown_until").is_not_null() | (pl.col("_outcome") == Outcome.EXITED.value)
    ended = pl.col("_outcome").is_in([Outcome.EXPIRED.value, Outcome.EXITED.value]) & told
    left = [
        entry.decisions.frame.filter(ended).select(pl.col("_key").alias("key"), pl.col("_left_on").alias("left_on"))
        for entry in decided
    ]
    days = pl.concat([pl.DataFrame(schema={"key": pl.String, "left_on": pl.Date}), *left])
    new = earlier.missing.join(days, on="key", how="left")
    shown_on = min(previous.as_of + timedelta(days=1), basis.as_of)
    day = pl.coalesce("left_on", pl.lit(basis.as_of)).clip(shown_on, basis.as_of)
    gone = new.select("key", "dataset", day.alias("withdrawn_on"))
    # To look for few in many it is quicker to have the many go by than to put them into a table.
    back = records.select("dataset", "key").join(previous.withdrawals, on=["dataset", "key"], how="semi")
    kept = previous.withdrawals.join(back, on=["dataset", "key"], how="anti")
    oldest = basis.as_of - timedelta(days=WITHDRAWAL_DAYS)
    return (
        pl.concat([kept.select(*WITHDRAWAL_SCHEMA), gone.select(*WITHDRAWAL_SCHEMA)])
        .unique(["dataset", "key"], keep="first", maintain_order=True)
        .filter(pl.col("withdrawn_on") > oldest)
        .sort(["withdrawn_on", "dataset", "key"], descending=[True, False, False])
    )

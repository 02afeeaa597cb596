"""Exits: records that were public and no longer are.

Two proofs that a record was public: the publication register of the previous release, or the record's own dates in a
dataset that says since when it has been published here. Without a proof there is no notice, since a notice would then
name a subject that this site never named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from publish.disclose.decide import RecordDecisions
from publish.disclose.select import masked_name
from publish.model.issue import Issue, Level
from publish.model.public import EXIT_SCHEMA, ExitTable, Publication
from publish.model.source import CheckedTable, Publicity, Role
from publish.model.terms import Absence, ExitReason, Outcome


@dataclass(frozen=True, slots=True)
class DecidedTable:
    """A record table with its decisions and the citation that its exit notices give."""

    table: CheckedTable
    decisions: RecordDecisions
    citation: str


def decide_exits(
    decided: Sequence[DecidedTable], previous: Publication | None, as_of: date, notice_days: int
) -> tuple[ExitTable, tuple[Issue, ...]]:
    """Exits whose notice runs on `as_of`, and alarms about records that vanished (`record.vanished`)."""
    notice = timedelta(days=notice_days - 1)
    frames = [_own_exits(entry, previous, as_of) for entry in decided]
    issues: list[Issue] = []
    if previous is not None:
        gone, alarms = _vanished(decided, previous, as_of)
        frames.append(gone)
        issues += alarms
        frames.append(previous.exits.drop("notice_until"))
    schema = {name: dtype for name, dtype in EXIT_SCHEMA.items() if name != "notice_until"}
    exits = (
        pl.concat([pl.DataFrame(schema=schema), *frames])
        .with_columns((pl.col("left_on") + notice).alias("notice_until"))
        .filter((pl.col("left_on") <= as_of) & (pl.col("notice_until") >= as_of))
        # A list that the site no longer has cannot carry notices: there is no page that they could stand on.
        .filter(pl.col("dataset").is_in([_dataset(entry) for entry in decided]))
        # The first frame that names a record wins: what the source says now over what the last release said.
        .unique("key", keep="first", maintain_order=True)
        .join(_standing(decided), on="key", how="anti")
        .sort(["left_on", "key"], descending=[True, False])
        .select(*EXIT_SCHEMA)
    )
    return ExitTable(exits), tuple(issues)


def publication_of(decided: Sequence[DecidedTable], exits: ExitTable, as_of: date) -> Publication:
    """The publication register of this build, for the next one."""
    frames = [
        entry.decisions.frame.filter(pl.col("_outcome") == Outcome.PUBLIC.value).select(
            pl.lit(_dataset(entry)).alias("dataset"),
            pl.col("_key").alias("key"),
            _subject(entry).alias("subject"),
            pl.col("_until").alias("until"),
        )
        for entry in decided
    ]
    empty = pl.DataFrame(schema={"dataset": pl.String, "key": pl.String, "subject": pl.String, "until": pl.Date})
    records = pl.concat([empty, *frames]).sort("dataset", "key")
    counts = {_dataset(entry): entry.table.source.frame.height for entry in decided}
    return Publication(as_of, records, exits.frame, counts)


def _dataset(entry: DecidedTable) -> str:
    assert entry.table.source.disclosure is not None
    return entry.table.source.disclosure.dataset


def _subject(entry: DecidedTable) -> pl.Expr:
    """Display name: masked for persons, null where the name is not public."""
    fields = entry.table.source.schema.with_role(Role.SUBJECT_NAME)
    if not fields or any(spec.publicity is not Publicity.PUBLIC for spec in fields):
        return pl.lit(None, dtype=pl.String)
    name = pl.col("@subject_name")
    return pl.when(pl.col("_person")).then(masked_name(name)).otherwise(name)


def _standing(decided: Sequence[DecidedTable]) -> pl.DataFrame:
    """Keys of records that may not have a notice: they are public, or withheld by a rule today."""
    kept = [Outcome.PUBLIC.value, Outcome.WITHHELD.value, Outcome.PENDING.value]
    frames = [
        entry.decisions.frame.filter(pl.col("_outcome").is_in(kept) & pl.col("_key").is_not_null()).select(
            pl.col("_key").alias("key")
        )
        for entry in decided
    ]
    return pl.concat([pl.DataFrame(schema={"key": pl.String}), *frames])


def _own_exits(entry: DecidedTable, previous: Publication | None, as_of: date) -> pl.DataFrame:
    """Exits that the records' own dates and registers tell: expired, repaired."""
    spec = entry.table.source.disclosure
    assert spec is not None
    after_end = pl.col("_until").dt.offset_by("1d")
    repaired = pl.col("_outcome") == Outcome.EXITED.value
    left_on = pl.when(repaired).then(pl.min_horizontal("_repaired_on", after_end)).otherwise(after_end)
    by_repair = repaired & (pl.col("_repaired_on") < after_end).fill_null(True)
    had_a_day = (left_on > pl.col("_start")).fill_null(True)
    proofs = [pl.lit(False)]
    if spec.published_since is not None:
        proofs.append(left_on > spec.published_since)
    if previous is not None:
        keys = previous.records.filter(pl.col("dataset") == spec.dataset)["key"]
        proofs.append(pl.col("_key").is_in(keys.implode()))
    return entry.decisions.frame.filter(
        pl.col("_outcome").is_in([Outcome.EXPIRED.value, Outcome.EXITED.value]) & had_a_day & pl.any_horizontal(*proofs)
    ).select(
        pl.col("_key").alias("key"),
        pl.lit(spec.dataset).alias("dataset"),
        _subject(entry).alias("subject"),
        left_on.alias("left_on"),
        pl.when(by_repair)
        .then(pl.lit(ExitReason.REPAIRED.value))
        .otherwise(pl.lit(ExitReason.EXPIRED.value))
        .alias("reason"),
        pl.lit(entry.citation).alias("citation"),
    )


def _vanished(decided: Sequence[DecidedTable], previous: Publication, as_of: date) -> tuple[pl.DataFrame, list[Issue]]:
    """Records of the last release that the source no longer has: ended, let go by the source, or an alarm."""
    here = pl.concat(
        [pl.DataFrame(schema={"key": pl.String})]
        + [entry.decisions.frame.select(pl.col("_key").alias("key")).drop_nulls() for entry in decided]
    )
    gone = previous.records.join(here, on="key", how="anti", maintain_order="left")
    citations = {_dataset(entry): entry.citation for entry in decided}
    leaves = [_dataset(entry) for entry in decided if _absence(entry) is Absence.EXIT]
    ended = (pl.col("until") < as_of).fill_null(False)
    let_go = pl.col("dataset").is_in(leaves)
    exits = gone.filter(ended | let_go).select(
        "key",
        "dataset",
        "subject",
        pl.when(ended).then(pl.col("until").dt.offset_by("1d")).otherwise(pl.lit(as_of)).alias("left_on"),
        pl.when(ended)
        .then(pl.lit(ExitReason.EXPIRED.value))
        .otherwise(pl.lit(ExitReason.REMOVED.value))
        .alias("reason"),
        pl.col("dataset").replace_strict(citations, default="", return_dtype=pl.String).alias("citation"),
    )
    return exits, list(_alarms(gone.filter(~ended & ~let_go)))


def _absence(entry: DecidedTable) -> Absence:
    assert entry.table.source.disclosure is not None
    return entry.table.source.disclosure.absence


def _alarms(gone: pl.DataFrame) -> Iterator[Issue]:
    counts: Mapping[str, int] = dict(gone.group_by("dataset").len().sort("dataset").iter_rows())
    for dataset, count in counts.items():
        hint = (
            f"records of dataset {dataset} were public in the last release and are gone from the source before their "
            "end; no exit notice is published (absence: alarm)"
        )
        yield Issue("record.vanished", Level.WARNING, hint, resource=dataset, count=count)

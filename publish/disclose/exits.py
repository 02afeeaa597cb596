"""Exits: records that were public and no longer are.

Two proofs that a record was public: the publication register of the previous release, or the record's own dates in a
dataset that says since when it has been published here. Without a proof there is no notice, since a notice would then
name a subject that this site never named.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import polars as pl

from publish.disclose.basis import Basis, Notice, notice_of
from publish.disclose.decided import DecidedTable
from publish.disclose.earlier import Earlier
from publish.disclose.fields import is_public
from publish.disclose.secrets import MASK, masked_names
from publish.model.issue import Issue, Level
from publish.model.public import EXIT_SCHEMA, ExitTable, Publication
from publish.model.source import DisclosureSpec, Role
from publish.model.terms import Absence, ExitReason, Outcome
from publish.model.topics import NamedSubjects

# Exits before they are announced: `left_on` the first day without the record, `told_on` the day from which the notice
# runs, `subject` the display name.
_DRAFT = {
    "key": pl.String(),
    "dataset": pl.String(),
    "subject": pl.String(),
    "person": pl.Boolean(),
    "left_on": pl.Date(),
    "told_on": pl.Date(),
    "reason": pl.String(),
}


def decide_exits(
    decided: Sequence[DecidedTable], earlier: Earlier | None, basis: Basis, notice_days: int
) -> tuple[ExitTable, tuple[Issue, ...]]:
    """Exits whose notice runs on the as-of date, and alarms about records that vanished (`record.vanished`).

    `notice_days` is the site's limit of calendar days; a rule may shorten it.
    """
    previous = earlier.register if earlier is not None else None
    frames = [_announced(_own_exits(entry, previous, basis), entry.spec, basis, notice_days) for entry in decided]
    issues: list[Issue] = []
    if earlier is not None and previous is not None:
        gone, alarms = _vanished(decided, earlier, basis)
        issues += [*alarms, *_dropped(decided, previous, basis)]
        for entry in decided:
            mine = pl.col("dataset") == entry.dataset
            frames.append(_announced(gone.filter(mine), entry.spec, basis, notice_days))
            frames.append(_carried(previous.exits.filter(mine), entry.spec, basis))
    exits = (
        pl.concat([pl.DataFrame(schema=EXIT_SCHEMA), *frames])
        .filter((pl.col("left_on") <= basis.as_of) & (pl.col("notice_until") >= basis.as_of))
        # The first frame that names a record wins: what the source says now over what the last release said.
        .unique("key", keep="first", maintain_order=True)
    )
    standing = _standing(decided, exits["key"])
    exits = exits.join(standing, on="key", how="anti").sort(["left_on", "key"], descending=[True, False])
    return ExitTable(exits), tuple(issues)


def display_names(entry: DecidedTable, decided: pl.DataFrame) -> pl.Series:
    """`subject` of some decided records: masked for persons, null where the name is not public."""
    names = decided["@subject_name"].alias("subject")
    if not is_public(entry.table, Role.SUBJECT_NAME):
        return pl.repeat(None, len(names), dtype=pl.String, eager=True).alias("subject")
    persons = decided["_person"].arg_true()
    return names.clone().scatter(persons, masked_names(names.gather(persons))) if len(persons) else names


def _own_exits(entry: DecidedTable, previous: Publication | None, basis: Basis) -> pl.DataFrame:
    """Exits (_DRAFT) that the records' own dates and the registers tell."""
    left_on = _told_day(entry, previous, basis)
    had_a_day = (left_on > pl.col("_start")).fill_null(True)
    left = pl.col("_outcome").is_in([Outcome.EXPIRED.value, Outcome.EXITED.value])
    wrong = pl.col("_exit_reason") == ExitReason.WRONGLY_LISTED.value
    frame = entry.decisions.frame.filter(left & had_a_day & left_on.is_not_null())
    proofs = [pl.lit(False)]
    if entry.spec.published_since is not None:
        proofs.append(left_on > entry.spec.published_since)
    if previous is not None:
        # Off for a while (withheld, suspended) is still known from the withdrawals.
        told = (previous.records, previous.exits, previous.withdrawals)
        mine = (pl.col("dataset") == entry.dataset) & pl.col("key").is_in(frame["_key"].implode())
        known = pl.concat([table.filter(mine).select("key") for table in told])
        proofs.append(pl.col("_key").is_in(known["key"].implode()))
    frame = frame.filter(pl.any_horizontal(*proofs))
    return frame.select(
        pl.col("_key").alias("key"),
        pl.lit(entry.dataset).alias("dataset"),
        display_names(entry, frame),
        pl.col("_person").alias("person"),
        left_on.alias("left_on"),
        # A listing that is found wrong later is put right in public from then on.
        pl.when(wrong).then(pl.max_horizontal(left_on, "_wrong_on")).otherwise(left_on).alias("told_on"),
        pl.col("_exit_reason").alias("reason"),
    ).cast(pl.Schema(_DRAFT))


def _told_day(entry: DecidedTable, previous: Publication | None, basis: Basis) -> pl.Expr:
    """The first day without the record. Where only a private field tells the end, it is that of the first release
    without it, which everybody sees; without a register there is none, and no notice.
    """
    private = (pl.col("_outcome") == Outcome.EXPIRED.value) & pl.col("_shown_until").is_null()
    if previous is None:
        return pl.when(~private).then(pl.col("_left_on"))
    known = previous.exits.filter(pl.col("dataset") == entry.dataset)
    if not known.height:
        return pl.when(private).then(pl.lit(basis.as_of)).otherwise(pl.col("_left_on"))
    before = pl.col("_key").replace_strict(known["key"], known["left_on"], default=None, return_dtype=pl.Date)
    return pl.when(private).then(pl.coalesce(before, pl.lit(basis.as_of))).otherwise(pl.col("_left_on"))


def _vanished(decided: Sequence[DecidedTable], earlier: Earlier, basis: Basis) -> tuple[pl.DataFrame, list[Issue]]:
    """Records of the last release that the source no longer has: ended, let go by the source, or an alarm."""
    missing = pl.col("_key").is_in(earlier.missing["key"].implode())  # whatever else it showed is public, so it is here
    here = pl.concat(
        [pl.DataFrame(schema={"key": pl.String})]
        + [entry.decisions.frame.select("_key").filter(missing).rename({"_key": "key"}) for entry in decided]
    )
    gone = earlier.missing.join(here, on="key", how="anti", maintain_order="left")
    leaves = [entry.dataset for entry in decided if entry.spec.absence is Absence.EXIT]
    ended = (pl.col("until") < basis.as_of).fill_null(False)
    let_go = pl.col("dataset").is_in(leaves)
    left_on = pl.when(ended).then(pl.col("until").dt.offset_by("1d")).otherwise(pl.lit(basis.as_of))
    reason = pl.when(ended).then(pl.lit(ExitReason.EXPIRED.value)).otherwise(pl.lit(ExitReason.REMOVED.value))
    exits = gone.filter(ended | let_go).with_columns(
        left_on.alias("left_on"), left_on.alias("told_on"), reason.alias("reason")
    )
    return exits.select(*_DRAFT).cast(pl.Schema(_DRAFT)), list(_alarms(gone.filter(~ended & ~let_go)))


def _announced(exits: pl.DataFrame, spec: DisclosureSpec, basis: Basis, limit: int) -> pl.DataFrame:
    """EXIT_SCHEMA of exits (_DRAFT) of one dataset: whom the notice names, for how long, by which rule."""
    frames = [pl.DataFrame(schema=EXIT_SCHEMA)]
    for reason in ExitReason:
        notice = notice_of(basis, spec.kind, reason)
        days = timedelta(days=min(limit, notice.days or limit) - 1)
        frames.append(
            exits.filter(pl.col("reason") == reason.value)
            .with_columns(
                _named(notice, pl.col("person")).alias("subject"),
                pl.lit(_citation(notice, spec)).alias("citation"),
                (pl.col("told_on") + days).alias("notice_until"),
                pl.lit(notice.noindex).alias("noindex"),
            )
            .select(*EXIT_SCHEMA)
        )
    return pl.concat(frames)


def _carried(exits: pl.DataFrame, spec: DisclosureSpec, basis: Basis) -> pl.DataFrame:
    """Notices of the last release whose records the source no longer has, under today's rules."""
    names = {reason.value: notice_of(basis, spec.kind, reason).names.value for reason in ExitReason}
    rule = pl.col("reason").replace_strict(names, default=NamedSubjects.NOBODY.value, return_dtype=pl.String)
    masked = pl.col("subject").str.ends_with(MASK)
    shown = (rule == NamedSubjects.ALL.value) | ((rule == NamedSubjects.ORGANISATIONS.value) & ~masked)
    closed = {reason.value: notice_of(basis, spec.kind, reason).noindex for reason in ExitReason}
    noindex = pl.col("reason").replace_strict(closed, default=True, return_dtype=pl.Boolean)
    return exits.with_columns(
        pl.when(shown).then(pl.col("subject")).alias("subject"),
        pl.col("noindex").fill_null(True) | noindex,
        pl.min_horizontal("notice_until", _last_day(spec, basis)).alias("notice_until"),
    ).select(*EXIT_SCHEMA)


def _last_day(spec: DisclosureSpec, basis: Basis) -> pl.Expr:
    """The last day that today's rules give a notice; null where they set no length, or it began at another day."""
    days = {reason.value: notice_of(basis, spec.kind, reason).days for reason in ExitReason}
    days[ExitReason.WRONGLY_LISTED.value] = None  # its notice runs from the day on which the mistake was found
    length = pl.col("reason").replace_strict(days, default=None, return_dtype=pl.Int64)
    return pl.col("left_on") + pl.duration(days=length - 1)


def _named(notice: Notice, person: pl.Expr) -> pl.Expr:
    if notice.names is NamedSubjects.ALL:
        return pl.col("subject")
    if notice.names is NamedSubjects.ORGANISATIONS:
        return pl.when(~person.fill_null(True)).then(pl.col("subject"))
    return pl.lit(None, dtype=pl.String)


def _citation(notice: Notice, spec: DisclosureSpec) -> str:
    """What the notice rests on: the rule on exit notices in force, else the dataset's own basis."""
    return str(notice.rule.citation) if notice.rule is not None else "；".join(spec.legal_basis)


def _standing(decided: Sequence[DecidedTable], keys: pl.Series) -> pl.DataFrame:
    """Which of some keys are of records that may not have a notice: they are public, or withheld or suspended by a rule
    today."""
    left = [Outcome.EXPIRED.value, Outcome.EXITED.value]
    frames = [
        entry.decisions.frame.select(pl.col("_key").alias("key"), "_outcome")
        .filter(pl.col("key").is_in(keys.implode()))
        .filter(~pl.col("_outcome").is_in(left))
        .select("key")
        for entry in decided
    ]
    return pl.concat([pl.DataFrame(schema={"key": pl.String}), *frames])


def _dropped(decided: Sequence[DecidedTable], previous: Publication, basis: Basis) -> Iterator[Issue]:
    """Notices that would still run, of datasets that the site no longer has, or has under another name."""
    here = [entry.dataset for entry in decided]
    gone = previous.exits.filter(~pl.col("dataset").is_in(here) & (pl.col("notice_until") >= basis.as_of))
    for dataset, count in gone.group_by("dataset").len().sort("dataset").iter_rows():
        hint = f"exit notices of dataset {dataset}, which the site no longer has: there is no list for them to stand on"
        yield Issue("notice.dropped", Level.WARNING, hint, resource=dataset, count=count)


def _alarms(gone: pl.DataFrame) -> Iterator[Issue]:
    counts: Mapping[str, int] = dict(gone.group_by("dataset").len().sort("dataset").iter_rows())
    for dataset, count in counts.items():
        hint = (
            f"records of dataset {dataset} were public in the last release and are gone from the source before their "
            "end; no exit notice is published (absence: alarm)"
        )
        yield Issue("record.vanished", Level.WARNING, hint, resource=dataset, count=count)

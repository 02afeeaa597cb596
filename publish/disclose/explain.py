"""Every decision about one record and its life, from the same functions that decide a build; and what is coming."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from publish.disclose.basis import Basis, handling_of
from publish.disclose.deadlines import decide_deadlines
from publish.disclose.decided import DecidedTable
from publish.disclose.earlier import Earlier
from publish.disclose.periods import rule_ends
from publish.disclose.publication import publication_of
from publish.disclose.stage import TableDisclosure, decide_tables
from publish.model.explanation import Decision, Explanation, Forecast, Moment
from publish.model.public import EXIT_SCHEMA, ExitTable, Publication
from publish.model.source import CheckedTable
from publish.model.terms import DeadlineState, Flag, Outcome, Register
from publish.model.topics import Validity

_DATES = {
    "@decision_date": "decided",
    "@valid_from": "stated first day",
    "@published_on": "published, as stated",
    "@valid_until": "stated end of validity",
    "@publish_until": "stated end of publication",
    "_notice_end": "last day of the repair notice",
    "_left_on": "first day without the record",
}
_CLOSINGS = {"granted": "granted", "rejected": "rejected"}


def explain_record(
    tables: Sequence[CheckedTable], basis: Basis, wanted: str, previous: Publication | None = None
) -> Iterator[Explanation]:
    """The records whose id or key is `wanted`."""
    results = decide_tables(tables, basis)
    duties = _duties(results, previous, basis)
    for result in results:
        frame = result.decisions.frame
        chosen = frame.filter((pl.col("@record_id") == wanted) | (pl.col("_key") == wanted))
        for record in chosen.iter_rows(named=True):
            yield _explanation(result, record, duties, basis)


def _explanation(result: TableDisclosure, record: Mapping[str, Any], duties: pl.DataFrame, basis: Basis) -> Explanation:
    dataset = DecidedTable(result.table, result.decisions).dataset
    entries = result.ledger.filter((pl.col("row") == record["_row"]) | pl.col("row").is_null())
    decisions = [*_showing(result, record, basis)]
    decisions += [
        Decision(entry["outcome"], entry["field"] or "", entry["rule"], entry["citation"])
        for entry in entries.sort("field", "rule", nulls_last=False).iter_rows(named=True)
    ]
    mine = duties.filter((pl.col("dataset") == dataset) & (pl.col("row") == record["_row"]))
    moments = [*_own_moments(record), *_ends(result, record, basis), *_events(result, record), *_due(mine)]
    return Explanation(
        dataset=dataset,
        key=record["_key"] or "",
        row=record["_row"],
        as_of=basis.as_of,
        state=record["_state"],
        outcome=record["_outcome"],
        flag=record["_flag"] or "",
        start=record["_start"],
        until=record["_until"],
        timeline=tuple(sorted(set(moments), key=lambda m: (m.day, m.register, m.row or 0, m.event, m.rule))),
        decisions=tuple(decisions),
    )


def _showing(result: TableDisclosure, record: Mapping[str, Any], basis: Basis) -> Iterator[Decision]:
    """By which rules a public record is shown, and marked."""
    if record["_outcome"] != Outcome.PUBLIC:
        return
    kind = DecidedTable(result.table, result.decisions).spec.kind
    for rule in basis.book.in_force(Validity, kind, basis.as_of):
        yield Decision(Outcome.PUBLIC.value, rule=rule.id, citation=str(rule.citation))
    handling = handling_of(basis, kind)
    stated = handling.notice_days.rule if record["_flag"] == Flag.REPAIR_NOTICE else handling.under_objection.rule
    if record["_flag"] is not None and stated is not None:
        yield Decision(f"marked {record['_flag']}", rule=stated.id, citation=str(stated.citation))


def _own_moments(record: Mapping[str, Any]) -> Iterator[Moment]:
    for column, event in _DATES.items():
        if record[column] is not None:
            told = f"{event}: {record['_exit_reason']}" if column == "_left_on" else event
            yield Moment(record[column], told)


def _ends(result: TableDisclosure, record: Mapping[str, Any], basis: Basis) -> Iterator[Moment]:
    """The last day of each period that a rule sets."""
    row = result.decisions.frame.filter(pl.col("_row") == record["_row"])
    kind = DecidedTable(result.table, result.decisions).spec.kind
    rules = {rule.id: rule for rule in basis.book.all_of(Validity, kind)}
    for end in rule_ends(row, basis, kind):
        if end[0] is not None:
            rule = rules[end.name]
            yield Moment(end[0], "last day of the period", rule=rule.id, citation=str(rule.citation))


def _events(result: TableDisclosure, record: Mapping[str, Any]) -> Iterator[Moment]:
    events = result.decisions.events.filter(pl.col("@record_id") == record["@record_id"])
    for event in events.iter_rows(named=True):
        register, row = event["_register"], event["_row"]
        name = register.replace("_", " ")
        wrong = ", the row is wrong" if event["_bad"] else ""
        if event["_day"] is not None:
            has_state = register in (Register.OBJECTION, Register.REPAIR)
            what = "filed" if has_state else event["_effect"] or "given"
            yield Moment(event["_day"], f"{name} {what}{wrong}", register, row)
        if event["_checked"] is not None:
            yield Moment(event["_checked"], f"{name} checked by the provider", register, row)
        if event["_closed"] is not None:
            yield Moment(event["_closed"], f"{name} {_CLOSINGS.get(event['_state'], 'closed')}{wrong}", register, row)


def _due(duties: pl.DataFrame) -> Iterator[Moment]:
    known = pl.col("due").is_not_null() & (pl.col("duty") != "repair-notice")  # its end is a day of the record's own
    for duty in duties.filter(known).iter_rows(named=True):
        yield Moment(duty["due"], f"{duty['duty']} due: {duty['state']}", rule=duty["rule"])


def _duties(results: Sequence[TableDisclosure], previous: Publication | None, basis: Basis) -> pl.DataFrame:
    decided = [DecidedTable(result.table, result.decisions) for result in results]
    earlier = Earlier.of(previous, decided) if previous is not None else None
    publication = publication_of(decided, ExitTable(pl.DataFrame(schema=EXIT_SCHEMA)), earlier, basis)
    return decide_deadlines(decided, publication, basis)[0].frame


def forecast(
    tables: Sequence[CheckedTable], basis: Basis, days: int, previous: Publication | None = None
) -> tuple[Forecast, ...]:
    """What happens by itself within `days` days after the as-of date if no register changes; sorted by day.

    Records that begin, expire or leave after a repair notice; duties that fall due; rules that begin or end.
    """
    last = basis.as_of + timedelta(days=days)
    results = decide_tables(tables, basis)
    found = list(_rules(basis, last))
    for result in results:
        found += _passings(result, basis, last)
    duties = _duties(results, previous, basis).filter(
        pl.col("done").is_null() & (pl.col("due") >= basis.as_of) & (pl.col("due") <= last)
        & (pl.col("state") != DeadlineState.UNKNOWN.value)
    )  # fmt: skip
    found += [Forecast(day, "due", *rest) for day, *rest in duties.select("due", "dataset", "key", "duty").iter_rows()]
    return tuple(sorted(found, key=lambda entry: (entry.day, entry.what, entry.dataset, entry.key, entry.about)))


def _passings(result: TableDisclosure, basis: Basis, last: date) -> Iterator[Forecast]:
    dataset = DecidedTable(result.table, result.decisions).dataset
    frame = result.decisions.frame
    public = frame.filter(pl.col("_outcome") == Outcome.PUBLIC.value)
    pending = frame.filter(pl.col("_outcome") == Outcome.PENDING.value)
    ends = public.select("_key", pl.col("_until").dt.offset_by("1d").alias("day"), pl.col("_repaired_on"))
    repaired = (pl.col("_repaired_on") <= pl.col("day")).fill_null(pl.col("_repaired_on").is_not_null())
    for picked, day, what, about in (
        (pending.select("_key", pl.col("_start").alias("day")), "day", "begins", ""),
        (ends.filter(~repaired), "day", "expires", ""),
        (ends.filter(repaired), "_repaired_on", "leaves", "repaired"),
    ):
        within = picked.filter((pl.col(day) > basis.as_of) & (pl.col(day) <= last))
        for key, when in within.select("_key", day).iter_rows():
            yield Forecast(when, what, dataset, key, about)


def _rules(basis: Basis, last: date) -> Iterator[Forecast]:
    for rule in basis.book.rules():
        if rule.start is not None and basis.as_of < rule.start <= last:
            yield Forecast(rule.start, "rule-begins", about=rule.id)
        if rule.end is not None and basis.as_of <= rule.end < last:
            yield Forecast(rule.end + timedelta(days=1), "rule-ends", about=rule.id)

"""The disclosure stage: from checked tables to public tables, exits and the ledger. Pure and columnar."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from publish.disclose.basis import Basis
from publish.disclose.deadlines import decide_deadlines
from publish.disclose.decide import RecordDecisions, decide_records, standing_on_list
from publish.disclose.decided import DecidedTable
from publish.disclose.earlier import Earlier
from publish.disclose.exits import decide_exits
from publish.disclose.fields import spec_of
from publish.disclose.people import people_of
from publish.disclose.publication import publication_of
from publish.disclose.quiet import TextMemory
from publish.disclose.remarks import remarks_on
from publish.disclose.select import select_public
from publish.model.bare import bare
from publish.model.issue import Issue
from publish.model.public import LEDGER_SCHEMA, Disclosure, ExitTable, Ledger, Publication, PublicTable
from publish.model.report import NO_PROGRESS, Progress
from publish.model.source import CheckedTable
from publish.model.terms import Kind, Outcome
from publish.model.topics import CrossCheck


@dataclass(frozen=True, slots=True)
class TableDisclosure:
    """One record table, decided: its decisions, its public table and its ledger entries (LEDGER_SCHEMA)."""

    table: CheckedTable
    decisions: RecordDecisions
    public: PublicTable
    ledger: pl.DataFrame


def disclose(
    tables: Sequence[CheckedTable],
    basis: Basis,
    *,
    previous: Publication | None,
    notice_days: int,
    progress: Progress = NO_PROGRESS,
    memory: TextMemory | None = None,
) -> tuple[Disclosure, Publication, tuple[Issue, ...]]:
    """What may be public on the as-of date, what has left, and why the rest is not shown.

    Tables without a disclosure block are never disclosed; register tables only act on records. Returns the register
    for the next build beside the disclosure, and issues: alarms, days that the calendar does not know, remarks.
    `memory` of the last build saves work, changes nothing, and is told of this one.
    """
    with progress.step("decisions"):
        results = decide_tables(tables, basis, progress, memory)
    decided = [DecidedTable(result.table, result.decisions) for result in results]
    with ThreadPoolExecutor(1) as aside:
        remarking = aside.submit(lambda: [issue for entry in decided for issue in remarks_on(entry, basis)])
        earlier = Earlier.of(previous, decided) if previous is not None else None
        exits, alarms = decide_exits(decided, earlier, basis, notice_days)
        publication = publication_of(decided, exits, earlier, basis)
        deadlines, unknown = decide_deadlines(decided, publication, basis)
    ledgers = [pl.DataFrame(schema=LEDGER_SCHEMA), *(result.ledger for result in results)]
    disclosure = Disclosure(
        as_of=basis.as_of,
        public=tuple(result.public for result in results),
        exits=ExitTable(bare(exits.frame)),
        ledger=Ledger(pl.concat(ledgers).sort(list(LEDGER_SCHEMA), nulls_last=True)),
        counts=publication.counts,
        deadlines=deadlines,
        withdrawals=bare(publication.withdrawals),
        exited=_exited(results),
    )
    return disclosure, publication, (*alarms, *unknown, *remarking.result())


def _exited(results: Sequence[TableDisclosure]) -> dict[str, int]:
    """How many records an event has ended, by reason."""
    frames = [result.decisions.frame.select("_outcome", "_exit_reason") for result in results]
    empty = pl.DataFrame(schema={"_outcome": pl.String, "_exit_reason": pl.String})
    exited = pl.concat([empty, *frames]).filter(pl.col("_outcome") == Outcome.EXITED.value)
    return dict(exited.group_by("_exit_reason").len().sort("_exit_reason").iter_rows())


def decide_tables(
    tables: Sequence[CheckedTable],
    basis: Basis,
    progress: Progress = NO_PROGRESS,
    memory: TextMemory | None = None,
) -> tuple[TableDisclosure, ...]:
    """All record tables, decided, in their order. Who stands on the lists that others are checked against comes first.

    Cells are masked last, when all persons are known whom no text of the site may name.
    """
    records = [table for table in tables if table.source.disclosure is not None]
    kinds = set(_checked_against(records, basis))
    listed: dict[Kind, list[pl.Series]] = {}
    for table in records:
        # Who stands on a list follows from its dates and events alone, whatever it is checked against itself.
        if (kind := spec_of(table).kind) in kinds:
            alone = decide_records(table, registers_of(table, tables), basis)
            listed.setdefault(kind, []).append(standing_on_list(alone))
    known = {kind: pl.concat(subjects).unique() for kind, subjects in listed.items()}
    progress.expect(2 * sum(table.source.frame.height for table in records), "rows decided or masked")
    decided = [
        _counted(decide_records(table, registers_of(table, tables), basis, known), progress) for table in records
    ]
    nobody = pl.Series("n", [], dtype=pl.String)
    people = pl.concat([nobody, *map(people_of, records, (entry.frame for entry in decided))]).unique().sort()
    return tuple(
        _masked(table, entry, basis, people, progress, memory) for table, entry in zip(records, decided, strict=True)
    )


def _counted(decisions: RecordDecisions, progress: Progress) -> RecordDecisions:
    progress.advance(decisions.frame.height)
    return decisions


def _masked(
    table: CheckedTable,
    decisions: RecordDecisions,
    basis: Basis,
    people: pl.Series,
    progress: Progress,
    memory: TextMemory | None,
) -> TableDisclosure:
    public, entries = select_public(table, decisions, basis, people, memory)
    progress.advance(table.source.frame.height)
    return TableDisclosure(table, decisions, public, pl.concat([decisions.ledger, entries]))


def _checked_against(tables: Sequence[CheckedTable], basis: Basis) -> Iterator[Kind]:
    for table in tables:
        assert table.source.disclosure is not None
        for rule in basis.book.in_force(CrossCheck, table.source.disclosure.kind, basis.as_of):
            yield from rule.parameters.against


def registers_of(table: CheckedTable, tables: Sequence[CheckedTable]) -> list[CheckedTable]:
    """The registers of the same package that are about this table."""
    return [
        other
        for other in tables
        if other.source.register is not None
        and other.source.register.of == table.source.resource
        and other.source.package.folder == table.source.package.folder
    ]

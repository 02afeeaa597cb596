"""The disclosure stage: from checked tables to public tables, exits and the ledger. Pure and columnar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from publish.disclose.decide import RecordDecisions, decide_records
from publish.disclose.exits import DecidedTable, decide_exits, publication_of
from publish.disclose.select import select_public
from publish.model.issue import Issue
from publish.model.public import LEDGER_SCHEMA, Disclosure, Ledger, Publication, PublicTable
from publish.model.rules import Rule, RuleBook, Topic
from publish.model.source import CheckedTable
from publish.model.terms import Kind


@dataclass(frozen=True, slots=True)
class TableDisclosure:
    """One record table, decided: its decisions, its public table and its ledger entries (LEDGER_SCHEMA)."""

    decisions: RecordDecisions
    public: PublicTable
    ledger: pl.DataFrame


def disclose(
    tables: Sequence[CheckedTable],
    book: RuleBook,
    as_of: date,
    *,
    previous: Publication | None,
    notice_days: int,
    secret: bytes,
) -> tuple[Disclosure, Publication, tuple[Issue, ...]]:
    """What may be public on `as_of`, what has left, and why the rest is not shown.

    Tables without a disclosure block are never disclosed; register tables only act on records. Returns the register
    for the next build beside the disclosure, and alarms.
    """
    results: list[TableDisclosure] = []
    decided: list[DecidedTable] = []
    for table in tables:
        spec = table.source.disclosure
        if spec is None:
            continue
        result = decide_table(table, registers_of(table, tables), book, as_of, secret)
        results.append(result)
        citation = _notice_citation(book, spec.kind, as_of, spec.legal_basis)
        decided.append(DecidedTable(table, result.decisions, citation))
    exits, alarms = decide_exits(decided, previous, as_of, notice_days)
    publication = publication_of(decided, exits, as_of)
    ledgers = [pl.DataFrame(schema=LEDGER_SCHEMA), *(result.ledger for result in results)]
    ledger = Ledger(pl.concat(ledgers).sort(list(LEDGER_SCHEMA), nulls_last=True))
    public = tuple(result.public for result in results)
    return Disclosure(as_of, public, exits, ledger, publication.counts), publication, alarms


def decide_table(
    table: CheckedTable, registers: Sequence[CheckedTable], book: RuleBook, as_of: date, secret: bytes
) -> TableDisclosure:
    """All decisions about one record table. `registers` are those about this table."""
    assert table.source.disclosure is not None
    decisions = decide_records(table, registers, book, as_of, secret)
    public, entries = select_public(table, decisions, partial(_rule, book, table.source.disclosure.kind, as_of))
    return TableDisclosure(decisions, public, pl.concat([decisions.ledger, entries]))


def registers_of(table: CheckedTable, tables: Sequence[CheckedTable]) -> list[CheckedTable]:
    """The registers of the same package that are about this table."""
    return [
        other
        for other in tables
        if other.source.register is not None
        and other.source.register.of == table.source.resource
        and other.source.package.folder == table.source.package.folder
    ]


def _rule(book: RuleBook, kind: Kind, as_of: date, topic: Topic) -> Rule:
    rule = next(book.in_force(topic, kind, as_of), None)
    if rule is None:
        raise LookupError(f"no rule of topic {topic} for {kind}; the baseline must have one")
    return rule


def _notice_citation(book: RuleBook, kind: Kind, as_of: date, legal_basis: Sequence[str]) -> str:
    """What an exit notice rests on: the rule on exit notices in force, else the dataset's own basis."""
    rule = next(book.in_force(Topic.EXIT_NOTICE, kind, as_of), None)
    return str(rule.citation) if rule is not None else "；".join(legal_basis)

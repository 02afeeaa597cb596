"""The disclosure stage: from checked tables to public tables, exits and the ledger. Pure and columnar."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from publish.disclose.decide import decide_records
from publish.disclose.exits import DecidedTable, decide_exits, publication_of
from publish.disclose.select import select_public
from publish.model.issue import Issue
from publish.model.public import LEDGER_SCHEMA, Disclosure, Ledger, Publication
from publish.model.rules import Rule, RuleBook, Topic
from publish.model.source import CheckedTable
from publish.model.terms import Kind


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
    decided: list[DecidedTable] = []
    public = []
    ledgers = [pl.DataFrame(schema=LEDGER_SCHEMA)]
    for table in tables:
        spec = table.source.disclosure
        if spec is None:
            continue
        decisions = decide_records(table, _registers(table, tables), book, as_of, secret)
        decided.append(DecidedTable(table, decisions, _notice_citation(book, spec.kind, as_of, spec.legal_basis)))
        shown, entries = select_public(table, decisions, lambda topic, kind=spec.kind: _rule(book, topic, kind, as_of))
        public.append(shown)
        ledgers += [decisions.ledger, entries]
    exits, alarms = decide_exits(decided, previous, as_of, notice_days)
    publication = publication_of(decided, exits, as_of)
    ledger = Ledger(pl.concat(ledgers).sort(list(LEDGER_SCHEMA), nulls_last=True))
    result = Disclosure(as_of, tuple(public), exits, ledger, publication.counts)
    return result, publication, alarms


def _registers(table: CheckedTable, tables: Sequence[CheckedTable]) -> list[CheckedTable]:
    return [
        other
        for other in tables
        if other.source.register is not None
        and other.source.register.of == table.source.resource
        and other.source.package.folder == table.source.package.folder
    ]


def _rule(book: RuleBook, topic: Topic, kind: Kind, as_of: date) -> Rule:
    rule = next(book.in_force(topic, kind, as_of), None)
    if rule is None:
        raise LookupError(f"no rule of topic {topic} for {kind}; the baseline must have one")
    return rule


def _notice_citation(book: RuleBook, kind: Kind, as_of: date, legal_basis: Sequence[str]) -> str:
    """What an exit notice rests on: the rule on exit notices in force, else the dataset's own basis."""
    rule = next(book.in_force(Topic.EXIT_NOTICE, kind, as_of), None)
    return str(rule.citation) if rule is not None else "；".join(legal_basis)

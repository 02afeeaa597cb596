"""Decisions about whole records: withheld and why, from when to when, flagged, repaired.

Every rule is an expression over the typed columns; what fires is combined by the strictest, so that the order of the
rules changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from publish.disclose.events import events_of
from publish.disclose.keys import record_keys
from publish.disclose.periods import period_end
from publish.model.public import LEDGER_SCHEMA
from publish.model.rules import Citation, End, Rule, RuleBook, Topic
from publish.model.source import DATE_ROLES, END_ROLES, CheckedTable, DisclosureSpec, Role
from publish.model.terms import Outcome, SubjectKind

_NO_RULE = Rule(
    "baseline.no-rule",
    Topic.VALIDITY,
    "没有规则规定其公示期限的信息不予公示",
    Citation("公共信用信息管理办法(试行)", "苏政发〔2018〕23号", "第三条"),
)


@dataclass(frozen=True, slots=True)
class RecordDecisions:
    """What was decided of each record of a table.

    `frame`, one row per source row in order: `_row` UInt32, `_key`, `@<role>` columns (every role, null where the
    table has none), `_person` Boolean (a natural person, or not known to be another), `_start`, `_until` (last day,
    null: none), `_shown_until` (`_until` if only public fields tell it), `_repaired_on` Date, `_objection` Boolean,
    `_outcome` (Outcome value). `ledger` has LEDGER_SCHEMA.
    """

    frame: pl.DataFrame
    ledger: pl.DataFrame


def decide_records(
    table: CheckedTable, registers: Sequence[CheckedTable], book: RuleBook, as_of: date, secret: bytes
) -> RecordDecisions:
    """Decide every record of one record table as of a day. `registers` are those about this table."""
    spec = _spec(table)
    frame = _with_all_roles(table.typed, spec)
    frame = frame.with_columns(record_keys(spec.dataset, frame["@record_id"], secret))
    frame = frame.join(events_of(registers, as_of), on="@record_id", how="left", maintain_order="left")
    frame = frame.with_columns(
        pl.col("_objection").fill_null(False),
        (~pl.col("@subject_kind").is_in([SubjectKind.ORGANISATION, SubjectKind.SOLE_TRADER]))
        .fill_null(True)
        .alias("_person"),
        pl.col("_row").is_in(table.errors["row"].unique().to_list()).alias("_bad"),
        pl.max_horizontal("@decision_date", "@valid_from").alias("_start"),
        *_ends(table, book, as_of),
    )
    firing = [(rule, expression.fill_null(False)) for rule, expression in _withholding(spec, book, as_of)]
    withheld = pl.any_horizontal(*(expression for _, expression in firing)) if firing else pl.lit(False)
    frame = frame.with_columns(_outcome(withheld, as_of, _repair_applies(spec, book, as_of)).alias("_outcome"))
    entries = [_entries(frame.filter(expression), spec, Outcome.WITHHELD, rule) for rule, expression in firing]
    entries += list(_passings(frame, spec, book, as_of))
    return RecordDecisions(frame, pl.concat([pl.DataFrame(schema=LEDGER_SCHEMA), *entries]))


def _spec(table: CheckedTable) -> DisclosureSpec:
    if table.source.disclosure is None:
        raise ValueError("a table without a disclosure block is never disclosed")
    return table.source.disclosure


def _with_all_roles(typed: pl.DataFrame, spec: DisclosureSpec) -> pl.DataFrame:
    missing: list[pl.Expr] = []
    for role in Role:
        name = f"@{role.value}"
        if name not in typed.columns:
            missing.append(pl.lit(None, dtype=pl.Date if role in DATE_ROLES else pl.String).alias(name))
        if role in END_ROLES and f"{name}_open" not in typed.columns:
            missing.append(pl.lit(False).alias(f"{name}_open"))
    frame = typed.with_columns(missing)
    if spec.subject_kind is not None:
        constant = pl.lit(spec.subject_kind.value)
        frame = frame.with_columns(
            constant.alias("@subject_kind") if "@subject_kind" not in typed.columns else pl.col("@subject_kind")
        )
    return frame


def _ends(table: CheckedTable, book: RuleBook, as_of: date) -> tuple[pl.Expr, pl.Expr]:
    """`_until` and `_shown_until`: the earliest of all stated ends and all periods in force."""
    spec = _spec(table)
    stated = [pl.col(f"@{role.value}") for role in (Role.VALID_UNTIL, Role.PUBLISH_UNTIL)]
    rules = list(book.in_force(Topic.VALIDITY, spec.kind, as_of))
    periods = [period_end(pl.col("@decision_date"), pl.col("@severity"), r.periods) for r in rules if r.periods]
    until = pl.min_horizontal(*stated, *periods)
    shown = [pl.col(f"@{role.value}") for role in (Role.VALID_UNTIL, Role.PUBLISH_UNTIL) if is_public(table, role)]
    if is_public(table, Role.DECISION_DATE) and is_public(table, Role.SEVERITY):
        shown += periods
    told = pl.min_horizontal(*shown) if shown else pl.lit(None, dtype=pl.Date)
    return until.alias("_until"), pl.when(told == until).then(told).alias("_shown_until")


def is_public(table: CheckedTable, role: Role) -> bool:
    """Whether the table has fields of this role and all of them are of the public class."""
    fields = table.source.schema.with_role(role)
    return bool(fields) and all(spec.publicity == "public" for spec in fields)


def _withholding(spec: DisclosureSpec, book: RuleBook, as_of: date) -> Iterator[tuple[Rule, pl.Expr]]:
    """(rule, Boolean expression: withhold the record) for each rule in force."""
    for rule in book.in_force(Topic.BAD_RECORD, spec.kind, as_of):
        yield rule, pl.col("_bad") | pl.col("_key").is_null()
    for rule in book.in_force(Topic.REQUIRE, spec.kind, as_of):
        yield rule, pl.any_horizontal(*(pl.col(f"@{role}").is_null() for role in rule.require))
    for rule in book.in_force(Topic.WITHHOLD, spec.kind, as_of):
        for role, values in (("severity", rule.withhold_severity), ("procedure", rule.withhold_procedure)):
            if values:
                yield rule, pl.col(f"@{role}").is_in(sorted(values))
    validity = list(book.in_force(Topic.VALIDITY, spec.kind, as_of))
    for rule in validity or [_NO_RULE]:
        yield rule, _endless(rule)


def _endless(rule: Rule) -> pl.Expr:
    """No end date although the rule wants one. A blank end is not `长期`: only the marker opens a licence's end."""
    if rule is _NO_RULE:
        return pl.lit(True)
    if rule.ends is End.WHILE_LISTED:
        return pl.lit(False)
    if rule.ends is End.OPEN_ENDED:
        return pl.col("_until").is_null() & ~(pl.col("@valid_until_open") | pl.col("@publish_until_open"))
    return pl.col("_until").is_null()


def _repair_applies(spec: DisclosureSpec, book: RuleBook, as_of: date) -> bool:
    return any(True for _ in book.in_force(Topic.REPAIR, spec.kind, as_of))


def _outcome(withheld: pl.Expr, as_of: date, repair_applies: bool) -> pl.Expr:
    repaired = pl.col("_repaired_on").is_not_null() if repair_applies else pl.lit(False)
    return (
        pl.when(withheld)
        .then(pl.lit(Outcome.WITHHELD.value))
        .when(repaired)
        .then(pl.lit(Outcome.EXITED.value))
        .when(pl.col("_until") < as_of)
        .then(pl.lit(Outcome.EXPIRED.value))
        .when(pl.col("_start") > as_of)
        .then(pl.lit(Outcome.PENDING.value))
        .otherwise(pl.lit(Outcome.PUBLIC.value))
    )


def _passings(frame: pl.DataFrame, spec: DisclosureSpec, book: RuleBook, as_of: date) -> Iterator[pl.DataFrame]:
    """Ledger entries of records that are not public by time or by repair."""
    validity = next(book.in_force(Topic.VALIDITY, spec.kind, as_of), _NO_RULE)
    repair = next(book.in_force(Topic.REPAIR, spec.kind, as_of), _NO_RULE)
    for outcome, rule in ((Outcome.EXPIRED, validity), (Outcome.PENDING, validity), (Outcome.EXITED, repair)):
        yield _entries(frame.filter(pl.col("_outcome") == outcome.value), spec, outcome, rule)


def _entries(picked: pl.DataFrame, spec: DisclosureSpec, outcome: Outcome, rule: Rule) -> pl.DataFrame:
    return picked.select(
        pl.lit(spec.dataset).alias("dataset"),
        pl.col("_key").alias("key"),
        pl.col("_row").alias("row"),
        pl.lit(None, dtype=pl.String).alias("field"),
        pl.lit(outcome.value).alias("outcome"),
        pl.lit(rule.id).alias("rule"),
        pl.lit(str(rule.citation)).alias("citation"),
        pl.col("_until").alias("until"),
    ).cast(dict(LEDGER_SCHEMA))  # type: ignore[arg-type]

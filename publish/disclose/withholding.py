"""Restrictions: which rules keep a record from being published, as expressions over the decided columns."""

from collections.abc import Iterator

import polars as pl

from publish.disclose.basis import Basis
from publish.model.rules import Citation, Rule
from publish.model.source import DisclosureSpec
from publish.model.terms import LifeState, Procedure, Severity, SubjectKind
from publish.model.topics import (
    Adult,
    Catalogue,
    CrossCheck,
    End,
    Parameters,
    PriorNotice,
    Require,
    SafeguardTopic,
    Validity,
    Withhold,
)

NO_RULE: Rule[Parameters] = Rule(
    "baseline.no-rule",
    "没有规则规定其公示期限的信息不予公示",
    Citation("公共信用信息管理办法(试行)", "苏政发〔2018〕23号", "第三条"),
    Validity(),
)
# What a sole trader without a credit code has in its place; then the registration number tells who it is (facts, 4).
CODE_PLACEHOLDER = "0" * 17 + "X"

Firing = tuple[Rule[Parameters], pl.Expr]


def restrictions(spec: DisclosureSpec, basis: Basis) -> Iterator[Firing]:
    """(rule, Boolean expression: withhold the record) for each restriction in force; null counts as false.

    `spec` with everything that the dataset states, its package's description too.
    """
    yield from _safeguards(basis)
    for require in basis.book.in_force(Require, spec.kind, basis.as_of):
        yield require, pl.any_horizontal(*(_blank(role) for role in require.parameters.roles))
    for withhold in basis.book.in_force(Withhold, spec.kind, basis.as_of):
        yield withhold, pl.any_horizontal(*_withheld_values(withhold))
    for adult in basis.book.in_force(Adult, spec.kind, basis.as_of):
        grown = pl.col("_born").dt.offset_by(f"{adult.parameters.years}y")
        organisation = (pl.col("@subject_kind") == SubjectKind.ORGANISATION.value).fill_null(False)
        yield adult, ~organisation & (grown > pl.col("@decision_date").fill_null(basis.as_of))
    for catalogue in basis.book.in_force(Catalogue, spec.kind, basis.as_of):
        yield catalogue, pl.lit(not all(getattr(spec, name) for name in catalogue.parameters.stated))
    for notice in basis.book.in_force(PriorNotice, spec.kind, basis.as_of):
        # A notice counts if it came before the decision; on the same day nobody could still answer it.
        yield notice, ~(pl.col("_noticed_on") < pl.col("@decision_date")).fill_null(False)
    for check in basis.book.in_force(CrossCheck, spec.kind, basis.as_of):
        yield check, pl.col(f"_on_{'_'.join(sorted(check.parameters.against))}")
    validity = list(basis.book.in_force(Validity, spec.kind, basis.as_of))
    if not validity:
        yield NO_RULE, pl.lit(True)
    yield from ((rule, _endless(rule)) for rule in validity)


def _safeguards(basis: Basis) -> Iterator[Firing]:
    book = basis.book
    yield book.safeguard(SafeguardTopic.BAD_RECORD), pl.col("_bad") | pl.col("_bad_event") | pl.col("_key").is_null()
    yield book.safeguard(SafeguardTopic.UNKNOWN_DAY), pl.col("_unknown_day")
    yield (
        book.safeguard(SafeguardTopic.REGISTRATION_NUMBER),
        (pl.col("@subject_code").str.strip_chars() == CODE_PLACEHOLDER) & _blank("registration_number"),
    )


def _blank(role: str) -> pl.Expr:
    if role == "severity":
        return pl.col("_severity").is_null()
    column = pl.col(f"@{role}")
    return column.is_null() | (column.cast(pl.String).str.strip_chars() == "")


def _withheld_values(rule: Rule[Withhold]) -> Iterator[pl.Expr]:
    values: tuple[tuple[str, frozenset[Severity] | frozenset[Procedure]], ...] = (
        ("_severity", rule.parameters.severity),
        ("@procedure", rule.parameters.procedure),
    )
    for column, withheld in values:
        if withheld:
            yield pl.col(column).is_in(sorted(withheld)).fill_null(False)
    kinds = rule.parameters.subject_kind
    if SubjectKind.NATURAL_PERSON in kinds:
        yield pl.col("_person")
    if kinds:
        yield pl.col("@subject_kind").is_in(sorted(kinds)).fill_null(False)


def _endless(rule: Rule[Validity]) -> pl.Expr:
    """No end date although the rule wants one. A blank end is not `长期`: only the marker opens a licence's end."""
    if rule.parameters.ends is End.WHILE_LISTED:
        return pl.lit(False)
    if rule.parameters.ends is End.OPEN_ENDED:
        return pl.col("_dated_until").is_null() & ~pl.col("_open_ended")
    return pl.col("_dated_until").is_null()


def correcting(basis: Basis) -> Firing:
    """The safeguard of records that an upheld objection found wrong and nobody has corrected yet."""
    rule = basis.book.safeguard(SafeguardTopic.UPHELD_OBJECTION)
    return rule, pl.col("_state") == LifeState.CORRECTING.value

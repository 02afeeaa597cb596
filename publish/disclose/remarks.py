"""What the publisher should look at: periods that do not fit the law, degrees that differ. It changes no decision.

A stated end beyond the longest period is cut there; one before the shortest is kept, since the provider has decided and
less is published. The same holds for a repair that was granted before the shortest period was over.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from publish.disclose.basis import Basis
from publish.disclose.decided import DecidedTable
from publish.disclose.identifiers import organisation_checks, valid_credit_codes
from publish.disclose.periods import period_end
from publish.model.issue import Issue, Level
from publish.model.rules import Rule
from publish.model.terms import Area, Severity
from publish.model.topics import Catalogue, Validity

_HINTS: Mapping[str, str] = {
    "period.beyond-maximum": "stated ends later than {rule} allows; publication ends at its longest period",
    "period.below-minimum": "stated ends earlier than the shortest period of {rule}; they are kept",
    "repair.before-minimum": "repairs granted before the shortest period of {rule} was over; they are honoured",
    "code.organisation-check": "valid credit codes whose characters 9 to 17 fail the check of GB 11714; they are shown",
    "severity.differs": "the stated degree is graver than that of the gravest penalty type; the milder one holds",
}

_LOOKED_AT = (
    *("_row", "_severity", "@severity", "@subject_code", "@decision_date", "@area"),
    *("@valid_until", "@publish_until", "@valid_until_open", "@publish_until_open"),
)


def remarks_on(entry: DecidedTable, basis: Basis) -> Iterator[Issue]:
    """Warnings about the records of a table that are public now, each with the count, the first row and the rule."""
    yield from _unstated(entry, basis)
    decided = entry.decisions.frame.select("_outcome", "_granted_on", *_LOOKED_AT)
    frame = decided.filter(pl.col("_outcome").is_in(["public", "suspended"])).select(_LOOKED_AT)
    graver = pl.col("@severity").is_not_null() & (pl.col("_severity") != pl.col("@severity"))
    yield from _remark(entry, frame, graver, "severity.differs", "")
    codes = frame.select("_row", pl.col("@subject_code").str.strip_chars())
    valid = codes.filter(valid_credit_codes(codes["@subject_code"]))
    doubtful = ~organisation_checks(valid["@subject_code"])
    yield from _remark(entry, valid, pl.lit(doubtful), "code.organisation-check", "")
    for rule in basis.book.in_force(Validity, entry.spec.kind, basis.as_of):
        stated = pl.min_horizontal("@valid_until", "@publish_until")
        longest = period_end(pl.col("@decision_date"), pl.col("_severity"), rule.parameters.periods)
        shortest = _shortest(rule)
        open_ended = pl.col("@valid_until_open") | pl.col("@publish_until_open")
        beyond = (stated > longest).fill_null(False) | (open_ended & longest.is_not_null())
        yield from _remark(entry, frame, beyond, "period.beyond-maximum", rule.id)
        yield from _remark(entry, frame, stated < shortest, "period.below-minimum", rule.id)
        granted = decided.filter(pl.col("_granted_on").is_not_null())
        yield from _remark(entry, granted, pl.col("_granted_on") < shortest, "repair.before-minimum", rule.id)


def _unstated(entry: DecidedTable, basis: Basis) -> Iterator[Issue]:
    """What the catalogue asks of the dataset and its publisher does not state: then nothing of it is published."""
    for rule in basis.book.in_force(Catalogue, entry.spec.kind, basis.as_of):
        missing = [name for name in rule.parameters.stated if not getattr(entry.spec, name)]
        if missing:
            hint = f"{rule.id} wants {', '.join(missing)}; nothing of this dataset is published"
            source = entry.table.source
            yield Issue(
                "catalogue.incomplete", Level.WARNING, hint, package=source.package.name, resource=source.resource
            )


def _shortest(rule: Rule[Validity]) -> pl.Expr:
    """The first day on which publication may end by a decision; the longer minimum where an area has its own (N58)."""
    parameters = rule.parameters
    shortest = period_end(pl.col("@decision_date"), pl.col("_severity"), parameters.minimums)
    if not parameters.areas or parameters.area_minimum is None:
        return shortest
    areas = "|".join(sorted(Area(area).value for area in parameters.areas))
    within = pl.col("@area").str.contains(rf"(?:^|\|)(?:{areas})(?:\||$)").fill_null(False)
    grades = dict.fromkeys(Severity, parameters.area_minimum)
    longer = period_end(pl.col("@decision_date"), pl.col("_severity"), grades)
    return pl.when(within).then(pl.max_horizontal(shortest, longer)).otherwise(shortest)


def _remark(entry: DecidedTable, frame: pl.DataFrame, holds: pl.Expr, code: str, rule: str) -> Iterator[Issue]:
    rows = frame.filter(holds.fill_null(False))["_row"]
    if len(rows):
        source = entry.table.source
        yield Issue(
            code,
            Level.WARNING,
            _HINTS[code].format(rule=rule),
            package=source.package.name,
            resource=source.resource,
            row=int(rows[0]),
            count=len(rows),
        )

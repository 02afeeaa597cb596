"""The public table: built by selecting allowed columns and masking what is about persons, never by dropping.

What a cell becomes: as written; masked; or null (withheld). System columns are made from public columns only.
"""

from collections.abc import Iterator

import polars as pl

from publish.disclose.basis import Basis
from publish.disclose.decide import RecordDecisions
from publish.disclose.fields import is_public, public_fields, spec_of
from publish.disclose.keys import newest_first
from publish.disclose.masking import MaskedCells, mask_cells
from publish.disclose.quiet import TextMemory
from publish.model.bare import bare
from publish.model.public import LEDGER_SCHEMA, DatasetInfo, PublicField, PublicTable
from publish.model.rules import Rule
from publish.model.source import CheckedTable, FieldSpec, Role
from publish.model.terms import Kind, Outcome, Pattern
from publish.model.topics import FreeText, Parameters, SafeguardTopic

_HIDDEN_ROLES = {
    Role.PERSON_NUMBER: SafeguardTopic.PERSON_NUMBER,
    Role.OTHER_PERSON: SafeguardTopic.OTHER_PERSON,
    Role.INFORMANT: SafeguardTopic.INFORMANT,
}
# Of the decided columns those that public tables are made from.
_CHOSEN = (
    *("_key", "_row", "_person", "_severity", "_shown_until", "_flag"),
    *("@subject_name", "@subject_kind", "@decision_date"),
)
_CATALOGUE = ("data_source", "scope_of_use", "data_format", "period_of_use", "retention_period", "authority_level")


def masked_patterns(basis: Basis, kind: Kind) -> frozenset[Pattern]:
    """Personal data that is masked in free text, by all rules in force."""
    rules = basis.book.in_force(FreeText, kind, basis.as_of)
    return frozenset(pattern for rule in rules for pattern in rule.parameters.patterns)


def select_public(
    table: CheckedTable, decisions: RecordDecisions, basis: Basis, people: pl.Series, memory: TextMemory | None = None
) -> tuple[PublicTable, pl.DataFrame]:
    """The public table, and the ledger entries (LEDGER_SCHEMA) about fields and cells.

    `people`: folded names of persons that no text of the site may hold; `memory` as mask_cells has it.
    """
    fields = public_fields(table)
    chosen = decisions.frame.select("_outcome", *_CHOSEN).filter(pl.col("_outcome") == Outcome.PUBLIC.value)
    masked = mask_cells(table, chosen, fields, masked_patterns(basis, spec_of(table).kind), people, memory)
    # From here on nobody has in memory what stood in masked cells and in other rows, workers elsewhere least of all.
    chosen, cells = chosen.with_columns(bare(chosen.select("_key"))), bare(masked.cells)
    frame = pl.concat([_system_columns(table, chosen, cells), cells], how="horizontal")
    # Not before: texts are read faster in the order in which they were written.
    frame = frame[newest_first(frame["_date"], decisions.order)]
    public = PublicTable(_info(table), tuple(_public_field(spec) for spec in fields), frame)
    entries = [pl.DataFrame(schema=LEDGER_SCHEMA), *_field_ledger(table, chosen, fields, masked, basis)]
    return public, pl.concat(entries)


def _system_columns(table: CheckedTable, chosen: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """The `_` columns of PublicTable. A role that is not wholly public gives null."""

    def text(role: Role) -> pl.Expr:
        fields = [spec.name for spec in table.source.schema.with_role(role) if spec.name in shown.columns]
        if not fields:
            return pl.lit(None, dtype=pl.String)
        return pl.when(pl.col(fields[0]).str.strip_chars() != "").then(pl.col(fields[0]))

    def typed(role: Role, dtype: type[pl.DataType]) -> pl.Expr:
        constant = role is Role.SUBJECT_KIND and not table.source.schema.with_role(role)
        return pl.col(f"@{role.value}") if constant or is_public(table, role) else pl.lit(None, dtype=dtype)

    both = pl.concat([chosen, shown], how="horizontal")
    code = text(Role.SUBJECT_CODE)
    title = pl.coalesce(
        text(Role.TITLE), text(Role.DOCUMENT_NUMBER), text(Role.CONTENT), text(Role.REASON), text(Role.SUBJECT_NAME)
    )
    return both.select(
        pl.col("_key"),
        title.alias("_title"),
        text(Role.SUBJECT_NAME).alias("_subject"),
        pl.when(~pl.col("_person")).then(code).alias("_code"),
        typed(Role.SUBJECT_KIND, pl.String).alias("_kind"),
        typed(Role.DECISION_DATE, pl.Date).alias("_date"),
        pl.col("_shown_until").alias("_until"),
        text(Role.AUTHORITY).alias("_authority"),
        _shown_severity(table),
        text(Role.REASON).alias("_reason"),
        pl.col("_flag"),
    )


def _shown_severity(table: CheckedTable) -> pl.Expr:
    """`_severity`: the one that decides, if every column that it comes from is public."""
    roles = [role for role in (Role.SEVERITY, Role.PENALTY_TYPE) if table.source.schema.with_role(role)]
    public = bool(roles) and all(is_public(table, role) for role in roles)
    return pl.col("_severity") if public else pl.lit(None, dtype=pl.String).alias("_severity")


def _public_field(spec: FieldSpec) -> PublicField:
    return PublicField(
        name=spec.name,
        title=spec.title or spec.name,
        description=spec.description,
        type=spec.type,
        format=spec.format,
        masked=spec.role is Role.SUBJECT_NAME,
    )


def _info(table: CheckedTable) -> DatasetInfo:
    package, spec = table.source.package, spec_of(table)
    return DatasetInfo(
        slug=spec.dataset,
        title=spec.title,
        kind=spec.kind,
        provider=spec.provider,
        description=spec.description or package.description,
        legal_basis=spec.legal_basis,
        official=spec.official,
        keywords=package.keywords,
        licenses=tuple((entry.title or entry.name, entry.url) for entry in package.licenses),
        sources=tuple((entry.title or entry.name, entry.url) for entry in package.sources),
        homepage=package.homepage,
        update_cycle=spec.update_cycle,
        package=package.name,
        channel=spec.channel or "",
        catalogue={name: value for name in _CATALOGUE if (value := getattr(spec, name))},
    )


def _field_ledger(
    table: CheckedTable, chosen: pl.DataFrame, fields: tuple[FieldSpec, ...], masked: MaskedCells, basis: Basis
) -> Iterator[pl.DataFrame]:
    dataset, book = spec_of(table).dataset, basis.book
    published = {spec.name for spec in fields}
    free_text = list(book.in_force(FreeText, spec_of(table).kind, basis.as_of))
    for spec in table.source.schema.fields:
        if spec.name not in published:
            topic = (
                _HIDDEN_ROLES.get(spec.role, SafeguardTopic.FIELD_CLASS) if spec.role else SafeguardTopic.FIELD_CLASS
            )
            nobody = pl.DataFrame({"_key": [None], "_row": [None]}, schema={"_key": pl.String, "_row": pl.UInt32})
            yield _entry(nobody, dataset, spec.name, Outcome.WITHHELD, book.safeguard(topic))
        elif spec.role is Role.SUBJECT_NAME:
            persons = chosen.filter(pl.col("_person") & pl.col("@subject_name").is_not_null())
            yield _entry(persons, dataset, spec.name, Outcome.MASKED, book.safeguard(SafeguardTopic.PERSON_NAME))
        if spec.name in masked.withheld:
            is_code = spec.role is Role.SUBJECT_CODE
            topic = SafeguardTopic.SUBJECT_CODE if is_code else SafeguardTopic.PERSON_NUMBER
            cells = chosen.filter(masked.withheld[spec.name])
            yield _entry(cells, dataset, spec.name, Outcome.WITHHELD, book.safeguard(topic))
        if spec.name in masked.personal:
            cells = chosen.filter(masked.personal[spec.name])
            for rule in free_text[:1]:
                yield _entry(cells, dataset, spec.name, Outcome.MASKED, rule)


def _entry(
    rows: pl.DataFrame, dataset: str, field: str, outcome: Outcome, rule: Rule[Parameters] | Rule[FreeText]
) -> pl.DataFrame:
    return rows.select(
        pl.lit(dataset).alias("dataset"),
        pl.col("_key").alias("key"),
        pl.col("_row").alias("row"),
        pl.lit(field).alias("field"),
        pl.lit(outcome.value).alias("outcome"),
        pl.lit(rule.id).alias("rule"),
        pl.lit(str(rule.citation)).alias("citation"),
        pl.lit(None, dtype=pl.Date).alias("until"),
    ).cast(pl.Schema(LEDGER_SCHEMA))

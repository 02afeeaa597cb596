"""The public table: built by selecting allowed columns and masking what is about persons, never by dropping.

What a cell becomes: as written; masked (a person's name keeps its first character; the name is masked in the record's
other texts too); or null (withheld). System columns are made from public columns only.
"""

from collections.abc import Callable, Iterator

import polars as pl

from publish.disclose.decide import RecordDecisions, is_public
from publish.disclose.identifiers import holds_resident_id, valid_credit_codes
from publish.model.public import LEDGER_SCHEMA, DatasetInfo, PublicField, PublicTable
from publish.model.rules import Rule, Topic
from publish.model.source import CheckedTable, DisclosureSpec, FieldSpec, Publicity, Role
from publish.model.terms import Outcome

_HIDDEN_ROLES = {Role.PERSON_NUMBER: Topic.PERSON_NUMBER, Role.OTHER_PERSON: Topic.OTHER_PERSON}


def masked_name(name: pl.Expr) -> pl.Expr:
    """A natural person's name with only its first character kept (张**); a name of one character keeps none."""
    kept = pl.when(name.str.len_chars() > 1).then(name.str.slice(0, 1)).otherwise(pl.lit(""))
    return pl.when(name.is_not_null()).then(pl.concat_str(kept, pl.lit("**")))


def public_fields(table: CheckedTable) -> tuple[FieldSpec, ...]:
    """The fields that may be published at all: public class, and not a role that is hidden whoever it is about."""
    return tuple(
        spec
        for spec in table.source.schema.fields
        if spec.publicity is Publicity.PUBLIC and spec.role not in _HIDDEN_ROLES
    )


def select_public(
    table: CheckedTable, decisions: RecordDecisions, rule_of: Callable[[Topic], Rule]
) -> tuple[PublicTable, pl.DataFrame]:
    """The public table, and the ledger entries (LEDGER_SCHEMA) about fields and cells."""
    spec = table.source.disclosure
    assert spec is not None
    fields = public_fields(table)
    chosen = decisions.frame.filter(pl.col("_outcome") == Outcome.PUBLIC.value)
    cells = table.source.frame.select("_row", *(f.name for f in fields)).filter(
        pl.col("_row").is_in(chosen["_row"].implode())
    )
    cells = cells.with_columns(*_name_parts(table, chosen))
    hidden = _hidden_cells(chosen, cells, fields)
    shown = cells.select(_shown(f, hidden.get(f.name)) for f in fields)
    frame = pl.concat([_system_columns(table, chosen, shown), shown], how="horizontal")
    frame = frame.sort(["_date", "_key"], descending=[True, False], nulls_last=True)
    public = PublicTable(_info(table, spec), tuple(_public_field(f) for f in fields), frame)
    return public, _field_ledger(table, spec, chosen, fields, hidden, rule_of)


def _name_parts(table: CheckedTable, chosen: pl.DataFrame) -> Iterator[pl.Series]:
    """`_person`, `_name` (null where the subject is no person) and `_mask`, in the order of the chosen rows."""
    name = chosen["@subject_name"].to_frame("name")
    person = chosen["_person"]
    yield person.alias("_person")
    yield name.select(pl.when(person).then(pl.col("name"))).to_series().alias("_name")
    yield name.select(pl.when(person).then(masked_name(pl.col("name")))).to_series().alias("_mask")


def _shown(spec: FieldSpec, hidden: pl.Series | None) -> pl.Expr:
    cell = pl.col(spec.name)
    if spec.role is Role.SUBJECT_NAME:
        cell = pl.when(pl.col("_person")).then(pl.col("_mask")).otherwise(cell)
    elif spec.type in ("string", "any"):
        # The person's full name in a title or a reason would undo the mask.
        parts = cell.str.split(pl.col("_name")).list.join(pl.col("_mask"))
        cell = pl.when(pl.col("_name").is_not_null() & (pl.col("_name") != "")).then(parts).otherwise(cell)
    if hidden is not None:
        cell = pl.when(~hidden).then(cell)
    return cell.cast(pl.String).alias(spec.name)


def _hidden_cells(chosen: pl.DataFrame, cells: pl.DataFrame, fields: tuple[FieldSpec, ...]) -> dict[str, pl.Series]:
    """Boolean per field with any hidden cell: subject codes that are none, numbers that look like a person's."""
    hidden: dict[str, pl.Series] = {}
    for spec in fields:
        if spec.role is Role.SUBJECT_CODE:
            valid = valid_credit_codes(cells[spec.name])
            mark = cells[spec.name].is_not_null() & (chosen["_person"] | ~valid)
        else:
            mark = cells.select(holds_resident_id(pl.col(spec.name))).to_series()
        if mark.any():
            hidden[spec.name] = mark
    return hidden


def _system_columns(table: CheckedTable, chosen: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """The `_` columns of PublicTable. A role that is not wholly public gives null."""

    def text(role: Role) -> pl.Expr:
        fields = [f.name for f in table.source.schema.with_role(role) if f.name in shown.columns]
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
        typed(Role.SEVERITY, pl.String).alias("_severity"),
        text(Role.REASON).alias("_reason"),
        pl.when(pl.col("_objection")).then(pl.lit("objection")).alias("_flag"),
    )


def _public_field(spec: FieldSpec) -> PublicField:
    return PublicField(
        name=spec.name,
        title=spec.title or spec.name,
        description=spec.description,
        type=spec.type,
        format=spec.format,
        masked=spec.role is Role.SUBJECT_NAME,
    )


def _info(table: CheckedTable, spec: DisclosureSpec) -> DatasetInfo:
    package = table.source.package
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
    )


def _field_ledger(
    table: CheckedTable,
    spec: DisclosureSpec,
    chosen: pl.DataFrame,
    fields: tuple[FieldSpec, ...],
    hidden: dict[str, pl.Series],
    rule_of: Callable[[Topic], Rule],
) -> pl.DataFrame:
    entries: list[pl.DataFrame] = []
    published = {f.name for f in fields}
    for field in table.source.schema.fields:
        if field.name not in published:
            topic = _HIDDEN_ROLES.get(field.role, Topic.FIELD_CLASS) if field.role else Topic.FIELD_CLASS
            nobody = pl.DataFrame({"_key": [None], "_row": [None]}, schema={"_key": pl.String, "_row": pl.UInt32})
            entries.append(_entry(nobody, spec.dataset, field.name, Outcome.WITHHELD, rule_of(topic)))
        elif field.role is Role.SUBJECT_NAME:
            persons = chosen.filter(pl.col("_person") & pl.col("@subject_name").is_not_null())
            entries.append(_entry(persons, spec.dataset, field.name, Outcome.MASKED, rule_of(Topic.PERSON_NAME)))
        if field.name in hidden:
            topic = Topic.SUBJECT_CODE if field.role is Role.SUBJECT_CODE else Topic.PERSON_NUMBER
            cells = chosen.filter(hidden[field.name])
            entries.append(_entry(cells, spec.dataset, field.name, Outcome.WITHHELD, rule_of(topic)))
    return pl.concat([pl.DataFrame(schema=LEDGER_SCHEMA), *entries])


def _entry(rows: pl.DataFrame, dataset: str, field: str, outcome: Outcome, rule: Rule) -> pl.DataFrame:
    return rows.select(
        pl.lit(dataset).alias("dataset"),
        pl.col("_key").alias("key"),
        pl.col("_row").alias("row"),
        pl.lit(field).alias("field"),
        pl.lit(outcome.value).alias("outcome"),
        pl.lit(rule.id).alias("rule"),
        pl.lit(str(rule.citation)).alias("citation"),
        pl.lit(None, dtype=pl.Date).alias("until"),
    ).cast(dict(LEDGER_SCHEMA))  # type: ignore[arg-type]

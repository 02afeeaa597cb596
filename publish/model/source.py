"""Data packages as they come in: these tables still hold private columns.

FIREWALL: only load, validate, disclose, importers, cli and pipeline may import this module; tests/test_layers.py fails
on any other importer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

import polars as pl

from publish.model.terms import Absence, Kind, Register, SubjectKind


class Publicity(StrEnum):
    """Publicity class of a field (JS-M 19-22; LIMITED: PDS, TJ). Only PUBLIC may leave; absent means none."""

    PUBLIC = "public"
    SHARED = "shared"
    AUTHORISED = "authorised"
    LIMITED = "limited"


class Role(StrEnum):
    """What a field means to disclosure. A field without a role is shown as it is, if it is public."""

    RECORD_ID = "record_id"
    TITLE = "title"
    DOCUMENT_NUMBER = "document_number"
    SUBJECT_NAME = "subject_name"
    SUBJECT_CODE = "subject_code"
    SUBJECT_KIND = "subject_kind"
    OTHER_PERSON = "other_person"
    INFORMANT = "informant"
    PERSON_NUMBER = "person_number"
    DECISION_DATE = "decision_date"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    PUBLISH_UNTIL = "publish_until"
    PUBLISHED_ON = "published_on"
    SEVERITY = "severity"
    PENALTY_TYPE = "penalty_type"
    AREA = "area"
    PROCEDURE = "procedure"
    REGISTRATION_NUMBER = "registration_number"
    AUTHORITY = "authority"
    REASON = "reason"
    BASIS = "basis"
    CONTENT = "content"
    EVENT_DATE = "event_date"
    EVENT_STATE = "event_state"
    EVENT_CHECKED = "event_checked"
    EVENT_CLOSED = "event_closed"
    EVENT_EFFECT = "event_effect"


DATE_ROLES = frozenset(
    {
        Role.DECISION_DATE,
        Role.VALID_FROM,
        Role.VALID_UNTIL,
        Role.PUBLISH_UNTIL,
        Role.PUBLISHED_ON,
        Role.EVENT_DATE,
        Role.EVENT_CHECKED,
        Role.EVENT_CLOSED,
    }
)
END_ROLES = frozenset({Role.VALID_UNTIL, Role.PUBLISH_UNTIL})
CODED_ROLES = frozenset(
    {
        Role.SUBJECT_KIND,
        Role.SEVERITY,
        Role.PENALTY_TYPE,
        Role.AREA,
        Role.PROCEDURE,
        Role.EVENT_STATE,
        Role.EVENT_EFFECT,
    }
)
# Coded roles whose cell may name several values: `@severity` then holds the gravest (N58: the longest governs),
# `@penalty_type` and `@area` all of them, sorted and joined with "|". One unknown part makes the whole null.
MANY_VALUED_ROLES = frozenset({Role.SEVERITY, Role.PENALTY_TYPE, Role.AREA})
# Roles that no class makes public, whoever the record is about.
NEVER_PUBLIC_ROLES = frozenset({Role.OTHER_PERSON, Role.INFORMANT, Role.PERSON_NUMBER})


@dataclass(frozen=True, slots=True)
class Constraints:
    """Table Schema constraints of one field, as declared. `minimum`/`maximum` keep their written form."""

    required: bool = False
    unique: bool = False
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a Table Schema plus its role and publicity class from the disclosure block.

    `options` holds the type's own settings as declared: `groupChar`, `decimalChar`, `bareNumber`, `trueValues`,
    `falseValues`, `delimiter`, `itemType`. `missing_values` None means those of the schema.
    """

    name: str
    type: str = "any"
    format: str = "default"
    title: str = ""
    description: str = ""
    constraints: Constraints = field(default_factory=Constraints)
    missing_values: tuple[str, ...] | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    role: Role | None = None
    publicity: Publicity | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`fields` of this table refer to `reference_fields` of `reference_resource` ('' is this table itself)."""

    fields: tuple[str, ...]
    reference_resource: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A Table Schema. `fields` are in declared order; `fields_match` (Data Package v2: exact, equal, subset,
    superset, partial) says how the file's header must match them, which load does.
    """

    fields: tuple[FieldSpec, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    missing_values: tuple[str, ...] = ("",)
    fields_match: str = "exact"

    def named(self, name: str) -> FieldSpec:
        """The field called `name`; KeyError if there is none."""
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise KeyError(name)

    def with_role(self, role: Role) -> tuple[FieldSpec, ...]:
        """Fields that play `role`, in column order."""
        return tuple(spec for spec in self.fields if spec.role is role)


@dataclass(frozen=True, slots=True)
class Dialect:
    """CSV dialect, as declared (CSV Dialect v1 and Table Dialect v2 names, in snake case)."""

    delimiter: str = ","
    quote_char: str | None = '"'
    double_quote: bool = True
    escape_char: str | None = None
    line_terminator: str | None = None
    skip_initial_space: bool = False
    header: bool = True
    header_rows: tuple[int, ...] = (1,)
    header_join: str = " "
    comment_char: str | None = None
    comment_rows: tuple[int, ...] = ()
    null_sequence: str | None = None


@dataclass(frozen=True, slots=True)
class DisclosureSpec:
    """The disclosure block of one record resource. `values` maps a coded role to {cell text: enum value}.

    `dataset` is the slug in addresses. `published_since`: the first day this site (or the channel that it continues)
    published the dataset; exits that a record's own dates prove are announced only from that day on. `channel`: where
    the list was first published, if not here (an exit notice names it). `data_source` to `authority_level` are what a
    catalogue entry states (JS-M 8, JS-J (5)); a rule of topic `catalogue` says which of them a dataset must state.
    """

    dataset: str
    kind: Kind
    title: str
    provider: str
    provider_code: str | None = None
    description: str = ""
    legal_basis: tuple[str, ...] = ()
    official: bool = True
    absence: Absence = Absence.ALARM
    published_since: date | None = None
    subject_kind: SubjectKind | None = None
    update_cycle: str | None = None
    channel: str | None = None
    data_source: str | None = None
    scope_of_use: str | None = None
    data_format: str | None = None
    period_of_use: str | None = None
    retention_period: str | None = None
    authority_level: str | None = None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisterSpec:
    """The disclosure block of one register resource: events about the records of resource `of`."""

    register: Register
    of: str
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class License:
    """A licence of a data package."""

    name: str
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """What a descriptor says of the package itself. `folder` is relative to the site's root."""

    name: str
    folder: str
    title: str = ""
    description: str = ""
    version: str = ""
    homepage: str = ""
    keywords: tuple[str, ...] = ()
    licenses: tuple[License, ...] = ()
    sources: tuple[License, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceFile:
    """Where a resource's bytes are: files inside the package (several parts make one table), how to decode them.

    `compression` is None, "gz", "zip", "bz2" or "xz"; `innerpath` names the member of a zip.
    """

    paths: tuple[Path, ...]
    encoding: str = "utf-8"
    dialect: Dialect = field(default_factory=Dialect)
    compression: str | None = None
    innerpath: str | None = None


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One tabular resource, read.

    `frame`: one String column per schema field, in schema order, cells as written and null where the cell is one of
    the field's missing values, plus `_row` (UInt32), the row number in the file (header row 1, first data row 2).
    `misshapen`: rows whose cells are too few or too many: `_row` UInt32, `code` String (`cell.missing`, `cell.extra`).
    Exactly one of `disclosure` and `register` is set, or none: then the resource is checked and never published.
    """

    package: PackageInfo
    resource: str
    schema: Schema
    frame: pl.DataFrame
    misshapen: pl.DataFrame
    disclosure: DisclosureSpec | None = None
    register: RegisterSpec | None = None


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A source table after validation.

    `typed`: one row per row of `source.frame`, same order: `_row` UInt32 and, for each role present, a column named
    `@<role>`: Date for date roles (null if blank, open-ended or wrong), `@<role>_open` Boolean beside each end role
    (the cell is a long-term marker such as 长期 or 2099-12-31), String for coded roles (enum value; null if blank
    or unknown) and String for all others (composite record ids joined with `/`; null if any part is).
    `errors`: bad cells and rows: `row` UInt32, `field` String ('' for whole rows), `code` String. Any row in it is
    withheld.
    """

    source: SourceTable
    typed: pl.DataFrame
    errors: pl.DataFrame

"""What disclosure lets through: tables made by selecting public columns. Nothing in this module is private."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from publish.model.terms import Kind


@dataclass(frozen=True, slots=True)
class PublicField:
    """One published column. `type`/`format` are Table Schema words; `masked` says that persons' values are masked."""

    name: str
    title: str
    description: str = ""
    type: str = "string"
    format: str = "default"
    masked: bool = False


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """What is said of a dataset in the catalogue. `homepage`, licence and source addresses may be outside links."""

    slug: str
    title: str
    kind: Kind
    provider: str
    description: str = ""
    legal_basis: tuple[str, ...] = ()
    official: bool = True
    keywords: tuple[str, ...] = ()
    licenses: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    homepage: str = ""
    update_cycle: str | None = None
    package: str = ""


@dataclass(frozen=True, slots=True)
class PublicTable:
    """The current public records of one dataset, newest first (date descending, then key).

    `frame` system columns, all String unless said: `_key` (20 hex digits, the permalink), `_title` (what the record is
    called in lists), `_subject` (display name, masked where due; may be null), `_code` (subject's credit code where it
    has a subject page; else null), `_kind` (SubjectKind value or null), `_date` Date (decision; may be null), `_until`
    Date (last public day; null: no end), `_authority`, `_severity` (Severity value or null), `_reason`, `_flag`
    (`objection` or null). Then one String column per `fields`, under its own name, cells as written, null if missing.
    """

    info: DatasetInfo
    fields: tuple[PublicField, ...]
    frame: pl.DataFrame


EXIT_SCHEMA: Mapping[str, pl.DataType] = {
    "key": pl.String(),
    "dataset": pl.String(),
    "subject": pl.String(),
    "left_on": pl.Date(),
    "reason": pl.String(),
    "citation": pl.String(),
    "notice_until": pl.Date(),
}

LEDGER_SCHEMA: Mapping[str, pl.DataType] = {
    "dataset": pl.String(),
    "key": pl.String(),
    "row": pl.UInt32(),
    "field": pl.String(),
    "outcome": pl.String(),
    "rule": pl.String(),
    "citation": pl.String(),
    "until": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class ExitTable:
    """Exits whose notice is due on the as-of date, newest first.

    `frame` has the columns of EXIT_SCHEMA: `subject` is the display name (masked; may be null), `left_on` the first day
    on which the record was no longer public, `notice_until` the last day of the notice.
    """

    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every decision that is not plain publication: ids, outcomes, rules and citations; no values.

    `frame` has the columns of LEDGER_SCHEMA. `key` and `row` are null for a decision about a field of the whole
    dataset; `field` is null for a decision about a whole record. Kept beside the releases, never inside them.
    """

    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Publication:
    """The publication register: what a release showed, so that the next one can tell what has left.

    `records`: `dataset`, `key`, `subject` String, `until` Date. `exits`: EXIT_SCHEMA. `counts`: rows per dataset in
    the source. Kept beside the releases; holds only what was public, and exits only while their notice runs.
    """

    as_of: date
    records: pl.DataFrame
    exits: pl.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The result of disclosure. `counts` are rows per dataset in the source, for the next build's guards."""

    as_of: date
    public: tuple[PublicTable, ...]
    exits: ExitTable
    ledger: Ledger
    counts: Mapping[str, int]

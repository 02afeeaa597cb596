"""What disclosure lets through: tables made by selecting public columns. Nothing in this module is private."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

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
    """What is said of a dataset in the catalogue. `homepage`, licence and source addresses may be outside links.

    `channel` is where the list was first published, if not here. `catalogue` holds what the publisher stated of
    `data_source`, `scope_of_use`, `data_format`, `period_of_use`, `retention_period`, `authority_level` (JS-M 8).
    """

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
    channel: str = ""
    catalogue: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PublicTable:
    """The current public records of one dataset, newest first (date descending, then key).

    `frame` system columns, all String unless said: `_key` (20 hex digits, the permalink), `_title` (what the record is
    called in lists), `_subject` (display name, masked where due; may be null), `_code` (subject's credit code where it
    has a subject page; else null), `_kind` (SubjectKind value or null), `_date` Date (decision; may be null), `_until`
    Date (last public day; null: no end), `_authority`, `_severity` (Severity value or null), `_reason`, `_flag`
    (Flag value or null). Then one String column per `fields`, under its own name, cells as written, null if missing.
    """

    info: DatasetInfo
    fields: tuple[PublicField, ...]
    frame: pl.DataFrame

    @cached_property
    def digests(self) -> pl.Series:
        """A hash (UInt64) of each row and of the columns' names, by which rows are told apart; worked out once."""
        names = repr(self.frame.schema).encode()
        return self.frame.hash_rows(seed=int.from_bytes(hashlib.blake2b(names, digest_size=8).digest()))


EXIT_SCHEMA: Mapping[str, pl.DataType] = {
    "key": pl.String(),
    "dataset": pl.String(),
    "subject": pl.String(),
    "left_on": pl.Date(),
    "reason": pl.String(),
    "citation": pl.String(),
    "notice_until": pl.Date(),
    "noindex": pl.Boolean(),
}

WITHDRAWAL_SCHEMA: Mapping[str, pl.DataType] = {
    "key": pl.String(),
    "dataset": pl.String(),
    "withdrawn_on": pl.Date(),
}

DEADLINE_SCHEMA: Mapping[str, pl.DataType] = {
    "dataset": pl.String(),
    "key": pl.String(),
    "row": pl.UInt32(),
    "authority": pl.String(),
    "duty": pl.String(),
    "due": pl.Date(),
    "done": pl.Date(),
    "state": pl.String(),
    "rule": pl.String(),
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

    `frame` has the columns of EXIT_SCHEMA: `subject` is the display name (masked; null where the notice names nobody),
    `left_on` the first day on which the record was no longer public, `reason` an ExitReason value, `notice_until` the
    last day of the notice, `noindex` whether search engines are asked to leave it out.
    """

    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every decision that is not plain publication: ids, outcomes, rules and citations; no values.

    `frame` has the columns of LEDGER_SCHEMA. `key` and `row` are null for a decision about a field of the whole
    dataset; `field` is null for a decision about a whole record; `until` is the last day where public fields tell it.
    Kept beside the releases, never inside them.
    """

    frame: pl.DataFrame


PUBLICATION_SCHEMA: Mapping[str, pl.DataType] = {
    "dataset": pl.String(),
    "key": pl.String(),
    "subject": pl.String(),
    "until": pl.Date(),
    "since": pl.Date(),
    "person": pl.Boolean(),
}
# A re-user who looks once a year finds every withdrawal; an id kept for longer would serve nobody but a collector.
WITHDRAWAL_DAYS = 400


@dataclass(frozen=True, slots=True)
class DeadlineTable:
    """Duties with a time limit, as they stand on the as-of date; never in a release but as counts by authority.

    `frame` has the columns of DEADLINE_SCHEMA, sorted: `authority` (null where it is not public), `duty` one of
    publication, objection-review, objection-check, correction, repair-notice; `due` the last day in time, `done` the
    day on which it was done (null: not yet), `state` a DeadlineState value, `rule` its id.
    """

    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Publication:
    """The publication register: what a release showed, so that the next one can tell what has left.

    `records`: PUBLICATION_SCHEMA; `subject` is the display name (of a `person` masked), `until` the last public day by
    its dates, `since` the as-of date of the first release that showed the record (null: the first release that this
    register knows showed it already). `exits`: EXIT_SCHEMA. `withdrawals`: WITHDRAWAL_SCHEMA, records of earlier
    releases that are not public, whatever the reason. `counts`: rows per dataset in the source. Kept beside the
    releases; holds only what was public, exits only while their notice runs, withdrawals for WITHDRAWAL_DAYS.
    """

    as_of: date
    records: pl.DataFrame
    exits: pl.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)
    withdrawals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WITHDRAWAL_SCHEMA))


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The result of disclosure. `counts` are rows per dataset in the source, for the next build's guards.

    `withdrawals` (WITHDRAWAL_SCHEMA, newest first) are records that an earlier release showed and this one does not.
    `exited` counts the records of the source that an event ended, by ExitReason value.
    """

    as_of: date
    public: tuple[PublicTable, ...]
    exits: ExitTable
    ledger: Ledger
    counts: Mapping[str, int]
    deadlines: DeadlineTable = field(default_factory=lambda: DeadlineTable(pl.DataFrame(schema=DEADLINE_SCHEMA)))
    withdrawals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WITHDRAWAL_SCHEMA))
    exited: Mapping[str, int] = field(default_factory=dict)

"""What derive makes of the public tables: summaries and indexes that pages are rendered from. All of it is public."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from publish.model.document import Document
from publish.model.policy import PolicyText
from publish.model.public import DatasetInfo
from publish.model.responsibility import Responsibilities
from publish.model.rules import Level, Rule
from publish.model.terms import Kind
from publish.model.topics import Parameters

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """Counts of one dataset. `months` are (yyyy-mm or `undated`, count) newest first; `authorities` by count."""

    info: DatasetInfo
    count: int
    latest: str | None
    months: tuple[tuple[str, int], ...]
    authorities: tuple[tuple[str, int], ...]
    exits: int


class RuleState(StrEnum):
    """How a rule stands on the as-of date. REPLACED: another rule in force overrides it for every kind of the site."""

    IN_FORCE = "in-force"
    COMING = "coming"
    ENDED = "ended"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule that a site goes by, went by or will go by, as the rules page shows it.

    `kinds` are those of the site's datasets that it is about: where it is in force those only for which no other rule
    replaces it. `every_kind`: the rule names no kinds and none is replaced. `replaced_by` are rules that override it
    now. `basis_url` is the address of the cited article, or of its document, where that is published here.
    """

    rule: Rule[Parameters]
    profile: str
    level: Level
    state: RuleState
    kinds: tuple[Kind, ...]
    every_kind: bool
    replaced_by: tuple[Rule[Parameters], ...] = ()
    basis_url: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedRule:
    """A rule of a profile that is compared: it is in force or comes later (`coming`); the cited article's address."""

    rule: Rule[Parameters]
    coming: bool
    basis_url: str | None


@dataclass(frozen=True, slots=True)
class ComparedProfile:
    """A jurisdiction with the rules that it has or will have."""

    title: str
    level: Level
    rules: tuple[ComparedRule, ...]


# From a smaller number of an authority's duties one could tell of a single record.
FEW = 3
Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DatasetFigures:
    """Counts of one dataset: public records, by Severity and Flag value, and exit notices that run."""

    slug: str
    title: str
    records: int
    severities: Counts
    flags: Counts
    exits: int


@dataclass(frozen=True, slots=True)
class DutyFigures:
    """How many duties of an authority stand how. `authority` None: all others; `states`: every DeadlineState value."""

    authority: str | None
    duty: str
    states: Counts


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of the statistics page, each a sequence of (code, month or name, count).

    `months`: records by month of decision; `authorities`: by authority, the largest; `exits`: notices that run, by
    ExitReason value; `withdrawals`: by month; `duties`: None where no rule says that they are published.
    """

    datasets: tuple[DatasetFigures, ...] = ()
    months: Counts = ()
    authorities: Counts = ()
    exits: Counts = ()
    withdrawals: Counts = ()
    duties: tuple[DutyFigures, ...] | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """Everything beside the tables themselves that pages show.

    `subjects` has one row per subject with a page: `code` String and `records`, List(UInt32), its current records by
    their numbers, newest first: those of all public tables, numbered through. `related` maps a document's slug to slugs
    of related documents, `keywords` to those that it states and those found in it, `policies` to its text as its page
    has it. `rules` are those of the rules page, in the order of the rule book; `compared` all profiles that there are.
    """

    summaries: tuple[DatasetSummary, ...]
    subjects: pl.DataFrame
    documents: tuple[Document, ...]
    related: Mapping[str, tuple[str, ...]]
    rules: tuple[RuleInForce, ...] = ()
    statistics: Statistics = field(default_factory=Statistics)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    policies: Mapping[str, PolicyText] = field(default_factory=dict)
    compared: tuple[ComparedProfile, ...] = ()
    responsibilities: Responsibilities = field(default_factory=Responsibilities)

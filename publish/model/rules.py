"""Rule profiles: the law as data. Each rule cites its document and article; format: docs/rules.md.

Two ways in which rules meet. Restrictions add up: each that is in force applies, and the strictest decision wins.
Statements about one parameter (how many working days, who is named) also meet in the strictest; where no rule states
it, the protective default of the parameter holds. So a rule that joins others on its topic never discloses more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from publish.model.terms import Area, ExitReason, Kind, Outcome, Pattern, PenaltyType, Procedure, Severity, SubjectKind


class Level(StrEnum):
    """Whose rules a profile holds; the higher prevails (JS-M 3). Highest first."""

    BASELINE = "baseline"
    NATIONAL = "national"
    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"
    SITE = "site"


class End(StrEnum):
    """Whether a record may be public without an end date (topic validity)."""

    REQUIRED = "required"
    OPEN_ENDED = "open-ended"
    WHILE_LISTED = "while-listed"


class UnderObjection(StrEnum):
    """What becomes of a record while an objection is checked. Strictest last."""

    PUBLIC = "public"
    SUSPENDED = "suspended"


class NamedSubjects(StrEnum):
    """Whom an exit notice names. Strictest last; persons are named masked only."""

    ALL = "all"
    ORGANISATIONS = "organisations"
    NOBODY = "nobody"


class SafeguardTopic(StrEnum):
    """Protections of the baseline, which always apply; the rule is their citation."""

    BAD_RECORD = "bad-record"
    FIELD_CLASS = "field-class"
    PERSON_NAME = "person-name"
    PERSON_NUMBER = "person-number"
    OTHER_PERSON = "other-person"
    INFORMANT = "informant"
    SUBJECT_CODE = "subject-code"
    REGISTRATION_NUMBER = "registration-number"
    UNSTATED_OBJECTION = "unstated-objection"
    UPHELD_OBJECTION = "upheld-objection"
    EXIT = "exit"
    UNKNOWN_DAY = "unknown-day"


@dataclass(frozen=True, slots=True)
class Safeguard:
    """Topics of SafeguardTopic: no parameters."""

    topic: SafeguardTopic


@dataclass(frozen=True, slots=True)
class Validity:
    """Topic validity: until when a record is public.

    `periods` are the longest periods (months, by severity, from the decision date), `minimums` the shortest, and
    `area_minimum` (months) the shortest in `areas`: minimums never lengthen publication, what falls short is reported.
    `holiday_roll`: a last day that is no working day moves to the next one (Civil Code 203).
    """

    ends: End = End.REQUIRED
    periods: Mapping[Severity, int] = field(default_factory=dict)
    minimums: Mapping[Severity, int] = field(default_factory=dict)
    areas: frozenset[Area] = frozenset()
    area_minimum: int | None = None
    holiday_roll: bool = False


@dataclass(frozen=True, slots=True)
class Withhold:
    """Topic withhold: records with one of these values are not published. Unknown subjects count as persons."""

    severity: frozenset[Severity] = frozenset()
    procedure: frozenset[Procedure] = frozenset()
    subject_kind: frozenset[SubjectKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Require:
    """Topic require: records in which one of these roles is blank are not published."""

    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grading:
    """Topic grading: the severity of each penalty type; the gravest of a decision's types governs (N58).

    A decision with a type that has no grade is not graded. Where a record states a severity too, the milder one holds.
    """

    types: Mapping[PenaltyType, Severity]


@dataclass(frozen=True, slots=True)
class Adult:
    """Topic adult: persons younger than `years` on the decision date are no subjects (JS-M 2)."""

    years: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Topic catalogue: what a dataset must state of itself to be published; names of DisclosureSpec's fields."""

    stated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriorNotice:
    """Topic prior-notice: a record is published only if its subject was told before (a prior_notice event)."""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Topic cross-check: whose subject stands on a list of these kinds is not published; black wins."""

    against: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Objection:
    """Topic objection. Days are working days; None: the rule does not say.

    `record`: shown, or taken off while it is checked; silent: taken off. `measures_suspended`: the mark of a shown
    record says that measures rest. After an objection was upheld the record is not shown until it has been corrected.
    """

    record: UnderObjection | None = None
    measures_suspended: bool | None = None
    review_days: int | None = None
    check_days: int | None = None
    correct_days: int | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """Topic repair: a granted repair ends publication after `notice_days` working days of notice (silent: none)."""

    notice_days: int | None = None


@dataclass(frozen=True, slots=True)
class ExitNotice:
    """Topic exit-notice. Silent: nobody is named, and notices stand for as long as the site's limit says.
    `days` (calendar days) shortens that limit, never lengthens it. No `reasons`: exits for every reason.
    """

    names: NamedSubjects | None = None
    days: int | None = None
    noindex: bool | None = None
    reasons: frozenset[ExitReason] = frozenset()


@dataclass(frozen=True, slots=True)
class Deadline:
    """Topic deadline: records are published within `days` working days of the decision. No `subjects`: all."""

    days: int
    subjects: frozenset[SubjectKind] = frozenset()


@dataclass(frozen=True, slots=True)
class FreeText:
    """Topic free-text: what becomes of these patterns in public cells: `masked`, or the record `withheld`."""

    patterns: frozenset[Pattern]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Statistics:
    """Topic statistics: whether counts of deadlines by authority are shown on the statistics page."""

    deadlines: bool = False


Parameters = (
    Safeguard
    | Validity
    | Withhold
    | Require
    | Grading
    | Adult
    | Catalogue
    | PriorNotice
    | CrossCheck
    | Objection
    | Repair
    | ExitNotice
    | Deadline
    | FreeText
    | Statistics
)
P = TypeVar("P", bound=Parameters, covariant=True)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule stands. `number` is the document number (文号), `article` the article as the document writes it."""

    title: str
    number: str = ""
    article: str = ""

    def __str__(self) -> str:
        number = f"（{self.number}）" if self.number else ""
        return f"《{self.title}》{number}{self.article}"


@dataclass(frozen=True, slots=True)
class Rule(Generic[P]):
    """One rule, in force from `start` to `end` (both included; None is no bound), for `kinds` (empty: all).

    `overrides` is the id of a rule that this one replaces while it is in force; only a site's own profile may do that,
    and no rule of the baseline can be replaced. `borrowed`: its citation is of another jurisdiction, since no text of
    its own says so. `line`: where the citation stands in the profile's file.
    """

    id: str
    title: str
    citation: Citation
    parameters: P
    start: date | None = None
    end: date | None = None
    kinds: frozenset[Kind] = frozenset()
    overrides: str | None = None
    borrowed: bool = False
    line: int = field(default=0, compare=False)

    def in_force(self, on: date) -> bool:
        """Whether the rule is in force on a day."""
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)

    def covers(self, kind: Kind) -> bool:
        """Whether the rule is about a kind of dataset."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """The rules of one jurisdiction or site, from `file`. `extends` names the profile below which it is layered."""

    id: str
    title: str
    level: Level
    rules: tuple[Rule[Parameters], ...]
    extends: str | None = None
    file: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All profiles that a site uses, the baseline included, highest level first and newest rule first within."""

    profiles: tuple[RuleProfile, ...]

    def rules(self) -> Iterator[Rule[Parameters]]:
        """All rules, whether in force or not, in the order of the profiles."""
        for profile in self.profiles:
            yield from profile.rules

    def all_of(self, topic: type[P], kind: Kind) -> Iterator[Rule[P]]:
        """Rules of a topic about a kind, whether in force or not; an overridden one ends where its successor begins."""
        for rule in self.rules():
            if isinstance(rule.parameters, topic) and rule.covers(kind):
                yield rule  # type: ignore[misc]  # mypy does not narrow a type by one of its fields

    def in_force(self, topic: type[P], kind: Kind, on: date) -> Iterator[Rule[P]]:
        """Rules of a topic that cover the kind on the day, but for those that another one in force replaces."""
        rules = [rule for rule in self.all_of(topic, kind) if rule.in_force(on)]
        replaced = {
            rule.overrides for rule in self.rules() if rule.overrides and rule.in_force(on) and rule.covers(kind)
        }
        yield from (rule for rule in rules if rule.id not in replaced)

    def safeguard(self, topic: SafeguardTopic) -> Rule[Parameters]:
        """The rule of a protection of the baseline. Raises LookupError if there is none."""
        for rule in self.rules():
            if rule.parameters == Safeguard(topic):
                return rule
        raise LookupError(f"no rule of topic {topic}; the baseline must have one")

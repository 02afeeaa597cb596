"""What rules may state, topic by topic: each has its own parameters. What they mean: docs/rules.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from publish.model.terms import Area, ExitReason, Kind, Outcome, Pattern, PenaltyType, Procedure, Severity, SubjectKind


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

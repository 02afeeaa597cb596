"""Rule profiles: the law as data. Each rule cites its document and article; format: docs/rules.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from publish.model.terms import Kind, Outcome, Procedure, Severity


class Topic(StrEnum):
    """What a rule is about; each topic has its own parameters."""

    VALIDITY = "validity"
    WITHHOLD = "withhold"
    REQUIRE = "require"
    FIELD_CLASS = "field-class"
    PERSON_NAME = "person-name"
    PERSON_NUMBER = "person-number"
    OTHER_PERSON = "other-person"
    SUBJECT_CODE = "subject-code"
    BAD_RECORD = "bad-record"
    OBJECTION = "objection"
    REPAIR = "repair"
    EXIT_NOTICE = "exit-notice"


class End(StrEnum):
    """Whether a record may be public without an end date (topic validity)."""

    REQUIRED = "required"
    OPEN_ENDED = "open-ended"
    WHILE_LISTED = "while-listed"


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
class Rule:
    """One rule, in force from `start` to `end` (both included; None is no bound), for `kinds` (empty: all).

    `periods` are (months) by severity, counted from the decision date; `withhold_severity` and `withhold_procedure`
    are values that are not published; `require` are roles that must have a value; `outcome` is what happens to
    the values the topic is about.
    """

    id: str
    topic: Topic
    title: str
    citation: Citation
    start: date | None = None
    end: date | None = None
    kinds: frozenset[Kind] = frozenset()
    ends: End = End.REQUIRED
    periods: Mapping[Severity, int] = field(default_factory=dict)
    withhold_severity: frozenset[Severity] = frozenset()
    withhold_procedure: frozenset[Procedure] = frozenset()
    require: tuple[str, ...] = ()
    outcome: Outcome | None = None

    def covers(self, kind: Kind, on: date) -> bool:
        """Whether the rule is in force on a day for a kind of dataset."""
        if self.kinds and kind not in self.kinds:
            return False
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """The rules of one jurisdiction or site. `level` is national, provincial, municipal, site or baseline."""

    id: str
    title: str
    level: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All profiles that a site uses, the baseline included. Rules add up; the strictest decision wins."""

    profiles: tuple[RuleProfile, ...]

    def in_force(self, topic: Topic, kind: Kind, on: date) -> Iterator[Rule]:
        """Rules of a topic that cover the kind on the day, in the order of the profiles."""
        for profile in self.profiles:
            for rule in profile.rules:
                if rule.topic is topic and rule.covers(kind, on):
                    yield rule

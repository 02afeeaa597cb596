"""Rule profiles: the law as data. Each rule cites its document and article; format: docs/rules.md.

Two ways in which rules meet. Restrictions add up: each that is in force applies, and the strictest decision wins.
Statements about one parameter (how many working days, who is named) also meet in the strictest; where no rule states
it, the protective default of the parameter holds. So a rule that joins others on its topic never discloses more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from publish.model.terms import Kind
from publish.model.topics import Parameters, Safeguard, SafeguardTopic


class Level(StrEnum):
    """Whose rules a profile holds; the higher prevails (JS-M 3). Highest first."""

    BASELINE = "baseline"
    NATIONAL = "national"
    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"
    SITE = "site"


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

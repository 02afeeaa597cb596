"""What a person can ask of a site: why a record is shown or gone, what is coming, what changed. No values of cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Moment:
    """One day in a record's life. `row` is that of the register if `register` is not empty."""

    day: date
    event: str
    register: str = ""
    row: int | None = None
    rule: str = ""
    citation: str = ""

    def __str__(self) -> str:
        where = f" ({self.register} row {self.row})" if self.register else ""
        return f"{self.day}  {self.event}{where}{_because(self.rule, self.citation)}"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `field` is empty for a decision about the whole record."""

    outcome: str
    field: str = ""
    rule: str = ""
    citation: str = ""

    def __str__(self) -> str:
        return (
            f"{f'field {self.field}' if self.field else 'record'}: {self.outcome}{_because(self.rule, self.citation)}"
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """A record's life and every decision about it on one day. `start`, `until`: first and last public day, if any."""

    dataset: str
    key: str
    row: int
    as_of: date
    state: str
    outcome: str
    flag: str
    start: date | None
    until: date | None
    timeline: tuple[Moment, ...]
    decisions: tuple[Decision, ...]

    def __str__(self) -> str:
        flag = f", marked {self.flag}" if self.flag else ""
        what = f"{self.dataset} {self.key or '(no key)'} (row {self.row})"
        lines = [
            f"{what} as of {self.as_of}: {self.outcome}{flag}; {self.state}",
            f"  first day {self.start or 'not stated'}, last day {self.until or 'not stated'}",
            "  timeline:",
            *(f"    {'*' if moment.day > self.as_of else ' '} {moment}" for moment in self.timeline),
            "  decisions:",
            *(f"      {decision}" for decision in self.decisions),
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Something that will happen by itself. `what`: begins, expires, leaves, due, rule-begins, rule-ends.

    `key` is empty for a rule; `about` is the duty that falls due, the reason of leaving, or the rule's id.
    """

    day: date
    what: str
    dataset: str = ""
    key: str = ""
    about: str = ""

    def __str__(self) -> str:
        return "  ".join(part for part in (str(self.day), self.what, self.dataset, self.key, self.about) if part)


@dataclass(frozen=True, slots=True)
class Difference:
    """Records of one dataset that changed in the same way, for the same reason, from one release to another.

    `change`: appeared, left, until (the last public day moved). `reason`: why, as an exit reason or a rule's id.
    """

    dataset: str
    change: str
    reason: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.dataset}  {self.change}  {self.reason or '-'}: {len(self.keys)}"


def as_json(value: Mapping[str, object]) -> dict[str, object]:
    """A plain dictionary with days as ISO text."""
    return {key: _plain(item) for key, item in value.items()}


def _plain(item: object) -> object:
    if isinstance(item, date):
        return item.isoformat()
    if isinstance(item, Mapping):
        return as_json(item)
    if isinstance(item, (list, tuple)):
        return [_plain(entry) for entry in item]
    return item


def _because(rule: str, citation: str) -> str:
    return f"  by {rule} {citation}".rstrip() if rule else ""

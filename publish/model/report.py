"""What is told of builds and releases: counts, issues, costs and where the release is; no values of cells."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from publish.model.issue import Issue


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """What became of the records that came in. `withheld` counts by rule id, each record once, by its first rule.

    `exited` counts by the event that ended publication (ExitReason value), `exits` the notices that run, `duties` the
    deadlines by DeadlineState.
    """

    packages: int
    records: int
    published: int
    withheld: Mapping[str, int]
    suspended: int
    pending: int
    expired: int
    exited: Mapping[str, int]
    exits: int
    duties: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `pages` counts by sort of page; `linked` files are shared with the last release; `put_aside`
    are the names of old releases that are to be removed, or that this one was made from.

    `private_values`: how many spellings of private values the release was searched for, in vain.
    """

    as_of: date
    release: str
    records: RecordCounts
    pages: Mapping[str, int]
    files: int
    linked: int
    bytes: int
    private_values: int
    issues: tuple[Issue, ...]
    put_aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageCost:
    """What a stage took: `seconds` of wall clock; `cpu` seconds and the highest `memory` (bytes, resident) of the
    process and its workers together, None where that cannot be measured."""

    name: str
    seconds: float
    cpu: float | None
    memory: int | None


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """A release in the output folder. What is None is not known.

    `before`: it was live before the live one. `until`: when another took its place. `bytes` without manifest and sums;
    `published` records; `seconds` and `memory` (bytes) that its last build took.
    """

    name: str
    as_of: date
    live: bool
    before: bool
    was_live: bool
    until: datetime | None
    files: int | None
    bytes: int | None
    published: int | None
    seconds: float | None
    memory: int | None


class Progress(Protocol):
    """How a build tells how far it is. The command line implements it; stages never look at the clock."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """A stage begins and ends with the context."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """A part of the present stage begins and ends with the context; one may be within another."""

    def expect(self, total: int, unit: str = "files") -> None:
        """What the present step, or stage, has to do, in `unit`."""

    def advance(self, count: int) -> None:
        """So much of it is done."""

    def note(self, text: str) -> None:
        """Something that whoever waits should know."""

    def aside(self) -> "Progress":
        """For a thread that works beside the present step: its own steps are measured, and what they expect and have
        done is not shown."""


class NoProgress:
    """A Progress that tells nobody."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()

    def step(self, name: str) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()

    def expect(self, total: int, unit: str = "files") -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def aside(self) -> Progress:
        """Itself."""
        return self


NO_PROGRESS = NoProgress()

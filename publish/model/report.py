"""The report of a build: counts, issues and where the release is; no values of cells."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
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
    """What a build did. `pages` counts by sort of page; `linked` files are shared with the last release.

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


class Progress(Protocol):
    """How a build tells how far it is. The command line implements it; stages never look at the clock."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """A stage begins and ends with the context."""

    def expect(self, total: int) -> None:
        """The present stage has this many steps."""

    def advance(self, count: int) -> None:
        """So many steps of the present stage are done."""

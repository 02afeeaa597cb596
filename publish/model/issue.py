"""Errors are data: a code, a place and a hint. Never the value of a cell, since build logs leak."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """ERROR stops the build; RECORD withholds records; WARNING tells the publisher."""

    ERROR = "error"
    RECORD = "record"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """One finding.

    `code` is dotted, documented in docs/errors.md (`config.unknown-key`, `cell.type-error`, ...).
    `file` is relative to the site's root; `line` counts from 1; `row` is the row number in the file as
    frictionless counts it (the header is row 1). `count` is how many rows one finding stands for.
    """

    code: str
    level: Level
    hint: str
    file: str = ""
    line: int = 0
    package: str = ""
    resource: str = ""
    row: int = 0
    field: str = ""
    count: int = 1

    def __str__(self) -> str:
        place = self.file or "/".join(part for part in (self.package, self.resource) if part)
        if self.line:
            place += f":{self.line}"
        if self.row:
            place += f" row {self.row}"
        if self.field:
            place += f" field {self.field}"
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.level} {self.code} {place}: {self.hint}{times}".replace("  ", " ")


class BuildStopped(Exception):  # noqa: N818  (it is an outcome of a build, named as the docs name it)
    """A structural error: the build ends, the live release stays. Carries every issue found so far."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        self.issues = issues
        super().__init__(f"{sum(i.level is Level.ERROR for i in issues)} errors")

    def __reduce__(self) -> tuple[type["BuildStopped"], tuple[tuple[Issue, ...]]]:
        """Workers raise it too: an exception is sent by what it was made with, not by its text."""
        return type(self), (self.issues,)

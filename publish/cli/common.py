"""What commands have in common: the day and the secret that they are given, and how they tell what they found."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import click

from publish.model.explanation import Difference, Explanation, Forecast, as_json
from publish.model.finding import Hit
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.report import ReleaseEntry
from publish.pipeline.inputs import day_of

EXIT_STOPPED = 1
EXIT_UNKNOWN_RECORD = 3
SHOWN_ISSUES = 50


def day_given(root: Path, as_of: datetime | None) -> date:
    """The day of the build: as it was given, else today in the site's time zone. Raises BuildStopped."""
    return as_of.date() if as_of else day_of(root, datetime.now(UTC))


def secret_of(key_file: Path | None) -> bytes:
    """The secret of record keys; empty without a file."""
    return key_file.read_bytes().strip() if key_file else b""


def stop(stopped: BuildStopped, told: str = "") -> NoReturn:
    """Tell the issues, and end with exit code 1."""
    print_issues(stopped.issues)
    errors = sum(issue.level is Level.ERROR for issue in stopped.issues)
    click.echo(f"stopped by {errors} error{'s' if errors != 1 else ''}{told}", err=True)
    sys.exit(EXIT_STOPPED)


def print_entries(entries: Sequence[Explanation | Forecast | Difference | Hit | ReleaseEntry], as_lines: bool) -> None:
    """An entry a line: for people, or as JSON."""
    for entry in entries:
        click.echo(json.dumps(as_json(asdict(entry)), ensure_ascii=False) if as_lines else str(entry))


def print_issues(issues: Sequence[Issue], *, every: bool = False) -> None:
    """To stderr, the first ones; or `every` one, to stdout."""
    shown = issues if every else issues[:SHOWN_ISSUES]
    for issue in shown:
        click.echo(str(issue), err=not every)
    if len(issues) > len(shown):
        click.echo(f"… and {len(issues) - len(shown)} more; `check` prints all", err=True)

"""Commands that ask and change nothing: check, explain, forecast, search, diff."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from publish import options
from publish.cli.common import (
    EXIT_STOPPED,
    EXIT_UNKNOWN_RECORD,
    day_given,
    print_entries,
    print_issues,
    secret_of,
    stop,
)
from publish.console import ConsoleProgress
from publish.model.issue import BuildStopped, Level
from publish.pipeline.inputs import Request
from publish.questions import QueryTooShort, check, diff, explain, forecast, search


@click.command("check")
@options.root
@click.option("--json", "as_json", is_flag=True, help="One JSON object per finding.")
def check_command(root: Path, as_json: bool) -> None:
    """Check configuration, packages, rows and documents, and build nothing. Exit code 1 if there are errors."""
    try:
        issues = check(root, ConsoleProgress(Console(stderr=True)))
    except BuildStopped as stopped:
        issues = stopped.issues
    if as_json:
        for issue in issues:
            click.echo(json.dumps(asdict(issue), ensure_ascii=False))
    else:
        print_issues(issues, every=True)
        errors = sum(issue.level is not Level.WARNING for issue in issues)
        click.echo(f"{errors} errors, {len(issues) - errors} warnings")
    if any(issue.level is not Level.WARNING for issue in issues):
        sys.exit(EXIT_STOPPED)


@click.command("explain")
@click.argument("record_id")
@options.root
@options.out
@options.as_of
@options.key_file
@options.as_lines
def explain_command(
    record_id: str, root: Path, out: Path, as_of: datetime | None, key_file: Path | None, as_lines: bool
) -> None:
    """Say why a record (by its id or the key in its address) is shown, masked, withheld or gone. Prints no values."""
    try:
        request = Request(root, out, day_given(root, as_of), secret_of(key_file))
        explanations = explain(request, record_id, ConsoleProgress(Console(stderr=True)))
    except BuildStopped as stopped:
        stop(stopped)
    if not explanations:
        click.echo(f"no record has this id or key as of {request.as_of}", err=True)
        sys.exit(EXIT_UNKNOWN_RECORD)
    print_entries(explanations, as_lines)


@click.command("forecast")
@options.root
@options.out
@options.as_of
@options.key_file
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far to look ahead.")
@options.as_lines
def forecast_command(
    root: Path, out: Path, as_of: datetime | None, key_file: Path | None, days: int, as_lines: bool
) -> None:
    """List what begins, expires, leaves or falls due by itself in the days to come. Prints no values."""
    try:
        request = Request(root, out, day_given(root, as_of), secret_of(key_file))
        entries = forecast(request, days, ConsoleProgress(Console(stderr=True)))
    except BuildStopped as stopped:
        stop(stopped)
    print_entries(entries, as_lines)
    click.echo(f"{len(entries)} in the {days} days after {request.as_of}", err=True)


@click.command("search")
@click.argument("query")
@options.root
@options.out
@options.as_of
@options.key_file
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many of each sort to print.")
@options.as_lines
def search_command(
    query: str, root: Path, out: Path, as_of: datetime | None, key_file: Path | None, limit: int, as_lines: bool
) -> None:
    """Find sections of policy documents and public records, without building. Prints public values only.

    Spaces mean "and", quotes keep words together, `事由:未公示` looks in one field.
    """
    try:
        request = Request(root, out, day_given(root, as_of), secret_of(key_file))
        findings = search(request, query, limit, ConsoleProgress(Console(stderr=True)))
    except QueryTooShort as fault:
        raise click.BadParameter(str(fault), param_hint="QUERY") from None
    except BuildStopped as stopped:
        stop(stopped)
    hits = (*findings.sections, *findings.records)
    if as_lines:
        print_entries(hits, as_lines)
    else:
        click.echo("".join(f"{number}. {hit}\n" for number, hit in enumerate(hits, 1)), nl=False)
    click.echo(str(findings), err=as_lines)


@click.command("diff")
@click.argument("before")
@click.argument("after")
@options.out
@click.option("--keys", is_flag=True, help="The keys of the records too.")
@options.as_lines
def diff_command(before: str, after: str, out: Path, keys: bool, as_lines: bool) -> None:
    """Compare two releases, by folder name, as-of date or `current`: what appeared, what left, and for what reason."""
    try:
        differences = diff(out, before, after)
    except BuildStopped as stopped:
        stop(stopped)
    print_entries(differences, as_lines)
    for entry in differences if keys and not as_lines else ():
        click.echo("\n".join(f"{entry.dataset}  {entry.change}  {entry.reason}  {key}" for key in entry.keys))

"""The command line: the only place that prints, exits, reads the environment or the clock.

Exit codes: 0 done; 1 errors: a build was stopped and the live release is untouched, or a check found errors or bad
records; 2 the command line is wrong; 3 the record is not known (explain).
"""

import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.console import Console

from publish import __version__
from publish.cluster.connect import cluster_executor
from publish.console import ConsoleProgress, report_lines
from publish.executors import make_executor
from publish.model.explanation import Difference, Explanation, Forecast, as_json
from publish.model.finding import Hit
from publish.model.issue import BuildStopped, Issue, Level
from publish.pipeline import Request, build, day_of
from publish.questions import QueryTooShort, check, diff, explain, forecast, search
from publish.release.layout import Layout
from publish.release.serve import serve

EXIT_STOPPED = 1
EXIT_UNKNOWN_RECORD = 3
SHOWN_ISSUES = 50

_root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder that holds content/ and data/.  [default: the current folder]",
)
_out = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("site"),
    show_default=True,
    help="Folder of the releases; `current` in it is the live one.",
)
_as_of = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that the site is true for; last days of validity are included.  [default: the site's today]",
)
_key_file = click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="GONGSHI_KEY_FILE",
    help="File with the secret that record addresses are derived with; keep it out of the repository and never "
    "change it: addresses change with it.  [env: GONGSHI_KEY_FILE; default: no secret]",
)
_json = click.option("--json", "as_lines", is_flag=True, help="One JSON object per line.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gongshi")
def main() -> None:
    """Gongshi 公示: publish public-disclosure records as a static, searchable, expiring site."""


@main.command("build")
@_root
@_out
@_as_of
@_key_file
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that render pages.")
@click.option("--acknowledge", metavar="DATASET", multiple=True, help="Accept this dataset's changed row count, once.")
@click.option("--no-wait", is_flag=True, help="Stop at once if another build holds the output folder.")
@click.option("--cluster", metavar="ADDRESS", help="Work on the Dask cluster whose scheduler is at this address.")
@click.option(
    "--shared",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --cluster: a folder that all its workers see under the same path.  [default: `staging` in --out]",
)
def build_command(
    root: Path,
    out: Path,
    as_of: datetime | None,
    key_file: Path | None,
    workers: int,
    acknowledge: tuple[str, ...],
    no_wait: bool,
    cluster: str | None,
    shared: Path | None,
) -> None:
    """Build the site and make it the live release."""
    if shared and not cluster:
        raise click.UsageError("--shared is for --cluster.")
    console = Console(stderr=True)
    progress = ConsoleProgress(console)
    try:
        day = _day(root, as_of)
        place = shared.absolute() if shared else None
        request = Request(root, out, day, _secret(key_file), frozenset(acknowledge), wait=not no_wait, shared=place)
        with _executors(out, workers, cluster, place) as (executor, scanner):
            report = build(request, executor, progress, scanner)
    except BuildStopped as stopped:
        _stop(stopped, "; the live release is as it was")
    _print_issues(report.issues)
    for line in report_lines(report):
        click.echo(line)
    click.echo(f"seconds: {sum(progress.seconds.values()):.2f}")


@main.command("check")
@_root
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
        _print_issues(issues, every=True)
        errors = sum(issue.level is not Level.WARNING for issue in issues)
        click.echo(f"{errors} errors, {len(issues) - errors} warnings")
    if any(issue.level is not Level.WARNING for issue in issues):
        sys.exit(EXIT_STOPPED)


@main.command("explain")
@click.argument("record_id")
@_root
@_out
@_as_of
@_key_file
@_json
def explain_command(
    record_id: str, root: Path, out: Path, as_of: datetime | None, key_file: Path | None, as_lines: bool
) -> None:
    """Say why a record (by its id or the key in its address) is shown, masked, withheld or gone. Prints no values."""
    try:
        request = Request(root, out, _day(root, as_of), _secret(key_file))
        explanations = explain(request, record_id, ConsoleProgress(Console(stderr=True)))
    except BuildStopped as stopped:
        _stop(stopped)
    if not explanations:
        click.echo(f"no record has this id or key as of {request.as_of}", err=True)
        sys.exit(EXIT_UNKNOWN_RECORD)
    _print(explanations, as_lines)


@main.command("forecast")
@_root
@_out
@_as_of
@_key_file
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far to look ahead.")
@_json
def forecast_command(
    root: Path, out: Path, as_of: datetime | None, key_file: Path | None, days: int, as_lines: bool
) -> None:
    """List what begins, expires, leaves or falls due by itself in the days to come. Prints no values."""
    try:
        request = Request(root, out, _day(root, as_of), _secret(key_file))
        entries = forecast(request, days, ConsoleProgress(Console(stderr=True)))
    except BuildStopped as stopped:
        _stop(stopped)
    _print(entries, as_lines)
    click.echo(f"{len(entries)} in the {days} days after {request.as_of}", err=True)


@main.command("search")
@click.argument("query")
@_root
@_out
@_as_of
@_key_file
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many of each sort to print.")
@_json
def search_command(
    query: str, root: Path, out: Path, as_of: datetime | None, key_file: Path | None, limit: int, as_lines: bool
) -> None:
    """Find sections of policy documents and public records, without building. Prints public values only.

    Spaces mean "and", quotes keep words together, `事由:未公示` looks in one field.
    """
    try:
        request = Request(root, out, _day(root, as_of), _secret(key_file))
        findings = search(request, query, limit, ConsoleProgress(Console(stderr=True)))
    except QueryTooShort as fault:
        raise click.BadParameter(str(fault), param_hint="QUERY") from None
    except BuildStopped as stopped:
        _stop(stopped)
    hits = (*findings.sections, *findings.records)
    if as_lines:
        _print(hits, as_lines)
    else:
        click.echo("".join(f"{number}. {hit}\n" for number, hit in enumerate(hits, 1)), nl=False)
    click.echo(str(findings), err=as_lines)


@main.command("diff")
@click.argument("before")
@click.argument("after")
@_out
@click.option("--keys", is_flag=True, help="The keys of the records too.")
@_json
def diff_command(before: str, after: str, out: Path, keys: bool, as_lines: bool) -> None:
    """Compare two releases, by folder name, as-of date or `current`: what appeared, what left, and for what reason."""
    try:
        differences = diff(out, before, after)
    except BuildStopped as stopped:
        _stop(stopped)
    _print(differences, as_lines)
    for entry in differences if keys and not as_lines else ():
        click.echo("\n".join(f"{entry.dataset}  {entry.change}  {entry.reason}  {key}" for key in entry.keys))


@main.command("serve")
@_out
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 picks a free port.")
def serve_command(out: Path, port: int) -> None:
    """Serve the live release on loopback, with the headers that the CDN would send."""
    if not (out / "current").exists():
        click.echo(f"{out} holds no live release: run `build` first", err=True)
        sys.exit(EXIT_STOPPED)
    serve(out / "current", "127.0.0.1", port, lambda address: click.echo(f"serving {out}/current on {address}"))


def _print(entries: Sequence[Explanation | Forecast | Difference | Hit], as_lines: bool) -> None:
    for entry in entries:
        click.echo(json.dumps(as_json(asdict(entry)), ensure_ascii=False) if as_lines else str(entry))


@contextmanager
def _executors(
    out: Path, workers: int, cluster: str | None, shared: Path | None
) -> Iterator[tuple[Executor, Executor]]:
    """What runs the stages, and what runs the scan: processes here if workers elsewhere do not see the release."""
    with ExitStack() as stack:
        if cluster is None:
            executor = stack.enter_context(make_executor(workers))
            yield executor, executor
            return
        staging = Layout(out.absolute()).staging
        far = stack.enter_context(cluster_executor(cluster, shared or staging))
        seen = shared is None or staging.is_relative_to(shared)
        yield far, far if seen else stack.enter_context(make_executor(workers))


def _day(root: Path, as_of: datetime | None) -> date:
    return as_of.date() if as_of else day_of(root, datetime.now(UTC))


def _secret(key_file: Path | None) -> bytes:
    return key_file.read_bytes().strip() if key_file else b""


def _stop(stopped: BuildStopped, told: str = "") -> None:
    _print_issues(stopped.issues)
    errors = sum(issue.level is Level.ERROR for issue in stopped.issues)
    click.echo(f"stopped by {errors} error{'s' if errors != 1 else ''}{told}", err=True)
    sys.exit(EXIT_STOPPED)


def _print_issues(issues: Sequence[Issue], *, every: bool = False) -> None:
    shown = issues if every else issues[:SHOWN_ISSUES]
    for issue in shown:
        click.echo(str(issue), err=not every)
    if len(issues) > len(shown):
        click.echo(f"… and {len(issues) - len(shown)} more; `check` prints all", err=True)

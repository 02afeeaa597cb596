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
from typing import IO

import click
from rich.console import Console

from publish import __version__, options
from publish.cluster.connect import cluster_executor
from publish.console import ConsoleProgress, cost_lines, release_lines, report_lines
from publish.executors import make_executor
from publish.importers.policy.importing import PolicyImport, import_policies, report_folder
from publish.meter import MemoryWatch
from publish.model.explanation import Difference, Explanation, Forecast, as_json
from publish.model.finding import Hit
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.report import BuildReport, ReleaseEntry, StageCost
from publish.operations import go_back, policy_of, prune, releases, remove_aside, remove_later
from publish.pipeline import Request, build, day_of
from publish.questions import QueryTooShort, check, diff, explain, forecast, search
from publish.release.layout import Layout
from publish.release.listing import store_costs
from publish.release.serve import serve

EXIT_STOPPED = 1
EXIT_UNKNOWN_RECORD = 3
SHOWN_ISSUES = 50


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gongshi")
def main() -> None:
    """Gongshi 公示: publish public-disclosure records as a static, searchable, expiring site."""


@main.command("build")
@options.root
@options.out
@options.as_of
@options.key_file
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that render pages.")
@click.option("--acknowledge", metavar="DATASET", multiple=True, help="Accept this dataset's changed row count, once.")
@options.no_wait
@options.cluster
@options.shared
@options.profile
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
    profile: IO[str] | None,
) -> None:
    """Build the site and make it the live release."""
    if shared and not cluster:
        raise click.UsageError("--shared is for --cluster.")
    watch = MemoryWatch()
    progress = ConsoleProgress(Console(stderr=True), watch=watch)
    try:
        day, now = _day(root, as_of), datetime.now(UTC)
        place = shared.absolute() if shared else None
        wait = not no_wait
        request = Request(root, out, day, _secret(key_file), frozenset(acknowledge), wait=wait, shared=place, now=now)
        with watch.watching(), _executors(out, workers, cluster, place) as (executor, scanner):
            watched = progress.watched(executor)
            scans = watched if scanner is executor else progress.watched(scanner)
            report = build(request, watched, progress, scans)
    except BuildStopped as stopped:
        _stop(stopped, "; the live release is as it was")
    finally:
        remove_later(out)
        _write_trace(profile, progress)
    _print_issues(report.issues)
    _tell_costs(out, report, tuple(progress.record.costs.values()))


@main.command("check")
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
        _print_issues(issues, every=True)
        errors = sum(issue.level is not Level.WARNING for issue in issues)
        click.echo(f"{errors} errors, {len(issues) - errors} warnings")
    if any(issue.level is not Level.WARNING for issue in issues):
        sys.exit(EXIT_STOPPED)


@main.command("explain")
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
        request = Request(root, out, _day(root, as_of), _secret(key_file))
        explanations = explain(request, record_id, ConsoleProgress(Console(stderr=True)))
    except BuildStopped as stopped:
        _stop(stopped)
    if not explanations:
        click.echo(f"no record has this id or key as of {request.as_of}", err=True)
        sys.exit(EXIT_UNKNOWN_RECORD)
    _print(explanations, as_lines)


@main.command("forecast")
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
        request = Request(root, out, _day(root, as_of), _secret(key_file))
        entries = forecast(request, days, ConsoleProgress(Console(stderr=True)))
    except BuildStopped as stopped:
        _stop(stopped)
    _print(entries, as_lines)
    click.echo(f"{len(entries)} in the {days} days after {request.as_of}", err=True)


@main.command("search")
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
@options.out
@click.option("--keys", is_flag=True, help="The keys of the records too.")
@options.as_lines
def diff_command(before: str, after: str, out: Path, keys: bool, as_lines: bool) -> None:
    """Compare two releases, by folder name, as-of date or `current`: what appeared, what left, and for what reason."""
    try:
        differences = diff(out, before, after)
    except BuildStopped as stopped:
        _stop(stopped)
    _print(differences, as_lines)
    for entry in differences if keys and not as_lines else ():
        click.echo("\n".join(f"{entry.dataset}  {entry.change}  {entry.reason}  {key}" for key in entry.keys))


@main.command("releases")
@options.out
@options.as_lines
def releases_command(out: Path, as_lines: bool) -> None:
    """List the releases in the order in which they last went live: day, records, files, bytes, which one is live."""
    try:
        entries = releases(out)
    except BuildStopped as stopped:
        _stop(stopped)
    if as_lines:
        _print(entries, as_lines)
    else:
        click.echo("\n".join(release_lines(entries)) if entries else f"{out} holds no releases")


@main.command("roll-back")
@click.argument("release", required=False)
@options.root
@options.out
@options.no_wait
@click.option("--shows-again", is_flag=True, help="Accept that records which are not public any more are shown again.")
def roll_back_command(release: str | None, root: Path, out: Path, no_wait: bool, shows_again: bool) -> None:
    """Make an earlier release live: by folder name or as-of date, or the one that was live before. Build again soon."""
    try:
        today = None if shows_again else _day(root, None)  # who insists needs no sound configuration
        name = go_back(out, release, today, shows_again=shows_again, wait=not no_wait)
    except BuildStopped as stopped:
        _stop(stopped, "; the live release is as it was")
    click.echo(f"live: {name}")


@main.command("prune")
@options.root
@options.out
@options.no_wait
@click.option("--keep", type=click.IntRange(2), help="Instead of `releases.keep` of the site.")
@click.option("--days", type=click.IntRange(1), help="Instead of `releases.days`.")
@click.option("--hours", type=click.IntRange(0), help="Instead of `releases.in_use_hours`.")
@click.option("--dry-run", is_flag=True, help="Tell what would be removed, and remove nothing.")
def prune_command(
    root: Path, out: Path, no_wait: bool, keep: int | None, days: int | None, hours: int | None, dry_run: bool
) -> None:
    """Remove old releases by the site's policy, but never the live one and the one before it."""
    progress = ConsoleProgress(Console(stderr=True))
    try:
        policy = policy_of(root, keep, days, hours)
        names = prune(out, policy, datetime.now(UTC), wait=not no_wait, dry=dry_run)
        for name in names or ("nothing",):
            click.echo(f"{'would remove' if dry_run else 'removing'} {name}")
        if not dry_run:
            with progress.stage("remove"):
                remove_aside(out, progress.advance)
    except BuildStopped as stopped:
        _stop(stopped)


@main.command("serve")
@options.out
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 picks a free port.")
def serve_command(out: Path, port: int) -> None:
    """Serve the live release on loopback, with the headers that the CDN would send."""
    if not (out / "current").exists():
        click.echo(f"{out} holds no live release: run `build` first", err=True)
        sys.exit(EXIT_STOPPED)
    serve(out / "current", "127.0.0.1", port, lambda address: click.echo(f"serving {out}/current on {address}"))


@main.command("import-policy")
@options.sources
@options.into
@options.report
@click.option("--simplified", is_flag=True, help="Convert traditional characters; the title as it was stays findable.")
@click.option("--strict", is_flag=True, help="Write no document if a line is unsure; exit code 1.")
@click.option("--force", is_flag=True, help="Replace documents that are there already.")
def import_policy_command(
    sources: tuple[Path, ...], into: Path, report: Path | None, simplified: bool, strict: bool, force: bool
) -> None:
    """Turn messy copies of policy documents (text, HTML, DOCX) into Markdown, with an account of every line."""
    folder = report or report_folder(into)
    if folder.resolve().is_relative_to(into.resolve()):
        raise click.BadParameter("it lies in the folder of the documents", param_hint="--report")
    try:
        done = import_policies(sources, into, folder, simplified=simplified, strict=strict, force=force)
    except BuildStopped as stopped:
        written = any(issue.code == "import.not-written" for issue in stopped.issues)
        _stop(stopped, "" if written else "; no document was written")
    for one in done:
        _tell_import(one)


def _tell_import(one: PolicyImport) -> None:
    _print_issues(one.issues)
    told = ", ".join(f"{kind}: {count}" for kind, count in one.counts.items() if count)
    click.echo(f"{one.source}: {told or 'nothing to repair'}; to review: {one.report}")
    for file in one.files:
        click.echo(f"  {file}")


def _tell_costs(out: Path, report: BuildReport, costs: Sequence[StageCost]) -> None:
    try:
        store_costs(out, report.release, costs)
    except BuildStopped as stopped:  # the release is live all the same
        _print_issues(stopped.issues)
    for line in (*report_lines(report), *cost_lines(costs)):
        click.echo(line)


def _write_trace(file: IO[str] | None, progress: ConsoleProgress) -> None:
    try:
        if file is not None:
            file.write(progress.record.trace())
            file.flush()
    except OSError as error:
        click.echo(f"the trace could not be written: {error.strerror}", err=True)


def _print(entries: Sequence[Explanation | Forecast | Difference | Hit | ReleaseEntry], as_lines: bool) -> None:
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

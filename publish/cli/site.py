"""The command that builds the site."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click
from rich.console import Console

from publish import options
from publish.cli.common import day_given, print_issues, secret_of, stop
from publish.cluster.connect import cluster_executor
from publish.console import ConsoleProgress, cost_lines, report_lines
from publish.executors import make_executor
from publish.meter import MemoryWatch
from publish.model.issue import BuildStopped
from publish.model.report import BuildReport, StageCost
from publish.operations import tidy_later
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from publish.release.layout import Layout
from publish.release.listing import store_costs


@click.command("build")
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
        day, now = day_given(root, as_of), datetime.now(UTC)
        place = shared.absolute() if shared else None
        wait = not no_wait
        request = Request(root, out, day, secret_of(key_file), frozenset(acknowledge), wait=wait, shared=place, now=now)
        with watch.watching(), _executors(out, workers, cluster, place) as (executor, scanner):
            watched = progress.watched(executor)
            scans = watched if scanner is executor else progress.watched(scanner)
            report = build(request, watched, progress, scans)
    except BuildStopped as stopped:
        stop(stopped, "; the live release is as it was")
    finally:
        tidy_later(out)
        _write_trace(profile, progress)
    print_issues(report.issues)
    _tell_costs(out, report, tuple(progress.record.costs.values()))


def _tell_costs(out: Path, report: BuildReport, costs: Sequence[StageCost]) -> None:
    try:
        store_costs(out, report.release, costs)
    except BuildStopped as stopped:  # the release is live all the same
        print_issues(stopped.issues)
    for line in (*report_lines(report), *cost_lines(costs)):
        click.echo(line)


def _write_trace(file: IO[str] | None, progress: ConsoleProgress) -> None:
    try:
        if file is not None:
            file.write(progress.record.trace())
            file.flush()
    except OSError as error:
        click.echo(f"the trace could not be written: {error.strerror}", err=True)


@contextmanager
def _executors(
    out: Path, workers: int, cluster: str | None, shared: Path | None
) -> Iterator[tuple[Executor, Executor]]:
    """What runs the stages, and what runs the scan: processes here if workers elsewhere do not see the release."""
    with ExitStack() as stack:
        if cluster is None:
            executor = stack.enter_context(make_executor(workers))
            try:
                yield executor, executor
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)  # what has not begun need not begin
                raise
            return
        staging = Layout(out.absolute()).staging
        far = stack.enter_context(cluster_executor(cluster, shared or staging))
        seen = shared is None or staging.is_relative_to(shared)
        yield far, far if seen else stack.enter_context(make_executor(workers))

"""Commands about releases that are there: releases, roll-back, prune, serve."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from publish import options
from publish.cli.common import EXIT_STOPPED, day_given, print_entries, stop
from publish.console import ConsoleProgress, release_lines
from publish.model.issue import BuildStopped
from publish.operations import go_back, policy_of, prune, releases, remove_aside, tidy_later
from publish.release.serve import serve


@click.command("releases")
@options.out
@options.as_lines
def releases_command(out: Path, as_lines: bool) -> None:
    """List the releases in the order in which they last went live: day, records, files, bytes, which one is live."""
    try:
        entries = releases(out)
    except BuildStopped as stopped:
        stop(stopped)
    if as_lines:
        print_entries(entries, as_lines)
    else:
        click.echo("\n".join(release_lines(entries)) if entries else f"{out} holds no releases")


@click.command("roll-back")
@click.argument("release", required=False)
@options.root
@options.out
@options.no_wait
@click.option("--shows-again", is_flag=True, help="Accept that records which are not public any more are shown again.")
def roll_back_command(release: str | None, root: Path, out: Path, no_wait: bool, shows_again: bool) -> None:
    """Make an earlier release live: by folder name or as-of date, or the one that was live before. Build again soon."""
    try:
        today = None if shows_again else day_given(root, None)  # who insists needs no sound configuration
        name = go_back(out, release, today, shows_again=shows_again, wait=not no_wait)
    except BuildStopped as stopped:
        stop(stopped, "; the live release is as it was")
    tidy_later(out)
    click.echo(f"live: {name}")


@click.command("prune")
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
        stop(stopped)


@click.command("serve")
@options.out
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 picks a free port.")
def serve_command(out: Path, port: int) -> None:
    """Serve the live release on loopback, with the headers that the CDN would send."""
    if not (out / "current").exists():
        click.echo(f"{out} holds no live release: run `build` first", err=True)
        sys.exit(EXIT_STOPPED)
    serve(out / "current", "127.0.0.1", port, lambda address: click.echo(f"serving {out}/current on {address}"))

"""The command that imports policy documents."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from publish import options
from publish.cli.common import print_issues, stop
from publish.model.issue import BuildStopped

if TYPE_CHECKING:
    from publish.importers.policy.importing import PolicyImport


@click.command("import-policy")
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
    # Here, since its patterns and tables take a sixth of the time that all commands take to begin.
    from publish.importers.policy.importing import import_policies, report_folder

    folder = report or report_folder(into)
    if folder.resolve().is_relative_to(into.resolve()):
        raise click.BadParameter("it lies in the folder of the documents", param_hint="--report")
    try:
        done = import_policies(sources, into, folder, simplified=simplified, strict=strict, force=force)
    except BuildStopped as stopped:
        written = any(issue.code == "import.not-written" for issue in stopped.issues)
        stop(stopped, "" if written else "; no document was written")
    for one in done:
        _tell_import(one)


def _tell_import(one: "PolicyImport") -> None:
    print_issues(one.issues)
    told = ", ".join(f"{kind}: {count}" for kind, count in one.counts.items() if count)
    click.echo(f"{one.source}: {told or 'nothing to repair'}; to review: {one.report}")
    for file in one.files:
        click.echo(f"  {file}")

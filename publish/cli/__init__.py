"""The command line: the only place that prints, exits, reads the environment or the clock.

Exit codes: 0 done; 1 errors: a build was stopped and the live release is untouched, or a check found errors or bad
records; 2 the command line is wrong; 3 the record is not known (explain).
"""

import click

from publish import __version__
from publish.cli import importing, questions, releases, site


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    commands=(
        site.build_command,
        questions.check_command,
        questions.explain_command,
        questions.forecast_command,
        questions.search_command,
        questions.diff_command,
        releases.releases_command,
        releases.roll_back_command,
        releases.prune_command,
        releases.serve_command,
        importing.import_policy_command,
    ),
)
@click.version_option(__version__, prog_name="gongshi")
def main() -> None:
    """Gongshi 公示: publish public-disclosure records as a static, searchable, expiring site."""

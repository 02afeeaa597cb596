"""Options that several commands of the command line have."""

from pathlib import Path

import click

root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder that holds content/ and data/.  [default: the current folder]",
)
out = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("site"),
    show_default=True,
    help="Folder of the releases; `current` in it is the live one.",
)
as_of = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that the site is true for; last days of validity are included.  [default: the site's today]",
)
key_file = click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="GONGSHI_KEY_FILE",
    help="File with the secret that record addresses are derived with; keep it out of the repository and never "
    "change it: addresses change with it.  [env: GONGSHI_KEY_FILE; default: no secret]",
)
as_lines = click.option("--json", "as_lines", is_flag=True, help="One JSON object per line.")
no_wait = click.option("--no-wait", is_flag=True, help="Stop at once if another build holds the output folder.")
profile = click.option(
    "--profile", type=click.File("w", "utf-8", lazy=False), help="Write a trace for Perfetto or chrome://tracing."
)
cluster = click.option(
    "--cluster", metavar="ADDRESS", help="Work on the Dask cluster whose scheduler is at this address."
)
shared = click.option(
    "--shared",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --cluster: a folder that all its workers see under the same path.  [default: `staging` in --out]",
)
sources = click.argument(
    "sources",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
into = click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("content/policies"),
    show_default=True,
    help="Folder that the documents are written into.",
)
report = click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the accounts, which are not to be published.  [default: import-report beside content/]",
)

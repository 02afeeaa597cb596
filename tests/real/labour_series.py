"""Build a series of monthly labour-case lists, one release a month, and say what came and went.

    python tests/real/labour_series.py INPUTS OUT

INPUTS holds snapshots (*.tsv) of the list; OUT/root becomes the site's root, OUT/site its releases. Each snapshot is
imported by labour.yaml and built with the program's own command line, as of the day the list goes up to. Then one
JSON line is printed, counted from the built files:

    {"snapshot": "002-….tsv", "as_of": "2017-05-31", "current": 364, "added": 54, "exits": 37}

`current` are the record pages, `added` those that the release before did not have, `exits` the exit notices that are
new in this release (a notice runs for `limits.exit_notice_days`, so that some of last month's may still stand).
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:
    sys.path.insert(0, str(REPOSITORY))

from publish import urls  # noqa: E402
from publish.importers.dates import parse_date, parse_dates  # noqa: E402
from publish.importers.recipe import Recipe, load_recipe  # noqa: E402
from publish.importers.tables import import_table  # noqa: E402
from publish.model.issue import BuildStopped  # noqa: E402

HERE = Path(__file__).resolve().parent
RECIPE = HERE / "labour.yaml"
CONTENT = HERE / "labour" / "content"
DATASET = "labour-cases"
END_IN_NAME = re.compile(r"_to_([0-9]{8})(?![0-9])")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One file of the series and the day that it is true for."""

    path: Path
    as_of: date


@dataclass(frozen=True, slots=True)
class Release:
    """What a built release shows: keys of its record pages, and its exit notices as (address, day of leaving)."""

    records: frozenset[str]
    exits: frozenset[tuple[str, str]]


class SeriesStopped(Exception):  # noqa: N818  (an outcome, like BuildStopped)
    """The series cannot go on; the message says at which snapshot and why, without values of cells."""


def main(arguments: list[str] | None = None) -> int:
    """Run the series; 0, or 1 with a message on standard error."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("inputs", type=Path, metavar="INPUTS", help="folder of snapshots, *.tsv")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the site; of an earlier run, or empty")
    options = parser.parse_args(arguments)
    try:
        for line in run(options.inputs, options.out):
            print(json.dumps(line, ensure_ascii=False), flush=True)
    except SeriesStopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    return 0


def run(inputs: Path, out: Path) -> Iterator[dict[str, str | int]]:
    """Build the snapshots of `inputs` in order of their days and yield a line for each."""
    recipe = load_recipe(RECIPE)
    snapshots = find_snapshots(inputs, recipe)
    root, site = make_room(out)
    before: Release | None = None
    for snapshot in snapshots:
        _import(snapshot.path, recipe, root / "data" / "labour", snapshot.as_of)
        _build(root, site, snapshot)
        now = read_release(site / "current")
        yield {
            "snapshot": snapshot.path.name,
            "as_of": snapshot.as_of.isoformat(),
            "current": len(now.records),
            "added": len(now.records - (before.records if before else frozenset())),
            "exits": len(now.exits - (before.exits if before else frozenset())),
        }
        before = now


def find_snapshots(inputs: Path, recipe: Recipe) -> list[Snapshot]:
    """The snapshots in the order of their days, then of their names.

    The day is the end of the period in the file's name (…_to_20170531.tsv), else the newest 最終更新日 in the file.
    """
    paths = sorted(path for path in inputs.glob("*") if path.suffix.lower() == ".tsv")
    if not paths:
        raise SeriesStopped(f"no *.tsv in {inputs}")
    found = [Snapshot(path, _end_in_name(path) or _newest_update(path, recipe)) for path in paths]
    return sorted(found, key=lambda snapshot: (snapshot.as_of, snapshot.path.name))


def make_room(out: Path) -> tuple[Path, Path]:
    """The site's root, laid out afresh, and the folder of its releases.

    What an earlier run of this script built goes, so that the first month is a first release; nothing else does.
    """
    root, site, mark = out / "root", out / "site", out / ".labour-series"
    if (root.exists() or site.exists()) and not mark.exists():
        raise SeriesStopped(f"{out} holds a site that this script did not build")
    out.mkdir(parents=True, exist_ok=True)
    mark.touch()
    for folder in (root, site):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CONTENT, root / "content")
    return root, site


def read_release(release: Path) -> Release:
    """Count from the files of a release. The site has one dataset, so every record page is one of its."""
    records = release / urls.file_of(urls.record("00" * 10)).partition("/")[0]
    keys = frozenset(page.stem for page in records.glob("*/*.html"))
    exits = json.loads((release / urls.file_of(urls.EXITS_JSON)).read_text(encoding="utf-8"))
    return Release(keys, frozenset((entry["url"], entry["left_on"]) for entry in exits["exits"]))


def _end_in_name(path: Path) -> date | None:
    match = END_IN_NAME.search(path.stem)
    return parse_date(match[1]) if match else None


def _newest_update(path: Path, recipe: Recipe) -> date:
    with tempfile.TemporaryDirectory() as folder:
        _import(path, recipe, Path(folder))
        updates = pl.read_csv(Path(folder) / f"{recipe.resource}.csv", infer_schema=False)["updated"]
    newest = parse_dates(updates).max()
    if not isinstance(newest, date):
        raise SeriesStopped(f"{path.name}: neither its name nor its 最終更新日 says what day it is true for")
    return newest


def _import(path: Path, recipe: Recipe, folder: Path, as_of: date | None = None) -> None:
    try:
        report = import_table(path, recipe, folder, as_of=as_of)
    except BuildStopped as stopped:
        raise SeriesStopped("\n".join(str(issue) for issue in stopped.issues)) from None
    if as_of is not None:
        for issue in report.issues:
            print(issue, file=sys.stderr)


def arguments(root: Path, site: Path, snapshot: Snapshot) -> list[str]:
    """Of the command line. The row count is acknowledged, since a folder may hold any months of the series."""
    given = ["build", "--root", str(root), "--out", str(site)]
    return [*given, "--as-of", snapshot.as_of.isoformat(), "--acknowledge", DATASET]


def _build(root: Path, site: Path, snapshot: Snapshot) -> None:
    """`python build.py build`."""
    command = [sys.executable, str(REPOSITORY / "build.py"), *arguments(root, site, snapshot)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SeriesStopped(f"{snapshot.path.name}: the build ended with {done.returncode}\n{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())

"""The whole build of a generated site: in full, again, after a night's changes, and as of the next day.

    python -m tests.bench.bench_build --rows 1000000 --workers 2

Each build is `build.py build` in a process of its own, with a secret as a real site has one, in one folder one after
the other: in full; once more with nothing changed; the same day with `--share` of the rows changed (added, removed,
edited); these data as of the next day. No old release may go then: these begin with a spare tree. From then on each
night uses up the oldest release, as on a site that has been built for a while: the same day with as many other rows
changed (`settled increment`), and these data as of the next day (`settled next day`). For that the site keeps as few
releases as a build may use one of (`keep: 3`, `in_use_hours: 0`); nothing else is other than in the demo city, but that
with `--packed` data files of lines are published packed. That one was used up is looked at: its folder is that of the
new release. Each build begins when the processes that the one before has left are done (old releases removed, a spare
tree laid out), as it would a day later.

Prints a line for each, and one JSON line at the end. Of each: wall and CPU seconds, peak memory of all processes
together (all that is resident, sampled), seconds per stage, records, pages, files, and how many of the files are shared
with the release before. `times_as_long_as_full` are the ratios within the run. A million rows take an estimated 50 GB
in `--folder`.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from publish.release.afterwards import SPARE, TRASH, is_at_work, unfinished, waiting
from tests.bench.building import built
from tests.bench.city import AS_OF, make_city, write_records, write_site
from tests.bench.measured import machine, ratio, versions

# Of each build its name, of which night its records are, and how many days after the first it is.
_BUILDS = (
    ("full", "first", 0),
    ("again", "first", 0),
    ("increment", "later", 0),
    ("next day", "later", 1),
    ("settled increment", "last", 1),
    ("settled next day", "last", 2),
)
_SETTLED = ("settled increment", "settled next day")


def main() -> None:
    """Print the figures: lines for people, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.001, help="of the rows that change in the increment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--packed", action="store_true", help="publish files of lines as gzip")
    parser.add_argument("--folder", type=Path, help="where to work, and kept (default: a temporary one)")
    wanted = parser.parse_args()
    with working_folder(wanted.folder, "bench-build-") as folder:
        figures = measure(folder, wanted.rows, wanted.workers, wanted.share, wanted.seed, wanted.packed)
    about = {"bench": "build", "machine": machine(), "versions": versions("polars", "jinja2", "numpy")}
    print(json.dumps(about | figures, ensure_ascii=False))


@contextmanager
def working_folder(given: Path | None, prefix: str) -> Iterator[Path]:
    """The folder that was asked for, which must be empty; else one that is removed at the end."""
    if given is None:
        with tempfile.TemporaryDirectory(prefix=prefix) as folder:
            yield Path(folder)
        return
    given.mkdir(parents=True, exist_ok=True)
    if any(given.iterdir()):
        raise SystemExit(f"{given} is not empty")
    yield given


def measure(folder: Path, rows: int, workers: int, share: float, seed: int, packed: bool = False) -> dict[str, Any]:
    """Generate the site in `folder` (empty) and build it six times."""
    root, out, key, begun = folder / "root", folder / "out", folder / "key", time.perf_counter()
    city = make_city(rows, seed, share)
    write_site(root, city)
    _configure(root, packed)
    key.write_text("A secret for the bench alone.\n", encoding="utf-8")
    generated = time.perf_counter() - begun
    size = (root / "data/penalties/penalties.csv").stat().st_size
    print(f"generated: {rows} rows, {size / 1e6:.0f} MB, {generated:.1f} s", flush=True)
    prepared = {"later": folder / "later", "last": folder / "last"}
    for frame, target in zip((city.later, city.last), prepared.values(), strict=True):
        write_records(target, frame)
    changes = city.changes
    del city, frame  # memory that builds may need
    builds: dict[str, dict[str, Any]] = {}
    for name, records, days in _BUILDS:
        if records in prepared:
            shutil.copytree(prepared[records], root, dirs_exist_ok=True)
        _wait_for_rest(out)
        there = _folders(out)
        builds[name] = _told(name, built(root, out, AS_OF + timedelta(days=days), workers, key))
        if name in _SETTLED and not there & _folders(out, "current"):
            raise RuntimeError(f"{name}: no old release was used up")
    return {
        "rows": rows,
        "workers": workers,
        "seed": seed,
        "packed": packed,
        "csv_bytes": size,
        "generate_seconds": round(generated, 1),
        "changes": changes,
        "builds": builds,
        "times_as_long_as_full": {
            name: ratio(figures["seconds"], builds["full"]["seconds"]) for name, figures in builds.items()
        },
    }


def _wait_for_rest(out: Path) -> None:
    """Until nothing is done in the output folder any more. Raises RuntimeError after ten minutes."""
    ended = time.monotonic() + 600
    while waiting(out / TRASH) or unfinished(out / SPARE) or any(is_at_work(out / name) for name in (TRASH, SPARE)):
        if time.monotonic() > ended:
            raise RuntimeError("what a build has left to be done afterwards is not done")
        time.sleep(0.1)


def _folders(out: Path, pattern: str = "releases/*") -> set[int]:
    """The inodes of releases."""
    return {folder.stat().st_ino for folder in out.glob(pattern)}


def _configure(root: Path, packed: bool) -> None:
    """Kept are the live release, the one before it, which no build touches, and one that the fourth may use up."""
    path = root / "content/site.yaml"
    site: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    site["releases"] = {"keep": 3, "days": 1, "in_use_hours": 0}
    site["data_files"] = {"packed": ["penalties"] if packed else []}
    path.write_text(yaml.safe_dump(site, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _told(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in figures["stages"].items())
    print(
        f"{name}: {figures['seconds']:.1f} s ({figures['cpu_seconds']:.1f} s CPU), {figures['peak_mb']} MB; "
        f"{figures['public']} of {figures['records']} records, {figures['pages']} pages, {figures['files']} files, "
        f"{figures['linked']} linked, {figures['bytes'] / 1e6:.0f} MB; {stages}",
        flush=True,
    )
    return figures


if __name__ == "__main__":
    main()

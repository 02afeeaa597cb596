"""The whole build of a generated site: in full, again, after a night's changes, and as of the next day.

    python -m tests.bench.bench_build --rows 1000000 --workers 2

Each build is `build.py build` in a process of its own, in one folder one after the other: in full; once more with
nothing changed; the same day with `--share` of the rows changed (added, removed, edited); these data as of the next
day. Prints a line for each, and one JSON line at the end. Of each: wall and CPU seconds, peak memory of all processes
together (PSS, sampled), seconds per stage, records, pages, files, and how many of the files are shared with the release
before. `times_as_long_as_full` are the ratios within the run. A million rows take an estimated 40 GB in `--folder`.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.bench.building import built
from tests.bench.city import AS_OF, make_city, write_records, write_site
from tests.bench.measured import machine, ratio, versions


def main() -> None:
    """Print the figures: lines for people, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.001, help="of the rows that change in the increment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to work, and kept (default: a temporary one)")
    wanted = parser.parse_args()
    with working_folder(wanted.folder, "bench-build-") as folder:
        figures = measure(folder, wanted.rows, wanted.workers, wanted.share, wanted.seed)
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


def measure(folder: Path, rows: int, workers: int, share: float, seed: int) -> dict[str, Any]:
    """Generate the site in `folder` (empty) and build it four times."""
    root, out, begun = folder / "root", folder / "out", time.perf_counter()
    city = make_city(rows, seed, share)
    write_site(root, city)
    generated = time.perf_counter() - begun
    size = (root / "data/penalties/penalties.csv").stat().st_size
    print(f"generated: {rows} rows, {size / 1e6:.0f} MB, {generated:.1f} s", flush=True)
    builds = {name: _told(name, built(root, out, AS_OF, workers)) for name in ("full", "again")}
    write_records(root, city.later)
    changes = city.changes
    del city
    for name, day in (("increment", AS_OF), ("next day", AS_OF + timedelta(days=1))):
        builds[name] = _told(name, built(root, out, day, workers))
    return {
        "rows": rows,
        "workers": workers,
        "seed": seed,
        "csv_bytes": size,
        "generate_seconds": round(generated, 1),
        "changes": changes,
        "builds": builds,
        "times_as_long_as_full": {
            name: ratio(figures["seconds"], builds["full"]["seconds"]) for name, figures in builds.items()
        },
    }


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

"""Making a release, written, linked, and from an old one: `python -m tests.bench.bench_release [--files N]`.

`--folder` should be on the disk to be measured. Pages are 4 KB, each with a link; of each release but the first one
file in a thousand is another than in the one before. `kept`: pages are shared unread; `compared`: bytes are there.
Prints a line for each release and, last, how many times the processor seconds of using up an old release it takes to
link all. With one worker, all processor seconds are those of this process.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from publish.executors import make_executor
from publish.model.config import ReleasePolicy
from publish.model.public import EXIT_SCHEMA, LEDGER_SCHEMA, PUBLICATION_SCHEMA, Ledger, Publication
from publish.release.recycling import Spares
from publish.release.staging import staged_release
from publish.release.state import State
from publish.release.verify import Checks

BODY = b"<!doctype html><a href='/'>home</a>" + b"x" * 4000


def blobs(numbers: Sequence[int], night: int) -> Iterator[bytes]:
    """Pages of 4 KB; some are others each night."""
    for number in numbers:
        yield b"%s%020d" % (BODY, number if number % 1000 else number + night)


def build(out: Path, paths: Sequence[str], night: int, how: str, spares: Spares | None, executor: Executor) -> float:
    """One release; prints what it took, and returns the processor seconds until all files are in place."""
    records = pl.DataFrame(schema=dict(PUBLICATION_SCHEMA))
    publication = Publication(date(2026, 5, 4), records, pl.DataFrame(schema=dict(EXIT_SCHEMA)))
    state = State(publication, Ledger(pl.DataFrame(schema=dict(LEDGER_SCHEMA))))
    start = time.perf_counter()
    with staged_release(out, date(2026, 5, 4), executor=executor, spares=spares) as release:
        begun, used = time.perf_counter(), time.process_time()
        kept = [number for number in range(len(paths)) if number % 1000] if how == "kept" else []
        missing = [number for number in range(len(paths)) if not number % 1000] if kept else list(range(len(paths)))
        if kept:
            assert release.keep_some(pl.Series([paths[number] for number in kept])).is_empty()
        release.write_many([paths[number] for number in missing], blobs(missing, night))
        release.settle()
        placed, put = time.perf_counter(), time.process_time()
        done = release.finish(state, {}, Checks("https://example.test"))
    end = time.perf_counter()
    print(
        f"night {night}, {how}{', from an old release' if release.recycled else ''}: {done.written} written, "
        f"{done.linked} shared; read {begun - start:.2f} s, in place {placed - begun:.2f} s, finish "
        f"{end - placed:.2f} s; of processor {put - used:.2f} and {time.process_time() - put:.2f} s; peak "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB",
        flush=True,
    )
    return put - used


def main() -> None:
    """Seven releases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where to write")
    given = parser.parse_args()
    out = Path(tempfile.mkdtemp(prefix="gongshi-bench-", dir=given.folder))
    paths = ["index.html"] + [f"r/{number * 7919 % 256:02x}/{number:020x}.html" for number in range(1, given.files)]
    spares = Spares(ReleasePolicy(keep=1, days=1, in_use_hours=0), datetime.now(UTC) + timedelta(days=1))
    plans = [("all written", None), ("compared", None), *[("kept", None)] * 2, *[("kept", spares)] * 2]
    try:
        with make_executor(given.workers) as executor:
            executor.submit(time.time).result()
            took = [build(out, paths, night, how, use, executor) for night, (how, use) in enumerate(plans)]
            build(out, paths, len(plans), "compared", spares, executor)
    finally:
        shutil.rmtree(out)
    ratio = (took[2] + took[3]) / (took[4] + took[5])
    print(f"processor seconds until all is in place: linked / from an old release {ratio:.1f}")


if __name__ == "__main__":
    main()

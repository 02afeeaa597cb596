"""Files a second of a release, written and linked: `python -m tests.bench.bench_release [--files N] [--folder DIR]`.

DIR should be on the disk to be measured. Pages are 4 KB, each with a link.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from publish.model.public import EXIT_SCHEMA, LEDGER_SCHEMA, PUBLICATION_SCHEMA, Ledger, Publication
from publish.release.staging import staged_release
from publish.release.state import State
from publish.release.verify import Checks


def blobs(count: int, first: bytes) -> Iterator[bytes]:
    """Pages of 4 KB, the first of them another in each build."""
    yield first
    body = b"<!doctype html><a href='/'>home</a>" + b"x" * 4000
    for number in range(1, count):
        yield b"%s%020d" % (body, number)


def main() -> None:
    """Build twice: all written, then all but the first linked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where to write")
    given = parser.parse_args()
    out, count = Path(tempfile.mkdtemp(prefix="gongshi-bench-", dir=given.folder)), given.files
    paths = ["index.html"] + [f"r/{number * 7919 % 256:02x}/{number:020x}.html" for number in range(1, count)]
    records = pl.DataFrame(schema=dict(PUBLICATION_SCHEMA))
    publication = Publication(date(2026, 5, 4), records, pl.DataFrame(schema=dict(EXIT_SCHEMA)))
    ledger = Ledger(pl.DataFrame(schema=dict(LEDGER_SCHEMA)))
    try:
        for first in (b"<!doctype html>1", b"<!doctype html>2"):
            start = time.perf_counter()
            with staged_release(out, date(2026, 5, 4)) as release:
                begun = time.perf_counter()
                release.write_many(paths, blobs(count, first))
                written = time.perf_counter()
                done = release.finish(State(publication, ledger), {}, Checks("https://example.test"))
                finished = time.perf_counter()
            speed = count / (written - begun)
            print(
                f"written {done.written}, linked {done.linked}: {speed:,.0f} files/s; before {begun - start:.1f} s, "
                f"finish {finished - written:.1f} s ({done.verification.hashed} hashed, "
                f"{done.verification.pages_read} pages read); peak "
                f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"
            )
    finally:
        shutil.rmtree(out)


if __name__ == "__main__":
    main()

"""The record pages of a site and nothing else that a build makes: `python -m tests.bench.record_pages ROOT OUT`.

What generators of sites do with records, by the stages that a build has for it: the packages are read and validated,
disclosure decides what is public, record pages are made and written by workers, each with its SHA-256. There are no
subject pages, listings, search, data files, and nothing is searched for private values. Prints a JSON line: how many
pages, and seconds of each part. They stay in OUT/r.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from publish.derive.summaries import derive_summary
from publish.disclose.stage import disclose
from publish.executors import make_executor
from publish.model.report import NO_PROGRESS
from publish.pipeline.inputs import Request, read_inputs, stop_on_errors, template_folders
from publish.release.staging import staged_release
from publish.render.records import record_pages
from publish.render.stage import make_desk
from publish.render.views import dataset_view
from publish.render.writer import BulkPages, HtmlPages


def main() -> None:
    """Make them, and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    print(json.dumps(make_pages(Request(wanted.root, wanted.out, wanted.as_of), wanted.workers)))


def make_pages(request: Request, workers: int) -> dict[str, float]:
    """`pages` and seconds of `read`, `disclose`, `pages_made`. The pages are in `r/` of the output folder."""
    seconds: dict[str, float] = {}
    with make_executor(workers) as executor, tempfile.TemporaryDirectory(dir=request.out.parent) as scratch:
        with _timed(seconds, "read"):
            inputs = read_inputs(request.root, NO_PROGRESS)
            stop_on_errors(inputs.issues)
        with _timed(seconds, "disclose"):
            disclosure, _, _ = disclose(inputs.tables, inputs.basis(request), previous=None, notice_days=30)
        folders, config = template_folders(request.root), inputs.config
        del inputs
        with (
            _timed(seconds, "pages_made"),
            staged_release(request.out, request.as_of, executor=executor) as release,
        ):
            release.begin()
            desk = make_desk(config, request.as_of, folders)
            html, bulk = HtmlPages(release), BulkPages(executor, Path(scratch), near=workers > 1)
            every = (
                record_pages(desk, table, dataset_view(desk, summary), table.digests)
                for table, summary in ((table, derive_summary(table, disclosure.exits)) for table in disclosure.public)
            )
            pages = sum(bulk.put(every, html))
            (release.tree / "r").rename(request.out / "r")
    return {"pages": pages, **{name: round(value, 2) for name, value in seconds.items()}}


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - begun


if __name__ == "__main__":
    main()

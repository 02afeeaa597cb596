"""What pages cost in a night that changes few: `python -m tests.bench.bench_night_pages --rows 100000`, one JSON line.

The generated site (`city.py`) on its first day, after a night in which 0.1 % of the rows are added, removed or edited,
and the day after that with the same rows. Each time the render stage runs in this process, without data files, the
search index and the search for private values, into a sink that keeps no bytes; on the first day bulk pages are only
counted. Processor seconds, pages that were made in bulk, files shared and handed over. A million rows take 6 GB.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from publish import urls
from publish.disclose.basis import Basis
from publish.disclose.stage import disclose
from publish.executors import SerialExecutor
from publish.load.calendar import load_calendar
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.packages import load_data_packages
from publish.load.rules import load_every_profile, load_rule_book
from publish.model.public import Publication
from publish.model.report import NO_PROGRESS
from publish.pipeline.inputs import template_folders
from publish.pipeline.site import DocumentsTask, derive_documents, derive_site
from publish.render.bulk_pages import Made, Partition
from publish.render.downloads import DownloadFile
from publish.render.page_memory import PageMemory
from publish.render.stage import make_desk, render
from publish.render.writer import BulkPages
from publish.validate.stage import validate
from tests.bench.city import AS_OF, make_city, write_records, write_site


class Counted(SerialExecutor):
    """Counts bulk pages; makes them if `makes`."""

    def __init__(self, makes: bool) -> None:
        super().__init__()
        self.makes = makes
        self.pages = 0

    def submit(self, call: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        partition = arguments[0]
        assert isinstance(partition, Partition)
        paths = pl.read_parquet(partition.rows, columns=["path"])
        self.pages += paths.height
        if self.makes:
            return super().submit(call, *arguments, **named)
        paths.sort("path").with_columns(html=pl.lit("")).write_ipc(partition.out)
        done: Future[Any] = Future()
        done.set_result(Made({}, None))
        return done


class Paths:
    """A sink that keeps paths; `had` are those of the last release."""

    def __init__(self, had: pl.Series) -> None:
        self._had = had
        self.kept = 0
        self.written: list[pl.Series] = []

    def write(self, url: str, data: bytes) -> None:
        self.write_many([urls.file_of(url)], [data])

    def write_many(self, paths: Sequence[str], blobs: Iterable[bytes]) -> None:
        self.written.append(pl.Series(paths, dtype=pl.String))

    def keep_many(self, urls_kept: Iterable[str]) -> None:
        """Of the search index, which is none."""

    def keep_some(self, paths: pl.Series) -> pl.Series:
        missing = paths.filter(~paths.is_in(self._had.implode()))
        self.kept += len(paths) - len(missing)
        self.written.append(paths)
        return missing

    def add_file(self, url: str, path: Path, sha256: str) -> None:
        raise NotImplementedError

    def paths(self) -> pl.Series:
        return pl.concat(self.written)


def measure(root: Path, day: date, before: Publication | None, had: pl.Series, folder: Path) -> dict[str, Any]:
    """One build as far as pages go; `paths` and `publication` are for the next."""
    config, book = load_config(root), load_rule_book(root, load_config(root).rule_profiles)
    tables, _ = validate(load_data_packages(root, config)[0], config)
    basis = Basis(book, load_calendar(root), day, b"bench")
    disclosure, publication, _ = disclose(tables, basis, previous=before, notice_days=30)
    documents, texts, _ = load_documents(root, config)
    of_documents = derive_documents(DocumentsTask(documents, book, load_every_profile(root), day))
    site = derive_site(disclosure, documents, book, of_documents)
    del tables
    desk = make_desk(config, day, template_folders(root))
    made = {
        table.info.slug: tuple(DownloadFile(suffix, Path(), 1, "0" * 64) for suffix in urls.DOWNLOAD_NAMES)
        for table in disclosure.public
    }
    sink, executor = Paths(had), Counted(makes=bool(len(had)))
    begin = time.process_time()
    memory = PageMemory(folder / "memory", "live" if len(had) else None)
    bulk = BulkPages(executor, folder, None, memory)
    pages = render(desk, disclosure, site, texts, sink, bulk, lambda: made, folder, NO_PROGRESS)
    spent = time.process_time() - begin
    shutil.rmtree(folder / "memory", ignore_errors=True)
    memory.keep(folder / "memory")("live")
    return {
        "paths": sink.paths(),
        "publication": publication,
        "told": {
            "cpu_seconds": round(spent, 2),
            "pages": sum(pages.values()),
            "made_in_bulk": executor.pages,
            "kept": sink.kept,
            "handed_over": len(sink.paths()) - sink.kept,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    city = make_city(rows)
    result: dict[str, Any] = {"rows": rows, "changes": city.changes}
    last: dict[str, Any] = {"paths": pl.Series("path", [], dtype=pl.String), "publication": None}
    with tempfile.TemporaryDirectory() as folder:
        root, scratch = Path(folder) / "site", Path(folder) / "scratch"
        scratch.mkdir()
        write_site(root, city)
        for name, later in (("first", 0), ("night", 0), ("next day", 1)):
            if name == "night":
                write_records(root, city.later)
                del city
            day = AS_OF + timedelta(days=later)
            last = measure(root, day, last["publication"], last["paths"], scratch)
            result[name] = last["told"]
    print(json.dumps(result))


if __name__ == "__main__":
    main()

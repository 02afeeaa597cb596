"""Counting what a build does: pages, templates, files, bytes, rows. Counts are the same on every machine."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
import pytest

from publish.disclose.keys import record_keys
from publish.executors import SerialExecutor
from publish.model.report import BuildReport
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from publish.release.manifest import MANIFEST_FILE, SUMS_FILE
from publish.render import writer
from publish.render.bulk_pages import Made, Partition, render_partition
from publish.render.fragments import Fragments
from tests.sitekit import SilentProgress

_SEALS = (MANIFEST_FILE, SUMS_FILE)


@dataclass(frozen=True, slots=True)
class Work:
    """What one build did.

    `steps`: pages assembled in bulk and files scanned, by stage, as the build tells its progress. `templates`: pages
    that Jinja rendered, by template (a bulk template once for each shape of row). `hashed`: record ids made into keys.
    `assembled`: bulk pages that were made, by the first part of their path, and `fragments`, records in lists.
    `written`: files that are not shared with the last release, by the first part of their path; `bytes` of them.
    """

    report: BuildReport
    steps: Counter[str]
    templates: Counter[str]
    hashed: int
    assembled: Counter[str]
    written: Counter[str]
    bytes: int


class CountingProgress(SilentProgress):
    """A progress that counts the steps of each stage, of their pages and files."""

    def __init__(self) -> None:
        self.steps: Counter[str] = Counter()
        self._stage = self._unit = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._stage = name
        yield

    def expect(self, total: int, unit: str = "files") -> None:
        self._unit = unit

    def advance(self, count: int) -> None:
        self.steps[f"{self._stage}, {self._unit}"] += count


def counted_build(root: Path, out: Path, as_of: date) -> Work:
    """Build in this process, one worker, and count."""
    progress, templates, hashed, assembled = CountingProgress(), Counter[str](), Counter[str](), Counter[str]()
    before = {path.name for path in (out / "releases").glob("*")}
    with pytest.MonkeyPatch.context() as patch:
        _count_templates(patch, templates)
        _count_keys(patch, hashed)
        _count_assembled(patch, assembled)
        executor = SerialExecutor()
        report = build(Request(root, out, as_of), executor, progress, executor)  # as the command line calls it
    release = out / "releases" / report.release
    # A release that was there before is what this one would have been: nothing of it is to be seen.
    is_new = release.name not in before
    sizes = dict(_own_files(release)) if is_new else {}
    written = Counter(path.split("/")[0] for path in sizes)
    assert not is_new or written.total() == report.files - report.linked, "the report counts as the file system does"
    return Work(report, progress.steps, templates, hashed["rows"], assembled, written, sum(sizes.values()))


def _own_files(release: Path) -> Iterator[tuple[str, int]]:
    """Path and size of each file that no other release shares; without the manifest and the sums."""
    for folder, _, names in os.walk(release):
        for name in names:
            path = Path(folder) / name
            told = path.lstat()
            if told.st_nlink == 1 and not (path.parent == release and name in _SEALS):
                yield path.relative_to(release).as_posix(), told.st_size


def _count_templates(patch: pytest.MonkeyPatch, counts: Counter[str]) -> None:
    render: Callable[..., str] = jinja2.Template.render

    def counting(template: jinja2.Template, *arguments: Any, **values: Any) -> str:
        counts[str(template.name)] += 1
        return render(template, *arguments, **values)

    patch.setattr(jinja2.Template, "render", counting)


def _count_assembled(patch: pytest.MonkeyPatch, counts: Counter[str]) -> None:
    def partition(task: Partition) -> Made:
        counts.update(path.split("/")[0] for path in pl.read_parquet(task.rows)["path"])
        return render_partition(task)

    def rows(fragments: Fragments, numbers: pl.Series) -> pl.Series:
        counts["fragments"] += len(numbers)
        return html(fragments, numbers)

    html = Fragments.html
    patch.setattr(writer, "render_partition", partition)
    patch.setattr(Fragments, "html", rows)


def _count_keys(patch: pytest.MonkeyPatch, counts: Counter[str]) -> None:
    """Wherever it was imported to: a test must not know which module calls it."""

    def counting(dataset: str, record_ids: pl.Series, secret: bytes) -> pl.Series:
        counts["rows"] += len(record_ids)
        return record_keys(dataset, record_ids, secret)

    for name, module in list(sys.modules.items()):
        if name.startswith("publish.") and getattr(module, record_keys.__name__, None) is record_keys:
            patch.setattr(module, record_keys.__name__, counting)

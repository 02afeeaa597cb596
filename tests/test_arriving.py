"""Data files and the search index come while pages are made: in whatever order, the release is the same."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from publish.executors import SerialExecutor, make_executor
from publish.model.report import NO_PROGRESS
from publish.model.search import SearchIndex
from publish.pipeline import building
from publish.pipeline.arriving import Arriving
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from publish.render import data
from tests.sitekit import SITES, SilentProgress, build_site, tree

AS_OF = date(2026, 11, 20)
INDEX = SearchIndex(b"root", {"/search/a.gz": b"a"}, frozenset({"/search/b.gz"}))
WITHIN = 60  # seconds until a test gives up


class Pages(SilentProgress):
    """Tells when the first page is done."""

    def __init__(self) -> None:
        self.some = Event()
        self._stage = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._stage = name
        yield

    def advance(self, count: int) -> None:
        if self._stage == "render" and count:
            self.some.set()


class Release:
    """What is put into it, and what of it is searched, in its order."""

    tree = Path("tree")

    def __init__(self) -> None:
        self.told: list[str] = []

    def write(self, url: str, data: bytes) -> None:
        self.told.append(f"write {url}")

    def keep_many(self, urls_kept: frozenset[str]) -> None:
        self.told += [f"keep {url}" for url in sorted(urls_kept)]

    def told_cells(self, cells: str, tree: Path, executor: Executor) -> None:
        self.told.append(f"cells {cells}")

    def begin_files(self, tree: Path, executor: Executor) -> None:
        self.told.append("begin")

    def written(self, paths: list[str]) -> None:
        self.told += [f"search {path}" for path in paths]


class Downloads:
    """Data files that are there when `made` is set."""

    def __init__(self, release: Release) -> None:
        self.made: Future[str] = Future()
        self._release = release

    def done(self) -> bool:
        return self.made.done()

    def put(self, tables: object, sink: object) -> dict[str, tuple[()]]:
        self._release.told.append(f"files {self.made.result(WITHIN)}")
        return {"penalties": ()}

    def cells(self, tables: object) -> list[str]:
        return ["penalties"]


FILES = ["files made", "cells penalties", "begin"]
OF_INDEX = [
    "write /search/a.gz",
    "write /search/index/root.gz",
    "keep /search/b.gz",
    "search search/a.gz",
    "search search/index/root.gz",
]


class Case:
    """Nothing is there yet."""

    def __init__(self, aside: Executor | None) -> None:
        self.release = Release()
        self.downloads = Downloads(self.release)
        self.index: Future[SearchIndex] = Future()
        parts: Any = (self.release, self.downloads, (), self.index, self.release, aside, NO_PROGRESS)
        self.arriving = Arriving(*parts)

    def told(self) -> list[str]:
        self.arriving.take()
        return self.release.told


def test_what_is_there_is_put_into_the_release_and_the_index_after_data_files() -> None:
    case = Case(SerialExecutor())
    assert case.told() == []
    case.index.set_result(INDEX)
    assert case.told() == [], "it is searched after data files"
    case.downloads.made.set_result("made")
    assert case.told() == FILES + OF_INDEX
    assert case.told() == FILES + OF_INDEX, "once"
    case.arriving.finish()
    assert case.told() == FILES + OF_INDEX
    assert case.arriving.files() == {"penalties": ()}


def test_the_index_may_be_the_last() -> None:
    case = Case(SerialExecutor())
    case.downloads.made.set_result("made")
    assert case.arriving.files() == {"penalties": ()}
    assert case.told() == FILES
    with ThreadPoolExecutor(1) as thread:
        finishing = thread.submit(case.arriving.finish)
        case.index.set_result(INDEX)
        finishing.result(WITHIN)
    assert case.release.told == FILES + OF_INDEX


def test_nobody_searches_beside_pages_where_workers_see_nothing() -> None:
    case = Case(None)
    case.index.set_result(INDEX)
    case.downloads.made.set_result("made")
    assert case.told() == [FILES[0], *OF_INDEX[:3]]


@pytest.mark.parametrize("which", ["files", "index"])
def test_what_comes_to_grief_is_told_at_once(which: str) -> None:
    case = Case(SerialExecutor())
    if which == "index":
        case.downloads.made.set_result("made")
        case.index.set_exception(OSError("index"))
    else:
        case.index.set_result(INDEX)
        case.downloads.made.set_exception(OSError("files"))
    for ask in (case.arriving.take, case.arriving.finish):
        with pytest.raises(OSError, match=which):
            ask()


def test_an_index_that_comes_to_grief_does_not_wait_for_data_files() -> None:
    case = Case(SerialExecutor())
    case.index.set_exception(OSError("index"))
    with pytest.raises(OSError, match="index"):
        case.arriving.take()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SITES / "minimal", tmp_path / "root"))


@pytest.mark.parametrize("kind", ["processes", "threads"])
def test_pages_do_not_wait_for_the_index(
    kind: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_site(site, tmp_path / "one", AS_OF)
    progress = Pages()
    late_after(progress.some, building, "derive_search", monkeypatch)
    with make_executor(2) if kind == "processes" else ThreadPoolExecutor(2) as executor:
        build(Request(site, tmp_path / "two", AS_OF), executor, progress)
    assert tree(tmp_path / "two" / "current") == tree(tmp_path / "one" / "current")


def test_pages_do_not_wait_for_data_files(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_site(site, tmp_path / "one", AS_OF)
    progress = Pages()
    late_after(progress.some, data, "render_task", monkeypatch)
    with ThreadPoolExecutor(3) as executor:  # two of them wait
        build(Request(site, tmp_path / "two", AS_OF), executor, progress)
    assert tree(tmp_path / "two" / "current") == tree(tmp_path / "one" / "current")


def late_after(event: Event, module: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a function begin when the event is there."""
    original: Callable[..., object] = getattr(module, name)

    def late(*arguments: object) -> object:
        assert event.wait(WITHIN), "pages wait for it"
        return original(*arguments)

    monkeypatch.setattr(module, name, late)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_index_that_fails_stops_the_build(
    workers: int, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, progress = tmp_path / "out", Pages()
    build_site(site, out, date(2026, 11, 19))
    before, memories = tree(out / "current"), tree(out / "cache")

    def fails(*arguments: object) -> SearchIndex:
        assert workers == 1 or progress.some.wait(WITHIN)
        raise RuntimeError("no index")

    monkeypatch.setattr(building, "derive_search", fails)
    with make_executor(workers) as executor, pytest.raises(RuntimeError, match="no index"):
        build(Request(site, out, AS_OF), executor, progress)
    assert progress.some.is_set() == (workers == 2), "one worker does one thing after the other"
    assert (tree(out / "current"), tree(out / "cache")) == (before, memories)
    assert list((out / "staging").iterdir()) == []


def failing(failed: Event) -> Callable[..., dict[str, int]]:
    """A render stage that tells when it fails."""

    def fails(*arguments: object) -> dict[str, int]:
        failed.set()
        raise RuntimeError("no pages")

    return fails


def test_a_build_that_fails_waits_for_the_index(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folders are there until nobody writes into them any more."""
    failed, ended = Event(), list[bool]()
    derive_search = building.derive_search

    def slow(tables: Any, documents: Any, executor: Executor, scratch: Path, *others: Any) -> SearchIndex:
        assert failed.wait(WITHIN)
        index = derive_search(tables, documents, executor, scratch, *others)
        ended.append(scratch.is_dir())
        return index

    monkeypatch.setattr(building, "derive_search", slow)
    monkeypatch.setattr(building, "render", failing(failed))
    with pytest.raises(RuntimeError, match="no pages"):
        build_site(site, tmp_path / "out", AS_OF, workers=2)
    assert ended == [True]
    assert not (tmp_path / "out" / "current").exists()


def test_a_build_that_fails_waits_for_data_files(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed, ended = Event(), list[bool]()
    render_task = data.render_task

    def slow(task: Any) -> object:
        assert failed.wait(WITHIN)
        made = render_task(task)
        ended.append(task.folder.is_dir())
        return made

    monkeypatch.setattr(data, "render_task", slow)
    monkeypatch.setattr(building, "render", failing(failed))
    with ThreadPoolExecutor(3) as executor, pytest.raises(RuntimeError, match="no pages"):
        build(Request(site, tmp_path / "out", AS_OF), executor, Pages())
    assert ended
    assert all(ended), "its folders are there until nobody writes into them any more"
    assert list((tmp_path / "out" / "staging").iterdir()) == []

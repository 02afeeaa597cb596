"""Bulk pages on their way into a release: what the last release has is shared unread."""

import errno
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from markupsafe import escape
from polars.exceptions import ComputeError

from publish.executors import SerialExecutor
from publish.render import page_memory, writer
from publish.render.bulk_pages import Made, Pages, Partition, render_partition
from publish.render.digests import row_digests
from publish.render.page_memory import PageMemory
from publish.render.writer import BulkPages, HtmlPages


class Tree:
    """A sink that remembers; `had` is what the last release has."""

    def __init__(self, had: Mapping[str, bytes] = {}, unlinkable: Iterable[str] = ()) -> None:
        self.had = had
        self.unlinkable = set(unlinkable)
        self.written: dict[str, bytes] = {}
        self.kept: dict[str, bytes] = {}
        self.by_workers: list[str] = []
        self.told: list[str] = []

    @property
    def files(self) -> dict[str, bytes]:
        assert not self.written.keys() & self.kept.keys()
        return self.written | self.kept

    def write(self, url: str, data: bytes) -> None:
        raise NotImplementedError

    def write_many(self, paths: Sequence[str], blobs: Iterable[bytes]) -> None:
        self.written |= dict(zip(paths, blobs, strict=True))

    def writer(self, paths: pl.Series) -> Callable[[pl.Series], pl.DataFrame]:
        def write(contents: pl.Series) -> pl.DataFrame:
            self.by_workers += paths.to_list()
            self.write_many(paths.to_list(), [content.encode() for content in contents])
            return pl.DataFrame({"told": paths})

        assert paths.is_sorted()
        return write

    def note_written(self, paths: pl.Series, told: pl.DataFrame) -> None:
        assert told["told"].to_list() == paths.to_list()
        self.told += paths.to_list()

    def keep_many(self, urls_kept: Iterable[str]) -> None:
        raise NotImplementedError

    def keep_some(self, paths: pl.Series) -> pl.Series:
        missing = [path for path in paths if path not in self.had or path in self.unlinkable]
        self.kept |= {path: self.had[path] for path in paths if path not in missing}
        return pl.Series(missing, dtype=pl.String)

    def add_file(self, url: str, path: Path, sha256: str) -> None:
        raise NotImplementedError


class Searched:
    """A proof and its search, which finds nothing."""

    lines, value_lines, barriers = 2, 1, ""

    def __init__(self) -> None:
        self.search = self
        self.paths: list[str] = []

    def __call__(self, pages: pl.DataFrame) -> Mapping[object, int]:
        shapes = pages["html"].str.contains("甲|乙|丙|改").n_unique()
        assert pages["near"].null_count() == shapes, "one page of each shape is searched whole"
        return {}

    def doubtful(self, texts: Sequence[pl.Series]) -> list[pl.Series]:
        return [text.str.contains("秘密") for text in texts]

    def told(self, paths: pl.Series, findings: Mapping[object, int]) -> None:
        self.paths += paths.to_list()


def pages_of(cells: Sequence[str | None], constant: str = "</p>", name: str = "records") -> Pages:
    paths = pl.Series("path", [f"r/{at}.html" for at in range(len(cells))], dtype=pl.String)
    slots = pl.DataFrame([pl.Series("a", cells, dtype=pl.String), paths])

    def render(cell: Mapping[str, Any]) -> str:
        return f"<p>{escape(cell['a'])}{constant}" if cell["a"] is not None else f"<p>{constant}"

    return Pages(name, slots.select("path", row_digests(slots).alias("inputs")), lambda rows: slots[rows], render)


class Site:
    """One release after the other. `near`: pages are written where they are made."""

    def __init__(self, folder: Path, near: bool) -> None:
        self.near = near
        self.memory = folder / "memory"
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.live = Tree()
        self.name: str | None = None
        self.builds = 0
        self.proof = Searched()

    def build(self, pages: Pages, unlinkable: Iterable[str] = (), goes_live: bool = True) -> Tree:
        tree = Tree(self.live.files, unlinkable)
        memory = PageMemory(self.memory, self.name)
        self.proof = Searched()
        html = HtmlPages(tree)  # type: ignore[arg-type]
        bulk = BulkPages(SerialExecutor(), self.scratch, self.proof, memory, near=self.near)
        count = sum(bulk.put([pages], html))
        slots = pages.slots(pl.int_range(pages.inputs.height, dtype=pl.UInt32, eager=True))
        assert tree.files == {row["path"]: pages.render(row).encode() for row in slots.iter_rows(named=True)}
        assert count == len(tree.files)
        assert sorted(tree.told) == sorted(tree.by_workers) == (sorted(tree.written) if self.near else [])
        assert html.urls().to_list() == ("/" + pages.inputs["path"]).to_list()
        assert not list(self.scratch.iterdir()), "files of tasks are removed"
        self.builds += 1
        shutil.rmtree(self.memory, ignore_errors=True)
        memory.keep(self.memory)(str(self.builds))
        if goes_live:
            self.live, self.name = tree, str(self.builds)
        return tree


@pytest.fixture(params=[False, True], ids=["written here", "written by workers"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return Site(tmp_path, request.param)


CELLS = [f"甲{number}" for number in range(30)]


def test_what_is_unchanged_is_shared(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_AHEAD", 1)
    assert len(site.build(pages_of(CELLS)).written) == 30
    changed = [*CELLS[:7], "乙", *CELLS[8:], "丙"]
    tree = site.build(pages_of(changed))
    # The first of its shape is made as well.
    assert sorted(tree.written) == ["r/0.html", "r/30.html", "r/7.html"]
    assert sorted(site.proof.paths) == sorted(tree.files)


def test_files_that_are_no_pages_are_shared_by_their_inputs(site: Site) -> None:
    """As pages are, but nobody is told that they were searched."""
    site.build(pages_of(CELLS))
    for inputs, unlinkable, expected in (
        ([1, 2, 3], (), []),  # the memory knows none of them
        ([1, 7, 3], (), ["x/0", "x/2"]),
        ([1, 7, 3], ("x/2",), ["x/0", "x/1"]),
    ):
        files = pl.DataFrame({"path": ["x/0", "x/1", "x/2"], "inputs": pl.Series(inputs, dtype=pl.UInt64)})
        had = dict.fromkeys(files["path"], b"")
        for name, shared in (("others", []), ("sitemap", expected)):
            memory, tree, proof = PageMemory(site.memory, site.name), Tree(had, unlinkable), Searched()
            bulk = BulkPages(SerialExecutor(), site.scratch, proof, memory)
            kept = bulk.sharing(name, tree)(files)
            assert files["path"].filter(kept).to_list() == list(tree.kept) == shared
            assert not proof.paths
        shutil.rmtree(site.memory)
        memory.keep(site.memory)(site.name or "")


def test_another_constant_changes_all(site: Site) -> None:
    site.build(pages_of(CELLS))
    assert len(site.build(pages_of(CELLS, "</P>")).written) == 30


def test_another_constant_of_one_shape_changes_those_pages(site: Site) -> None:
    cells: list[str | None] = [*CELLS, *[None] * 5]
    site.build(pages_of(cells))
    pages = pages_of(cells)

    def render(cell: Mapping[str, Any]) -> str:
        return pages.render(cell) if cell["a"] is not None else "<p>无</p>"

    tree = site.build(replace(pages, render=render))
    assert sorted(tree.written) == ["r/0.html", *(f"r/{at}.html" for at in range(30, 35))]


def test_pages_of_another_name_are_others(site: Site) -> None:
    site.build(pages_of(CELLS))
    assert len(site.build(pages_of(CELLS, name="subjects")).written) == 30


def test_pages_are_written_folder_by_folder(site: Site) -> None:
    pages = replace(pages_of(CELLS), size=7)
    assert list(site.build(pages).written) == sorted(f"r/{at}.html" for at in range(30))
    assert len(site.build(pages).written) == 1


def test_few_pages_are_work_for_all_workers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(partition: Partition) -> Made:
        sizes.append(pl.read_parquet(partition.rows).height)
        return render_partition(partition)

    monkeypatch.setattr(writer, "render_partition", counted)
    monkeypatch.setattr(writer, "_LEAST", 3)
    site.build(pages_of(CELLS))
    assert sizes == [8, 8, 8, 6]


def test_what_cannot_be_linked_is_made(site: Site) -> None:
    site.build(pages_of(CELLS))
    tree = site.build(pages_of(CELLS), unlinkable=["r/3.html", "r/9.html"])
    assert sorted(tree.written) == ["r/0.html", "r/3.html", "r/9.html"]
    assert sorted(site.proof.paths) == sorted(tree.files)


def test_a_memory_of_pages_that_never_went_live(site: Site) -> None:
    site.build(pages_of(CELLS))
    other = [cell + "改" for cell in CELLS]
    site.build(pages_of(other), goes_live=False)
    assert len(site.build(pages_of(other)).written) == 30


@pytest.mark.parametrize(
    "damage", ["gone", "cut", "other program", "no name", "twice", "no such shape", "other shapes", "no shapes"]
)
def test_a_damaged_memory_costs_time_and_nothing_else(damage: str, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.build(pages_of(CELLS))
    file = site.memory / "pages.parquet"
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:100])
    elif damage in ("twice", "no such shape"):
        frame = pl.read_parquet(file)
        other = frame.with_columns(shape=pl.lit(7, dtype=pl.UInt32))
        (pl.concat([frame, frame]) if damage == "twice" else other).write_parquet(file)
    elif damage == "other shapes":
        shapes = pl.read_parquet(site.memory / "shapes.parquet")
        shapes.with_columns(bits=pl.lit("0")).write_parquet(site.memory / "shapes.parquet")
    elif damage == "no shapes":
        (site.memory / "shapes.parquet").unlink()
    elif damage == "no name":
        (site.memory / "made-by").unlink()
    else:
        monkeypatch.setattr(page_memory, "made_by", lambda *libraries: "another program")
    assert len(site.build(pages_of(CELLS)).written) == 30
    assert len(site.build(pages_of(CELLS)).written) == 1


def test_no_room_for_the_memory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.memory.write_text("a file where the folder should be")
    site.build(pages_of(CELLS))
    assert len(site.build(pages_of(CELLS)).written) == 30


def test_the_disk_is_full_for_the_memory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The release is live by then: that the next one has more to do is no failure of this one."""
    site.build(pages_of(CELLS))

    def full(frame: pl.DataFrame, path: Path, **_: object) -> None:
        if path.parent == site.memory:
            path.write_bytes(b"PAR1")
            raise ComputeError("parquet: underlying IO error: No space left on device (os error 28)")
        write(frame, path)

    write = pl.DataFrame.write_parquet
    with monkeypatch.context() as patched:
        patched.setattr(pl.DataFrame, "write_parquet", full)
        site.build(pages_of(CELLS))
    assert not site.memory.exists()
    assert len(site.build(pages_of(CELLS)).written) == 30


class Slow(ThreadPoolExecutor):
    """Two workers; all but the first call take a while, and it is told when they have ended."""

    def __init__(self) -> None:
        super().__init__(2)
        self.ended: list[int] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        number, self.calls = self.calls, self.calls + 1

        def run() -> Any:
            if number == 0:
                raise OSError(errno.EIO, "broken")
            time.sleep(0.05)
            made = fn(*args, **kwargs)
            self.ended.append(number)
            return made

        return super().submit(run)

    calls = 0


def test_nobody_writes_any_more_when_a_build_has_failed(site: Site) -> None:
    tree = Tree()
    html = HtmlPages(tree)  # type: ignore[arg-type]
    with Slow() as executor:
        bulk = BulkPages(executor, site.scratch, near=True)
        with pytest.raises(OSError, match="broken"):
            sum(bulk.put([replace(pages_of(CELLS), size=7)], html))
        assert sorted(executor.ended) == [*range(1, executor.calls)] != []
        assert tree.told == []


def test_files_of_others_in_the_scratch_folder_stay(site: Site) -> None:
    """A dataset may be called as pages are, with a number."""
    own = [site.scratch / f"records-0.{suffix}" for suffix in ("parquet", "arrow", "rows.arrow", "cells.arrow", "csv")]
    for path in own:
        path.write_text("a data file")
    tree, memory = Tree(), PageMemory()
    html = HtmlPages(tree)  # type: ignore[arg-type]
    assert sum(BulkPages(SerialExecutor(), site.scratch, None, memory).put([pages_of(CELLS)], html)) == 30
    assert {path.read_text() for path in own} == {"a data file"}

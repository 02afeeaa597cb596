"""Bulk pages on their way into a release: what the last release has is shared unread, and searched by its cells."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest
from polars.exceptions import ComputeError

from publish.executors import SerialExecutor
from publish.render import page_memory, writer
from publish.render.bulk import BulkPlan, assemble
from publish.render.page_memory import PageMemory
from publish.render.records import Pages
from publish.render.writer import BulkPages, HtmlPages


class Tree:
    """A sink that remembers; `had` is what the last release has."""

    def __init__(self, had: Mapping[str, bytes] = {}, unlinkable: Iterable[str] = ()) -> None:
        self.had = had
        self.unlinkable = set(unlinkable)
        self.written: dict[str, bytes] = {}
        self.kept: dict[str, bytes] = {}

    @property
    def files(self) -> dict[str, bytes]:
        assert not self.written.keys() & self.kept.keys()
        return self.written | self.kept

    def write(self, url: str, data: bytes) -> None:
        raise NotImplementedError

    def write_many(self, paths: Sequence[str], blobs: Iterable[bytes]) -> None:
        self.written |= dict(zip(paths, blobs, strict=True))

    def keep_many(self, urls_kept: Iterable[str]) -> None:
        raise NotImplementedError

    def keep_some(self, paths: pl.Series) -> pl.Series:
        missing = [path for path in paths if path not in self.had or path in self.unlinkable]
        self.kept |= {path: self.had[path] for path in paths if path not in missing}
        return pl.Series(missing, dtype=pl.String)

    def add_file(self, url: str, path: Path) -> None:
        raise NotImplementedError


class Searched:
    """A proof and its search: cells with 秘密 are found."""

    lines = 2

    def __init__(self) -> None:
        self.search = self
        self.paths: list[str] = []

    def __call__(self, pages: pl.DataFrame) -> Mapping[object, int]:
        assert pages["near"].null_count() == 1, "one page of the shape is searched whole"
        return {}

    def cells(self, columns: Sequence[pl.Series]) -> bool:
        return any(column.str.contains("秘密").any() for column in columns)

    def told(self, paths: pl.Series, findings: Mapping[object, int]) -> None:
        self.paths += paths.to_list()


def pages_of(cells: Sequence[str], constant: str = "</p>") -> Pages:
    plan = BulkPlan(("a",), frozenset(), {"1": (("<p>", constant), ("a",))})
    return Pages("records", plan, pl.DataFrame({"a": cells, "path": [f"r/{at}.html" for at in range(len(cells))]}))


def files_of(tree: Tree) -> pl.DataFrame:
    """As a manifest has them; any digest will do."""
    return pl.DataFrame(
        [(path, repr(data)) for path, data in tree.files.items()], schema=["path", "sha256"], orient="row"
    )


class Site:
    """One release after the other."""

    def __init__(self, folder: Path) -> None:
        self.memory = folder / "memory"
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.live = Tree()
        self.proof = Searched()

    def build(self, pages: Pages, unlinkable: Iterable[str] = (), goes_live: bool = True) -> Tree:
        tree = Tree(self.live.files, unlinkable)
        memory = PageMemory(self.memory, files_of(self.live) if self.live.files else None)
        self.proof = Searched()
        html = HtmlPages(tree)  # type: ignore[arg-type]
        count = sum(BulkPages(SerialExecutor(), self.scratch, self.proof, memory).put([pages], html))
        made = assemble(pages.plan, pages.slots.drop("path"))
        assert tree.files == {path: page.encode() for path, page in zip(pages.slots["path"], made, strict=True)}
        assert count == len(tree.files)
        assert html.urls().to_list() == sorted("/" + path for path in tree.files)
        assert not list(self.scratch.iterdir()), "files of tasks are removed"
        memory.write(files_of(tree))
        if goes_live:
            self.live = tree
        return tree


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


CELLS = [f"甲{number}" for number in range(30)]


def test_what_is_unchanged_is_shared(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_AHEAD", 1)
    assert len(site.build(pages_of(CELLS)).written) == 30
    changed = [*CELLS[:7], "乙", *CELLS[8:], "丙"]
    tree = site.build(pages_of(changed))
    # The first of its shape is made as well.
    assert sorted(tree.written) == ["r/0.html", "r/30.html", "r/7.html"]
    assert sorted(site.proof.paths) == sorted(tree.files)


def test_another_constant_changes_all(site: Site) -> None:
    site.build(pages_of(CELLS))
    assert len(site.build(pages_of(CELLS, "</P>")).written) == 30


def test_cells_in_which_something_is_found_are_not_told_to_be_searched(site: Site) -> None:
    site.build(pages_of(CELLS))
    site.build(pages_of([*CELLS[:3], "秘密", *CELLS[4:]]))
    assert len(site.proof.paths) == 30, "the page with it was made, and is told with what is found"
    site.build(pages_of([*CELLS[:3], "秘密", *CELLS[4:]]))
    assert site.proof.paths == ["r/0.html"], "all that were shared are read"


def test_cells_are_searched_some_at_a_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_CELLS", 10)
    with_secret = [*CELLS[:13], "秘密", *CELLS[14:]]
    site.build(pages_of(with_secret))
    site.build(pages_of(with_secret), unlinkable=["r/4.html", "r/25.html"])
    # The first page is made, so that of the others ten each are numbers 1 to 10, 11 to 20 and 21 to 29.
    assert sorted(site.proof.paths) == sorted(f"r/{one}.html" for one in range(30) if not 11 <= one <= 20)


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


@pytest.mark.parametrize("damage", ["gone", "cut", "other program", "no name"])
def test_a_damaged_memory_costs_time_and_nothing_else(damage: str, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.build(pages_of(CELLS))
    file = site.memory / "pages.parquet"
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:100])
    elif damage == "no name":
        (site.memory / "made-by").unlink()
    else:
        monkeypatch.setattr(page_memory, "source_digest", lambda: "another program")
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

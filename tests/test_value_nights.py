"""Builds that go on from what the last one knew of private values: they find what a build from nothing finds, stop for
nothing else, and look only at what is new."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from publish import proof
from publish.disclose import private_values, value_night
from publish.disclose.private_values import Means, Public
from publish.disclose.public_values import Held
from publish.disclose.value_pieces import Odd
from publish.model.issue import BuildStopped
from publish.model.sieve import Sieve
from publish.model.source import FieldSpec
from publish.pipeline import building
from publish.release.writing import Release
from tests.nightkit import AS_OF, ROWS, SECRET, site_of_rows
from tests.sitekit import Builds, build_site, tree

EXPIRED, PERSON = "已满期限的一件事由", "龘靐齉"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site whose first record is public for the last time on AS_OF, and whose last one is hidden."""
    root = site_of_rows(tmp_path / "root")
    rewrite(root, 0, {5: "2025-11-21", 7: EXPIRED})
    rewrite(root, ROWS - 1, {8: PERSON})
    return root


def rewrite(root: Path, row: int, cells: dict[int, str] | None) -> None:
    """Put other cells into a row, by their columns; None: remove the row."""
    path = root / "data/penalties/penalties.csv"
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    if cells is None:
        del rows[row]
    for column, cell in (cells or {}).items():
        rows[row][column] = cell
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


class Work:
    """How many cells are made into values, for how many values all public rows are searched, and how often all is
    worked out from nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cells = self.sought = self.anew = 0
        distinct, night, anew = private_values._distinct, value_night._held_by_rows, proof.private_values

        def counted(cells: pl.Series, spec: FieldSpec) -> pl.Series:
            self.cells += len(cells)
            return distinct(cells, spec)

        def searched(small: Sieve, texts: pl.Series, public: Public, odd: Odd, means: Means) -> Iterator[list[Held]]:
            self.sought += len(small)
            return night(small, texts, public, odd, means)

        def from_nothing(*given):  # type: ignore[no-untyped-def]
            self.anew += 1
            return anew(*given)

        monkeypatch.setattr(private_values, "_distinct", counted)
        monkeypatch.setattr(value_night, "_held_by_rows", searched)
        monkeypatch.setattr(proof, "private_values", from_nothing)


def memories_of(out: Path) -> dict[str, bytes]:
    """What is kept for the next build, but what is not of one release."""
    return {path: data for path, data in tree(out / "cache").items() if not path.startswith("search/")}


def leak(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A fault of the program: a file of the release has this text."""
    monkeypatch.setattr(building, "headers_file", lambda: f"/*\n  X-Fault: 前{text}后\n")


def test_a_night_looks_at_what_is_new(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work, out = Work(monkeypatch), tmp_path / "out"
    build_site(root, out, AS_OF, secret=SECRET)
    every = work.cells
    assert (work.anew, work.sought) == (1, 0)
    assert (out / "cache/values").stat().st_mode & 0o777 == 0o700
    work.cells = 0
    build_site(root, out, AS_OF, secret=SECRET)
    assert (work.anew, work.cells, work.sought) == (1, 0, 0), "nothing is new"
    rewrite(root, 7, {7: "另一件事由", 8: "钱二二"})
    build_site(root, out, AS_OF, secret=SECRET)
    assert work.anew == 1
    assert 0 < work.cells < every / 10
    assert 0 < work.sought < 10
    build_site(root, tmp_path / "other", AS_OF, secret=SECRET)
    assert tree(tmp_path / "other/current") == tree(out / "current")
    work.anew = 0
    build_site(root, out, AS_OF, secret=b"another")
    build_site(root, out, AS_OF)
    assert work.anew == 2
    assert not (out / "cache/values").exists(), "without a secret nothing is kept"


@pytest.mark.parametrize("workers", [1, 2])
def test_an_expired_record_that_is_still_shown_stops_a_night(
    workers: int, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, out = Work(monkeypatch), tmp_path / "out"
    leak(monkeypatch, EXPIRED)
    build_site(root, out, AS_OF, secret=SECRET, workers=workers)
    assert any(EXPIRED.encode() in data for data in tree(out / "current").values()), "it is public"
    with pytest.raises(BuildStopped) as stopped:
        build_site(root, out, date(2026, 11, 22), secret=SECRET, workers=workers)
    assert {issue.code for issue in stopped.value.issues} == {"release.private-value"}
    assert work.anew == 2, "where something is found, it is judged by what is worked out from nothing"
    leak(monkeypatch, "")
    build_site(root, out, date(2026, 11, 22), secret=SECRET, workers=workers)
    assert work.anew == 2
    assert not any(EXPIRED.encode() in data for data in tree(out / "current").values())


@pytest.mark.parametrize(("workers", "room"), [(1, True), (2, True), (2, False)])
def test_a_value_that_left_the_source_does_not_stop_a_night(
    workers: int, room: bool, root: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what the next night goes on from is what the release was searched for in the end, even if another memory had
    been made by then. `room`: whether the disk has enough for that."""
    out = tmp_path / "out"
    builds.copied(root, out, AS_OF, secret=SECRET)
    monkeypatch.setattr(Release, "has_room", room)
    work = Work(monkeypatch)
    leak(monkeypatch, PERSON)
    before = memories_of(out)
    with pytest.raises(BuildStopped):
        build_site(root, out, AS_OF, secret=SECRET, workers=workers)
    assert memories_of(out) == before
    rewrite(root, ROWS - 1, None)
    assert work.anew == 1
    build_site(root, out, AS_OF, secret=SECRET, workers=workers)
    assert work.anew == 2
    assert PERSON in (out / "current/_headers").read_text(encoding="utf-8")
    build_site(root, tmp_path / "other", AS_OF, secret=SECRET)
    after, wanted = memories_of(out), memories_of(tmp_path / "other")
    names = {path for path in wanted if path.startswith(("searched/", "plain-rows/", "values/"))}
    for path in names - {"searched/release", "plain-rows/release", "values/digest"}:  # which tell of another release
        assert after[path] == wanted[path], f"{path}: it is forgotten"
    assert names == {path for path in after if path.startswith(("searched/", "plain-rows/", "values/"))}
    build_site(root, out, AS_OF, secret=SECRET, workers=workers)
    assert work.anew == 3


def test_where_the_source_is_changed_meanwhile_what_is_found_counts(
    root: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source is not kept to the end of a night: it is read again, if it is the same."""
    out = tmp_path / "out"
    builds.copied(root, out, AS_OF, secret=SECRET)
    work = Work(monkeypatch)
    rewrite(root, ROWS - 1, None)

    def edited() -> str:
        rewrite(root, 3, {7: "另一件事由"})
        return f"/*\n  X-Fault: 前{PERSON}后\n"

    monkeypatch.setattr(building, "headers_file", edited)
    before = tree(out / "current")
    with pytest.raises(BuildStopped) as stopped:
        build_site(root, out, AS_OF, secret=SECRET)
    assert {issue.code for issue in stopped.value.issues} == {"release.private-value"}
    assert work.anew == 0
    assert tree(out / "current") == before
    leak(monkeypatch, PERSON)
    build_site(root, out, AS_OF, secret=SECRET)
    assert work.anew == 1, "it is of no source any more"

"""The listing of a tree that is begun before its seals are in it: as one that is made when they are, or none."""

import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace as with_other
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from publish.model.issue import BuildStopped
from publish.release import early as early_module
from publish.release import ending as ending_module
from publish.release import folders as folders_module
from publish.release import previous
from publish.release import trees as trees_module
from publish.release.early import EarlyListing, list_early
from publish.release.folders import folders_of
from publish.release.layout import Layout
from publish.release.manifest import SEALS, Seals
from publish.release.staging import staged_release
from publish.release.state import State
from publish.release.tree_memory import TreeMemory, write_listing
from publish.release.trees import FolderTask, Listing, folder_stamp, list_folders, list_tree

from .conftest import AS_OF, CHECKS, PAGES, ledger_of, publication_of
from .test_ending import CHANGES, staged
from .test_recycling import changed, filled, night, replace, site_of, three
from .test_trees import folder_names, tick

Meddling = Callable[[Path], object]


@pytest.fixture
def workers() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


def made(tree: Path, site: dict[str, bytes]) -> pl.Series:
    """Paths of a site that lies in `tree` now."""
    for path, data in site.items():
        replace(tree / path, data)
    return pl.Series("path", sorted(site), dtype=pl.String)


def begun(tree: Path, paths: pl.Series, executor: Executor) -> EarlyListing:
    early = list_early(tree, folders_of(paths), paths, executor)
    assert early is not None
    return early


def finished(early: EarlyListing) -> EarlyListing:
    """When workers are done with it."""
    early._calls = iter(list(early._calls))
    return early


@pytest.mark.parametrize("seed", range(3))
def test_it_is_as_listing_the_sealed_tree(
    seed: int, workers: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the work is divided."""
    chance = random.Random(seed)
    monkeypatch.setattr(folders_module, "_GROUP", chance.choice((1, 7, 20, 1000)))
    site = {f"{chance.choice('abcd')}/{chance.choice('abc名')}/{n}": b"" for n in range(60)} | {"a.txt": b"", "e": b""}
    tree = tmp_path / "tree"
    paths = made(tree, changed(site, chance))
    early = finished(begun(tree, paths, workers))
    made(tree, dict.fromkeys(SEALS, b"seal"))
    found, right = early.listing(), list_tree(f"{tree}/", paths, sizes=0)
    assert found is not None
    assert found.files.drop("folder").equals(right.files.drop("folder"))
    assert dict(found.folders) == dict(right.folders)
    for folder in right.folders:
        assert found.in_folders({folder}).drop("folder").equals(right.in_folders({folder}).drop("folder"))


def swapped(folder: Path) -> None:
    """Another folder with the same names in its place."""
    folder.rename(folder.with_name("aside"))
    shutil.copytree(folder.with_name("aside"), folder)
    shutil.rmtree(folder.with_name("aside"))


def linked(folder: Path) -> None:
    """A link to it in its place."""
    aside = folder.parents[2] / "aside"
    folder.rename(aside)
    folder.symlink_to(aside)


MEDDLING: dict[str, Meddling] = {
    "a file more": lambda tree: replace(tree / "r/2/extra", b"x"),
    "a file less": lambda tree: (tree / "r/2/2.txt").unlink(),
    "another file": lambda tree: replace(tree / "r/2/2.txt", b"x"),
    "renamed": lambda tree: (tree / "r/2/2.txt").rename(tree / "r/2/3.txt"),
    "a link": lambda tree: ((tree / "r/2/2.txt").unlink(), (tree / "r/2/2.txt").symlink_to("6.txt")),
    "there and gone": lambda tree: (replace(tree / "r/2/extra", b"x"), (tree / "r/2/extra").unlink()),
    "a folder more": lambda tree: (tree / "new").mkdir(),
    "a folder more below": lambda tree: (tree / "r/2/new").mkdir(),
    "a folder less": lambda tree: shutil.rmtree(tree / "a/b"),
    "another folder": lambda tree: swapped(tree / "r/2"),
    "another folder above": lambda tree: swapped(tree / "a"),
    "a link to a folder": lambda tree: linked(tree / "r/2"),
    "a link to a folder above": lambda tree: linked(tree / "a/b"),
    "a file for a folder": lambda tree: (shutil.rmtree(tree / "r/2"), replace(tree / "r/2", b"x")),
}


@pytest.mark.parametrize("meddling", MEDDLING)
def test_there_is_none_where_something_has_changed_since(meddling: str, workers: Executor, tmp_path: Path) -> None:
    paths = made(tmp_path / "tree", site_of(""))
    early = finished(begun(tmp_path / "tree", paths, workers))
    MEDDLING[meddling](tmp_path / "tree")
    assert early.listing() is None


@pytest.mark.parametrize("meddling", MEDDLING)
def test_what_was_there_before_is_told_or_there_is_none(meddling: str, workers: Executor, tmp_path: Path) -> None:
    """Where folders are not those that were expected, or are no folders, the work was divided in vain."""
    tree = tmp_path / "tree"
    paths = made(tree, site_of(""))
    MEDDLING[meddling](tree)
    found, right = begun(tree, paths, workers).listing(), list_tree(f"{tree}/", paths, sizes=0)
    if {*right.folders} == {"", *folders_of(paths)}:
        assert found is not None
        assert found.files.drop("folder").equals(right.files.drop("folder"))
        assert dict(found.folders) == dict(right.folders)
    else:
        assert found is None


@pytest.mark.parametrize("meddling", ["more", "less", "another", "special"])
def test_its_own_folder_is_listed_at_the_end(meddling: str, workers: Executor, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    paths = made(tree, site_of(""))
    early = finished(begun(tree, paths, workers))
    {
        "more": lambda: replace(tree / "extra", b"x"),
        "less": lambda: (tree / "top.txt").unlink(),
        "another": lambda: replace(tree / "top.txt", b"x"),
        "special": lambda: os.mkfifo(tree / "pipe"),
    }[meddling]()
    found, right = early.listing(), list_tree(f"{tree}/", paths, sizes=0)
    assert found is not None
    assert found.files.drop("folder").equals(right.files.drop("folder"))
    assert dict(found.folders) == dict(right.folders)


def test_where_folders_do_not_tell_of_changes_it_is_not_begun(
    workers: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = made(tmp_path / "tree", site_of(""))
    monkeypatch.setattr(early_module, "_now", lambda folder: 1_700_000_000_000_000_000)
    assert list_early(tmp_path / "tree", folders_of(paths), paths, workers) is None, "by whole seconds"

    def full(folder: Path) -> int:
        raise OSError

    monkeypatch.setattr(early_module, "_now", full)
    assert list_early(tmp_path / "tree", folders_of(paths), paths, workers) is None


def test_a_folder_that_may_have_changed_at_the_tick_of_its_listing_is_listed_at_the_end(
    workers: Executor, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    paths = made(tree, site_of(""))
    whole = begun(tree, paths, workers)
    latest = max(stamp[1] for folder in folders_of(paths) if (stamp := folder_stamp(f"{tree}/{folder}")) is not None)
    for after, is_listed in ((5_000_000, False), (15_000_000, True)):
        early = EarlyListing(f"{tree}/", whole._groups, workers, latest + after)
        assert (early.listing() is not None) == is_listed


def test_folders_are_older_than_their_listing(workers: Executor, tmp_path: Path) -> None:
    """So a change has another time than the last one had, and all of them are known to later builds, but for the tree
    itself, which is listed each time."""
    paths = made(tmp_path / "tree", site_of(""))
    early = finished(begun(tmp_path / "tree", paths, workers))
    tick()
    made(tmp_path / "tree", dict.fromkeys(SEALS, b"seal"))
    listing = early.listing()
    assert listing is not None
    assert listing.at is not None
    own = listing.folders[""]
    assert own is not None
    assert own[1] > listing.at
    (tmp_path / "cache/trees").mkdir(parents=True)
    write_listing(tmp_path / "cache/trees/one", listing)
    assert TreeMemory(Layout(tmp_path)).load("one").folders == {**listing.folders, "": None}


def test_what_is_known_is_older_than_the_first_listing(workers: Executor, tmp_path: Path) -> None:
    """Not than the seals, which come later: what was changed just before it was listed may change again unseen."""
    paths = made(tmp_path / "tree", site_of(""))
    listing = begun(tmp_path / "tree", paths, workers).listing()
    assert listing is not None
    at = 5_000_000_001
    stamps = {
        "": (1, at + 9_000_000_000),
        "a/": (2, at - 99_999_999),
        "r/": (3, at - 100_000_000),
        "r/1/": (4, at + 1_000_000_000),
        "r/2/": (5, 3_000_000_000),  # by a clock that may be a coarse one
        "r/3/": (6, 3_010_000_000),
    }
    (tmp_path / "cache/trees").mkdir(parents=True)
    write_listing(tmp_path / "cache/trees/one", with_other(listing, folders=stamps, at=at))
    known = TreeMemory(Layout(tmp_path)).load("one").folders
    assert known == {**dict.fromkeys(stamps), "r/": stamps["r/"], "r/2/": stamps["r/2/"]}


# The end of a release whose tree is listed early.


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Folders that are listed, early ones first, where small releases end as large ones do."""
    monkeypatch.setattr(ending_module, "asks_all_sizes", lambda *_: False)
    found = list[str]()

    def noted(task: FolderTask) -> object:
        found.extend(task.folders)
        return list_folders(task)

    for module in (early_module, trees_module):
        monkeypatch.setattr(module, "list_folders", noted)
    return found


def sealing_after(meddle: Meddling, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something is done to the tree when it has been listed early, and before its seals are in it."""
    begin, move = ending_module.list_early, Seals.move_into

    def list_now(*told: object) -> EarlyListing | None:
        early = begin(*told)  # type: ignore[arg-type]
        return finished(early) if early is not None else None

    def move_into(seals: Seals, tree: Path) -> None:
        tick()
        meddle(tree)
        move(seals, tree)

    monkeypatch.setattr(ending_module, "list_early", list_now)
    monkeypatch.setattr(Seals, "move_into", move_into)


def test_each_folder_is_listed_once(listed: list[str], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, verify = list[int](), ending_module.verify
    monkeypatch.setattr(ending_module, "verify", lambda *told, **more: looks.append(1) or verify(*told, **more))
    monkeypatch.setattr("publish.release.verify.list_tree", None)
    sealing_after(lambda tree: listed.append("sealed"), monkeypatch)
    with staged(out, beside=True) as (_, end):
        assert end.issues() == ()
        end.go_live()
    assert (sorted(listed[:2]), listed[2:]) == (["r/", "r/01/"], ["sealed", ""])
    assert looks == [1]


@pytest.mark.parametrize("change", sorted({*CHANGES} - {"manifest", "another manifest", "no manifest", "sums"}))
def test_what_changes_before_the_seals_are_there_is_found(
    change: str, listed: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meddle, found = CHANGES[change]
    sealing_after(meddle, monkeypatch)
    with staged(out, beside=True) as (_, end):
        assert [issue.code for issue in end.issues()] == found
        with pytest.raises(BuildStopped):
            end.go_live()
    assert not (out / "current").exists()


def test_what_only_looks_changed_before_the_seals_are_there_is_listed_again(
    listed: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealing_after(lambda tree: ((tree / "r/01/x").touch(), (tree / "r/01/x").unlink()), monkeypatch)
    again = list[str]()
    own = list_tree

    def noted(root: str, *told: object, **more: object) -> Listing:
        again.append(root)
        return own(root, *told, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("publish.release.verify.list_tree", noted)
    with staged(out, beside=True) as (_, end):
        assert end.go_live().files == len(PAGES)
    assert len(again) == 1


def test_a_seal_that_is_there_already_is_replaced(
    listed: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealing_after(lambda tree: (tree / "manifest.json").write_bytes(b"x"), monkeypatch)
    with staged(out, beside=True) as (_, end):
        end.go_live()
    assert (out / "current/manifest.json").stat().st_size > 1


def test_a_fault_of_the_program_is_told_while_it_is_listed(
    listed: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(task: FolderTask) -> object:
        raise KeyError

    monkeypatch.setattr(early_module, "list_folders", broken)
    with staged(out, beside=True) as (_, end), pytest.raises(KeyError):
        end.go_live()
    assert not (out / "current").exists()


class Idle(Executor):
    """Begins nothing; `given` is set when it has something to begin."""

    def __init__(self) -> None:
        self.given = threading.Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.given.set()
        return Future()


@pytest.mark.parametrize("when", ["at once", "when it has begun"])
def test_a_build_that_fails_does_not_wait_for_it(
    when: str, listed: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders_module, "_GROUP", 1)  # more than one task
    idle = Idle()

    def fail() -> None:
        with staged_release(out, AS_OF, durable=False, executor=idle) as one:
            one.write("/a/1.txt", b"x")
            one.write("/b/1.txt", b"x")
            one.ending(State(publication_of(), ledger_of()), {}, CHECKS, beside=True)
            assert when == "at once" or idle.given.wait(60)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list((out / "staging").iterdir()) == []
    assert listed == []


def test_a_night_lists_early_and_what_it_has_listed_is_known(
    workers: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the release that it makes, to the next."""
    monkeypatch.setattr(ending_module, "FULL", 0)
    monkeypatch.setattr(previous, "ALL_SIZES", 0)
    monkeypatch.setattr(previous, "_SIZED", 1 << 60)
    monkeypatch.setattr("publish.release.trees._CHECKED", 1 << 60)
    names = three(tmp_path)
    begins, begin = list[int](), ending_module.list_early
    monkeypatch.setattr(ending_module, "list_early", lambda *told: begins.append(1) or begin(*told))
    site = site_of("3")
    fill = filled(site, frozenset(site) - {"what.txt"})
    released, recycled = night(tmp_path, 3, fill, executor=workers, beside=True)
    assert (recycled, begins) == (names[0], [1])
    live = tmp_path / "releases" / released.name
    known, right = (
        TreeMemory(Layout(tmp_path)).load(released.name),
        list_tree(f"{live}/", pl.Series(sorted(site)), sizes=0),
    )
    assert known.files.drop("folder").equals(right.files.drop("folder"))
    assert known.folders == {**right.folders, "": None}
    read = list[str]()

    def noted(task: FolderTask) -> object:
        read.extend(task.root + folder for folder in task.folders)
        return list_folders(task)

    monkeypatch.setattr("publish.release.trees.list_folders", noted)
    night(tmp_path, 4, fill, None, executor=workers, beside=True)
    assert folder_names(read, live) == {""}


def test_a_full_build_lists_at_the_end(workers: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes of all are asked for: what is cut in place leaves its folder as it was."""
    monkeypatch.setattr(ending_module, "FULL", 0)
    monkeypatch.setattr(ending_module, "list_early", None)
    night(tmp_path, 1, filled(site_of("1")), executor=workers, beside=True)
    assert (tmp_path / "current/top.txt").read_bytes() == b"top"

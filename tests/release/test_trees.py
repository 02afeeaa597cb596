"""What is known of folders of earlier releases: what has changed since is found all the same."""

import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import replace as with_other
from pathlib import Path

import polars as pl
import pytest

from publish.model.issue import BuildStopped
from publish.release import ending, previous, tree_memory, trees
from publish.release.layout import Layout
from publish.release.previous import load_previous
from publish.release.pruning import prune
from publish.release.tree_memory import TreeMemory, write_listing
from publish.release.trees import NOTHING, Listing, list_tree
from publish.release.writing import Release

from .conftest import tree
from .test_recycling import DAMAGES, POLICY, SPARES, changed, filled, link, modes, night, replace, site_of, three

Listed = list[str]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    """The folders that are listed, where small releases are remembered as large ones are, and nothing is checked for
    the sake of it."""
    monkeypatch.setattr(ending, "FULL", 0)
    monkeypatch.setattr(previous, "ALL_SIZES", 0)
    monkeypatch.setattr(previous, "_SIZED", 1 << 60)
    monkeypatch.setattr(trees, "_CHECKED", 1 << 60)
    monkeypatch.setattr(tree_memory, "_RACY", 0)
    monkeypatch.setattr(tree_memory, "_RACY_FINE", 0)
    folders: Listed = []
    list_folders = trees.list_folders

    def noted(task: trees.FolderTask) -> object:
        folders.extend(task.root + folder for folder in task.folders)
        return list_folders(task)

    monkeypatch.setattr(trees, "list_folders", noted)
    return folders


def folder_names(folders: Listed, root: Path) -> set[str]:
    return {folder.removeprefix(f"{root}/") for folder in folders if folder.startswith(f"{root}/")}


def tick() -> None:
    """Changes from now on have another time than those before."""
    time.sleep(0.02)


def test_a_night_lists_what_it_makes(listed: Listed, tmp_path: Path) -> None:
    """Of the live release and of the one that is used up only the folder itself, which has been renamed."""
    names = three(tmp_path)
    listed.clear()
    site = site_of("3")
    _, recycled = night(tmp_path, 3, filled(site, frozenset(site) - {"what.txt"}))
    assert recycled == names[0]
    assert folder_names(listed, tmp_path / "releases" / names[2]) == {""}
    of_tree = [folder.rpartition("/tree/")[2] for folder in listed if "/tree/" in folder]
    assert sorted(of_tree) == ["", *sorted(["", "a/", "a/b/", "a/b/c/", "r/", *(f"r/{n}/" for n in range(4))])]


@pytest.mark.parametrize("how", ["kept", "written"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_release_is_mended(damage: str, how: str, listed: Listed, tmp_path: Path) -> None:
    names = three(tmp_path / "a")
    three(tmp_path / "b")
    live = tmp_path / "a/releases" / names[2]
    before = tree(live), modes(live)
    tick()
    DAMAGES[damage](tmp_path / "a/releases" / names[0], live)
    site = site_of("new") | {"new/er/file.txt": b"new"}
    kept = frozenset(site) - {"what.txt", "new/er/file.txt"} if how == "kept" else frozenset[str]()
    many = frozenset(path for path in site if path < "r/2")
    expected, _ = night(tmp_path / "b", 3, filled(site, kept, many), None)
    listed.clear()
    released, recycled = night(tmp_path / "a", 3, filled(site, kept, many))
    assert recycled == names[0]
    assert folder_names(listed, live) == {""}, "what is known of it is used"
    assert (released, tree(tmp_path / "a/current")) == (expected, tree(tmp_path / "b/current"))
    assert modes(tmp_path / "a/current") == modes(tmp_path / "b/current")
    assert (tree(live), modes(live)) == before


LIVE_DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": lambda file: file.unlink(),
    "a copy": lambda file: replace(file, file.read_bytes()),
    "a symlink": lambda file: (file.unlink(), file.symlink_to("/nowhere")),
    "an extra file": lambda file: replace(file.parent / "extra", b"x"),
    "an extra folder": lambda file: replace(file.parent / "new/extra", b"x"),
    "moved": lambda file: file.rename(file.with_name("moved")),
}


@pytest.mark.parametrize("damage", LIVE_DAMAGES)
@pytest.mark.parametrize("file", ["r/1/1.txt", "a/b/c/1.txt", "top.txt"])
def test_what_has_changed_in_the_live_release_is_seen(damage: str, file: str, listed: Listed, tmp_path: Path) -> None:
    """As by listing all of it; and the next release is whole."""
    names = three(tmp_path)
    live = tmp_path / "releases" / names[2]
    tick()
    LIVE_DAMAGES[damage](live / file)
    last, anew = load_previous(Layout(tmp_path)), load_previous(Layout(tmp_path))
    assert last is not None
    assert anew is not None
    anew.memory = None
    listed.clear()
    known = last.inodes
    assert folder_names(listed, live) >= {"", file.rpartition("/")[0] + "/" * ("/" in file)}
    assert "r/2/" not in folder_names(listed, live)
    assert known.equals(anew.inodes)
    site = site_of("new")
    night(tmp_path, 3, filled(site, frozenset(site) - {"what.txt"}))
    assert {path: data for path, data in tree(tmp_path / "current").items() if path in site} == site


def test_a_folder_put_back_is_listed(listed: Listed, tmp_path: Path) -> None:
    """Neither a folder of another inode nor one that is a link is the one that is known, whatever its time."""
    names = three(tmp_path)
    live = tmp_path / "releases" / names[2]
    (live / "r/1").rename(tmp_path / "aside")
    (live / "r/1").symlink_to(tmp_path / "aside")
    last = load_previous(Layout(tmp_path))
    assert last is not None
    missing = last.inodes.is_null()
    assert last.files.filter(missing)["path"].to_list() == [f"r/1/{n}.txt" for n in sorted(range(1, 30, 4), key=str)]


def test_times_that_say_nothing(listed: Listed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a folder that is checked is not what its unchanged time promises, no folder is believed."""
    names = three(tmp_path)
    root = f"{tmp_path / 'releases' / names[2]}/"
    paths = pl.Series("path", sorted(site_of("")))
    right = list_tree(root, paths, sizes=0)
    for lie in (
        lambda files: files.with_columns(inode=pl.col("inode") + 1),
        lambda files: files.filter(~pl.col("path").str.ends_with("1.txt")),
    ):
        known = Listing(lie(right.files), right.folders)
        monkeypatch.setattr(trees, "_CHECKED", 1)
        assert list_tree(root, paths, sizes=0, known=known).files.equals(right.files)
        assert list_tree(root, paths, sizes=1, known=known).files.drop("size").equals(right.files.drop("size"))
        monkeypatch.setattr(trees, "_CHECKED", 1 << 60)
        assert not list_tree(root, paths, sizes=0, known=known).files.equals(right.files), "believed unchecked"
    (tmp_path / "current/r/3").rename(tmp_path / "aside")
    fewer = list_tree(root, paths, sizes=0)
    (tmp_path / "aside").rename(tmp_path / "current/r/3")
    right = list_tree(root, paths, sizes=0)
    known = with_other(fewer, folders={folder: right.folders[folder] for folder in fewer.folders})
    monkeypatch.setattr(trees, "_CHECKED", 1)
    assert list_tree(root, paths, sizes=0, known=known).files.equals(right.files)


def test_what_is_checked_and_right_is_believed(listed: Listed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever folders are checked, above or below others."""
    three(tmp_path)
    root, paths = f"{(tmp_path / 'current').resolve()}/", pl.Series("path", sorted(site_of("")))
    right = list_tree(root, paths, sizes=0)
    for one in right.folders:
        monkeypatch.setattr(trees, "_some", lambda level, one_in, one=one: frozenset({one} & {*level}))
        listed.clear()
        assert list_tree(root, paths, sizes=0, known=right).files.drop("folder").equals(right.files.drop("folder"))
        assert folder_names(listed, Path(root)) == {one}


def test_young_folders_are_not_known(listed: Listed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more change at the same tick of a coarse clock would leave the time as it was."""
    monkeypatch.setattr(tree_memory, "_RACY_FINE", 1 << 60)
    names = three(tmp_path)
    monkeypatch.setattr(tree_memory, "_RACY", 2_000_000_000)
    monkeypatch.setattr(tree_memory, "_RACY_FINE", 100_000_000)
    known = TreeMemory(Layout(tmp_path)).load(names[2])
    assert known.files["path"].to_list() == [*sorted({*site_of(""), "manifest.json", "SHA256SUMS"})]
    assert {*known.folders.values()} == {None}
    now = 5_000_000_000
    stamps = {
        "": (1, now),
        "r/": (2, now - 2_000_000_000),
        "r/1/": (3, now - 1_990_000_000),  # by a clock that may be a coarse one
        "r/2/": (4, now - 100_000_001),  # by a fine one
        "r/3/": (5, now - 99_999_999),
    }
    home = tmp_path / "cache/trees" / names[2]
    shutil.rmtree(home)
    write_listing(home, with_other(known, folders=stamps))
    assert TreeMemory(Layout(tmp_path)).load(names[2]).folders == {
        **dict.fromkeys(stamps),
        "r/": stamps["r/"],
        "r/2/": stamps["r/2/"],
    }


def test_what_is_known_may_be_damaged_or_gone(listed: Listed, tmp_path: Path) -> None:
    names = three(tmp_path)
    memory, home = TreeMemory(Layout(tmp_path)), tmp_path / "cache/trees"
    assert home.stat().st_mode & 0o077 == 0, "for its owner alone"
    right = memory.load(names[2])
    assert right.files.height == len(site_of("")) + 2
    for part in ("files.arrow", "folders.arrow", "sha256"):
        data = (home / names[2] / part).read_bytes()
        for other in (data[:-1], b"", data + b"x"):
            (home / names[2] / part).write_bytes(other)
            assert memory.load(names[2]) is NOTHING
        (home / names[2] / part).unlink()
        assert memory.load(names[2]) is NOTHING
        (home / names[2] / part).write_bytes(data)
    again = memory.load(names[2])
    assert (again.files.equals(right.files), again.folders) == (True, right.folders)
    assert memory.load("2026-01-01-000000000000") is NOTHING


def test_nothing_is_known_of_releases_that_are_gone(listed: Listed, tmp_path: Path) -> None:
    names = three(tmp_path)
    home = tmp_path / "cache/trees"
    assert {path.name for path in home.iterdir()} == {*names}
    prune(tmp_path, POLICY, SPARES.now)
    assert {path.name for path in home.iterdir()} == {*names[1:]}
    released, _ = night(tmp_path, 3, filled(site_of("3")), None)
    assert {path.name for path in home.iterdir()} == {*names[1:], released.name}


@pytest.mark.parametrize("strange", ["file", "gone", "link"])
def test_no_build_stops_for_what_lies_in_the_cache(strange: str, listed: Listed, tmp_path: Path) -> None:
    names = three(tmp_path)
    home = tmp_path / "cache/trees"
    if strange == "gone":
        shutil.rmtree(tmp_path / "cache")
    elif strange == "file":
        (home / "2026-01-01-000000000000").write_bytes(b"x")
    else:
        (home / "2026-01-01-000000000000").symlink_to(home / names[2])
    released, _ = night(tmp_path, 3, filled(site_of("3")), None)
    assert (tmp_path / "current").readlink().name == released.name
    assert (home / released.name).is_dir()


def test_the_same_release_again_leaves_what_is_known(listed: Listed, tmp_path: Path) -> None:
    """Its new copy, whose folders are others, is dropped."""
    names = three(tmp_path)
    known = TreeMemory(Layout(tmp_path)).load(names[2])
    released, _ = night(tmp_path, 2, filled(site_of("2")), None)
    assert (released.name, released.rebuilt) == (names[2], True)
    again = TreeMemory(Layout(tmp_path)).load(names[2])
    assert (again.files.equals(known.files), again.folders) == (True, known.folders)


@pytest.mark.parametrize("seed", range(3))
def test_a_tree_is_told_as_by_listing_all_of_it(seed: int, listed: Listed, tmp_path: Path) -> None:
    """Whatever has happened to it since it was known, folders in folders, and files beside them in any order."""
    chance = random.Random(seed)
    root, site = f"{tmp_path}/", dict[str, bytes]()
    for _ in range(8):
        site = changed(site or {f"{chance.choice('abcd')}/{chance.choice('abcd')}/{n}": b"" for n in range(60)}, chance)
        wanted = pl.Series("path", sorted(site), dtype=pl.String)
        known = list_tree(root, wanted, sizes=0)
        tick()
        for path in [path for path in tree(tmp_path) if path not in site]:
            (tmp_path / path).unlink()
        for folder, _, _ in os.walk(root, topdown=False):
            if folder != root and not any(Path(folder).iterdir()):
                Path(folder).rmdir()
        for path, data in site.items():
            if not os.path.lexists(root + path):
                replace(tmp_path / path, data)
        found, right = list_tree(root, wanted, sizes=0, known=known), list_tree(root, wanted, sizes=0)
        assert found.files.drop("folder").equals(right.files.drop("folder"))
        assert dict(found.folders) == dict(right.folders)
        for folder in right.folders:
            own = right.in_folders({folder})["path"].to_list()
            assert found.in_folders({folder})["path"].to_list() == own
            assert {path.rpartition("/")[0] for path in own} <= {folder.rstrip("/")}


MEDDLING: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a file more": ("release.file-unknown", lambda tree: replace(tree / "r/2/extra", b"x")),
    "a folder more": ("release.file-unknown", lambda tree: replace(tree / "new/extra", b"x")),
    "a file less": ("release.file-missing", lambda tree: (tree / "r/2/2.txt").unlink()),
    "another file": ("release.hash-mismatch", lambda tree: replace(tree / "r/2/2.txt", b"x")),
    "a longer file": ("release.size-mismatch", lambda tree: replace(tree / "r/2/2.txt", b"xyz")),
    "a link": ("release.file-special", lambda tree: ((tree / "r/2/2.txt").unlink(), link(tree / "r/2/2.txt", tree))),
}


@pytest.mark.parametrize("meddling", MEDDLING)
def test_meddling_with_a_build_is_found(meddling: str, listed: Listed, tmp_path: Path) -> None:
    """By the verification, which lists all that is to go live, whatever is known; the live release stays."""
    names = three(tmp_path)
    before, site = tree(tmp_path / "current"), site_of("new")
    code, meddle = MEDDLING[meddling]

    def fill(release: Release) -> None:
        filled(site, frozenset(site) - {"what.txt"})(release)
        assert release.recycled == names[0]
        meddle(release.tree)

    with pytest.raises(BuildStopped) as stopped:
        night(tmp_path, 3, fill)
    assert code in {issue.code for issue in stopped.value.issues}
    assert tree(tmp_path / "current") == before


def test_files_are_asked_for_and_what_is_none_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()
    monkeypatch.setattr(os, "posix_fadvise", lambda file, *what: asked.append(os.fstat(file).st_ino))
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    trees.read_ahead(f"{tmp_path}/", ["a", "none", "link", "pipe", "a/b", "b"])
    inodes = [(tmp_path / name).stat().st_ino for name in ("a", "pipe", "b")]
    assert sorted(asked) == sorted(inodes)
    monkeypatch.undo()
    trees.read_ahead(f"{tmp_path}/", ["a", "pipe", "b"])  # what the system says of a pipe stops nobody

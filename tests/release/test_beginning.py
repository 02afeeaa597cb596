"""The tree of a release from an old one: with nothing in it but files of the live release before anybody writes."""

import os
import random
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from publish.model.issue import BuildStopped
from publish.release import recycling, removing
from publish.release.beginning import Beginning
from publish.release.ground import Ground, level
from publish.release.layout import Layout
from publish.release.previous import Previous, load_previous
from publish.release.removing import remove_files, remove_folders
from publish.release.trees import NOTHING
from publish.release.writing import Release

from .conftest import tree
from .killing import Killed, die_before, killed
from .test_recycling import DAMAGES, SPARES, filled, inodes, modes, night, replace, site_of, three


def previous_of(out: Path) -> Previous:
    previous = load_previous(Layout(out))
    assert previous is not None
    return previous


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Kind and inode of each entry of a tree; of a folder its kind alone."""
    found = {str(path.relative_to(folder)): path.lstat() for path in folder.rglob("*")}
    return {
        path: (stat.S_IFMT(one.st_mode), 0 if stat.S_ISDIR(one.st_mode) else one.st_ino) for path, one in found.items()
    }


def as_the_live_one(old: Path, previous: Previous) -> tuple[dict[str, tuple[int, int]], np.ndarray]:
    """What is to be left of the tree `old`, and which files of the live release those are."""
    there, live = everything(old), everything(Path(previous.root))
    same = {path for path in previous.files["path"] if path in there and there[path] == live[path]}
    folders = {str(folder) for path in same for folder in Path(path).parents if str(folder) != "."}
    expected = {path: live[path] for path in same} | dict.fromkeys(folders, (stat.S_IFDIR, 0))
    return expected, previous.files["path"].is_in(list(same)).to_numpy()


def check_levelled(old: Path, previous: Previous) -> Ground:
    expected, in_place = as_the_live_one(old, previous)
    live = tree(Path(previous.root)), modes(Path(previous.root))
    ground = level(f"{old}/", previous, NOTHING)
    assert everything(old) == expected
    assert ground.in_place.tolist() == in_place.tolist()
    assert ground.folders == {f"{path}/" for path, (kind, _) in expected.items() if kind == stat.S_IFDIR}
    assert all(mode == modes(Path(previous.root))["."] for path, mode in modes(old).items() if (old / path).is_dir())
    assert (tree(Path(previous.root)), modes(Path(previous.root))) == live
    return ground


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_was_wrong_with_it_goes(damage: str, tmp_path: Path) -> None:
    names = three(tmp_path)
    old, live = (tmp_path / "releases" / names[number] for number in (0, 2))
    DAMAGES[damage](old, live)
    with_rights(old)
    check_levelled(old, previous_of(tmp_path))


def with_rights(folder: Path) -> None:
    """As root, who may enter all: only then can the test tell what is there. Permissions stay as they are."""
    if os.geteuid() != 0 and any(not os.access(path, os.R_OK | os.X_OK) for path in folder.rglob("*") if path.is_dir()):
        pytest.skip("only root sees what is in a folder that nobody may enter")


@pytest.mark.parametrize("seed", range(8))
def test_random_trees(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are the live release's, copies, others in their place, links, more files, folders in one another."""
    monkeypatch.setattr(removing, "_TOGETHER", 3)
    chance = random.Random(seed)
    names = [*"abcd", "\ufffd", "甲", os.fsdecode(b"\xff"), "two\nlines"]
    live = {"/".join(chance.choices("abcd", k=chance.randint(1, 4))): b"%d" % n for n in range(60)}
    live = {
        path: data for path, data in live.items() if not any(f"{path}/" in f"{one}/" for one in live if one != path)
    }
    released, _ = night(tmp_path, 0, filled(live), None)
    previous, old = previous_of(tmp_path), tmp_path / "old"
    shutil.copytree(tmp_path / "releases" / released.name, old, copy_function=os.link)
    for path in sorted(live):
        what = chance.choice(["same", "same", "same", "copied", "gone", "link", "fifo", "folder"])
        if what == "same":
            continue
        (old / path).unlink()
        {
            "copied": lambda target, data: target.write_bytes(data),
            "gone": lambda target, data: None,
            "link": lambda target, data: target.symlink_to(Path(previous.root) / path),  # noqa: B023
            "fifo": lambda target, data: os.mkfifo(target),
            "folder": lambda target, data: target.mkdir(),
        }[what](old / path, live[path])
    for number in range(20):
        target = old / "/".join(chance.choices(names, k=chance.randint(1, 4)))
        if all(not one.exists() or (one.is_dir() and not one.is_symlink()) for one in target.parents):
            target.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(target):
                target.write_bytes(b"more %d" % number)
    check_levelled(old, previous)


def test_begun_beside_other_work(tmp_path: Path) -> None:
    """When the first file is written nothing is in the tree but files of the live release; the release is that of a
    build that begins with its first file, and without an old release."""
    names, site = three(tmp_path / "a"), site_of("new")
    three(tmp_path / "b")
    (tmp_path / "a/releases" / names[0] / "r/1/more").write_bytes(b"")
    live = inodes(tmp_path / "a/releases" / names[2])
    seen: list[Mapping[str, int]] = []

    def fill(release: Release) -> None:
        assert release.recycled is None
        release.begin()
        release.begin()
        release.write("/first.txt", b"first")
        seen.append(inodes(release.tree))
        filled(site, frozenset(site) - {"what.txt"})(release)
        release.begin()

    released, recycled = night(tmp_path / "a", 3, fill)
    plain, _ = night(tmp_path / "b", 3, filled(site | {"first.txt": b"first"}), None)
    assert (recycled, released.name) == (names[0], plain.name)
    assert tree(tmp_path / "a/current") == tree(tmp_path / "b/current")
    own = {"what.txt", "manifest.json", "SHA256SUMS"}
    assert {path: inode for path, inode in seen[0].items() if path != "first.txt"} == {
        path: inode for path, inode in live.items() if path not in own
    }


@pytest.mark.parametrize("fails", ["at once", "with its first file"])
def test_a_build_that_fails_once_it_has_begun(fails: str, tmp_path: Path) -> None:
    """It has used up what the policy lets go; all else is as it was, and the next build is as if nothing had been."""
    names, site = three(tmp_path), site_of("new")
    before = {name: tree(tmp_path / "releases" / name) for name in names[1:]}

    def fill(release: Release) -> None:
        release.begin()
        if fails != "at once":
            release.write("/what.txt", b"other")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        night(tmp_path, 3, fill)
    assert {name: tree(tmp_path / "releases" / name) for name in Layout(tmp_path).names()} == before
    assert (tmp_path / "current").readlink().name == names[2]
    assert list((tmp_path / "staging").iterdir()) == []
    released, recycled = night(tmp_path, 3, filled(site, frozenset(site) - {"what.txt"}))
    assert (recycled, released.linked) == (None, len(site) - 1)
    assert {path: tree(tmp_path / "current")[path] for path in site} == site


def dies(out: Path, number: int) -> None:
    """Dies before the change of that number."""
    die_before(number, ("rename", "unlink", "rmdir", "link", "chmod"))
    site = site_of("new")
    night(out, 3, filled(site, frozenset(site) - {"what.txt"}), begun=True)


@pytest.fixture
def run() -> Iterator[Killed]:
    with killed("tests.release.test_beginning", "dies") as run:
        yield run


def test_killed_while_the_old_release_is_cleared(run: Killed, tmp_path: Path) -> None:
    """Other releases are as they were, what is left goes, and the next build is as if nothing had happened."""
    names, site = three(tmp_path / "start"), site_of("new")
    old = tmp_path / "start/releases" / names[0]
    for number in range(9):
        replace(old / f"more/{number % 3}/{number}", b"")
    first = {name: tree(tmp_path / "start/releases" / name) for name in names}
    used = set[bool]()
    for number in (1, 3, 7, 12, 18):
        out = tmp_path / f"{number}"
        subprocess.run(["cp", "-a", tmp_path / "start", out], check=True)
        assert run(out, number) == -9
        assert (out / "current").readlink().name == names[2]
        assert {name: tree(out / "releases" / name) for name in Layout(out).names()}.items() <= first.items()
        assert {*names[1:]} <= set(Layout(out).names())
        used.add(not (out / "releases" / names[0]).exists())
        night(out, 3, filled(site, frozenset(site) - {"what.txt"}))
        assert {path: tree(out / "current").get(path) for path in site} == site
        assert tree(out / "current").keys() == {*site, "manifest.json", "SHA256SUMS"}
        assert list((out / "staging").iterdir()) == []
    assert used == {False, True}


def test_nobody_writes_before_the_old_release_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three(tmp_path)
    cleared, wait = threading.Event(), threading.Event()

    def slow(*given: object) -> Ground:
        wait.wait(10)
        ground = level(*given)  # type: ignore[arg-type]
        cleared.set()
        return ground

    monkeypatch.setattr(recycling, "level", slow)

    def fill(release: Release) -> None:
        release.begin()
        assert release.keep_some(pl.Series(["top.txt"])).is_empty()  # does not wait
        assert not cleared.is_set()
        wait.set()
        release.write("/extra.txt", b"x")
        assert cleared.is_set()

    assert night(tmp_path, 3, fill)[1] is not None
    assert tree(tmp_path / "current").keys() == {"top.txt", "extra.txt", "manifest.json", "SHA256SUMS"}


def test_a_fault_is_told_to_whoever_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three(tmp_path)
    before = tree(tmp_path / "current")

    def fails(*given: object) -> Ground:
        raise PermissionError

    monkeypatch.setattr(recycling, "level", fails)

    def fill(release: Release) -> None:
        release.begin()
        release.write("/extra.txt", b"x")

    with pytest.raises(BuildStopped) as stopped:
        night(tmp_path, 3, fill)
    assert [issue.code for issue in stopped.value.issues] == ["release.not-writable"] or (
        [issue.code for issue in stopped.value.issues] == ["release.disk-error"]
    )
    assert tree(tmp_path / "current") == before
    assert list((tmp_path / "staging").iterdir()) == []


def test_without_an_old_release_it_begins_empty(tmp_path: Path) -> None:
    for number, (previous, spares) in enumerate([(None, SPARES), (None, None)]):
        beginning = Beginning(tmp_path / f"{number}", Layout(tmp_path), previous, spares, durable=False)
        beginning.begin()
        assert not beginning.growing().recycled
        assert (beginning.recycled, beginning.ground) == (None, None)
        assert list((tmp_path / f"{number}").iterdir()) == []
        beginning.close()


def test_what_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and links by their paths; what is not there, or behind a link, is passed over; folders too."""
    monkeypatch.setattr(removing, "_TOGETHER", 2)
    root, other = tmp_path / "tree", tmp_path / "other"
    for folder in (root / "a/b", root / "c", other):
        folder.mkdir(parents=True)
        for number in range(5):
            (folder / f"{number}").write_bytes(b"")
    (root / "to-other").symlink_to(other)
    (root / "c/link").symlink_to(other / "0")
    (root / "top").write_bytes(b"")
    gone = ["a/b/0", "a/b/3", "a/b/4", "a/none", "c/link", "none/none", "to-other/1", "top", "c/1/deeper", "c"]
    remove_files(f"{root}/", pl.Series(gone))
    remove_files(f"{root}/", pl.Series([], dtype=pl.String))
    assert {path for path, (kind, _) in everything(root).items() if kind != stat.S_IFDIR} == {
        *("a/b/1", "a/b/2", "c/0", "c/1", "c/2", "c/3", "c/4", "to-other")
    }
    remove_folders(f"{root}/", {"a/", "a/b/", "none/", "to-other/", "c/0/"})
    assert {path.name for path in root.iterdir()} == {"c", "to-other"}
    assert len(list(other.iterdir())) == 5

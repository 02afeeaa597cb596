"""Spare trees: when one is wanted, how it is laid out, and that a release begun with one is as any other."""

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from publish.model.config import ReleasePolicy
from publish.release import afterwards, layout, recycling, spare
from publish.release.afterwards import WANTED, lay_out, start_afterwards, unfinished
from publish.release.layout import Layout, locked
from publish.release.pruning import prune
from publish.release.roll_back import roll_back
from publish.release.spare import take_tree, want_spare
from publish.release.state import load_history

from .conftest import tree
from .test_recycling import (
    DAMAGES,
    KEEPS_ALL,
    POLICY,
    SPARES,
    changed,
    filled,
    inodes,
    modes,
    night,
    replace,
    site_of,
    three,
)

FEW = 10  # files of a release that is large enough here
LATER = SPARES.now
EVERY = pl.Series(sorted(site_of("")), dtype=pl.String)


def wanted(out: Path, policy: ReleasePolicy = KEEPS_ALL.policy, paths: pl.Series = EVERY) -> tuple[str, ...]:
    want_spare(out, policy, LATER, paths, least=FEW)
    return unfinished(out / "spare")


def laid_out(out: Path, *, least: int = FEW) -> Path:
    """The spare tree of the live release, laid out."""
    want_spare(out, KEEPS_ALL.policy, LATER, EVERY, least=least)
    (name,) = unfinished(out / "spare")
    lay_out(out, name)
    return out / "spare" / name


def eventually(is_so: Callable[[], bool]) -> bool:
    ended = time.monotonic() + 20
    while not is_so() and time.monotonic() < ended:
        time.sleep(0.02)
    return is_so()


def test_one_is_wanted_where_no_old_release_may_be_used_up(tmp_path: Path) -> None:
    names = three(tmp_path)
    assert wanted(tmp_path, POLICY) == (), "the first may be used up"
    assert wanted(tmp_path, ReleasePolicy(keep=3, days=99, in_use_hours=0)) == (), "there will be one too many"
    assert wanted(tmp_path, ReleasePolicy(keep=1, days=1, in_use_hours=6)) == (), "not now, but when that time is over"
    assert wanted(tmp_path) == (names[2],)
    assert wanted(tmp_path) == (names[2],), "asked for again"


def test_one_is_wanted_where_the_old_release_shares_little(tmp_path: Path) -> None:
    three(tmp_path)
    released, _ = night(tmp_path, 3, filled({f"{n}.txt": b"other" for n in range(60)}), None)
    paths = pl.Series([f"{n}.txt" for n in range(60)])
    assert wanted(tmp_path, POLICY, paths) == (released.name,)


def test_none_is_wanted(tmp_path: Path) -> None:
    want_spare(tmp_path / "nothing", POLICY, LATER, EVERY, least=FEW)
    assert not (tmp_path / "nothing/spare").exists()
    three(tmp_path)
    want_spare(tmp_path, KEEPS_ALL.policy, None, EVERY, least=FEW)
    want_spare(tmp_path, KEEPS_ALL.policy, LATER, EVERY, least=41)
    want_spare(tmp_path, KEEPS_ALL.policy, LATER, EVERY)
    assert not (tmp_path / "spare").exists()
    (tmp_path / "spare").write_bytes(b"")  # whatever fails, the release is live
    want_spare(tmp_path, KEEPS_ALL.policy, LATER, EVERY, least=FEW)


def test_it_has_the_very_files_of_its_release(tmp_path: Path) -> None:
    names = three(tmp_path)
    made = laid_out(tmp_path)
    assert made == tmp_path / "spare" / names[2]
    assert inodes(made) == inodes(tmp_path / "releases" / names[2])
    assert modes(made) == modes(tmp_path / "current")
    assert unfinished(tmp_path / "spare") == ()
    assert not start_afterwards(tmp_path), "nothing is left to do"


def test_the_next_release_begins_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three(tmp_path / "b")
    names = three(tmp_path / "a")
    before = {name: tree(tmp_path / "a/releases" / name) for name in names}
    laid_out(tmp_path / "a")
    site = site_of("3")
    fill = filled(site, frozenset(site) - {"what.txt"})
    expected, _ = night(tmp_path / "b", 3, fill, None)
    linked: list[str] = []
    link = os.link
    monkeypatch.setattr(os, "link", lambda path, *more, **how: (linked.append(str(path)), link(path, *more, **how)))
    released, recycled = night(tmp_path / "a", 3, fill, KEEPS_ALL)
    assert (released, recycled) == (expected, None)
    assert len(linked) == 1, "tried whether links work"
    assert (tree(tmp_path / "a/current"), modes(tmp_path / "a/current")) == (
        tree(tmp_path / "b/current"),
        modes(tmp_path / "b/current"),
    )
    assert {name: tree(tmp_path / "a/releases" / name) for name in names} == before
    assert list((tmp_path / "a/spare").iterdir()) == []
    assert list((tmp_path / "a/staging").iterdir()) == []


def test_it_comes_before_an_old_release(tmp_path: Path) -> None:
    names = three(tmp_path)
    laid_out(tmp_path)
    assert night(tmp_path, 3, filled(site_of("3")), SPARES)[1] is None
    assert (tmp_path / "releases" / names[0]).exists(), "the policy lets it go as ever"


@pytest.mark.parametrize("seed", range(4))
def test_random_histories(seed: int, tmp_path: Path) -> None:
    """Each night begins with a spare tree, sometimes one in which something is missing or wrong."""
    chance = random.Random(seed)
    site = {f"{chance.choice('abcd')}/{chance.choice('abcd')}/{n}": b"%d" % (n % 7) for n in range(60)}
    for number in range(6):
        before, site = site, changed(site, chance)
        same = sorted(path for path in site if before.get(path) == site[path] and number)
        kept = frozenset(path for path in same if chance.random() < 0.7)
        fill = filled(site, kept, frozenset(path for path in site if chance.random() < 0.5))
        plain, _ = night(tmp_path / "b", number, fill, None)
        released, _ = night(tmp_path / "a", number, fill, KEEPS_ALL, begun=chance.random() < 0.5)
        assert (released, tree(tmp_path / "a/current")) == (plain, tree(tmp_path / "b/current"))
        assert modes(tmp_path / "a/current") == modes(tmp_path / "b/current")
        want_spare(tmp_path / "a", KEEPS_ALL.policy, LATER, pl.Series(sorted(site)), least=1)
        lay_out(tmp_path / "a", released.name)
        made = tmp_path / "a/spare" / released.name
        for path in [path for path in site if chance.random() < 0.1]:
            (made / path).unlink()
            if chance.random() < 0.5:
                (made / path).write_bytes(b"wrong")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_mended(damage: str, tmp_path: Path) -> None:
    names = three(tmp_path / "a")
    three(tmp_path / "b")
    live = tmp_path / "a/releases" / names[2]
    before = tree(live), modes(live)
    DAMAGES[damage](laid_out(tmp_path / "a"), live)
    site = site_of("new") | {"new/er/file.txt": b"new"}
    fill = filled(site, frozenset(site) - {"what.txt", "new/er/file.txt"})
    expected, _ = night(tmp_path / "b", 3, fill, None)
    released, _ = night(tmp_path / "a", 3, fill, KEEPS_ALL)
    assert (released, tree(tmp_path / "a/current")) == (expected, tree(tmp_path / "b/current"))
    assert modes(tmp_path / "a/current") == modes(tmp_path / "b/current")
    assert (tree(live), modes(live)) == before


@pytest.mark.parametrize(("links", "in_vain"), [(0, False), (5, True), (30, False)])
def test_who_lays_it_out_is_killed(links: int, in_vain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is taken if it is worth it, else put out of sight; or the next process goes on with it."""
    out, again = tmp_path / "a", tmp_path / "b"
    three(out)
    (name,) = wanted(out)
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", dies_after(links))
        with pytest.raises(KeyboardInterrupt):
            lay_out(out, name)
    assert unfinished(out / "spare") == (name,)
    shutil.copytree(out, again, symlinks=True)
    night(out, 3, filled(site_of("3")), KEEPS_ALL)
    assert {path: tree(out / "current").get(path) for path in site_of("3")} == site_of("3")
    assert bool(afterwards.waiting(out / "trash")) == in_vain
    assert afterwards.waiting(out / "spare") == ()
    lay_out(again, name)
    assert tree(again / "spare" / name) == tree(again / "releases" / name)
    assert unfinished(again / "spare") == ()


def dies_after(links: int) -> Callable[..., None]:
    left, link = links, os.link

    def run(*arguments: str, **how: bool) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        link(*arguments, **how)  # type: ignore[arg-type]

    return run


def test_one_that_is_being_laid_out_is_taken_when_nobody_writes_into_it_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lays it out notices at its next link; it is waited for."""
    three(tmp_path)
    (name,) = wanted(tmp_path)
    link, begun, ended = os.link, threading.Event(), threading.Event()

    def slow(*arguments: str, **how: bool) -> None:
        link(*arguments, **how)  # type: ignore[arg-type]
        begun.set()
        time.sleep(0.05)

    def lays_out() -> None:
        with afterwards._opened(tmp_path / "spare") as descriptor:
            assert descriptor is not None
            assert afterwards._taken(descriptor)
            with pytest.raises(FileNotFoundError):
                lay_out(tmp_path, name)
            ended.set()

    monkeypatch.setattr(os, "link", slow)
    thread = threading.Thread(target=lays_out)
    thread.start()
    begun.wait()
    target = tmp_path / "staging/taken"
    assert take_tree(Layout(tmp_path), name, target)
    assert ended.is_set()
    thread.join()
    assert 1 <= len(inodes(target)) < len(site_of(""))
    assert afterwards.waiting(tmp_path / "spare") == ()


def test_who_does_not_leave_it_alone_does_not_stop_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three(tmp_path)
    laid_out(tmp_path)
    monkeypatch.setattr(spare, "_PATIENCE", 0.1)
    held = os.open(tmp_path / "spare", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    night(tmp_path, 3, filled(site_of("3")), KEEPS_ALL)
    os.close(held)
    assert tree(tmp_path / "current")["what.txt"] == b"3"
    assert len(afterwards.waiting(tmp_path / "trash")) == 1


def test_that_of_another_release_is_put_out_of_sight(tmp_path: Path) -> None:
    """The live one is another when somebody has gone back, or when a build has taken none."""
    three(tmp_path / "a")
    laid_out(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b", symlinks=True)
    for out in (tmp_path / "a", tmp_path / "b"):
        roll_back(out)
        assert afterwards.waiting(out / "spare") == (), "what is live no more stays no longer for it"
        assert len(afterwards.waiting(out / "trash")) == 1
        assert afterwards.empty(out / "trash") == ()
    for how in ("build", "build without", "prune"):
        out = tmp_path / how
        shutil.copytree(tmp_path / "b", out, symlinks=True)
        stale(out)
        if how == "prune":
            prune(out, KEEPS_ALL.policy, LATER)
        else:
            night(out, 3, filled(site_of("3")), KEEPS_ALL if how == "build" else None)
        assert afterwards.waiting(out / "spare") == ()
        assert len(afterwards.waiting(out / "trash")) == 1


def stale(out: Path) -> None:
    """A spare tree of the release that was live before, still wanted."""
    name = load_history(Layout(out))[-2]
    replace(out / "spare" / name / "what.txt", b"x")
    (out / "spare" / f"{name}{WANTED}").touch()


def test_nothing_else_is_put_out_of_sight(tmp_path: Path) -> None:
    """A site may have something of its own under this name."""
    three(tmp_path)
    stale(tmp_path)
    replace(tmp_path / "spare/mine.txt", b"mine")
    replace(tmp_path / "spare/disk/1", b"mine")
    prune(tmp_path, KEEPS_ALL.policy, LATER)
    assert afterwards.waiting(tmp_path / "spare") == ("disk", "mine.txt")
    stale(tmp_path)
    (tmp_path / "spare").rename(tmp_path / "elsewhere")
    (tmp_path / "spare").symlink_to(tmp_path / "elsewhere")
    before = tree(tmp_path / "elsewhere")
    night(tmp_path, 3, filled(site_of("3")), KEEPS_ALL)
    assert tree(tmp_path / "elsewhere") == before
    (tmp_path / "spare").unlink()
    (tmp_path / "spare").write_bytes(b"mine")
    night(tmp_path, 4, filled(site_of("4")), KEEPS_ALL)
    prune(tmp_path, KEEPS_ALL.policy, LATER)
    assert (tmp_path / "spare").read_bytes() == b"mine"
    assert tree(tmp_path / "current")["what.txt"] == b"4"


def test_one_that_cannot_be_had_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is another user's, as after a build by root: it cannot be moved, or not be changed."""
    names = three(tmp_path)
    laid_out(tmp_path)
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.parent.name == "spare":
            raise PermissionError(13, "no")
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refused)
        night(tmp_path, 3, filled(site_of("3")), KEEPS_ALL)
        roll_back(tmp_path)
        prune(tmp_path, KEEPS_ALL.policy, LATER)
    assert afterwards.waiting(tmp_path / "spare") == (names[2],)

    def not_levelled(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(recycling, "level", not_levelled)
    night(tmp_path, 4, filled(site_of("4")), KEEPS_ALL)
    assert tree(tmp_path / "current")["what.txt"] == b"4"
    assert len(afterwards.waiting(tmp_path / "trash")) == 1


def test_one_that_is_another_users_is_not_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = three(tmp_path)
    wanted(tmp_path)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with pytest.raises(NotADirectoryError):
        lay_out(tmp_path, names[2])
    assert list((tmp_path / "spare" / names[2]).iterdir()) == []


def test_links_in_it_lead_nowhere(tmp_path: Path) -> None:
    names = three(tmp_path)
    wanted(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "spare" / names[2] / "r").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        lay_out(tmp_path, names[2])
    shutil.rmtree(tmp_path / "spare" / names[2])
    (tmp_path / "spare" / names[2]).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        lay_out(tmp_path, names[2])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_whatever_fails_the_release_is_live_and_no_spare_tree_is_wanted(tmp_path: Path) -> None:
    three(tmp_path)
    (tmp_path / "state/history.json").write_text("{", encoding="utf-8")
    assert wanted(tmp_path) == ()


@pytest.mark.parametrize(("apart", "wants"), [(1, True), (7, False)])
def test_the_next_build_is_expected_as_long_after_this_one_as_this_after_the_last(
    apart: int, wants: bool, tmp_path: Path
) -> None:
    """Ten days are the most: of releases a week apart the first may be used up next time."""
    names = three(tmp_path)
    for weeks, name in enumerate((names[1], names[0])):
        stopped = (LATER - timedelta(days=apart * weeks)).timestamp()
        os.utime(tmp_path / "releases" / name, (stopped, stopped))
    assert bool(wanted(tmp_path, ReleasePolicy(keep=9, days=10, in_use_hours=6))) == wants


def test_that_of_the_live_release_stays_where_old_ones_are_removed(tmp_path: Path) -> None:
    three(tmp_path)
    made = laid_out(tmp_path)
    prune(tmp_path, KEEPS_ALL.policy, LATER)
    assert made.is_dir()
    assert not Path(f"{made}{WANTED}").exists()
    with locked(Layout(tmp_path)):
        layout.drop_spares(Layout(tmp_path), made.name)
    assert made.is_dir()


def test_a_process_lays_it_out_and_removes_what_was_put_aside(tmp_path: Path) -> None:
    """Each by itself: what is at work among the spare trees keeps nobody from emptying the trash."""
    names = three(tmp_path)
    wanted(tmp_path)
    replace(tmp_path / "trash/old/1", b"")
    assert start_afterwards(tmp_path)
    assert eventually(lambda: not unfinished(tmp_path / "spare") and not afterwards.waiting(tmp_path / "trash"))
    assert tree(tmp_path / "spare" / names[2]) == tree(tmp_path / "current")
    replace(tmp_path / "trash/old/1", b"")
    (tmp_path / "spare" / f"{names[2]}{WANTED}").touch()
    held = os.open(tmp_path / "spare", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert start_afterwards(tmp_path)
    assert eventually(lambda: not afterwards.waiting(tmp_path / "trash"))
    assert unfinished(tmp_path / "spare") == (names[2],)
    os.close(held)


def test_what_cannot_be_laid_out_is_left(tmp_path: Path) -> None:
    """Its release is gone, or the tree was taken before it was begun."""
    names = three(tmp_path)
    wanted(tmp_path)
    (tmp_path / "spare" / names[2]).rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        lay_out(tmp_path, names[2])
    (tmp_path / "elsewhere").rename(tmp_path / "spare" / names[2])
    gone = "2026-01-01-0123456789ab"  # the first by its name, and no release
    (tmp_path / "spare" / gone).mkdir()
    (tmp_path / "spare" / f"{gone}{WANTED}").touch()
    with pytest.raises(FileNotFoundError):
        lay_out(tmp_path, gone)
    assert start_afterwards(tmp_path)
    assert eventually(lambda: unfinished(tmp_path / "spare") == (gone,)), "the other one is laid out all the same"
    assert inodes(tmp_path / "spare" / names[2]) == inodes(tmp_path / "releases" / names[2])


def test_killed_by_the_system_while_it_is_laid_out(tmp_path: Path) -> None:
    """As by kill -9: the live release is as it was, and the next build is as if nothing had happened."""
    names = three(tmp_path)
    wanted(tmp_path)
    before = tree(tmp_path / "current"), modes(tmp_path / "current")
    script = f"import os, sys, time; sys.path.insert(0, {str(Path(afterwards.__file__).parent)!r}); import afterwards\n"
    script += "from pathlib import Path\nlink, left = os.link, [20]\ndef slow(*a, **b):\n    link(*a, **b)\n"
    script += "    left[0] -= 1\n    if not left[0]:\n        print('now', flush=True); time.sleep(60)\n"
    script += "os.link = slow\nafterwards.lay_out(Path(sys.argv[1]), sys.argv[2])"
    command = [sys.executable, "-S", "-P", "-c", script, str(tmp_path), names[2]]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert len(inodes(tmp_path / "spare" / names[2])) == 20
    night(tmp_path, 3, filled(site_of("3")), KEEPS_ALL)
    assert {path: tree(tmp_path / "current").get(path) for path in site_of("3")} == site_of("3")
    assert (tree(tmp_path / "releases" / names[2]), modes(tmp_path / "releases" / names[2])) == before


def test_one_is_wanted_again_by_the_same_release(tmp_path: Path) -> None:
    """Nothing has changed, so that the new release has the name of the live one, whose spare tree was used up."""
    site = site_of("2")
    names = three(tmp_path)
    laid_out(tmp_path)
    released, _ = night(tmp_path, 2, filled(site, frozenset(site)), KEEPS_ALL)
    assert released.name == names[2]
    assert afterwards.waiting(tmp_path / "spare") == ()
    made = laid_out(tmp_path)
    assert tree(made) == tree(tmp_path / "current")

"""The end of a release, begun beside other work: what changes before it is live is found, and memories wait for it."""

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from publish.model.issue import BuildStopped
from publish.release import ending as ending_module
from publish.release.caches import Caches
from publish.release.ending import Ending
from publish.release.layout import Layout
from publish.release.staging import staged_release
from publish.release.state import State
from publish.release.stopping import Stoppable
from publish.release.writing import Release

from .conftest import AS_OF, CHECKS, KEY, PAGES, ledger_of, publication_of, release, tree
from .killing import Killed, die_before, killed
from .test_last_steps import JUNE, MAY

PAGE = f"r/01/{KEY}.html"


@contextmanager
def staged(out: Path, *, beside: bool) -> Iterator[tuple[Release, Ending]]:
    """A release whose end has begun."""
    with ThreadPoolExecutor(2) as workers, staged_release(out, AS_OF, durable=False, executor=workers) as one:
        for url, data in PAGES.items():
            one.write(url, data)
        yield one, one.ending(State(publication_of(), ledger_of()), {}, CHECKS, beside=beside)


def rewrite(file: Path, data: bytes) -> None:
    """In place, whatever its mode."""
    file.chmod(0o644)
    file.write_bytes(data)


def replace(file: Path, data: bytes) -> None:
    other = file.with_name("other")
    other.write_bytes(data)
    other.replace(file)


def make_special(tree: Path) -> None:
    (tree / PAGE).unlink()
    (tree / PAGE).symlink_to(tree / "robots.txt")


@pytest.fixture(params=["alone", "beside", "early"])
def beside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether it is beside other work; early: and the tree is listed before its seals are in it, as large ones are."""
    if request.param == "early":
        monkeypatch.setattr(ending_module, "asks_all_sizes", lambda *_: False)
    return request.param != "alone"


CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "more": (lambda tree: (tree / "r/01/more.html").write_bytes(b"x"), ["release.file-unknown"]),
    "more at the top": (lambda tree: (tree / "more.html").write_bytes(b"x"), ["release.file-unknown"]),
    "a folder": (lambda tree: shutil.copytree(tree / "r", tree / "t"), ["release.file-unknown"]),
    "gone": (lambda tree: (tree / PAGE).unlink(), ["release.file-missing"]),
    "cut": (lambda tree: rewrite(tree / PAGE, b"x"), ["release.size-mismatch"]),
    "other bytes": (lambda tree: rewrite(tree / "robots.txt", b"User-agent: ?\n"), ["release.hash-mismatch"]),
    "another file": (lambda tree: replace(tree / "robots.txt", b"User-agent: ?\n"), ["release.hash-mismatch"]),
    "a link": (make_special, ["release.file-special"]),
    "manifest": (lambda tree: rewrite(tree / "manifest.json", b"{}"), ["release.hash-mismatch"]),
    "another manifest": (lambda tree: replace(tree / "manifest.json", b"{}"), ["release.hash-mismatch"]),
    "sums": (lambda tree: rewrite(tree / "SHA256SUMS", b""), ["release.hash-mismatch"]),
    "no manifest": (lambda tree: (tree / "manifest.json").unlink(), ["release.file-missing"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_after_verification_is_found(change: str, beside: bool, out: Path) -> None:
    meddle, found = CHANGES[change]
    with staged(out, beside=beside) as (one, end):
        assert end.issues() == ()
        meddle(one.tree)
        with pytest.raises(BuildStopped) as stopped:
            end.go_live()
    assert [issue.code for issue in stopped.value.issues] == found
    assert not (out / "current").exists()
    assert list((out / "staging").iterdir()) == []


def test_what_only_looks_changed_goes_live(beside: bool, out: Path) -> None:
    with staged(out, beside=beside) as (one, end):
        assert end.issues() == ()
        (one.tree / "r/01/more.html").write_bytes(b"x")
        (one.tree / "r/01/more.html").unlink()
        name = end.go_live().name
    assert (out / "current").readlink().name == name


def test_another_link_to_a_file_is_no_change(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older release that has it too may just be removed."""
    looks, own = list[int](), ending_module.verify
    monkeypatch.setattr(ending_module, "verify", lambda *told, **more: looks.append(1) or own(*told, **more))
    with staged(out, beside=True) as (one, end):
        assert end.issues() == ()
        os.link(one.tree / PAGE, out / "elsewhere")
        end.go_live()
    assert looks == [1]


def test_a_fault_of_the_tree_is_told_and_does_not_go_live(beside: bool, out: Path) -> None:
    with staged_release(out, AS_OF, durable=False) as one:
        one.write("/", b"<!doctype html><html><a href='/gone.html'>x</a></html>")
        end = one.ending(State(publication_of(), ledger_of()), {}, CHECKS, beside=beside)
        assert [issue.code for issue in end.issues()] == ["release.dead-link"]
        with pytest.raises(BuildStopped):
            end.go_live()
    assert not (out / "current").exists()


def test_seals_that_were_written_into_do_not_go_live(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told as what verification has found, whoever asks first."""
    begin = Release.settle

    def settle(one: Release) -> object:
        seals = begin(one)
        rewrite(seals.result().folder / "SHA256SUMS", b"x")
        return seals

    monkeypatch.setattr(Release, "settle", settle)
    with staged(out, beside=True) as (_, end):
        assert [issue.code for issue in end.issues()] == ["release.hash-mismatch"]
        with pytest.raises(BuildStopped):
            end.go_live()
    assert not (out / "current").exists()


def test_nothing_is_written_once_the_end_has_begun(out: Path) -> None:
    with staged(out, beside=True) as (one, _):
        with pytest.raises(ValueError, match="end has begun"):
            one.write("/late.txt", b"x")
        assert not (one.tree / "late.txt").exists()
    with staged(out, beside=True) as (one, _), pytest.raises(ValueError, match="once"):
        one.finish(State(publication_of(), ledger_of()), {}, CHECKS)


class Idle(Executor):
    """Begins nothing."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def fail(out: Path) -> None:
    with staged_release(out, AS_OF, durable=False, executor=Idle()) as one:
        for number in range(3):
            one.write(f"/data/{number}.csv", b"x")  # each is a task
        one.ending(State(publication_of(), ledger_of()), {}, CHECKS, beside=True)
        raise KeyError


def test_a_build_that_fails_does_not_wait_for_what_has_not_begun(out: Path) -> None:
    with pytest.raises(KeyError):
        fail(out)
    assert list((out / "staging").iterdir()) == []


def test_calls_are_taken_back() -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(1) as inner:
        calls = Stoppable(inner)
        running, waiting = calls.submit(gate.wait), calls.submit(int)
        calls.stop()
        with pytest.raises(CancelledError):
            waiting.result()
        with pytest.raises(CancelledError):
            calls.submit(int)
        gate.set()
        assert running.result()


# What is kept for the next build.


def leave(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "what").write_text(text)


def contents(home: Path) -> dict[str, str]:
    return {str(path.relative_to(home).parent): path.read_text() for path in home.rglob("*") if path.is_file()}


def test_memories_are_in_their_place_when_the_release_is_live(beside: bool, out: Path) -> None:
    with staged(out, beside=beside) as (one, end):
        for name in ("replaced", "removed", "stays"):
            leave(one.cache(name), "old")
        leave(one.next_cache("replaced"), "new")
        leave(one.next_cache("added"), "new")
        one.next_cache("removed")
        assert contents(out / "cache") == {"replaced": "old", "removed": "old", "stays": "old"}
        end.go_live()
        assert contents(out / "cache") == {"replaced": "new", "added": "new", "stays": "old"}


def test_a_build_that_fails_leaves_memories_as_they_were(beside: bool, out: Path) -> None:
    with staged(out, beside=beside) as (one, end):
        leave(one.cache("memory"), "old")
        leave(one.next_cache("memory"), "new")
        end.issues()
        (one.tree / PAGE).unlink()
        with pytest.raises(BuildStopped):
            end.go_live()
    assert contents(out / "cache") == {"memory": "old"}


def test_no_memory_takes_the_last_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(tmp_path / "cache/one", "old")
    caches = Caches(tmp_path / "cache", tmp_path / "next")
    leave(caches.next("one"), "new")
    caches.leave_room()
    assert contents(tmp_path / "next") == {"one": "new"}
    monkeypatch.setattr("publish.release.caches._ROOM", 1 << 62)
    caches.leave_room()
    assert not (tmp_path / "next").exists()
    caches.put()
    assert contents(tmp_path) == {}


def test_memories_on_another_file_system_are_copied_where_nobody_else_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(tmp_path / "cache/one", "old")
    caches, modes, copy = Caches(tmp_path / "cache", tmp_path / "next"), list[int](), shutil.copytree
    leave(caches.next("one"), "new")
    (tmp_path / "next/one").chmod(0o700)

    def elsewhere(*_: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    def copied(made: Path, place: Path, **how: Any) -> Path:
        modes.append(place.stat().st_mode & 0o777)
        return copy(made, place, **how)

    monkeypatch.setattr(Path, "rename", elsewhere)
    monkeypatch.setattr(shutil, "copytree", copied)
    caches.put()
    assert contents(tmp_path / "cache") == {"one": "new"}
    assert [*modes, (tmp_path / "cache/one").stat().st_mode & 0o777] == [0o700, 0o700]


def dies(out: Path, number: int) -> None:
    """Dies before the change of that number, in the build of JUNE, which verifies in a thread and leaves two
    memories."""
    die_before(number, ("rename", "replace", "symlink", "utime", "rmdir"))
    with ThreadPoolExecutor(2) as workers, staged_release(out, JUNE, executor=workers) as staged:
        staged.write("/", b"new")
        end = staged.ending(State(publication_of(JUNE), ledger_of()), {"n": 1}, CHECKS, beside=True)
        name = end.name()
        for memory in ("a", "b"):
            leave(staged.next_cache(memory), name)
        end.go_live()


@pytest.fixture
def run() -> Iterator[Killed]:
    with killed("tests.release.test_ending", "dies") as run:
        yield run


def test_killed_before_each_change(run: Killed, tmp_path: Path) -> None:
    """A memory is of the live release, or none: or the build was killed before it was put in its place."""
    start, out = tmp_path / "start", tmp_path / "out"
    first = release(start, MAY, b"old")
    for memory in ("a", "b"):
        leave(start / "cache" / memory, first)
    second = release(tmp_path / "whole", JUNE, b"new")
    seen = set[tuple[bool, tuple[str, ...]]]()
    for number in range(1, 60):
        shutil.copytree(start, out, symlinks=True)
        code = run(out, number)
        live = Layout(out).live()
        kept = contents(out / "cache")
        assert live in (first, second)
        assert live == second or kept == {"a": first, "b": first}, "a build that does not go live touches no memory"
        assert len({*kept.values()}) < 2, "memories of two builds are never together"
        seen.add((live == second, tuple(kept.values())))
        assert release(out, JUNE, b"new") == second
        assert tree(out / "current") == tree(tmp_path / "whole" / "current")
        assert list((out / "staging").iterdir()) == []
        shutil.rmtree(out)
        if code == 0:
            break
        assert code == -9
    assert {
        (False, (first, first)),
        (True, (first, first)),
        (True, ()),
        (True, (second,)),
        (True, (second, second)),
    } <= seen

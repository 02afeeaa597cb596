"""Which old releases go, which never do, and how they are removed while nobody waits."""

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from publish.model.config import ReleasePolicy
from publish.release import afterwards
from publish.release.layout import Layout, locked
from publish.release.pruning import expendable, prune, prune_after_build
from publish.release.roll_back import roll_back
from tests.sitekit import eventually

from .conftest import PAGES, Build, release

LATER = datetime.now(UTC) + timedelta(days=3)
POLICY = ReleasePolicy(keep=2, days=30, in_use_hours=6)


def four(out: Path) -> list[str]:
    return [release(out, date(2026, 5, day), b"%d" % day) for day in (1, 2, 3, 4)]


def aged(out: Path, name: str, **age: float) -> None:
    moment = LATER.timestamp() - timedelta(**age).total_seconds()
    os.utime(out / "releases" / name, (moment, moment))


def test_the_last_and_the_live_stay(out: Path) -> None:
    names = four(out)
    roll_back(out, names[0])
    assert set(prune(out, POLICY, LATER)) == {names[1], names[2]}
    assert set(Layout(out).names()) == {names[0], names[3]}
    states = {entry.name for entry in (out / "state").iterdir()}
    assert {names[0], names[3], "history.json"} < states
    assert len(states) == 5
    assert (out / "current" / "index.html").read_bytes() == b"1"


def test_a_dry_run_removes_nothing(out: Path) -> None:
    names = four(out)
    assert prune(out, POLICY, LATER, dry=True) == (names[0], names[1])
    assert Layout(out).names() == tuple(names)


def test_the_live_one_and_the_one_before_stay_whatever_the_policy_says(out: Path) -> None:
    names = four(out)
    for name in names:
        aged(out, name, days=1000)
    for policy in (ReleasePolicy(1, 1, 0), ReleasePolicy(9, 1, 0)):
        assert expendable(Layout(out), policy, LATER) == (names[0], names[1])
    (out / "current").unlink()  # by hand; then nobody knows better than the history
    assert expendable(Layout(out), ReleasePolicy(1, 1, 0), LATER) == (names[0], names[1])


def test_what_somebody_may_still_read_stays(out: Path) -> None:
    """Until when a release was live is noted when it is replaced."""
    names = four(out)
    assert expendable(Layout(out), POLICY, datetime.now(UTC)) == ()
    aged(out, names[0], hours=5.9)
    aged(out, names[1], hours=6)
    assert expendable(Layout(out), POLICY, LATER) == (names[1],)


def test_what_was_not_live_for_long_goes_though_there_are_few(out: Path) -> None:
    names = four(out)
    aged(out, names[0], days=31)
    aged(out, names[1], days=29)
    assert expendable(Layout(out), ReleasePolicy(keep=9, days=30), LATER) == (names[0],)


def test_being_replaced_sets_the_time(out: Path) -> None:
    first = release(out, date(2026, 5, 1), b"1")
    os.utime(out / "releases" / first, (0, 0))
    release(out, date(2026, 5, 2), b"2")
    assert (out / "releases" / first).stat().st_mtime > time.time() - 60


def test_a_release_that_never_went_live_goes(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("publish.release.activate.go_live", crash)
    with pytest.raises(KeyboardInterrupt):
        release(out, date(2026, 5, 1))
    monkeypatch.undo()
    live = release(out, date(2026, 5, 2))
    assert prune(out, ReleasePolicy(9, 30), LATER) != ()
    assert Layout(out).names() == (live,)


def test_a_build_cut_off_before_the_history_was_written_is_still_known(out: Path) -> None:
    """It was live, so it is the one before the next."""
    first = release(out, date(2026, 5, 1), b"1")
    (out / "state" / "history.json").unlink()
    release(out, date(2026, 5, 2), b"2")
    assert expendable(Layout(out), ReleasePolicy(1, 1, 0), LATER) == ()
    assert roll_back(out) == first


def test_a_build_puts_aside_and_says_what_is_left_over(out: Path) -> None:
    names = four(out)
    with locked(Layout(out)):
        assert prune_after_build(out, POLICY, None).names == ()
        pruned = prune_after_build(out, POLICY, LATER)
    assert (pruned.names, pruned.issues) == ((names[0], names[1]), ())
    assert len(afterwards.waiting(out / "trash")) == 2
    (issue,) = prune_after_build(out, POLICY, LATER).issues
    assert (issue.code, issue.level, issue.count) == ("release.trash-left", "warning", 2)
    assert prune_after_build(out, POLICY, datetime.now(UTC) - timedelta(days=1)).issues == (), "of this build"
    assert afterwards.start_afterwards(out)
    assert eventually(lambda: not afterwards.waiting(out / "trash"))
    assert prune_after_build(out, POLICY, LATER).issues == ()
    assert (out / "current" / "index.html").read_bytes() == b"4"


def test_a_failure_to_remove_does_not_stop_a_build(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    four(out)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("publish.release.pruning.discard", refuse)
    pruned = prune_after_build(out, POLICY, LATER)
    assert [(issue.code, issue.level) for issue in pruned.issues] == [("release.not-writable", "warning")]


def test_a_removed_release_does_not_take_linked_files_along(build: Build, out: Path) -> None:
    for page in (b"1", b"2", b"3"):
        build({**PAGES, "/": b"<!doctype html>" + page})
    assert len(prune(out, POLICY, LATER)) == 1
    assert afterwards.empty(out / "trash") == ()
    assert (out / "current" / "robots.txt").read_bytes() == PAGES["/robots.txt"]


def test_all_that_lies_in_the_trash_is_removed_and_counted(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (tmp_path / "trash" / "a" / "b").mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").write_bytes(b"")
    for number in range(1500):
        (tmp_path / "trash" / "a" / f"{number}").write_bytes(b"")
    (tmp_path / "trash" / "file").write_bytes(b"")
    (tmp_path / "trash" / "link").symlink_to(outside)
    (tmp_path / "trash" / "a" / "b" / "link").symlink_to(outside)
    gone: list[int] = []
    assert afterwards.empty(tmp_path / "trash", gone.append) == ()
    assert sum(gone) == 1502
    assert (outside / "kept").exists()
    assert afterwards.empty(tmp_path / "nowhere") == ()
    assert not afterwards.start_afterwards(tmp_path / "nowhere")


def test_what_cannot_be_removed_is_told_and_not_tried_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "trash" / "a").mkdir(parents=True)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(os, "rmdir", refuse)
    monkeypatch.setattr(Path, "rmdir", refuse)
    assert afterwards.empty(tmp_path / "trash") == ("a",)


def test_a_removal_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    """Killed while it removes: some files are gone; the next one removes the rest."""
    trash = tmp_path / "trash"
    (trash / "release").mkdir(parents=True)
    for number in range(1500):
        (trash / "release" / f"{number}").write_bytes(b"")
    script = f"import sys, time; sys.path.insert(0, {str(Path(afterwards.__file__).parent)!r}); import afterwards; "
    script += "from pathlib import Path; "
    script += "afterwards.empty(Path(sys.argv[1]), lambda n: (print(n, flush=True), time.sleep(60)))"
    process = subprocess.Popen([sys.executable, "-S", "-P", "-c", script, str(trash)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert sum(1 for path in trash.rglob("*") if path.is_file()) == 500
    assert afterwards.start_afterwards(tmp_path)
    assert eventually(lambda: not afterwards.waiting(trash))


def test_what_removes_outlives_who_started_it_and_is_the_least_important(tmp_path: Path) -> None:
    """It is in a session of its own; a second one in the same folder has nothing to do."""
    trash = tmp_path / "trash"
    fifo = trash / "release"
    fifo.mkdir(parents=True)
    with afterwards._opened(trash) as held:
        assert held is not None
        assert afterwards._taken(held)
        assert afterwards.is_at_work(trash)
        assert afterwards.start_afterwards(tmp_path), "it starts, and leaves the work to who is at it"
        time.sleep(0.3)
        assert fifo.exists()
    assert not afterwards.is_at_work(trash)
    assert afterwards.start_afterwards(tmp_path)
    assert eventually(lambda: not fifo.exists())
    shutil.rmtree(trash)
    assert not afterwards.is_at_work(trash)

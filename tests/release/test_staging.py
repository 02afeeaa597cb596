"""A release appears whole or not at all, whatever happens to the build."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from publish.model.issue import BuildStopped
from publish.release import activate, ending, hashing, stamps
from publish.release import verify as verify_module
from publish.release.activate import Released
from publish.release.hashing import HashTask
from publish.release.layout import Layout, locked
from publish.release.staging import staged_release
from publish.release.state import State

from .conftest import AS_OF, CHECKS, KEY, PAGES, Build, ledger_of, publication_of, tree

ROOT = Path(__file__).parents[2]
DATA = "data/x/latest/x.csv"


def codes(stopped: pytest.ExceptionInfo[BuildStopped]) -> list[str]:
    return [issue.code for issue in stopped.value.issues]


def test_a_build_becomes_the_live_release(build: Build, out: Path) -> None:
    released = build()
    live = tree(out / "current")
    assert live["index.html"] == PAGES["/"]
    assert set(live) == {"index.html", f"r/01/{KEY}.html", "robots.txt", "manifest.json", "SHA256SUMS"}
    assert (out / "current").readlink() == Path("releases") / released.name
    assert list((out / "staging").iterdir()) == []


def test_sha256sum_agrees(build: Build, out: Path) -> None:
    build()
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=out / "current", capture_output=True).returncode == 0
    page = out / "current" / "robots.txt"
    page.chmod(0o644)
    page.write_bytes(b"x")
    assert subprocess.run(check, cwd=out / "current", capture_output=True).returncode == 1


def test_the_same_input_keeps_the_same_release(build: Build, out: Path) -> None:
    first = build()
    inode = (out / "releases" / first.name).stat().st_ino
    second = build()
    assert (second.name, second.rebuilt, first.rebuilt) == (first.name, True, False)
    assert (out / "releases" / first.name).stat().st_ino == inode
    assert len(list((out / "releases").iterdir())) == 1


def test_unchanged_files_are_linked(build: Build, out: Path) -> None:
    build()
    before = (out / "current" / "robots.txt").stat()
    released = build({**PAGES, "/": b"<!doctype html>new"})
    after = (out / "current" / "robots.txt").stat()
    assert (released.linked, released.written) == (2, 1)
    assert (before.st_ino, before.st_dev) == (after.st_ino, after.st_dev)
    assert after.st_mode & 0o222 == 0


def test_without_linking_all_is_written(build: Build, out: Path) -> None:
    build()
    inode = (out / "current" / "robots.txt").stat().st_ino
    released = build({**PAGES, "/": b"<!doctype html>new"}, link=False)
    assert released.linked == 0
    assert (out / "current" / "robots.txt").stat().st_ino != inode


def test_a_damaged_file_of_another_size_is_not_linked(build: Build, out: Path) -> None:
    build()
    damaged = out / "current" / "robots.txt"
    damaged.chmod(0o644)
    damaged.write_bytes(b"")
    assert build({**PAGES, "/": b"<!doctype html>new"}).linked == 1
    assert (out / "current" / "robots.txt").read_bytes() == PAGES["/robots.txt"]


def test_a_rebuild_heals_a_damaged_release_of_the_same_name(build: Build, out: Path) -> None:
    name = build().name
    (out / "current" / "robots.txt").unlink()
    released = build()
    assert (released.name, released.rebuilt) == (name, False)
    assert (out / "current" / "robots.txt").read_bytes() == PAGES["/robots.txt"]


def test_damage_that_keeps_the_size_is_found_and_not_published(build: Build, out: Path) -> None:
    name = build().name
    damaged = out / "current" / "robots.txt"
    damaged.chmod(0o644)
    damaged.write_bytes(b"U" * len(PAGES["/robots.txt"]))
    with pytest.raises(BuildStopped) as stopped:
        build({**PAGES, "/": b"<!doctype html>new"})
    assert codes(stopped) == ["release.hash-mismatch"]
    assert (out / "current").readlink().name == name
    build({**PAGES, "/": b"<!doctype html>new"}, link=False)


@pytest.mark.parametrize("url", ["r/a.html", "//host/a", "/../a", "/a/../b", "/a//b", "/./a", "/a\\b", "/a\nb", "/a/."])
def test_addresses_outside_the_release_are_refused(out: Path, url: str) -> None:
    with pytest.raises(BuildStopped) as stopped, staged_release(out, AS_OF, durable=False) as release:
        release.write(url, b"")
    assert codes(stopped) == ["release.bad-path"]


@pytest.mark.parametrize("path", ["/a", "../a", "a/../b", "a//b", "a/", ""])
def test_paths_outside_the_release_are_refused_in_bulk(out: Path, path: str) -> None:
    with pytest.raises(BuildStopped) as stopped, staged_release(out, AS_OF, durable=False) as release:
        release.write_many(["ok.html", path], [b"", b""])
    assert codes(stopped) == ["release.bad-path"]


def test_an_address_is_written_once(build: Build, out: Path) -> None:
    build()  # with a previous release, the second file would be linked
    for first, second in (("/a/b", "/a/b"), ("/robots.txt", "/robots.txt"), ("/a", "/a/b"), ("/a/b", "/a")):
        with staged_release(out, AS_OF, durable=False) as release:
            release.write(first, PAGES["/robots.txt"])
            with pytest.raises(BuildStopped) as stopped:
                release.write_many([second[1:]], [PAGES["/robots.txt"]])
            assert codes(stopped) == ["release.duplicate-path"]


def test_a_duplicate_subject_page_is_reported_without_the_code(out: Path) -> None:
    with pytest.raises(BuildStopped) as stopped, staged_release(out, AS_OF, durable=False) as release:
        release.write_many(["s/16/914403001922038216.html"] * 2, [b"", b""])
    assert "914403001922038216" not in str(stopped.value.issues)
    assert stopped.value.__cause__ is None
    assert stopped.value.__suppress_context__


@pytest.mark.parametrize("blobs", [[b""], [b"", b"", b""]])
def test_as_many_blobs_as_paths(out: Path, blobs: list[bytes]) -> None:
    with pytest.raises(ValueError), staged_release(out, AS_OF, durable=False) as release:
        release.write_many(["a", "b"], blobs)


def test_files_are_moved_in_or_linked(out: Path) -> None:
    for expected in ((0, 1), (1, 0)):
        with staged_release(out, AS_OF, durable=False) as release:
            big = release.scratch() / "big.csv"
            big.write_bytes(b"a,b\r\n")
            release.add_file("/data/x/latest/x.csv", big, hashlib.sha256(big.read_bytes()).hexdigest())
            assert not big.exists()
            release.finish(State(publication_of(), ledger_of()), {}, CHECKS)
            assert (release.linked, release.written) == expected
    assert (out / "current/data/x/latest/x.csv").read_bytes() == b"a,b\r\n"


def written_a_while_ago(file: Path, data: bytes) -> str:
    """Its SHA-256."""
    file.write_bytes(data)
    os.utime(file, ns=(0, time.time_ns() - 3_000_000_000))
    return hashlib.sha256(data).hexdigest()


def build_data(out: Path, meddle: Callable[[Path], object] = Path.read_bytes) -> None:
    """A release with one large file, with which somebody meddles after it was moved in."""
    with staged_release(out, AS_OF, durable=False) as release:
        big = release.scratch() / "big.csv"
        digest = written_a_while_ago(big, b"a,b\r\n")
        release.write("/robots.txt", b"x")
        release.add_file(f"/{DATA}", big, digest)
        meddle(release.tree / DATA)
        release.finish(State(publication_of(), ledger_of()), {}, CHECKS)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of files that verification hashes, as if there were many; those with stamps are none of them."""
    paths, own = list[str](), hashing.compare_hashes

    def noted(task: HashTask) -> list[bool]:
        paths.extend(task.paths)
        return own(task)

    monkeypatch.setattr(hashing, "compare_hashes", noted)
    monkeypatch.setattr(hashing, "AGAIN", 1 << 62)
    monkeypatch.setattr(ending, "verify", partial(verify_module.verify, full=1))
    return paths


def test_a_data_file_that_nobody_has_written_into_is_not_hashed_again(
    out: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_data(out)
    assert DATA not in hashed
    hashed.clear()
    monkeypatch.setattr(hashing, "AGAIN", 1)
    shutil.rmtree(out)
    build_data(out)
    assert DATA in hashed, "the one of so many"


def written_in_place(path: Path) -> None:
    """As many bytes, and the time of the last write is what it was."""
    before = path.stat()
    time.sleep(0.02)  # more than a tick of the file system's clock
    path.chmod(0o644)
    path.write_bytes(b"a;b\r\n")
    path.chmod(0o444)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path: Path) -> None:
    other = path.with_name("other")
    written_a_while_ago(other, b"a;b\r\n")
    other.replace(path)


@pytest.mark.parametrize("meddle", [written_in_place, replaced])
def test_a_data_file_that_is_changed_after_it_was_moved_in_does_not_go_live(
    meddle: Callable[[Path], None], out: Path, hashed: list[str]
) -> None:
    """Whether it is changed before the scan, beside it, or between the scan and verification."""
    with pytest.raises(BuildStopped) as stopped:
        build_data(out, meddle)
    assert codes(stopped) == ["release.hash-mismatch"]
    assert not (out / "current").exists()


@pytest.mark.parametrize(
    ("of", "name", "value"),
    [
        (stamps, "TICK", 1 << 62),  # it was written just now: a later write could have the same time
        (shutil, "move", shutil.copy2),  # from another file system: it is not the file that was hashed
    ],
)
def test_a_data_file_of_which_too_little_can_be_told_is_hashed(
    of: object, name: str, value: object, out: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of, name, value)
    build_data(out)
    assert DATA in hashed


S, MS = 1_000_000_000, 1_000_000


@pytest.mark.parametrize(
    ("written", "changed", "is_told"),
    [
        (S + 1, S + 80 * MS + 1, True),  # as a night's files of lines are moved, right after the last write
        (S + 1, S + 9 * MS + 1, False),  # a clock that ticks so seldom may show a later write the same time
        (S + 1, S + 1, False),
        (S + 1, S + 1 - 80 * MS, False),  # somebody has set a clock
        (S, S + 1999 * MS + 1, False),  # what counts seconds, or two of them
        (S + 1, 2 * S, False),
        (S + 500 * MS, S + 580 * MS, False),  # hundredths, or something larger
        (S, 3 * S, True),
    ],
)
def test_a_stamp_tells_of_later_writes_whatever_steps_the_times_have(
    written: int, changed: int, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = (1, 2, 3, written, changed)
    monkeypatch.setattr(stamps, "stamp_of", lambda path: moved)
    before = (1, 2, 3, written, written)
    assert stamps.stamp_of_moved("x", before) == (moved if is_told else None)
    assert stamps.stamp_of_moved("x", (1, 2, 3, written - 1, written)) is None


def test_a_data_file_that_is_moved_right_after_it_was_written_is_not_hashed_again(out: Path, hashed: list[str]) -> None:
    """On a file system that counts in small steps, as nearly all do."""
    with staged_release(out, AS_OF, durable=False) as release:
        big = release.scratch() / "big.csv"
        big.write_bytes(b"a,b\r\n")
        if not stamps.is_fine(big.stat().st_mtime_ns):
            pytest.skip("it counts in larger steps")
        time.sleep(0.05)  # as it takes at least
        release.write("/robots.txt", b"x")
        release.add_file(f"/{DATA}", big, hashlib.sha256(b"a,b\r\n").hexdigest())
        release.finish(State(publication_of(), ledger_of()), {}, CHECKS)
    assert DATA not in hashed


def test_a_data_file_that_is_shared_is_hashed(out: Path, hashed: list[str]) -> None:
    """It was not written in this build, and may have been damaged since."""
    build_data(out)
    live = (out / "current" / DATA).resolve()
    hashed.clear()
    build_data(out)
    assert DATA in hashed
    written_in_place(live)
    with pytest.raises(BuildStopped) as stopped:
        build_data(out)
    assert codes(stopped) == ["release.hash-mismatch"]


def test_an_error_leaves_the_live_release_alone(build: Build, out: Path) -> None:
    build()
    before = tree(out / "current")
    with pytest.raises(UnicodeDecodeError), staged_release(out, AS_OF, durable=False) as release:
        release.write("/", b"\xff".decode().encode())
    assert tree(out / "current") == before
    assert list((out / "staging").iterdir()) == []


def test_a_build_that_does_not_finish_is_no_release(build: Build, out: Path) -> None:
    build()
    with staged_release(out, AS_OF, durable=False) as release:
        release.write("/", b"new")
    assert tree(out / "current")["index.html"] == PAGES["/"]
    assert len(list((out / "releases").iterdir())) == 1


def test_a_withheld_record_stops_the_release(build: Build, out: Path) -> None:
    with pytest.raises(BuildStopped) as stopped:
        build(ledger=ledger_of((KEY,)))
    assert codes(stopped) == ["release.withheld-key"]
    assert not (out / "current").exists()
    assert list((out / "releases").iterdir()) == []


KILLED = """
import sys
from datetime import date
from pathlib import Path
from publish.release.staging import staged_release
from publish.release.state import State

def blobs():
    for number in range(10**9):
        if number == 5000:
            print("writing", flush=True)
        yield b"x"

with staged_release(Path(sys.argv[1]), date(2026, 5, 5), durable=False) as release:
    release.write_many([f"r/{n % 100:02d}/{n}.html" for n in range(3_000_000)], blobs())
"""


def test_a_killed_build_changes_nothing_and_the_next_cleans_up(build: Build, out: Path) -> None:
    build()
    before = tree(out / "current")
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(out)], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    left = list((out / "staging").iterdir())
    assert len(left) == 1
    assert any(left[0].rglob("*.html"))
    assert tree(out / "current") == before
    build()  # the kernel has let go of the dead build's lock
    assert list((out / "staging").iterdir()) == []


@pytest.mark.parametrize("is_tight", [False, True])
def test_what_killed_builds_left_is_put_aside_where_there_is_room(
    is_tight: bool, build: Build, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    left = out / "staging/killed"
    (left / "tree/r").mkdir(parents=True)
    (left / "tree/r/1.html").write_bytes(b"x")
    (left / "scratch/sieves-1").mkdir(parents=True)
    (left / "scratch/sieves-1/sieve.json").write_bytes(b"the site's secret")
    (out / "staging/link-1").symlink_to("releases/none")
    (out / "trash/earlier").mkdir(parents=True)
    usage = shutil.disk_usage(out)._replace(free=1 if is_tight else 1 << 40)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    build()
    assert list((out / "staging").iterdir()) == []
    assert (out / "trash/earlier").exists() != is_tight
    assert bool(list((out / "trash").glob("*/tree/r/1.html"))) != is_tight
    assert not list(out.rglob("sieve.json")), "nothing private waits in the trash"


def test_a_trash_that_fills_the_disk_is_emptied(build: Build, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes end with the build, as in a container, nobody else would."""
    build()
    (out / "trash/earlier").mkdir(parents=True)
    usage = shutil.disk_usage(out)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    build()
    assert not (out / "trash/earlier").exists()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EROFS, "not-writable"),
        (errno.EACCES, "not-writable"),
        (errno.EIO, "disk-error"),
    ],
)
def test_a_failing_disk_is_an_issue(
    build: Build, out: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    build()
    before = tree(out / "current")
    real, calls = os.write, iter(range(100))

    def write(descriptor: int, data: bytes) -> int:
        if next(calls) >= 1:
            raise OSError(number, os.strerror(number))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(BuildStopped) as stopped:
        build({f"/{n}.html": b"x" for n in range(5)})
    monkeypatch.undo()
    assert codes(stopped) == [f"release.{code}"]
    assert str(out) not in str(stopped.value.issues)
    assert tree(out / "current") == before
    assert list((out / "staging").iterdir()) == []


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """In a mount namespace of its own, on a tmpfs of 1 MB."""
    script = tmp_path / "full.py"
    script.write_text(
        "from datetime import date\nfrom pathlib import Path\n"
        "from publish.model.issue import BuildStopped\nfrom publish.release.staging import staged_release\n"
        f"out = Path({str(tmp_path / 'small')!r}) / 'site'\n"
        "try:\n"
        "    with staged_release(out, date(2026, 5, 4), durable=False) as release:\n"
        "        release.write_many([f'{n}.html' for n in range(3000)], (bytes(1000) for _ in range(3000)))\n"
        "except BuildStopped as stopped:\n"
        "    print(stopped.issues[0].code, list((out / 'staging').iterdir()))\n"
    )
    (tmp_path / "small").mkdir()
    mount = f"mount -t tmpfs -o size=1m tmpfs {tmp_path / 'small'} && PYTHONPATH={ROOT} exec {sys.executable} {script}"
    done = subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-c", mount], capture_output=True, text=True)
    if done.returncode and ("unshare" in done.stderr or "mount" in done.stderr):
        pytest.skip("this machine lets nobody mount a tmpfs")
    assert done.stdout == "release.disk-full []\n", done.stderr


def test_an_output_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BuildStopped) as stopped, staged_release(tmp_path / "file" / "site", AS_OF):
        pass
    assert codes(stopped) == ["release.disk-error"]


def test_a_read_only_output_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(BuildStopped) as stopped, staged_release(tmp_path / "site", AS_OF):
        pass
    assert codes(stopped) == ["release.not-writable"]


def test_a_second_build_stops_or_waits(build: Build, out: Path) -> None:
    with locked(Layout(out)):
        with pytest.raises(BuildStopped) as stopped:
            build()
        assert codes(stopped) == ["release.locked"]
        waiting = threading.Thread(target=_build_waiting, args=(out,))
        waiting.start()
        time.sleep(0.2)
        assert not (out / "current").exists()
    waiting.join(20)
    assert (out / "current" / "index.html").is_file()


def _build_waiting(out: Path) -> None:
    with staged_release(out, AS_OF, durable=False) as release:
        release.write("/", b"x")
        release.finish(State(publication_of(), ledger_of()), {}, CHECKS)


def test_readers_always_find_a_whole_release(build: Build, out: Path) -> None:
    build()
    stop, missed = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                missed.extend([] if (out / "current" / "robots.txt").read_bytes() else ["empty"])
            except OSError as error:
                missed.append(repr(error))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        build({**PAGES, "/": b"<!doctype html>%d" % number})
    stop.set()
    reader.join()
    assert missed == []


def test_blobs_are_taken_as_they_come(out: Path) -> None:
    taken = 0

    def blobs() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(10_000):
            taken += 1
            yield b"x"

    def paths() -> list[str]:
        return [f"{number}.html" for number in range(9_999)] + ["../out"]

    with pytest.raises(BuildStopped), staged_release(out, AS_OF, durable=False) as release:
        release.write_many(paths(), blobs())
    assert release.written > 0
    assert taken == 10_000


def test_durable_builds_sync(build: Build, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("publish.release.ending.sync_file_system", lambda folder: synced.append(1))
    with staged_release(out, AS_OF) as release:
        release.write("/", b"x")
        release.finish(State(publication_of(), ledger_of()), {}, CHECKS)
    assert synced == [1]


def test_the_disk_is_waited_for_and_asked_what_it_has_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    activate.sync_file_system(tmp_path)
    asked: list[int] = []

    class Library:
        def syncfs(self, descriptor: int) -> int:
            asked.append(os.fstat(descriptor).st_ino)
            return -1

    monkeypatch.setattr(activate.ctypes, "CDLL", lambda name, use_errno: Library())
    with pytest.raises(OSError, match="syncfs"):
        activate.sync_file_system(tmp_path)
    assert asked == [tmp_path.stat().st_ino]


# Files that the last release has already.

KEPT = {**PAGES, "/search/index/aa.gz": b"one", "/search/index/bb.gz": b"two"}


def keep(out: Path, urls: list[str]) -> Released:
    with staged_release(out, AS_OF, wait=False, durable=False) as release:
        for url, data in PAGES.items():
            release.write(url, data)
        release.write("/new.txt", b"so that it is another release")
        release.keep_many(urls)
        return release.finish(State(publication_of(), ledger_of()), {"records": 1}, CHECKS)


def test_kept_files_are_shared_unread(build: Build, out: Path) -> None:
    build(KEPT)
    before = (out / "current" / "search/index/aa.gz").stat().st_ino
    released = keep(out, ["/search/index/bb.gz", "/search/index/aa.gz"])
    assert tree(out / "current")["search/index/bb.gz"] == b"two"
    assert (out / "current" / "search/index/aa.gz").stat().st_ino == before
    assert (released.linked, released.written) == (len(PAGES) + 2, 1)


def test_the_last_release_tells_its_files_and_their_sizes(build: Build, out: Path) -> None:
    build(KEPT)
    with staged_release(out, AS_OF, wait=False, durable=False) as release:
        folder, sizes = release.previous("/search/index/")
        assert sizes == {"aa.gz": 3, "bb.gz": 3}
        assert folder is not None
        assert (folder / "aa.gz").read_bytes() == b"one"


def test_where_nothing_can_be_linked_kept_files_are_written(
    build: Build, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(KEPT)
    before = (out / "current" / "search/index/aa.gz").stat().st_ino

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(os, "link", refuse)
    released = keep(out, ["/search/index/aa.gz"])
    assert tree(out / "current")["search/index/aa.gz"] == b"one"
    assert (out / "current" / "search/index/aa.gz").stat().st_ino != before
    assert released.linked == 0


@pytest.mark.parametrize("damage", [b"one and more", b"eno", None])
def test_a_damaged_kept_file_stops_the_build(build: Build, out: Path, damage: bytes | None) -> None:
    """Also one that kept its size: a file that is shared unread is hashed before the release goes live."""
    build(KEPT)
    live = (out / "current").readlink()
    path = out / "current" / "search/index/aa.gz"
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(BuildStopped) as stopped:
        keep(out, ["/search/index/aa.gz"])
    assert set(codes(stopped)) == {"release.hash-mismatch" if damage == b"eno" else "release.kept-missing"}
    assert (out / "current").readlink() == live


def test_nothing_can_be_kept_without_a_last_release(out: Path) -> None:
    with pytest.raises(BuildStopped) as stopped:
        keep(out, ["/search/index/aa.gz"])
    assert codes(stopped) == ["release.kept-missing"]

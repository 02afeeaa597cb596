"""Files that are written by whoever makes them, several at a time."""

import os
import resource
import signal
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from publish.executors import OneByOne, SerialExecutor, WatchedExecutor, make_executor, runs_here
from publish.model.issue import BuildStopped, Issue
from publish.release import growing
from publish.release.staging import staged_release
from publish.release.state import State
from publish.release.tree_writer import TreeWriter
from publish.release.writing import Release
from tests.release.conftest import AS_OF, CHECKS, ledger_of, publication_of, tree

# Of four partitions two have a folder in common.
PARTS = [[f"r/{folder:02}/{number:03}.html" for number in range(120)] for folder in range(3)]
PARTS += [[f"r/02/{number:03}.html" for number in range(120, 300)]]
TEXTS = {path: f"<!doctype html>甲{path}\n" for part in PARTS for path in part}


@pytest.fixture(scope="module", params=[1, 2])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with make_executor(request.param) as made:
        yield made


def put(release: Release, executor: Executor, parts: list[list[str]], texts: Mapping[str, str]) -> None:
    """As a render stage does: several at a time."""
    ahead = []
    for part in parts:
        paths = pl.Series(part, dtype=pl.String)
        contents = pl.Series([texts[path] for path in part], dtype=pl.String)
        ahead.append((paths, executor.submit(release.writer(paths), contents)))
    for paths, future in ahead:
        release.note_written(paths, future.result())


def finished(release: Release) -> str:
    release.write("/", b"<!doctype html>")
    return release.finish(State(publication_of(), ledger_of()), {}, CHECKS).name


def stopped_by(out: Path, fill: Callable[[Release], object]) -> list[Issue]:
    """The issues that stop a release which is filled so."""
    with pytest.raises(BuildStopped) as stopped, staged_release(out, AS_OF, durable=False) as release:
        fill(release)
    assert list((out / "staging").iterdir()) == []
    return [*stopped.value.issues]


def codes(issues: list[Issue]) -> list[tuple[str, str]]:
    return [(issue.code, issue.file) for issue in issues]


def test_the_release_is_that_of_one_writer(executor: Executor, tmp_path: Path) -> None:
    names = []
    for by in ("workers", "one"):
        with staged_release(tmp_path / by, AS_OF, durable=False) as release:
            if by == "one":
                release.write_many(list(TEXTS), [text.encode() for text in TEXTS.values()])
            else:
                put(release, executor, PARTS, TEXTS)
            names.append(finished(release))
            assert (release.linked, release.written) == (0, len(TEXTS) + 1)
    assert names[0] == names[1]
    one, other = (tree(tmp_path / by / "releases" / names[0]) for by in ("workers", "one"))
    assert one == other
    assert {path: one[path].decode() for path in TEXTS} == TEXTS


def test_files_and_folders_have_the_modes_of_others(executor: Executor, tmp_path: Path) -> None:
    with staged_release(tmp_path, AS_OF, durable=False) as release:
        put(release, executor, PARTS, TEXTS)
        release.write("/x/y.txt", b"")
        of = {path: stat.S_IMODE((release.tree / path).stat().st_mode) for path in (*TEXTS, "r/00", "x", "x/y.txt")}
    assert {of[path] for path in TEXTS} == {of["x/y.txt"]} != {of["x"]}
    assert of["r/00"] == of["x"]


@pytest.mark.parametrize("spoilt", [False, True])
def test_what_the_last_release_has_is_shared(executor: Executor, spoilt: bool, tmp_path: Path) -> None:
    with staged_release(tmp_path, AS_OF, durable=False) as release:
        put(release, executor, PARTS, TEXTS)
        finished(release)
    live = tmp_path / "current"
    old = {path: (live / path).stat().st_ino for path in TEXTS}
    first, second, *_ = TEXTS
    if spoilt:  # cut short since: its manifest says otherwise
        (live / second).chmod(0o644)
        (live / second).write_bytes(b"")
    with staged_release(tmp_path, AS_OF, durable=False) as release:
        put(release, executor, PARTS, TEXTS | {first: "another"})
        finished(release)
        assert release.written == 1 + spoilt
    new = {path: (live / path).stat().st_ino for path in TEXTS}
    assert [path for path in TEXTS if new[path] != old[path]] == [first, second][: 1 + spoilt]
    assert (live / second).read_text() == TEXTS[second]


@pytest.mark.parametrize("first", ["writer", "write_many", "write"])
def test_an_address_is_used_once(executor: Executor, first: str, tmp_path: Path) -> None:
    """The issue names no credit code."""
    path = "s/16/914403001922038216.html"

    def fill(release: Release) -> None:
        if first == "writer":
            put(release, executor, [[path]], {path: "甲"})
        elif first == "write_many":
            release.write_many([path], [b""])
        else:
            release.write(f"/{path}", b"")
        put(release, executor, [[path]], {path: "乙"})

    assert codes(stopped_by(tmp_path, fill)) == [("release.duplicate-path", "s/16/")]


@pytest.mark.parametrize("order", [["r/a", "r/a/b.html"], ["r/a/b.html", "r/a"]])
def test_an_address_is_no_file_and_folder(executor: Executor, order: list[str], tmp_path: Path) -> None:
    issues = stopped_by(tmp_path, lambda release: [put(release, executor, [[path]], {path: ""}) for path in order])
    assert codes(issues) == [("release.duplicate-path", "r/a")]


@pytest.mark.parametrize("path", ["../x", "/x", "r//x", "r/./x", "r\\x", "r/\n"])
def test_a_path_stays_in_the_release(path: str, tmp_path: Path) -> None:
    issues = stopped_by(tmp_path, lambda release: release.writer(pl.Series(["r/ok.html", path])))
    assert codes(issues) == [("release.bad-path", "")]


def test_links_are_not_followed(executor: Executor, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()

    def fill(release: Release) -> None:
        writer = release.writer(pl.Series(["r/x.html"]))
        (release.tree / "r").rmdir()
        (release.tree / "r").symlink_to(tmp_path / "elsewhere")
        executor.submit(writer, pl.Series(["甲"])).result()

    assert codes(stopped_by(tmp_path / "out", fill)) == [("release.disk-error", "")]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_a_call_does_not_write_at_once_is_written_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, part = os.write, PARTS[0]
    half = lambda descriptor, data: write(descriptor, data[: max(1, len(data) // 2)])  # noqa: E731
    with staged_release(tmp_path, AS_OF, durable=False) as release:
        monkeypatch.setattr(growing.os, "write", half)
        put(release, SerialExecutor(), [part], TEXTS)
        monkeypatch.undo()
        assert {path: (release.tree / path).read_text() for path in part} == {path: TEXTS[path] for path in part}


def test_a_full_disk_in_a_worker_stops_the_build(executor: Executor, tmp_path: Path) -> None:
    """By the greatest size of a file that a process may write: EFBIG is told as ENOSPC is."""

    def fill(release: Release) -> None:
        paths = pl.Series(["r/small.html", "r/large.html"])
        executor.submit(limited, release.writer(paths), pl.Series(["x", "x" * 5000])).result()

    (issue,) = stopped_by(tmp_path, fill)
    assert (issue.code, str(tmp_path) in str(issue)) == ("release.disk-full", False)


def limited(writer: TreeWriter, contents: pl.Series) -> pl.DataFrame:
    """Write as a process that may not write more than 4096 bytes into a file."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        return writer(contents)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_there_is_a_content_for_each_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError), staged_release(tmp_path, AS_OF, durable=False) as release:
        release.writer(pl.Series(["a", "b"]))(pl.Series(["甲"]))


def test_who_runs_calls_once_and_here() -> None:
    with make_executor(2) as two, ThreadPoolExecutor(1) as unknown:
        watched = [WatchedExecutor(one, print, print) for one in (two, unknown)]
        here = [runs_here(one) for one in (SerialExecutor(), two, OneByOne(two), *watched, unknown)]
    assert here == [True, True, True, True, False, False]

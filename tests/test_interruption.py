"""Whatever happens to a build, the live release stays as it is, and the next build is as if nothing had happened."""

import json
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from publish.cli import main
from publish.executors import SerialExecutor
from publish.model.report import NoProgress
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from publish.release.layout import Layout, locked
from tests.release.killing import Killed, killed
from tests.sitekit import SITES, Builds, build_site, tree

ROOT = Path(__file__).resolve().parents[1]
SITE = SITES / "minimal"
BEFORE, DAY = date(2026, 9, 1), date(2026, 9, 2)


class Timed(NoProgress):
    """Notes the seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun


Undisturbed = tuple[str, dict[str, bytes], dict[str, float]]


@pytest.fixture(scope="module")
def undisturbed(builds: Builds, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """Name and files of the release of DAY where nothing happened since the one of BEFORE, and the seconds of its
    stages."""
    out, timed = tmp_path_factory.mktemp("undisturbed") / "out", Timed()
    builds.copied(SITE, out, BEFORE)
    name = build(Request(SITE, out, DAY), SerialExecutor(), timed).release
    return name, tree(out / "current"), timed.seconds


@pytest.fixture
def run() -> Iterator[Killed]:
    with killed("tests.interrupted", "kill_alone") as run:
        yield run


def test_a_build_killed_in_any_stage_changes_nothing(
    run: Killed, builds: Builds, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    """At a random moment of the stage. Each killed build finds what the one before it left, the half-written cache
    included."""
    chance, out = random.Random(20260902), tmp_path / "out"
    first = builds.copied(SITE, out, BEFORE).release
    before = tree(out / "current")
    assert list(undisturbed[2]) == ["load", "validate", "disclose", "derive", "render", "scan", "release"]
    for stage, seconds in undisturbed[2].items():
        assert run(stage, chance.random() * seconds, SITE, out, DAY) == -9, stage
        live = (out / "current").readlink().name
        if live != first:
            assert stage == "release", "only at the end of the last stage may the new one be live"
            assert (live, tree(out / "current")) == undisturbed[:2]
        else:
            assert tree(out / "current") == before, stage
    report = build_site(SITE, out, DAY)
    assert (report.release, tree(out / "current")) == undisturbed[:2]
    assert list((out / "staging").iterdir()) == []


def test_a_half_written_cache_gives_the_right_bytes(builds: Builds, tmp_path: Path, undisturbed: Undisturbed) -> None:
    """Every file of the cache cut, emptied, changed or gone, and a new one half made."""
    builds.copied(SITE, tmp_path / "good", BEFORE)
    files = [path.relative_to(tmp_path / "good") for path in (tmp_path / "good/cache").rglob("*") if path.is_file()]
    assert files
    chance = random.Random(1)
    out = tmp_path / "out"
    for harm in ("cut", "emptied", "changed", "gone"):
        shutil.copytree(tmp_path / "good", out, symlinks=True)
        for file in files:
            data = bytearray((out / file).read_bytes() or bytes(8))  # what is empty has something then
            if harm == "changed":
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            (out / file).write_bytes(data[: {"cut": chance.randrange(len(data)), "emptied": 0}.get(harm, len(data))])
            if harm == "gone" and chance.random() < 0.5:
                (out / file).unlink()
        shutil.copytree(out / "cache" / "search", out / "cache" / "search.new")
        build_site(SITE, out, DAY)
        assert ((out / "current").readlink().name, tree(out / "current")) == undisturbed[:2], harm
        assert {path.name for path in (out / "cache").iterdir()} == {"data", "pages", "plain-rows", "search", "static"}
        shutil.rmtree(out)


def test_workers_end_with_a_build_that_is_killed(tmp_path: Path) -> None:
    """Else they would wait for work for ever, with all their memory."""
    command = [sys.executable, "-m", "tests.interrupted", "kill", "derive", "0.3", str(SITE), str(tmp_path), str(DAY)]
    process = subprocess.Popen([*command, "2"], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    workers = [int(pid) for pid in process.stdout.readline().split()]
    assert workers
    process.wait()
    process.stdout.close()
    for _ in range(200):
        if not any(_runs(pid) for pid in workers):
            return
        time.sleep(0.05)
    pytest.fail("a worker has outlived its build")


def _runs(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _on_a_small_disk(folder: Path, what: str) -> list[list[str]]:
    """Lines that tests.interrupted prints, with OUT on a tmpfs in a mount namespace of its own."""
    folder.mkdir()
    run = f"exec {sys.executable} -m tests.interrupted {what} {SITE} {folder}/out {BEFORE} {DAY}"
    command = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        f"mount -t tmpfs -o size=8m tmpfs {folder} && {run}",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode and ("unshare:" in done.stderr or "mount:" in done.stderr):
        pytest.skip("this machine lets nobody mount a tmpfs")
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_a_full_disk(tmp_path: Path, undisturbed: Undisturbed) -> None:
    """In whichever stage the last byte is used up: one issue that says so, and nothing has changed or is left."""
    *tries, then, release = _on_a_small_disk(tmp_path / "small", "full")
    *refused, built = tries
    assert len(refused) >= 4
    assert {tuple(entry[1:]) for entry in refused} == {("release.disk-full", "True", "0")}
    assert built[1] == "built"
    assert then == ["then", "built"]
    assert release == ["release", undisturbed[0]]


def test_a_read_only_output_folder(tmp_path: Path, undisturbed: Undisturbed) -> None:
    first, then, release = _on_a_small_disk(tmp_path / "small", "read-only")
    assert first == ["release.not-writable", "True"]
    assert then == ["then", "built"]
    assert release == ["release", undisturbed[0]]


def test_a_second_build_says_so_and_waits_or_stops(tmp_path: Path) -> None:
    arguments = ["build", "--root", str(SITE), "--out", str(tmp_path), "--as-of", str(DAY)]
    results = []
    with locked(Layout(tmp_path)):
        stopped = CliRunner().invoke(main, [*arguments, "--no-wait"])
        assert stopped.exit_code == 1
        assert "release.locked" in stopped.output
        waiting = threading.Thread(target=lambda: results.append(CliRunner().invoke(main, arguments)))
        waiting.start()
        time.sleep(1)
        assert waiting.is_alive()
        assert not (tmp_path / "current").exists()
    waiting.join(60)
    assert results[0].exit_code == 0
    assert "waiting for it" in results[0].output
    assert (tmp_path / "current").exists()
    assert json.loads((tmp_path / "state" / "history.json").read_text()) == [(tmp_path / "current").readlink().name]

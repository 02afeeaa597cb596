"""Builds that come to a bad end, run as processes of their own by tests/test_interruption.py.

kill STAGE SECONDS ROOT OUT DAY WORKERS: is killed so long after the stage began, at most at the stage's end.
full ROOT OUT BEFORE DAY: OUT is on a small file system, which is filled up.
read-only ROOT OUT BEFORE DAY: OUT is on a file system of its own, which is mounted read-only.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from publish.executors import make_executor
from publish.model.issue import BuildStopped
from publish.model.report import NoProgress
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from tests.once import once
from tests.sitekit import build_site, tree


class Deadly(NoProgress):
    """Kills the process in a stage."""

    def __init__(self, stage: str, seconds: float) -> None:
        self._fatal = stage
        self._seconds = seconds

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        if name != self._fatal:
            yield
            return
        threading.Timer(self._seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        yield
        os.kill(os.getpid(), signal.SIGKILL)


def kill(stage: str, seconds: str, root: str, out: str, day: str, workers: str) -> None:
    """Prints the processes of the workers, if there are any, before it is killed."""
    with make_executor(int(workers)) as executor:
        if int(workers) > 1:
            print(*{executor.submit(os.getpid).result() for _ in range(20)}, flush=True)
        build(Request(Path(root), Path(out), date.fromisoformat(day)), executor, Deadly(stage, float(seconds)))


def kill_alone(stage: str, seconds: float, root: Path, out: Path, day: date) -> None:
    """The same with one worker, called in a process that tests.release.killing has forked."""
    with once():
        kill(stage, str(seconds), str(root), str(out), day.isoformat(), "1")


def attempt(root: Path, out: Path, day: date) -> str:
    """`built`, or the codes of what stopped the build; anything else is a fault."""
    try:
        build_site(root, out, day)
    except BuildStopped as stopped:
        return ",".join(sorted({issue.code for issue in stopped.issues}))
    return "built"


def full(root: str, out: str, before: str, day: str) -> None:
    """Prints what became of a build for each number of free bytes, and whether the live release was untouched."""
    site, folder, ballast = Path(root), Path(out), Path(out).parent / "ballast"
    build_site(site, folder, date.fromisoformat(before))
    live = tree(folder / "current")
    for free in (kilobytes << 10 for kilobytes in (0, 128, *range(320, 4096, 256))):
        _fill(ballast, free)
        result = attempt(site, folder, date.fromisoformat(day))
        print(free, result, tree(folder / "current") == live, len(list((folder / "staging").iterdir())), flush=True)
        ballast.unlink()
        if result == "built":
            break
    print("then", attempt(site, folder, date.fromisoformat(day)))
    print("release", (folder / "current").readlink().name)


def _fill(ballast: Path, free: int) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 12))
        except OSError:
            pass
        file.truncate(file.tell() - free)


def read_only(root: str, out: str, before: str, day: str) -> None:
    """The same on a file system that nobody may write to, and when one may again."""
    site, folder = Path(root), Path(out)
    build_site(site, folder, date.fromisoformat(before))
    live = tree(folder / "current")
    subprocess.run(["mount", "-o", "remount,ro", str(folder.parent)], check=True)
    print(attempt(site, folder, date.fromisoformat(day)), tree(folder / "current") == live)
    subprocess.run(["mount", "-o", "remount,rw", str(folder.parent)], check=True)
    print("then", attempt(site, folder, date.fromisoformat(day)))
    print("release", (folder / "current").readlink().name)


if __name__ == "__main__":
    with once():
        {"kill": kill, "full": full, "read-only": read_only}[sys.argv[1]](*sys.argv[2:])

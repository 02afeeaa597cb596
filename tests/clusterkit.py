"""A real Dask cluster on loopback for tests, and calls that hold a worker so that it can be killed in the middle."""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WAIT = 60.0  # seconds, for whatever must come


class Cluster:
    """A scheduler and workers as processes of their own, each with one thread; ended by their ids."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._described = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--no-show")
        wait_for(self._described.exists)
        self.fill(workers)

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return str(json.loads(self._described.read_text(encoding="utf-8"))["address"])

    def fill(self, workers: int) -> None:
        """Have so many workers that live."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        for _ in range(workers - len(self.workers)):
            self.start_worker()

    def start_worker(self, program: Path = ROOT) -> None:
        """One more worker; `program` is the folder that it imports `publish` from."""
        options = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--local-directory", str(self.folder)]
        self.workers.append(self._start("worker", *options, program=program))

    def kill(self, pid: int) -> None:
        """SIGKILL one of the workers."""
        (worker,) = [worker for worker in self.workers if worker.pid == pid]
        worker.kill()
        worker.wait()

    def close(self) -> None:
        """End every process that was started here."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(self, what: str, *options: str, program: Path = ROOT) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", "--no-dashboard"]
        # A task whose second worker dies is given up.
        settings = {"PYTHONPATH": str(program), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--scheduler-file", str(self._described), *options],
                cwd=self.folder,
                env={**os.environ, **settings},
                stdout=log,
                stderr=log,
            )


class Through(Executor):
    """Hands each call to `inner` through `by`, which is called on the worker with `place`, the call, its arguments."""

    def __init__(self, inner: Executor, by: Callable[..., Any], place: Path) -> None:
        self._inner, self._by, self._place = inner, by, place

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._inner.submit(self._by, self._place, fn, *args, **kwargs)


def hold_first_pages(place: Path, fn: Callable[..., Any], *args: Any) -> Any:
    """On a worker: whoever first renders a partition of pages writes its files, its own id into `place`, and waits."""
    done = fn(*args)
    if fn.__name__ == "render_partition" and is_first(place):
        time.sleep(10 * WAIT)
    return done


def die_at_pages(place: Path, fn: Callable[..., Any], *args: Any) -> Any:
    """On a worker: it is gone at once, whoever renders pages of records."""
    if fn.__name__ == "render_partition" and args[0].out.name.startswith("records"):
        os.abort()
    return fn(*args)


def wait_long(place: Path, number: int) -> int:
    """On a worker: a task without an end, which tells that it has begun."""
    is_first(place / str(number))
    time.sleep(10 * WAIT)
    return number


def is_first(place: Path) -> bool:
    """Whether this call is the first with `place`, which then holds the id of this process."""
    mine = place.with_name(secrets.token_hex(8))
    mine.write_text(str(os.getpid()), encoding="utf-8")
    try:
        os.link(mine, place)
    except FileExistsError:
        return False
    return True


def kill_when_held(cluster: Cluster, place: Path) -> threading.Thread:
    """In a thread: wait until a worker holds, and kill it."""

    def wait_and_kill() -> None:
        wait_for(place.exists)
        cluster.kill(int(place.read_text(encoding="utf-8")))

    thread = threading.Thread(target=wait_and_kill)
    thread.start()
    return thread


def wait_for(true: Callable[[], bool]) -> None:
    """Until it is, or an error."""
    end = time.monotonic() + WAIT
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)

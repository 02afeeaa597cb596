"""What the processes of a build inherit, and calls that are made one after the other."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from publish.executors import OneByOne, SerialExecutor, make_executor


def test_one_worker_is_this_process() -> None:
    with make_executor(1) as executor:
        assert executor.submit(os.getpid).result() == os.getpid()


class Noting:
    """A call that tells how many of its kind are at work."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.at_once = 0
        self.most = 0
        self._lock = threading.Lock()

    def __call__(self, number: int) -> int:
        with self._lock:
            self.order.append(number)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(0.002)
        with self._lock:
            self.at_once -= 1
        if number == 3:
            raise ValueError("three")
        return number * number


@pytest.mark.parametrize("make", [SerialExecutor, lambda: ThreadPoolExecutor(4)])
def test_one_by_one_calls_are_made_in_order_and_one_at_a_time(make: Callable[[], Executor]) -> None:
    note = Noting()
    with make() as executor:
        aside = OneByOne(executor)
        futures = [aside.submit(note, number) for number in range(12)]
        assert [future.result() for number, future in enumerate(futures) if number != 3] == [
            number * number for number in range(12) if number != 3
        ]
        assert isinstance(futures[3].exception(), ValueError)
        assert aside.submit(note, 12).result() == 144, "it goes on after a pause"
    assert (note.order, note.most) == (list(range(13)), 1)


def test_one_by_one_leaves_workers_to_others() -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(2) as executor:
        aside = OneByOne(executor)
        blocked = [aside.submit(gate.wait, 10) for _ in range(5)]
        assert executor.submit(lambda: "now").result(timeout=5) == "now"
        gate.set()
        assert all(future.result() for future in blocked)


def test_one_by_one_becomes_two_at_a_time_and_no_more() -> None:
    gate, note = threading.Event(), Noting()
    with ThreadPoolExecutor(4) as executor:
        aside = OneByOne(executor)
        first, *others = aside.submit(gate.wait, 10), *(aside.submit(note, number) for number in range(12))
        assert not any(future.running() or future.done() for future in others)
        aside.widen(2)
        assert [future.result(timeout=5) for future in others[:3]] == [0, 1, 4]
        assert not first.done(), "one of the two"
        gate.set()
        assert aside.submit(note, 12).result(timeout=5) == 144
        assert others[-1].result(timeout=5) == 121
    assert sorted(note.order) == list(range(13))
    assert note.most <= 2


def test_one_by_one_what_is_cancelled_is_not_begun_and_keeps_nobody_waiting() -> None:
    gate, note = threading.Event(), Noting()
    with ThreadPoolExecutor(1) as executor:
        aside = OneByOne(executor)
        first, second, third = aside.submit(gate.wait, 10), aside.submit(note, 1), aside.submit(note, 2)
        assert second.cancel()
        gate.set()
        assert (first.result(), third.result()) == (True, 4)
    assert note.order == [2]


def test_one_by_one_a_broken_executor_is_told_to_all_who_wait() -> None:
    class Broken(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise RuntimeError("broken")

    class Cancelling(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    for made, error in ((Broken(), RuntimeError), (Cancelling(), CancelledError)):
        aside = OneByOne(made)
        for future in [aside.submit(int), aside.submit(int)]:
            with pytest.raises(error):
                future.result(timeout=5)


def test_all_workers_begin_at_once_and_need_nothing_of_the_command_line() -> None:
    """`build.py` is read again by each of them."""
    script = Path(__file__).resolve().parents[1] / "build.py"
    told = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__mp_main__'); print('publish.cli' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told, script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    before = set(active_children())
    with make_executor(3) as executor:
        assert len(set(active_children()) - before) == 3
        assert executor.submit(os.getpid).result() != os.getpid()

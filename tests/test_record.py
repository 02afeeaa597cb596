"""What a build takes: memory and processor of all its processes, and the trace of it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from publish import meter
from publish.executors import SerialExecutor, WatchedExecutor, make_executor
from publish.meter import MemoryWatch, Sample
from publish.record import Record, Span


def hog(megabytes: int, until: Path) -> int:
    """Touches so much memory until there is that file; the process that did."""
    data = bytearray(os.urandom(1 << 20) * megabytes)
    wait_for(until.exists)
    return os.getpid() if data else 0


def wait_for(condition: Callable[[], bool]) -> None:
    """Within a minute."""
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)


def test_memory_of_workers_counts(tmp_path: Path) -> None:
    watch, seen = MemoryWatch(), tmp_path / "seen"
    with make_executor(2) as executor:
        executor.submit(hog, 1, tmp_path).result()
        start = time.perf_counter()
        with watch.watching():
            held = executor.submit(hog, 200, seen)
            wait_for(lambda: any(sample.others > 200_000_000 for sample in watch.samples))
            seen.touch()
            held.result()
    samples = [sample for sample in watch.samples if sample.at >= start]
    assert max(sample.others for sample in samples) > 200_000_000
    peak = watch.peak(start)
    assert peak is not None
    assert peak == max(sample.own + sample.others for sample in samples)
    assert watch.peak(time.perf_counter()) is None


def test_processor_time_of_children_counts() -> None:
    before = meter.processor_seconds()
    spin = "import time\nwhile time.process_time() < 0.5: pass\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", spin], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in set(meter.descendants())
        after = meter.processor_seconds()
        child.communicate(b"\n")
    assert before is not None
    assert after is not None
    assert 0.4 < after - before < 5


def test_memory_is_read_as_the_kernel_tells_it() -> None:
    data = bytearray(os.urandom(1 << 20) * 100)
    sample = meter.memory_now()
    assert sample is not None
    assert sample.own > len(data)


def test_elsewhere_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "_resident", lambda pid: None)
    monkeypatch.setattr(meter, "processor_seconds", lambda: None)
    monkeypatch.setattr("publish.record.processor_seconds", lambda: None)
    watch = MemoryWatch()
    record = Record(time.perf_counter, watch)
    with watch.watching(), record.stage("load"):
        pass
    assert watch.samples == []
    assert (record.costs["load"].cpu, record.costs["load"].memory) == (None, None)


def test_looking_takes_little_of_the_time() -> None:
    """However long it takes to look: the pause grows with it."""
    asked: list[float] = []

    def slow(at: float) -> Sample:
        asked.append(at)
        time.sleep(0.02)
        return Sample(at, 1, 0)

    with MemoryWatch(read=slow).watching():
        time.sleep(1.0)
    assert len(asked) <= 3


def test_a_stage_that_comes_twice_is_added_up() -> None:
    clock = iter(float(second) for second in range(100)).__next__
    record = Record(clock, MemoryWatch(clock, lambda at: Sample(at, int(at) * 10, 1)))
    for _ in range(2):
        with record.stage("load"):
            pass
    cost = record.costs["load"]
    assert cost.seconds == 6.0
    assert cost.memory is not None
    assert cost.memory > 10


def test_the_trace_is_in_the_trace_event_format() -> None:
    """https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU"""
    clock = iter(float(second) for second in range(100)).__next__
    record = Record(clock, MemoryWatch(clock, lambda at: Sample(at, 5_000_000, 2_000_000)))
    with record.stage("derive"), record.step("索引"):
        record.add(Span("make_table", "task", 1.0, 1.5, 4242))
    trace = json.loads(record.trace())
    events = trace["traceEvents"]
    spans = {event["name"]: event for event in events if event["ph"] == "X"}
    assert set(spans) == {"derive", "索引", "make_table"}
    outer, inner = spans["derive"], spans["索引"]
    assert outer["ts"] <= inner["ts"]
    assert inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"]
    assert (spans["make_table"]["tid"], spans["make_table"]["dur"]) == (4242, 500_000)
    assert spans["make_table"]["pid"] == outer["pid"] == outer["tid"] == os.getpid()
    (memory,) = [event for event in events if event["ph"] == "C"]
    assert memory["args"] == {"build": 5, "workers": 2}
    names = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert names == {os.getpid(): "build", 4242: "worker 1"}
    assert all(isinstance(event.get("ts", 0), int) and event.get("dur", 0) >= 0 for event in events)
    assert json.loads(Record(clock).trace())["traceEvents"]


def test_a_watched_executor_gives_what_the_other_gives() -> None:
    told: list[tuple[str, int]] = []
    given: list[int] = []
    for workers in (1, 2):
        with make_executor(workers) as inner:
            executor = WatchedExecutor(
                inner, lambda: given.append(1), lambda _, name, begin, end, process: told.append((name, process))
            )
            assert list(executor.map(divmod, [7, 8], [2, 3])) == [(3, 1), (2, 2)]
            with pytest.raises(ZeroDivisionError):
                executor.submit(divmod, 1, 0).result()
    assert [name for name, _ in told] == ["divmod"] * 4
    assert len(given) == 6
    assert len({process for _, process in told}) >= 2


def test_a_cancelled_task_is_cancelled_inside_too() -> None:
    class Never(SerialExecutor):
        inner: Future[object]

        def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
            self.inner = Future()
            return self.inner

    never = Never()
    executor = WatchedExecutor(never, lambda: None, lambda *_: None)
    outer = executor.submit(max, 1, 2)
    assert outer.cancel()
    assert never.inner.cancelled()
    outer = executor.submit(max, 1, 2)
    never.inner.cancel()
    with pytest.raises(CancelledError):
        outer.result(timeout=5)


def test_a_task_that_runs_is_not_cancelled() -> None:
    """Whoever cannot take it back waits for it."""
    running, go_on = Event(), Event()

    def task() -> str:
        running.set()
        assert go_on.wait(60)
        return "done"

    with ThreadPoolExecutor(1) as pool:
        watched = WatchedExecutor(pool, lambda: None, lambda *told: None)
        first, second = watched.submit(task), watched.submit(task)
        assert running.wait(60)
        assert not first.cancel()
        assert second.cancel()
        go_on.set()
        assert first.result(60) == "done"
    assert second.cancelled()


def test_the_serial_executor_hands_errors_on() -> None:
    with make_executor(1) as executor:
        assert isinstance(executor, SerialExecutor)
        assert executor.submit(max, 1, 2).result() == 2
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 1, 0).result()


def test_processes_are_found_in_proc() -> None:
    assert Path("/proc/self/smaps_rollup").exists(), "else the tests above say nothing"

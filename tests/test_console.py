"""Progress: plain lines in a log, a bar on a terminal; what each stage took; the tables of the command line."""

import io
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from threading import Thread

import pytest
from rich.console import Console

from publish.console import ConsoleProgress, cost_lines, release_lines
from publish.executors import SerialExecutor
from publish.model.report import ReleaseEntry, StageCost


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=120), text


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Later(Executor):
    """Does its one call when it is told to."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.future: Future[object] = Future()
        self.end = lambda: self.future.set_result(fn(*args, **kwargs))
        return self.future


def test_a_log_gets_plain_lines() -> None:
    screen, text = console(terminal=False)
    clock = Time()
    progress = ConsoleProgress(screen, clock)
    with progress.stage("render"):
        progress.expect(200_000)
        for _ in range(4):
            clock.now += 2
            progress.advance(50_000)
    assert text.getvalue().splitlines() == [
        "  render: 50000 of 200000 files, 25000/s, 6 s left",
        "  render: 100000 of 200000 files, 25000/s, 4 s left",
        "  render: 150000 of 200000 files, 25000/s, 2 s left",
        "  render: 200000 of 200000 files, 25000/s, 0 s left",
        "render: 8.00 s, 200000 files",
    ]
    assert progress.seconds == {"render": 8.0}


def test_slow_work_is_told_every_ten_seconds_however_little_it_is() -> None:
    screen, text = console(terminal=False)
    clock = Time()
    progress = ConsoleProgress(screen, clock)
    with progress.stage("scan"), progress.step("private values"):
        progress.expect(6, "fields")
        for _ in range(6):
            clock.now += 4
            progress.advance(1)
    assert text.getvalue().splitlines() == [
        "  scan: private values: 3 of 6 fields, 0.2/s, 12 s left",
        "  scan: private values: 6 of 6 fields, 0.2/s, 0 s left",
        "  scan: private values: 24.00 s, 6 fields, 0.2/s",
        "scan: 24.00 s, 6 fields",
    ]


def test_tasks_are_counted_where_nothing_else_is() -> None:
    screen, text = console(terminal=False)
    clock = Time()
    progress = ConsoleProgress(screen, clock)
    executor = progress.watched(SerialExecutor())

    def work() -> None:
        clock.now += 11

    with progress.stage("derive"):
        with progress.step("search index"):
            executor.submit(work).result()
            executor.submit(work).result()
        with progress.step("other"):
            progress.expect(5, "rows")
            executor.submit(work).result()
    assert text.getvalue().splitlines() == [
        "  derive: search index: 1 of 1 tasks, 0.1/s, 0 s left",
        "  derive: search index: 2 of 2 tasks, 0.1/s, 0 s left",
        "  derive: search index: 22.00 s, 2 tasks, 0.1/s",
        "  derive: other: 11.00 s",
        "derive: 33.00 s",
    ]
    assert [span.name for span in progress.record.spans if span.kind == "task"] == ["work"] * 3


def test_tasks_of_others_are_not_counted_as_a_steps_own() -> None:
    screen, text = console(terminal=False)
    clock = Time()
    progress = ConsoleProgress(screen, clock)
    one, another = Later(), Later()
    with progress.stage("render"):
        progress.expect(100)
        before = progress.watched(one).submit(max, 1, 2)
        with progress.step("data files"):
            beside = Thread(target=progress.watched(SerialExecutor()).submit, args=(max, 1, 2))
            beside.start()
            beside.join()
            own = progress.watched(another).submit(max, 1, 2)
            clock.now += 11
            one.end()
            another.end()
    assert before.result() == own.result() == 2
    assert text.getvalue().splitlines() == [
        "  render: data files: 1 of 1 tasks, 0.1/s, 0 s left",
        "  render: data files: 11.00 s, 1 tasks, 0.1/s",
        "render: 11.00 s",
    ]


def test_a_terminal_gets_a_bar() -> None:
    screen, text = console(terminal=True)
    clock = Time()
    progress = ConsoleProgress(screen, clock)
    with progress.stage("render"), progress.step("pages"):
        progress.expect(10)
        clock.now += 2
        progress.advance(10)
    shown = text.getvalue()
    for part in ("━", "10/10", "files 5.0/s", "render: pages"):
        assert part in shown


def test_a_failed_stage_leaves_no_bar_behind() -> None:
    for terminal in (True, False):
        screen, _ = console(terminal=terminal)
        progress = ConsoleProgress(screen)
        with pytest.raises(ValueError), progress.stage("load"), progress.step("x"):
            raise ValueError("x")
        with progress.stage("load"):
            progress.advance(1)
        assert list(progress.seconds) == ["load"]


def test_out_of_any_stage_nothing_is_shown() -> None:
    screen, text = console(terminal=False)
    progress = ConsoleProgress(screen)
    progress.expect(3)
    progress.advance(3)
    assert progress.watched(SerialExecutor()).submit(max, 1, 2).result() == 2
    progress.note("[told] 1")
    assert text.getvalue() == "[told] 1\n"


def test_a_clock_of_any_kind() -> None:
    ticks: Callable[[], float] = map(float, count()).__next__
    progress = ConsoleProgress(console(terminal=False)[0], ticks)
    with progress.stage("load"):
        pass
    assert progress.seconds["load"] > 0


def test_the_table_of_costs() -> None:
    costs = [StageCost("load", 1.0, 0.5, 80_000_000), StageCost("render", 2.25, 4.0, 1_234_000_000)]
    assert list(cost_lines(costs)) == [
        "stage        seconds     CPU s   peak MB",
        "load            1.00      0.50        80",
        "render          2.25      4.00      1234",
        "all             3.25      4.50      1234",
    ]
    *_, last, note = cost_lines([replace(cost, cpu=None, memory=None) for cost in costs])
    assert last == "all             3.25         -         -"
    assert "Linux only" in note


def test_the_table_of_releases() -> None:
    live = ReleaseEntry(
        *("2026-05-02-aaaaaaaaaaaa", date(2026, 5, 2), True, False, True, None, 63, 1000, 2, 1.5, 80_000_000)
    )
    until = datetime(2026, 5, 2, 3, 4, tzinfo=UTC)
    before = replace(live, live=False, before=True, until=until, files=None, bytes=None, published=None)
    head, first, second, third = release_lines([before, live, replace(live, live=False, was_live=False)])
    assert head.split() == ["release", "day", "records", "files", "bytes", "live"]
    assert first.endswith("-  until 2026-05-02 03:04 UTC, the one before")
    assert second.split()[1:] == ["2026-05-02", "2", "63", "1000", "live"]
    assert third.endswith("  never")

"""Progress: plain lines in a log, a bar on a terminal; seconds per stage."""

import io
from itertools import count

import pytest
from rich.console import Console

from publish.console import ConsoleProgress
from publish.executors import SerialExecutor, make_executor


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=80), text


def test_a_log_gets_plain_lines() -> None:
    screen, text = console(terminal=False)
    ticks = count()
    progress = ConsoleProgress(screen, clock=lambda: float(next(ticks)))
    with progress.stage("render"):
        progress.expect(200_000)
        for _ in range(4):
            progress.advance(50_000)
    assert text.getvalue().splitlines() == [
        "  50000 of 200000", "  100000 of 200000", "  150000 of 200000", "  200000 of 200000",
        "render: 1.00 s, 200000 files",
    ]  # fmt: skip
    assert progress.seconds == {"render": 1.0}


def test_a_terminal_gets_a_bar() -> None:
    screen, text = console(terminal=True)
    progress = ConsoleProgress(screen)
    with progress.stage("render"):
        progress.expect(10)
        progress.advance(10)
    assert "━" in text.getvalue()
    assert "10/10" in text.getvalue()


def test_a_failed_stage_leaves_no_bar_behind() -> None:
    screen, _ = console(terminal=True)
    progress = ConsoleProgress(screen)
    with pytest.raises(ValueError), progress.stage("load"):
        raise ValueError("x")
    with progress.stage("load"):
        pass
    assert list(progress.seconds) == ["load"]


def test_the_serial_executor_hands_errors_on() -> None:
    with make_executor(1) as executor:
        assert isinstance(executor, SerialExecutor)
        assert executor.submit(max, 1, 2).result() == 2
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 1, 0).result()


def test_two_workers_are_processes() -> None:
    with make_executor(2) as executor:
        assert executor.submit(max, 1, 2).result() == 2

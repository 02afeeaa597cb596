"""How the command line shows progress and reports: a bar on a terminal, plain lines in a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from publish.model.report import BuildReport

Clock = Callable[[], float]


class ConsoleProgress:
    """publish.model.report.Progress on a terminal or in a log. `seconds` holds the stages done so far."""

    def __init__(self, console: Console, clock: Clock = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console
        self._clock = clock
        self._bar: Bar | None = None
        self._expected = 0
        self._done = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times a stage; shows a bar while it runs if this is a terminal."""
        started = self._clock()
        self._expected = self._done = 0
        try:
            if self._console.is_terminal:
                with self._new_bar() as self._bar:
                    self._bar.add_task(name, total=None)
                    yield
            else:
                yield
        finally:
            self._bar = None
        self.seconds[name] = self.seconds.get(name, 0.0) + self._clock() - started
        rate = f", {self._done} files" if self._done else ""
        self._console.print(f"{name}: {self.seconds[name]:.2f} s{rate}", highlight=False)

    def expect(self, total: int) -> None:
        """How many steps the present stage has."""
        self._expected = total
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[-1], total=total)

    def advance(self, count: int) -> None:
        """So many steps are done; in a log a line about every tenth."""
        tenth = max(1, self._expected // 10)
        before, self._done = self._done // tenth, self._done + count
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[-1], count)
        elif self._expected >= 100_000 and self._done // tenth > before:
            self._console.print(f"  {self._done} of {self._expected}", highlight=False)

    def _new_bar(self) -> Bar:
        return Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )


def report_lines(report: BuildReport) -> Iterator[str]:
    """The report of a build, for people."""
    records = report.records
    yield f"as of {report.as_of}: release {report.release}"
    yield f"packages: {records.packages}, records in: {records.records}, published: {records.published}"
    yield f"withheld: {sum(records.withheld.values())}"
    for rule, count in sorted(records.withheld.items()):
        yield f"  {rule}: {count}"
    ended = ", ".join(f"{reason} {count}" for reason, count in sorted(records.exited.items())) or "none"
    yield (
        f"expired: {records.expired}, ended by an event: {ended}; not yet begun: {records.pending}, "
        f"suspended: {records.suspended}, exit notices: {records.exits}"
    )
    if records.duties:
        yield "deadlines: " + ", ".join(f"{state} {count}" for state, count in sorted(records.duties.items()))
    pages = ", ".join(f"{name} {count}" for name, count in report.pages.items() if count)
    yield f"pages: {sum(report.pages.values())} ({pages})"
    yield f"scan: none of {report.private_values} private values is in any byte of the release"
    yield f"files: {report.files}, of which shared with the last release: {report.linked}; bytes: {report.bytes}"

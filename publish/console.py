"""How the command line shows progress and reports: a bar on a terminal, plain lines in a log."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from publish.executors import WatchedExecutor
from publish.meter import MemoryWatch
from publish.model.report import BuildReport, NoProgress, ReleaseEntry, StageCost
from publish.record import Record, Span

Clock = Callable[[], float]

_QUIET = 10.0  # seconds after which a log hears how far it is
_LONG = 1.0  # seconds from which on a finished step is worth a line
_TASKS = "tasks"


@dataclass(slots=True)
class _Work:
    """A stage or step that runs: how much of it is done, and when the log last heard of it. `total` 0: not known.
    `thread`: the one that began it."""

    name: str
    begun: float
    told: float
    unit: str = ""
    total: int = 0
    done: int = 0
    thread: int = field(default_factory=threading.get_ident)


class ConsoleProgress:
    """publish.model.report.Progress on a terminal or in a log. `record` has what was measured.

    Where a step does not say itself what it expects, the tasks are counted that its own thread hands to a watched
    executor while it runs: neither those of a thread beside it nor those that were handed out before.
    """

    def __init__(self, console: Console, clock: Clock = time.perf_counter, watch: MemoryWatch | None = None) -> None:
        self.record = Record(clock, watch)
        self._console = console
        self._clock = clock
        self._bar: Bar | None = None
        self._works: list[_Work] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.RLock()  # tasks are done in other threads

    @property
    def seconds(self) -> dict[str, float]:
        """How long each stage took."""
        return {name: cost.seconds for name, cost in self.record.costs.items()}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measures a stage; shows a bar while it runs if this is a terminal."""
        self._counts.clear()
        with self.record.stage(name):
            if self._console.is_terminal:
                with self._new_bar() as self._bar:
                    try:
                        with self._work(name):
                            yield
                    finally:
                        self._bar = None
            else:
                with self._work(name):
                    yield
        counts = "".join(f", {count} {unit}" for unit, count in self._counts.items() if unit != _TASKS)
        self._print(f"{name}: {self.seconds[name]:.2f} s{counts}")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measures a part of a stage; a log gets a line if it was long."""
        with self._work(name) as work, self.record.step(name):
            yield
        seconds = self._clock() - work.begun
        if seconds >= _LONG and not self._console.is_terminal:
            counts = f", {work.done} {work.unit}, {_rate(work.done / seconds)}" if work.done else ""
            self._print(f"  {work.name}: {seconds:.2f} s{counts}")

    def expect(self, total: int, unit: str = "files") -> None:
        """What the present step, or stage, has to do."""
        with self._lock:
            if self._works:
                work = self._works[-1]
                work.total, work.unit, work.done, work.begun = total, unit, 0, self._clock()
                self._show(work)

    def advance(self, count: int) -> None:
        """So much is done; a log gets a line after every tenth of much work, and when it heard nothing for long."""
        with self._lock:
            if not self._works:
                return
            work, now = self._works[-1], self._clock()
            tenth = max(1, work.total // 10)
            before, work.done = work.done // tenth, work.done + count
            self._counts[work.unit or "files"] += count
            if self._bar is not None:
                self._show(work)
            elif (work.total >= 100_000 and work.done // tenth > before) or now - work.told >= _QUIET:
                work.told = now
                self._print("  " + _how_far(work, now))

    def note(self, text: str) -> None:
        """Something that whoever waits should know."""
        self._print(text)

    def aside(self) -> "_Aside":
        """For a thread that works beside the present step."""
        return _Aside(self)

    def watched(self, executor: Executor) -> Executor:
        """The same executor, whose tasks are recorded, and counted where nothing else is."""
        return WatchedExecutor(executor, self._given, self._task_done)

    @contextmanager
    def step_aside(self, name: str) -> Iterator[None]:
        """Measures what this thread does beside the present step; a log gets a line if it was long."""
        begun = self._clock()
        with self.record.step(name, threading.get_native_id()):
            yield
        seconds = self._clock() - begun
        if seconds >= _LONG and not self._console.is_terminal:
            self._print(f"  beside, {name}: {seconds:.2f} s")

    def _given(self) -> _Work | None:
        """The step, or stage, that a task is counted for."""
        with self._lock:
            work = self._works[-1] if self._works else None
            if work is None or work.unit not in ("", _TASKS) or work.thread != threading.get_ident():
                return None
            work.unit = _TASKS
            work.total += 1
            self._show(work)
            return work

    def _task_done(self, counted: object, name: str, begin: float, end: float, process: int) -> None:
        self.record.add(Span(name, "task", begin, end, process))
        with self._lock:
            if counted is not None and self._works and self._works[-1] is counted and self._works[-1].unit == _TASKS:
                self.advance(1)

    @contextmanager
    def _work(self, name: str) -> Iterator[_Work]:
        whole = f"{self._works[0].name}: {name}" if self._works else name
        now = self._clock()
        work = _Work(whole, now, now)
        with self._lock:
            self._works.append(work)
            self._show(work)
        try:
            yield work
        finally:
            with self._lock:
                if self._bar is not None:
                    self._bar.refresh()  # its end, before the next takes its place
                self._works.remove(work)
                if self._works:
                    self._works[-1].told = self._clock()
                    self._show(self._works[-1])

    def _show(self, work: _Work) -> None:
        """Let the bar show this work; a new task for each, since the bar tells its rate and what remains."""
        if self._bar is None:
            return
        same = self._bar.tasks and self._bar.tasks[-1].fields.get("work") is work
        if not same:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(work.name, total=None, work=work, rate="")
        rate = _rate(work.done / max(self._clock() - work.begun, 0.001)) if work.done else ""
        task = self._bar.task_ids[-1]
        self._bar.update(task, total=work.total or None, completed=work.done, rate=f"{work.unit} {rate}".strip())

    def _new_bar(self) -> Bar:
        return Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


class _Aside(NoProgress):
    """What `ConsoleProgress.aside` gives."""

    def __init__(self, main: ConsoleProgress) -> None:
        self._main = main

    def step(self, name: str) -> AbstractContextManager[None]:
        return self._main.step_aside(name)

    def note(self, text: str) -> None:
        self._main.note(text)


def _how_far(work: _Work, now: float) -> str:
    spent = max(now - work.begun, 0.001)
    rate = work.done / spent
    if not work.total:
        return f"{work.name}: {work.done} done, {_rate(rate)}"
    left = max(0, work.total - work.done) / rate if rate else 0.0
    return f"{work.name}: {work.done} of {work.total} {work.unit}, {_rate(rate)}, {left:.0f} s left"


def _rate(rate: float) -> str:
    return f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s"


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
    if report.put_aside:
        yield f"old releases being removed: {', '.join(report.put_aside)}"


def cost_lines(costs: Sequence[StageCost]) -> Iterator[str]:
    """What the stages of a build took, as a table with a last line for all."""
    known = any(cost.memory is not None for cost in costs)
    yield f"{'stage':<10}{'seconds':>10}{'CPU s':>10}{'peak MB':>10}"
    for cost in costs:
        yield _cost_line(cost.name, cost.seconds, cost.cpu, cost.memory)
    cpu = None if any(cost.cpu is None for cost in costs) else sum(cost.cpu or 0.0 for cost in costs)
    peak = max((cost.memory for cost in costs if cost.memory is not None), default=None)
    yield _cost_line("all", sum(cost.seconds for cost in costs), cpu, peak)
    if not known:
        yield "processor time and memory of all processes are measured on Linux only"


def _cost_line(name: str, seconds: float, cpu: float | None, memory: int | None) -> str:
    cells = f"{cpu:.2f}" if cpu is not None else "-", f"{memory / 1e6:.0f}" if memory is not None else "-"
    return f"{name:<10}{seconds:>10.2f}{cells[0]:>10}{cells[1]:>10}"


def release_lines(entries: Sequence[ReleaseEntry]) -> Iterator[str]:
    """The releases, as a table: which one is live, which was before it, until when the others were."""
    yield _release_line("release", "day", "records", "files", "bytes", "live")
    for entry in entries:
        mark = "live" if entry.live else f"until {entry.until:%Y-%m-%d %H:%M} UTC" if entry.until else "never"
        numbers = [str(number) if number is not None else "-" for number in (entry.published, entry.files, entry.bytes)]
        yield _release_line(
            entry.name, str(entry.as_of), *numbers, f"{mark}{', the one before' if entry.before else ''}"
        )


def _release_line(*cells: str) -> str:
    name, day, records, files, size, mark = cells
    return f"{name:<25}{day:<12}{records:>9}{files:>10}{size:>14}  {mark}"

"""What happened in a build and when: spans of time, what each stage took, and all of it as a trace."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from publish.meter import MemoryWatch, processor_seconds
from publish.model.report import StageCost

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Span:
    """What took from `begin` to `end` (seconds of one clock). `kind`: stage, step or task; `process`: its id, or the
    number of a thread of the build's own that did it beside others."""

    name: str
    kind: str
    begin: float
    end: float
    process: int


class Record:
    """Spans of a build, and the cost of its stages; memory where there is a watch."""

    def __init__(self, clock: Clock, watch: MemoryWatch | None = None) -> None:
        self.spans: list[Span] = []
        self.costs: dict[str, StageCost] = {}
        self._clock = clock
        self._watch = watch
        self._lock = threading.Lock()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measures a stage; one of a name that was there before is added to it."""
        begin, before = self._clock(), processor_seconds()
        try:
            yield
        finally:
            if self._watch is not None:
                self._watch.look()  # so that the shortest stage has a sample
            end, after = self._clock(), processor_seconds()
            self.add(Span(name, "stage", begin, end, os.getpid()))
            cpu = None if before is None or after is None else max(0.0, after - before)
            peak = self._watch.peak(begin) if self._watch is not None else None
            cost = StageCost(name, end - begin, cpu, peak)
            self.costs[name] = _sum(self.costs[name], cost) if name in self.costs else cost

    @contextmanager
    def step(self, name: str, thread: int | None = None) -> Iterator[None]:
        """Measures a part of a stage, or what a thread of that number does beside it."""
        begin = self._clock()
        try:
            yield
        finally:
            self.add(Span(name, "step", begin, self._clock(), thread or os.getpid()))

    def add(self, span: Span) -> None:
        """One more span, from any thread."""
        with self._lock:
            self.spans.append(span)

    def trace(self) -> str:
        """Everything as JSON in the trace event format, which Perfetto and chrome://tracing open.

        `X` events are spans (microseconds), `C` events samples of memory (MB). Processes are rows of one process,
        since what they do is one build.
        """
        main = os.getpid()
        samples = list(self._watch.samples) if self._watch is not None else []
        zero = min([span.begin for span in self.spans] + [sample.at for sample in samples], default=0.0)
        events: list[dict[str, object]] = [_named("process_name", main, main, "gongshi build")]
        asides = {span.process for span in self.spans if span.kind == "step"} - {main}
        workers = {span.process for span in self.spans} - asides - {main}
        events.append(_named("thread_name", main, main, "build"))
        events += [_named("thread_name", main, one, f"worker {place}") for place, one in enumerate(sorted(workers), 1)]
        events += [
            _named("thread_name", main, one, f"build, beside {place}") for place, one in enumerate(sorted(asides), 1)
        ]
        for span in sorted(self.spans, key=lambda span: (span.begin, -span.end)):
            times = {"ts": _micro(span.begin - zero), "dur": _micro(span.end - span.begin)}
            events.append({"ph": "X", "name": span.name, "cat": span.kind, "pid": main, "tid": span.process, **times})
        for sample in samples:
            values = {"build": sample.own // 1_000_000, "workers": sample.others // 1_000_000}
            at = _micro(sample.at - zero)
            events.append({"ph": "C", "name": "memory (MB, resident)", "pid": main, "ts": at, "args": values})
        return json.dumps({"displayTimeUnit": "ms", "traceEvents": events}, ensure_ascii=False)


def _named(what: str, process: int, thread: int, name: str) -> dict[str, object]:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}}


def _micro(seconds: float) -> int:
    return max(0, round(seconds * 1_000_000))


def _sum(first: StageCost, second: StageCost) -> StageCost:
    cpu = None if first.cpu is None or second.cpu is None else first.cpu + second.cpu
    peaks = [peak for peak in (first.memory, second.memory) if peak is not None]
    return StageCost(first.name, first.seconds + second.seconds, cpu, max(peaks, default=None))

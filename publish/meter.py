"""What this process and its workers take together: memory and processor time, as Linux tells them in /proc.

Memory is what is resident in each of them, added up. Pages that they share (libraries, mapped files) count in each, so
that it is never told to be less than it is. Elsewhere nothing is measured, and who asks is told None.
"""

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# Finding all processes takes some milliseconds where there are many threads: at most so small a share of the time.
# (PSS would count each page once; the kernel looks at all of them for that, 25 ms a GB, while the process waits.)
_LEAST_PAUSE = 0.1
_SHARE = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """Memory at a moment: `at` by the clock of the watch, bytes of this process and of all its descendants."""

    at: float
    own: int
    others: int


def memory_now(at: float = 0.0) -> Sample | None:
    """Memory of this process and its descendants; None where the system does not tell it."""
    own = _resident(os.getpid())
    return None if own is None else Sample(at, own, sum(_resident(pid) or 0 for pid in descendants()))


def processor_seconds() -> float | None:
    """Seconds of processor that this process, its descendants and those it has waited for have used so far."""
    times = os.times()
    if not Path("/proc/self/stat").exists():
        return None
    return sum(times[:4]) + sum(map(_processor_seconds, descendants()))


def descendants(pid: int | None = None) -> Iterator[int]:
    """Processes that this one (or `pid`) has started, and theirs. Empty where the system does not tell them."""
    with suppress(OSError):
        for thread in Path(f"/proc/{pid or os.getpid()}/task").iterdir():
            with suppress(OSError):
                for child in map(int, (thread / "children").read_text().split()):
                    yield child
                    yield from descendants(child)


class MemoryWatch:
    """Takes samples of memory in a thread of its own, from `watching` on. `samples` rise in time."""

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        read: Callable[[float], Sample | None] = memory_now,
    ) -> None:
        self.samples: list[Sample] = []
        self._clock = clock
        self._read = read
        self._ended = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Samples are taken while the context lasts."""
        thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def look(self) -> float:
        """Take a sample now; returns the seconds that it took."""
        with self._lock:
            at = self._clock()
            sample = self._read(at)
            if sample is not None:
                self.samples.append(sample)
            return self._clock() - at

    def peak(self, begin: float) -> int | None:
        """The most bytes of any sample since `begin`; None if there is none."""
        first = bisect_left(self.samples, begin, key=lambda sample: sample.at)
        return max((sample.own + sample.others for sample in self.samples[first:]), default=None)

    def _watch(self) -> None:
        pause = 0.0
        while not self._ended.wait(pause):
            pause = max(_LEAST_PAUSE, _SHARE * self.look())


def _resident(pid: int) -> int | None:
    """Bytes; proc_pid_status(5)."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None


def _processor_seconds(pid: int) -> float:
    """Of a process and the children that it has waited for; fields 14 to 17 of proc_pid_stat(5)."""
    with suppress(OSError, ValueError, IndexError):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0

"""Memory of a process and its children together: PSS, which counts a shared page once among those that share it."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def watching(pid: int | None = None, every: float = 0.1) -> Iterator[list[int]]:
    """A list that gets the memory of a process (this one) and its children, in MB, again and again.

    Reading it makes the process wait where it is large, so nine tenths of the time go by between two looks, and
    `every` seconds at least.
    """
    seen, ended = [0], threading.Event()

    def watch() -> None:
        pause = 0.0
        while not ended.wait(pause):
            begun = time.perf_counter()
            seen.append(pss_of_tree(pid))
            pause = max(every, 9 * (time.perf_counter() - begun))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def pss_of_tree(pid: int | None = None) -> int:
    """MB of a process (this one) and its children now; 0 if it has ended."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    members = {pid or os.getpid()}
    while more := {child for child, parent in parents.items() if parent in members} - members:
        members |= more
    return sum(_pss(member) for member in members) * 1024 // 1_000_000


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0

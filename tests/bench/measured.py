"""A program as a user runs it: its seconds, CPU seconds and memory with all its processes; and the machine."""

import os
import platform
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench.memory import watching


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond which a program is ended."""

    seconds: int
    mb: int


@dataclass(frozen=True, slots=True)
class Run:
    """A program that has ended: `cpu_seconds` are user and system of it and its children, `peak_mb` PSS, sampled."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    code: int
    out: str
    err: str

    def figures(self) -> dict[str, Any]:
        """What is told of it."""
        return {
            "seconds": round(self.seconds, 2),
            "cpu_seconds": round(self.cpu_seconds, 2),
            "peak_mb": self.peak_mb,
        }

    def needed(self) -> "Run":
        """Itself; raises RuntimeError with the end of what it said if it has failed."""
        if self.code:
            raise RuntimeError(f"a program ended with {self.code}: {(self.err or self.out)[-2000:]}")
        return self


def run(
    command: Sequence[str | Path],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Run:
    """Run it to its end, `env` added to the environment; raises RuntimeError beyond `limits`. Children that it does not
    wait for itself are not counted. Python keeps what it has compiled, as it does unless it is told otherwise."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with (
        subprocess.Popen(
            command,
            cwd=cwd,
            env={**inherited, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=limits is not None,
        ) as process,
        watching(process.pid, every=0.02) as peak,
    ):
        out, err = process.communicate() if limits is None else _within(limits, process, peak)
        seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, max(peak), process.returncode, out, err)


def _within(limits: Limits, process: subprocess.Popen[str], peak: Sequence[int]) -> tuple[str, str]:
    """What it has said when it has ended. Beyond the limits it is ended with all that it has started."""
    begun = time.perf_counter()
    while True:
        try:
            return process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            reason = "seconds" if time.perf_counter() - begun > limits.seconds else ""
            reason = "MB" if max(peak) > limits.mb else reason
            if reason:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                most = limits.mb if reason == "MB" else limits.seconds
                raise RuntimeError(f"it took more than {most} {reason}") from None


def machine() -> dict[str, Any]:
    """What figures depend on. `load` is that of the minute before."""
    return {
        "cpu": _value("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int((_value("/proc/meminfo", "MemTotal") or "0").split()[0]) / 1024**2),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "load": round(os.getloadavg()[0], 1),
    }


def versions(*names: str) -> dict[str, str]:
    """Of Python and of installed distributions."""
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def ratio(one: float, other: float) -> float:
    """How many times `other` is in `one`; never a division by nothing."""
    return round(one / max(other, 0.01), 2)


def _value(path: str, name: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name), None)

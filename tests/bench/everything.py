"""Every bench at one size, in one run: `make bench`, `make bench SIZE=1000000`.

    python -m tests.bench.everything --size 100000

Each script runs in a process of its own, one after the other, with its own flag for the size; what would take hours or
tens of GB is capped, and the run says so. Results go as JSON lines into `bench-results/<date>.jsonl` (not in the
repository), one line a script with the machine and the versions; a table for docs/performance-log.md is printed at
the end.
A script that fails is told, the others run all the same, and the exit code is 1.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from tests.bench.city import ROOT
from tests.bench.measured import machine, versions
from tests.bench.summaries import table

RESULTS: Final = ROOT / "bench-results"
_PACKAGES: Final = ("polars", "jinja2", "numpy", "frictionless")


@dataclass(frozen=True, slots=True)
class Step:
    """A script: `flags` of a size; `cap` is the largest size it is run with here, `why` the reason."""

    name: str
    flags: Callable[[int], Sequence[str]]
    cap: int | None = None
    why: str = ""

    def size(self, wanted: int) -> int:
        """The size that it is run with."""
        return wanted if self.cap is None else min(wanted, self.cap)

    def arguments(self, wanted: int) -> list[str]:
        """What stands after `python -m`."""
        return [f"tests.bench.bench_{self.name}", *self.flags(self.size(wanted))]


def _flag(name: str) -> Callable[[int], Sequence[str]]:
    return lambda size: (name, str(size))


# The whole builds first: what they leave in the page cache helps nobody after them.
STEPS: Final = (
    Step("build", _flag("--rows")),
    Step("validate", _flag("--rows"), 100_000, "frictionless checks row by row, and the table is made so too"),
    Step("disclose", lambda size: ("--rows", str(size), "--events", str(max(4, size // 50)))),
    Step("render", _flag("--rows"), 100_000, "plain Jinja renders every page too, and all of them stay in memory"),
    Step("listings", _flag("--rows"), 100_000, "all pages' HTML is made in one process"),
    Step("night_pages", _flag("--rows"), 100_000, "all rows' pages are looked up in one process"),
    Step("downloads", lambda size: (str(size), "20")),
    Step("scan", _flag("--records")),
    Step("release", _flag("--files")),
    Step("qr", _flag("--codes")),
    Step("search", _flag("--rows")),
    Step("search_browser", _flag("--rows"), 100_000, "each query is waited for, twice"),
    Step("search_peers", _flag("--rows"), 20_000, "Pagefind takes 10 GB for 100,000 rows"),
    Step("cluster", _flag("--tasks"), 2_000, "what a task costs is the same for any number"),
    Step(
        "pages_peers",
        lambda size: ("--rows", str(size), "--same-site"),
        10_000,
        "the other generators read and write a file for each page",
    ),
)


def main(steps: Sequence[Step] = STEPS, results: Path = RESULTS) -> None:
    """Run them, print, store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000, help="rows, records, pages, files: what a script counts")
    parser.add_argument("--only", nargs="*", default=[step.name for step in steps], help="names of scripts")
    wanted = parser.parse_args()
    results.mkdir(exist_ok=True)
    path = results / f"{date.today().isoformat()}.jsonl"
    lines = []
    for step in steps:
        if step.name in wanted.only:
            lines.append(line_of(step, wanted.size))
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(lines[-1], ensure_ascii=False) + "\n")
    print("\n" + "\n".join(table(lines)) + f"\n\n{len(lines)} results are in {results.name}/{path.name}")
    failed = [line["bench"] for line in lines if line["code"]]
    if failed:
        raise SystemExit(f"FAILED: {', '.join(failed)}")


def line_of(step: Step, wanted: int) -> dict[str, Any]:
    """Run a script, and make a line of what it told."""
    arguments = step.arguments(wanted)
    command = f"python -m {' '.join(arguments)}"
    capped = f"at most {step.cap}: {step.why}" if step.size(wanted) < wanted else None
    print(f"\n== {command}" + (f" (capped, {capped})" if capped else ""), flush=True)
    about = {"date": date.today().isoformat(), "bench": step.name, "command": command, "size": step.size(wanted)}
    about |= {"capped": capped, "commit": _commit(), "machine": machine(), "versions": versions(*_PACKAGES)}
    begun = time.perf_counter()
    said, code = _run(arguments)
    seconds = round(time.perf_counter() - begun, 1)
    if code:
        print(f"FAILED: {command} ended with {code}", flush=True)
    return about | {"seconds": seconds, "code": code, **figures_of(said)}


def figures_of(said: Sequence[str]) -> dict[str, Any]:
    """`figures`: the last line that is JSON; `lines`: what was said for people."""
    texts: list[str] = []
    figures = None
    for text in said:
        parsed = _parsed(text)
        if parsed is None:
            texts.append(text)
        else:
            figures = parsed
    return {"figures": figures, "lines": texts}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _run(arguments: Sequence[str]) -> tuple[list[str], int]:
    """What it printed, shown as it comes, and its exit code."""
    with subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        said = list(_shown(process))
    return said, process.returncode


def _shown(process: "subprocess.Popen[str]") -> Iterator[str]:
    for text in process.stdout or ():
        print(text, end="", flush=True)
        yield text.rstrip("\n")


def _commit() -> str | None:
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None


if __name__ == "__main__":
    main()

"""`build.py build` as a user runs it, with what it says of itself as figures."""

import re
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

from tests.bench.city import ROOT
from tests.bench.measured import run

# The program's own lines: on standard error a stage each, on standard output the report (publish/console.py).
_STAGE: Final = re.compile(r"^([a-z]+): (\d+\.\d+) s", re.MULTILINE)
_COST: Final = re.compile(r"^([a-z]+) +(\d+\.\d+) +(\d+\.\d+) ", re.MULTILINE)
_RECORDS: Final = re.compile(r"^packages: \d+, records in: (\d+), published: (\d+)$", re.MULTILINE)
_PAGES: Final = re.compile(r"^pages: (\d+) \((.*)\)$", re.MULTILINE)
_FILES: Final = re.compile(r"^files: (\d+), of which shared with the last release: (\d+); bytes: (\d+)$", re.MULTILINE)


def built(root: Path, out: Path, as_of: date, workers: int, key: Path | None = None) -> dict[str, Any]:
    """Build in a process of its own; `key`: the file of the secret. Raises RuntimeError if the build fails, or says
    anything in another way."""
    command: list[str | Path] = [sys.executable, ROOT / "build.py", "build", "--root", root, "--out", out]
    command += ["--key-file", key] if key else []
    done = run([*command, "--as-of", as_of.isoformat(), "--workers", str(workers)]).needed()
    return done.figures() | told(done.out, done.err)


def told(out: str, err: str) -> dict[str, Any]:
    """The figures of a report: seconds of stages, records, pages, files, bytes."""
    records, pages, files = (pattern.search(out) for pattern in (_RECORDS, _PAGES, _FILES))
    stages = {name: float(seconds) for name, seconds in _STAGE.findall(err)}
    if not (records and pages and files and stages):
        raise RuntimeError("the build does not report as this bench expects; see publish/console.py")
    sorts = (part.rsplit(" ", 1) for part in pages[2].split(", "))
    total, linked, size = map(int, files.groups())
    return {
        "stages": stages,
        "stage_cpu": {name: float(cpu) for name, _, cpu in _COST.findall(out) if name in stages},
        "records": int(records[1]),
        "public": int(records[2]),
        "pages": int(pages[1]),
        "pages_by_sort": {name: int(count) for name, count in sorts},
        "files": total,
        "linked": linked,
        "written": total - linked,
        "bytes": size,
    }

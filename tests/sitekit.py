"""Building whole sites in tests."""

import fcntl
import gzip
import hashlib
import io
import os
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from publish.executors import make_executor
from publish.model.report import BuildReport, NoProgress
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from publish.release.afterwards import waiting

SITES = Path(__file__).resolve().parent / "sites"
DEMO = SITES.parents[1]
DEMO_DAY = date(2026, 11, 20)


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it becomes true within ten seconds: what another process does."""
    for _ in range(200):
        if true():
            return True
        time.sleep(0.05)
    return False


class SilentProgress(NoProgress):
    """A progress that shows nothing."""


def build_site(root: Path, out: Path, as_of: date, *, workers: int = 1, **request: Any) -> BuildReport:
    """Build the site in `root` as the command line would, without printing."""
    with workers_of(workers) as executor:
        return build(Request(root, out, as_of, **request), executor, SilentProgress())


class Builds:
    """First builds of sites, in a folder of its own: where several tests begin with the same one, it is made once and
    copied for each, links and times as they are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reports: dict[bytes, tuple[Path, BuildReport]] = {}

    def copied(self, root: Path, out: Path, as_of: date, **request: Any) -> BuildReport:
        """As build_site into `out`, where nothing is yet. Not for builds that the test itself has changed."""
        assert not out.exists()
        digest = hashlib.sha256(repr((as_of, request)).encode())
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            digest.update(repr((str(path.relative_to(root)), path.read_bytes())).encode())
        key = digest.digest()
        if key not in self._reports:
            made = self._folder / str(len(self._reports))
            self._reports[key] = made, build_site(root, made, as_of, **request)
        made, report = self._reports[key]
        copy_build(made, out)
        return report


def copy_build(made: Path, out: Path) -> None:
    """Releases share their files by links, which `shutil` does not keep."""
    subprocess.run(["cp", "-a", "--", made, out], check=True)


def folder_of_all(own: Path) -> Path:
    """A folder for all processes of the tests. `own`: the base of pytest's temporary folders in this one."""
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def demo_of_all(own: Path) -> Path:
    """The output folder of the demo city as of DEMO_DAY, not to be changed: the first process that asks builds it."""
    folder = folder_of_all(own) / "demo-of-all"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (folder / "out/current").exists():
            build_site(DEMO, folder / "out", DEMO_DAY)
    return folder / "out"


@contextmanager
def workers_of(count: int) -> Iterator[Executor]:
    """As many workers as make_executor makes. Two are kept for whoever asks next: to begin them takes far longer than
    what most tests give them. What was given to them has ended in the end, as it has where they are shut down."""
    if count != 2:
        with make_executor(count) as executor:
            yield executor
        return
    kept = _two_workers()
    try:
        yield kept
    finally:
        while kept._pending_work_items:
            time.sleep(0.001)
        if kept._broken:
            _two_workers.cache_clear()


@cache
def _two_workers() -> ProcessPoolExecutor:
    executor = make_executor(2)
    assert isinstance(executor, ProcessPoolExecutor)
    return executor


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a release by path."""
    folder = folder.resolve()
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def everything_readable(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of all files under a folder, links not followed; packed formats unpacked too.

    What a build leaves to be removed in the background is waited for.
    """
    ended = time.monotonic() + 60
    while waiting(folder / "trash") and time.monotonic() < ended:
        time.sleep(0.02)
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield f"name of {name}", name.encode()
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        yield name, data
        yield from unpacked(name, data)


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is inside a packed file."""
    if data[:2] == b"\x1f\x8b":
        yield f"{name} (gzip)", gzip.decompress(data)
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield f"{name}/{member}", archive.read(member)
    if data[:4] == b"PAR1":
        frame = pl.read_parquet(io.BytesIO(data))
        texts = frame.cast(pl.String)  # days as they are written
        yield f"{name} (parquet)", "\n".join(map(str, [texts.columns, *texts.rows()])).encode()

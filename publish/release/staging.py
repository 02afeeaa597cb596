"""Writing a release: a folder beside the live one that becomes a release whole or not at all."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from publish.release.faults import disk_errors, writing_errors
from publish.release.layout import Layout, clear_staging, locked, take_away
from publish.release.manifest import Manifest
from publish.release.previous import load_previous
from publish.release.recycling import Spares
from publish.release.writing import Release

_ROOM = 1 << 35  # bytes that a release may need of which no earlier one tells its size


@contextmanager
def staged_release(
    out: Path,
    as_of: date,
    *,
    wait: bool = True,
    link: bool = True,
    durable: bool = True,
    waiting: Callable[[], None] = lambda: None,
    executor: Executor | None = None,
    spares: Spares | None = None,
    ahead: Future[tuple[str, Manifest] | None] | None = None,
) -> Iterator[Release]:
    """A new release in `out`. It exists once `finish` has been called; else, and on any error, nothing remains of it.

    Holds the folder's lock meanwhile: a second build waits, or without `wait` stops with `release.locked`; `waiting`
    is called before it waits. What killed builds left is put aside first. `link` False writes every file anew,
    for a previous release that is damaged. `durable` False leaves out the wait for the disk; for tests. `executor` runs
    what looks through all files: its workers see `out`. `spares`: old releases of which one may be used up. `ahead`:
    what `manifest_ahead` tells of `out`, begun before the lock is held.
    """
    layout = Layout(out.absolute())
    with locked(layout, wait=wait, waiting=waiting):
        folder = layout.staging / secrets.token_hex(8)
        previous = load_previous(layout, executor, ahead.result() if ahead is not None else None) if link else None
        clear_staging(layout, previous.size if previous is not None else _ROOM)
        with disk_errors("making a staging folder"):
            folder.mkdir(parents=True)
        if previous is not None:
            previous.begin()
            previous.read_ahead("data/")  # most of their lines are copied
        release = Release(folder, layout, as_of, previous, durable, executor, spares)
        try:
            with writing_errors("working in the output folder"):
                yield release
        finally:
            release.close()
            with suppress(OSError):
                take_away(layout, folder)

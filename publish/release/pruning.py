"""Which releases are kept, and moving the others out of sight. Removing them is the work of `afterwards`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publish.model.config import ReleasePolicy
from publish.model.issue import BuildStopped, Issue, Level
from publish.release.afterwards import is_at_work, waiting
from publish.release.faults import disk_errors
from publish.release.layout import Layout, discard, drop_spares, locked
from publish.release.state import load_history, sweep_state


@dataclass(frozen=True, slots=True)
class Pruned:
    """Names of the releases that were put aside, sorted, and what is to be told of it: warnings, no errors."""

    names: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


def expendable(layout: Layout, policy: ReleasePolicy, now: datetime, *, after_next: bool = False) -> tuple[str, ...]:
    """Names of releases that the policy lets go, sorted; `after_next`: that it lets go once one more release is live.
    `now` has a time zone.

    Always kept: the live one, the one that was live before it, and what was live, or made, within `in_use_hours`: who
    reads it file by file, such as an upload, may not have come to its end.
    """
    live, history = layout.live(), load_history(layout)
    earlier = [name for name in history if name != live]
    last = [*earlier, live] if after_next and live else earlier
    latest = last[-(policy.keep - 1) :] if policy.keep > 1 else []
    # Where `current` leads nowhere, the last one that was live counts as live, and so there is one more before it.
    always = {live, *(earlier[-1:] if live else earlier[-2:])}
    return tuple(
        name
        for name in layout.names()
        if name not in always
        and (age := now - last_live(layout, name)) >= timedelta(hours=policy.in_use_hours)
        and (name not in latest or age >= timedelta(days=policy.days))
    )


def last_live(layout: Layout, name: str) -> datetime:
    """Until when a release was live: the time of its folder, which `go_live` sets when another one takes its place.
    Of one that never was, when it was made; of the live one, some time before."""
    return datetime.fromtimestamp((layout.releases / name).stat().st_mtime, UTC)


def prune(out: Path, policy: ReleasePolicy, now: datetime, *, wait: bool = True, dry: bool = False) -> tuple[str, ...]:
    """Put aside the releases that the policy lets go, their state, and spare trees of releases that are not live.
    Returns their names; `dry` only tells them.

    They still take their room until `afterwards` has been at work.
    """
    layout = Layout(out.absolute())
    with locked(layout, wait=wait), disk_errors("removing old releases"):
        gone = expendable(layout, policy, now)
        for name in () if dry else gone:
            discard(layout, layout.releases / name)
        if not dry:
            sweep_state(layout)
            drop_spares(layout, layout.live())
    return gone


def prune_after_build(out: Path, policy: ReleasePolicy, now: datetime | None) -> Pruned:
    """The same under the lock that a build holds, once it has gone live: whatever fails here is a warning.

    `now` is a moment before the build began; without it nothing is put aside. `release.trash-left`: what was put aside
    before that is still there, and nothing is at work on it.
    """
    if now is None:
        return Pruned()
    layout = Layout(out.absolute())
    issues = tuple(_left_over(layout, now))
    gone: list[str] = []
    try:
        with disk_errors("removing old releases"):
            for name in expendable(layout, policy, now):
                discard(layout, layout.releases / name)
                gone.append(name)
            sweep_state(layout)
    except BuildStopped as stopped:
        hint = "; the new release is live"
        issues += tuple(Issue(one.code, Level.WARNING, one.hint + hint, file=one.file) for one in stopped.issues)
    return Pruned(tuple(gone), issues)


def _left_over(layout: Layout, now: datetime) -> Iterator[Issue]:
    left = sum(_moved(layout.trash / name) < now.timestamp() for name in waiting(layout.trash))
    if left and not is_at_work(layout.trash):
        hint = (
            "old releases, or spare trees, that an earlier build put aside are still there: what should have removed "
            "them was killed, as where processes end with the build; if this comes again, run `prune` after each build"
        )
        yield Issue("release.trash-left", Level.WARNING, hint, count=left)


def _moved(path: Path) -> float:
    """When it was put there: rename(2) sets the time of the inode. The end of time if it is gone."""
    try:
        return path.lstat().st_ctime
    except OSError:
        return float("inf")

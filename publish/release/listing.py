"""Which releases there are, and what making them took; both are told from what lies beside them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from publish.model.report import ReleaseEntry, StageCost
from publish.release.faults import disk_errors
from publish.release.layout import Layout, as_of_name
from publish.release.pruning import last_live
from publish.release.state import COSTS, load_history


def list_releases(out: Path) -> tuple[ReleaseEntry, ...]:
    """All releases, in the order in which they last went live; those that never did come first."""
    layout = Layout(out.absolute())
    live, history = layout.live(), load_history(layout)
    before = next((name for name in reversed(history) if name != live), None)
    order = {name: place for place, name in enumerate(history)}
    names = sorted(layout.names(), key=lambda name: (order.get(name, -1), name))
    return tuple(_entry(layout, name, live, before, was_live=name in order or name == live) for name in names)


def _entry(layout: Layout, name: str, live: str | None, before: str | None, *, was_live: bool) -> ReleaseEntry:
    report = _read(layout.state / name / "report.json")
    release = report.get("release")
    figures = release if isinstance(release, dict) else {}
    costs = load_costs(layout.out, name)
    peaks = [cost.memory for cost in costs if cost.memory is not None]
    return ReleaseEntry(
        name=name,
        as_of=as_of_name(name),
        live=name == live,
        before=name == before,
        until=_until(layout, name) if was_live and name != live else None,
        was_live=was_live,
        files=_number(figures.get("files")),
        bytes=_number(figures.get("bytes")),
        published=_number(report.get("published")),
        seconds=sum(cost.seconds for cost in costs) if costs else None,
        memory=max(peaks) if peaks else None,
    )


def store_costs(out: Path, name: str, costs: Sequence[StageCost]) -> None:
    """Keep what building a release took: OUT/state/<name>.costs.json. It differs each time, so it lies beside the state
    of the release, which is the same for the same input. Raises BuildStopped where it cannot be written."""
    layout = Layout(out.absolute())
    with disk_errors("writing what the build took"):
        temporary = layout.state / f".{name}{COSTS}"
        temporary.write_text(json.dumps([asdict(cost) for cost in costs], indent=2) + "\n", encoding="utf-8")
        temporary.replace(layout.state / f"{name}{COSTS}")


def load_costs(out: Path, name: str) -> tuple[StageCost, ...]:
    """What building a release took when it was last built; empty where that is not known."""
    try:
        entries = json.loads((out / "state" / f"{name}{COSTS}").read_bytes())
        return tuple(StageCost(**entry) for entry in entries)
    except (OSError, ValueError, TypeError):
        return ()


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _until(layout: Layout, name: str) -> datetime | None:
    try:
        return last_live(layout, name)
    except OSError:  # removed meanwhile
        return None

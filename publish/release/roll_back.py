"""Making an earlier release live again, without showing again what has ended since."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from publish.model.issue import BuildStopped, Issue, Level
from publish.release.activate import go_live
from publish.release.compare import compare
from publish.release.faults import stopped
from publish.release.layout import Layout, as_of_name, locked
from publish.release.manifest import load_manifest
from publish.release.state import State, load_history, load_state
from publish.release.verify import verify_files


def roll_back(
    out: Path, name: str | None = None, *, today: date | None = None, shows_again: bool = False, wait: bool = True
) -> str:
    """Make another release live: `name`, or the one that was live before. Returns its name.

    Its files are compared with its manifest first. Raises BuildStopped `release.unknown`, what is wrong with its files,
    or, unless `shows_again` accepts it, `release.past-day` (its day is before `today`) and `release.shows-again` (it
    shows records that the live release does not show, or whose last day is past).
    """
    layout = Layout(out.absolute())
    with locked(layout, wait=wait):
        live = layout.live()
        wanted = name or _before(layout, live)
        if wanted not in layout.names():
            raise stopped("unknown", "there is no release of this name in the output folder")
        refused = () if shows_again else tuple(_guards(layout.out, live, wanted, today))
        folder = layout.releases / wanted
        checked = verify_files(folder, load_manifest(folder))
        if refused or checked.issues:
            raise BuildStopped((*refused, *checked.issues))
        go_live(layout, wanted)
    return wanted


def shown_again(live: State | None, target: State, today: date) -> Mapping[str, int]:
    """How many records the state `target` shows that `live` does not show, or whose last day is before `today`, by the
    reason of leaving (see `compare`)."""
    counts: Counter[str] = Counter()
    records = target.publication.records
    if live is not None:
        for entry in compare(target, live):
            if entry.change == "left":
                counts[entry.reason] += len(entry.keys)
        records = records.join(live.publication.records, on=["dataset", "key"], how="semi")
    counts["expired"] += records.filter(pl.col("until") < today).height
    return {reason: count for reason, count in sorted(counts.items()) if count}


def _before(layout: Layout, live: str | None) -> str:
    earlier = [name for name in load_history(layout) if name != live]
    if not earlier:
        raise stopped("unknown", "there is no earlier release to go back to")
    return earlier[-1]


def _guards(out: Path, live: str | None, wanted: str, today: date | None) -> Iterator[Issue]:
    """Why a release should not be shown again. Whom it names has a right to be forgotten by now."""
    day = as_of_name(wanted)
    today = today or day
    if day < today:
        hint = (
            f"this release shows what was public on {day}, and that day is past: records whose time has run out would "
            "be public again; build instead, or repeat with --shows-again and build as soon as you can"
        )
        yield Issue("release.past-day", Level.ERROR, hint)
    if wanted == live:
        return
    counts = shown_again(load_state(out, live) if live else None, load_state(out, wanted), today)
    if counts:
        reasons = ", ".join(f"{reason} {count}" for reason, count in counts.items())
        hint = (
            f"this release shows records that are not public any more, by reason of leaving: {reasons}; leave them in "
            "peace, or repeat with --shows-again and build as soon as you can"
        )
        yield Issue("release.shows-again", Level.ERROR, hint, count=sum(counts.values()))

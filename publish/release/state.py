"""What is kept beside the releases: the publication register, the ledger and the build report.

OUT/state/<release> is a symlink to a folder, so that all files of a state change in one step. Nothing of it is served.
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from publish.model.issue import BuildStopped
from publish.model.public import (
    DEADLINE_SCHEMA,
    EXIT_SCHEMA,
    LEDGER_SCHEMA,
    PUBLICATION_SCHEMA,
    WITHDRAWAL_SCHEMA,
    DeadlineTable,
    Ledger,
    Publication,
)
from publish.release.faults import disk_errors, stopped
from publish.release.layout import Layout, as_of_name, discard, point
from publish.release.manifest import Manifest, load_manifest
from publish.release.tree_memory import forget_trees

_TABLES = {
    "records.parquet": PUBLICATION_SCHEMA,
    "exits.parquet": EXIT_SCHEMA,
    "withdrawals.parquet": WITHDRAWAL_SCHEMA,
    "ledger.parquet": LEDGER_SCHEMA,
    "deadlines.parquet": DEADLINE_SCHEMA,
}
# The first format lacked these; what they say of older releases is not known (null).
_ADDED = {"records.parquet": ("since", "person"), "exits.parquet": ("noindex",)}
_ADDED_TABLES = ("withdrawals.parquet", "deadlines.parquet")
_INDEX = "publication.json"
HISTORY = "history.json"
COSTS = ".costs.json"
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class State:
    """What is kept beside one release: the register, the ledger, the duties with a time limit."""

    publication: Publication
    ledger: Ledger
    deadlines: DeadlineTable = field(default_factory=lambda: DeadlineTable(pl.DataFrame(schema=DEADLINE_SCHEMA)))


def write_state(folder: Path, state: State, report: Mapping[str, object]) -> None:
    """Write the state of a release into a new folder.

    `records.parquet`, `exits.parquet`, `withdrawals.parquet` (the register), `ledger.parquet`, `deadlines.parquet`,
    `report.json` as given, and
    `publication.json` with the as-of date, the counts and the SHA-256 of each table. Same input, same bytes.
    """
    publication = state.publication
    tables = {
        "records.parquet": publication.records,
        "exits.parquet": publication.exits,
        "withdrawals.parquet": publication.withdrawals,
        "ledger.parquet": state.ledger.frame,
        "deadlines.parquet": state.deadlines.frame,
    }
    with disk_errors("writing the state of the release"):
        folder.mkdir(parents=True)
        digests = {}
        for name, frame in tables.items():
            ordered = frame.select(list(_TABLES[name])).cast(pl.Schema(_TABLES[name])).rechunk()
            ordered.write_parquet(folder / name, compression="zstd", row_group_size=250_000)
            digests[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        index = {
            "format": _FORMAT,
            "as_of": publication.as_of.isoformat(),
            "counts": dict(sorted(publication.counts.items())),
            "sha256": digests,
        }
        (folder / _INDEX).write_bytes(_json(index))
        (folder / "report.json").write_bytes(_json(report))


def load_publication(out: Path, as_of: date) -> Publication | None:
    """The register of the release that a build of `as_of` follows; None if there is none.

    It is the live release if its as-of date is not later, else the newest such among those that have been live (by
    as-of date, then by when it went live). Raises BuildStopped `release.state-missing` or `release.state-broken`
    rather than fall back to an older one: a build with the wrong register would forget exits.
    """
    layout = Layout(out.absolute())
    live = layout.pointed()  # somebody may have removed the release by hand: its register is still the one to follow
    history = load_history(layout)
    names = [name for name in history if name in layout.names() and as_of_name(name) <= as_of]
    if live is not None and as_of_name(live) <= as_of:
        return _load(layout.state / live).publication
    if not names:
        return None
    return _load(layout.state / max(names, key=lambda name: (as_of_name(name), history.index(name)))).publication


def release_named(out: Path, wanted: str) -> str:
    """The release of that folder name, or the last one that went live of that as-of date (yyyy-mm-dd).

    `current` is the live one. Raises BuildStopped `release.unknown`.
    """
    layout = Layout(out.absolute())
    live = layout.live()
    if wanted == "current" and live is not None:
        return live
    names = layout.names()
    if wanted in names:
        return wanted
    of_day = [name for name in load_history(layout) if name.startswith(f"{wanted}-") and len(wanted) == 10]
    if not of_day:
        raise stopped("unknown", f"no release of this name or day; there are: {', '.join(sorted(names)) or 'none'}")
    return of_day[-1]


def load_state(out: Path, name: str) -> State:
    """The state of a release by its folder's name. Raises BuildStopped as load_publication does."""
    layout = Layout(out.absolute())
    return _load(layout.state / name)


def load_previous_manifest(out: Path) -> Manifest | None:
    """The manifest of the live release; None if there is none. Raises BuildStopped `release.manifest-broken`."""
    layout = Layout(out.absolute())
    live = layout.live()
    return None if live is None else load_manifest(layout.releases / live)


def store_state(layout: Layout, name: str, folder: Path) -> None:
    """Make the finished state in `folder` (in staging) the state of release `name`, in one step. Under the lock.

    It lies under a name made from its content, so that the same build leaves the same bytes and names everywhere.
    """
    with disk_errors("storing the state of the release"):
        home = f".{name}.{_digest(folder)}"
        if (layout.state / home).exists():  # of the same content, or damaged since: the new one takes its place
            discard(layout, layout.state / home)
        folder.rename(layout.state / home)
        point(layout.state / name, home, layout)
        sweep_state(layout)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def sweep_state(layout: Layout) -> None:
    """Remove state that no release has any more, and states that were replaced. Under the lock."""
    forget_trees(layout)
    names = set(layout.names())
    links = {entry for entry in layout.state.iterdir() if entry.is_symlink()}
    kept = {entry.readlink().name for entry in links if entry.name in names}
    for entry in sorted(layout.state.iterdir()):
        if entry in links and entry.name not in names:
            entry.unlink()
        elif entry.name.endswith(COSTS) and entry.name.lstrip(".").removesuffix(COSTS) not in names:
            entry.unlink(missing_ok=True)
        elif entry.is_dir() and not entry.is_symlink() and entry.name.startswith(".") and entry.name not in kept:
            shutil.rmtree(entry)


def load_history(layout: Layout) -> list[str]:
    """Names of releases in the order in which they last went live. Raises BuildStopped `release.state-broken`."""
    with disk_errors("reading the history of releases"):
        try:
            names = json.loads((layout.state / HISTORY).read_bytes())
        except FileNotFoundError:
            return []
        except ValueError:
            raise _broken(HISTORY) from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _broken(HISTORY)
    return [name for name in names if (layout.releases / name).is_dir()]


def write_history(layout: Layout, name: str) -> None:
    """Note that a release has gone live. Under the lock."""
    with disk_errors("writing the history of releases"):
        prepare_history(layout, name).replace(layout.state / HISTORY)


def prepare_history(layout: Layout, name: str) -> Path:
    """A file in staging that becomes HISTORY by a rename, which needs no room: the history once `name` is live."""
    names = [*(old for old in load_history(layout) if old != name), name]
    temporary = layout.staging / f"history-{secrets.token_hex(8)}"
    try:
        temporary.write_bytes(_json(names))
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _load(folder: Path) -> State:
    with disk_errors("reading the publication register"):
        try:
            index = json.loads((folder / _INDEX).read_bytes())
            old = isinstance(index, dict) and index.get("format") == 1
            names = [name for name in _TABLES if not (old and name in _ADDED_TABLES)]
            tables = {name: (folder / name).read_bytes() for name in names}
        except (FileNotFoundError, NotADirectoryError):
            hint = "the state of the release that this build follows is missing; put it back, or roll back"
            raise stopped("state-missing", hint) from None
        except ValueError:
            raise _broken(_INDEX) from None
    try:
        if index["format"] not in (1, _FORMAT):
            raise _broken(_INDEX)
        for name, data in tables.items():
            if hashlib.sha256(data).hexdigest() != index["sha256"][name]:
                raise _broken(name)
        frames = {name: pl.read_parquet(data) for name, data in tables.items()}
        counts = {str(dataset): int(count) for dataset, count in index["counts"].items()}
        as_of = date.fromisoformat(index["as_of"])
    except (ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError):
        raise _broken(_INDEX) from None
    return _state(as_of, counts, _upgraded(frames) if old else frames)


def _upgraded(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables of the first format in today's: what it did not know is null, or an empty table."""
    upgraded = {name: pl.DataFrame(schema=_TABLES[name]) for name in _ADDED_TABLES}
    for name, frame in frames.items():
        columns = [pl.lit(None, dtype=_TABLES[name][column]).alias(column) for column in _ADDED.get(name, ())]
        upgraded[name] = frame.with_columns(columns)
    return upgraded


def _state(as_of: date, counts: Mapping[str, int], frames: Mapping[str, pl.DataFrame]) -> State:
    for name, schema in _TABLES.items():
        if dict(frames[name].schema) != dict(schema):
            raise _broken(name)
    records, exits, gone = (frames[f"{name}.parquet"] for name in ("records", "exits", "withdrawals"))
    publication = Publication(as_of, records, exits, counts, gone)
    return State(publication, Ledger(frames["ledger.parquet"]), DeadlineTable(frames["deadlines.parquet"]))


def _broken(name: str) -> BuildStopped:
    hint = "the state of a release is damaged; put it back from a copy, or roll back to another release"
    return stopped("state-broken", hint, name)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"

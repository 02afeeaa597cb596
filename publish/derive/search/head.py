"""The head of an index: what tells where the lists of grams and the newest blocks are; and directories of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.files import Files
from publish.derive.search.lists import Grams, sketch
from publish.derive.search.memory import Shards
from publish.derive.search.packing import NAME_BYTES, pack_varints
from publish.derive.search.partition import LASTING, PASSING, SECTIONS
from publish.derive.search.records import Made
from publish.derive.search.scale import Scale

_UNDATED = 0xFFFF


@dataclass(frozen=True, slots=True)
class Period:
    """Blocks of one period of a run, by place among all, and its newest day."""

    run: int
    number: int
    places: NDArray[np.int64]
    newest: int


def periods_of(made: Made) -> list[Period]:
    """The newest first; documents before all."""
    found = []
    order = np.lexsort((made.period, made.run))
    for places in np.split(order, np.flatnonzero(np.diff(made.period[order]) | np.diff(made.run[order])) + 1):
        if places.size:
            places = np.sort(places)
            newest = int(made.newest[places].max())
            found.append(Period(int(made.run[places[0]]), int(made.period[places[0]]), places, newest))
    return sorted(found, key=lambda one: (one.number != SECTIONS, -one.newest, -one.number, one.run))


def near(periods: Sequence[Period], scale: Scale) -> int:
    """How many periods have their directory in the head: documents, and the newest that have few blocks together."""
    sizes = np.cumsum([period.places.size for period in periods])
    return int((sizes <= max(scale.near, sizes[0] if sizes.size else 0)).sum())


def directory(made: Made, period: Period) -> bytes:
    """Of each block: its slot and how many days its newest unit is older than the period's (16 bits each, low ones
    first; undated: the most), and its name."""
    newest = made.newest[period.places]
    ages = np.where(newest > 0, np.minimum(period.newest - newest, _UNDATED - 1), _UNDATED)
    facts = np.column_stack([made.slot[period.places], ages]).astype("<u2").tobytes()
    names = [made.names[place][:NAME_BYTES] for place in period.places.tolist()]
    return b"".join(facts[4 * at : 4 * at + 4] + name for at, name in enumerate(names))


def periods_entry(made: Made, files: Files, scale: Scale) -> list[list[object]]:
    """Of each period: run, number, blocks, newest day, units; and, but of those in the head, the name of its
    directory."""
    periods = periods_of(made)
    out: list[list[object]] = []
    for place, one in enumerate(periods):
        entry: list[object] = [one.run, one.number, one.places.size, one.newest, int(made.rows[one.places].sum())]
        if place >= near(periods, scale):
            entry.append(files.put(directory(made, one)))
        out.append(entry)
    return out


def head_body(made: Made, grams: Grams, made_shards: Shards, scale: Scale) -> bytes:
    """Varints (bytes of the sketch, bits of the shards of the passing run, of those of the lasting one, 1 if there is
    such a run); the sketch; names of the passing run's shards; the directories of the first periods, as the root
    lists them.

    A shard of the passing run begins with the names of the lasting run's shards of the same grams.
    """
    pairs, table = sketch(grams)
    bits = made_shards.bits
    numbers = pack_varints(np.array([pairs, *bits, bool(made_shards.names[LASTING])], dtype=np.uint64))
    periods = periods_of(made)
    found = [directory(made, one) for one in periods[: near(periods, scale)]]
    return numbers + table + b"".join(made_shards.names[PASSING]) + b"".join(found)

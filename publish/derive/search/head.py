"""The head of an index: what tells where the lists of grams and the newest blocks are; and directories of blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.files import Files
from publish.derive.search.lists import (
    Grams,
    Pairs,
    count_grams,
    list_numbers,
    open_periods,
    shard_bits,
    shards,
    sketch,
)
from publish.derive.search.memory import Remembered, Shards
from publish.derive.search.packing import NAME_BYTES, pack_varints
from publish.derive.search.partition import LASTING, PASSING, SECTIONS
from publish.derive.search.records import PREFIX, Made
from publish.derive.search.scale import Scale

_UNDATED = 0xFFFF
_SLICES = 64  # of the shards of a run, that are made one after the other


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


def make_shards(made: Made, files: Files, remembered: Remembered, scale: Scale) -> tuple[Shards, Grams]:
    """The lists of both runs as files; what is as it was is not made again."""
    grams = count_grams(made.pairs, len(made.names))
    has_lasting = bool((made.run == LASTING).any())
    found = [open_periods(pairs, made.ids[made.run == run]) for run, pairs in enumerate(made.pairs)]
    opened = [keys for keys, _ in found]
    # Those of the passing run are a third as large: most searches read no others.
    targets = (scale.list_numbers // 3, scale.list_numbers)
    bits = [min(PREFIX, shard_bits(2 * size, target)) for (_, size), target in zip(found, targets, strict=True)]
    bits[LASTING] = max(bits) if has_lasting else bits[PASSING]
    last = remembered.shards
    names: list[list[bytes]] = [[], []]
    for run in (LASTING, PASSING):
        if run == LASTING and not has_lasting:
            continue
        changed = np.ones(1 << bits[run], dtype=np.bool_)
        known = list(last.names[run]) if last is not None and last.bits[run] == bits[run] else []
        if run == LASTING and last is not None and known and all(name in remembered.there for name in known):
            prefixes = np.r_[made.touched[run], np.setxor1d(opened[run], last.opened) >> np.uint64(64 - PREFIX)]
            changed[:] = False
            changed[(prefixes >> np.uint64(PREFIX - bits[run])).astype(np.int64)] = True
        names[run] = [b""] * changed.size
        for place, body in _bodies(made.pairs[run], opened[run], bits[run], changed):
            if body is None:
                names[run][place] = files.keep_name(known[place])
            else:
                ahead = b"" if run == LASTING else _share(names[LASTING], bits, place)
                names[run][place] = bytes.fromhex(files.put(ahead + body))
    return Shards((bits[0], bits[1]), (names[0], names[1]), opened[LASTING]), grams


def _share(lasting: Sequence[bytes], bits: Sequence[int], place: int) -> bytes:
    """The names of the lasting run's shards of the same grams as a shard of the passing run."""
    share = 1 << (bits[LASTING] - bits[PASSING])
    return b"".join(lasting[place * share : (place + 1) * share])


def _bodies(
    pairs: Pairs, opened: NDArray[np.uint64], bits: int, changed: NDArray[np.bool_]
) -> Iterator[tuple[int, bytes | None]]:
    """Place and body of each shard; None for what has not changed. Some at a time: all would be many times as large."""
    count = max(1, changed.size // _SLICES)
    for first in range(0, changed.size, count):
        mine = changed[first : first + count]
        if not mine.any():
            yield from ((first + at, None) for at in range(count))
            continue
        ends = [np.uint64(place << (64 - bits)) for place in (first, first + count) if place < changed.size]
        low, *high = np.searchsorted(pairs, np.array(ends)).tolist()
        numbers = list_numbers(pairs[low : high[0] if high else pairs.size], opened)
        found = shards(numbers, bits, first, count)
        yield from ((first + at, body if mine[at] else None) for at, body in enumerate(found))


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

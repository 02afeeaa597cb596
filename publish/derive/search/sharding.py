"""The lists of an index as files, made by workers; what is as it was is not made again."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.files import Files
from publish.derive.search.lists import Grams, count_grams, list_numbers, open_periods, shard_bits, shards
from publish.derive.search.memory import Remembered, Shards
from publish.derive.search.packing import Packed, pack
from publish.derive.search.pairs import PREFIX, Pairs, write_pairs
from publish.derive.search.partition import LASTING, PASSING
from publish.derive.search.records import Made
from publish.derive.search.scale import Scale

_SLICES = 64  # tasks, at least, that all shards of a run are


@dataclass(frozen=True, slots=True)
class ShardTask:
    """`pairs`: a file of hash << 32 | block, 8 bytes each, rising: those of the shards from the `first` on, of which
    there are 2**bits in all. `opened`: as open_periods has them, of those hashes. `ahead`: what comes before the body
    of each."""

    pairs: Path
    opened: NDArray[np.uint64]
    bits: int
    first: int
    ahead: Sequence[bytes]


def pack_shards(task: ShardTask) -> tuple[Packed, ...]:
    """The shards of a task."""
    numbers = list_numbers(np.fromfile(task.pairs, dtype=np.uint64), task.opened)
    bodies = shards(numbers, task.bits, task.first, len(task.ahead))
    return tuple(pack(ahead + body) for ahead, body in zip(task.ahead, bodies, strict=True))


def make_shards(
    made: Made, files: Files, remembered: Remembered, scale: Scale, executor: Executor, folder: Path
) -> tuple[Shards, Grams]:
    """The lists of both runs as files. `folder` is one that workers see.

    A shard of the passing run begins with the names of the lasting run's shards of the same grams.
    """
    found = [open_periods(pairs, made.ids[made.run == run]) for run, pairs in enumerate(made.pairs)]
    opened = [keys for keys, _ in found]
    bits = _bits([size for _, size in found], bool((made.run == LASTING).any()), scale)
    lasting: list[bytes] = []
    if (made.run == LASTING).any():
        known, changed = _changed(made, opened[LASTING], bits[LASTING], remembered)
        lasting = [b"" if new else files.keep_name(known[place]) for place, new in enumerate(changed.tolist())]
        tasks = _tasks(made.pairs[LASTING], opened[LASTING], bits[LASTING], lasting, changed, folder / "lasting")
        _put(_started(tasks, executor), lasting, files)
    passing = [b""] * (1 << bits[PASSING])
    share = len(lasting) // len(passing)
    ahead = [b"".join(lasting[place * share : (place + 1) * share]) for place in range(len(passing))]
    every = np.ones(len(passing), dtype=np.bool_)  # of these a night changes nearly all
    tasks = _tasks(made.pairs[PASSING], opened[PASSING], bits[PASSING], ahead, every, folder / "passing")
    started = _started(tasks, executor)
    grams = count_grams(made.pairs, len(made.names))  # while workers are busy
    _put(started, passing, files)
    return Shards(bits, (passing, lasting), opened[LASTING]), grams


def _changed(
    made: Made, opened: NDArray[np.uint64], bits: int, remembered: Remembered
) -> tuple[Sequence[bytes], NDArray[np.bool_]]:
    """Names that the lasting run's shards had, and which of them must be made."""
    last = remembered.shards
    if last is None or last.bits[LASTING] != bits or not all(one in remembered.there for one in last.names[LASTING]):
        return (), np.ones(1 << bits, dtype=np.bool_)
    changed = np.zeros(1 << bits, dtype=np.bool_)
    prefixes = np.r_[made.touched, np.setxor1d(opened, last.opened, assume_unique=True) >> np.uint64(64 - PREFIX)]
    changed[(prefixes >> np.uint64(PREFIX - bits)).astype(np.int64)] = True
    return last.names[LASTING], changed


def _bits(sizes: Sequence[int], has_lasting: bool, scale: Scale) -> tuple[int, int]:
    """Of each run how many bits of a hash tell the shard. Those of the passing run are a third as large: most searches
    read no others."""
    targets = (scale.list_numbers // 3, scale.list_numbers)
    bits = [min(PREFIX, shard_bits(2 * size, target)) for size, target in zip(sizes, targets, strict=True)]
    return bits[PASSING], max(bits) if has_lasting else bits[PASSING]


def _tasks(
    pairs: Pairs,
    opened: NDArray[np.uint64],
    bits: int,
    ahead: Sequence[bytes],
    wanted: NDArray[np.bool_],
    stem: Path,
) -> Iterator[ShardTask]:
    """The shards of a run that are wanted, neighbours together."""
    edges = np.arange(1, wanted.size, dtype=np.uint64) << np.uint64(64 - bits)
    of_pairs, of_opened = (np.r_[0, np.searchsorted(one, edges), one.size] for one in (pairs, opened))
    for first, end in _stretches(wanted, max(1, wanted.size // _SLICES)):
        path = stem.with_name(f"{stem.name}-{first}")
        write_pairs([pairs[of_pairs[first] : of_pairs[end]]], path)
        yield ShardTask(path, opened[of_opened[first] : of_opened[end]], bits, first, ahead[first:end])


def _stretches(wanted: NDArray[np.bool_], most: int) -> list[tuple[int, int]]:
    """First place and end of each stretch of places that are wanted, of at most so many."""
    out: list[tuple[int, int]] = []
    for place in np.flatnonzero(wanted).tolist():
        if out and out[-1][1] == place and place - out[-1][0] < most:
            out[-1] = (out[-1][0], place + 1)
        else:
            out.append((place, place + 1))
    return out


def _started(tasks: Iterator[ShardTask], executor: Executor) -> list[tuple[ShardTask, Future[tuple[Packed, ...]]]]:
    return [(task, executor.submit(pack_shards, task)) for task in tasks]


def _put(started: Sequence[tuple[ShardTask, Future[tuple[Packed, ...]]]], names: list[bytes], files: Files) -> None:
    """Add the shards of a run that were made to the files, and their names to those of all."""
    for task, future in started:
        made = [files.put_packed(packed) for packed in future.result()]
        names[task.first : task.first + len(made)] = made
        task.pairs.unlink()

"""What one build of the index leaves for the next, so that only what has changed is made again.

Nothing in it changes a byte of the index. It may be removed at any time; then everything is made anew.
"""

import shutil
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish import __version__
from publish.derive.search.packing import NAME_BYTES

PRINT_BYTES = 16
_FORMAT = 1
_FACTS = "facts.npz"


@dataclass(frozen=True, slots=True)
class Memory:
    """Where the last build's memory is (it is replaced), and the folder with the files of the last index, if any."""

    folder: Path
    files: Path | None


@dataclass(frozen=True, slots=True)
class Shards:
    """Of each run how many bits of a hash tell the shard of a list, and the shards' names; `unlisted`: hashes of grams
    without lists, rising."""

    bits: tuple[int, int]
    names: tuple[Sequence[bytes], Sequence[bytes]]
    unlisted: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Remembered:
    """`names` of files by the fingerprint of what they were made from, only of those that are still there; `there`:
    the names of all files that are. Of each run of units the blocks' `prints` and `ids`, and the file with the pairs
    of grams and blocks; and the `shards` of lists."""

    names: Mapping[bytes, bytes] = field(default_factory=dict)
    there: frozenset[bytes] = frozenset()
    prints: Sequence[Sequence[bytes]] = ((), ())
    ids: Sequence[NDArray[np.int64]] = (np.empty(0, np.int64), np.empty(0, np.int64))
    pairs: Sequence[Path | None] = (None, None)
    shards: Shards | None = None


def load_memory(memory: Memory | None) -> Remembered:
    """The last build's memory; an empty one if there is none, or none of this program and this version of Polars, or if
    it is damaged."""
    if memory is None or not (memory.folder / _FACTS).is_file():
        return Remembered()
    try:
        return _read(memory)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return Remembered()


def _read(memory: Memory) -> Remembered:
    with (memory.folder / _FACTS).open("rb") as file, np.load(file) as facts:
        if str(facts["made_by"]) != _made_by():
            return Remembered()
        pairs = [memory.folder / f"pairs_{run}.npy" for run in (0, 1)]
        for path in pairs:
            np.load(path, mmap_mode="r")  # raises if it is not whole
        there = files_in(memory.files)
        prints, names = _cut(facts["prints"], PRINT_BYTES), _cut(facts["names"], NAME_BYTES)
        known = {one: name for one, name in zip(prints, names, strict=True) if name in there}
        return Remembered(
            known,
            there,
            [_cut(facts[f"block_prints_{run}"], PRINT_BYTES) for run in (0, 1)],
            [facts[f"block_ids_{run}"] for run in (0, 1)],
            pairs,
            Shards(
                (int(facts["bits"][0]), int(facts["bits"][1])),
                (_cut(facts["shards_0"], NAME_BYTES), _cut(facts["shards_1"], NAME_BYTES)),
                facts["unlisted"],
            ),
        )


def files_in(folder: Path | None) -> frozenset[bytes]:
    """The names of the index's files in a folder."""
    if folder is None or not folder.is_dir():
        return frozenset()
    stems = (path.name.removesuffix(".gz") for path in folder.iterdir())
    return frozenset(bytes.fromhex(stem) for stem in stems if len(stem) == 2 * NAME_BYTES)


def write_memory(
    memory: Memory,
    names: Mapping[bytes, bytes],
    prints: Sequence[Sequence[bytes]],
    ids: Sequence[NDArray[np.int64]],
    pairs: Sequence[NDArray[np.uint64]],
    shards: Shards,
) -> None:
    """Replace the memory. Whatever moment a build is killed in, what is there is whole or is none."""
    new = memory.folder.with_name(memory.folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for run in (0, 1):
        np.save(new / f"pairs_{run}.npy", pairs[run])
    facts: dict[str, NDArray[np.generic]] = {f"block_ids_{run}": ids[run] for run in (0, 1)}
    facts |= {f"block_prints_{run}": _joined(prints[run]) for run in (0, 1)}
    facts |= {f"shards_{run}": _joined(shards.names[run]) for run in (0, 1)}
    facts |= {"bits": np.array(shards.bits, dtype=np.int64), "unlisted": shards.unlisted}
    facts |= {"made_by": np.array(_made_by()), "prints": _joined(list(names)), "names": _joined(list(names.values()))}
    np.savez(new / _FACTS, allow_pickle=False, **facts)
    shutil.rmtree(memory.folder, ignore_errors=True)
    new.rename(memory.folder)


def _made_by() -> str:
    return f"{_FORMAT} {__version__} {pl.__version__} {np.__version__}"


def _joined(parts: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(parts), dtype=np.uint8)


def _cut(data: NDArray[np.uint8], size: int) -> list[bytes]:
    whole = data.tobytes()
    return [whole[at : at + size] for at in range(0, len(whole), size)]

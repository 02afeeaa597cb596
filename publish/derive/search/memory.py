"""What one build of the index leaves for the next, so that only what has changed is made again.

Nothing in it changes a byte of the index. It may be removed at any time; then everything is made anew.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from publish.derive.folding import folding_table, simplified
from publish.derive.search.orders import Order, digest_of_file
from publish.derive.search.packing import NAME_BYTES, unpack
from publish.derive.search.pairs import pairs_file
from publish.derive.search.units import SECTION_ROWS
from publish.model.bare import write_bare
from publish.model.program import made_by

PRINT_BYTES = 16
_FACTS = "facts.npz"
_SECTIONS = "sections.arrow"


@dataclass(frozen=True, slots=True)
class Memory:
    """Where the last build's memory is (it is replaced), and the folder with the files of the last index, if any, with
    the sizes that they should have, by file name; None: any."""

    folder: Path
    files: Path | None
    sizes: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Shards:
    """Of each run how many bits of a hash tell the shard of a list, and the shards' names; `opened`: which
    periods of the lasting run are open for which grams, as open_periods has them."""

    bits: tuple[int, int]
    names: tuple[Sequence[bytes], Sequence[bytes]]
    opened: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Remembered:
    """`names` of files by the fingerprint of what they were made from, only of those that are still there; `there`:
    the names of all files that are. Of each run of units the blocks' `prints` and `ids`, and the file with the
    pairs of grams and blocks; and the `shards` of lists. `orders`: by name of file, what is
    remembered of subjects and tables. `sections` of documents, as SECTION_ROWS has them. `files`: the folder of the
    last index."""

    names: Mapping[bytes, bytes] = field(default_factory=dict)
    there: frozenset[bytes] = frozenset()
    prints: Sequence[Sequence[bytes]] = ((), ())
    ids: Sequence[NDArray[np.int64]] = (np.empty(0, np.int64), np.empty(0, np.int64))
    pairs: Sequence[Path | None] = (None, None)
    shards: Shards | None = None
    orders: Mapping[str, Order] = field(default_factory=dict)
    sections: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(SECTION_ROWS)))
    files: Path | None = None

    def content(self, name: bytes) -> bytes:
        """What is in a file of the last index."""
        if self.files is None:
            raise ValueError("there is no last index")
        return unpack((self.files / f"{name.hex()}.gz").read_bytes())


def load_memory(memory: Memory | None) -> Remembered:
    """The last build's memory; an empty one if there is none, or none of this very program, or if it is damaged."""
    if memory is None or not (memory.folder / _FACTS).is_file():
        return Remembered()
    try:
        return _read(memory)
    except Exception:  # a damaged archive raises whatever its reader stumbles over
        return Remembered()


def _read(memory: Memory) -> Remembered:
    with (memory.folder / _FACTS).open("rb") as file, np.load(file) as facts:
        if str(facts["made_by"]) != _made_by():
            return Remembered()
        pairs = [memory.folder / pairs_file(run) for run in (0, 1)]
        if not all(path.is_file() for path in pairs) or _digests(pairs) != facts["pairs"].tolist():
            return Remembered()
        sections = (memory.folder / _SECTIONS).read_bytes()
        if _digest(sections) != str(facts["sections"]):
            return Remembered()
        there = files_in(memory)
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
                facts["opened"],
            ),
            {name: Order(memory.folder / name, digest) for name, digest in facts["orders"].tolist()},
            pl.read_ipc(sections),
            memory.files,
        )


def files_in(memory: Memory) -> frozenset[bytes]:
    """The names of the last index's files that are there as they should be."""
    if memory.files is None or not memory.files.is_dir():
        return frozenset()
    with os.scandir(memory.files) as found:  # 18,000 of them: as paths they cost thrice as much
        named = {entry.name: entry for entry in found if len(entry.name.removesuffix(".gz")) == 2 * NAME_BYTES}
    if memory.sizes is not None:
        sizes = memory.sizes
        named = {name: entry for name, entry in named.items() if sizes.get(name) == entry.stat().st_size}
    return frozenset(bytes.fromhex(name.removesuffix(".gz")) for name in named)


def write_memory(
    memory: Memory,
    names: Mapping[bytes, bytes],
    prints: Sequence[Sequence[bytes]],
    ids: Sequence[NDArray[np.int64]],
    pairs: Sequence[Path],
    shards: Shards,
    orders: Sequence[Path],
    sections: pl.DataFrame,
) -> None:
    """Replace the memory. Whatever moment a build is killed in, what is there is whole or is none; where there is no
    room for it, none. The files of `orders` and `pairs` are moved."""
    try:
        _write(memory, names, prints, ids, pairs, shards, orders, sections)
    except (OSError, PolarsError):
        shutil.rmtree(memory.folder, ignore_errors=True)


def _write(
    memory: Memory,
    names: Mapping[bytes, bytes],
    prints: Sequence[Sequence[bytes]],
    ids: Sequence[NDArray[np.int64]],
    pairs: Sequence[Path],
    shards: Shards,
    orders: Sequence[Path],
    sections: pl.DataFrame,
) -> None:
    new = memory.folder.with_name(memory.folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    told, told_pairs = [(path.name, digest_of_file(path)) for path in orders], _digests(pairs)
    for path in (*orders, *pairs):
        shutil.move(path, new / path.name)
    write_bare(sections, new / _SECTIONS)
    facts: dict[str, NDArray[np.generic]] = {f"block_ids_{run}": ids[run] for run in (0, 1)}
    facts |= {f"block_prints_{run}": _joined(prints[run]) for run in (0, 1)}
    facts |= {f"shards_{run}": _joined(shards.names[run]) for run in (0, 1)}
    facts |= {"bits": np.array(shards.bits, dtype=np.int64), "opened": shards.opened}
    facts["orders"] = np.array(told, dtype=np.str_)
    facts["sections"] = np.array(_digest((new / _SECTIONS).read_bytes()))
    facts["pairs"] = np.array(told_pairs, dtype=np.str_)
    facts |= {"made_by": np.array(_made_by()), "prints": _joined(list(names)), "names": _joined(list(names.values()))}
    np.savez(new / _FACTS, allow_pickle=False, **facts)
    shutil.rmtree(memory.folder, ignore_errors=True)
    new.rename(memory.folder)


def _made_by() -> str:
    """All that a file of the index, or a section of a document, depends on beside its rows or the document."""
    tables = hashlib.blake2b(repr((folding_table(), sorted(simplified().items()))).encode(), digest_size=16)
    return f"{made_by('python', 'deflate', 'markdown', 'nh3', 'numpy', 'polars')} {tables.hexdigest()}"


def _digests(paths: Sequence[Path]) -> list[str]:
    return [digest_of_file(path) for path in paths]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()  # processors have it: in half the time of others


def _joined(parts: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(parts), dtype=np.uint8)


def _cut(data: NDArray[np.uint8], size: int) -> list[bytes]:
    whole = data.tobytes()
    return [whole[at : at + size] for at in range(0, len(whole), size)]

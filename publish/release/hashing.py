"""Files of a release hashed once more, and which of them need not be."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import polars as pl

from publish.release.folders import in_parallel
from publish.release.samples import DATA
from publish.release.stamps import Stamp, stamp_of

AGAIN = 8  # one of so many files that were hashed when they were written is hashed again

_READERS = 8  # threads that read at the same time
_AT_ONCE = 1000  # files that are hashed in one task
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class HashTask:
    """Files of the folder `root` (with a / at its end) to be hashed, and what is expected."""

    root: str
    paths: tuple[str, ...]
    sha256: tuple[str, ...]


def to_hash(
    tree: Path, sample: pl.DataFrame, known: Mapping[str, Stamp] | None
) -> tuple[pl.DataFrame, dict[str, Stamp | None]]:
    """Which of the sample are hashed: plain files, and not most of those that are `known`. And stamps of all of the
    sample."""
    stamps = [stamp_of(f"{tree}/{path}") for path in sample["path"]]
    is_plain = pl.Series([stamp is not None for stamp in stamps], dtype=pl.Boolean)
    begun = dict(zip(sample["path"], stamps, strict=True))
    same = [path for path, stamp in (known or {}).items() if begun.get(path) == stamp and secrets.randbelow(AGAIN)]
    return sample.filter(is_plain, ~pl.col("path").is_in(same)), begun


def compared(tree: Path, sample: pl.DataFrame, executor: Executor | None) -> Iterator[list[bool]]:
    """Which are others, some files at a time; of data files, which are large, each by itself, before all others."""
    is_data = pl.col("path").str.starts_with(DATA)
    parts = chain(sample.filter(is_data).iter_slices(1), sample.filter(~is_data).iter_slices(_AT_ONCE))
    tasks = [HashTask(f"{tree}/", tuple(part["path"]), tuple(part["sha256"])) for part in parts if part.height]
    return in_parallel(executor, compare_hashes, tasks)


def compare_hashes(task: HashTask) -> list[bool]:
    """Of each file whether its SHA-256 is another. In whichever process."""
    # They lie all over the disk, and most of the time is waiting for it.
    with ThreadPoolExecutor(_READERS) as readers:
        return list(readers.map(partial(_is_other, task.root), task.paths, task.sha256))


def _is_other(root: str, path: str, expected: str) -> bool:
    digest = hashlib.sha256()
    with open(root + path, "rb", buffering=0) as stream:  # noqa: PTH123  (many files: no Path objects)
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest() != expected

"""For which private values the live release was searched, and other keyed hashes that one build keeps for the next.

What was searched need be searched for other values only. Nothing in it changes a byte of a release; it may be removed
at any time.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from publish.model.distinct import distinct
from publish.model.kept import Naming, keep, keep_nothing
from publish.model.sieve import Sieve

_KEYS, _NAME = "keys.npy", "release"


def searched_for(folder: Path, release: str | None) -> NDArray[np.uint64] | None:
    """The hashes, rising, of the values that `release` (its name) was searched for. None: that is not known."""
    try:
        name, digest = (folder / _NAME).read_text(encoding="utf-8").split()
        data = (folder / _KEYS).read_bytes()
        if release is None or name != release or hashlib.sha256(data).hexdigest() != digest:
            return None
        keys: NDArray[np.uint64] = np.load(folder / _KEYS, allow_pickle=False)
    except (OSError, ValueError):
        return None
    return keys


def keep_searched(folder: Path, sieves: Sequence[Sieve]) -> Naming:
    """Keep the hashes of what a release was searched for; without sieves none are kept."""
    keys = distinct(np.concatenate([np.zeros(0, np.uint64), *(one.keys for one in sieves)])) if sieves else None
    return keep_hashes(folder, keys)


def keep_hashes(folder: Path, hashes: NDArray[np.uint64] | None) -> Naming:
    """Keep hashes, rising, for `searched_for`, as `keep` has it; None: keep none."""
    return keep_nothing if hashes is None else keep(folder, _NAME, partial(_write, folder, hashes))


def _write(folder: Path, hashes: NDArray[np.uint64]) -> Callable[[str], str]:
    np.save(folder / _KEYS, hashes)
    digest = hashlib.sha256((folder / _KEYS).read_bytes()).hexdigest()
    return lambda release: f"{release} {digest}"

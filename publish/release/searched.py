"""For which private values the live release was searched, and other keyed hashes that one build keeps for the next.

What was searched need be searched for other values only. Nothing in it changes a byte of a release; it may be removed
at any time.
"""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from publish.model.distinct import distinct
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


def remember_searched(folder: Path, release: str, sieves: Sequence[Sieve]) -> None:
    """Keep the hashes of what a release was searched for; without sieves none are kept."""
    keys = distinct(np.concatenate([np.zeros(0, np.uint64), *(one.keys for one in sieves)])) if sieves else None
    remember_hashes(folder, release, keys)


def remember_hashes(folder: Path, release: str, hashes: NDArray[np.uint64] | None) -> None:
    """Keep hashes, rising, for `searched_for`, in a folder that only its owner can read; None: keep none. Where there
    is no room for them, there are none."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
        if hashes is None:
            return
        folder.mkdir(mode=0o700)
        np.save(folder / _KEYS, hashes)
        digest = hashlib.sha256((folder / _KEYS).read_bytes()).hexdigest()
        (folder / _NAME).write_text(f"{release} {digest}", encoding="utf-8")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)

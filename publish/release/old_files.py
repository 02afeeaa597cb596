"""Large data files of an old release that is used up, put aside for those of the new one to be written over them."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from publish.release.samples import DATA

_LARGE = 1 << 26  # bytes; smaller ones are as soon written anew


class OldFiles:
    """Files in `folder`, which is made when there are some."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[str, Path] = {}

    def take(self, tree: Path) -> None:
        """Move those of a tree here that have no other name. What cannot be moved stays, to be removed as all else."""
        with suppress(OSError):
            for path, name, place in _large_files(tree):
                self._folder.mkdir(parents=True, exist_ok=True)
                target = self._folder / str(len(self._places))
                os.rename(name, target, src_dir_fd=place)
                self._places[path] = target

    def of(self, path: str) -> Path | None:
        """What may be written over for the file of that path in the release; None: nothing."""
        return self._places.get(path)


def _large_files(tree: Path) -> Iterator[tuple[str, str, int]]:
    """Path in the tree, name, and descriptor of the folder. No links are followed. Raises OSError."""
    for top, _, files, place in os.fwalk(tree / DATA, onerror=_raise):
        for name in files:
            there = os.stat(name, dir_fd=place, follow_symlinks=False)
            is_own = there.st_uid == os.geteuid() and there.st_nlink == 1
            if stat.S_ISREG(there.st_mode) and is_own and there.st_size >= _LARGE:
                yield os.path.relpath(f"{top}/{name}", tree), name, place


def _raise(error: OSError) -> None:
    raise error

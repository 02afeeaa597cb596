"""Files that one build keeps for the next: made when it is known what is in them, beside other work, and believed when
they have been given the name of their release."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from polars.exceptions import PolarsError

# Gives what was kept the name of the release of which it is. Until then nobody believes it.
Naming = Callable[[str], None]


def keep(folder: Path, about: str, make: Callable[[], Callable[[str], str]]) -> Naming:
    """Make files in a new `folder` that only its owner can read. `make` writes them and returns what the file `about`,
    by which they are believed, is to say when the release has a name. Where there is no room for all of it, nothing is
    kept: the release is not less for it."""
    try:
        keep_nothing(folder)
        folder.mkdir(parents=True, mode=0o700)
        return partial(_name, folder, about, make())
    except (OSError, PolarsError):  # Polars tells of a full disk in its own way
        return keep_nothing(folder)


def keep_nothing(folder: Path) -> Naming:
    """Remove what is in `folder`. What is mapped into memory stays there."""
    shutil.rmtree(folder, ignore_errors=True)
    return _nothing


def _name(folder: Path, about: str, says: Callable[[str], str], release: str) -> None:
    try:
        (folder / about).write_text(says(release), encoding="utf-8")
    except OSError:
        keep_nothing(folder)


def _nothing(release: str) -> None:
    """There is nothing to be named."""

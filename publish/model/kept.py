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
    """Make files in `folder`, where nothing is, that only its owner can read. `make` writes them and returns what the
    file `about`, by which they are believed, is to say when the release has a name. Where there is no room for all of
    it, nothing is kept: the release is not less for it."""
    try:
        folder.mkdir(parents=True, mode=0o700)
        return partial(_name, folder, about, make())
    except (OSError, PolarsError):  # Polars tells of a full disk in its own way
        shutil.rmtree(folder, ignore_errors=True)
        return keep_nothing


def _name(folder: Path, about: str, says: Callable[[str], str], release: str) -> None:
    try:
        (folder / about).write_text(says(release), encoding="utf-8")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


def keep_nothing(release: str) -> None:
    """The `Naming` of what was not made: there is nothing to be named."""

"""What a build leaves in OUT/cache/ for the next one: made beside the tree, and put there when the release is live. So
a build that fails leaves the memory of the live release as it was."""

import errno
import shutil
from contextlib import suppress
from pathlib import Path

_ROOM = 1 << 26  # bytes that are to be left on the disk: no release fails for the sake of what may be missing


class Caches:
    """Folders of `home`, by name. New ones are made in `making`, on the same file system."""

    def __init__(self, home: Path, making: Path) -> None:
        self._home = home
        self._making = making
        self._names: dict[str, None] = {}

    def next(self, name: str) -> Path:
        """Where the next folder of that name is to be made; nothing is there. If nothing is made, there will be none.
        `name` may be that of a folder in one of them."""
        self._names[name] = None
        new = self._making / name
        shutil.rmtree(new, ignore_errors=True)
        with suppress(OSError):  # whoever makes it meets the fault, and knows what it is worth
            new.parent.mkdir(parents=True, exist_ok=True)
        return new

    def leave_room(self) -> None:
        """Let go of all that was made if little room is left."""
        with suppress(OSError):
            if self._making.exists() and shutil.disk_usage(self._making).free < _ROOM:
                shutil.rmtree(self._making, ignore_errors=True)

    def keep(self, name: str) -> None:
        """The folder of that name that is there shall stay."""
        self._names.pop(name, None)

    def put(self) -> None:
        """Put all that was made in its place. What cannot be put there is missing."""
        for name in self._names:  # all of them first: parts of two builds may not go together
            shutil.rmtree(self._home / name, ignore_errors=True)
        for name in self._names:
            with suppress(OSError, shutil.Error):
                (self._home / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _move(self._making / name, self._home / name)


def _move(made: Path, place: Path) -> None:
    """Where the home is on another file system, copied: into a folder that nobody else may enter meanwhile."""
    try:
        made.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        place.mkdir(mode=0o700)
        shutil.copytree(made, place, dirs_exist_ok=True)  # and then the modes of what was made

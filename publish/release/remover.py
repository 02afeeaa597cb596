"""Removes what lies in the trash of an output folder, in a process that outlives the build, when nobody waits for it.

A release of a million files takes minutes to remove, so a build only moves it aside. This file is run by
itself, with the standard library alone (`python -I -S remover.py TRASH`): it is there in 20 ms and takes 10 MB.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_TOLD = 1000  # files between two calls of `advance`


def start_remover(trash: Path) -> bool:
    """Begin to empty the folder in a process of its own, at the lowest priority; False if there is nothing to do.

    It is not waited for and belongs to no session. Whatever kills it, the next one goes on where it stopped.
    """
    if not waiting(trash):
        return False
    # The process that is started ends at once and leaves the work to a child of its own, which nobody must wait for.
    command = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(trash.absolute())]
    null = subprocess.DEVNULL
    with contextlib.suppress(OSError):
        subprocess.run(command, stdin=null, stdout=null, stderr=null, cwd="/", start_new_session=True, check=False)
        return True
    return False


def waiting(trash: Path) -> tuple[str, ...]:
    """Names of what lies there to be removed, sorted."""
    try:
        return tuple(sorted(os.listdir(trash)))  # noqa: PTH208
    except OSError:
        return ()


def is_at_work(trash: Path) -> bool:
    """Whether a process is removing things there by itself."""
    with _opened(trash) as descriptor:
        return descriptor is not None and not _taken(descriptor)


def empty(trash: Path, advance: Callable[[int], None] = lambda files: None) -> tuple[str, ...]:
    """Remove all that lies in the folder; returns the names of what could not be removed.

    Others may do the same at the same time. `advance` is told how many files are gone.
    """
    left: tuple[str, ...] = ()
    while (names := waiting(trash)) and names != left:  # what was added meanwhile too
        for name in names:
            _remove(trash / name, advance)
        left = waiting(trash)
    return left


def _remove(path: Path, advance: Callable[[int], None]) -> None:
    """Remove a file, or a folder with all that is in it. What is in use or gone already is passed over."""
    _remove_once(path, advance)
    if path.is_dir() and not path.is_symlink():  # a folder in it may not be entered, or not be changed
        with contextlib.suppress(OSError):
            path.chmod(0o700)
        for top, folders, _ in os.walk(path):
            for name in folders:
                if not os.path.islink(f"{top}/{name}"):  # noqa: PTH114
                    with contextlib.suppress(OSError):
                        os.chmod(f"{top}/{name}", 0o700)  # noqa: PTH101
        _remove_once(path, advance)


def _remove_once(path: Path, advance: Callable[[int], None]) -> None:
    count = 0
    for top, folders, files in os.walk(path, topdown=False) if not path.is_symlink() else ():
        links = [name for name in folders if os.path.islink(f"{top}/{name}")]  # noqa: PTH114
        removals = ((os.unlink, (*files, *links)), (os.rmdir, set(folders).difference(links)))
        for remove, name in ((remove, name) for remove, names in removals for name in names):
            with contextlib.suppress(OSError):
                remove(f"{top}/{name}")
            count += 1
            if count % _TOLD == 0:
                advance(_TOLD)
    with contextlib.suppress(OSError):
        (path.rmdir if path.is_dir() and not path.is_symlink() else path.unlink)()
    advance(count % _TOLD)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    descriptor = None
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def main(trash: Path) -> None:
    """What the process does: one at a time in a folder, and last in line for processor and disk."""
    if os.fork():
        return
    os.nice(19)
    with _opened(trash) as descriptor:
        if descriptor is not None and _taken(descriptor):
            empty(trash)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

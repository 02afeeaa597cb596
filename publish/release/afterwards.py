"""What is done in an output folder after a build, in processes that outlive it, when nobody waits: what lies in the
trash is removed, and a spare tree is laid out (spare.py).

A release of a million files takes minutes to remove, so a build only moves it aside; to link as many takes half a
minute, which the next build need not spend. This file is run by itself, with the standard library alone
(`python -I -S afterwards.py OUT`): it is there in 20 ms and takes 10 MB.
"""

import contextlib
import fcntl
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

TRASH, SPARE, RELEASES = "trash", "spare", "releases"  # folders of an output folder; layout.py says what they are for
WANTED = ".wanted"  # what the name of a file ends with that stands beside a spare tree which is to be laid out
_TOLD = 1000  # files between two calls of `advance`


def start_afterwards(out: Path) -> bool:
    """Begin what is to be done in an output folder, in processes of their own at the lowest priority; False if there is
    nothing to do.

    They are not waited for and belong to no session. Whatever kills them, the next ones go on where they stopped.
    """
    if not waiting(out / TRASH) and not unfinished(out / SPARE):
        return False
    # The process that is started ends at once and leaves the work to children of its own, which nobody must wait for.
    command = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(out.absolute())]
    null = subprocess.DEVNULL
    with contextlib.suppress(OSError):
        subprocess.run(command, stdin=null, stdout=null, stderr=null, cwd="/", start_new_session=True, check=False)
        return True
    return False


def waiting(folder: Path) -> tuple[str, ...]:
    """Names of what lies there, to be removed or to be laid out, sorted."""
    try:
        return tuple(sorted(os.listdir(folder)))  # noqa: PTH208
    except OSError:
        return ()


def unfinished(spare: Path) -> tuple[str, ...]:
    """Names of the releases whose spare trees are to be laid out or finished, sorted."""
    names = waiting(spare)
    return tuple(name for name in names if f"{name}{WANTED}" in names)


def is_at_work(folder: Path) -> bool:
    """Whether a process is removing things in the trash, or laying out one of the spare trees, by itself."""
    with _opened(folder) as descriptor:
        return descriptor is not None and not _taken(descriptor)


def left_alone(folder: Path, seconds: float) -> bool:
    """Wait until no such process is at work in the folder; False if one still is after so many seconds."""
    ended = time.monotonic() + seconds
    while is_at_work(folder):
        if time.monotonic() > ended:
            return False
        time.sleep(0.005)
    return True


def lay_out(out: Path, name: str) -> None:
    """Link all files of a release into its spare tree; what is there already stays. It ends where the tree has been
    taken meanwhile, since only the tree's own folder is made by somebody else; where that is another user's, who could
    not change what is made in it; and where a link would lead elsewhere. Raises OSError."""
    source, target = str(out / RELEASES / name), str(out / SPARE / name)
    for folder in (source, str(out / SPARE), target):
        _check_folder(folder)
    for top, _, files in os.walk(source, onerror=_raise):
        within = target + top[len(source) :]
        if within != target:
            with contextlib.suppress(FileExistsError):
                os.mkdir(within)  # noqa: PTH102  (many: no Path objects)
            _check_folder(within)
        for file in files:
            with contextlib.suppress(FileExistsError):
                os.link(f"{top}/{file}", f"{within}/{file}", follow_symlinks=False)
    os.unlink(target + WANTED)  # noqa: PTH108


def _check_folder(path: str) -> None:
    there = os.lstat(path)
    if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid():
        raise NotADirectoryError(path)


def _raise(error: OSError) -> None:
    raise error


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


def main(out: Path) -> None:
    """What the process does: one of either kind in an output folder, and last in line for processor and disk."""
    if os.fork():
        return
    os.nice(19)
    if unfinished(out / SPARE) and not os.fork():
        with _opened(out / SPARE) as descriptor:
            for name in unfinished(out / SPARE) if descriptor is not None and _taken(descriptor) else ():
                with contextlib.suppress(OSError):
                    lay_out(out, name)
        return
    with _opened(out / TRASH) as descriptor:
        if descriptor is not None and _taken(descriptor):
            empty(out / TRASH)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

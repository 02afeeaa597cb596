"""What lay in each folder of a release when it was verified, kept for later builds, by which folders that have not
changed since need not be listed again. It changes no byte of a release and may be removed.

A folder whose ctime is older than its listing by less than two seconds is not known: another change at the same tick
of a coarse clock would leave the ctime as it was. The clock is that of the file system. Where the ctime itself shows
that it is finer, a tenth of a second is enough: no system has longer ticks than a hundredth.
"""

import hashlib
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import polars as pl

from publish.release.layout import Layout
from publish.release.stamps import is_fine
from publish.release.trees import ENTRY_SCHEMA, NOTHING, FolderStamp, Listing

_HOME = "trees"
_FILES, _FOLDERS, _DIGESTS = "files.arrow", "folders.arrow", "sha256"
_FILE_SCHEMA: Mapping[str, pl.DataType] = {name: ENTRY_SCHEMA[name] for name in ("path", "inode", "folder")}
_FOLDER_SCHEMA: Mapping[str, pl.DataType] = {"path": pl.String(), "inode": pl.UInt64(), "ctime": pl.Int64()}
_RACY, _RACY_FINE = 2_000_000_000, 100_000_000  # ns


class TreeMemory:
    """Listings of the releases of an output folder, by their names."""

    def __init__(self, layout: Layout) -> None:
        self._home = layout.cache / _HOME

    def load(self, name: str) -> Listing:
        """Of a release as it was; NOTHING where that is not known, or what is known is damaged."""
        folder = self._home / name
        try:
            if (folder / _DIGESTS).read_text(encoding="utf-8") != _digests(folder):
                return NOTHING
            files, folders = (pl.read_ipc(folder / part) for part in (_FILES, _FOLDERS))
        except (OSError, ValueError, pl.exceptions.PolarsError):
            return NOTHING
        if dict(files.schema) != dict(_FILE_SCHEMA) or dict(folders.schema) != dict(_FOLDER_SCHEMA):
            return NOTHING
        files = files.with_columns(size=pl.lit(None, dtype=pl.Int64)).select(list(ENTRY_SCHEMA))
        stamps = {path: None if ctime is None else (inode, ctime) for path, inode, ctime in folders.iter_rows()}
        return Listing(files.set_sorted("path"), stamps)


def tree_cache(name: str) -> str:
    """The folder of a release's listing, by its name among all that is kept for later builds."""
    return f"{_HOME}/{name}"


def write_listing(folder: Path, listing: Listing) -> None:
    """Keep the listing of a release in which there are plain files alone, in a new folder. Where there is no
    room, nothing is kept."""
    try:
        folder.mkdir(mode=0o700)
        _folders(listing).write_ipc(folder / _FOLDERS)
        listing.files.select(list(_FILE_SCHEMA)).write_ipc(folder / _FILES)
        (folder / _DIGESTS).write_text(_digests(folder), encoding="utf-8")
    except (OSError, ValueError, pl.exceptions.PolarsError):  # ValueError: a folder whose name is no UTF-8
        shutil.rmtree(folder, ignore_errors=True)


def forget_trees(layout: Layout) -> None:
    """Of releases that are gone: paths tell which records there were. What cannot be removed stays: no build stops for
    it."""
    home, names = layout.cache / _HOME, frozenset(layout.names())
    with suppress(OSError):
        for old in list(home.iterdir()):
            if old.name not in names:
                shutil.rmtree(old, ignore_errors=True)  # a plain file among them harms nobody


def _folders(listing: Listing) -> pl.DataFrame:
    own = listing.folders[""]
    at = listing.at if listing.at is not None else -1 if own is None else own[1]
    rows = [(path, *_known(stamp, at)) for path, stamp in listing.folders.items()]
    return pl.DataFrame(rows, schema=dict(_FOLDER_SCHEMA), orient="row")


def _known(stamp: FolderStamp | None, now: int) -> tuple[int | None, int | None]:
    """The stamp if nothing can change without it; `now`: from before the folder was listed."""
    if stamp is None or stamp[1] > now - (_RACY_FINE if is_fine(stamp[1]) else _RACY):
        return None, None
    return stamp


def _digests(folder: Path) -> str:
    digests = []
    for part in (_FILES, _FOLDERS):
        with (folder / part).open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return " ".join(digests)

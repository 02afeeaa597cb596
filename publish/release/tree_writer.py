"""Files of a growing release that are written by the processes that make them: they tell sizes and hashes."""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import polars as pl

from publish.release.faults import disk_errors, stopped
from publish.release.folders import folders_of
from publish.release.growing import Growing
from publish.release.manifest import all_safe
from publish.release.previous import Previous

# What is told of each file, in their order; `linked`: it is shared with the previous release.
TOLD_SCHEMA: Mapping[str, pl.DataType] = {"size": pl.Int64(), "sha256": pl.String(), "linked": pl.Boolean()}

_TOGETHER = 64  # contents that are copied out of their column: few enough to stay in the processor's cache


@dataclass(frozen=True, slots=True)
class TreeWriter:
    """A FileWriter of model/artifact.py: writes files at `paths` into the tree at `root`, in which their folders are.

    `recycled` as Growing has it. `source`: root of the previous release, and `known`: the SHA-256 (String) that its
    manifest has for each of the paths, null where it has none. A file that is the same is shared.

    Raises BuildStopped: `release.duplicate-path` where the file system tells that an address is used twice, and as
    `disk_errors`.
    """

    root: str
    paths: pl.Series
    recycled: bool
    source: str = ""
    known: pl.Series | None = None

    def __call__(self, contents: pl.Series) -> pl.DataFrame:
        """Write the files; returns TOLD_SCHEMA."""
        if contents.len() != self.paths.len():
            raise ValueError("there is one content for each path")
        made = {folder[:-1] for folder in folders_of(self.paths)}
        told: list[tuple[int, str, bool]] = []
        with (
            disk_errors("writing the release"),
            closing(Growing(self.root, recycled=self.recycled, made=made)) as growing,
        ):
            for begin in range(0, contents.len(), _TOGETHER):
                blobs = contents.slice(begin, _TOGETHER).cast(pl.Binary).to_list()
                known = [None] * len(blobs) if self.known is None else self.known.slice(begin, _TOGETHER).to_list()
                for path, data, before in zip(self.paths.slice(begin, _TOGETHER).to_list(), blobs, known, strict=True):
                    digest = hashlib.sha256(data).hexdigest()
                    shared = digest == before and growing.share(self.source, path, len(data))
                    if not shared:
                        growing.create(path, data)
                    told.append((len(data), digest, shared))
        return pl.DataFrame(told, schema=dict(TOLD_SCHEMA), orient="row")


def tree_writer(growing: Growing, paths: pl.Series, previous: Previous | None) -> TreeWriter:
    """The writer of these paths; makes their folders. Raises BuildStopped: `release.bad-path`, and as TreeWriter."""
    if not all_safe(paths):
        raise stopped("bad-path", "a path leaves the release or is not written in the one allowed way")
    with disk_errors("writing the release"):
        for folder in sorted(folders_of(paths)):
            growing.make_folder(folder)
    rows = None if previous is None else pl.Series(previous.rows(paths))
    if previous is None or rows is None or not (rows >= 0).any():
        return TreeWriter(growing.root, paths, growing.recycled)
    known = previous.files["sha256"].gather(rows.set(rows < 0, None))
    return TreeWriter(growing.root, paths, growing.recycled, previous.root, known)

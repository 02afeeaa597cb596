"""What bulk pages of the last release were made from, so that a page whose inputs are the same is shared unread.

Nothing in it changes a byte of a release. It may be removed at any time; then all pages are made anew.
"""

import hashlib
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from publish import __version__
from publish.model.artifact import written_whole
from publish.model.program import source_digest
from publish.render.records import Pages

_SCHEMA: Mapping[str, pl.DataType] = {"path": pl.String(), "inputs": pl.UInt64(), "sha256": pl.String()}
_PAGES = "pages.parquet"
_MADE_BY = "made-by"


class PageMemory:
    """`inputs` of a page: a hash of its cells, of the constants of its shape, and of the program that joins them.

    Of each page that has changed it is different, but for one in 2**64.
    """

    def __init__(self, folder: Path | None = None, files: pl.DataFrame | None = None) -> None:
        """`folder`: where the last build's memory is, if it left one. `files` (`path`, `sha256`): what the release has
        from which pages are shared; None: there is none, and all pages are made."""
        self._folder = folder
        self._noted: list[pl.DataFrame] = [pl.DataFrame(schema={"path": pl.String, "inputs": pl.UInt64})]
        known = _load(folder) if folder is not None and files is not None else None
        self._known = pl.DataFrame(schema={"path": pl.String, "inputs": pl.UInt64})
        if known is not None and files is not None:
            # What a build left that never went live is of other files: their hashes tell.
            self._known = known.join(files, on=["path", "sha256"], how="semi").select("path", "inputs")

    def unchanged(self, pages: Pages, shapes: pl.Series) -> pl.Series:
        """Whether the last release has the very page (Boolean); `shapes` are those of the pages."""
        noted = pages.slots.select("path", _inputs(pages, shapes).alias("inputs"))
        self._noted.append(noted)
        if not self._known.height:
            return pl.repeat(False, noted.height, dtype=pl.Boolean, eager=True)
        both = noted.join(self._known, on=["path", "inputs"], how="left", maintain_order="left", coalesce=False)
        return both["path_right"].is_not_null()

    def write(self, files: pl.DataFrame) -> None:
        """Replace the memory, when the release with `files` (`path`, `sha256`) is finished. Where there is no room for
        it, there is none."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / _MADE_BY).unlink(missing_ok=True)
            frame = pl.concat(self._noted).join(files.select("path", "sha256"), on="path", how="inner")
            with written_whole(self._folder / _PAGES) as new:
                frame.select(list(_SCHEMA)).write_parquet(new, compression="lz4")
            with written_whole(self._folder / _MADE_BY) as new:
                new.write_text(_made_by(), encoding="utf-8")
        except (OSError, PolarsError):  # Polars tells of a full disk in its own way; the release is live all the same
            shutil.rmtree(self._folder, ignore_errors=True)


def _load(folder: Path) -> pl.DataFrame | None:
    """The memory; None if there is none, or none of this very program, or if it is damaged."""
    try:
        if (folder / _MADE_BY).read_text(encoding="utf-8") != _made_by():
            return None
        frame = pl.read_parquet(folder / _PAGES)
    except Exception:  # a damaged file raises whatever its reader stumbles over
        return None
    return frame if frame.schema == pl.Schema(_SCHEMA) else None


def _inputs(pages: Pages, shapes: pl.Series) -> pl.Series:
    raw = sorted(pages.plan.raw)
    digests = {shape: _digest(repr((pieces, raw, pages.origin))) for shape, pieces in pages.plan.pieces.items()}
    constants = shapes.replace_strict(list(digests), list(digests.values()), return_dtype=pl.UInt64)
    slots = pages.slots.drop("path")
    return slots.with_columns(constants.alias("_constants")).hash_rows(seed=_digest(",".join(slots.columns)))


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _made_by() -> str:
    """All that a page depends on beside its plan and its cells: the program and what it runs on."""
    return " ".join([__version__, sys.version, *map(version, ("numpy", "polars")), source_digest()])

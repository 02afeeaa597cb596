"""What bulk pages of the last release were made from, so that a page whose inputs are the same is shared unread.

Nothing in it changes a byte of a release. It may be removed at any time; then all pages are made anew.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from publish.model.distinct import places
from publish.model.kept import Naming, keep
from publish.model.program import made_by

_PAGES, _SHAPES, _MADE_BY = "pages.parquet", "shapes.parquet", "made-by"
_PAGE_SCHEMA: Mapping[str, pl.DataType] = {"inputs": pl.UInt64(), "shape": pl.UInt32()}
_SHAPE_SCHEMA: Mapping[str, pl.DataType] = {"pages": pl.String(), "bits": pl.String(), "constants": pl.UInt64()}


@dataclass(frozen=True, slots=True)
class _Known:
    """`pages` sorted by `inputs`; their `shape` is a row of `shapes`."""

    pages: pl.DataFrame
    shapes: pl.DataFrame


class PageMemory:
    """Of each page the hash of its inputs, and its shape; of each shape the hash of its constants (bulk_pages.py)."""

    def __init__(self, folder: Path | None = None, release: str | None = None) -> None:
        """`folder`: where the last build's memory is, if it left one. `release`: the name of the one from which pages
        are shared; None: there is none, and all pages are made."""
        known = _load(folder, release) if folder is not None and release is not None else None
        self._known = known or _Known(pl.DataFrame(schema=dict(_PAGE_SCHEMA)), pl.DataFrame(schema=dict(_SHAPE_SCHEMA)))
        self._noted: list[pl.DataFrame] = []
        self._shapes: dict[tuple[str, str], tuple[int, int]] = {}

    def known(self, name: str, inputs: pl.Series) -> pl.Series:
        """The shape of each page of this name with these inputs (UInt64) that the last release has, by its number in
        `shapes` (UInt32); null for others."""
        at = places(inputs.to_numpy(), self._known.pages["inputs"].to_numpy())
        shapes = self._known.pages["shape"].gather(pl.Series(at).set(pl.Series(at < 0), None))
        mine = self.shapes(name)["shape"]
        return shapes.set(~shapes.is_in(mine.implode()), None)

    def shapes(self, name: str) -> pl.DataFrame:
        """The shapes of the last release's pages of this name: `shape`, their numbers (UInt32), `bits` (String) and
        `constants` (UInt64)."""
        numbered = self._known.shapes.with_row_index("shape").filter(pl.col("pages") == name)
        return numbered.select("shape", "bits", "constants")

    def note(self, name: str, inputs: pl.Series, shapes: pl.Series, constants: Mapping[str, int]) -> None:
        """The release in the making has pages of these inputs (UInt64) and shapes (String)."""
        used = shapes.unique(maintain_order=True).to_list()
        self._note(name, inputs, shapes, {shape: (shape, constants[shape]) for shape in used})

    def note_known(self, name: str, inputs: pl.Series, shapes: pl.Series) -> None:
        """The same of pages that the last release has too; `shapes` as `known` gives them."""
        table = self.shapes(name)
        told = dict(zip(table["shape"], table.select("bits", "constants").iter_rows(), strict=True))
        self._note(name, inputs, shapes, {shape: told[shape] for shape in shapes.unique(maintain_order=True)})

    def _note(self, name: str, inputs: pl.Series, shapes: pl.Series, told: Mapping[Any, tuple[str, int]]) -> None:
        """`told`: bits and constants of each of `shapes`, whatever they are called."""
        numbers = {
            shape: self._shapes.setdefault((name, bits), (len(self._shapes), constants))[0]
            for shape, (bits, constants) in told.items()
        }
        number = shapes.replace_strict(list(numbers), list(numbers.values()), return_dtype=pl.UInt32)
        self._noted.append(pl.DataFrame([inputs.alias("inputs"), number.alias("shape")]))

    def keep(self, folder: Path) -> Naming:
        """Keep what has been noted for the next build, as `publish.model.kept` has it."""
        return keep(folder, _MADE_BY, partial(self._write, folder))

    def _write(self, folder: Path) -> Callable[[str], str]:
        pages = pl.concat([pl.DataFrame(schema=dict(_PAGE_SCHEMA)), *self._noted]).sort("inputs")
        shapes = [(*shape, constants) for shape, (_, constants) in self._shapes.items()]
        pages.write_parquet(folder / _PAGES, compression="lz4")
        table = pl.DataFrame(shapes, schema=dict(_SHAPE_SCHEMA), orient="row")
        table.write_parquet(folder / _SHAPES, compression="lz4")
        program, digest = _program(), _digest(folder)
        return lambda release: f"{release} {program} {digest}"


def _load(folder: Path, release: str) -> _Known | None:
    """The memory; None if there is none of this release made by this very program, or if it is damaged."""
    try:
        if (folder / _MADE_BY).read_text(encoding="utf-8") != f"{release} {_program()} {_digest(folder)}":
            return None
        pages, shapes = pl.read_parquet(folder / _PAGES), pl.read_parquet(folder / _SHAPES)
    except Exception:  # a damaged file raises whatever its reader stumbles over
        return None
    known = pages.schema == pl.Schema(_PAGE_SCHEMA) and shapes.schema == pl.Schema(_SHAPE_SCHEMA)
    highest = pages["shape"].max() if known and pages.height else None
    whole = known and (highest is None or (isinstance(highest, int) and highest < shapes.height))
    inputs = pages["inputs"].to_numpy()
    return _Known(pages, shapes) if whole and (inputs[1:] > inputs[:-1]).all() else None


def _digest(folder: Path) -> str:
    """Of both files: Parquet does not notice damage, and files of two builds do not go together."""
    digest = hashlib.sha256()
    for name in (_PAGES, _SHAPES):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def _program() -> str:
    """What pages depend on beside inputs and constants: the program and what it runs on."""
    return made_by("python", "numpy", "polars")

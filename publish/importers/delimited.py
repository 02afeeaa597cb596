"""Reading delimited files as offices left them: unknown encoding, titles above the header, ragged ends.

Python's csv reader takes the file apart, since it reads stray quotes and mixed line ends as spreadsheets write them;
from there on everything is columns.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import polars as pl

from publish.importers.folding import fold_text
from publish.importers.recipe import Ragged, Recipe
from publish.model.issue import BuildStopped, Issue, Level

HEADER_SEARCH_ROWS = 50
_CHUNK_ROWS = 50_000
_END = "\x1eend\x1e"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A file, taken apart.

    `frame`: one String column per column of the recipe under its field name, cells as written (null: the file has no
    such column), plus `_row` UInt32, the number of the row in the file, from 1. Blank rows and repeated headers are
    out and counted. `encoding` is the one that fitted; `issues` are warnings.
    """

    frame: pl.DataFrame
    encoding: str
    blank_rows: int
    repeated_headers: int
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    row: int
    cells: tuple[str, ...]
    positions: dict[str, int]


def read_delimited(source: Path, recipe: Recipe) -> DelimitedTable:
    """Read `source` by the encodings, dialect and columns of the recipe.

    Raises BuildStopped: `import.unreadable`, `import.undecodable`, `import.no-header`, `import.duplicate-column`,
    `import.broken-quotes`, `import.short-row`, `import.surplus-cells`. No hint holds a cell's text.
    """
    text, encoding, header = _decode(source, recipe)
    issues: list[Issue] = []
    unknown = [n for n, cell in enumerate(header.cells, 1) if cell.strip() and n - 1 not in header.positions.values()]
    for number in unknown:
        hint = f"column {number} is not in the recipe and is left out"
        issues.append(Issue("import.unknown-column", Level.WARNING, hint, file=source.name, row=header.row))
    rows = _Rows(source, recipe, header)
    frame = rows.frame(_records(source, text, recipe))
    again = pl.all_horizontal(pl.col(name) == header.cells[at] for name, at in header.positions.items())
    repeated = frame.select(again.sum()).item() if frame.height else 0
    issues += rows.repairs()
    return DelimitedTable(frame.filter(~again), encoding, rows.blank, repeated, tuple(issues))


def _decode(source: Path, recipe: Recipe) -> tuple[str, str, _Header]:
    """The text in the first encoding that decodes all of it and finds the recipe's titles in it.

    The titles are the proof: GB18030 decodes nearly anything, and a short CP932 file may pass for another encoding.
    """
    try:
        raw = source.read_bytes()
    except OSError as error:
        hint = f"the file cannot be read: {type(error).__name__}"
        raise BuildStopped((Issue("import.unreadable", Level.ERROR, hint, file=source.name),)) from None
    marked = [name for bom, name in _BOMS if raw.startswith(bom)]
    best: BuildStopped | None = None
    for encoding in marked or recipe.encodings:
        try:
            text = raw.decode(encoding).removeprefix("\ufeff")
        except UnicodeError:
            continue
        try:
            return text, encoding, _find_header(source, text, recipe)
        except BuildStopped as stopped:
            best = best or stopped
    tried = ", ".join(marked or recipe.encodings)
    undecodable = Issue("import.undecodable", Level.ERROR, f"not a text in {tried}", file=source.name)
    raise best or BuildStopped((undecodable,))


def _find_header(source: Path, text: str, recipe: Recipe) -> _Header:
    wanted = [column for column in recipe.columns if not column.optional]
    fewest: list[str] = [column.title for column in wanted]
    for number, cells in enumerate(islice(_records(source, text, recipe), HEADER_SEARCH_ROWS), 1):
        titles = [fold_text(cell) for cell in cells]
        places = {c.field: _places(titles, (c.title, *c.aliases)) for c in recipe.columns}
        missing = [column.title for column in wanted if not places[column.field]]
        if len(missing) < len(fewest):
            fewest = missing
        if missing:
            continue
        twice = [column.title for column in recipe.columns if len(places[column.field]) > 1]
        if twice:
            hint = f"columns occur more than once: {', '.join(twice)}"
            raise BuildStopped((Issue("import.duplicate-column", Level.ERROR, hint, file=source.name, row=number),))
        return _Header(number, tuple(cells), {name: at[0] for name, at in places.items() if at})
    hint = f"no header in the first {HEADER_SEARCH_ROWS} rows; missing: {', '.join(fewest)}"
    raise BuildStopped((Issue("import.no-header", Level.ERROR, hint, file=source.name),))


def _places(titles: Sequence[str], names: Sequence[str]) -> list[int]:
    folded = {fold_text(name) for name in names}
    return [at for at, title in enumerate(titles) if title in folded]


def _records(source: Path, text: str, recipe: Recipe) -> Iterator[list[str]]:
    """Every row of the file, blank ones too. A last line of our own shows whether a quote was left open."""
    lines = chain(io.StringIO(text, newline=""), [_END])
    if recipe.quote is None:
        reader = csv.reader(lines, delimiter=recipe.delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=recipe.delimiter, quotechar=recipe.quote)
    number = 1
    try:
        for cells in reader:
            if cells == [_END]:
                return
            if cells and cells[-1].endswith(_END):
                break
            yield cells
            number += 1
    except csv.Error:
        pass
    hint = "a quote that opens in this row is never closed, or a cell is longer than 131,072 characters"
    raise BuildStopped((Issue("import.broken-quotes", Level.ERROR, hint, file=source.name, row=number),))


class _Rows:
    """Collects rows into columns, chunk by chunk, and keeps count of what it had to repair."""

    def __init__(self, source: Path, recipe: Recipe, header: _Header) -> None:
        self.blank = 0
        self._source, self._header, self._repair = source, header, recipe.ragged is Ragged.REPAIR
        self._names = [column.field for column in recipe.columns]
        self._places = [(name, header.positions[name]) for name in self._names if name in header.positions]
        self._key_end = 1 + max(header.positions[name] for name in recipe.key)
        self._short: list[int] = []
        self._surplus: list[int] = []

    def frame(self, records: Iterator[list[str]]) -> pl.DataFrame:
        schema = {"_row": pl.UInt32, **{name: pl.String for name, _ in self._places}}
        chunks = [pl.DataFrame(schema=schema)]
        rows = enumerate(islice(records, self._header.row, None), self._header.row + 1)
        while chunk := list(islice(rows, _CHUNK_ROWS)):
            kept = [(number, cells) for number, cells in chunk if self._keeps(number, cells)]
            columns: dict[str, object] = {"_row": [number for number, _ in kept]}
            for name, at in self._places:
                columns[name] = [cells[at] if at < len(cells) else "" for _, cells in kept]
            chunks.append(pl.DataFrame(columns, schema=schema))
        if not self._repair:
            self._stop()
        absent = [pl.lit(None, dtype=pl.String).alias(n) for n in self._names if n not in self._header.positions]
        return pl.concat(chunks).with_columns(absent).select("_row", *self._names)

    def _keeps(self, number: int, cells: list[str]) -> bool:
        width = len(self._header.cells)
        if len(cells) == width:
            kept = any(cell and not cell.isspace() for cell in cells)
        else:
            kept = any(cell.strip() for cell in cells)
            if kept and len(cells) < self._key_end:
                self._short.append(number)
            elif any(cell.strip() for cell in cells[width:]):
                self._surplus.append(number)
        self.blank += not kept
        return kept

    def repairs(self) -> list[Issue]:
        found = (
            ("import.short-row", self._short, "a row ends before its key columns do; the rest is blank"),
            ("import.surplus-cells", self._surplus, "a row has more cells than the header; the surplus is left out"),
        )
        return [self._issue(code, Level.WARNING, rows, hint) for code, rows, hint in found if rows]

    def _stop(self) -> None:
        found = (
            ("import.short-row", self._short, "a row ends before its key columns do"),
            ("import.surplus-cells", self._surplus, "a row has more cells than the header"),
        )
        issues = [self._issue(code, Level.ERROR, rows, hint) for code, rows, hint in found if rows]
        if issues:
            raise BuildStopped(tuple(issues))

    def _issue(self, code: str, level: Level, rows: Sequence[int], hint: str) -> Issue:
        return Issue(code, level, hint, file=self._source.name, row=rows[0], count=len(rows))

"""Legacy delimited tables into data packages: read, shape, write. See docs/importers.md."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from publish.importers.dates import parse_dates
from publish.importers.delimited import read_delimited
from publish.importers.folding import record_ids
from publish.importers.recipe import Recipe, Whitespace
from publish.model.artifact import written_whole
from publish.model.issue import Issue, Level

DESCRIPTOR = "datapackage.yaml"
_DATA_PACKAGE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; no text of any cell.

    `rows` are the data rows read (blank rows and repeated headers are counted apart), `records` those written,
    `duplicates` the rows that gave way to a later one with the same key. `issues` are warnings; `row` in them is the
    row number in the source, from 1.
    """

    source: str
    encoding: str
    rows: int
    records: int
    duplicates: int
    blank_rows: int
    repeated_headers: int
    issues: tuple[Issue, ...]


def import_table(source: Path, recipe: Recipe, folder: Path, *, as_of: date | None = None) -> ImportReport:
    """Write the file `source` as a data package into `folder`: datapackage.yaml and <resource>.csv.

    The CSV is UTF-8 with LF, the record id first, then the recipe's columns, then its dates (ISO 8601); rows stand as
    in the source. Equal input gives equal bytes. Without `as_of`, the recipe's `past` is not checked. Raises
    BuildStopped for what `read_delimited` lists; then nothing is written.
    """
    table = read_delimited(source, recipe)
    cells = table.frame.with_columns(_cleaned(recipe))
    frame = cells.with_columns(record_ids(cells, recipe.key).alias(recipe.record_id))
    merged = frame.unique(recipe.record_id, keep="last", maintain_order=True)
    issues = list(table.issues)
    issues += _duplicates(frame, merged, recipe, source)
    for column in recipe.dates:
        days = parse_dates(merged[column.source])
        issues += _unread(merged, days, column.source, source)
        if column.past and as_of is not None:
            late = (days > as_of).fill_null(False)
            issues += _issues("import.date-in-future", merged, late, column.source, source, _FUTURE)
            days = days.to_frame("day").select(pl.when(~late).then("day")).to_series()
        merged = merged.with_columns(days.alias(column.field))
    _write_package(merged.select(_fields(recipe)), recipe, folder)
    return ImportReport(
        source=source.name,
        encoding=table.encoding,
        rows=frame.height,
        records=merged.height,
        duplicates=frame.height - merged.height,
        blank_rows=table.blank_rows,
        repeated_headers=table.repeated_headers,
        issues=tuple(issues),
    )


_FUTURE = "the day lies after the as-of date and was miswritten; the date is left blank, the text is kept"
_UNREAD = "not a day that can be read for certain; the date is left blank, the text is kept"
_DUPLICATE = "rows with the same key as a later one; the last is kept"


def _cleaned(recipe: Recipe) -> Iterator[pl.Expr]:
    """Every column with line ends as LF, white space by the recipe, and null for a blank cell."""
    for column in recipe.columns:
        cell = pl.col(column.field).str.replace_all(r"\r\n?", "\n")
        if recipe.whitespace is Whitespace.COLLAPSE:
            cell = cell.str.replace_all(r"\s+", " ")
        if recipe.whitespace is not Whitespace.KEEP:
            cell = cell.str.strip_chars()
        yield pl.when(cell.str.strip_chars() != "").then(cell).alias(column.field)


def _duplicates(frame: pl.DataFrame, merged: pl.DataFrame, recipe: Recipe, source: Path) -> Iterator[Issue]:
    if frame.height > merged.height:
        dropped = ~frame["_row"].is_in(merged["_row"].implode())
        yield from _issues("import.duplicate", frame, dropped, recipe.key[0], source, _DUPLICATE)


def _unread(frame: pl.DataFrame, days: pl.Series, field: str, source: Path) -> Iterator[Issue]:
    yield from _issues("import.unread-date", frame, frame[field].is_not_null() & days.is_null(), field, source, _UNREAD)


def _issues(code: str, frame: pl.DataFrame, mark: pl.Series, field: str, source: Path, hint: str) -> Iterator[Issue]:
    """One warning for all marked rows, at the first of them."""
    rows = frame["_row"].filter(mark)
    if rows.len():
        yield Issue(code, Level.WARNING, hint, file=source.name, row=rows[0], field=field, count=rows.len())


def _fields(recipe: Recipe) -> list[str]:
    return [recipe.record_id, *(c.field for c in recipe.columns), *(d.field for d in recipe.dates)]


def _write_package(frame: pl.DataFrame, recipe: Recipe, folder: Path) -> None:
    """Write the data, then the descriptor: between the two the descriptor's hash does not fit, and no build starts."""
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / f"{recipe.resource}.csv"
    with written_whole(data) as new:
        frame.write_csv(new, line_terminator="\n")
    with data.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    descriptor = _descriptor(recipe, digest, data.stat().st_size)
    text = yaml.safe_dump(descriptor, allow_unicode=True, sort_keys=False, width=120)
    with written_whole(folder / DESCRIPTOR) as new:
        new.write_text(text, encoding="utf-8", newline="\n")


def _descriptor(recipe: Recipe, digest: str, size: int) -> dict[str, Any]:
    """A Data Package v2 descriptor with the recipe's disclosure block."""
    fields = [{"name": recipe.record_id, "type": "string", "title": recipe.record_id_title}]
    fields += [_field(c.field, "string", c.title, c.description) for c in recipe.columns]
    fields += [_field(d.field, "date", d.title, d.description) for d in recipe.dates]
    resource = {
        "name": recipe.resource,
        "type": "table",
        "path": f"{recipe.resource}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": {"fields": fields, "primaryKey": [recipe.record_id]},
    }
    return {"$schema": _DATA_PACKAGE, **recipe.package, "resources": [resource], "disclosure": dict(recipe.disclosure)}


def _field(name: str, kind: str, title: str, description: str) -> dict[str, str]:
    described = {"description": description} if description else {}
    return {"name": name, "type": kind, "title": title, **described}

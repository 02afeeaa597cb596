"""Tabular files into frames: String columns in schema order, cells as written, null where a value is missing.

Two paths give the same result: Polars for regular files, Python's csv module for all others.
"""

import tempfile
from pathlib import Path

import polars as pl

from publish.load.csv_exact import read_exact, read_header
from publish.load.csv_fast import read_fast
from publish.load.csv_table import RawTable
from publish.load.decode import load_plain
from publish.load.header import Header, match_header
from publish.load.unpack import NotReadableTable
from publish.model.issue import Issue, Level
from publish.model.source import FieldSpec, ResourceFile, Schema

_ROW = "_row"
_MISSHAPEN = {_ROW: pl.UInt32, "code": pl.String}


def read_table(
    file: ResourceFile, schema: Schema, *, package: str, resource: str, limit: int
) -> tuple[pl.DataFrame, pl.DataFrame, tuple[Issue, ...]]:
    """Read a resource: (frame, misshapen, issues), the frames as SourceTable documents them.

    `limit` is the most bytes of unpacked text. With an issue of level ERROR both frames are empty. Codes: `header.*`
    (publish/load/header.py), `table.empty`, `table.too-large`, `table.bad-archive`, `table.undecodable`,
    `table.parts-differ`, `table.open-quote`, `table.unreadable`.
    """
    with tempfile.TemporaryDirectory(prefix="gongshi-") as scratch:
        try:
            plain = load_plain(file, limit, Path(scratch))
            header, raw, issues = _read(plain, file, schema, package, resource)
        except NotReadableTable as fault:
            issue = Issue(fault.code, Level.ERROR, fault.hint, line=fault.line, package=package, resource=resource)
            header, raw, issues = None, None, [issue]
    if header is None or raw is None:
        names = [*(spec.name for spec in schema.fields)]
        empty = pl.DataFrame(schema={**dict.fromkeys(names, pl.String), _ROW: pl.UInt32})
        return empty, pl.DataFrame(schema=_MISSHAPEN), tuple(issues)
    null_text = file.dialect.null_sequence
    places = tuple(zip(schema.fields, header.columns, strict=True))
    missing = {
        spec.name: is_missing
        for spec, place in places
        if (is_missing := _is_missing(spec, place, schema, null_text)) is not None
    }
    # In most columns nothing is missing: they are taken as they are.
    some = raw.frame.select(is_missing.any().alias(name) for name, is_missing in missing.items())
    blank = {name: missing[name] for name in some.columns if some[name].item()}
    cells = [_cells(spec, place, blank.get(spec.name)) for spec, place in places]
    return raw.frame.select(*cells, _ROW), _misshapen(raw.odd, header.width), tuple(issues)


def _read(
    plain: Path, file: ResourceFile, schema: Schema, package: str, resource: str
) -> tuple[Header | None, RawTable | None, list[Issue]]:
    if plain.stat().st_size <= 3 and not plain.read_bytes().removeprefix(b"\xef\xbb\xbf"):
        return None, None, [_error("table.empty", "the file holds nothing, not even a header", package, resource)]
    labels, last = read_header(plain, file.dialect)
    if last and not labels:
        return None, None, [_error("header.blank", "the header has no cells", package, resource, last)]
    header, issues = match_header(labels, schema, package, resource)
    if issues:
        return None, None, issues
    raw = read_fast(plain, file.dialect, header.width)
    if raw is None:
        raw = read_exact(plain, file.dialect, header.width, last)
    return header, raw, []


def _error(code: str, hint: str, package: str, resource: str, row: int = 0) -> Issue:
    return Issue(code, Level.ERROR, hint, package=package, resource=resource, row=row)


def _is_missing(spec: FieldSpec, place: int | None, schema: Schema, null_text: str | None) -> pl.Expr | None:
    """Whether a text is one of the field's missing values, or the dialect's null sequence; None: none is."""
    missing = schema.missing_values if spec.missing_values is None else spec.missing_values
    texts = sorted({*missing, null_text} - {None}, key=str)
    if place is None or not texts:
        return None
    cell = pl.col(str(place))
    return cell == texts[0] if len(texts) == 1 else cell.is_in(texts)


def _cells(spec: FieldSpec, place: int | None, is_missing: pl.Expr | None) -> pl.Expr:
    """The field's column; null where a text is missing."""
    if place is None:
        return pl.lit(None, dtype=pl.String).alias(spec.name)
    cell = pl.col(str(place))
    return cell.alias(spec.name) if is_missing is None else pl.when(~is_missing).then(cell).alias(spec.name)


def _misshapen(odd: pl.DataFrame, width: int) -> pl.DataFrame:
    code = pl.when(pl.col("cells") < width).then(pl.lit("cell.missing")).otherwise(pl.lit("cell.extra"))
    return odd.select(_ROW, code.alias("code"))

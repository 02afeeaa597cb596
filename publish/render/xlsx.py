"""Office Open XML workbooks (ECMA-376) whose cells are all text, written in columns: same table, same bytes.

Text cells keep what a spreadsheet would else alter: credit codes, leading zeros, dates; nothing in them is a formula.
The sheet is assembled as XML by string concatenation, a row of the table at a time as one string, and deflated as it
goes. Bytes depend on the zlib of the Python that runs, as any deflated file does.
"""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

SHEET_ROWS = 1_048_575  # below the row of titles; ECMA-376 and Excel end at row 1,048,576
CELL_UNITS = 32_767  # UTF-16 units that Excel takes in a cell
_CHUNK = 2048  # rows that are put together at a time: so few stay near the processor
_LEVEL = 5  # three quarters of the time of level 6, for 6 % more bytes
_ZIP64_FROM = 1 << 30
_DATE = (1980, 1, 1, 0, 0, 0)  # the zip format's first

_ILLEGAL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"  # XML 1.0, production 2
_SPECIAL = r"[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_"
_SPACES = r"^ | $|  |[\t\n\r]"  # which XML's readers may leave out
# A row of the sheet: its cells between these, or the last where there is none.
ROW, ROW_END = "<row>", "</row>"
OPEN, CLOSE, EMPTY = '<c t="inlineStr"><is><t>', "</t></is></c>", "<c/>"
_OPEN_KEPT = '<c t="inlineStr"><is><t xml:space="preserve">'

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_xlsx(path: Path, titles: Sequence[str], frame: pl.DataFrame, name: str, sheet_rows: int = SHEET_ROWS) -> None:
    """Write `frame` (String columns, in the order of `titles`) as a workbook; more rows than fit go on further sheets.

    Characters that XML cannot hold are left out; text beyond 32,767 UTF-16 units is cut and ends with `…`. `name` is
    the sheets' name, made fit. Null is an empty cell.
    """
    sheets = max(1, -(-frame.height // sheet_rows))
    names = [_sheet_name(name, number, sheets) for number in range(1, sheets + 1)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for part, text in _parts(names):
            archive.writestr(_info(part), (_HEAD + text).encode())
        for number in range(sheets):
            rows = frame.slice(number * sheet_rows, sheet_rows)
            large = rows.estimated_size() + rows.height * rows.width * (len(OPEN) + len(CLOSE)) > _ZIP64_FROM
            info = _info(f"xl/worksheets/sheet{number + 1}.xml")
            with archive.open(info, "w", force_zip64=large) as stream:
                for piece in _sheet(titles, rows):
                    stream.write(piece)


def _sheet(titles: Sequence[str], frame: pl.DataFrame) -> Iterator[bytes]:
    columns = [f"c{number}" for number in range(len(titles))]
    head = pl.DataFrame({column: [title] for column, title in zip(columns, titles, strict=True)})
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/><sheetData>'
    ).encode()
    yield _rows(head)
    for chunk in frame.iter_slices(_CHUNK):
        yield _rows(chunk)
    yield b"</sheetData></worksheet>"


def _rows(chunk: pl.DataFrame) -> bytes:
    parts: list[pl.Expr] = []
    constant = ROW  # since the last cell
    for column in map(_escaped, chunk.get_columns()):
        kept = column.str.contains(_SPACES)
        if column.null_count() or kept.any():
            begin = pl.when(pl.lit(kept)).then(pl.lit(_OPEN_KEPT)).otherwise(pl.lit(OPEN))
            cell = (begin + pl.lit(column) + pl.lit(CLOSE)).fill_null(EMPTY)
            parts += [pl.lit(constant), cell]
            constant = ""
        else:
            parts += [pl.lit(constant + OPEN), pl.lit(column)]
            constant = CLOSE
    rows = chunk.select(pl.concat_str(*parts, pl.lit(constant + ROW_END)).str.join(""))
    return bytes(rows.to_series().cast(pl.Binary).item())  # not through a string, which would be encoded again


def _escaped(column: pl.Series) -> pl.Series:
    if (column.str.len_bytes().max() or 0) > CELL_UNITS:  # type: ignore[operator]
        column = _cut(column)
    if not column.str.contains(_SPECIAL).any():
        return column
    text = column.str.replace_all(_ILLEGAL, "").str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        text = text.str.replace_all(plain, entity, literal=True)
    return text


def _cut(column: pl.Series) -> pl.Series:
    astral = pl.col("text").str.count_matches(r"[\x{10000}-\x{10ffff}]")
    units = pl.col("text").str.len_chars() + astral
    cut = pl.col("text").str.head(CELL_UNITS - 1 - astral.cast(pl.Int64)) + "…"
    return column.to_frame("text").select(pl.when(units > CELL_UNITS).then(cut).otherwise("text")).to_series()


def _sheet_name(name: str, number: int, sheets: int) -> str:
    """At most 31 characters, none of `[]:*?/\\`, no apostrophe at an end: what Excel takes."""
    clean = "".join(" " if c in "[]:*?/\\" or not c.isprintable() else c for c in name if ord(c) < 0x10000)
    suffix = f" {number}" if sheets > 1 else ""
    return (clean.strip(" '")[: 31 - len(suffix)].strip(" '") or "data") + suffix


def _parts(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    numbers = range(1, len(names) + 1)
    sheet_types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{sheet_types}</Types>',
    )
    yield (
        "_rels/.rels",
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    sheets = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>',
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    yield "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _info(part: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(part, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # else it is the system that runs
    info.external_attr = 0o644 << 16
    return info

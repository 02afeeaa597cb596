"""Office Open XML workbooks (ECMA-376) whose cells are all text, written in columns: same table, same bytes.

Text cells keep what a spreadsheet would else alter: credit codes, leading zeros, dates; nothing in them is a formula.
The sheet is assembled as XML by string concatenation, and deflated in pieces of some rows that know nothing of each
other (deflate, RFC 1951, ends a block where it is told): a piece of the live release is taken as it is. Pieces are cut
at records that say so themselves (cutting.py). Bytes depend on the zlib of the Python that runs.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import polars as pl

from publish.model.data_memory import PIECE_SCHEMA, Ints, same_pieces
from publish.render.cutting import cut_pages, key_weights
from publish.render.live_files import LiveFile
from publish.render.packing import PackedPart, deflated, part_info
from publish.render.pieces import batches, rows_of
from publish.render.sheet_rows import sheet_rows

SHEET_ROWS = 1_048_575  # below the row of titles; ECMA-376 and Excel end at row 1,048,576
PIECE_ROWS = 128  # at most; with half of that files are 8 % larger, and a night makes half as much of the sheet
_READ = 16_384  # rows whose cells are read together
_CHUNK = 2048  # rows that are put together at a time: so few stay near the processor

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TAIL = b"</sheetData></worksheet>"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True, slots=True)
class LivePieces:
    """A workbook in the live release: the file, its `pieces` (PIECE_SCHEMA), and which of its rows each row of the new
    one is, or -1."""

    file: LiveFile
    pieces: pl.DataFrame
    rows: Ints


def write_xlsx(
    path: Path,
    titles: Sequence[str],
    keys: pl.Series,
    cells: Callable[[Ints], pl.DataFrame],
    name: str,
    live: LivePieces | None = None,
    sheet_rows: int = SHEET_ROWS,
) -> pl.DataFrame:
    """Write the rows of these `keys` (hex digits) as a workbook; more rows than fit go on on further sheets.

    `cells` gives those of some rows: String columns, in the order of `titles`. Characters that XML cannot hold are left
    out; text beyond 32,767 UTF-16 units is cut and ends with `…`. `name` is the sheets' name, made fit. Null is an
    empty cell. Returns PIECE_SCHEMA. Raises DamagedFile if the live workbook is not what it should be.
    """
    sheets, counts = cut_sheets(keys, sheet_rows)
    names = [_sheet_name(name, number, int(sheets[-1]) + 1) for number in range(1, int(sheets[-1]) + 2)]
    firsts = np.cumsum(counts) - counts
    known = np.full(len(counts), -1, np.int64)
    if live is not None:
        known = same_pieces(counts, live.rows, live.pieces["rows"].to_numpy().astype(np.int64))
    begins, found = list[int](), list[tuple[int, int, int]]()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in _parts(names):
            archive.writestr(part_info(part), (_HEAD + text).encode())
        for number in range(len(names)):
            own = np.flatnonzero(sheets == number)
            with PackedPart(archive, f"xl/worksheets/sheet{number + 1}.xml") as sheet:
                sheet.put(*deflated(_head(titles)))
                for data, size, crc in _pieces(firsts[own], counts[own], known[own], cells, live):
                    begins.append(sheet.put(data, size, crc))
                    found.append((len(data), size, crc))
                sheet.put(*deflated(_TAIL, is_last=True))
    if live is not None:
        live.file.check()
    sizes = np.array(found, np.int64).reshape(-1, 3).T
    rows = np.flatnonzero(counts)  # of an empty table there is one sheet and no piece
    columns = (sheets[rows], counts[rows], begins, *sizes)
    return pl.DataFrame(dict(zip(PIECE_SCHEMA, map(np.asarray, columns), strict=True))).cast(dict(PIECE_SCHEMA))  # type: ignore[arg-type]


def made_rows(keys: pl.Series, pieces: pl.DataFrame, rows: Ints) -> Ints:
    """Of which rows write_xlsx asks for cells where the live workbook has these `pieces` (PIECE_SCHEMA); `rows` as
    LivePieces has them."""
    _, counts = cut_sheets(keys)
    known = same_pieces(counts, rows, pieces["rows"].to_numpy().astype(np.int64))
    return np.flatnonzero(np.repeat(known < 0, counts))


def cut_sheets(keys: pl.Series, sheet_rows: int = SHEET_ROWS) -> tuple[Ints, Ints]:
    """Of each piece in which sheet it is, and how many rows it has."""
    if not keys.len():
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    sheets = np.arange(keys.len()) // sheet_rows
    pages = cut_pages(key_weights(keys), pl.Series(sheets), PIECE_ROWS).to_numpy()
    first = np.flatnonzero(np.r_[True, (pages[1:] != pages[:-1]) | (sheets[1:] != sheets[:-1])])
    return sheets[first], np.diff(np.r_[first, keys.len()])


def _pieces(
    firsts: Ints, counts: Ints, known: Ints, cells: Callable[[Ints], pl.DataFrame], live: LivePieces | None
) -> Iterator[tuple[bytes, int, int]]:
    """Deflated pieces, with the size and CRC-32 of what is in them."""
    made = _made_pieces(firsts[known < 0], counts[known < 0], cells)
    old = live.pieces.select("begin", "bytes", "size", "crc").rows() if live is not None else []
    for one, count in zip(known.tolist(), counts.tolist(), strict=True):
        if live is not None and one >= 0:
            begin, length, size, crc = old[one]
            yield live.file.bytes(begin, begin + length), size, crc
        elif count:
            yield next(made)


def _made_pieces(firsts: Ints, counts: Ints, cells: Callable[[Ints], pl.DataFrame]) -> Iterator[tuple[bytes, int, int]]:
    """Cells are asked for some thousands at a time, and put together some fewer at a time."""
    for batch in batches(counts, _READ):
        sizes = counts[batch]
        frame, at = cells(rows_of(firsts[batch], sizes)), 0
        for some in batches(sizes, _CHUNK):
            height = int(sizes[some].sum())
            yield from map(deflated, sheet_rows(frame.slice(at, height), sizes[some]))
            at += height


def _head(titles: Sequence[str]) -> bytes:
    head = pl.DataFrame({f"c{number}": [title] for number, title in enumerate(titles)})
    begin = (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/><sheetData>'
    )
    return begin.encode() + b"".join(sheet_rows(head, np.ones(1, np.int64)))


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

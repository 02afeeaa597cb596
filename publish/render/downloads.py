"""The data files of a dataset: CSV, CSV for Excel, XLSX, JSON, NDJSON, Parquet, and what describes them.

What is in each of them and why: docs/downloads.md. Every file has the columns of the table's public fields, then
`permalink` (the record's page), `public_until` (its last public day; empty: no end) and `flag` (what the record is
marked with, such as `objection`; empty: nothing). Without the mark a copy would show a disputed record as if nobody
disputed it.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from publish import urls
from publish.model.artifact import DataCells, written_whole
from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.render.cells import excel_safe, excel_safe_column, typed_column
from publish.render.data_cells import written_cells
from publish.render.xlsx import write_xlsx

# The columns that are added to a table's own, by name, with their titles.
ADDED = {"permalink": "记录网址", "public_until": "公示截止日期", "flag": "标注"}
_SLOW = ("xlsx",)
_CHUNK = 65_536
_ROW_GROUP = 131_072


@dataclass(frozen=True, slots=True)
class DownloadFile:
    """One finished file: `suffix` is one of urls.DOWNLOAD_NAMES."""

    suffix: str
    path: Path
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A table as its files have it: `frame` has String columns by name (`public_until` too), `titles` those for people.

    `fields` describe the columns, with the types that every value has; `typed` is the same with those types, and
    `public_until` as Date.
    """

    fields: tuple[PublicField, ...]
    titles: tuple[str, ...]
    frame: pl.DataFrame
    typed: pl.DataFrame


@dataclass(frozen=True, slots=True)
class DownloadTask:
    """Some of the files of one dataset. `table` without its rows, which are in `rows`, an IPC file."""

    table: PublicTable
    rows: Path
    base_url: str
    folder: Path
    suffixes: tuple[str, ...]
    cells: bool = False


def download_tasks(table: PublicTable, base_url: str, folder: Path, cells: bool = False) -> list[DownloadTask]:
    """All files of a dataset as tasks for an executor; `folder` is a scratch folder that exists. XLSX takes as long as
    all others together. With `cells` one of them writes the cells, too (`written_cells`)."""
    rows = folder / f"{table.info.slug}.rows.arrow"
    table.frame.write_ipc(rows)
    bare = replace(table, frame=table.frame.clear())
    others = tuple(suffix for suffix in urls.DOWNLOAD_NAMES if suffix not in _SLOW)
    return [
        DownloadTask(bare, rows, base_url, folder, _SLOW),
        DownloadTask(bare, rows, base_url, folder, others, cells),
    ]


@dataclass(frozen=True, slots=True)
class MadeFiles:
    """Files in the order of their suffixes, what their columns are, and the cells of all files if they were wanted."""

    files: tuple[DownloadFile, ...]
    fields: tuple[PublicField, ...]
    cells: DataCells | None


def render_task(task: DownloadTask) -> MadeFiles:
    """The files of a task. Runs anywhere."""
    table = replace(task.table, frame=pl.read_ipc(task.rows))
    columns = derive_columns(table, task.base_url)
    files = _render_files(columns, table.info, task.folder, task.suffixes)
    slug = table.info.slug
    cells = written_cells(columns.frame, columns.typed, slug, task.folder) if task.cells else None
    return MadeFiles(files, columns.fields, cells)


def render_downloads(
    table: PublicTable, base_url: str, folder: Path, suffixes: Sequence[str] = urls.DOWNLOAD_NAMES
) -> tuple[DownloadFile, ...]:
    """Write files of one dataset into `folder`, a scratch folder that exists.

    The day of the build is not in any of them: a table that has not changed gives the same bytes, which the release
    links.
    """
    return _render_files(derive_columns(table, base_url), table.info, folder, suffixes)


def _render_files(
    columns: Columns, info: DatasetInfo, folder: Path, suffixes: Sequence[str]
) -> tuple[DownloadFile, ...]:
    files = []
    for suffix in suffixes:
        path = folder / f"{info.slug}.{suffix}"
        with written_whole(path) as new:
            _WRITERS[suffix](columns, info, new)
            with new.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        files.append(DownloadFile(suffix, path, path.stat().st_size, digest))
    return tuple(files)


def derive_columns(table: PublicTable, base_url: str) -> Columns:
    """The columns of a table's files. Those that are added get underscores if a field has their name."""
    names = [field.name for field in table.fields]
    permalink, until, flag = (_free(name, names) for name in ADDED)
    key = pl.col("_key")
    address = pl.concat_str(pl.lit(f"{base_url}/r/"), key.str.head(2), pl.lit("/"), key, pl.lit(".html"))
    frame = table.frame.select(
        *(pl.col(name).cast(pl.String) for name in names),
        address.alias(permalink),
        pl.col("_until").cast(pl.String).alias(until),
        pl.col("_flag").alias(flag),
    )
    values = {field.name: typed_column(frame[field.name], field) for field in table.fields}
    typed = frame.with_columns(*values.values(), table.frame["_until"].alias(until))
    fields = (
        *(_described(field, values[field.name]) for field in table.fields),
        PublicField(permalink, ADDED["permalink"], type="string", format="uri"),
        PublicField(until, ADDED["public_until"], type="date"),
        PublicField(flag, ADDED["flag"], type="string"),
    )
    return Columns(fields, tuple(field.title or field.name for field in fields), frame, typed)


def _write_csv(columns: Columns, info: DatasetInfo, path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(_header(columns.frame.columns, csv.QUOTE_MINIMAL))
        for chunk in columns.frame.iter_slices(_CHUNK):
            chunk.write_csv(stream, include_header=False, line_terminator="\r\n", quote_style="necessary")


def _write_excel_csv(columns: Columns, info: DatasetInfo, path: Path) -> None:
    titles = pl.Series(columns.titles).to_frame("title").select(excel_safe(pl.col("title"))).to_series()
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf" + _header(titles.to_list(), csv.QUOTE_ALL))
        for chunk in columns.frame.iter_slices(_CHUNK):
            # All cells in quotes: where the list separator is `;` Excel would begin a new cell inside one.
            safe = pl.DataFrame(list(map(excel_safe_column, chunk.get_columns())))
            safe.write_csv(stream, include_header=False, line_terminator="\r\n", quote_style="always")


def _write_xlsx(columns: Columns, info: DatasetInfo, path: Path) -> None:
    write_xlsx(path, columns.titles, columns.frame, info.title)


def _write_json(columns: Columns, info: DatasetInfo, path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(b"[")
        between = b"\n"
        for chunk in columns.typed.iter_slices(_CHUNK):
            lines = io.BytesIO()
            chunk.write_ndjson(lines)
            # A line feed in a value is written \n, so that every one in the bytes ends an object.
            stream.write(between + lines.getvalue().rstrip(b"\n").replace(b"\n", b",\n"))
            between = b",\n"
        stream.write(b"\n]\n")


def _write_ndjson(columns: Columns, info: DatasetInfo, path: Path) -> None:
    with path.open("wb") as stream:
        for chunk in columns.typed.iter_slices(_CHUNK):
            chunk.write_ndjson(stream)


def _write_parquet(columns: Columns, info: DatasetInfo, path: Path) -> None:
    columns.typed.rechunk().write_parquet(path, compression="zstd", compression_level=3, row_group_size=_ROW_GROUP)


_WRITERS: Mapping[str, Callable[[Columns, DatasetInfo, Path], None]] = {
    "csv": _write_csv,
    "excel.csv": _write_excel_csv,
    "xlsx": _write_xlsx,
    "json": _write_json,
    "ndjson": _write_ndjson,
    "parquet": _write_parquet,
}


def _header(cells: Sequence[str], quoting: int) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator="\r\n").writerow(cells)  # type: ignore[arg-type]
    return text.getvalue().encode()


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name


def _described(field: PublicField, values: pl.Series) -> PublicField:
    """The field as the CSV holds it: a type that not every value has, or that options would be needed for, is text."""
    kept = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
    if field.masked or field.type == "list" or (field.type in kept and values.dtype != kept[field.type]):
        return PublicField(field.name, field.title, field.description, "string", "default", field.masked)
    return field

"""Data files: what a provider wrote comes out of each of them again, character by character."""

import csv
import gzip
import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import openpyxl.utils.escape
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish import urls
from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.model.terms import Kind
from publish.render.cells import can_be_typed, excel_safe, typed
from publish.render.descriptors import data_package_descriptor, render_versions
from publish.render.downloads import (
    DownloadFile,
    download_tasks,
    render_downloads,
    render_task,
)
from publish.render.sheet_rows import CELL_UNITS
from publish.render.table_rows import table_rows
from publish.render.xlsx import write_xlsx

BASE = "https://credit.example.test"
AS_OF = date(2026, 5, 4)
INFO = DatasetInfo(
    "penalties",
    "行政处罚",
    Kind.PENALTY,
    "虚构市信用办",
    description="演示",
    keywords=("处罚",),
    licenses=(("开放许可", "https://example.test/licence"),),
    sources=(("信用办", "https://example.test/"),),
)
NASTY = [
    "甲",
    None,
    "",
    " ",
    '"',
    ",",
    "a\r\nb",
    "\r",
    "\n",
    "\t=1",
    "=1+1",
    "'",
    "914403001922038216",
    "𠮷",
    "a_x0041_b",
    "<&>",
]


def table_of(columns: dict[str, tuple[PublicField, list[str | None]]], rows: int | None = None) -> PublicTable:
    count = rows if rows is not None else len(next(iter(columns.values()))[1])
    frame = pl.DataFrame(
        {name: cells for name, (_, cells) in columns.items()}, schema=dict.fromkeys(columns, pl.String)
    )
    system = [
        pl.Series("_key", [f"{number:020x}" for number in range(count)], dtype=pl.String),
        pl.Series("_until", [date(2027, 1, 1) if number % 2 else None for number in range(count)], dtype=pl.Date),
        pl.Series("_flag", ["objection" if number % 2 else None for number in range(count)], dtype=pl.String),
        pl.Series("_title", ["private to pages"] * count, dtype=pl.String),
    ]
    return PublicTable(INFO, tuple(field for field, _ in columns.values()), frame.with_columns(system))


@pytest.fixture
def nasty() -> PublicTable:
    """One text column of awkward cells, and typed ones."""
    count = len(NASTY)
    return table_of(
        {
            "text": (PublicField("text", "=文本"), NASTY),
            "again": (PublicField("again", "=文本"), NASTY[::-1]),
            "whole": (PublicField("whole", "数", type="integer"), [str(n - 3) for n in range(count)]),
            "amount": (PublicField("amount", "金额", type="number"), [None, "1.50", *["0"] * (count - 2)]),
            "grouped": (PublicField("grouped", "分组", type="number"), ["1,000.00"] * count),
            "flag": (PublicField("flag", "是否", type="boolean"), ["true", None, *["0"] * (count - 2)]),
            "day": (PublicField("day", "日期", type="date"), ["2026-01-02"] * count),
            "era": (PublicField("era", "日期", type="date", format="%Y年%m月%d日"), ["2026年01月02日"] * count),
            "who": (PublicField("who", "姓名", type="integer", masked=True), ["张**"] * count),
        }
    )


def files(table: PublicTable, folder: Path) -> dict[str, DownloadFile]:
    return {file.suffix: file for file in render_downloads(table, BASE, folder)}


def rows_of(path: Path, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def test_all_files_with_their_size_and_hash(nasty: PublicTable, tmp_path: Path) -> None:
    found = files(nasty, tmp_path)
    assert tuple(found) == urls.DOWNLOAD_NAMES
    for file in found.values():
        data = file.path.read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_packed_files_are_the_others_as_gzip_of_one_member(nasty: PublicTable, tmp_path: Path) -> None:
    (tmp_path / "packed").mkdir()
    plain, packed = files(nasty, tmp_path), render_downloads(nasty, BASE, tmp_path / "packed", urls.PACKED_NAMES)
    assert tuple(file.suffix for file in packed) == urls.PACKED_NAMES
    for file in packed:
        data = file.path.read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        if file.suffix.endswith(".gz"):
            reader = zlib.decompressobj(31)
            assert reader.decompress(data) == plain[file.suffix.removesuffix(".gz")].path.read_bytes()
            assert (reader.eof, reader.unused_data) == (True, b""), "readers in browsers stop after the first member"
            assert data[3:9] == bytes(6), "no name, no time"
        else:
            assert data == plain[file.suffix].path.read_bytes()


def test_csv_is_byte_faithful(nasty: PublicTable, tmp_path: Path) -> None:
    path = files(nasty, tmp_path)["csv"].path
    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    header, *rows = rows_of(path)
    assert header == [field.name for field in nasty.fields] + ["permalink", "public_until", "_flag"]
    assert [row[0] for row in rows] == [cell or "" for cell in NASTY]
    assert [row[3] for row in rows][:2] == ["", "1.50"]
    assert rows[1][-3:] == [BASE + urls.record(f"{1:020x}"), "2027-01-01", "objection"]
    assert rows[0][-2:] == ["", ""]
    back = pl.read_csv(data, infer_schema=False)
    assert back["text"].to_list() == NASTY  # null is an empty cell, an empty text is ""
    assert data.count(b"\r\n") == len(NASTY) + 1 + 2  # RFC 4180 ends lines so; two cells hold one


def test_csv_for_excel(nasty: PublicTable, tmp_path: Path) -> None:
    path = files(nasty, tmp_path)["excel.csv"].path
    assert path.read_bytes().startswith(b"\xef\xbb\xbf\"'=")
    header, *rows = rows_of(path, "utf-8-sig")
    assert header[:3] == ["'=文本", "'=文本", "数"]
    assert header[-3:] == ["记录网址", "公示截止日期", "标注"]
    cells = [row[0] for row in rows]
    assert [cell.removeprefix("'") for cell in cells] == [cell or "" for cell in NASTY]
    assert "'914403001922038216" in cells
    assert "'\t=1" in cells
    assert rows[0][2] == "'-3"


DANGEROUS = [
    "=1",
    "+1",
    "-1",
    "@a",
    "\t1",
    "\r1",
    "\n1",
    "  =1",
    "\u3000=1",
    "\ufeff=1",
    "\xa0@x",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "\t ＝",
    "'x",
]
ALTERED = ["123456789012", "0012", "12E5", "1e3", "3-12", "1/2", "(1)", "（2）", " 0012 "]
HARMLESS = ["", "甲", "1", "12.5", "0", "0.5", "2026-05-04", "a=b", "12345678901", "91ABCDEF1", "1-2-3", "第(1)项"]


@pytest.mark.parametrize(("cell", "marked"), [(c, True) for c in DANGEROUS + ALTERED] + [(c, False) for c in HARMLESS])
def test_marks_for_spreadsheets(cell: str, marked: bool) -> None:
    safe = pl.DataFrame({"a": [cell, None]}).select(excel_safe(pl.col("a")))["a"]
    assert safe.to_list() == [("'" if marked else "") + cell, None]


@given(st.text())
def test_the_mark_can_be_taken_away(cell: str) -> None:
    safe = pl.DataFrame({"a": [cell]}, schema={"a": pl.String}).select(excel_safe(pl.col("a"))).item()
    assert safe[0:1] not in tuple("=+-@＝＋－＠\t\r\n") or safe == ""
    assert safe.removeprefix("'") == cell


def test_json_and_ndjson_are_typed(nasty: PublicTable, tmp_path: Path) -> None:
    found = files(nasty, tmp_path)
    objects = json.loads(found["json"].path.read_bytes())
    assert objects == [json.loads(line) for line in found["ndjson"].path.read_bytes().split(b"\n")[:-1]]
    assert [item["text"] for item in objects] == NASTY
    first, second = objects[:2]
    assert (first["whole"], first["amount"], first["flag"]) == (-3, None, True)
    assert (second["amount"], second["flag"], second["grouped"]) == (1.5, None, "1,000.00")
    assert (first["day"], first["era"], first["who"]) == ("2026-01-02", "2026年01月02日", "张**")
    assert (first["public_until"], second["public_until"]) == (None, "2027-01-01")
    assert (first["_flag"], second["_flag"]) == (None, "objection"), "a field of the table has the name"
    assert list(first) == [field.name for field in nasty.fields] + ["permalink", "public_until", "_flag"]


def test_parquet_is_typed(nasty: PublicTable, tmp_path: Path) -> None:
    frame = pl.read_parquet(files(nasty, tmp_path)["parquet"].path)
    assert frame["text"].to_list() == NASTY
    expected = [pl.String, pl.String, pl.Int64, pl.Float64, pl.String, pl.Boolean, pl.String, pl.String, pl.String]
    assert frame.dtypes == [*expected, pl.String, pl.Date, pl.String]


@pytest.mark.parametrize(
    ("type_", "cells", "expected"),
    [
        ("integer", ["1", "-2", "+3", None], [1, -2, 3, None]),
        ("integer", ["1", "x"], ["1", "x"]),
        ("integer", ["1.0"], ["1.0"]),
        ("integer", ["１"], ["１"]),
        ("integer", ["99999999999999999999"], ["99999999999999999999"]),
        ("integer", [None], [None]),
        ("number", ["1", "2.5", ".5", "5."], [1.0, 2.5, 0.5, 5.0]),
        ("number", ["NaN", "1"], ["NaN", "1"]),
        ("number", ["1e5"], ["1e5"]),
        ("number", ["1234567890123456.7"], ["1234567890123456.7"]),
        ("boolean", ["true", "0", None], [True, False, None]),
        ("boolean", ["yes"], ["yes"]),
        ("string", ["1"], ["1"]),
        ("date", ["2026-01-01"], ["2026-01-01"]),
    ],
)
def test_types_only_without_loss(type_: str, cells: list[str | None], expected: list[object]) -> None:
    column = pl.Series("a", cells, dtype=pl.String)
    field = PublicField("a", "a", type=type_)
    assert can_be_typed(column, field) == (expected != cells or cells == [None])
    if can_be_typed(column, field):
        assert column.to_frame().select(typed(field, "a"))["a"].to_list() == expected
    assert not can_be_typed(column, replace(field, masked=True))


def workbook(path: Path, titles: list[str], frame: pl.DataFrame, name: str, **options: int) -> None:
    keys = pl.Series([f"{number:020x}" for number in range(frame.height)])
    write_xlsx(path, titles, keys, lambda rows: frame[rows], name, **options)


def test_xlsx_is_all_text(nasty: PublicTable, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(files(nasty, tmp_path)["xlsx"].path)
    assert book.sheetnames == ["行政处罚"]
    header, *rows = list(book.active.iter_rows())
    assert [cell.value for cell in header] == [
        "=文本",
        "=文本",
        "数",
        "金额",
        "分组",
        "是否",
        "日期",
        "日期",
        "姓名",
        "记录网址",
        "公示截止日期",
        "标注",
    ]
    unescaped = [openpyxl.utils.escape.unescape(row[0].value or "") for row in rows]
    assert unescaped == [cell or "" for cell in NASTY]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {"inlineStr", "s"}
    assert rows[0][2].value == "-3"


def test_xlsx_drops_what_xml_cannot_hold_and_cuts_what_excel_does_not_take(tmp_path: Path) -> None:
    long = "字" * (CELL_UNITS - 1)
    cells = ["a\x00b\x0bc\x1f\ufffe", long + "字", long + "字尾", "𠮷" * 20_000]
    workbook(tmp_path / "x.xlsx", ["t"], pl.DataFrame({"t": cells}), "a/b:[c]'")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["a b  c"]
    values = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values[:3] == ["abc", long + "字", long + "…"]
    assert len(values[3].encode("utf-16-le")) // 2 <= CELL_UNITS
    assert values[3].endswith("𠮷…")


def test_xlsx_goes_on_on_further_sheets(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [str(n) for n in range(25)]})
    workbook(tmp_path / "x.xlsx", ["号"], frame, "很长的名称" * 10, sheet_rows=10)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert [len(name) for name in book.sheetnames] == [31, 31, 31]
    sheets = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert [sheet[0] for sheet in sheets] == ["号"] * 3
    assert [value for sheet in sheets for value in sheet[1:]] == frame["n"].to_list()


def test_no_time_of_day_in_the_workbook(nasty: PublicTable, tmp_path: Path) -> None:
    with zipfile.ZipFile(files(nasty, tmp_path)["xlsx"].path) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("threads", ["1", "2"])
def test_same_table_same_bytes(tmp_path: Path, threads: str) -> None:
    """Also with another number of threads, in another process: the hashes of a table of several chunks."""
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, 'tests/bench');"
        "from bench_downloads import make_table; from publish.render.downloads import render_downloads;"
        "from datetime import date;"
        "table, folder = make_table(150_000, 3), Path(sys.argv[1]);"
        "print([f.sha256 for f in render_downloads(table, 'https://e.test', folder)])"
    )
    environment = {**os.environ, "POLARS_MAX_THREADS": threads}
    outputs = set()
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        environment["POLARS_MAX_THREADS"] = threads if number else "4"
        command = [sys.executable, "-c", code, str(tmp_path / str(number))]
        root = Path(__file__).parents[2]
        outputs.add(subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout)
    assert len(outputs) == 1


def test_an_executor_can_run_it(nasty: PublicTable, tmp_path: Path) -> None:
    tasks = download_tasks(nasty, BASE, tmp_path)
    assert len(pickle.dumps(tasks)) < 20_000, "rows go through a file"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        done = [file for made in executor.map(render_task, tasks) for file in made.files]
    assert sorted(file.suffix for file in done) == sorted(urls.DOWNLOAD_NAMES)
    (tmp_path / "here").mkdir()
    here = render_downloads(nasty, BASE, tmp_path / "here")
    assert {file.suffix: file.sha256 for file in done} == {file.suffix: file.sha256 for file in here}


def test_an_empty_table(tmp_path: Path) -> None:
    found = files(table_of({"a": (PublicField("a", "甲", type="integer"), [])}), tmp_path)
    assert found["csv"].path.read_bytes() == b"a,permalink,public_until,flag\r\n"
    assert json.loads(found["json"].path.read_bytes()) == []
    assert found["ndjson"].path.read_bytes() == b""
    assert pl.read_parquet(found["parquet"].path).height == 0
    assert openpyxl.load_workbook(found["xlsx"].path).active.max_row == 1
    (tmp_path / "packed").mkdir()
    table = table_of({"a": (PublicField("a", "甲", type="integer"), [])})
    for file in render_downloads(table, BASE, tmp_path / "packed", urls.PACKED_NAMES):
        if file.suffix.endswith(".gz"):
            plain = found[file.suffix.removesuffix(".gz")]
            assert gzip.decompress(file.path.read_bytes()) == plain.path.read_bytes()


def test_fields_with_the_names_of_ours(tmp_path: Path) -> None:
    table = table_of({name: (PublicField(name, name), ["x"]) for name in ("permalink", "_permalink", "public_until")})
    header = rows_of(files(table, tmp_path)["csv"].path)[0]
    assert header == ["permalink", "_permalink", "public_until", "__permalink", "_public_until", "flag"]


def package_of(table: PublicTable, folder: Path, names: Sequence[str] = urls.DOWNLOAD_NAMES) -> dict[str, Any]:
    fields = table_rows(table, folder / "rows.arrow", BASE).fields
    data = data_package_descriptor(table.info, fields, render_downloads(table, BASE, folder, names), BASE, AS_OF)
    (folder / "datapackage.json").write_bytes(data)
    return dict(json.loads(data))


# frictionless leaves packed files open
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("names", [urls.DOWNLOAD_NAMES, urls.PACKED_NAMES])
def test_the_package_is_valid(nasty: PublicTable, tmp_path: Path, names: tuple[str, ...]) -> None:
    package = package_of(nasty, tmp_path, names)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "fieldName", "rowNumber"])
    assert [task.type for task in report.tasks] == ["table", *["file"] * 5]
    assert report.tasks[0].stats["rows"] == len(NASTY)
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["version"] == "2026-05-04"
    types = {field["name"]: field["type"] for field in package["resources"][0]["schema"]["fields"]}  # type: ignore[index]
    assert types["grouped"] == types["who"] == "string"
    assert (types["whole"], types["era"], types["public_until"]) == ("integer", "date", "date")


# frictionless leaves packed files open
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize(
    ("suffix", "names"), [(suffix, names) for names in (urls.DOWNLOAD_NAMES, urls.PACKED_NAMES) for suffix in names]
)
def test_the_package_watches_every_file(
    nasty: PublicTable, tmp_path: Path, suffix: str, names: tuple[str, ...]
) -> None:
    package_of(nasty, tmp_path, names)
    path = tmp_path / f"penalties.{suffix}"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_packed_files_say_what_they_are(nasty: PublicTable, tmp_path: Path) -> None:
    package = package_of(nasty, tmp_path, urls.PACKED_NAMES)
    told = package["resources"][0]
    assert told["path"] == "penalties.csv.gz"
    assert (told["mediatype"], told["compression"]) == ("application/gzip", "gz")
    formats = [one["format"] for one in package["resources"]]
    assert formats == ["csv", "CSV", "XLSX", "JSON", "NDJSON", "PARQUET"], "what is in them"
    (tmp_path / "again").mkdir()
    rendered = render_downloads(nasty, BASE, tmp_path / "again", urls.PACKED_NAMES)
    listed = json.loads(render_versions(INFO, rendered, AS_OF))["current"]["files"]
    assert [one["mediatype"] for one in listed].count("application/gzip") == 4


def test_versions(nasty: PublicTable, tmp_path: Path) -> None:
    rendered = render_downloads(nasty, BASE, tmp_path)
    versions = json.loads(render_versions(INFO, rendered, AS_OF))
    assert versions["current"]["as_of"] == "2026-05-04"
    assert [file["path"] for file in versions["current"]["files"]] == [
        urls.download("penalties", suffix) for suffix in urls.DOWNLOAD_NAMES
    ]
    assert "撤下" in versions["note"]

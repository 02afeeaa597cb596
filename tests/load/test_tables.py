"""Reading of tabular files: two paths, one result, and frictionless's verdicts about rows and headers."""

import bz2
import codecs
import csv
import gzip
import io
import lzma
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.load import tables
from publish.load.csv_exact import read_exact, read_header
from publish.load.csv_fast import read_fast
from publish.load.csv_scan import scan_structure
from publish.load.tables import read_table
from publish.model.issue import Issue, Level
from publish.model.source import Constraints, Dialect, FieldSpec, ResourceFile, Schema
from tests.validate.oracle import oracle, read_all, verdicts

SECRET = "张三丰的秘密"


def schema_of(*names: str, **more: Any) -> Schema:
    return Schema(tuple(FieldSpec(name, "string") for name in names), **more)


def read(
    path: Path | list[Path], schema: Schema, limit: int = 10**8, **file: Any
) -> tuple[pl.DataFrame, list[tuple[int, str]], tuple[Issue, ...]]:
    paths = (path,) if isinstance(path, Path) else tuple(path)
    frame, misshapen, issues = read_table(ResourceFile(paths, **file), schema, package="p", resource="r", limit=limit)
    assert frame.columns == [*(spec.name for spec in schema.fields), "_row"]
    assert frame.schema["_row"] == pl.UInt32
    assert misshapen.schema == {"_row": pl.UInt32, "code": pl.String}
    return frame, misshapen.rows(), issues


def written(folder: Path, data: bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


# Both paths


PIECES = st.sampled_from(
    ["a", "", " ", ",", '"', '""', "\n", "\r\n", "\r", "中", "x,y", '"q"', '"a,b"', '"a\nb"', '"a""b"']
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(["", "\ufeff"]))
def test_any_text_reads_alike_on_both_paths(body: str, mark: str) -> None:
    with TemporaryDirectory() as folder:
        path = written(Path(folder), (mark + "h,i\n" + body).encode())
        fast = read_fast(path, Dialect(), 2)
        if fast is None:
            return
        exact = read_exact(path, Dialect(), 2, 1)
        assert fast.frame.rows() == exact.frame.rows()
        assert fast.odd.rows() == exact.odd.rows()


ROWS = st.lists(st.lists(st.text("a,\"\n\r 中;'", max_size=4), min_size=0, max_size=4), max_size=12)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([",", ";", "\t"]), st.booleans(), st.integers(1, 3))
def test_what_a_writer_writes_is_read_fast_and_right(
    rows: list[list[str]], end: str, delimiter: str, always: bool, width: int
) -> None:
    target = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL
    writer = csv.writer(target, lineterminator=end, delimiter=delimiter, quoting=quoting)
    if end == "\n" and not always:  # the writer leaves such a carriage return bare, and then it ends a line
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    writer.writerows([[f"h{i}" for i in range(width)], *rows])
    with TemporaryDirectory() as folder:
        path = written(Path(folder), target.getvalue().encode())
        dialect = Dialect(delimiter=delimiter)
        fast, exact = read_fast(path, dialect, width), read_exact(path, dialect, width, 1)
        assert fast is not None
        assert fast.frame.equals(exact.frame)
        assert fast.odd.equals(exact.odd)
        assert exact.frame.height == len(rows)


@pytest.mark.parametrize(
    ("data", "regular"),
    [
        (b'a,b\nc,"d"\n', True),
        (b'a,b\nc,"d\r\n""e"""\r\n', True),
        (b'\xef\xbb\xbf"a",b\nc,d', True),
        (b'a,b\nc,x"d"\n', False),
        (b'a,b\nc,"d"x\n', False),
        (b'a,b\nc,"d\n', False),
        (b"a,b\rc,d\n", False),
        (b"a,b\r\r\nc,d\n", False),
        (b'a,b\n c, "d"\n', False),
    ],
)
def test_the_scan_tells_what_polars_would_read_otherwise(data: bytes, regular: bool, tmp_path: Path) -> None:
    assert (scan_structure(written(tmp_path, data), ",", '"', 2) is not None) is regular


def test_the_scan_carries_over_from_chunk_to_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'h,i\n"a\n,""b",c\nd\n\n"e","f",g\r\nh,""\r\nlast,row'
    path = written(tmp_path, data)
    whole = scan_structure(path, ",", '"', 2)
    assert whole is not None
    assert (whole.records, whole.odd.tolist(), whole.cells.tolist()) == (7, [2, 3, 4], [1, 0, 3])
    for size in range(1, len(data)):
        monkeypatch.setattr("publish.load.csv_scan._CHUNK", size)
        cut = scan_structure(path, ",", '"', 2)
        assert cut is not None
        assert (cut.records, cut.odd.tolist(), cut.cells.tolist()) == (7, [2, 3, 4], [1, 0, 3]), size


def test_the_fast_path_is_taken_where_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, b'a,b\nc,"d"\n')
    monkeypatch.setattr(tables, "read_exact", lambda *_: pytest.fail("the exact path was taken"))
    frame, _, _ = read(path, schema_of("a", "b"))
    assert frame.rows() == [("c", "d", 2)]


# Rows and missing values


def test_short_long_and_blank_rows(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n1\n\n1,2,3\n,\n4,5\n")
    frame, misshapen, issues = read(path, schema_of("a", "b"))
    assert frame.rows() == [("1", None, 2), (None, None, 3), ("1", "2", 4), (None, None, 5), ("4", "5", 6)]
    assert misshapen == [(2, "cell.missing"), (3, "cell.missing"), (4, "cell.extra")]
    assert issues == ()


def test_a_missing_cell_is_not_an_empty_one(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n1\n1,\n-,-\n")
    schema = Schema((FieldSpec("a", "string", missing_values=("-",)), FieldSpec("b", "string")), missing_values=())
    frame, _, _ = read(path, schema)
    assert frame.rows() == [("1", None, 2), ("1", "", 3), (None, "-", 4)]


def test_the_null_sequence_is_a_missing_value(tmp_path: Path) -> None:
    frame, _, _ = read(written(tmp_path, b"a\n\\N\nx\n"), schema_of("a"), dialect=Dialect(null_sequence="\\N"))
    assert frame.rows() == [(None, 2), ("x", 3)]


# Dialects


@pytest.mark.parametrize(
    ("data", "dialect", "rows"),
    [
        (b"a|b\n1|2\n", Dialect(delimiter="|"), [("1", "2", 2)]),
        (b"a,b\n1\\,2,3\n", Dialect(escape_char="\\", double_quote=False), [("1,2", "3", 2)]),
        (b'a,b\n"1\\"",3\n', Dialect(escape_char="\\", double_quote=False), [('1"', "3", 2)]),
        (b'a,b\n"1""",3\n', Dialect(double_quote=False), [('1"', "3", 2)]),
        (b"a,b\n1, 2\n", Dialect(skip_initial_space=True), [("1", "2", 2)]),
        (b"a,b\n'1,2',3\n", Dialect(quote_char="'"), [("1,2", "3", 2)]),
        (b'a,b\n"1,2"\n', Dialect(quote_char=None), [('"1', '2"', 2)]),
        (b"# hello\na,b\n# no\n1,2\n", Dialect(comment_char="#"), [("1", "2", 4)]),
        (b"a,b\nx,y\n1,2\n", Dialect(comment_rows=(2,)), [("1", "2", 3)]),
        (b"title\na,b\n1,2\n", Dialect(header_rows=(2,)), [("1", "2", 3)]),
        (b"1,2\n3,4\n", Dialect(header=False), [("1", "2", 1), ("3", "4", 2)]),
        (b"\xef\xbb\xbf1,2\n", Dialect(header=False), [("1", "2", 1)]),
        (b"1\n3,4\n", Dialect(header=False), [("1", None, 1), ("3", "4", 2)]),
        (b"a,b\r1,2\r", Dialect(line_terminator="\r"), [("1", "2", 2)]),
        ("a；b\n1；2\n".encode(), Dialect(delimiter="；"), [("1", "2", 2)]),
    ],
)
def test_dialects(data: bytes, dialect: Dialect, rows: list[Any], tmp_path: Path) -> None:
    frame, _, issues = read(written(tmp_path, data), schema_of("a", "b"), dialect=dialect)
    assert issues == ()
    assert frame.rows() == rows


def test_labels_of_several_header_rows_are_joined(tmp_path: Path) -> None:
    path = written(tmp_path, b"name,amount,amount\nname,yuan,cent\nx,1,2\n")
    dialect = Dialect(header_rows=(1, 2), header_join="/")
    assert read_header(path, dialect) == (["name", "amount/yuan", "amount/cent"], 2)
    frame, _, issues = read(path, schema_of("name", "amount/yuan", "amount/cent"), dialect=dialect)
    assert (frame.rows(), issues) == ([("x", "1", "2", 3)], ())


# Encodings, archives, parts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, "名,b\n中文,2\n".encode(encoding))
    frame, _, issues = read(path, schema_of("名", "b"), encoding=encoding)
    assert (frame.rows(), issues) == ([("中文", "2", 2)], ())


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_byte_order_mark_belongs_to_no_label(mark: bytes, tmp_path: Path) -> None:
    for compression, data in ((None, mark + b"a,b\n1,2\n"), ("gz", gzip.compress(mark + b"a,b\n1,2\n"))):
        frame, _, issues = read(written(tmp_path, data), schema_of("a", "b"), compression=compression)
        assert (frame.rows(), issues) == ([("1", "2", 2)], ())


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


ARCHIVES = {
    "gz": lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:]),
    "bz2": lambda data: bz2.compress(data[:5]) + bz2.compress(data[5:]),
    "xz": lambda data: lzma.compress(data[:5]) + lzma.compress(data[5:]),
    "zip": lambda data: zipped(t=data),
}


@pytest.mark.parametrize("compression", ARCHIVES)
def test_archives(compression: str, tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,2\n" * 700_000
    packed = ARCHIVES[compression](data)
    frame, _, issues = read(written(tmp_path, packed), schema_of("a", "b"), compression=compression)
    assert issues == ()
    assert frame.height == 700_000
    _, _, issues = read(written(tmp_path, packed), schema_of("a", "b"), limit=2_000_000, compression=compression)
    assert [issue.code for issue in issues] == ["table.too-large"]
    _, _, issues = read(written(tmp_path, packed[:-9]), schema_of("a", "b"), compression=compression)
    assert [issue.code for issue in issues] == ["table.bad-archive"]


def test_innerpath_names_the_member(tmp_path: Path) -> None:
    path = written(tmp_path, zipped(one=b"a\n1\n", two=b"a\n2\n"))
    assert read(path, schema_of("a"), compression="zip", innerpath="two")[0].rows() == [("2", 2)]
    assert [i.code for i in read(path, schema_of("a"), compression="zip", innerpath="no")[2]] == ["table.bad-archive"]


def test_a_plain_file_has_the_limit_too(tmp_path: Path) -> None:
    _, _, issues = read(written(tmp_path, b"a\n1\n"), schema_of("a"), limit=3)
    assert [issue.code for issue in issues] == ["table.too-large"]


def test_parts_make_one_table(tmp_path: Path) -> None:
    parts = [b"a,b\n1,2", codecs.BOM_UTF8 + b"a,b\r\n3,4\r\n", b"5,6\n"]
    paths = [written(tmp_path, data, f"{i}.csv") for i, data in enumerate(parts)]
    frame, misshapen, issues = read(paths, schema_of("a", "b"))
    assert frame.rows() == [("1", "2", 2), ("3", "4", 3), ("5", "6", 4)]
    assert (misshapen, issues) == ([], ())


def test_parts_of_other_columns_are_an_error(tmp_path: Path) -> None:
    paths = [written(tmp_path, b"a,b\n1,2\n", "0.csv"), written(tmp_path, b"b,a\n2,1\n", "1.csv")]
    assert [issue.code for issue in read(paths, schema_of("a", "b"))[2]] == ["table.parts-differ"]


# Faults: an issue with a place, and never the text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("quirk", [b"", b'x"y,z\n'], ids=["fast", "exact"])
def test_undecodable_bytes_are_placed(encoding: str, quirk: bytes, tmp_path: Path) -> None:
    data = f"a,b\n{SECRET},1\n".encode(encoding) + quirk + b"x,\xff\xff\n"
    frame, _, issues = read(written(tmp_path, data), schema_of("a", "b"), encoding=encoding)
    assert [(i.code, i.level, i.line) for i in issues] == [("table.undecodable", Level.ERROR, 3 + bool(quirk))]
    assert frame.height == 0


def test_undecodable_bytes_in_a_cell_too_many_are_seen(tmp_path: Path) -> None:
    _, _, issues = read(written(tmp_path, b"a\nx,\xff\n"), schema_of("a"))
    assert [issue.code for issue in issues] == ["table.undecodable"]


def test_an_open_quote_stops(tmp_path: Path) -> None:
    data = f'a,b\n1,2\n3,"{SECRET}\n4,5\n'.encode()
    _, _, issues = read(written(tmp_path, data), schema_of("a", "b"))
    assert [(issue.code, issue.line) for issue in issues] == [("table.open-quote", 3)]
    assert SECRET not in str(issues)


@pytest.mark.parametrize("data", [b"", codecs.BOM_UTF8])
def test_an_empty_file(data: bytes, tmp_path: Path) -> None:
    assert [issue.code for issue in read(written(tmp_path, data), schema_of("a"))[2]] == ["table.empty"]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    frame, misshapen, issues = read(written(tmp_path, b"a,b\n"), schema_of("a", "b"))
    assert (frame.height, misshapen, issues) == (0, [], ())


def test_a_blank_header(tmp_path: Path) -> None:
    assert [issue.code for issue in read(written(tmp_path, b"\n1,2\n"), schema_of("a", "b"))[2]] == ["header.blank"]


# Headers

LABELS = {
    "header.extra-label": "extra-label",
    "header.missing-label": "missing-label",
    "header.blank-label": "blank-label",
    "header.duplicate-label": "duplicate-label",
    "header.incorrect-label": "incorrect-label",
    "header.unmatched": "unmatched-header",
}


@pytest.mark.parametrize("mode", ["exact", "equal", "subset", "superset", "partial"])
@pytest.mark.parametrize(
    "header", ["a,b,c", "c,b,a", "a,b", "a,b,c,d", "a,,c", "a,b,b", "b,c", "x,y", "d,a", " a ,b,c"]
)
def test_headers_have_frictionless_verdicts(mode: str, header: str, tmp_path: Path) -> None:
    fields = [{"name": "a", "constraints": {"required": True}}, {"name": "b"}, {"name": "c"}]
    raw = {"fields": [{"type": "string", **field} for field in fields], "fieldsMatch": mode}
    schema = schema_of("a", "b", "c", fields_match=mode)
    schema = replace(schema, fields=(replace(schema.fields[0], constraints=Constraints(True)), *schema.fields[1:]))
    data = f"{header}\n".encode()
    frame, _, issues = read(written(tmp_path, data), schema)
    if header == "a,b,b" and mode != "exact":  # frictionless raises instead of telling
        assert "header.duplicate-label" in {issue.code for issue in issues}
        return
    found = sorted(LABELS[issue.code] for issue in issues)
    assert found == sorted(kind for _, _, kind in header_oracle(tmp_path, data, raw))
    assert frame.height == 0


def header_oracle(folder: Path, data: bytes, raw: dict[str, Any]) -> list[tuple[Any, ...]]:
    from frictionless import Package

    (folder / "t.csv").write_bytes(data)
    csv_dialect = {"delimiter": ",", "skipInitialSpace": False}
    dialect = {"header": True, "headerRows": [1], "csv": csv_dialect}
    resource = {"name": "t", "path": "t.csv", "type": "table", "format": "csv", "dialect": dialect, "schema": raw}
    descriptor = {"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": "p"}
    report = Package.from_descriptor({**descriptor, "resources": [resource]}, basepath=str(folder)).validate()
    return [tuple(row) for task in report.tasks for row in task.flatten(["rowNumber", "fieldName", "type"])]


def test_columns_in_another_order_find_their_fields(tmp_path: Path) -> None:
    path = written(tmp_path, b"c,x,a\n3,0,1\n")
    frame, _, issues = read(path, schema_of("a", "b", "c", fields_match="partial"))
    assert (frame.rows(), issues) == ([("1", None, "3", 2)], ())


def test_hints_do_not_quote_what_stands_in_the_place_of_a_header(tmp_path: Path) -> None:
    for mode in ("exact", "equal", "partial"):
        path = written(tmp_path, f"{SECRET},{SECRET},{SECRET}\n".encode())
        _, _, issues = read(path, schema_of("a", "b", fields_match=mode))
        assert issues
        assert SECRET not in str(issues)


def test_rows_have_frictionless_verdicts(tmp_path: Path) -> None:
    data = b'a,b\n1\n\n1,2,3\n,\n"",x\n4,5\n , \n\n'
    resources = {"t": (data, {"fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]})}
    expected = oracle(tmp_path, resources)
    assert verdicts(read_all(tmp_path, resources)) == expected
    assert {kind for _, _, kind in expected["t"]} == {"missing-cell", "extra-cell", "blank-row"}

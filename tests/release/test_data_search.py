"""Data files that are searched by their cells: the same is found as in files that are read whole."""

import gzip
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from publish import urls
from publish.executors import SerialExecutor
from publish.model.artifact import CellPlace, DataCells
from publish.model.personal_patterns import patterns_in
from publish.model.private_values import JOINTS, PRIVATE_COUNTS_SCHEMA, FieldPlace, PrivateValues
from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.model.sieve import Sieve
from publish.model.sieve_windows import MAX_BYTES
from publish.model.terms import Kind
from publish.release import data_files, data_search, matching
from publish.release.data_lines import edges_of, equal_lines, plain_rows
from publish.release.scan import ReleaseScan
from publish.render.downloads import cells_of, download_tasks, render_task
from tests.sitekit import workers_of

BASE = "https://example.test"
# Files of lines both as they are and packed: no release has both, and whoever searches does not mind.
EVERY = tuple(dict.fromkeys((*urls.DOWNLOAD_NAMES, *urls.PACKED_NAMES)))
FIELDS = ("name", "number", "note")
# As private_values has them: they begin and end with a letter, a digit or beyond ASCII.
VALUES = (
    "秘密的值",
    "Ab3456",
    "第一行\n第二行",
    "x" * 40 + "末尾",
    'a&"b<c',
    "公开,秘密的",
    '公开","秘密的',
    "公开</t></is></c><c t",
    "12345678",
    "公开\r\n公开甲",
    'note":"公开',
    "长" * (MAX_BYTES // 3 + 40),
)
PIECES = (
    *VALUES,
    "公开",
    "甲",
    "密",
    "秘密的",
    "值",
    "Ab34",
    "56",
    "第一行\n",
    "第二行",
    "x" * 20,
    "末尾",
    'a&"',
    "&amp;",
    '"',
)
PIECES += (
    ",",
    "1234",
    "5678",
    "12345678",
    "13812345678",
    "1381234",
    " ",
    "\x01",
    "%E7%A7%98",
    "\\u79d8",
    "80%95%ab",
    "<c>",
)
PIECES += (
    "１３８１２３４５６７８９",
    "银行卡号",
    "6225760000000",
    "a@b.cn",
    "=1+1",
    "长" * 500,
    "_x0041_",
    "\ufeff",
    "012345678901234",
)


def private_of(values: Sequence[str]) -> PrivateValues:
    places = tuple(FieldPlace("pack", "table", f"field{number}") for number in range(len(values)))
    every = Sieve.of([value.encode() for value in values], range(len(values)))
    joined = {number: value for number, value in enumerate(values) if JOINTS & set(value)}
    own = Sieve.of([value.encode() for value in joined.values()], list(joined))
    marks = frozenset(mark for value in joined.values() for mark in JOINTS & set(value))
    lines = max(value.count("\n") + 1 for value in values)
    counts = pl.DataFrame(schema=dict(PRIVATE_COUNTS_SCHEMA))
    return PrivateValues((every,), places, counts, lines, joined=own, joints=marks)


def table_of(rows: Sequence[Sequence[str | None]]) -> PublicTable:
    fields = tuple(PublicField(name, name, type="number" if name == "number" else "string") for name in FIELDS)
    frame = pl.DataFrame(
        {name: [row[at] for row in rows] for at, name in enumerate(FIELDS)},
        schema_overrides=dict.fromkeys(FIELDS, pl.String),
    )
    frame = frame.with_columns(
        pl.Series("_key", [f"{number:020x}" for number in range(len(rows))], dtype=pl.String),
        pl.Series("_until", [date(2027, 1, 1)] * len(rows), dtype=pl.Date),
        pl.Series("_flag", [None] * len(rows), dtype=pl.String),
    )
    return PublicTable(DatasetInfo("set", "数据", Kind.PENALTY, "某局"), fields, frame)


def made(table: PublicTable, folder: Path, names: Sequence[str] = EVERY) -> tuple[Path, list[str], DataCells]:
    """A tree with the files of a table, their paths, and what is told of them."""
    scratch, tree = folder / "scratch", folder / "tree"
    scratch.mkdir(parents=True)
    paths = []
    tasks = download_tasks(table, BASE, scratch, names=names)
    for file in [file for task in tasks for file in render_task(task).files]:
        paths.append(urls.file_of(urls.download("set", file.suffix)))
        (tree / paths[-1]).parent.mkdir(parents=True, exist_ok=True)
        file.path.rename(tree / paths[-1])
    return tree, paths, cells_of(tasks[0].rows, "set", scratch, names)


def found(
    tree: Path, paths: list[str], private: PrivateValues, told: DataCells | None, workers: int = 1
) -> set[tuple[str, str, str]]:
    """What is found where, without how often."""
    with workers_of(workers) as executor:
        scan = ReleaseScan(private, tree.parent, patterns_in)
        try:
            if told is not None:
                scan.told_cells(told, tree, executor)
            issues = scan.finish(tree, pl.DataFrame({"path": paths, "size": 0}), executor)
        finally:
            scan.close()
    return {(issue.code, (issue.file or "").split(" ")[0], issue.field or issue.hint) for issue in issues}


class Searched:
    """How many bytes are searched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.size = 0
        add = matching.Search.add

        def counted(search: matching.Search, path: str, part: str, data: bytes, *rest: object, **more: object) -> None:
            self.size += len(data)
            add(search, path, part, data, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(matching.Search, "add", counted)


cells = st.none() | st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
plain = st.sampled_from(["公开", "公开甲", "12", "12345678", "0.5", None, ""])
table_rows = st.lists(st.tuples(plain | cells, plain | cells, plain | cells), min_size=1, max_size=12)


@given(
    rows=table_rows,
    values=st.lists(st.sampled_from(VALUES), min_size=1, unique=True),
    names=st.sampled_from((urls.DOWNLOAD_NAMES, urls.PACKED_NAMES)),
)
@example(  # in columns they are neighbours
    rows=[(None, "Ab3456", None), (None, "\x01", None)], values=["Ab3456"], names=EVERY
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_is_found(
    rows: list[tuple[str | None, ...]],
    values: list[str],
    names: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    private = private_of(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_files, "ROWS", 3)
        patch.setattr(data_search, "_LINES", 2)
        patch.setattr("publish.render.xlsx.PIECE_ROWS", 2)
        patch.setattr("publish.release.findings._SHOWN", 10**6)
        tree, paths, told = made(table_of(rows), tmp_path_factory.mktemp("site"), names)
        assert found(tree, paths, private, told) == found(tree, paths, private, None)


ROWS = [(f"公开{number}的名称", f"{number}.5", "很长的公开说明" * 5) for number in range(2000)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], DataCells]:
    return made(table_of(ROWS), tmp_path_factory.mktemp("site"))


def test_a_cell_is_searched_but_once(site: tuple[Path, list[str], DataCells], monkeypatch: pytest.MonkeyPatch) -> None:
    tree, paths, told = site
    counted = Searched(monkeypatch)
    assert found(tree, paths, private_of(VALUES[:2]), None) == set()
    whole, counted.size = counted.size, 0
    assert found(tree, paths, private_of(VALUES[:2]), told) == set()
    packed = sum((tree / path).stat().st_size for path in paths if path.endswith(("xlsx", "parquet")))
    assert counted.size - packed < whole / 10
    counted.size = 0
    assert found(tree, paths, private_of(VALUES), told) == set()
    assert counted.size > whole / 2, "with values that go over edges of cells, all"


@pytest.mark.parametrize("suffix", EVERY)
@pytest.mark.parametrize("place", [0, 700, 1999])
def test_what_the_file_has_and_the_cells_have_not(
    place: int, suffix: str, site: tuple[Path, list[str], DataCells], tmp_path: Path
) -> None:
    """As if a writer had taken the wrong table: one cell of one file is private."""
    wrong = list(ROWS)
    wrong[place] = (f"公开{place}的名称", f"{place}.5", "公开的秘密的值")
    tree, paths, _ = made(table_of(wrong), tmp_path)
    only = [path for path in paths if path.endswith(f"set.{suffix}")]
    hit = {("release.private-value", only[0], "field0")}
    assert found(tree, only, private_of(VALUES[:2]), site[2]) == hit
    assert found(tree, only, private_of(("不在此处的值",)), site[2]) == set()


@pytest.mark.parametrize("suffix", ["csv", "excel.csv", "json", "ndjson"])
@pytest.mark.parametrize("place", ["begin", "middle", "end"])
def test_what_stands_between_lines(
    place: str, suffix: str, site: tuple[Path, list[str], DataCells], tmp_path: Path
) -> None:
    tree, paths, _ = made(table_of(ROWS), tmp_path)
    path = next(path for path in paths if path.endswith(f"/set.{suffix}"))
    data = (tree / path).read_bytes()
    at = {"begin": 0, "middle": data.index("公开900的".encode()), "end": len(data)}[place]
    (tree / path).write_bytes(data[:at] + "秘密的值".encode() + data[at:])
    assert found(tree, [path], private_of(VALUES), site[2]) == {("release.private-value", path, "field0")}


def with_member(data: bytes, text: bytes) -> bytes:
    return data + gzip.compress(text)


def with_name(data: bytes, text: bytes) -> bytes:
    return data[:3] + b"\x08" + data[4:10] + text + b"\0" + data[10:]


def with_other_head(data: bytes, text: bytes) -> bytes:
    """Blocks of the text before all others."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return data[:10] + packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH) + data[10:]


def with_bytes_behind(data: bytes, text: bytes) -> bytes:
    return data + text


@pytest.mark.parametrize("suffix", [suffix for suffix in EVERY if suffix.endswith(".gz")])
@pytest.mark.parametrize("put", [with_member, with_name, with_other_head, with_bytes_behind])
def test_what_a_packed_file_has_beside_its_pieces(
    put: Callable[[bytes, bytes], bytes], suffix: str, site: tuple[Path, list[str], DataCells], tmp_path: Path
) -> None:
    """Wherever it is put: in a file that can be read, or in one that cannot."""
    tree, paths, _ = made(table_of(ROWS), tmp_path)
    path = next(path for path in paths if path.endswith(f"/set.{suffix}"))
    data = (tree / path).read_bytes()
    (tree / path).write_bytes(put(data, "公开的秘密的值。".encode()))
    hits = found(tree, [path], private_of(VALUES[:2]), site[2])
    assert {(code, one) for code, one, _ in hits} & {("release.private-value", path), ("release.not-scannable", path)}
    (tree / path).write_bytes(put(data, b""))
    hits = found(tree, [path], private_of(VALUES[:2]), site[2])
    assert not {hit for hit in hits if hit[0] == "release.private-value"}


@pytest.mark.parametrize("suffix", ["csv.gz", "json.gz"])
@pytest.mark.parametrize("what", ["crc", "size", "told"])
def test_a_packed_file_that_nobody_can_read_does_not_go_live(
    what: str, suffix: str, site: tuple[Path, list[str], DataCells], tmp_path: Path
) -> None:
    """Its sum or size is wrong; or those that are told of its pieces are, as a damaged memory would have them."""
    tree, paths, told = made(table_of(ROWS * 12), tmp_path, urls.PACKED_NAMES)
    path = next(path for path in paths if path.endswith(f"/set.{suffix}"))
    data = bytearray((tree / path).read_bytes())
    if what == "told":
        pieces = pl.read_ipc(told.pieced[path].pieces)
        pieces.with_columns(pl.col("crc") ^ 1).write_ipc(told.pieced[path].pieces)
    data[-4 if what == "size" else -8] ^= 1
    (tree / path).write_bytes(data)
    assert {hit[:2] for hit in found(tree, [path], private_of(VALUES[:2]), told)} == {("release.not-scannable", path)}
    data[-4 if what == "size" else -8] ^= 1
    (tree / path).write_bytes(data)
    assert found(tree, [path], private_of(VALUES[:2]), told) == set()


@pytest.mark.parametrize(
    ("value", "suffixes"),
    [
        ("第一行,第二行", {"csv", "csv.gz"}),
        ('第一行","第二行', {"excel.csv", "excel.csv.gz"}),
        ('第一行","note":"第二行', {"json", "ndjson"}),
        ("说明,https", {"csv", "csv.gz"}),
        ('5,"note":"第二', {"json", "ndjson", "json.gz", "ndjson.gz"}),
        ("第一行</t></is></c><c t", {"xlsx"}),
    ],
)
def test_a_value_over_the_edge_of_a_cell(value: str, suffixes: set[str], tmp_path: Path) -> None:
    rows = [("第一行", None, "第二行"), ("甲第一行", "2.5", "第二行的说明"), ("乙", "3.5", "说明")]
    table = table_of([("第一行", "第二行", "说明"), *rows]) if "note" not in value else table_of(rows)
    tree, paths, told = made(table, tmp_path)
    names = {path: path.partition("set.")[2] for path in paths}
    expected = found(tree, paths, private_of([value]), None)
    assert found(tree, paths, private_of([value]), told) == expected
    if value != '第一行","note":"第二行':  # a null is between
        assert {names[path] for _, path, _ in expected} == suffixes


@pytest.mark.parametrize("rows", [[], [(None, None, None)], [("", "", "")]])
def test_next_to_nothing(rows: list[tuple[str | None, ...]], tmp_path: Path) -> None:
    tree, paths, told = made(table_of(rows), tmp_path)
    assert found(tree, paths, private_of(VALUES), told) == set()


def test_a_leak_in_the_cells_is_found_in_each_file(tmp_path: Path) -> None:
    tree, paths, told = made(table_of([*ROWS[:10], ("公开", "1.5", "公开的秘密的值")]), tmp_path)
    hits = found(tree, paths, private_of(VALUES), told)
    assert {path for _, path, _ in hits} == set(paths)


@pytest.mark.parametrize("is_told", [True, False])
def test_a_short_value_beside_a_control_character(is_told: bool, tmp_path: Path) -> None:
    """In bytes that are packed six given ones turn up by chance; in a text they do not, whatever stands beside them."""
    tree, paths, told = made(table_of([("\x0bAb3456\x01", None, None)]), tmp_path)
    hits = found(tree, paths, private_of(["Ab3456"]), told if is_told else None)
    assert hits == {("release.private-value", path, "field0") for path in paths}


def test_cells_of_which_nothing_is_known(tmp_path: Path) -> None:
    tree, paths, told = made(table_of([("公开的秘密的值", "1", "a")]), tmp_path)
    private = private_of(VALUES)
    unknown = PrivateValues(private.sieves, private.places, private.counts, private.lines)
    assert {path for _, path, _ in found(tree, paths, unknown, told)} == set(paths)


def test_edges() -> None:
    one, two = CellPlace("a", '{"a":', "", '{"a":null'), CellPlace("b", ',"b":"', '"}', ',"b":null}')
    edges = edges_of((one, two), "\n")
    assert edges is not None
    assert edges.joints == {'"'}
    assert edges.short == {"a"}, "the comma behind it may be the last byte of a value that was cut"
    assert edges_of((CellPlace("a", "x", "", ""), two), "\n") is None, "a value may go over the edge unseen"
    assert edges_of((CellPlace("a", '%4"', '"', ""), two), "\n") is None
    assert edges_of((CellPlace("a", '"13812345678"', '"', ""), two), "\n") is None


def test_rows_that_are_not_plain() -> None:
    odd = ["a&b", "a\\b", 'a"b', "a\nb", "a%e5b", "13812345678", "a@b", "１3812345678", "\x7f", "\n"]
    fine = ["a%b", "公开", None, "2026-11-20", "<a>", "a, b", ""]
    column = pl.DataFrame({"a": [*odd, *fine]})
    assert plain_rows(column.get_columns(), ()).tolist() == [False] * len(odd) + [True] * len(fine)
    assert plain_rows(column.reverse().get_columns(), ()).tolist() == [True] * len(fine) + [False] * len(odd)
    long = pl.DataFrame({"a": ["长" * 400], "b": ["长" * 400]})
    assert plain_rows(long.get_columns(), ()).tolist() == [True]
    assert plain_rows(long.get_columns(), {"b"}).tolist() == [False]


@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["a", "bc", "甲", ""]), st.sampled_from(["a", "bc", "甲", ""])), max_size=40
    )
)
def test_equal_lines(pairs: list[tuple[str, str]]) -> None:
    """Also where all of them together are equal and are cut elsewhere."""
    for end in ("", "\r\n", "公"):
        text = [(one + end).encode() for one, _ in pairs]
        sizes = np.array([len(one) for one in text], np.int64)
        lines = pl.Series([other for _, other in pairs], dtype=pl.String)
        assert equal_lines(b"".join(text), sizes, lines, end).tolist() == [one == other for one, other in pairs]


@pytest.mark.parametrize("begun", [0, 1, 3])
def test_what_was_not_searched_on_the_way_is_searched_at_the_end(begun: int, tmp_path: Path) -> None:
    """One after the other while pages are written; what is left by all workers."""

    class Slow(SerialExecutor):
        """Begins so many calls; the others wait for ever."""

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            calls.append(fn.__name__)
            return super().submit(fn, *args, **kwargs) if len(calls) <= begun else Future()

    calls: list[str] = []
    rows = [*ROWS, ("公开", "1.5", VALUES[0])]
    tree, paths, told = made(table_of(rows), tmp_path)
    scan = ReleaseScan(private_of(VALUES[:2]), tmp_path, patterns_in)
    aside = Slow()
    scan.told_cells(told, tree, aside)
    scan.begin_files(tree, aside)
    issues = scan.finish(tree, pl.DataFrame({"path": paths, "size": 0}), SerialExecutor())
    scan.close()
    assert len(calls) > 3
    assert len({(issue.file or "").split(" ")[0] for issue in issues}) == len(EVERY)

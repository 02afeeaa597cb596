"""Data files of a night: what the live release has too is compared with it, and the rest is searched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from publish import urls
from publish.executors import SerialExecutor
from publish.model.artifact import DataCells
from publish.model.data_memory import DataMemory, KnownData
from publish.model.personal_patterns import patterns_in
from publish.model.private_values import PrivateValues
from publish.release import data_files, data_search, data_views, matching
from publish.release.data_columns import search_columns
from publish.release.data_files import LiveData
from publish.release.scan import ReleaseScan
from publish.release.unpacking import NotUnpackable
from publish.render import copied, xlsx
from publish.render.copied import PIECED, LiveFiles
from publish.render.downloads import cells_of, download_tasks, render_task
from publish.render.table_rows import TableRows, table_rows, with_few
from tests.release.test_data_search import BASE, EVERY, VALUES, found, private_of, table_of

Rows = Sequence[tuple[str | None, ...]]
ROWS: Rows = [(f"公开{number}的名称", f"{number}.5", "很长的公开说明" * 5) for number in range(2000)]
SECRET = ("秘密的值",)


@dataclass(frozen=True)
class Made:
    """A release of data files only."""

    tree: Path
    paths: list[str]
    told: DataCells
    sha256: dict[str, str]


def make(rows: Rows, folder: Path, live: LiveFiles | None = None, names: Sequence[str] = EVERY) -> Made:
    """`keys` of records stay those of the rows: the first cell tells them."""
    table, scratch, tree = table_of(rows), folder / "scratch", folder / "tree"
    keys = [f"{abs(hash_of(row[0])):020x}" for row in rows]
    table = replace(table, frame=table.frame.with_columns(pl.Series("_key", keys, dtype=pl.String)))
    scratch.mkdir(parents=True)
    tasks = download_tasks(table, BASE, scratch, live, names)
    sha256 = {}
    for file in [file for task in tasks for file in render_task(task).files]:
        path = urls.file_of(urls.download("set", file.suffix))
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        file.path.rename(tree / path)
        sha256[path] = file.sha256
    return Made(tree, list(sha256), cells_of(tasks[0].rows, "set", scratch, names), sha256)


def hash_of(text: str | None) -> int:
    return int.from_bytes((text or "").encode()[-7:])


def scanned(made: Made, private: PrivateValues, live: LiveData | None = None) -> tuple[set[str], dict[str, KnownData]]:
    """Names of files in which something was found, and what the next build knows."""
    scan = ReleaseScan(private, made.tree.parent, patterns_in, live=live)
    scan.told_cells(made.told, made.tree, SerialExecutor())
    issues = scan.finish(made.tree, pl.DataFrame({"path": made.paths, "size": 0}), SerialExecutor())
    known = scan.known_data(made.sha256)
    scan.close()
    return {Path((issue.file or "").split(" ")[0]).name.removeprefix("set.") for issue in issues}, known


def live_of(made: Made, known: dict[str, KnownData]) -> tuple[LiveFiles, LiveData]:
    def file(path: str) -> tuple[Path, str] | None:
        return (made.tree / path, made.sha256[path]) if path in made.sha256 else None

    paths = {path.partition("set.")[2]: path for path in made.paths if not path.endswith(".parquet")}
    files = {suffix: made.tree / path for suffix, path in paths.items()}
    return LiveFiles(files, {name: made.sha256[path] for name, path in paths.items()}, known["set"]), LiveData(
        known, file
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, dict[str, KnownData]]:
    made = make(ROWS, tmp_path_factory.mktemp("first"))
    hits, known = scanned(made, private_of(SECRET))
    assert hits == set()
    assert known["set"].rows["proven"].sum() == len(ROWS) - 1, "the last has no comma behind it in JSON"
    return made, known


def same_frames(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(frame.equals(other[name]) for name, frame in one.items())


class Read:
    """How many rows cells are read of, and how many bytes are searched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = 0
        own = TableRows.cells

        def counted(rows: TableRows, chosen: np.ndarray, names: Sequence[str] | None = None) -> pl.DataFrame:  # type: ignore[type-arg]
            self.rows += len(chosen) if names is None else 0
            return own(rows, chosen, names)

        monkeypatch.setattr(TableRows, "cells", counted)


def test_only_new_rows_are_looked_at(
    first: tuple[Made, dict[str, KnownData]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Read(monkeypatch)
    files, live = live_of(*first)
    night = make([*ROWS[:700], ("新的名称", "7.5", "新"), *ROWS[701:]], tmp_path / "night", files)
    hits, known = scanned(night, private_of(SECRET), live)
    assert hits == set()
    assert read.rows == 2, "the new one and the last; others of their pieces of the sheet are those of the live one"
    assert known["set"].rows["proven"].sum() == len(ROWS) - 1
    read.rows = 0
    _, again = scanned(night, private_of(SECRET))
    assert read.rows == len(ROWS)
    assert again["set"].rows.equals(known["set"].rows), "the same is known, however it was found out"
    assert same_frames(again["set"].pieces, known["set"].pieces)


def test_a_value_in_a_new_row_is_found_in_each_file(first: tuple[Made, dict[str, KnownData]], tmp_path: Path) -> None:
    files, live = live_of(*first)
    for place in (0, 700, 2000):
        changed = [*ROWS[:place], ("公开", "1.5", "公开的秘密的值"), *ROWS[place:]]
        night = make(changed, tmp_path / f"night{place}", files)
        assert scanned(night, private_of(SECRET), live)[0] == set(EVERY)


def test_a_number_of_a_person_in_a_new_row_is_found(first: tuple[Made, dict[str, KnownData]], tmp_path: Path) -> None:
    files, live = live_of(*first)
    night = make([*ROWS, ("公开", "1.5", "电话13812345678。")], tmp_path / "night", files)
    assert scanned(night, private_of(SECRET), live)[0] == set(EVERY)


@pytest.mark.parametrize(
    ("value", "suffixes"),
    [
        ("公开的甲,乙的说明", {"csv", "csv.gz"}),
        ('公开的甲","乙的说明', {"excel.csv", "excel.csv.gz"}),
        ('公开的甲","number":"乙的说明', {"json", "ndjson", "json.gz", "ndjson.gz"}),
        ("公开的甲</t></is></c><c t", {"xlsx"}),
    ],
)
def test_a_value_over_the_edge_of_a_new_cell_is_found(value: str, suffixes: set[str], tmp_path: Path) -> None:
    rows = [(name, "一", note) for name, _, note in ROWS]  # all columns are text
    private = private_of([value])
    made = make(rows, tmp_path / "first")
    hits, known = scanned(made, private)
    assert hits == set()
    files, live = live_of(made, known)
    for place in (0, 700, 2000):
        changed = [*rows[:place], ("公开的甲", "乙的说明", None), *rows[place:]]
        night = make(changed, tmp_path / f"night{place}", files)
        assert scanned(night, private, live)[0] == suffixes


def test_a_live_file_that_is_not_there(first: tuple[Made, dict[str, KnownData]], tmp_path: Path) -> None:
    made, known = first
    night = make(ROWS, tmp_path / "night")
    _, live = live_of(made, known)
    gone = replace(live, file=lambda path: (tmp_path / "none", made.sha256[path]))
    hits, again = scanned(night, private_of(SECRET), gone)
    assert hits == set()
    assert again["set"].rows.equals(known["set"].rows)


@pytest.mark.parametrize("suffix", ["csv", "excel.csv", "json", "ndjson"])
@pytest.mark.parametrize("place", [0, 900, 1999])
def test_a_value_that_came_into_an_old_line_is_found(
    place: int, suffix: str, first: tuple[Made, dict[str, KnownData]], tmp_path: Path
) -> None:
    """As long as what stood there, so that nothing else is amiss."""
    files, live = live_of(*first)
    night = make([*ROWS, ("新的名称", "7.5", "新")], tmp_path / "night", files)
    path = next(path for path in night.paths if path.endswith(f"/set.{suffix}"))
    data = (night.tree / path).read_bytes()
    at = data.index(f"公开{place}的名称".encode())
    at = data.index("很长的公".encode(), at)
    (night.tree / path).write_bytes(data[:at] + "秘密的值".encode() + data[at + 12 :])
    assert scanned(night, private_of(SECRET), live)[0] == {suffix}


@pytest.mark.parametrize("suffix", EVERY)
def test_a_row_that_left_and_is_still_in_a_file_is_found(
    suffix: str, first: tuple[Made, dict[str, KnownData]], tmp_path: Path
) -> None:
    """As if a file were copied whole: its bytes are all those of the live release."""
    made, _ = first
    _, live = live_of(*first)
    night = make([*ROWS[:900], *ROWS[901:]], tmp_path / "night")
    path = next(path for path in night.paths if path.endswith(f"/set.{suffix}"))
    (night.tree / path).write_bytes((made.tree / path).read_bytes())
    assert suffix in scanned(night, private_of(["公开900的名称"]), live)[0]


@pytest.mark.parametrize("suffix", PIECED)
def test_a_piece_of_another_row_is_found(suffix: str, first: tuple[Made, dict[str, KnownData]], tmp_path: Path) -> None:
    """A packed file of other cells, with pieces as they are told."""
    _, live = live_of(*first)
    changed = [*ROWS[:900], ("公开900的名称", "900.5", "公开的秘密的值"), *ROWS[901:]]
    wrong, night = make(changed, tmp_path / "wrong"), make(ROWS, tmp_path / "night")
    path = next(path for path in night.paths if path.endswith(f"/set.{suffix}"))
    (night.tree / path).write_bytes((wrong.tree / path).read_bytes())
    assert scanned(night, private_of(SECRET), live)[0] == {suffix}
    told = replace(night.told, pieced=wrong.told.pieced)
    assert scanned(replace(night, told=told), private_of(SECRET), live)[0] == {suffix}


@pytest.mark.parametrize("names", [urls.DOWNLOAD_NAMES, urls.PACKED_NAMES])
def test_cells_with_line_ends_cost_no_other_rows_a_search(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each night: in packed lines, too, it is known where the others stand."""
    rows = [(name, number, "甲\r\n乙" if at % 40 == 7 else note) for at, (name, number, note) in enumerate(ROWS)]
    made = make(rows, tmp_path / "first", names=names)
    hits, known = scanned(made, private_of(SECRET))
    assert hits == set()
    assert known["set"].rows["proven"].sum() == len(ROWS) - len(ROWS) // 40 - 1
    files, live = live_of(made, known)
    read = Read(monkeypatch)
    night = make([*rows[:700], ("新的名称", "7.5", "新"), *rows[701:]], tmp_path / "night", files, names)
    assert scanned(night, private_of(SECRET), live)[0] == set()
    assert read.rows == len(ROWS) // 40 + 2


def test_what_is_not_as_it_was_found_is_not_let_off(
    first: tuple[Made, dict[str, KnownData]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that are not proven, files that are not those of the manifest, digests of others."""
    read = Read(monkeypatch)
    made, known = first
    night = make(ROWS, tmp_path / "night")
    one = known["set"]
    unproven = replace(one, rows=one.rows.with_columns(pl.lit(value=False).alias("proven")))
    others = replace(one, sha256=dict.fromkeys(one.sha256, "0" * 64))
    digests = replace(one, rows=one.rows.with_columns(pl.col("digest") + 1))
    moved = replace(one, heads={path: head + 1 for path, head in one.heads.items()})
    for wrong in (unproven, others, digests, moved):
        read.rows = 0
        hits, again = scanned(night, private_of(SECRET), live_of(made, {"set": wrong})[1])
        assert hits == set()
        assert read.rows == len(ROWS)
        assert again["set"].rows.equals(one.rows)


def test_a_sample_of_old_lines_is_searched(
    first: tuple[Made, dict[str, KnownData]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new private value that is a public cell is not looked for where nothing has changed, but in the sample."""
    _, live = live_of(*first)
    night = make(ROWS, tmp_path / "night")
    new_value = private_of(["公开900的名称"])
    monkeypatch.setattr(data_search, "_SAMPLE", 10**9)
    assert scanned(night, new_value, live)[0] == set()
    monkeypatch.setattr(data_search, "_SAMPLE", 1)
    assert scanned(night, new_value, live)[0] == set(EVERY) - {"parquet"}


def test_the_sample_is_of_whole_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_search, "_SAMPLE", 2)
    chosen = data_search._sampled(10_000)
    assert len(chosen) == 10_000
    assert 3000 < chosen.sum() < 7000
    changes = np.flatnonzero(np.diff(chosen.astype(np.int8)))
    assert (np.diff(changes) % data_search._RUN == 0).all()
    assert [len(data_search._sampled(count)) for count in (0, 1, 33)] == [0, 1, 33]


def test_few_rows_are_read_from_their_own_file(
    first: tuple[Made, dict[str, KnownData]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New ones, the last, and those that are searched in each build; no others, unless a line is not as told."""
    made, known = first
    proven = known["set"].rows["proven"].to_numpy().copy()
    proven[40] = False
    one = replace(known["set"], rows=known["set"].rows.with_columns(proven=pl.Series(proven)))
    files, live = live_of(made, {"set": one})
    read = list[int]()
    own = TableRows._part

    def counted(rows: TableRows, chosen: np.ndarray, *columns: pl.Expr) -> pl.DataFrame:  # type: ignore[type-arg]
        read.append(len(chosen))
        return own(rows, chosen, *columns)

    night = make([*ROWS[:700], ("新的名称", "7.5", "新"), *ROWS[701:]], tmp_path / "night", files)
    source = night.told.source
    assert isinstance(source, TableRows)
    assert source.few is not None
    assert np.load(source.few.with_suffix(".npy")).tolist() == [40, 700, len(ROWS) - 1]
    monkeypatch.setattr(data_files, "LIVE_ROWS", 10**6)
    monkeypatch.setattr(TableRows, "_part", counted)
    monkeypatch.setattr(data_search, "search_columns", lambda *_: None)
    hits, again = scanned(night, private_of(SECRET), live)
    assert hits == set()
    assert again["set"].rows["proven"].sum() == len(ROWS) - 1
    assert read == []
    without = replace(night, told=replace(night.told, source=replace(source, few=None)))
    assert scanned(without, private_of(SECRET), live)[1]["set"].rows.equals(again["set"].rows)
    assert read == [3]


def test_few_rows_that_are_others_hide_nothing(
    first: tuple[Made, dict[str, KnownData]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of new rows Parquet's cells are searched themselves, whatever the few rows say."""
    files, live = live_of(*first)
    harmless, secret = ([*ROWS[:700], (text, "7.5", "新"), *ROWS[701:]] for text in ("新的名称", "有秘密的值"))
    night = make(secret, tmp_path / "night", files)
    other = make(harmless, tmp_path / "other", files)
    of, few = night.told.source, other.told.source
    assert isinstance(of, TableRows)
    assert isinstance(few, TableRows)
    told = replace(night, told=replace(night.told, source=replace(of, few=few.few)))
    let_off = list[np.ndarray]()  # type: ignore[type-arg]
    own = data_search.search_columns
    monkeypatch.setattr(data_search, "search_columns", lambda *given: let_off.append(given[-1]) or own(*given))  # type: ignore[func-returns-value]
    assert scanned(told, private_of(SECRET), live)[0] == set(EVERY)
    assert np.flatnonzero(~let_off[0]).tolist() == [700, len(ROWS) - 1]


@given(few=st.sets(st.integers(0, 49)), wanted=st.sets(st.integers(0, 49)))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_few_are_the_same_rows(few: set[int], wanted: set[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("rows")
    table = table_of(ROWS[:50])
    rows = table_rows(table, folder / "all.arrow", BASE)
    chosen = np.array(sorted(wanted), np.int64)
    some = with_few(table, rows, np.array(sorted(few), np.int64), folder / "few.arrow")
    assert some.cells(chosen).equals(rows.cells(chosen))
    assert some.columns(chosen).typed.equals(rows.columns(chosen).typed)


@pytest.mark.parametrize("kept", [0, 1 << 26])
def test_rows_of_a_sheet_however_few_pieces_are_kept(
    first: tuple[Made, dict[str, KnownData]], kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_views, "_KEPT", kept)
    made, known = first
    path = urls.file_of(urls.download("set", "xlsx"))
    with FileIO(made.tree / path) as stream:
        view = data_views.PiecesView(stream, known["set"].pieces[path], b"</row>", None, "")
        whole = view.text(0, len(ROWS))
        ends = np.cumsum(view.sizes(0, len(ROWS)))
        for begin, end in ((1990, 2000), (0, 3), (500, 900), (1, 2)):
            assert view.text(begin, end) == whole[ends[begin - 1] if begin else 0 : ends[end - 1]]


clean = st.sampled_from(["公开", "公开甲", "12", "0.5", None, "", 'a"b', "x&y", "一\n二", "甲,乙", "<c>"])
odd = st.lists(st.sampled_from([*VALUES, "公开", "秘密", "的值", "第一行", "\n", "第二行", ","]), max_size=3).map(
    "".join
)
old_rows = st.lists(st.tuples(clean, clean, clean), min_size=2, max_size=12)
new_rows = st.lists(st.tuples(st.integers(0, 12), st.tuples(clean | odd, clean | odd, clean | odd)), max_size=3)


@given(
    old=old_rows,
    new=new_rows,
    gone=st.sets(st.integers(0, 11)),
    values=st.lists(st.sampled_from(VALUES), min_size=1),
    names=st.sampled_from((urls.DOWNLOAD_NAMES, urls.PACKED_NAMES)),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_a_night_the_same_is_found(
    old: list[tuple[str | None, ...]],
    new: list[tuple[int, tuple[str | None, ...]]],
    gone: set[int],
    values: list[str],
    names: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """As in files that are read whole, if there was nothing in those of the live release."""
    folder, private = tmp_path_factory.mktemp("site"), private_of(list(dict.fromkeys(values)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_files, "ROWS", 4)
        patch.setattr(data_files, "LIVE_ROWS", 8)
        patch.setattr(data_search, "ROWS", 3)
        patch.setattr(data_search, "_LINES", 3)
        patch.setattr(xlsx, "PIECE_ROWS", 2)
        patch.setattr(copied, "worthwhile", lambda rows: rows)
        made = make(old, folder / "first", names=names)
        hits, known = scanned(made, private)
        assume(not hits)
        rows = [row for at, row in enumerate(old) if at not in gone]
        for at, row in new:
            rows.insert(at % (len(rows) + 1), row)
        files, live = live_of(made, known)
        night = make(rows, folder / "night", files, names)
        expected = {
            Path(path).name.removeprefix("set.") for _, path, _ in found(night.tree, night.paths, private, None)
        }
        assert scanned(night, private, live)[0] == expected


class TestMemory:
    """What is kept beside the release."""

    def test_it_is_that_of_one_release(self, first: tuple[Made, dict[str, KnownData]], tmp_path: Path) -> None:
        known = first[1]
        DataMemory(tmp_path / "data", None).write("one", known)
        again = DataMemory(tmp_path / "data", "one").load()
        assert again["set"].rows.equals(known["set"].rows)
        assert same_frames(again["set"].pieces, known["set"].pieces)
        assert (again["set"].heads, again["set"].sha256) == (known["set"].heads, known["set"].sha256)
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        assert DataMemory(tmp_path / "data", "two").load() == {}
        assert DataMemory(tmp_path / "data", None).load() == {}
        assert DataMemory(tmp_path / "none", "one").load() == {}

    @pytest.mark.parametrize("name", ["0.rows.arrow", "0.pieces-0.arrow", "about.json", "made-by"])
    def test_damage_is_seen(self, name: str, first: tuple[Made, dict[str, KnownData]], tmp_path: Path) -> None:
        DataMemory(tmp_path / "data", None).write("one", first[1])
        path = tmp_path / "data" / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        assert DataMemory(tmp_path / "data", "one").load() == {}
        path.unlink()
        assert DataMemory(tmp_path / "data", "one").load() == {}

    def test_where_there_is_no_room_there_is_none(
        self, first: tuple[Made, dict[str, KnownData]], tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        DataMemory(tmp_path / "file" / "data", None).write("one", first[1])
        assert DataMemory(tmp_path / "file" / "data", "one").load() == {}


class Slowly(FileIO):
    """Gives six bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(6 if size is None or size < 0 else min(size, 6)) or b""


def test_what_a_read_gives_less_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntwo secret\nthree\n")
    with Slowly(path) as stream:
        assert data_views._read(stream, 4, 15) == b"two secret\n"
        with pytest.raises(OSError, match="too early"):
            data_views._read(stream, 15, 22)


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [str(number) for number in range(1000)]})
    frame.write_parquet(tmp_path / "t.parquet", compression="zstd")
    data = bytearray((tmp_path / "t.parquet").read_bytes())
    data[40:400] = bytes(360)
    (tmp_path / "t.parquet").write_bytes(data)
    search = matching.Search([], None, frozenset(), 1)
    with pytest.raises(NotUnpackable):
        search_columns(search, "t.parquet", tmp_path, [], None, np.zeros(0, np.bool_))  # type: ignore[arg-type]

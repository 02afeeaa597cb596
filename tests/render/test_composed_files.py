"""Data files of a night are made of those of the live release: the same bytes as if all were made."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from shutil import copy2

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish import urls
from publish.model.crc import combined_crc
from publish.model.data_memory import (
    LENGTHS,
    KnownData,
    KnownRows,
    forwards,
    runs_of,
    same_pieces,
    same_rows,
    worthwhile,
)
from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.model.terms import Kind
from publish.render import copied, downloads, line_files, packed_lines, xlsx
from publish.render.copied import PIECED, LiveFiles
from publish.render.downloads import HEADS, download_tasks, render_task
from publish.render.live_files import DamagedFile, LiveFile

BASE = "https://example.test"
EVERY = tuple(dict.fromkeys((*urls.DOWNLOAD_NAMES, *urls.PACKED_NAMES)))
TEXTS = ["甲", None, "", '"', ",", "a\r\nb", "\n", "=1", "<&>", "a\\b", "\x01", "12", "1.5", "長" * 300, '"a\n"', " "]
FIELDS = (PublicField("text", "文本"), PublicField("number", "数", type="number"))

Row = tuple[str | None, str | None, int]


def table_of(rows: Sequence[Row]) -> PublicTable:
    keys = [f"{row[2] * 2654435761 % 2**61:020x}" for row in rows]
    frame = pl.DataFrame(
        {
            "text": [row[0] for row in rows],
            "number": [row[1] for row in rows],
            "_key": keys,
            "_until": [date(2027, 1, 1) if row[2] % 2 else None for row in rows],
            "_flag": ["objection" if row[2] % 5 == 0 else None for row in rows],
        },
        schema={"text": pl.String, "number": pl.String, "_key": pl.String, "_until": pl.Date, "_flag": pl.String},
    )
    return PublicTable(DatasetInfo("set", "数据", Kind.PENALTY, "某局"), FIELDS, frame)


def rendered(
    table: PublicTable, folder: Path, live: LiveFiles | None = None, names: Sequence[str] = EVERY
) -> tuple[dict[str, bytes], LiveFiles, int]:
    """Bytes by suffix, what the next build knows of them, and of how many rows lines were made."""
    folder.mkdir()
    tasks = download_tasks(table, BASE, folder, live, names)
    done = [render_task(task) for task in tasks]
    files = {file.suffix: file for made in done for file in made.files}
    rows = tasks[0].rows
    lengths = {kind: np.load(folder / f"set.{kind}.lengths.npy") for kind in LENGTHS if kind in names}
    digests = rows.digests(0, rows.height)
    known = KnownData(
        pl.DataFrame({"digest": digests, "proven": np.ones(len(digests), np.bool_), **lengths}),
        {
            urls.file_of(urls.download("set", suffix)): pl.read_ipc(folder / f"set.{suffix}.pieces.arrow")
            for suffix in PIECED
            if suffix in names
        },
        {urls.file_of(urls.download("set", suffix)): len(HEADS[suffix](rows)) for suffix in HEADS if suffix in names},
        {},
    )
    paths = {suffix: file.path for suffix, file in files.items() if suffix != "parquet"}
    made = max(one.made for one in done)
    sha256 = {suffix: file.sha256 for suffix, file in files.items()}
    return {suffix: file.path.read_bytes() for suffix, file in files.items()}, LiveFiles(paths, sha256, known), made


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces and parts of a few rows."""
    shrink(monkeypatch)


def shrink(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(xlsx, "PIECE_ROWS", 5)
    patch.setattr(xlsx, "_CHUNK", 7)
    patch.setattr(xlsx, "_READ", 15)
    patch.setattr(downloads, "_READ", 6)
    patch.setattr(packed_lines, "_READ", 15)
    patch.setattr(line_files, "_ROWS", 4)


cells = st.tuples(st.sampled_from(TEXTS), st.sampled_from(["1", "2.5", None]), st.integers(0, 40))
edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 99), cells),
        st.tuples(st.just("remove"), st.integers(0, 99), cells),
        st.tuples(st.just("edit"), st.integers(0, 99), cells),
        st.tuples(st.just("twice"), st.integers(0, 99), cells),
        st.tuples(st.just("move"), st.integers(0, 99), cells),
        st.tuples(st.just("text"), st.integers(0, 99), cells),
    ),
    max_size=4,
)


def edited(rows: list[Row], changes: Sequence[tuple[str, int, Row]]) -> list[Row]:
    out = list(rows)
    for what, at, row in changes:
        place = at % (len(out) + 1)
        if what == "add" or not out:
            out.insert(place, row)
            continue
        place %= len(out)
        if what == "remove":
            del out[place]
        elif what == "edit":
            out[place] = (row[0], out[place][1], out[place][2])
        elif what == "twice":
            out.insert(at % 7 % len(out), out[place])
        elif what == "move":
            out.append(out.pop(place))
        else:
            out[place] = (out[place][0], "no number", out[place][2])  # now the column is text, or a number again
    return out


@given(
    rows=st.lists(cells, min_size=1, max_size=40),
    nights=st.lists(edits, min_size=1, max_size=3),
    names=st.sampled_from((urls.DOWNLOAD_NAMES, urls.PACKED_NAMES)),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_bytes(
    rows: list[Row],
    nights: list[list[tuple[str, int, Row]]],
    names: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("nights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copied, "worthwhile", lambda found: found)
        shrink(patch)
        _, live, _ = rendered(table_of(rows), folder / "first", None, names)
        for number, changes in enumerate(nights):
            rows = edited(rows, changes)
            composed, live, _ = rendered(table_of(rows), folder / f"night{number}", live, names)
            made, again, _ = rendered(table_of(rows), folder / f"full{number}", None, names)
            assert composed == made
            assert live.known.rows.equals(again.known.rows)
            assert all(one.equals(again.known.pieces[path]) for path, one in live.known.pieces.items())


ROWS: list[Row] = [(f"公开{number}", "1.5", number) for number in range(400)]


CHANGED: list[Row] = [("新的", "2", 1000), *ROWS]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> LiveFiles:
    """What `live` is copied from."""
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        return rendered(table_of(ROWS), tmp_path_factory.mktemp("first") / "live")[1]


@pytest.fixture
def live(first: LiveFiles, tmp_path: Path) -> LiveFiles:
    """Files of the test's own: some spoil them."""
    (tmp_path / "live").mkdir()
    paths = {suffix: Path(copy2(path, tmp_path / "live")) for suffix, path in first.paths.items()}
    return replace(first, paths=paths)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """CHANGED, all of it made."""
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        return rendered(table_of(CHANGED), tmp_path_factory.mktemp("changed") / "full")[0]


def test_only_new_rows_are_made(live: LiveFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[int] = []
    own = xlsx.deflated

    def counted(data: bytes, is_last: bool = False) -> tuple[bytes, int, int]:
        packed.append(len(data))
        return own(data, is_last)

    monkeypatch.setattr(xlsx, "deflated", counted)
    changed = [*ROWS[:100], ("新的", "2", 1000), *ROWS[101:]]
    files, known, made = rendered(table_of(changed), tmp_path / "night", live)
    assert made == 2, "the new one, and the last, which has no comma behind it in JSON"
    assert len(packed) < 10, "a few pieces of a sheet of a hundred"
    assert json.loads(files["json"])[100]["text"] == "新的"
    assert rendered(table_of(changed), tmp_path / "full")[2] == len(changed)
    assert rendered(table_of(changed), tmp_path / "again", known)[2] == 1


@pytest.mark.parametrize("suffix", [suffix for suffix in EVERY if suffix != "parquet"])
@pytest.mark.parametrize("fault", ["changed", "cut", "gone"])
def test_a_live_file_that_is_damaged_is_not_copied(
    suffix: str, fault: str, live: LiveFiles, full: dict[str, bytes], tmp_path: Path
) -> None:
    path = live.paths[suffix]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    if fault != "gone":
        path.write_bytes(data if fault == "changed" else data[:-7])
    files, _, made = rendered(table_of(CHANGED), tmp_path / "night", live)
    assert made == (2 if suffix == "json" else len(CHANGED)), "JSON is made of NDJSON, and not read"
    assert files == full


def test_a_live_file_is_read_forwards_and_hashed_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 8192
    (tmp_path / "file").write_bytes(data)
    wanted = [(0, 0), (5, 9), (9, 9), (300_000, 1_000_000), (1_000_000, 1_200_000)]
    for sha256 in (hashlib.sha256(data).hexdigest(), hashlib.sha256(data[1:]).hexdigest()):
        with LiveFile(tmp_path / "file", sha256) as file:
            for begin, end in wanted:
                assert file.bytes(begin, end) == data[begin:end]
            with pytest.raises(ValueError, match="forwards"):
                file.bytes(1_199_999, 1_200_001)
            with nullcontext() if sha256 == hashlib.sha256(data).hexdigest() else pytest.raises(DamagedFile):
                file.check()
            with pytest.raises(DamagedFile):
                file.bytes(len(data), len(data) + 1)


@given(st.lists(st.integers(-1, 9), max_size=12))
def test_rows_that_are_copied_follow_one_another(rows: list[int]) -> None:
    """Each row that would be read after one behind it, or twice, is made."""
    kept = forwards(np.array(rows, np.int64)).tolist()
    known = [row for row in kept if row >= 0]
    assert known == sorted(set(known))
    expected = [row if row > max([-1, *rows[:at]]) else -1 for at, row in enumerate(rows)]
    assert kept == expected


@given(parts=st.lists(st.sampled_from([b"", b"{}", b'{"a":1}', b"\n", b"{}\n", b"{}\n{}\n"]), max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_array_of_lines(parts: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """However they are cut."""
    path = tmp_path_factory.mktemp("array") / "file"
    with line_files.HashedFile(path) as out:
        array = line_files.JsonArray(out)
        for part in parts:
            array.write(part)
        array.finish()
    lines = b"".join(parts)
    ended = lines.endswith(b"\n")
    assert path.read_bytes() == lines[: len(lines) - ended].replace(b"\n", b",\n") + b"\n" * ended + b"]\n"


def test_other_columns_types_and_addresses_are_not_copied(live: LiveFiles, tmp_path: Path) -> None:
    table = table_of(ROWS)
    renamed = replace(
        table, fields=(replace(FIELDS[0], name="other"), FIELDS[1]), frame=table.frame.rename({"text": "other"})
    )
    as_text = table_of([*ROWS, ("甲", "keine", 999)])
    for number, other in enumerate((renamed, as_text)):
        files, _, made = rendered(other, tmp_path / f"night{number}", live)
        assert made == other.frame.height
        assert files == rendered(other, tmp_path / f"full{number}")[0]
    retitled = replace(table, fields=(replace(FIELDS[0], title="另一个标题"), FIELDS[1]))
    files, _, made = rendered(retitled, tmp_path / "titles", live)
    assert made == 1, "titles stand before the rows"
    assert files == rendered(retitled, tmp_path / "full-titles")[0]


def test_pieces_are_cut_where_they_were_though_keys_rise() -> None:
    """As they do among the records of a day."""
    keys = [f"{number:020x}" for number in range(3000)]

    def begins(keys: list[str]) -> set[str]:
        counts = xlsx.cut_sheets(pl.Series(keys))[1]
        return {keys[first] for first in np.cumsum(counts) - counts}

    assert len(begins(keys) ^ begins([*keys[:700], *keys[701:]])) <= 20, "of some 700"


def test_short_runs_are_not_copied(live: LiveFiles, tmp_path: Path) -> None:
    shuffled = [ROWS[at * 7 % len(ROWS)] for at in range(len(ROWS))]
    files, _, made = rendered(table_of(shuffled), tmp_path / "night", live)
    assert made == len(ROWS)
    assert files == rendered(table_of(shuffled), tmp_path / "full")[0]


def test_further_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx.write_xlsx, "__defaults__", (None, 100))
    _, live, _ = rendered(table_of(ROWS), tmp_path / "live")
    assert len(zipfile.ZipFile(tmp_path / "live/set.xlsx").namelist()) == 4 + 4
    files, _, made = rendered(table_of(CHANGED), tmp_path / "night", live)
    assert made == 2
    assert files == rendered(table_of(CHANGED), tmp_path / "full")[0]
    with zipfile.ZipFile(tmp_path / "night/set.xlsx") as book:
        assert book.testzip() is None
        assert len(book.namelist()) == 4 + 5


@given(st.lists(st.binary(max_size=300), max_size=12))
@settings(deadline=None)
def test_checksums_are_combined(pieces: list[bytes]) -> None:
    crcs = np.array([zlib.crc32(piece) for piece in pieces], np.uint32)
    assert combined_crc(crcs, np.array(list(map(len, pieces)), np.int64)) == zlib.crc32(b"".join(pieces))


def test_checksums_of_what_is_larger_than_four_gigabytes() -> None:
    size = (1 << 32) + 5
    zeros = zlib.crc32(bytes(1 << 20))
    crcs, sizes = np.full(size >> 20, zeros, np.uint32), np.full(size >> 20, 1 << 20)
    low = combined_crc(crcs, sizes)
    # The remainder of zeros alone is known: doubling the number of bytes must give the same as one piece of them.
    half = combined_crc(crcs[: len(crcs) // 2], sizes[: len(sizes) // 2])
    assert low == combined_crc(np.array([half, half], np.uint32), np.array([1 << 31, 1 << 31]))


@given(st.lists(st.integers(0, 12), max_size=30), st.lists(st.integers(0, 12), max_size=30))
@settings(deadline=None)
def test_rows_that_are_the_same(new: list[int], old: list[int]) -> None:
    found = same_rows(np.array(new, np.uint64), np.array(old, np.uint64))
    for at, row in enumerate(found.tolist()):
        assert (row >= 0) == (at < len(new) - 1 and new[at] in old[:-1])
        assert row < 0 or old[row] == new[at]
    runs = runs_of(found)
    assert runs[0] == 0
    assert runs[-1] == len(new)
    for begin, end in pairwise(runs):
        first = found[begin]
        expected = np.arange(first, first + end - begin) if first >= 0 else np.full(end - begin, -1)
        assert found[begin:end].tolist() == expected.tolist()
    assert set(worthwhile(np.arange(1000)[::-1]).tolist()) == {-1}


def test_pieces_that_are_the_same() -> None:
    rows = np.array([0, 1, 2, -1, 4, 5, 6, 7, 8])
    assert same_pieces(np.array([3, 3, 3]), rows, np.array([3, 3, 3])).tolist() == [0, -1, 2]
    assert same_pieces(np.array([2, 2, 2, 3]), rows, np.array([3, 1, 2, 3])).tolist() == [-1, -1, 2, 3]
    assert KnownRows.of(np.zeros(0, np.uint64)).rows(np.ones(1, np.uint64)).tolist() == [-1]


def test_lines_of_cells_with_quotes_are_measured() -> None:
    frame = pl.DataFrame({"a": TEXTS, "b": TEXTS[::-1]})
    parts = list(line_files.lines_of("csv", line_files.Columns(frame, frame)))
    assert [len(sizes) for _, sizes in parts] == [4, 4, 4, 4]
    data, sizes = b"".join(data for data, _ in parts), np.concatenate([sizes for _, sizes in parts])
    ends = np.cumsum(sizes)
    assert ends[-1] == len(data)
    assert all(data[end - 2 : end] == b"\r\n" for end in ends)
    back = [
        pl.read_csv(data[end - size : end], has_header=False, infer_schema=False)
        for end, size in zip(ends, sizes, strict=True)
    ]
    assert [one.height for one in back] == [1] * len(TEXTS)


def test_nothing_known(tmp_path: Path) -> None:
    _, live, made = rendered(table_of([]), tmp_path / "empty")
    assert made == 0
    assert rendered(table_of(ROWS[:3]), tmp_path / "next", live)[2] == 3

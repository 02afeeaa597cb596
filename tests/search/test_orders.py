"""Tables from the order of the night before are the same as those that are sorted anew."""

import random
import resource
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from publish.derive.search import names as names_module
from publish.derive.search import numbers as numbers_module
from publish.derive.search import subject_nights
from publish.derive.search.memory import Memory
from publish.derive.search.names import name_table
from publish.derive.search.numbers import number_table
from publish.derive.search.orders import Order, digest_of, digest_of_file, load_order, write_order
from publish.derive.search.pairs import store_pairs
from publish.derive.search.scale import season_of
from publish.derive.search.subject_nights import write_subjects
from publish.derive.search.subjects import grouped, known_table, mentions_of
from publish.derive.search.suffixes import SPARE
from publish.derive.search.tables import Arrays, Table
from publish.model.public import PublicTable
from tests.bench.corpus import INFO, night, penalties
from tests.search.histories import code_of
from tests.searchkit import TINY, index_of

Rows = dict[int, dict[str, object]]
ENDS = ["有限公司", "商贸有限公司", "有限责任公司", "厂", "商贸有限责任公司第一分公司", "aaaaaaaaaaaaaaa", ""]
SUBJECTS = {"name": pl.String, "code": pl.String, "until": pl.String, "lasting": pl.Boolean}
MENTIONED = {
    **dict.fromkeys(("_key", "_subject", "_code", "_kind"), pl.String),
    **dict.fromkeys(("_date", "_until"), pl.Date),
    "lasting": pl.Int64,
}
UNITS = {"t": pl.String, "k": pl.String, "o": pl.UInt16, "d": pl.String, "u": pl.String, "f": pl.String}


def same(one: Table, other: Table) -> None:
    assert one.heads is not None
    assert other.heads is not None
    assert one.heads.tolist() == other.heads.tolist()
    assert len(one.runs) == len(other.runs) == 2
    for run, full in zip(one.runs, other.runs, strict=True):
        assert run.frame[run.index].equals(full.frame[full.index])
        assert run.starts.tolist() == full.starts.tolist()
        assert list(run.fences) == list(full.fences)
        assert run.prints[run.index].tolist() == full.prints[full.index].tolist()


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[bool]:
    """Of each call whether it gave anything."""
    calls: list[bool] = []
    inner: Callable[..., Any] = getattr(module, name)

    def noted(*given: Any) -> Any:
        result = inner(*given)
        calls.append(result is not None)
        return result

    monkeypatch.setattr(module, name, noted)
    return calls


def name_of(source: random.Random) -> str:
    start = "".join(source.choices("甲乙丙丁a1機é", k=source.randint(0, 5)))
    return start + source.choice(ENDS) or "甲"


def subject(source: random.Random, number: int) -> dict[str, object]:
    until = source.choice([None, "2027-01-01", "2028-01-01"])
    return {"name": name_of(source), "code": code_of(number), "until": until, "lasting": source.random() < 0.9}


def subjects(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(list(rows.values()), schema=SUBJECTS).sort("code", "name", nulls_last=True)


def changed(rows: Rows, source: random.Random, share: float, made: Callable[[random.Random, int], Any]) -> Rows:
    """Some go, some come, some are called otherwise, some move to the other run."""
    size = int(share * len(rows))
    rows = dict(rows)
    for number in source.sample(sorted(rows), min(size, len(rows))):
        rows.pop(number)
    start = max(rows, default=0) + 1
    rows |= {number: made(source, number) for number in range(start, start + source.randint(0, size))}
    for number in source.sample(sorted(rows), min(size, len(rows))):
        row = made(source, number)
        rows[number] = row if source.random() < 0.5 else rows[number] | {"lasting": not rows[number]["lasting"]}
    return rows


@pytest.mark.parametrize(("seed", "size", "share"), [(1, 1500, 0.02), (2, 900, 0.03), (3, 60, 0.03), (4, 400, 0.5)])
def test_names_of_a_night(seed: int, size: int, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    used = counted(monkeypatch, names_module, "suffixes_tonight")
    source = random.Random(seed)
    rows: Rows = {number: subject(source, number) for number in range(size)}
    last: Arrays = {}
    for step in range(14):
        frame = subjects(rows)
        table = name_table(frame, TINY, last)
        same(table, name_table(frame, TINY))
        last = table.order
        rows = changed(rows, source, share if step % 3 else 0, subject)
    assert sum(used) >= (14 if share < 0.1 and size > 100 else 4)


def test_so_many_of_a_long_list_go_that_others_must_take_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    used = counted(monkeypatch, names_module, "suffixes_tonight")
    source = random.Random(5)
    rows: Rows = {
        number: {"name": f"{number:04}有限公司", "code": code_of(number), "until": None, "lasting": True}
        for number in range(5 * SPARE)
    }
    last: Arrays = {}
    while len(rows) > SPARE:
        frame = subjects(rows)
        table = name_table(frame, TINY, last)
        same(table, name_table(frame, TINY))
        last = table.order
        for number in source.sample(sorted(rows), len(rows) // 11):
            rows.pop(number)
    assert not all(used)
    assert any(used)


def test_names_that_all_go_and_come_back() -> None:
    source = random.Random(6)
    whole: Rows = {number: subject(source, number) for number in range(300)}
    last: Arrays = {}
    for rows in (whole, {}, whole, dict(list(whole.items())[:280]), whole):
        table = name_table(subjects(rows), TINY, last)
        same(table, name_table(subjects(rows), TINY))
        last = table.order


def unit(source: random.Random, number: int) -> dict[str, object]:
    title = f"{source.choice(['甲罚', '乙許', 'Ａ'])}〔202{source.randint(0, 6)}〕{source.randint(1, 40)}号"
    plain: Mapping[str, object] = {"k": f"{number:016x}", "o": number % 3, "d": "2026-01-01", "u": None, "f": None}
    order = source.getrandbits(64)
    return {
        "t": source.choice([title] * 9 + ["无号", None]),
        **plain,
        "_order": order,
        "lasting": source.random() < 0.8,
    }


@pytest.mark.parametrize(("seed", "size", "share"), [(1, 700, 0.02), (2, 40, 0.05), (3, 300, 0.5)])
def test_numbers_of_a_night(seed: int, size: int, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    used = counted(monkeypatch, numbers_module, "_tonight")
    source = random.Random(seed)
    rows: Rows = {number: unit(source, number) for number in range(size)}
    last: Arrays = {}
    for step in range(16):
        values = list(rows.values())
        source.shuffle(values)  # in what order records come is nothing to anybody
        frame = pl.DataFrame(values, schema=UNITS | {"_order": pl.UInt64, "lasting": pl.Boolean})
        table = number_table(frame, TINY, last)
        plain = number_table(frame, TINY)
        same(table, plain)
        assert np.array_equal(table.order["rows"], plain.order["rows"])
        last = table.order if step != 9 else {}
        rows = {} if step == 12 else changed(rows, source, share if step % 3 else 0, unit)
        if step == 7:  # another season
            rows = {number: row | {"lasting": source.random() < 0.5} for number, row in rows.items()}
    assert sum(used) >= (9 if share < 0.1 else 3)


def test_rows_that_are_the_same_are_not_mixed_up() -> None:
    source = random.Random(7)
    row = unit(source, 1)
    schema = UNITS | {"_order": pl.UInt64, "lasting": pl.Boolean}
    one, two = (pl.DataFrame([row] * count, schema=schema) for count in (1, 2))
    last: Arrays = {}
    for frame in (one, two, two, one):
        table = number_table(frame, TINY, last)
        same(table, number_table(frame, TINY))
        last = table.order


def record(source: random.Random, number: int) -> dict[str, object]:
    coded = source.random() < 0.6
    whose = source.randint(0, 150)
    return {
        "_key": f"{source.getrandbits(80):020x}",
        "_subject": source.choice([f"甲{whose}", f"乙{whose // 2}", None]),
        "_code": code_of(whose) if coded else None,
        "_kind": source.choice(["organisation", "organisation", "natural_person", None]),
        "_date": source.choice([None, *(date(2026, 11, 1) - timedelta(days=days) for days in (0, 1, 200))]),
        "_until": source.choice([None, date(2026, 11, 30), date(2027, 12, 1)]),
        "lasting": number % 2,  # here: the dataset that it is of
    }


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_subjects_of_a_night(share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = counted(monkeypatch, subject_nights, "_tonight")
    source = random.Random(8)
    rows: Rows = {number: record(source, number) for number in range(800)}
    last, whole = dict[str, Order](), dict[str, Any]()
    for step in range(14):
        rows = {} if step == 11 else changed(rows, source, share if step % 3 else 0, record)
        season = season_of(date(2026, 11, 20) + timedelta(days=20 * (step > 8)))
        of_tables = [[row for row in rows.values() if row["lasting"] == number] for number in (0, 1)]
        frames = [pl.DataFrame(values, schema=MENTIONED, orient="row") for values in of_tables]
        tables = [PublicTable(INFO, (), frame.sort("_key")) for frame in frames]
        mentions = mentions_of(tables[::-1] if step == 5 else tables, season)
        tonight = tmp_path / f"{step + 1}"
        tonight.mkdir()
        found = pl.read_ipc(write_subjects(mentions, last, tonight).read_bytes())
        assert found.equals(grouped(mentions))
        known = known_table(found, TINY, whole)
        whole = dict(known.order)
        for run, plain in zip(known.runs, known_table(found, TINY).runs, strict=True):
            assert run.frame.equals(plain.frame)
            assert run.index.tolist() == plain.index.tolist()
        last = {path.name: Order(path, digest_of_file(path)) for path in tonight.iterdir() if step != 12}
    assert sum(used) >= (5 if share < 0.1 else 1)


def test_a_night_looks_at_what_has_come_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many names and numbers are folded, and of how many records subjects are put together."""
    today = date(2026, 11, 20)
    table = penalties(4000, as_of=today)
    memory = Memory(tmp_path / "memory", None)
    seen: dict[str, int] = {}

    def watch(module: Any, name: str) -> None:
        inner = getattr(module, name)

        def noted(rows: Any) -> Any:
            seen[module.__name__] = seen.get(module.__name__, 0) + len(rows)
            return inner(rows)

        monkeypatch.setattr(module, name, noted)

    watch(names_module, "fold_texts")
    watch(numbers_module, "fold_texts")
    watch(subject_nights, "grouped")
    index_of([table], tmp_path / "scratch", as_of=today, memory=memory, scale=TINY)
    first = dict(seen)
    seen.clear()
    index_of([night(table, 1)], tmp_path / "scratch", as_of=today + timedelta(days=1), memory=memory, scale=TINY)
    assert len(first) == len(seen) == 3
    assert all(first[name] > 1000 for name in first)
    assert all(0 < seen[name] < 0.05 * first[name] for name in first), (first, seen)


def test_an_order_of_another_build_is_none(tmp_path: Path) -> None:
    """Whole, but not the one that the memory tells of, as where folders of two builds are mixed."""
    path, other = tmp_path / "one", tmp_path / "other"
    for file, first in ((path, 0), (other, 1)):
        write_order({"none": np.empty(0, np.bool_), "some": np.arange(first, 5), "at": np.arange(9_999)}, file)
    order = Order(path, digest_of_file(path))
    found = load_order(order)
    assert {name: one.tolist() for name, one in found.items()} == {
        "none": [],
        "some": [0, 1, 2, 3, 4],
        "at": [*range(9_999)],
    }
    other.replace(path)
    assert load_order(order) == load_order(None) == {}
    path.unlink()
    assert load_order(order) == {}


def test_no_damage_goes_unnoticed(tmp_path: Path) -> None:
    """A page that is another's, a bit, an end that is missing, what stands in another order."""
    data = np.random.default_rng(1).bytes(200_001)
    page, rows = data[4096:8192], np.frombuffer(data[:196_608], dtype=np.uint8).reshape(6, -1)
    damaged = [
        data[:8192] + bytes(4096) + data[12_288:],
        data[:8192] + page + data[12_288:],
        data[:-1],
        data[:150_000],
        data[:-1] + bytes([data[-1] ^ 1]),
        data[:77] + bytes([data[77] ^ 128]) + data[78:],
        rows[::-1].tobytes() + data[196_608:],
        b"",
    ]
    told = {digest_of(one) for one in damaged}
    assert len(told) == len(damaged)
    assert digest_of(data) not in told


def test_pairs_that_find_no_room_are_told(tmp_path: Path) -> None:
    """Down to the last bytes, which a buffer may have held."""
    pairs = np.arange(1000, dtype=np.uint64)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (8, 800, 4096, 7992):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                store_pairs([pairs[:500], pairs[500:]], tmp_path / "pairs")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert store_pairs([pairs[:500], pairs[500:]], tmp_path / "pairs").tolist() == pairs.tolist()

"""Records in the order of the night before stand as those that are sorted anew."""

import random
from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from publish.derive.search import record_nights
from publish.derive.search.record_nights import Standing, stand
from publish.derive.search.tables import row_prints
from publish.derive.search.units import Units

SCHEMA = {"k": pl.String, "a": pl.String, "r": pl.String, "_order": pl.UInt64, "_rank": pl.Int64}
WORDS = [
    None,
    "",
    "甲",
    "甲乙丙丁戊",
    "甲乙丙丁己",
    "甲乙丙",
    "乙",
    "\U0010ffff",
    "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午",
    "臺灣",
]
Rows = dict[int, Mapping[str, object]]


def row(source: random.Random, number: int) -> Mapping[str, object]:
    order = source.getrandbits(64)
    texts = {name: source.choice(WORDS) for name in "ar"}
    return {"k": str(number), **texts, "_order": order, "_rank": source.choice([-9, -8, 5, 1 << 20])}


def standing(rows: Rows, source: random.Random, last: Standing | None) -> Standing:
    """Of rows in any order, compared with what is sorted."""
    values = list(rows.values())
    source.shuffle(values)
    frame = pl.DataFrame(values, schema=SCHEMA)
    units, rank, prints = Units(frame.drop("_rank")), frame["_rank"].to_numpy(), row_prints(frame.drop("_rank"))
    found = stand(units, rank, prints, last.arrays if last else None)
    plain = stand(units, rank, prints)
    assert {name: one.tolist() for name, one in found.arrays.items()} == {
        name: one.tolist() for name, one in plain.arrays.items()
    }
    assert found.order.tolist() == plain.order.tolist()
    assert found.chance.tolist() == plain.chance.tolist()
    return found


def changed(rows: Rows, source: random.Random, size: int) -> Rows:
    """Some go, some come, some are written otherwise, some move to another period."""
    rows = dict(rows)
    for number in source.sample(sorted(rows), min(size, len(rows))):
        rows.pop(number)
    start = max(rows, default=0) + 1
    rows |= {number: row(source, number) for number in range(start, start + source.randint(0, size))}
    for number in source.sample(sorted(rows), min(size, len(rows))):
        new = row(source, number)
        rows[number] = new if source.random() < 0.5 else {**rows[number], "_rank": new["_rank"]}
    return rows


@pytest.mark.parametrize(("seed", "size", "changes"), [(1, 500, 9), (2, 60, 1), (3, 200, 90), (4, 3, 1)])
def test_records_of_a_night(seed: int, size: int, changes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[bool] = []
    inner = record_nights._tonight

    def noted(*given: pl.DataFrame) -> object:
        result = inner(*given)  # type: ignore[arg-type]
        used.append(result is not None)
        return result

    monkeypatch.setattr(record_nights, "_tonight", noted)
    source = random.Random(seed)
    rows: Rows = {number: row(source, number) for number in range(size)}
    last: Standing | None = None
    for step in range(20):
        last = standing(rows, source, last)
        rows = {} if step == 15 else changed(rows, source, changes if step % 4 else 0)
    assert sum(used) >= (14 if changes < 0.1 * size / 2 else 2)


def test_what_is_in_no_order_of_its_own_stands_as_its_rows_do() -> None:
    """Two of a number, a period and the same beginning: nothing tells which comes first."""
    source = random.Random(5)
    rows: Rows = {number: row(source, number) for number in range(100)}
    last = standing(rows, source, None)
    tied = {number: {**rows[number % 2], "k": str(number)} for number in (100, 101)}
    values = [*rows.values(), *tied.values()]
    frame = pl.DataFrame(values, schema=SCHEMA)
    given = Units(frame.drop("_rank")), frame["_rank"].to_numpy(), row_prints(frame.drop("_rank"))
    assert record_nights._tonight(given[0].frame, given[1], given[2], last.arrays) is None
    assert np.array_equal(stand(*given, last.arrays).order, stand(*given).order)


def test_an_order_of_other_columns_is_none() -> None:
    source = random.Random(6)
    rows: Rows = {number: row(source, number) for number in range(100)}
    last = standing(rows, source, None)
    frame = pl.DataFrame(list(rows.values()), schema=SCHEMA)
    units = Units(frame.drop("_rank").rename({"a": "r", "r": "a"}))
    given = units, frame["_rank"].to_numpy(), row_prints(units.frame)
    assert np.array_equal(stand(*given, last.arrays).order, stand(*given).order)

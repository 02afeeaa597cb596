"""Which cells count as private, in which spellings; what is let off and what proves nothing."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial, reduce
from typing import Any

import numpy as np
import polars as pl
import pytest

from publish.derive.folding import fold_text, folding_table
from publish.disclose import private_values as module
from publish.disclose import public_values, value_sets
from publish.disclose.basis import Basis
from publish.disclose.private_values import Means, Public, private_values, telling
from publish.disclose.public_values import PublicCells, fold, held_by
from publish.disclose.stage import disclose
from publish.disclose.value_sets import is_in_rising
from publish.executors import SerialExecutor
from publish.model.calendar import WorkingCalendar
from publish.model.private_values import PRIVATE_COUNTS_SCHEMA, PrivateValues
from publish.model.public import Disclosure
from publish.model.rules import RuleBook
from publish.model.sieve import Sieve
from publish.model.source import Publicity
from publish.model.spelling import Speller
from publish.model.unescaping import STEPS, unescaped
from tests.disclose.spelt import SPELT

AS_OF = date(2026, 11, 20)
HOME = "澜屿市望海区三号路十二号"
PUBLIC = Publicity.PUBLIC


@pytest.fixture
def collect(book: RuleBook, calendar: WorkingCalendar) -> Any:
    def run(*tables: Any, public_texts: Any = (), folding: Any = None, key: bytes = b"", known: Any = None) -> Any:
        disclosure, _, _ = disclose(tables, Basis(book, calendar, AS_OF), previous=None, notice_days=30)
        public = Public(disclosure, tuple(public_texts), folding)
        return private_values(tables, public, Means(key), known)[0]

    return run


def fields_in(private: PrivateValues, text: str | bytes) -> list[str]:
    """Fields of the private values that the scan would find in a text."""
    data = unescaped(text if isinstance(text, bytes) else text.encode())
    return sorted(
        private.places[owner].field for sieve in private.sieves for owner in sieve.owners[sieve.hits(data).ids].tolist()
    )


def test_cells_of_fields_that_are_not_public(collect: Any, make_table: Any, penalty: Any) -> None:
    extra = {"home": (None, [HOME]), "phone": (Publicity.SHARED, ["13812345678"]), "shown": (PUBLIC, ["公开的说明"])}
    private = collect(make_table([penalty()], extra=extra))
    assert fields_in(private, HOME) == ["home"]
    assert fields_in(private, "电话13812345678。") == ["phone"]
    assert fields_in(private, "公开的说明 未按规定公示 澜屿甲有限公司 罚〔2026〕1号") == []


def test_records_that_are_not_public(collect: Any, make_table: Any, penalty: Any) -> None:
    hidden = penalty(2, subject_name="澜屿乙有限公司", severity="minor", reason="占道经营一事")
    private = collect(make_table([penalty(), hidden]))
    assert fields_in(private, "澜屿乙有限公司因占道经营一事") == ["c_reason", "c_subject_name"]
    assert fields_in(private, "罚〔2026〕2号") == ["c_document_number"]
    assert fields_in(private, "澜屿甲有限公司") == []


def test_names_before_they_were_masked(collect: Any, make_table: Any, penalty: Any) -> None:
    person = penalty(subject_name="张三丰", subject_kind="natural_person", subject_code=None, reason="张三丰无照经营")
    private = collect(make_table([person]))
    assert fields_in(private, "张三丰") == ["c_subject_name"]
    assert fields_in(private, "张**无照经营") == []


def test_names_in_lists_count_alone(collect: Any, make_table: Any, penalty: Any) -> None:
    private = collect(make_table([penalty(other_person="赵一、钱二二;孙三 三")]))
    for name in ("赵一", "钱二二", "孙三 三", "赵一、钱二二;孙三 三"):
        assert "c_other_person" in fields_in(private, f"法人{name}等")


def test_registers_and_tables_without_a_block(collect: Any, make_table: Any, make_register: Any, penalty: Any) -> None:
    register = make_register("repair", [{"record_id": "R0001-申请", "event_state": "open"}])
    private = collect(make_table([penalty()]), register)
    assert fields_in(private, "R0001-申请") == ["c_record_id"]


def test_what_public_data_hold_is_let_off(collect: Any, make_table: Any, penalty: Any) -> None:
    extra = {
        "boss": (None, ["澜屿甲", "王小明"]),
        "note": (PUBLIC, ["经办人王小明已到场", None]),
    }
    private = collect(make_table([penalty(), penalty(2)], extra=extra))
    assert fields_in(private, "澜屿甲 王小明") == []
    counts = private.counts.filter(pl.col("field") == "boss").row(0, named=True)
    assert (counts["let_off"], counts["held"], counts["weak"]) == (2, 0, 0)


def test_what_public_texts_hold_is_let_off(collect: Any, make_table: Any, penalty: Any) -> None:
    table = make_table([penalty()], extra={"contact": (None, ["公开热线(一)室"]), "home": (None, [HOME])})
    texts = ["<p>请拨打&#x516c;开热线(一)室</p>".encode()]
    private = collect(table, public_texts=iter(texts))
    assert fields_in(private, "公开热线(一)室") == []
    assert fields_in(private, HOME) == ["home"]


def test_numbers_of_data_files_are_let_off(collect: Any, make_table: Any, penalty: Any) -> None:
    """A number that is published with marks between its thousands is written without them in JSON."""
    table = make_table([penalty()], extra={"sum": (PUBLIC, ["12,345,678"]), "other": (None, ["12345678"])})
    spec = table.source.schema.named("sum")
    object.__setattr__(spec, "type", "integer")
    assert fields_in(collect(table), "12345678") == []


def test_spellings(collect: Any, make_table: Any, penalty: Any) -> None:
    values = ["某某街道《A&B》之<c>项", "路径C:\\新\\表", '他说""好""的', "折扣50%25以上的", "转义&amp;的值"]
    rows = [penalty(number) for number in range(1, len(values) + 1)]
    private = collect(make_table(rows, extra={"note": (None, values)}))
    for value in values:
        assert fields_in(private, f"前{value}后"), "as it is, in a text file"
        assert fields_in(private, f"前{value}后".replace("&", "&amp;").replace("<", "&lt;")), "in a page"
        assert fields_in(private, f'{{"x":"{value}"}}'.replace("\\", "\\\\").replace('""', '\\"\\"')), "in JSON"


def test_folded_spellings(collect: Any, make_table: Any, penalty: Any) -> None:
    table = make_table([penalty()], extra={"note": (None, ["ＡＢＣ 公司〔甲〕"])})
    plain, folded = collect(table), collect(table, folding=folding_table())
    assert fields_in(plain, "abc公司(甲)") == []
    assert fields_in(folded, "abc公司(甲)") == ["note"]
    assert fields_in(folded, "ＡＢＣ 公司〔甲〕") == ["note"]


def test_folding_is_that_of_the_index() -> None:
    texts = ["ＡＢＣ 公司〔甲〕", "阿依・古丽", "张\u200b三 丰", "ΑΣ Σας", "①㈱﹝", "plain", ""]
    assert fold(pl.Series(texts), folding_table()).to_list() == [fold_text(text) for text in texts]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("张三", True),
        ("张", False),
        ("abcdef", True),
        ("abcde", False),
        ("83456789", True),
        ("8345678", False),
        ("025-83456789", True),
        ("13812345678", True),
        ("20260102", False),
        ("20269902", True),
        ("2026-01-02", False),
        ("2026/1/2", False),
        ("2026.01", False),
        ("2026年1月2日", False),
        ("2026年1月", False),
        ("2026-01-02 10:30:00", False),
        ("2026-01-02T10:30:00Z", False),
        ("20260102103000", False),
        ("2026-01-02至2027-01-02", True),
        ("1,234.56", False),
        ("********", False),
        ("11010519491231002X", True),
        ("1101051949123100", True),
    ],
)
def test_what_is_telling(value: str, expected: bool) -> None:
    assert telling(pl.Series([value])).to_list() == [expected]


def test_counts_have_no_values(collect: Any, make_table: Any, penalty: Any) -> None:
    table = make_table([penalty()], extra={"home": (None, [HOME]), "day": (None, ["2026-01-02"])})
    private = collect(table)
    assert private.counts.schema == pl.Schema(dict(PRIVATE_COUNTS_SCHEMA))
    assert [place.field for place in private.places] == private.counts["field"].to_list()
    by_field = {
        row["field"]: (row["weak"], row["let_off"], row["held"]) for row in private.counts.iter_rows(named=True)
    }
    assert by_field["home"] == (0, 0, 1)
    assert by_field["day"] == (1, 0, 0)
    assert HOME not in repr(private)


def test_batches_change_nothing(collect: Any, make_table: Any, penalty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    homes = [f"望海区三号路{number}号院" for number in range(30)]
    table = make_table([penalty(number) for number in range(30)], extra={"home": (None, homes)})
    whole = collect(table, public_texts=iter([b"x", homes[3].encode()]))
    monkeypatch.setattr(value_sets, "BATCH", 7)
    parts = collect(table, public_texts=iter([b"x", homes[3].encode()]))
    assert len(parts.sieves) > 3
    assert parts.counts.equals(whole.counts)
    for text in (homes[0], homes[29]):
        assert fields_in(parts, text) == fields_in(whole, text) == ["home"]
    assert fields_in(parts, homes[3]) == []


def test_nothing_private(collect: Any) -> None:
    private = collect()
    assert private.counts.height == 0
    assert fields_in(private, HOME) == []


def test_what_is_new_since_the_last_release(collect: Any, make_table: Any, penalty: Any) -> None:
    extra = {"home": (None, [HOME, "澜屿市后街九号"]), "note": (None, ["内部说明甲乙", "内部说明丙丁"])}
    private = collect(make_table([penalty(), penalty(2)], extra=extra))
    assert private.fresh is None, "without what is known all values are searched for"
    known = np.unique(np.concatenate([sieve.keys for sieve in private.sieves]))
    extra["home"] = (None, [HOME, "澜屿市后街十号"])
    extra["shown"] = (PUBLIC, ["内部说明丙丁", None])
    later = collect(make_table([penalty(), penalty(2)], extra=extra), known=known)
    assert fields_in(later, f"{HOME} 澜屿市后街十号 内部说明甲乙 内部说明丙丁") == ["home", "home", "note"]
    fresh = PrivateValues(later.fresh, later.places, later.counts)
    assert fields_in(fresh, f"{HOME} 澜屿市后街十号 内部说明甲乙 内部说明丙丁") == ["home"]
    assert later.counts["held"].sum() == sum(map(len, later.sieves))
    again = collect(make_table([penalty(), penalty(2)], extra=extra), known=np.unique(later.sieves[0].keys))
    assert [len(one) for one in again.fresh] == [0]


def test_hashes_among_rising_ones() -> None:
    values = pl.Series(["甲的秘密一", "乙的秘密二", "丙的秘密三"])
    known = np.sort(Sieve.keys_of(values.head(2), b"key"))
    assert is_in_rising(Sieve.keys_of(values, b"key"), known).tolist() == [True, True, False]
    assert is_in_rising(Sieve.keys_of(values, b"key"), known[:0]).tolist() == [False] * 3


def test_very_many_new_values_are_as_if_nothing_were_known(
    collect: Any, make_table: Any, penalty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under another secret; what is looked for is the same."""
    extra = {"home": (None, [HOME, "澜屿市后街九号"]), "note": (None, ["内部说明甲乙", "内部说明丙丁"])}
    table = make_table([penalty(), penalty(2)], extra=extra)
    (fresh,) = collect(table, known=np.zeros(0, np.uint64)).fresh
    monkeypatch.setattr(value_sets, "BATCH", 3)
    assert [len(one) for one in collect(table, known=fresh.keys[:1]).fresh] == [len(fresh) - 1]
    monkeypatch.setattr(value_sets, "BATCH", 2)
    private = collect(table, known=fresh.keys[:1])
    assert private.fresh is None
    assert np.unique(np.concatenate([one.keys for one in private.sieves])).tolist() == fresh.keys.tolist()


def plain_spellings(cells: pl.Series, rows: pl.Series, spell: Speller | None) -> Iterator[Any]:
    """All cells in all spellings, whether they differ or not, one by one."""
    slowly = spell.slowly if spell else partial(fold, folding={"replace": {}, "remove": []})
    for cell, row in zip(cells.to_list(), rows.to_list(), strict=True):
        texts = [cell.encode(), slowly(pl.Series([cell]))[0].encode()]
        for text in (*texts, *(_undone(STEPS[first:], texts[0]) for first in range(4))):
            yield text, np.zeros(0, np.int64), np.array([row])


def _undone(steps: Sequence[Callable[[bytes], bytes]], text: bytes) -> bytes:
    return reduce(lambda done, step: step(done), steps, text)


def plain_cells(disclosure: Disclosure) -> Iterator[PublicCells]:
    """Every column of texts."""
    for number, table in enumerate(disclosure.public):
        for column in table.frame.select(pl.selectors.string()):
            rows = column.is_not_null().arg_true()
            yield PublicCells(number, column.gather(rows), rows)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_let_off_is_what_the_plain_way_lets_off(
    seed: int, collect: Any, make_table: Any, penalty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts in several spellings, in columns that repeat themselves or others, by fields read ahead or not."""
    dice = random.Random(seed)
    parts = [*SPELT, "“”丁", "内部说明"]

    def texts(size: int, few: bool) -> list[str | None]:
        pool = ["".join(dice.choices(parts, k=dice.randint(1, 3))) for _ in range(2 if few else size)]
        return [None if dice.random() < 0.1 else dice.choice(pool) for _ in range(size)]

    rows = [
        penalty(n, reason=text, severity=dice.choice(["minor", "general"]), document_number=number)
        for n, (text, number) in enumerate(zip(texts(30, False), texts(30, True), strict=True))
    ]
    extra = {"home": (None, texts(30, False)), "note": (None, texts(30, True)), "shown": (PUBLIC, texts(30, True))}
    table = make_table(rows, extra=extra)
    monkeypatch.setattr(public_values, "_SAMPLE", 3)
    quick = collect(table, folding=folding_table(), key=b"k")
    monkeypatch.setattr(public_values, "_spellings", plain_spellings)
    monkeypatch.setattr(module, "row_cells", plain_cells)
    monkeypatch.setattr(module, "distinct_texts", pl.Series.drop_nulls)
    monkeypatch.setattr(module, "speller", lambda folding: lambda some: fold(some, folding))
    plain = collect(table, folding=folding_table(), key=b"k")
    assert quick.counts.equals(plain.counts)
    assert quick.counts["let_off"].sum() > 0 < quick.counts["held"].sum()
    for one, other in zip(quick.sieves, plain.sieves, strict=True):
        assert one.keys.tolist() == other.keys.tolist()
        assert one.owners.tolist() == other.owners.tolist()


@pytest.mark.parametrize("at_once", [1, 2, 5, 100])
@pytest.mark.parametrize("workers", [False, True])
def test_cells_are_searched_together_and_each_is_found_in_its_own_row(
    at_once: int, workers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that would go from one cell to the next is not there; one with a zero byte is, however it is written."""
    values = ["甲\n\0\n乙丙", "第一件事", "第二件事", "丁\0戊己", "1234567890a"]
    columns = [
        PublicCells(0, pl.Series(["末尾甲", "乙丙开头", "见第二件事"]), pl.Series([4, 5, 9], dtype=pl.UInt32)),
        PublicCells(0, pl.Series(["x", "丁\\u0000戊己"]), pl.Series([1, 7], dtype=pl.UInt32)),
        PublicCells(1, pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.UInt32)),
        PublicCells(1, pl.Series(["第&#19968;件事", "第一件事"]), pl.Series([2, 3], dtype=pl.UInt32)),
        PublicCells(None, pl.Series(["第一件事", "x\0y", "1234567890A", "末尾甲", "乙丙"])),
    ]
    monkeypatch.setattr(public_values, "_ROWS", at_once)
    sieve = Sieve.of(pl.Series(values))
    value_of = dict(zip(Sieve.keys_of(pl.Series(values)).tolist(), values, strict=True))
    found = list(held_by((sieve,), columns, folding_table(), SerialExecutor() if workers else None, None))
    assert len(found) == {1: 12, 2: 7, 5: 3, 100: 3}[at_once]
    told = {
        (held.table, value_of[sieve.keys[number]], int(row))
        for (held,) in found
        for number, row in zip(held.ids.tolist(), held.rows.tolist(), strict=True)
    }
    of_one = {("第一件事", 2), ("第一件事", 3)} & {(value, row) for table, value, row in told if table == 1}
    assert of_one
    assert told - {(1, *one) for one in of_one} == {
        (0, "第二件事", 9),
        (0, "丁\0戊己", 7),
        (None, "第一件事", 0),
        (None, "1234567890a", 0),
    }

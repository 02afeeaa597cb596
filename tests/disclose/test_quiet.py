"""Rows of which it is known what masking changes: the same public cells as without that, whatever has changed since."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.disclose import masking, quiet, row_masking
from publish.disclose.basis import Basis
from publish.disclose.cuts import masked_at
from publish.disclose.quiet import TextMemory
from publish.disclose.stage import disclose
from publish.model.public import Disclosure
from publish.model.source import Publicity, Role

AS_OF = date(2026, 11, 20)
KEY = b"k" * 32
NAMES = ["张三丰", "李四光", "王五", "阿依古丽·买买提", "张三丰、李四光", "John Smith", "㐂田一郎", "陈六七八"]
PIECES = [
    *NAMES,
    "张 三 丰",
    "李.四.光",
    "王·五",
    "张\u200b三丰",
    "李四 光",
    "邮箱a@b.example",
    "家庭住址：某路1号",
    "，",
    "1.",
    "无照经营",
]
texts = st.lists(st.sampled_from([*PIECES, "Ａ", "甲有限公司", "\u2f2f"]), max_size=4).map("".join)


@dataclass(frozen=True)
class Record:
    number: int
    person: bool
    name: str
    reason: str
    note: str
    boss: str


records = st.builds(
    Record, st.integers(1, 12), st.booleans(), st.sampled_from(NAMES), texts, texts, st.sampled_from([*NAMES, ""])
)


def nights_of(night: st.SearchStrategy[list[Record]]) -> st.SearchStrategy[list[tuple[list[Record], int]]]:
    return st.lists(st.tuples(night, st.integers(0, 40)), min_size=2, max_size=5)


def some_of(pool: list[Record]) -> st.SearchStrategy[list[Record]]:
    return st.lists(st.sampled_from(pool), max_size=8, unique_by=lambda one: one.number)


# A site's nights: its records on each, and how far the day has moved on. In half of them records stay as they are.
nights = nights_of(st.lists(records, max_size=8, unique_by=lambda one: one.number)) | st.lists(
    records, min_size=2, max_size=8
).flatmap(lambda pool: nights_of(some_of(pool)))


@pytest.fixture
def table(make_table: Any, penalty: Any) -> Any:
    def make(rows: list[Record]) -> Any:
        kinds = {True: {"subject_kind": "natural_person", "subject_code": None}, False: {}}
        made = [
            penalty(
                one.number, subject_name=one.name, reason=one.reason or "无", other_person=one.boss, **kinds[one.person]
            )
            for one in rows
        ]
        return make_table(made, extra={"note": (Publicity.PUBLIC, [one.note for one in rows])})

    return make


def disclosed(table: Any, book: Any, calendar: Any, day: date, memory: TextMemory | None) -> Disclosure:
    basis = Basis(book, calendar, day)
    return disclose([table], basis, previous=None, notice_days=30, memory=memory)[0]


def assert_same(one: Disclosure, other: Disclosure) -> None:
    for mine, theirs in zip(one.public, other.public, strict=True):
        assert mine.frame.equals(theirs.frame)
    assert one.ledger.frame.equals(other.ledger.frame)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=nights, size=st.sampled_from([1, 3, 100]), few=st.sampled_from([0, 200]))
def test_nights_with_a_memory_are_nights_without(
    table: Any, book: Any, calendar: Any, histories: list[tuple[list[Record], int]], size: int, few: int
) -> None:
    """Over edits, records that come and go, names that come and go, and days that move on."""
    memory, day = TextMemory(KEY), AS_OF
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "_ROWS", size)
        patch.setattr(quiet, "_FEW", few)
        for rows, later in histories:
            if not rows:
                continue
            day += timedelta(days=later)
            memory = TextMemory(KEY, memory.rows, memory.people)
            made = table(rows)
            assert_same(disclosed(made, book, calendar, day, memory), disclosed(made, book, calendar, day, None))


PLAIN = ["张三丰", "李四光", "王五六", "陈六七", "欧阳四海", "四海欧阳", "三丰李"]


def plain_record(number: int, chance: Random) -> Record:
    """Names as they are written; whose texts name others as often as itself."""
    person = chance.random() < 0.5
    told = [chance.choice(["", "因"]) + chance.choice([*PLAIN, *[""] * more]) + "无照经营" for more in (2, 20)]
    return Record(number, person, chance.choice(PLAIN) if person else "甲有限公司", *told, chance.choice([*PLAIN, ""]))


@pytest.mark.parametrize("seed", range(3))
def test_nights_of_texts_that_are_cut_again(
    table: Any, book: Any, calendar: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most records stay as they are, and so do most names."""
    chance, memory, cut, others = Random(seed), TextMemory(KEY), 0, 0

    def counted(texts: pl.Series, places: Any) -> pl.Series:
        nonlocal cut
        cut += len(texts)
        return masked_at(texts, places)

    monkeypatch.setattr(masking, "masked_at", counted)
    rows = [plain_record(number, chance) for number in range(1, 25)]
    for night in range(6):
        rows = [one for one in rows if chance.random() < 0.95]
        rows += [plain_record(100 + 2 * night + more, chance) for more in range(2)]
        memory = TextMemory(KEY, memory.rows, memory.people)
        made, day = table(rows), AS_OF + timedelta(days=night)
        assert_same(disclosed(made, book, calendar, day, memory), disclosed(made, book, calendar, day, None))
        others += np.count_nonzero(memory.rows[1 + quiet.OTHERS])
    assert cut > 10
    assert others > 5


QUIET = [Record(number, False, "甲有限公司", f"无照经营{number}次", "", "") for number in range(1, 9)]


@pytest.fixture
def looked_at(monkeypatch: Any) -> list[int]:
    """How many rows are looked at, call by call."""
    rows: list[int] = []
    all_texts = row_masking.RowMasking.all_texts

    def counted(self: Any, source: pl.DataFrame, chosen: pl.DataFrame, cells: pl.DataFrame) -> Any:
        rows.append(source.height)
        return all_texts(self, source, chosen, cells)

    monkeypatch.setattr(row_masking.RowMasking, "all_texts", counted)
    return rows


def test_only_what_is_new_is_looked_at(table: Any, book: Any, calendar: Any, looked_at: list[int]) -> None:
    first = TextMemory(KEY)
    disclosed(table(QUIET), book, calendar, AS_OF, first)
    assert (sum(looked_at), first.rows.shape[1]) == (8, 8)
    looked_at.clear()
    second = TextMemory(KEY, first.rows, first.people)
    disclosed(
        table([replace(QUIET[0], reason="无证经营"), *QUIET[1:]]), book, calendar, AS_OF + timedelta(days=1), second
    )
    assert (sum(looked_at), second.rows.shape[1]) == (1, 8)


def test_a_table_of_which_no_text_is_public(make_table: Any, penalty: Any, book: Any, calendar: Any) -> None:
    """Some rows of it are known and some are new, and there is nothing to be masked in any."""
    first = TextMemory(KEY)
    made = make_table([penalty(number, subject_name=f"甲{number}有限公司") for number in range(1, 5)])
    days = [spec for spec in made.source.schema.fields if spec.name == "c_decision_date"]
    chosen = made.typed.select("_row", "@subject_name", _person=pl.lit(value=False))
    people = pl.Series(["张三丰"])
    masking.mask_cells(made, chosen.head(2), days, frozenset(), people, first)
    assert first.rows.shape[1] == 2
    second = TextMemory(KEY, first.rows, first.people)
    masked = masking.mask_cells(made, chosen, days, frozenset(), people, second)
    assert masked.cells.equals(made.source.frame.select("c_decision_date"))
    with pytest.raises(ValueError, match="not those of the table"):
        masking.mask_cells(made, chosen.with_columns(pl.col("_row") * 2), days, frozenset(), people)


@pytest.mark.parametrize("which", ["key", "fields", "name that is not of ideographs", "no people", "shape"])
def test_nothing_is_believed_where_anything_else_has_changed(
    table: Any, book: Any, calendar: Any, looked_at: list[int], which: str
) -> None:
    first = TextMemory(KEY)
    disclosed(table(QUIET), book, calendar, AS_OF, first)
    looked_at.clear()
    second, rows = TextMemory(KEY, first.rows, first.people), QUIET
    made = table(rows)
    if which == "key":
        second = TextMemory(b"another", first.rows, first.people)
    elif which == "fields":
        fields = tuple(replace(one, type="any") if one.name == "note" else one for one in made.source.schema.fields)
        made = replace(made, source=replace(made.source, schema=replace(made.source.schema, fields=fields)))
    elif which == "no people":
        second = TextMemory(KEY, first.rows, None)
    elif which == "shape":
        second = TextMemory(KEY, first.rows[:2], first.people)
    else:
        made = table([*rows, Record(9, True, "John Smith", "无照经营", "", "")])
    disclosed(made, book, calendar, AS_OF, second)
    assert sum(looked_at) == made.source.frame.height


def test_a_name_that_is_new_is_looked_for_in_what_is_known(table: Any, book: Any, calendar: Any) -> None:
    first = TextMemory(KEY)
    rows = [Record(1, False, "甲有限公司", "欧阳四海到场", "", ""), *QUIET[1:]]
    disclosed(table(rows), book, calendar, AS_OF, first)
    second = TextMemory(KEY, first.rows, first.people)
    after = disclosed(table([*rows, Record(9, True, "欧阳四海", "无照经营", "", "")]), book, calendar, AS_OF, second)
    assert "欧**到场" in after.public[0].frame["c_reason"].to_list()
    third = TextMemory(KEY, second.rows, second.people)  # and the row is looked at again on every day since
    again = disclosed(table([*rows, Record(9, True, "欧阳四海", "无照经营", "", "")]), book, calendar, AS_OF, third)
    assert "欧**到场" in again.public[0].frame["c_reason"].to_list()


OWN = Record(1, False, "甲有限公司", "由张三丰到场，无照经营", "", "张三丰")


@pytest.fixture
def masked_again(monkeypatch: Any) -> list[tuple[list[str], int]]:
    """Of which texts how many rows are masked because they were before, call by call."""
    calls: list[tuple[list[str], int]] = []
    known_texts = row_masking.RowMasking.known_texts

    def counted(self: Any, fields: Any, source: pl.DataFrame, chosen: pl.DataFrame, cells: pl.DataFrame) -> Any:
        calls.append(([one.name for one in fields], source.height))
        return known_texts(self, fields, source, chosen, cells)

    monkeypatch.setattr(row_masking.RowMasking, "known_texts", counted)
    return calls


def test_the_text_that_changes_of_a_known_row_is_cut(
    table: Any, book: Any, calendar: Any, looked_at: list[int], masked_again: list[tuple[list[str], int]]
) -> None:
    made = table([OWN, *QUIET[1:]])
    first = TextMemory(KEY)
    before = disclosed(made, book, calendar, AS_OF, first)
    assert masked_again == []
    looked_at.clear()
    second = TextMemory(KEY, first.rows, first.people)
    assert_same(disclosed(made, book, calendar, AS_OF, second), before)
    assert "由张**到场，无照经营" in before.public[0].frame["c_reason"].to_list()
    assert (sum(looked_at), masked_again) == (0, [])  # where is known, too
    assert (second.rows == first.rows).all()


TWICE = replace(OWN, reason="张三丰到场，由张三丰签字")


def test_a_text_that_is_masked_in_several_places_is_searched_again(
    table: Any, book: Any, calendar: Any, looked_at: list[int], masked_again: list[tuple[list[str], int]]
) -> None:
    made = table([TWICE, *QUIET[1:]])
    first = TextMemory(KEY)
    before = disclosed(made, book, calendar, AS_OF, first)
    looked_at.clear()
    assert_same(disclosed(made, book, calendar, AS_OF, TextMemory(KEY, first.rows, first.people)), before)
    assert (sum(looked_at), masked_again) == (0, [(["c_reason"], 1)])


def test_what_was_personal_data_is_told_again(table: Any, book: Any, calendar: Any, looked_at: list[int]) -> None:
    made = table([replace(QUIET[0], reason="邮箱a@b.example"), *QUIET[1:]])
    first = TextMemory(KEY)
    before = disclosed(made, book, calendar, AS_OF, first)
    assert "邮箱***" in before.public[0].frame["c_reason"].to_list()
    looked_at.clear()
    assert_same(disclosed(made, book, calendar, AS_OF, TextMemory(KEY, first.rows, first.people)), before)
    assert sum(looked_at) == 0


NAMED = Record(1, False, "甲有限公司", "欧阳四海到场", "", "")
OTHER = Record(9, True, "欧阳四海", "无照经营", "", "")


@pytest.mark.parametrize(
    ("named", "searched"),
    [(NAMED, 0), (replace(NAMED, note="与欧阳四海"), 1), (replace(NAMED, reason="欧阳四海、欧阳五湖到场"), 1)],
)
def test_a_row_that_anothers_name_changes_is_known_while_there_is_that_name(
    table: Any, book: Any, calendar: Any, looked_at: list[int], named: Record, searched: int
) -> None:
    """When the other record is gone, its name is no secret of this one; if more than one place or name is masked, the
    row is searched each night."""
    others = [replace(OTHER, number=10, name="欧阳五湖"), OTHER]
    memory = TextMemory(KEY)
    before = disclosed(table([named, *QUIET[1:], *others]), book, calendar, AS_OF, memory)
    for _ in range(2):
        looked_at.clear()
        memory = TextMemory(KEY, memory.rows, memory.people)
        assert_same(disclosed(table([named, *QUIET[1:], *others]), book, calendar, AS_OF, memory), before)
        assert sum(looked_at) == searched
    looked_at.clear()
    memory = TextMemory(KEY, memory.rows, memory.people)
    after = disclosed(table([named, *QUIET[1:], others[0]]), book, calendar, AS_OF, memory)
    assert sum(looked_at) == 1
    assert any(text.startswith("欧阳四海") for text in after.public[0].frame["c_reason"])
    memory = TextMemory(KEY, memory.rows, memory.people)  # and is one again when it comes back
    assert_same(disclosed(table([named, *QUIET[1:], *others]), book, calendar, AS_OF, memory), before)


def test_what_a_field_that_is_not_public_is_counts(table: Any, book: Any, calendar: Any) -> None:
    """Somebody corrects the role of a column: names of two characters are secrets of their rows from then on."""
    boss = Record(1, False, "甲有限公司", "王五无照经营", "", "王五")
    right = table([boss, *QUIET[1:]])
    schema = right.source.schema
    was = {field.name: replace(field, role=Role.PERSON_NUMBER) for field in schema.with_role(Role.OTHER_PERSON)}
    wrong_schema = replace(schema, fields=tuple(was.get(field.name, field) for field in schema.fields))
    wrong = replace(right, source=replace(right.source, schema=wrong_schema))
    memory = TextMemory(KEY)
    disclosed(wrong, book, calendar, AS_OF, memory)
    for known in (TextMemory(KEY, memory.rows, memory.people), None):
        after = disclosed(right, book, calendar, AS_OF, known)
        assert "王**无照经营" in after.public[0].frame["c_reason"].to_list()


def test_many_texts_share_the_last_bit(table: Any, book: Any, calendar: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(row_masking, "_LAST", 1)
    made = table([OWN, replace(OWN, number=2, note="张三丰在场"), *QUIET[2:]])
    first = TextMemory(KEY)
    before = disclosed(made, book, calendar, AS_OF, first)
    assert set(first.rows[1].tolist()) == {0, 2}
    assert_same(disclosed(made, book, calendar, AS_OF, TextMemory(KEY, first.rows, first.people)), before)


def test_a_memory_takes_a_secret_and_holds_no_text(table: Any, book: Any, calendar: Any) -> None:
    with pytest.raises(ValueError, match="secret"):
        TextMemory(b"")
    memory = TextMemory(KEY)
    disclosed(table(QUIET), book, calendar, AS_OF, memory)
    assert (memory.rows.dtype, memory.people.dtype) == (np.uint64, np.uint64)
    assert (np.diff(memory.rows[0]) > 0).all()

"""Names and numbers of persons in the texts of records, however they are spelt."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.disclose import masking
from publish.disclose.basis import Basis
from publish.disclose.personal import find_personal, mask_personal
from publish.disclose.secrets import (
    BETWEEN,
    Secrets,
    folded,
    known_secrets,
    mask_text,
    masked_names,
    name_parts,
    without_secrets,
)
from publish.disclose.stage import disclose
from publish.model.personal_patterns import patterns_in
from publish.model.source import Publicity
from publish.model.terms import Pattern

AS_OF = date(2026, 11, 20)
PERSON = {"subject_kind": "natural_person", "subject_code": None}


@pytest.fixture
def cells(book: Any, calendar: Any) -> Any:
    """cells(table, column, types={column: type}): a public column after disclosure, by document number."""

    def run(*tables: Any, column: str = "c_reason") -> list[str | None]:
        disclosure, _, _ = disclose(tables, Basis(book, calendar, AS_OF), previous=None, notice_days=30)
        found: list[str | None] = disclosure.public[0].frame.sort("c_document_number")[column].to_list()
        return found

    return run


@pytest.mark.parametrize(
    ("name", "text", "masked"),
    [
        ("张三丰", "张三丰无照经营", "张**无照经营"),
        ("张三丰", "张三丰即张 三 丰", "张**即张**"),
        ("张三丰、李四光", "李四光与张三丰合伙", "李**与张**合伙"),
        ("张 三", "张三无照经营", "张**无照经营"),
        ("张三", "张　三无照经营", "张**无照经营"),
        ("欧阳　四", "欧阳四到场", "欧**到场"),
        ("阿依古丽·买买提", "阿依古丽•买买提到场", "阿**到场"),
        ("ＪＯＨＮ SMITH", "John Smith到场", "Ｊ**到场"),
        ("张\u200b三", "张三到场", "张**到场"),
        ("张三丰;", "张三丰到场", "张**到场"),
        ("张三丰 李四光", "李四光到场", "李**到场"),
        ("张三丰（已故）", "张三丰的家属", "张**的家属"),
        ("a.c", "abc到场", "abc到场"),
        ("张", "张三到场", "张三到场"),
    ],
)
def test_a_persons_name_in_a_text(cells: Any, make_table: Any, penalty: Any, name: str, text: str, masked: str) -> None:
    assert cells(make_table([penalty(1, **PERSON, subject_name=name, reason=text)])) == [masked]


def test_several_names_in_their_own_column() -> None:
    names = pl.Series(["张三丰、李四光", "张三丰", "张", None, "王五福; 赵六顺"])
    assert masked_names(names).to_list() == ["张**、李**", "张**", "**", None, "王**;赵**"]


def test_other_persons_one_by_one(cells: Any, make_table: Any, penalty: Any) -> None:
    row = penalty(1, other_person="王五福;赵六顺", reason="负责人赵六顺拒不改正")
    assert cells(make_table([row])) == ["负责人赵**拒不改正"]


def test_an_organisations_name_stays_whole_and_shields_nobody_else(cells: Any, make_table: Any, penalty: Any) -> None:
    rows = [
        penalty(1, subject_name="李明亮饭店", other_person="李明亮", reason="李明亮饭店的李明亮到场"),
        penalty(2, subject_name="明", other_person="李明亮", reason="李明亮负责"),
    ]
    assert cells(make_table(rows)) == ["李明亮饭店的李**到场", "李**负责"]


def test_overlapping_names_leave_nothing() -> None:
    assert mask_text("王小明在场", [("王小", "王**"), ("王小明", "王**")], None) == "王**在场"
    assert mask_text("甲王小明小刚乙", [("王小明", "王**"), ("明小刚", "明**")], None) == "甲王**乙"


def test_a_person_of_one_record_in_the_text_of_another(cells: Any, make_table: Any, penalty: Any) -> None:
    rows = [penalty(1, **PERSON, subject_name="张三丰"), penalty(2, reason="与张三丰共同违法")]
    assert cells(make_table(rows)) == ["未按规定公示", "与张**共同违法"]


def test_a_sole_trader_under_the_owners_name_is_masked(cells: Any, make_table: Any, penalty: Any) -> None:
    trader = {"subject_kind": "sole_trader", "subject_name": "李明亮", "other_person": "李明亮"}
    assert cells(make_table([penalty(1, **trader)]), column="c_subject_name") == ["李**"]


@pytest.mark.parametrize(
    ("type_", "cell", "shown"),
    [
        ("list", "张三丰,李明", "张**,李明"),
        ("array", '["张三丰","13812345678"]', '["张**","***"]'),
        ("object", '{"who":"张三丰","住址":"家庭住址：某市某路12号"}', '{"who":"张**","住址":"家庭住址：***"}'),
        ("integer", "13812345678", None),
        ("number", "6222021234567890128", None),
        ("number", "12.5", "12.5"),
        ("date", "2026-01-01", "2026-01-01"),
    ],
)
def test_columns_of_other_types(
    cells: Any, make_table: Any, penalty: Any, type_: str, cell: str, shown: str | None
) -> None:
    extra = {"more": (Publicity.PUBLIC, [cell])}
    table = make_table([penalty(1, **PERSON, subject_name="张三丰")], extra=extra)
    fields = tuple(replace(f, type=type_) if f.name == "more" else f for f in table.source.schema.fields)
    source = replace(table.source, schema=replace(table.source.schema, fields=fields))
    assert cells(replace(table, source=source), column="more") == [shown]


@pytest.mark.parametrize(
    "text",
    [
        "电话138－1234－5678", "138 12345678", "证110105－19491231－002X", "110105\u00a019491231\u00a0002X",
        "110105.19491231.002X", "11010519491231002*", "110105194912310021", "１３８１２３４５６７８", "+86 13812345678",
        "a@b.example", "ａ＠b.example", "6222 0212 3456 7890 128", "证号990101199001011234",
        "身份证号码：11010519491231002X号",
    ],
)  # fmt: skip
def test_numbers_as_they_are_written(text: str) -> None:
    cell = pl.Series([f"当事人{text}，已改正"])
    hits = find_personal(cell, pl.Series([False]), frozenset(Pattern))
    (masked,) = mask_personal(cell, hits)
    assert hits.height >= 1
    assert not any(character.isdigit() for character in masked)
    assert masked.endswith("，已改正")


@pytest.mark.parametrize(
    "text",
    [
        "914403001922038216", "91110108551385082Q", "11230500001755309F", "91350100M000100Y43", "911100001000002860",
        "汀市监罚〔2026〕1234号", "食品经营许可证JY13101010001234", "施工许可证310101202309010105", "2026-11-20",
        "2026年11月20日", "罚款110105元", "处以罚款22.15万元", "12345", "400-820-8820", "0553-1234567",
        "第一百三十八条第二款", "GB 7718-2011", "91310000132200821H001V", "坐标116.397128,39.916527",
        "ISBN 978-7-5093-1234-5",
        "批号20260508138", "注册号110108001234567", "住所：汀澜市霁湾区听潮路1号", "经营场所位于明隆路12号",
    ],
)  # fmt: skip
def test_what_is_no_personal_data_stays(text: str) -> None:
    cell = pl.Series([text])
    hits = find_personal(cell, pl.Series([False]), frozenset(Pattern))
    assert mask_personal(cell, hits).to_list() == [text]


digits = st.text("0123456789０１２３４５６７８９ -－.·@aX号证", max_size=40)


@given(digits, st.booleans())
def test_what_is_masked_does_not_stop_the_release(text: str, person: bool) -> None:
    """The scan of the release knows no pattern that the mask does not."""
    cell = pl.Series([text])
    hits = find_personal(cell, pl.Series([person]), frozenset(Pattern))
    (masked,) = mask_personal(cell, hits)
    assert list(patterns_in(masked)) == []


def test_an_authority_is_not_called_after_a_person(cells: Any, make_table: Any, penalty: Any) -> None:
    row = penalty(1, **PERSON, subject_name="高新", authority="高新区市场监督管理局")
    assert cells(make_table([row]), column="c_authority") == ["高新区市场监督管理局"]


han = st.text("赵钱孙李周吴郑王阿依古丽欧阳", min_size=2, max_size=6)
loose = st.sampled_from(["", "", " ", "　", "\u200b", "·", "•", "-"])


@given(st.lists(st.tuples(han, st.lists(loose, min_size=6, max_size=6)), min_size=1, max_size=3), st.data())
def test_no_spelling_of_a_name_is_left(people: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    """Several names in one cell, spelt otherwise in the text, overlapping or repeated: none can be read there."""
    names = [name for name, _ in people]
    spelt = ["".join(a + b for a, b in zip(name, marks, strict=False)) for name, marks in people]
    order = data.draw(st.permutations([*spelt, *names]))
    cells = pl.Series(["到场的有" + data.draw(st.sampled_from(["、", "", "和"])).join(order) + "等人"])
    known = known_secrets([Secrets(name_parts(pl.Series(["；".join(names)])), 2, keep=True)])
    fold = pl.DataFrame({"c": cells}).select(folded(pl.col("c"))).to_series()
    own = pl.Series([None], dtype=pl.String)
    masked = without_secrets(cells, fold, known, own)
    (left,) = masked.to_frame("m").select(folded(pl.col("m"))).to_series()
    assert not any(name in left for name in names)


@settings(deadline=None)
@given(st.lists(st.none() | st.text("张三李四a ·\u3000\n;；、（)|", max_size=9), max_size=6))
def test_parts_of_names_are_those_of_every_cell_alone(names: list[str | None]) -> None:
    """Most cells hold one name, and are not looked at closely."""

    def parts(cell: str) -> list[str]:
        parted = re.sub(BETWEEN, "\n", cell)
        spaced = parted
        for _ in range(2):
            spaced = re.sub(r"([张三李四]{2,})\s+([张三李四]{2,})", r"\1\n\2", spaced)
        return list(dict.fromkeys(f"{parted}\n{spaced}".split("\n")))

    assert name_parts(pl.Series(names, dtype=pl.String)).to_list() == [parts(name or "") for name in names]


def test_own_names_of_persons_only_are_masked_in_their_column(cells: Any, make_table: Any, penalty: Any) -> None:
    rows = [penalty(1, subject_name="张三（分店）"), penalty(2, **PERSON, subject_name="张三（店主）、李四")]
    assert cells(make_table(rows), column="c_subject_name") == ["张三（分店）", "张**（店**）、李**"]


def test_rows_are_masked_by_themselves(
    make_table: Any, penalty: Any, book: Any, calendar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many rows are worked on at a time, cells, ledger and their order are the same."""
    texts = ["张三丰到场", "无照经营", "电话13800138000", "李四光与张 三 丰", None, "住址：望海区三号路12号"]
    names = ["张三丰", "李四光", "王五福、赵六顺"]
    rows = [penalty(n, **PERSON, subject_name=names[n % 3], reason=texts[n % 6]) for n in range(12)]
    rows += [penalty(n, reason=texts[n % 6]) for n in range(12, 40)]
    tables = [make_table(rows, extra={"fine": (Publicity.PUBLIC, [f"110105194912310{n:02}X" for n in range(40)])})]

    def run() -> tuple[pl.DataFrame, pl.DataFrame]:
        disclosure, _, _ = disclose(tables, Basis(book, calendar, AS_OF), previous=None, notice_days=30)
        return disclosure.public[0].frame, disclosure.ledger.frame

    frame, ledger = run()
    assert frame["c_reason"].str.contains("**", literal=True).any(), "something is masked"
    for size in (1, 7, 39):
        monkeypatch.setattr(masking, "_ROWS", size)
        again, entries = run()
        assert again.equals(frame, null_equal=True)
        assert entries.equals(ledger, null_equal=True)

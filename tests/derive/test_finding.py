"""Queries, and finding by reading everything: against a plain loop over records."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.finding import FIXED, Query, Term, field_names, find_records, parse_query
from publish.derive.folding import fold_text
from publish.model.public import PublicField, PublicTable
from tests.searchkit import key_of, table_of

NAMES = field_names(
    [table_of("x", "x", [], [PublicField("cf_wh", "处罚 文号（新）"), PublicField("amt", "金额", type="number")])]
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("   　\t", []),
        ("甲公司", [("甲公司", None)]),
        ("甲　乙\u00a0丙\ufeff丁", [("甲", None), ("乙", None), ("丙", None), ("丁", None)]),
        ("甲 甲 “甲”", [("甲", None)]),
        ("ＡＢ〔2026〕１号", [("ab(2026)1号", None)]),
        ('"未按规定 公示"', [("未按规定公示", None)]),
        ("“未按 规定", [("未按规定", None)]),
        ('甲"乙 丙"丁', [("甲", None), ("乙丙", None), ("丁", None)]),
        ("事由:未公示", [("未公示", "事由")]),
        ("事由：未公示", [("未公示", "事由")]),
        ('事由:"未按规定 公示"', [("未按规定公示", "事由")]),
        ("事由：“未按规定 公示”乙", [("未按规定公示", "事由"), ("乙", None)]),
        ("事由: 未公示", [("事由:", None), ("未公示", None)]),
        ("未公示 事由：", [("未公示", None), ("事由:", None)]),
        ('事由:""甲', [("甲", None)]),
        ('事由:"', []),
        ('事由:甲"乙"', [("甲", "事由"), ("乙", None)]),
        ('"甲"事由:乙', [("甲", None), ("乙", "事由")]),
        ("事由:主体:甲", [("主体:甲", "事由")]),
        ('无此:"甲 乙"', [("无此:", None), ("甲乙", None)]),
        ("事由::甲", [(":甲", "事由")]),
        ('"事由":未公示', [("事由", None), (":未公示", None)]),
        ('"事由:未公示"', [("事由:未公示", None)]),
        ("事由:甲:乙", [("甲:乙", "事由")]),
        ("ＲＥＡＳＯＮ:甲", [("甲", "reason")]),
        ("无此字段:甲", [("无此字段:甲", None)]),
        ("http://x", [("http://x", None)]),
        (":甲", [(":甲", None)]),
        ("处罚文号(新):1", [("1", "处罚文号(新)")]),
        ("CF_WH:1", [("1", "cf_wh")]),
        ("金额:1", [("金额:1", None)]),
        ("甲 事由:甲", [("甲", None), ("甲", "事由")]),
    ],
)
def test_queries(text: str, terms: list[tuple[str, str | None]]) -> None:
    assert parse_query(text, NAMES) == Query(tuple(Term(*term) for term in terms))


@pytest.mark.parametrize(
    ("text", "short"), [("", True), ("甲", True), ("事由:甲", True), ("甲 乙", False), ("甲乙", False)]
)
def test_two_characters_are_enough(text: str, short: bool) -> None:
    assert parse_query(text).is_short is short


def test_fixed_words_are_folded_already() -> None:
    assert [fold_text(word) for word in FIXED] == list(FIXED)


def found(tables: list[PublicTable], text: str) -> list[tuple[str, str]]:
    return find_records(tables, parse_query(text, field_names(tables)))


PENALTIES = table_of(
    "penalties",
    "行政处罚",
    [
        {"_key": "p0", "_title": "汀监罚〔2026〕1号", "_subject": "甲公司", "_date": date(2026, 5, 4), "额": "100"}
        | {"_reason": "未公示年报"},
        {"_key": "p1", "_title": "汀监罚〔2026〕2号", "_subject": "乙公司", "_date": date(2026, 5, 5), "cf": "轻微"}
        | {"备注": "甲公司的子公司"},
        {"_key": "p2", "_title": "汀监罚〔2026〕3号", "_subject": "Ａ．Ｂ公司", "_authority": "市监局"},
    ],
    [PublicField("备注", "备注"), PublicField("额", "额", type="number"), PublicField("cf", "事由")],
)
LICENCE = {"_key": "l0", "_title": "许1", "_subject": "甲公司", "_date": date(2026, 5, 4), "cf": "未见"}
TABLES = [PENALTIES, table_of("licences", "行政许可", [LICENCE], ["cf"])]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("甲公司", ["p1", "l0", "p0"]),
        ("甲公司 公司", ["p1", "l0", "p0"]),
        ("主体:甲公司", ["l0", "p0"]),
        ("备注:甲公司", ["p1"]),
        ("汀监罚(2026)1号 年报", ["p0"]),
        ("文号:2026 机关:市监", ["p2"]),
        ("a.b公司", ["p2"]),
        ("公司甲", []),
        ("甲公司未公示年报", []),
        ("100", []),
        ("事由:未", []),
        ("事由:轻", ["p1"]),
        ("reason:未", ["p0"]),
        ("CF:未", ["l0"]),
        ("", []),
    ],
)
def test_records_that_hold_all_terms_newest_first(text: str, keys: list[str]) -> None:
    slugs = {"p": "penalties", "l": "licences"}
    assert found(TABLES, text) == [(slugs[key[0]], key) for key in keys]


def test_marks_are_joined_to_what_they_stand_behind() -> None:
    records = [{"备注": "Cafe\u0301 Ltd"}, {"备注": "ｶﾞｽ公司"}, {"备注": "Cafe Ltd"}]
    table = table_of("x", "x", records, ["备注"])
    assert found([table], "caf\u00e9") == [("x", key_of("x", 0))]
    assert found([table], "ガス") == [("x", key_of("x", 1))]


def test_no_tables_and_no_records() -> None:
    assert found([], "甲公司") == []
    assert found([table_of("x", "x", [], ["备注"])], "甲公司 备注:乙") == []


cells = st.one_of(
    st.none(),
    st.text(st.sampled_from("甲乙Aａ１1〔(　 ée\u0301ｶﾞ각가\u11a8Σς龍龙\n"), max_size=6),
    st.text(max_size=4),
)
queries = st.one_of(st.text(st.sampled_from('甲乙a1(e"：: 由事龙ς'), max_size=6), st.text(max_size=4))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("_title", "_reason", "一"), cells)), max_size=5), queries)
def test_the_columns_find_what_a_loop_finds(records: list[dict[str, str | None]], text: str) -> None:
    table = table_of("x", "x", records, ["一"])
    query = parse_query(text, field_names([table]))
    columns = {"事由": ["_reason"], "一": ["一"], None: ["_title", "_reason", "一"]}

    def holds(record: dict[str, str | None], term: Term) -> bool:
        return any(term.text in fold_text(record[name] or "") for name in columns[term.field])

    expected = {
        ("x", key_of("x", number))
        for number, record in enumerate(records)
        if query.terms and all(holds(record, term) for term in query.terms)
    }
    assert set(find_records([table], query)) == expected


def test_a_field_of_any_type_is_text_too() -> None:
    table = table_of("x", "x", [{"任意": "甲公司"}], [PublicField("任意", "任意", type="any")])
    assert len(found([table], "甲公司")) == 1
    assert table.frame.schema["任意"] == pl.String

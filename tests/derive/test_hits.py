"""Hits as they are shown: the words around a match, in the spelling of the text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.derive.corpus import SectionIndex
from publish.derive.finding import field_names, find_records, parse_query
from publish.derive.folding import fold_text
from publish.derive.hits import record_hits, section_hits, words_around
from publish.model.document import Document
from publish.model.finding import Hit
from publish.model.public import PublicField
from tests.searchkit import key_of, table_of

BASE = "https://credit.example"


@pytest.mark.parametrize(
    ("text", "term", "words"),
    [
        ("未公示年报", "公示", "未公示年报"),
        ("ＡＢ　Ｃ", "bc", "ＡＢ Ｃ"),
        ("一" * 40 + "公\n示" + "二" * 40, "公示", "…" + "一" * 15 + "公 示" + "二" * 35 + "…"),
        ("公示", "修复", None),
        ("㈱甲", "株", "㈱甲"),
    ],
)
def test_words_around(text: str, term: str, words: str | None) -> None:
    assert words_around(text, term) == words


@given(st.text(max_size=30), st.integers(0, 29), st.integers(1, 5))
def test_words_around_are_there_for_every_match(text: str, start: int, length: int) -> None:
    term = fold_text(text)[start : start + length]
    if term:
        assert words_around(text, term) is not None


def test_records() -> None:
    record = {
        "_title": "汀监罚〔2026〕1号",
        "_subject": "甲公司",
        "_reason": "未公示年报",
        "_date": date(2026, 5, 4),
        "_authority": "市监局",
        "_flag": "objection",
        "cf_sy": "未公示年报",
    }
    tables = [
        table_of(
            "penalties",
            "行政处罚",
            [record, {"_subject": "甲公司", "_date": date(2026, 5, 3)}],
            [PublicField("cf_sy", "处罚事由")],
        ),
        table_of("licences", "行政许可", [{"_title": "许1", "_subject": "甲公司"}]),
    ]
    query = parse_query("甲公司 公示 机关:市监", field_names(tables))
    (hit,) = record_hits(tables, find_records(tables, query), query, BASE)
    key = key_of("penalties", 0)
    assert hit == Hit(
        title="汀监罚〔2026〕1号",
        url=f"{BASE}/r/{key[:2]}/{key}.html",
        date=date(2026, 5, 4),
        words=("处罚事由: 未公示年报", "authority: 市监局"),
        subject="甲公司",
        dataset="penalties",
        dataset_title="行政处罚",
        flag="objection",
    )
    assert str(hit).splitlines()[1] == "   甲公司  行政处罚 (penalties)  2026-05-04  [objection]"
    query = parse_query("甲公司")
    hits = record_hits(tables, find_records(tables, query), query, BASE)
    assert [(hit.title, hit.words) for hit in hits[1:]] == [("行政处罚", ()), ("许1", ())]


def test_sections() -> None:
    document = Document(
        "a", "公示办法", "# 总则 {#c}\n\n信用修复。\n", number="汀〔2026〕1号", published_on=date(2026, 1, 2)
    )
    query = parse_query("公示办法 修复")
    found = SectionIndex([document]).search(query)
    (hit,) = section_hits(found, query, BASE)
    assert hit == Hit("公示办法 总则", f"{BASE}/policies/a.html#c", date(2026, 1, 2), ("信用修复。",))
    query = parse_query("(2026)1")
    (hit,) = section_hits(SectionIndex([document]).search(query), query, BASE)
    assert (hit.title, hit.words) == ("公示办法", ("汀〔2026〕1号",))
    assert str(hit).splitlines()[1] == "   policy document  2026-01-02"


def test_words_are_not_shown_twice() -> None:
    table = table_of("x", "x", [{"内容": "未公示年报，责令改正"}], ["内容"])
    query = parse_query("公示 年报 责令")
    (hit,) = record_hits([table], find_records([table], query), query, BASE)
    assert hit.words == ("内容: 未公示年报，责令改正",)

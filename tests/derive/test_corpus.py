"""Whoosh over the documents: sections that hold what is asked for, all of them, in a sensible order."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.corpus import DocumentIndex, SectionIndex, plain_text
from publish.derive.finding import field_names, parse_query
from publish.derive.folding import fold_text
from publish.derive.related import derive_related
from publish.derive.sections import derive_sections
from publish.model.document import Document
from publish.model.search import SECTION_FIELDS

MEASURES = Document(
    "measures",
    "公示管理办法",
    """总的说明。

# 第一章 总则 {#c1}

**第一条** 为了规范公示，制定本办法。ＡＢＣ
{: #a1 }

**第二条** 信用修复由市发改委受理。
{: #a2 }

## 信用修复 {#repair}

准予修复的，公示五个工作日。
""",
    number="汀澜政发〔2026〕6号",
    issuer="汀澜市人民政府",
    index_number="990100-01",
    subject_class="信用",
    keywords=("异议",),
)
NOTICE = Document("notice", "渔港通知", "渔船进出渔港应当报告。")


def urls(text: str, *documents: Document) -> list[str]:
    found = SectionIndex(documents or (MEASURES, NOTICE)).search(parse_query(text, field_names([])))
    return [section.url.rpartition("/")[2] for _, section in found]


def test_a_title_weighs_more_than_a_text() -> None:
    assert urls("信用修复") == ["measures.html#repair", "measures.html#a2"]


def test_width_and_case_make_no_difference() -> None:
    assert urls("ａｂc") == ["measures.html#a1"]
    assert urls("渔　港") == ["notice.html"], "two terms of one character"
    assert urls("汀澜政发(2026)6号") == ["measures.html"]


def test_all_terms_must_stand_there_and_one_in_the_section_itself() -> None:
    assert urls("管理办法 第二条") == ["measures.html#a2"]
    assert set(urls("公示管理办法")) == {"measures.html"}, "not each section below that title"
    assert urls("渔港 修复") == []
    assert urls("港渔") == [], "bigrams alone are no match"


def test_a_field_is_a_part_of_a_section() -> None:
    assert urls("标题:信用修复") == ["measures.html#repair"]
    assert urls("文号:6号") == ["measures.html"]
    assert urls("机关:人民政府") == ["measures.html"]
    assert urls("关键词:异议") == urls("索引号:990100") == urls("主题分类:信用") == ["measures.html"]
    assert urls("正文:信用修复") == ["measures.html#a2"]
    assert urls("事由:信用修复") == [], "a section has no such field"
    assert len(SECTION_FIELDS) == 5


def test_no_documents_and_no_terms() -> None:
    assert urls("") == []
    assert SectionIndex([]).search(parse_query("公示")) == []
    assert DocumentIndex([]).related(3) == {}


texts = st.text(st.sampled_from("甲乙丙哈Ａa"), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=4), st.text(st.sampled_from("甲乙丙哈a "), max_size=6))
def test_whoosh_finds_every_section_that_holds_the_terms(bodies: list[str], text: str) -> None:
    documents = [Document(f"d{number}", "题", body) for number, body in enumerate(bodies)]
    query = parse_query(text)
    expected = {
        section.url
        for document in documents
        for section in derive_sections(document)
        if query.terms and all(term.text in fold_text(section.text) for term in query.terms)
    }
    assert {section.url for _, section in SectionIndex(documents).search(query)} == expected


def test_plain_text_is_what_a_reader_sees() -> None:
    text = plain_text(MEASURES)
    assert text.startswith("总的说明。\n第一章 总则\n第一条 为了规范公示")
    assert "#" not in text
    assert "*" not in text


def test_equally_related_documents_come_by_slug() -> None:
    documents = [Document(slug, "信用修复", "信用修复的条件。") for slug in ("c", "a", "d", "b")]
    assert derive_related(documents)["c"] == ("a", "b", "d")
    assert derive_related(documents) == derive_related(documents[::-1], DocumentIndex(documents))


def test_a_title_that_says_it_is_related_more_than_a_text_that_mentions_it() -> None:
    documents = [
        Document("one", "信用修复指南", "条件与材料。"),
        Document("text", "年度工作总结", "今年做了信用修复指南。"),
        Document("title", "信用修复指南解读", "今年做了许多总结。"),
    ]
    assert derive_related(documents)["one"] == ("title", "text")


def test_a_phrase_is_as_rare_as_its_rarest_part() -> None:
    index = DocumentIndex([MEASURES, NOTICE])
    assert index.rarity("渔港") == index.rarity("渔港应当") > 0
    everywhere = DocumentIndex([Document("a", "甲", "公示公示"), Document("b", "乙", "公示")])
    assert everywhere.rarity("公示") < index.rarity("公示")


def test_an_index_leaves_nothing_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert DocumentIndex([MEASURES, NOTICE]).rarity("渔港") > 0
    assert list(tmp_path.iterdir()) == []

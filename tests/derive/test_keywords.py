"""Keywords: whole words that say what a document is about, and nothing of its grammar."""

import re
from pathlib import Path

import pytest

from publish.derive.corpus import DocumentIndex
from publish.derive.keywords import EXTRACTED, derive_keywords
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.model.document import Document

ROOT = Path(__file__).resolve().parents[2]
TEXT = """
第一条 信用修复申请由市中心受理。申请信用修复的，提交承诺书。

第二条 准予信用修复的，公示期限为五日；不予信用修复的，书面告知。承诺书由本人签字。

第三条 公示期限自次日起算。公示期限届满，信用修复完成。对承诺书有疑问的，可以询问。
"""


@pytest.fixture(scope="module")
def documents() -> tuple[Document, ...]:
    """The policy documents of the demo city."""
    return load_documents(ROOT, load_config(ROOT))[0]


def test_phrases_that_recur_are_words() -> None:
    (words,) = derive_keywords([Document("a", "信用修复办法", TEXT)]).values()
    assert set(words) == {"信用修复", "公示期限", "承诺书"}
    assert words[0] == "信用修复", "most often, and in the title"


def test_stated_keywords_come_first_and_are_not_said_twice() -> None:
    stated = ("信用　修复", "办法")
    words = derive_keywords([Document("a", "信用修复办法", TEXT, keywords=stated)])["a"]
    assert words[:2] == stated
    assert set(words[2:]) == {"公示期限", "承诺书"}


def test_a_part_of_what_recurs_only_as_a_whole_is_no_word() -> None:
    """Twelve characters are too many for a keyword, and no eight of them are one."""
    text = "，".join(f"{before}渔港船舶进出信息核查中心{after}" for before, after in ("甲乙", "丙丁", "戊己"))
    assert derive_keywords([Document("a", "题", text)]) == {"a": ()}


def test_the_title_says_what_comes_first() -> None:
    """Both recur three times, the title counted, and among equals 渔港 would be first."""
    document = Document("a", "船舶", "甲渔港乙。丙渔港丁。戊渔港己。甲船舶乙。丙船舶丁。")
    assert derive_keywords([document]) == {"a": ("船舶", "渔港")}


def test_nothing_to_extract() -> None:
    assert derive_keywords([]) == {}
    documents = [Document("a", "Credit repair", "Repair of credit. Repair of credit.", keywords=("repair",))]
    assert derive_keywords(documents) == {"a": ("repair",)}
    assert derive_keywords([Document("a", "题", "")]) == {"a": ()}


def test_the_same_documents_give_the_same_keywords(documents: tuple[Document, ...]) -> None:
    words = derive_keywords(documents)
    assert words == derive_keywords(documents[::-1], DocumentIndex(documents))
    assert list(words) == [document.slug for document in documents]


def test_keywords_of_the_demo_city_are_words(documents: tuple[Document, ...]) -> None:
    """Each says something, none is cut out of another, and the terms of the measures are among them."""
    words = derive_keywords(documents)
    for document in documents:
        extracted = words[document.slug][len(document.keywords) :]
        # A short text says few things more than once.
        assert len(extracted) == EXTRACTED or len(document.body) < 600
        for word in extracted:
            assert 2 <= len(word) <= 8
            assert not re.search("[的和或及与]|第.*[条章]|应当|本办法", word), word
            assert not any(word in other for other in words[document.slug] if other != word), word
    assert {"提供单位", "公示平台", "信息主体", "严重失信主体名单"} < set(words["disclosure-measures"])

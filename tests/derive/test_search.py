"""The search index: what is in it, what is not, and what it is called."""

import hashlib
import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish import urls
from publish.derive.search import POLICIES, SHARD_ROWS, derive_search
from publish.derive.sections import derive_sections
from publish.model.document import Document
from publish.model.public import PublicField
from publish.model.search import SearchIndex, SearchShard
from publish.render.outbound import Outbound
from publish.render.text import render_markdown
from tests.searchkit import key_of, table_of

SEARCHED = ("title", "subject", "code", "authority", "reason")
DOCUMENT = Document(
    slug="measures",
    title="公示管理办法",
    body="""总的说明。<script>alert("脚本")</script><!-- 注释 -->

# 第一章 总则 {#chapter-1}

**第一条** 为了规范公示，制定本[办法](https://www.example.org/ "链接")。
{: #art-1 }

（一）第一项；

**第二条** 本办法自公布之日起施行。
{: #art-2 }

## 没有锚点的标题

| 单位 | 任务 |
|---|---|
| 市发改委 | 牵头 |

## 附则 {#last}
""",
    number="汀澜政发〔2026〕6号",
    issuer="汀澜市人民政府",
    published_on=date(2026, 3, 23),
    keywords=("公示", "修复"),
)


def columns_of(shard: SearchShard) -> dict[str, list[Any]]:
    return json.loads(shard.data)  # type: ignore[no-any-return]


def root_of(index: SearchIndex) -> dict[str, Any]:
    return json.loads(index.root)  # type: ignore[no-any-return]


def test_a_shard_holds_what_a_result_shows_and_a_search_reads() -> None:
    record = {
        "_title": "汀监罚〔2026〕1号",
        "_subject": "甲公司",
        "_code": "91990100MA0000001X",
        "_kind": "organisation",
        "_date": date(2026, 5, 4),
        "_until": date(2027, 5, 4),
        "_authority": "市监局",
        "_severity": "general",
        "_reason": "无证经营",
        "_flag": "objection",
        "文号": "汀监罚〔2026〕1号",
        "内容": "罚款",
        "空": "",
        "金额": "1.5",
    }
    fields: list[PublicField | str] = ["文号", "内容", "空", PublicField("金额", "金额", type="number")]
    (shard,) = derive_search([table_of("penalties", "行政处罚", [record], fields)], []).shards
    assert columns_of(shard) == {
        "url": [urls.record(key_of("penalties", 0))],
        "title": ["汀监罚〔2026〕1号"],
        "subject": ["甲公司"],
        "code": ["91990100MA0000001X"],
        "authority": ["市监局"],
        "reason": ["无证经营"],
        "date": ["2026-05-04"],
        "until": ["2027-05-04"],
        "flag": ["objection"],
        "text": [["罚款"]],
    }


def test_the_root_lists_the_shards_and_brings_the_folding_table() -> None:
    rows = [{"_title": "甲", "_date": date(2026, 5, day)} for day in (1, 3, 2)] + [{"_title": "乙"}]
    index = derive_search([table_of("licences", "行政许可", rows), table_of("empty", "空", [])], [DOCUMENT])
    root = root_of(index)
    first, last = root["shards"]
    assert first == {
        "url": index.shards[0].url,
        "dataset": "licences",
        "title": "行政许可",
        "count": 4,
        "newest": "2026-05-03",
        "oldest": "2026-05-01",
    }
    assert (last["dataset"], last["newest"]) == (POLICIES, "2026-03-23")
    assert root["folding"]["replace"]["〔"] == "("
    assert index.root_url == "/search/index/root.json"
    assert [url for url, _ in index.files()] == [*(shard.url for shard in index.shards), index.root_url]


def test_a_shard_is_named_by_its_content_and_holds_so_many_records() -> None:
    rows = [{"_title": f"第{number}号", "_date": date(2026, 1, 1)} for number in range(SHARD_ROWS + 1)]
    index = derive_search([table_of("penalties", "行政处罚", rows)], [])
    assert [shard.count for shard in index.shards] == [SHARD_ROWS, 1]
    for shard in index.shards:
        assert shard.url == f"/search/index/{hashlib.sha256(shard.data).hexdigest()[:16]}.json"
        assert {len(column) for column in columns_of(shard).values()} == {shard.count}
    assert derive_search([table_of("penalties", "行政处罚", rows)], []) == index


def test_shards_go_from_new_to_old() -> None:
    rows = [{"_title": "甲", "_date": date.fromordinal(700_000 + number % 997)} for number in range(SHARD_ROWS * 2)]
    first, second = derive_search([table_of("penalties", "行政处罚", rows)], []).shards
    assert columns_of(first)["date"] == sorted(columns_of(first)["date"], reverse=True)
    assert str(first.oldest) >= str(second.newest)


def test_no_records_are_an_index_too() -> None:
    index = derive_search([], [])
    assert index.shards == ()
    assert root_of(index)["shards"] == []


@pytest.mark.parametrize("kept", [[], ["乙"]])
def test_only_text_fields_are_searched(kept: list[str]) -> None:
    numbers = [PublicField("数", "数", type="number"), PublicField("日", "日", type="date")]
    record = {"_title": "甲", "数": "42", "日": "2026-01-01", "乙": "乙"}
    (shard,) = derive_search([table_of("x", "x", [record], [*numbers, *kept])], []).shards
    assert columns_of(shard)["text"] == [kept]


cells = st.one_of(st.none(), st.sampled_from(["", "甲", "甲公司", "a"]), st.text(max_size=8))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("_title", "_subject", "_reason", "一", "二"), cells)), max_size=5))
def test_every_public_text_of_a_record_can_be_found_in_it(records: list[dict[str, str | None]]) -> None:
    index = derive_search([table_of("x", "x", records, ["一", "二"])], [])
    for shard in index.shards:
        columns = columns_of(shard)
        for row, record in enumerate(records):
            found = {columns[name][row] for name in SEARCHED} | set(columns["text"][row])
            assert {text for text in record.values() if text} <= found


def test_a_document_is_found_by_section_under_addresses_that_its_page_has() -> None:
    page = render_markdown(DOCUMENT.body, Outbound("https://example.test", ()))
    sections = list(derive_sections(DOCUMENT))
    assert [(section.url, section.title, section.context) for section in sections] == [
        ("/policies/measures.html", "公示管理办法", None),
        ("/policies/measures.html#chapter-1", "第一章 总则", "公示管理办法"),
        ("/policies/measures.html#art-1", None, "公示管理办法 第一章 总则"),
        ("/policies/measures.html#art-2", None, "公示管理办法 第一章 总则"),
        ("/policies/measures.html#art-2", "没有锚点的标题", "公示管理办法"),
        ("/policies/measures.html#last", "附则", "公示管理办法"),
    ]
    assert sections[2].text == "第一条 为了规范公示，制定本办法。\n（一）第一项；"
    assert "市发改委 牵头" in sections[4].text
    for section in sections:
        anchor = section.url.partition("#")[2]
        assert not anchor or f'id="{anchor}"' in page
        assert not re.search("脚本|注释|alert|example", section.text), "not on the page, or not as words"


def test_what_the_page_head_says_is_found_once() -> None:
    (shard,) = derive_search([], [DOCUMENT]).shards
    columns = columns_of(shard)
    assert columns["text"][0] == ["汀澜政发〔2026〕6号", "公示", "修复", "总的说明。"]
    assert columns["authority"] == ["汀澜市人民政府", None, None, None, None, None]
    assert set(columns["date"]) == {"2026-03-23"}

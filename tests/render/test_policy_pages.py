"""Pages of policy documents in a built site: anchors, contents, marks, citations, rules, attachments, versions."""

import hashlib
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from publish.model.issue import BuildStopped
from tests.render.htmlcheck import Page, faults
from tests.sitekit import SITES, build_site, tree

AS_OF = date(2026, 11, 20)
MEASURES = """---
title: 示例市公示办法
number: 示府发〔2026〕6号
issuer: 示例市人民政府
addressees: 各区人民政府
publicity: 此件公开发布
in_force_from: 2026-04-01
in_force_until: 2031-03-31
relations:
  - {kind: repeals, title: 示例市公示办法（试行）, number: 示府发〔2023〕9号}
attachments:
  - {file: form.csv, title: 申请表}
---
## 第一章 总则

**第一条** 根据《中华人民共和国行政处罚法》制定本办法。

**第二条** 下列信息应当公示：

（一）许可；

（二）处罚。

## 第二章 附则

**第三条** 违反本办法第二条的，依法处理。

| 等级 | 期限 |
| --- | --- |
| 一般 | 一年 |
"""
EARLIER = (
    MEASURES.partition("relations:")[0]
    + "---\n"
    + MEASURES.partition("---\n## ")[2].join(("## ", "")).replace("许可；", "许可和备案；")
)
TRIAL = """---
title: 示例市公示办法（试行）
number: 示府发〔2023〕9号
---
第一条 试行。
"""
NOTICE = """---
title: 通知
in_force_from: 2027-01-01
---
一、按照《示例市公示办法》（示府发〔2026〕6号）第二条办理。
"""
RULES = """profile: town
title: 示例市规定
level: municipal
rules:
  - id: town.deadline
    topic: deadline
    title: 七个工作日内公示
    citation: {title: 示例市公示办法, number: 示府发〔2026〕6号, article: ARTICLE}
    days: 7
"""


def site_in(folder: Path, article: str = "第二条") -> Path:
    root = Path(shutil.copytree(SITES / "minimal", folder / "root"))
    files = {
        "policies/measures.md": MEASURES,
        "policies/measures/2026-04-01.md": EARLIER,
        "policies/measures/form.csv": "甲,乙\n",
        "policies/trial.md": TRIAL,
        "policies/notice.md": NOTICE,
        "rules/town.yaml": RULES.replace("ARTICLE", article),
    }
    for name, text in files.items():
        path = root / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = root / "content/site.yaml"
    text = config.read_text("utf-8")
    profiles = re.search(r"rule_profiles: \[(.*)\]", text)
    added = (
        text.replace(profiles[0], f"rule_profiles: [{profiles[1]}, town]")
        if profiles
        else f"{text}rule_profiles: [town]\n"
    )
    config.write_text(added, "utf-8")
    return root


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("policies")
    build_site(site_in(folder), folder / "out", AS_OF)
    return tree(folder / "out/current")


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, Page]:
    found = {path: data.decode() for path, data in files.items() if path.startswith(("policies/", "rules/"))}
    html = {path: text for path, text in found.items() if path.endswith(".html")}
    assert {path: wrong for path, text in html.items() if (wrong := faults(text))} == {}
    return {path: Page(text) for path, text in html.items()}


def hrefs(page: Page, inside: str) -> list[str]:
    return [link.attributes["href"] for link in page.all("a") if inside in link.inside]


def test_every_part_has_its_anchor_and_a_link_to_it(pages: dict[str, Page]) -> None:
    page = pages["policies/measures.html"]
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes and "reading" in one.inside]
    assert ids == ["chapter-1", "art-1", "art-2", "art-2-1", "art-2-2", "chapter-2", "art-3"]
    named = {
        link.attributes["aria-label"]: link.attributes["href"]
        for link in page.all("a")
        if "aria-label" in link.attributes
    }
    assert named["第二条的链接"] == "#art-2"
    assert named["（二）的链接"] == "#art-2-2"
    assert len(named) == len(ids)


def test_the_table_of_contents_leads_to_chapters_and_articles(pages: dict[str, Page]) -> None:
    assert hrefs(pages["policies/measures.html"], "toc") == ["#chapter-1", "#art-1", "#art-2", "#chapter-2", "#art-3"]
    assert hrefs(pages["policies/notice.html"], "toc") == ["#part-1"]


def test_the_head_states_addressees_publicity_and_days(pages: dict[str, Page]) -> None:
    rows = [row for row in pages["policies/measures.html"].all("tr") if "head-block" in row.inside]
    head = {row.children[0].text: row.children[1].text for row in rows}
    assert head["收件机关"] == "各区人民政府"
    assert head["公开标识"] == "此件公开发布"
    assert (head["施行日期"], head["有效期至"], head["有效性"]) == ("2026-04-01", "2031-03-31", "现行有效")


def standing(page: Page) -> tuple[str, str]:
    (mark,) = [one for one in page.all("span") if one.attributes.get("class") == "standing"]
    return mark.attributes["data-standing"], mark.text


def test_every_document_bears_a_mark_in_words(pages: dict[str, Page]) -> None:
    found = {path: standing(pages[f"policies/{path}.html"]) for path in ("measures", "trial", "notice")}
    assert found == {
        "measures": ("in-force", "现行有效"),
        "trial": ("repealed", "已废止"),
        "notice": ("coming", "尚未施行"),
    }
    assert "/policies/measures.html" in hrefs(pages["policies/trial.html"], "document-status")
    (status,) = [
        one for one in pages["policies/trial.html"].all("p") if "document-status" in one.attributes.get("class", "")
    ]
    assert "自 2026-04-01 起废止" in status.text


def test_the_list_is_in_groups_that_a_script_can_filter(pages: dict[str, Page]) -> None:
    page = pages["policies/index.html"]
    groups = [one for one in page.all("section") if "data-group" in one.attributes]
    assert [one.attributes["data-group"] for one in groups] == ["in-force", "coming", "repealed"]
    (box,) = [one for one in page.all("p") if one.attributes.get("id") == "standing-filter"]
    assert "hidden" in box.attributes, "nothing to choose by without scripts"
    assert hrefs(page, "chips") == ["#shell-in-force", "#shell-coming", "#shell-repealed"]


def test_citations_are_linked_missed_and_told_by_the_cited(pages: dict[str, Page]) -> None:
    notice = hrefs(pages["policies/notice.html"], "reading")
    assert notice[:2] == ["/policies/measures.html", "/policies/measures.html#art-2"]
    measures = pages["policies/measures.html"]
    assert "#art-2" in hrefs(measures, "reading")
    text = measures.all("main")[0].text
    assert "《中华人民共和国行政处罚法》" in text[text.index("本文件引用、本站未收录的文件") :]
    assert "/policies/notice.html#part-1" in [link.attributes["href"] for link in measures.all("a")]


def test_articles_and_rules_lead_to_each_other(pages: dict[str, Page]) -> None:
    assert hrefs(pages["policies/measures.html"], "resting") == ["/rules/#town.deadline"]
    assert "/policies/measures.html#art-2" in [link.attributes["href"] for link in pages["rules/index.html"].all("a")]
    html = pages["policies/measures.html"].all("main")[0].text
    assert (
        html.index("（二）处罚。")
        < html.index("据此执行的规则：")
        < html.index("第二章 附则", html.index("（二）处罚。"))
    )


def test_attachments_have_size_and_hash_and_are_there(files: dict[str, bytes], pages: dict[str, Page]) -> None:
    data = files["policies/measures/form.csv"]
    assert data == "甲,乙\n".encode()
    text = pages["policies/measures.html"].all("main")[0].text
    assert hashlib.sha256(data).hexdigest() in text
    assert "申请表" in text


def test_tables_are_tables_with_caption_and_headings(pages: dict[str, Page]) -> None:
    page = pages["policies/measures.html"]
    (table,) = [one for one in page.all("table") if "reading" in one.inside]
    assert "wide" in table.inside
    assert [one.text for one in page.all("caption") if "reading" in one.inside] == ["表格：第三条"]
    assert {one.attributes.get("scope") for one in page.all("th") if "reading" in one.inside} == {"col"}


def test_an_earlier_text_is_compared_with_the_present_one(pages: dict[str, Page]) -> None:
    page = pages["policies/measures/2026-04-01.html"]
    assert [one.text for one in page.all("del")] == ["删去：和备案"]
    assert hrefs(page, "change-title") == ["/policies/measures.html#art-2-1"]
    assert "/policies/measures/2026-04-01.html" in [
        link.attributes["href"] for link in pages["policies/measures.html"].all("a")
    ]


def test_jurisdictions_are_compared_with_a_citation_in_every_cell(pages: dict[str, Page]) -> None:
    page = pages["rules/compare.html"]
    heads = [one.text for one in page.all("th") if one.attributes.get("scope") == "col"]
    assert any("江苏省规定" in head for head in heads)
    assert any("示例市规定" in head for head in heads)
    rows = {one.attributes["id"]: one for one in page.all("tr") if "id" in one.attributes}
    assert {"validity", "objection-record", "objection-measures", "objection-days", "deadline"} <= rows.keys()
    for row in rows.values():
        assert len(row.children) == len(heads)
        for cell in row.children[1:]:
            assert cell.text.strip() == "未规定" or "《" in cell.text
    assert "/policies/measures.html#art-2" in [link.attributes["href"] for link in page.all("a")]


def test_what_is_borrowed_is_not_shown_as_a_national_rule(pages: dict[str, Page]) -> None:
    """The national profile follows texts of Jiangsu where no national one speaks."""
    cells = [one for one in pages["rules/compare.html"].all("td") if "data-label" in one.attributes]
    national = "".join(one.text for one in cells if one.attributes["data-label"] == "国家规定")
    others = "".join(one.text for one in cells if one.attributes["data-label"] != "国家规定")
    note = "本级没有明文规定，参照所引地方文件"
    assert national.count(note) == national.count("苏政发") > 0
    assert note not in others


def test_pages_do_not_tell_the_day_of_the_build(files: dict[str, bytes]) -> None:
    for path in ("policies/measures.html", "policies/trial.html", "policies/measures/2026-04-01.html"):
        assert b"2026-11-20" not in files[path], path


def test_a_rule_whose_article_is_gone_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(BuildStopped) as stopped:
        build_site(site_in(tmp_path, "第九条"), tmp_path / "out", AS_OF)
    (issue,) = [issue for issue in stopped.value.issues if issue.code == "rules.lost-article"]
    assert (issue.file, issue.line) == ("content/rules/town.yaml", 8)
    assert not (tmp_path / "out/current").exists()

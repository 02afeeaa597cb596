"""Every page of a built site: well-formed, with the government's meta tags (国办发〔2017〕47号), links that arrive."""

import shutil
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from publish import urls
from tests.render.htmlcheck import Page, faults
from tests.render.qrcheck import matrix_of, painted
from tests.sitekit import SITES, build_site, tree

AS_OF = date(2026, 9, 15)
POLICY = """---
title: 示例市公共信用信息管理办法
number: 示府发〔2026〕1号
issuer: 示例市人民政府
written_on: 2026-01-05
printed_on: 2026-01-06
published_on: 2026-01-31
source: 示例市人民政府门户网站
source_url: https://www.city.example/doc?a=1&b=2
index_number: 99-01
subject_class: 信用
keywords: [信用, 公示]
validity: 有效
---
# 第一章 总则

## 第一条 {#fields}

见[说明](https://elsewhere.example/a)与[首页](/)。 {#related}

| 等级 | 期限 |
|------|------|
| 一般 | 一年 |

### （一）报送 {#sending}

按时报送。（市公安局牵头，市司法局、各有关部门配合）
"""
ROW = "5,示罚〔2026〕5号,示例丁有限公司,11230500001755309F,法人及非法人组织,2026-08-03,一般,未按规定公示,李某某\n"
# The first part of a path, and what its pages are.
COLUMNS = {"", "datasets", "policies", "units", "rules", "search", "statistics", "exits", "about.html"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    """Every page of the minimal site with a policy, a subject and an exit, by its file."""
    folder = tmp_path_factory.mktemp("pages")
    root = Path(shutil.copytree(SITES / "minimal", folder / "root"))
    (root / "content/policies").mkdir()
    (root / "content/policies/measures.md").write_text(POLICY, encoding="utf-8")
    (root / "content/policies/notice.md").write_text(
        "---\ntitle: 通知\n---\n公共信用信息。（市公安局负责）\n", encoding="utf-8"
    )
    config = root / "content/site.yaml"
    config.write_text(config.read_text("utf-8") + 'site_code: "9901000001"\n', encoding="utf-8")
    descriptor = root / "data/penalties/datapackage.yaml"
    text = descriptor.read_text("utf-8")
    descriptor.write_text(
        text.replace("kind: penalty\n", "kind: penalty\n      published_since: 2025-01-01\n"), "utf-8"
    )
    with (root / "data/penalties/penalties.csv").open("a", encoding="utf-8") as rows:
        rows.write(ROW)
    build_site(root, folder / "out", AS_OF)
    html = {path: data.decode() for path, data in tree(folder / "out/current").items() if path.endswith(".html")}
    wrong = {path: found for path, text in html.items() if (found := faults(text))}
    assert wrong == {}
    return {path: Page(text) for path, text in html.items()}


def of(pages: dict[str, Page], *starts: str) -> dict[str, Page]:
    found = {path: page for path, page in pages.items() if path.startswith(starts)}
    assert found, f"no page under {starts}"
    return found


def is_notice(path: str) -> bool:
    """One exit notice: /exits/<aa>/<key>.html."""
    return path.startswith("exits/") and path.count("/") == 2


def is_policy(path: str) -> bool:
    return path.startswith("policies/") and path != "policies/index.html"


def is_article(path: str) -> bool:
    return path.startswith("r/") or is_notice(path) or is_policy(path)


def is_column(path: str) -> bool:
    return (path.partition("/")[0] in COLUMNS or path == "index.html") and not is_article(path)


def test_there_is_a_page_of_every_sort(pages: dict[str, Page]) -> None:
    for start in ("r/", "s/", "datasets/penalties/", "policies/", "leaving/", "404.html", "search/", "about.html"):
        assert of(pages, start)
    assert [path for path in pages if is_notice(path)]


def test_every_page_names_its_site(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert (page.meta("SiteName"), page.meta("SiteDomain")) == ("最小示例站", "minimal.example"), path
        assert page.meta("SiteIDCode") == "9901000001", path
        assert [e.attributes["lang"] for e in page.all("html")] == ["zh-Hans"]
        (canonical,) = (e.attributes["href"] for e in page.all("link") if e.attributes["rel"] == "canonical")
        assert urls.file_of(urlsplit(canonical).path) == path
        assert canonical.startswith("https://minimal.example/")


def test_columns_and_articles(pages: dict[str, Page]) -> None:
    """A page is one or the other, and says all that one says."""
    columns = [path for path in pages if is_column(path)]
    assert len(columns) > 8
    for path in columns:
        told = [pages[path].meta(f"Column{name}") for name in ("Name", "Description", "Keywords", "Type")]
        assert all(told), f"{path}: {told}"
    for path, page in pages.items():
        assert (page.meta("ColumnName") is None) is not is_column(path), path
        assert (page.meta("ArticleTitle") is None) is is_column(path), path
    for path in filter(is_article, pages):
        if path == "policies/notice.html":  # states no date and no issuer: nothing is made up
            assert pages[path].meta("PubDate") is pages[path].meta("ContentSource") is None
        else:
            assert (pages[path].meta("PubDate") or "").endswith(" 00:00"), path
            assert pages[path].meta("ContentSource"), path
    assert pages["policies/measures.html"].meta("PubDate") == "2026-01-31 00:00"
    assert pages["policies/measures.html"].meta("ContentSource") == "示例市人民政府门户网站"


def test_policies_have_keywords_the_stated_ones_first(pages: dict[str, Page]) -> None:
    words = {path: page.meta("keywords") for path, page in pages.items()}
    assert (words["policies/measures.html"] or "").startswith("信用,公示")
    assert {path for path, found in words.items() if found and not is_policy(path)} == set()


def test_what_search_engines_may_keep(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        robots = page.meta("robots")
        if path.startswith(("exits/", "leaving/")) or path == "404.html":
            assert robots == "noindex, nofollow", path
        elif path.startswith(("r/", "s/")):
            (main,) = page.all("main")
            assert robots == f"unavailable_after: {main.attributes['data-expires']}T23:59:59", path
        else:
            assert robots is None, path


def test_links_within_the_site_arrive(pages: dict[str, Page]) -> None:
    """Pages only; data files are looked for by the release's own check."""
    missing = {
        (path, href)
        for path, page in pages.items()
        for href in (e.attributes["href"] for e in page.all("a"))
        if href.startswith("/") and urls.file_of(href).endswith(".html") and urls.file_of(href) not in pages
    }
    assert missing == set()


def test_only_leaving_notices_lead_out(pages: dict[str, Page]) -> None:
    out = {
        (path.partition("/")[0], e.attributes["href"])
        for path, page in pages.items()
        for e in page.all("a")
        if urlsplit(e.attributes["href"]).netloc
    }
    assert out == {
        ("leaving", "https://elsewhere.example/a"),
        ("leaving", "https://www.city.example/doc?a=1&b=2"),
    }
    for path, page in of(pages, "leaving/").items():
        assert "您访问的链接即将离开“最小示例站”网站，是否继续？" in page.all("main")[0].text, path


def test_the_head_of_a_policy_states_all_fields(pages: dict[str, Page]) -> None:
    heads = [row for row in pages["policies/measures.html"].all("tr") if "head-block" in row.inside]
    labels = [row.children[0].text for row in heads]
    expected = ["索引号", "主题分类", "发文机关", "成文日期", "发文字号", "印发日期", "发布日期", "主题词", "有效性"]
    assert labels == expected
    assert [row.children[1].text for row in heads][3:7] == [
        "2026-01-05",
        "示府发〔2026〕1号",
        "2026-01-06",
        "2026-01-31",
    ]


def test_subject_pages_show_the_code_of_their_address(pages: dict[str, Page]) -> None:
    for path, page in of(pages, "s/").items():
        (image,) = page.all("svg")
        _, strokes = page.all("path")
        size = int(image.attributes["viewbox"].split()[-1])
        assert painted(strokes.attributes["d"], size) == matrix_of(f"https://minimal.example/{path}")[0]
        assert page.all("figcaption")
        assert image.attributes["aria-label"]

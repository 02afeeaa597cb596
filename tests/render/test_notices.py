"""Exit notices: what each reason says, whom it names, where search engines may look, the Atom feed."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import chain
from pathlib import Path

import polars as pl
import pytest

from publish import urls
from publish.model.config import SiteConfig
from publish.model.public import EXIT_SCHEMA, DatasetInfo, ExitTable
from publish.model.site import DatasetSummary
from publish.model.terms import ExitReason, Kind
from publish.render import notices
from publish.render.bulk import assemble
from publish.render.bulk_pages import Pages
from publish.render.exit_notices import exit_pages, told_exits
from publish.render.notices import render_exits, render_exits_atom, searchable
from publish.render.stage import make_desk
from publish.render.views import Desk, dataset_view
from tests.render.htmlcheck import Page, faults

TEMPLATES = Path(__file__).resolve().parents[2] / "site_templates"
BASE = "https://credit.example.test"
AS_OF = date(2026, 5, 4)
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "=甲<b>&\"'公司{x}"
PENALTIES = DatasetInfo("penalties", "行政处罚", Kind.PENALTY, "示例市监管局")
LISTS = DatasetInfo("lists", "失信名单", Kind.BLACKLIST, "示例办公室", channel="https://old.example/list?a=1&b=2")


@cache
def desk(language: str = "zh-Hans") -> Desk:
    config = SiteConfig("示例信用", "示例办公室", BASE, language, "Asia/Shanghai", ())
    return make_desk(config, AS_OF, [TEMPLATES])


def exit_of(number: int, reason: str, subject: str | None, **changes: object) -> dict[str, object]:
    base: dict[str, object] = {
        "key": f"{number:020x}",
        "dataset": "penalties",
        "subject": subject,
        "left_on": AS_OF,
        "reason": reason,
        "citation": "《办法》第三十条",
        "notice_until": date(2026, 6, 2),
        "noindex": True,
    }
    return base | changes


def table(*rows: dict[str, object]) -> ExitTable:
    return ExitTable(pl.DataFrame(list(rows), schema=dict(EXIT_SCHEMA), orient="row"))


def rendered(exits: ExitTable, *infos: DatasetInfo, language: str = "zh-Hans") -> dict[str, Page]:
    """Every page by URL, each without a fault."""
    made = desk(language)
    frame = exits.frame
    summaries = [
        DatasetSummary(info, 0, None, (), (), frame.filter(pl.col("dataset") == info.slug).height)
        for info in infos or (PENALTIES, LISTS)
    ]
    views = [dataset_view(made, summary) for summary in summaries]
    html = {url: data.decode() for url, data in render_exits(made, exits, summaries, views)}
    html |= dict(chain.from_iterable(map(bulk_and_plain, exit_pages(made, exits, summaries, views))))
    assert {url: found for url, text in html.items() if (found := faults(text))} == {}
    return {url: Page(text) for url, text in html.items()}


def bulk_and_plain(pages: Pages) -> Iterator[tuple[str, str]]:
    """(URL, page) of all notices, which are the same bytes in bulk and one by one."""
    slots = pages.slots(pl.int_range(pages.inputs.height, dtype=pl.UInt32, eager=True))
    assert slots["path"].equals(pages.inputs["path"])
    html = assemble(pages.plan(pages.shapes(slots).unique().to_list()), slots).to_list()
    assert html == [pages.render(row) for row in slots.iter_rows(named=True)]
    yield from zip(slots["url"], html, strict=True)


def main_text(page: Page) -> str:
    return page.all("main")[0].text


@pytest.mark.parametrize("reason", list(ExitReason))
@pytest.mark.parametrize("subject", ["示例甲有限公司", HOSTILE, None])
def test_a_notice_for_every_reason(reason: ExitReason, subject: str | None) -> None:
    page = rendered(table(exit_of(1, reason.value, subject)))[urls.exit_notice(f"{1:020x}")]
    text = main_text(page)
    for told in (
        "行政处罚",
        "2026-05-04",
        "《办法》第三十条",
        "示例市监管局",
        "2026-06-02",
        desk().label(f"exit.{reason}"),
    ):
        assert told in text, told
    assert (text.count(subject) >= 2) if subject else ("不载明主体名称" in text)
    assert page.all("main")[0].attributes["data-expires"] == "2026-06-02"
    assert ("致歉" in text) is (reason is ExitReason.WRONGLY_LISTED)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("subject", ["示例甲有限公司", HOSTILE, "", None])
def test_notices_in_columns_say_what_the_interface_texts_say(subject: str | None, language: str) -> None:
    """The simple way, notice by notice."""
    info = DatasetInfo("hostile", "甲&amp;<b>{date}\ue000", Kind.OTHER, "局&“'")
    rows = [exit_of(n, one.value, subject, dataset="hostile") for n, one in enumerate(ExitReason)]
    made = desk(language)
    told = told_exits(made, table(*rows, exit_of(99, "expired", "乙", dataset="unknown")), [info])
    assert told["key"].to_list() == [row["key"] for row in rows]
    values = {"list": info.title, "date": AS_OF, "provider": info.provider, "subject": subject}
    for row, shown in zip(rows, told.iter_rows(named=True), strict=True):
        sort = "exit.apology" if row["reason"] == ExitReason.WRONGLY_LISTED else "exit.sentence"
        key = f"{sort}-unnamed" if subject is None else sort
        assert shown["sentence"] == made.t(key, **values).unescape()
        assert shown["word"] == made.label(f"exit.{row['reason']}")
        assert (shown["url"], shown["list"]) == (urls.exit_notice(str(row["key"])), info.title)


def test_what_has_not_changed_of_a_notice_has_the_same_inputs() -> None:
    summaries = [DatasetSummary(PENALTIES, 0, None, (), (), 2)]
    views = [dataset_view(desk(), summary) for summary in summaries]
    before = table(exit_of(1, "expired", "甲"), exit_of(2, "expired", "乙"))
    after = table(exit_of(2, "expired", "乙"), exit_of(1, "expired", "丙"), exit_of(3, "expired", None))
    old, new = (
        dict(pages.inputs.iter_rows())
        for exits in (before, after)
        for pages in exit_pages(desk(), exits, summaries, views)
    )
    same = {path for path in old if old[path] == new[path]}
    assert same == {urls.exit_notice(f"{2:020x}")[1:]}
    assert len(set(new.values())) == len(new) == 3


def test_a_wrong_listing_is_put_right_with_an_apology() -> None:
    pages = rendered(table(exit_of(1, "wrongly_listed", "示例甲有限公司"), exit_of(2, "wrongly_listed", None)))
    named, unnamed = (pages[urls.exit_notice(f"{n:020x}")] for n in (1, 2))
    assert [e.text for e in named.all("h1")] == [e.text for e in unnamed.all("h1")] == ["更正及致歉声明"]
    assert "“示例甲有限公司”此前被列入“行政处罚”公示，该列入有误，已于2026-05-04停止公示。" in main_text(named)
    assert "示例市监管局谨向“示例甲有限公司”致歉" in main_text(named)
    assert "示例市监管局谨向有关主体致歉" in main_text(unnamed)
    english = rendered(table(exit_of(1, "wrongly_listed", None)), language="en")[urls.exit_notice(f"{1:020x}")]
    assert "apologises" in main_text(english)


def test_a_notice_that_names_nobody_hints_at_nobody() -> None:
    """The same words for whoever it is: no sort of subject, and no key where people read."""
    key = f"{0xABCDEF:020x}"
    for reason in ExitReason:
        pages = rendered(table(exit_of(0xABCDEF, reason.value, None)))
        for url in (urls.EXITS, urls.exits_of("penalties"), urls.exit_notice(key)):
            page = pages[url]
            assert not re.search("自然人|个人|企业|公司|组织|法人", main_text(page)), (reason, url)
            assert key not in "".join(element.text for element in page.all("body") + page.all("title"))
        assert [e.text for e in pages[urls.EXITS].all("th") if e.attributes["scope"] == "row"] == ["不载明主体名称"]


def test_titles_and_crumbs_name_nobody() -> None:
    for reason in ExitReason:
        page = rendered(table(exit_of(1, reason.value, "示例甲有限公司")))[urls.exit_notice(f"{1:020x}")]
        assert "示例甲" not in "".join(e.text for e in page.all("title") + page.all("nav"))
        assert "示例甲" not in str([e.attributes for e in page.all("meta")])


def test_the_channel() -> None:
    """An outside address goes through its leaving notice; words are words; else it is this site."""
    words = DatasetInfo("others", "其他", Kind.OTHER, "局", channel="《示例日报》第3版")
    script = DatasetInfo("scripts", "脚本", Kind.OTHER, "局", channel="http://[x")
    rows = [
        exit_of(n, "expired", None, dataset=slug) for n, slug in enumerate(("penalties", "lists", "others", "scripts"))
    ]
    pages = rendered(table(*rows), PENALTIES, LISTS, words, script)
    shown = []
    for number in range(4):
        row = pages[urls.exit_notice(f"{number:020x}")].all("dd")[-1]
        shown.append((row.text, [link.attributes["href"] for link in row.children]))
    assert shown == [
        ("本站“行政处罚”", ["/datasets/penalties/"]),
        ("old.example", [urls.leaving(LISTS.channel)]),
        ("《示例日报》第3版", []),
        ("http://[x", []),
    ]
    assert LISTS.channel in desk("zh-Hans").outbound.met()


def test_search_engines_see_what_a_rule_lets_them_see() -> None:
    exits = table(
        exit_of(1, "expired", "甲", noindex=False),
        exit_of(2, "expired", "乙"),
        exit_of(3, "expired", "丙", dataset="lists", noindex=False),
        exit_of(4, "expired", "丁", noindex=None),
    )
    pages = rendered(exits)
    open_ = {url for url, page in pages.items() if page.meta("robots") != "noindex, nofollow"}
    wanted = {urls.exit_notice(f"{1:020x}"), urls.exit_notice(f"{3:020x}"), urls.exits_of("lists")}
    assert open_ == searchable(exits) == wanted
    assert pages[urls.exit_notice(f"{1:020x}")].meta("robots") == "unavailable_after: 2026-06-02T23:59:59"
    only = table(exit_of(1, "expired", "甲", noindex=False))
    assert searchable(only) == {urls.EXITS, urls.exits_of("penalties"), urls.exit_notice(f"{1:020x}")}
    assert searchable(table()) == frozenset()
    assert rendered(table())[urls.EXITS].meta("robots") == "noindex, nofollow"


def test_a_list_of_very_many_shows_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "LISTED", 3)
    exits = table(*(exit_of(n, "expired", f"第{n}家") for n in range(5)))
    pages = rendered(exits)
    assert len(pages) == 3 + 5, "every notice has its page"
    assert [e.text for e in pages[urls.EXITS].all("th") if e.attributes["scope"] == "row"] == [
        "第0家",
        "第1家",
        "第2家",
    ]
    assert "最近 3 条，共 5 条" in main_text(pages[urls.EXITS])
    feed = ElementTree.fromstring(render_exits_atom(desk(), exits, [PENALTIES]))
    assert len(feed.findall(f"{ATOM}entry")) == 3


def test_pages_lead_to_their_feeds() -> None:
    pages = rendered(table(exit_of(1, "expired", "甲")))
    for url, feed in (
        (urls.EXITS, urls.EXITS_ATOM),
        (urls.exits_of("penalties"), "/exits/penalties.atom"),
        (urls.exit_notice(f"{1:020x}"), "/exits/penalties.atom"),
    ):
        (link,) = (e.attributes for e in pages[url].all("link") if e.attributes["rel"] == "alternate")
        assert (link["type"], link["href"]) == ("application/atom+xml", feed)
        assert link["title"]
    hrefs = {e.attributes["href"] for e in pages[urls.EXITS].all("a")}
    assert {urls.EXITS_JSON, urls.EXITS_CSV, urls.EXITS_ATOM, urls.WITHDRAWALS, urls.RULES} <= hrefs
    hrefs = {e.attributes["href"] for e in pages[urls.exits_of("lists")].all("a")}
    assert {"/exits/lists.json", "/exits/lists.csv", "/exits/lists.atom"} <= hrefs


def atom(exits: ExitTable, dataset: str | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(render_exits_atom(desk(), exits, [PENALTIES, LISTS], dataset))


def text_of(element: ElementTree.Element, path: str) -> str:
    found = [child.text or "" for child in element.findall("/".join(ATOM + name for name in path.split("/")))]
    assert len(found) == 1, f"{path}: {len(found)} times"
    return found[0]


def test_the_atom_feed_has_what_rfc_4287_wants() -> None:
    exits = table(
        exit_of(1, "wrongly_listed", HOSTILE + "\x0b\ufffe"),
        exit_of(2, "expired", None, left_on=date(2026, 4, 30), dataset="lists"),
    )
    feed = atom(exits)
    assert feed.tag == f"{ATOM}feed"
    assert text_of(feed, "id") == BASE + urls.EXITS_ATOM
    assert text_of(feed, "updated") == "2026-05-04T00:00:00+08:00"
    assert text_of(feed, "author/name") == "示例办公室"
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": BASE + urls.EXITS_ATOM, "alternate": BASE + urls.EXITS}
    first, second = feed.findall(f"{ATOM}entry")
    assert text_of(first, "id") == BASE + urls.exit_notice(f"{1:020x}")
    assert text_of(second, "updated") == "2026-04-30T00:00:00+08:00"
    assert datetime.fromisoformat(text_of(second, "updated")).utcoffset() is not None
    for entry in (first, second):
        (link,) = entry.findall(f"{ATOM}link")
        assert (link.attrib["rel"], link.attrib["href"]) == ("alternate", text_of(entry, "id"))
        assert text_of(entry, "title")
    assert [e.find(f"{ATOM}category").attrib["term"] for e in (first, second)] == ["wrongly_listed", "expired"]  # type: ignore[union-attr]
    assert f"“{HOSTILE}”此前被列入" in text_of(first, "summary")
    assert "《办法》第三十条" in text_of(second, "summary")
    assert "2026-06-02" in text_of(second, "summary")
    assert "甲" not in text_of(first, "title"), "titles travel"


def test_a_feed_of_one_dataset_and_one_of_nothing() -> None:
    exits = table(exit_of(1, "expired", "甲"), exit_of(2, "expired", "乙", dataset="lists"))
    feed = atom(exits, "lists")
    assert [text_of(e, "id") for e in feed.findall(f"{ATOM}entry")] == [BASE + urls.exit_notice(f"{2:020x}")]
    assert text_of(feed, "id") == f"{BASE}/exits/lists.atom"
    assert text_of(feed, "title") == "失信名单 退出公告"
    empty = atom(table())
    assert text_of(empty, "updated") == "2026-05-04T00:00:00+08:00"
    assert empty.findall(f"{ATOM}entry") == []


def test_ids_of_entries_stay_when_the_feed_changes() -> None:
    before, after = table(exit_of(1, "expired", "甲")), table(exit_of(7, "expired", "乙"), exit_of(1, "expired", None))
    ids = [{text_of(e, "id") for e in atom(exits).findall(f"{ATOM}entry")} for exits in (before, after)]
    assert ids[0] < ids[1]

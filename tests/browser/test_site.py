"""The demo city in a real Chromium: browsing, notices, expiry, phone width, no JavaScript.

The fixtures fail a test on any console error, exception or request to another host.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sitekit import demo_of_all

NOON = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_of_all(tmp_path_factory.getbasetemp()) / "current"


@pytest.fixture
def site(current: Path, served: Callable[[Path], str], page: Page) -> str:
    """The address of the served demo; the reader's clock stands at noon of the as-of day."""
    page.clock.set_fixed_time(NOON)
    return served(current)


def exits(current: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((current / "exits/exits.json").read_text(encoding="utf-8"))["exits"]
    return found


def test_from_home_to_a_record_and_its_subject(site: str, page: Page) -> None:
    page.goto(f"{site}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("汀澜市")
    expect(page.get_by_text("本站为演示站点")).to_be_visible()
    page.locator(".cards").get_by_role("link", name="行政处罚").click()
    page.get_by_role("link", name="2026年10月").click()
    row = page.locator("li.row", has=page.locator(".row-subject", has_text="公司")).first
    title, subject = row.locator("a").inner_text(), row.locator(".row-subject").inner_text()
    row.locator("a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("link", name="查看该主体的全部公示信息").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page.get_by_role("link", name=title)).to_be_visible()


def test_every_page_of_a_month(site: str, page: Page) -> None:
    page.goto(f"{site}/datasets/licences/")
    page.locator(".chips a", has_text="2026年10月").click()
    count = int("".join(filter(str.isdigit, page.locator("main p.quiet").first.inner_text())))
    seen = page.locator("li.row").count()
    while page.get_by_role("link", name="下一页").count():
        page.get_by_role("link", name="下一页").click()
        seen += page.locator("li.row").count()
    assert seen == count > 0


def test_listing_by_authority(site: str, page: Page) -> None:
    page.goto(f"{site}/datasets/penalties/")
    link = page.locator("section[aria-labelledby=authorities] a").first
    name = link.inner_text().split(" ")[0]
    link.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert set(page.locator("li.row .row-meta > span:not(.tag)").all_inner_texts()) == {name}


def test_exit_notice(site: str, current: Path, page: Page) -> None:
    first = exits(current)[0]
    page.goto(f"{site}/exits/")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("退出公告")
    expect(page.locator("main")).to_contain_text(first["subject"])
    expect(page.locator('meta[name="robots"]')).to_have_attribute("content", "noindex, nofollow")


def test_leaving_notice(site: str, page: Page, hosts: set[str]) -> None:
    page.goto(f"{site}/policies/disclosure-measures.html")
    link = page.locator('main a[href^="/leaving/"]').first
    link.click()
    expect(page.locator("main")).to_contain_text(
        "您访问的链接即将离开“汀澜市公共信用信息公示平台（演示）”网站，是否继续？"
    )
    onward = page.get_by_role("link", name="继续访问")
    assert (onward.get_attribute("href") or "").startswith("https://")
    assert onward.get_attribute("rel") == "noopener noreferrer nofollow"
    page.get_by_role("link", name="返回本站").click()
    assert page.url == f"{site}/"


def test_a_stale_copy_hides_itself(site: str, current: Path, page: Page) -> None:
    """On its last day a page is shown to the end of that day in Shanghai; after it, it is not."""
    record = next(
        p for p in sorted((current / "r").rglob("*.html")) if "data-expires=" in p.read_text(encoding="utf-8")
    )
    address = f"{site}/{record.relative_to(current)}"
    page.goto(address)
    until = page.locator("main").get_attribute("data-expires")
    title = page.get_by_role("heading", level=1).inner_text()
    last = datetime.fromisoformat(f"{until}T23:59:00+08:00")
    page.clock.set_fixed_time(last)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.clock.set_fixed_time(datetime.fromtimestamp(last.timestamp() + 120, tz=ZoneInfo("UTC")))
    page.goto(address)
    expect(page.locator("main")).to_contain_text("公示期已满")
    assert title not in page.content().split("</head>")[1]
    assert title not in page.title()


def test_a_stale_list_hides_its_ended_rows(site: str, page: Page) -> None:
    page.goto(f"{site}/datasets/penalties/2025-11.html")
    before = page.locator("li.row").count()
    page.clock.set_fixed_time(datetime(2026, 12, 20, tzinfo=ZoneInfo("Asia/Shanghai")))
    page.goto(f"{site}/datasets/penalties/2025-11.html")
    assert page.locator("li.row").count() < before


def test_text_size_and_print(site: str, page: Page) -> None:
    page.goto(f"{site}/about.html")
    normal = page.evaluate("getComputedStyle(document.body).fontSize")
    page.get_by_role("button", name="超大").click()
    expect(page.get_by_role("button", name="超大")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.body).fontSize") != normal
    expect(page.get_by_role("button", name="打印")).to_be_visible()


def test_the_keyboard_reaches_the_content_first(site: str, page: Page) -> None:
    page.goto(f"{site}/datasets/")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_no_page_scrolls_sideways(site: str, current: Path, page: Page) -> None:
    subject = max((current / "s").rglob("*.html"), key=lambda path: path.stat().st_size)
    record = sorted((current / "r").rglob("*.html"))[0]
    paths = [
        "", "datasets/", "datasets/penalties/", "datasets/licences/2026-10.html", "exits/", "policies/",
        "policies/disclosure-measures.html", "about.html", "search/?q=%E5%85%AC%E5%8F%B8", "404.html",
        str(subject.relative_to(current)), str(record.relative_to(current)),
        str(sorted((current / "leaving").glob("*.html"))[0].relative_to(current)),
    ]  # fmt: skip
    for path in paths:
        page.goto(f"{site}/{path}")
        if path.startswith("search/"):  # which goes on loading; it takes half a second to be sure that it does not
            page.wait_for_load_state("networkidle")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_without_javascript_everything_but_search_works(
    chromium: Browser, current: Path, served: Callable[[Path], str]
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    site = served(current)
    page.goto(f"{site}/datasets/blacklist/")
    page.locator("section[aria-labelledby=months] a").first.click()
    page.locator("li.row a").first.click()
    expect(page.locator("dl.values")).to_be_visible()
    page.goto(f"{site}/search/?q=x")
    expect(page.locator("noscript .notice")).to_be_visible()
    context.close()


def test_the_header_search_finds(site: str, page: Page) -> None:
    page.goto(f"{site}/about.html")
    page.get_by_role("searchbox").fill("食品")
    page.get_by_role("button", name="搜索").click()
    expect(page.locator("#search-status")).to_contain_text("共找到")
    assert page.locator("#search-results li mark").count() > 0

"""Search on a built site, with its real pages."""

import gzip
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Faults, Serve
from tests.sitekit import SITES, build_site

AS_OF = date(2026, 11, 20)
MOST = 12 * 1024  # bytes, packed, of the search's own scripts
MOST_OF_PAGE = 13 * 1024  # and with those of every page
LAZY = re.compile(r"/search-(hints|filters|fields)\.js$")


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    build_site(SITES / "minimal", out, AS_OF)
    return out / "current"


def test_from_the_home_page_to_a_record_and_back(current: Path, served: Serve, page: Page) -> None:
    page.clock.set_fixed_time(datetime(2026, 11, 20, 4, tzinfo=UTC))
    page.goto(served(current))
    box = page.get_by_role("searchbox").first
    box.fill("示罚[2026]１号")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("示罚〔2026〕1号")  # a whole number leads to its page
    page.go_back()
    result = page.locator("#search-results a")
    expect(result).to_have_count(1)
    expect(result).to_contain_text("示罚〔2026〕1号")
    expect(page.get_by_role("status")).to_contain_text("1")
    expect(page.locator("#q")).to_have_value("示罚[2026]１号")
    result.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("示罚〔2026〕1号")


def test_what_is_not_public_is_not_found(current: Path, served: Serve, page: Page) -> None:
    """The inspector's name is a private field; the natural person's full name is masked."""
    address = served(current) + "/search/?q="
    for query in ("李某某", "张三丰"):
        page.goto(address + query)
        expect(page.get_by_role("status")).to_contain_text("没有找到")
        expect(page.locator("#search-results li")).to_have_count(0)


def test_every_text_that_the_script_says_is_there(current: Path, served: Serve, page: Page) -> None:
    page.goto(served(current) + "/search/")
    texts = page.locator("[data-search-root]").evaluate("(root) => ({ ...root.dataset })")
    for name in (
        "None",
        "Count",
        "Atleast",
        "Found",
        "Loading",
        "Error",
        "Reload",
        "More",
        "Further",
        "Short",
        "Meant",
    ):
        assert texts[f"text{name}"].strip()
    assert "{count}" in texts["textCount"]
    assert "{count}" in texts["textAtleast"]
    assert "{count}" in texts["textFound"]
    assert page.locator("#filter-status option[value=objection]").text_content()
    values = page.locator("#filter-dataset option").evaluate_all("(options) => options.map((one) => one.value)")
    assert values == ["", "penalties", "@policies"]


def test_the_client_is_small(current: Path, served: Serve, page: Page) -> None:
    """All scripts without which the first result of a query does not stand there, each packed by itself."""
    page.clock.set_fixed_time(datetime(2026, 11, 20, 4, tzinfo=UTC))
    page.route(LAZY, lambda route: None)  # never answered
    urls: list[str] = []
    page.on("requestfinished", lambda request: urls.append(request.url))
    address = served(current)
    page.goto(address + "/search/?q=示例")
    expect(page.locator("#search-results li").first).to_contain_text("示例")
    files = [url.removeprefix(address) for url in urls if url.endswith(".js")]
    sizes = {Path(file).name: len(gzip.compress((current / file[1:]).read_bytes(), 9, mtime=0)) for file in files}
    assert set(sizes) == {"search.js", "day.js", "expiry.js", "reading.js"}
    assert len(files) == len(sizes)
    assert sizes["search.js"] + sizes["day.js"] <= MOST, sizes
    assert sum(sizes.values()) <= MOST_OF_PAGE, sizes


def test_the_rest_of_the_client_comes_after(current: Path, served: Serve, page: Page) -> None:
    page.clock.set_fixed_time(datetime(2026, 11, 20, 4, tzinfo=UTC))
    address = served(current)
    with page.expect_response("**/search-hints.js"):
        page.goto(address + "/search/?q=示例")
    with page.expect_response("**/search-filters.js"):
        page.locator("#search-filters summary").click()
    expect(page.locator("#filter-year option").nth(1)).to_contain_text("(")
    with page.expect_response("**/search-fields.js"):
        page.locator("#q").fill("标题:示罚")
    expect(page.locator("#search-results li").first).to_contain_text("示罚")


def test_results_stand_without_the_rest_of_the_client(current: Path, served: Serve, page: Page, faults: Faults) -> None:
    faults.expect("404|Failed to load")
    page.clock.set_fixed_time(datetime(2026, 11, 20, 4, tzinfo=UTC))
    page.route("**/search-hints.js", lambda route: route.fulfill(status=404, body=""))
    with page.expect_response("**/search-hints.js"):
        page.goto(served(current) + "/search/?q=示例")
    expect(page.locator("#search-results li").first).to_contain_text("示例")
    page.wait_for_timeout(200)
    expect(page.locator("#search-results li").first).to_contain_text("示例")

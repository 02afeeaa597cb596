"""Search on a built site, with its real pages."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve
from tests.sitekit import SITES, build_site

AS_OF = date(2026, 11, 20)


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

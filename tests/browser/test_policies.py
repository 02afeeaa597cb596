"""Policy documents in a real Chromium: contents on a phone and beside the text, the filter of the list, print."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.render.test_policy_pages import AS_OF, site_in
from tests.sitekit import build_site

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    build_site(site_in(folder), folder / "out", AS_OF)
    return folder / "out/current"


@pytest.fixture
def site(current: Path, served: Callable[[Path], str]) -> str:
    return served(current)


def test_contents_fold_on_a_phone_and_stand_beside_the_text_on_a_desk(site: str, page: Page) -> None:
    entry = page.locator(".toc").get_by_role("link", name="第三条")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{site}/policies/measures.html")
    expect(entry).to_be_hidden()
    page.locator(".toc summary").click()
    entry.click()
    expect(page).to_have_url(f"{site}/policies/measures.html#art-3")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{site}/policies/measures.html?again")
    expect(entry).to_be_visible()
    contents, text = page.locator(".toc").bounding_box(), page.locator(".document").bounding_box()
    assert contents is not None
    assert text is not None
    assert contents["x"] + contents["width"] <= text["x"]


def test_each_part_has_a_link_that_the_keyboard_reaches(site: str, page: Page) -> None:
    page.goto(f"{site}/policies/measures.html")
    link = page.get_by_role("link", name="第二条的链接")
    link.focus()
    expect(link).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/policies/measures.html#art-2")
    assert page.evaluate("document.querySelector(':target').id") == "art-2"


def test_a_citation_leads_to_the_article_and_back(site: str, page: Page) -> None:
    page.goto(f"{site}/policies/notice.html")
    page.locator(".reading").get_by_role("link", name="第二条", exact=True).click()
    expect(page).to_have_url(f"{site}/policies/measures.html#art-2")
    page.get_by_role("link", name="一（引用第二条）").click()
    expect(page).to_have_url(f"{site}/policies/notice.html#part-1")


def test_a_wide_table_scrolls_in_its_frame(site: str, page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{site}/policies/measures.html")
    frame = page.get_by_role("region", name="表格：第三条")
    assert frame.evaluate("e => e.scrollWidth > e.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_list_is_filtered_by_standing(site: str, page: Page) -> None:
    page.goto(f"{site}/policies/")
    expect(page.locator("#standing-chips")).to_be_hidden()
    page.get_by_label("有效性").select_option("repealed")
    expect(page.get_by_role("heading", level=2)).to_have_text(["已废止"])
    expect(page.get_by_role("status")).to_have_text("共 1 份文件")
    page.reload()
    expect(page.get_by_role("heading", level=2)).to_have_text(["已废止"])
    page.get_by_label("有效性").select_option("")
    expect(page.get_by_role("heading", level=2)).to_have_count(3)
    expect(page).to_have_url(f"{site}/policies/")


def test_without_javascript_all_are_listed_in_groups(site: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/policies/")
    expect(page.get_by_label("有效性")).to_be_hidden()
    page.get_by_role("link", name="已废止 1 份").click()
    expect(page).to_have_url(f"{site}/policies/#shell-repealed")
    expect(page.get_by_role("heading", level=2)).to_have_count(3)
    page.goto(f"{site}/policies/measures.html")
    page.get_by_role("link", name="第二条的链接").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/policies/measures.html#art-2")
    context.close()


def test_print_leaves_out_what_leads_about(site: str, page: Page) -> None:
    page.goto(f"{site}/policies/measures.html")
    page.emulate_media(media="print")
    expect(page.locator(".toc")).to_be_hidden()
    expect(page.locator(".reading a[aria-label]").first).to_be_hidden()
    expect(page.locator(".head-block")).to_be_visible()
    expect(page.locator(".standing").first).to_have_css("color", "rgb(0, 0, 0)")


def test_jurisdictions_are_compared_on_a_phone_too(site: str, page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{site}/rules/")
    page.get_by_role("link", name="对照各地规定").click()
    expect(page).to_have_url(f"{site}/rules/compare.html")
    expect(page.locator("#objection-measures")).to_contain_text("暂停相关措施")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

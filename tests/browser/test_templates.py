"""Every template, rendered from the samples, in a real Chromium: widths, text sizes, forced colours, open tabs."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from publish.render.environment import environment
from tests.render.contexts_samples import SITE, named, template_of
from tests.searchkit import published_files

TEMPLATES = Path(__file__).resolve().parents[2] / "site_templates"
SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_DAY = datetime(2027, 10, 8, 12, tzinfo=SHANGHAI)  # of the record in the samples
# Of the page at each text size. Its layout is up to date whenever it is asked for.
WIDTHS = """() => [...document.querySelectorAll(".reading-bar button[aria-pressed]")].map(button => {
  button.click();
  return document.documentElement.scrollWidth;
})"""
PAGES = [name for name, _ in named() if not name.startswith("search-")]  # search has tests of its own


@pytest.fixture(scope="module", params=["zh-Hans", "en"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples as a site: `<template>-<number>.html` and the static files at their addresses."""
    out = tmp_path_factory.mktemp("samples")
    static = published_files()
    for url, data in static.values():
        path = out / url.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    site = dataclasses.replace(SITE, language=request.param)
    made = environment([TEMPLATES], request.param, site, {path: url for path, (url, _) in static.items()})
    for name, page in named():
        html = made.get_template(f"pages/{template_of(type(page))}.html").render(page=page)
        (out / f"{name}.html").write_text(html, encoding="utf-8")
    return out


@pytest.fixture
def site(folder: Path, served: Callable[[Path], str], page: Page) -> str:
    """Address of the samples, seen while all of them are still public."""
    page.clock.install(time=LAST_DAY)
    return served(folder)


def test_no_page_scrolls_sideways_at_any_text_size(site: str, page: Page) -> None:
    wide = []
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            widths = page.evaluate(WIDTHS)
            assert len(widths) > 1
            wide += [(name, width, size) for size, needed in enumerate(widths) if needed > width]
    assert wide == []


def test_headings_of_cards_look_alike_at_any_level(site: str, page: Page) -> None:
    """They are third-level on the home page and second-level in the catalogue, where no section is above them."""
    style = """element => { const style = getComputedStyle(element);
        return ["fontSize", "marginTop", "paddingLeft", "borderLeftWidth"].map(name => style[name]) }"""
    page.goto(f"{site}/home-1.html")
    home = page.locator(".card-title").first.evaluate(style)
    page.goto(f"{site}/catalogue-1.html")
    assert page.locator(".card-title").first.evaluate(style) == home


@pytest.mark.parametrize("name", ["404-1", "record-1"])
def test_the_footer_ends_the_page(site: str, page: Page, name: str) -> None:
    """Also of a page that is shorter than the window, and never over the text of a longer one."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/{name}.html")
    for end in (False, True):
        if end:
            page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        foot, main = page.locator(".foot").bounding_box(), page.locator("main").bounding_box()
        assert foot
        assert main
        assert foot["y"] >= main["y"] + main["height"]
    assert foot["y"] + foot["height"] == pytest.approx(900, abs=1)


@pytest.mark.parametrize("name", ["listing-1", "dataset-1"])
def test_what_is_chosen_shows_without_colours(site: str, page: Page, name: str) -> None:
    """High-contrast modes replace backgrounds and colours: the chosen text size and page must differ otherwise."""
    page.emulate_media(forced_colors="active")
    page.goto(f"{site}/{name}.html")
    style = "element => { const s = getComputedStyle(element); return s.borderTopWidth + s.fontWeight }"
    chosen, other = (page.locator(f'.reading-bar [aria-pressed="{pressed}"]').first for pressed in ("true", "false"))
    assert chosen.evaluate(style) != other.evaluate(style)
    if name.startswith("listing"):
        present = page.locator(".pager [aria-current]")
        assert present.evaluate(style) != page.locator(".pager li a").first.evaluate(style)


def test_the_code_of_a_page_stands_beside_its_facts_or_below(site: str, page: Page) -> None:
    """And is printed, in the size of a thumb."""
    for width, media in ((1280, "screen"), (390, "screen"), (700, "print")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(media=media)
        page.goto(f"{site}/subject-1.html")
        code, facts = page.get_by_role("img").bounding_box(), page.locator(".facts").bounding_box()
        assert code
        assert facts
        assert code["width"] == pytest.approx(code["height"], abs=1)
        assert code["width"] == pytest.approx(128 if media == "screen" else 113, abs=1)
        if width == 390:
            assert code["y"] >= facts["y"] + facts["height"]
        else:
            assert code["x"] >= facts["x"] + facts["width"]
            assert code["y"] < facts["y"] + facts["height"]


def test_an_open_tab_hides_its_content_after_the_last_day(site: str, page: Page) -> None:
    """A tab left open over midnight, or brought back from the browser's memory, is a stale copy too."""
    page.goto(f"{site}/record-1.html")
    title = page.get_by_role("heading", level=1)
    expect(title).to_be_visible()
    page.clock.set_fixed_time(datetime(2027, 10, 9, 0, 1, tzinfo=SHANGHAI))
    expect(title).to_be_visible()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(title).to_have_count(0)
    expect(page.locator("main > .notice")).to_be_visible()


def test_the_last_day_is_told_however_dates_are_written(site: str, page: Page) -> None:
    """Locales change how they write a date; a day that cannot be compared would keep an ended page up."""
    page.add_init_script(
        """const format = Intl.DateTimeFormat.prototype.formatToParts;
        Object.defineProperty(Intl.DateTimeFormat.prototype, "format", { get() {
          return date => format.call(this, date).map(part => part.value).reverse().join("") } });"""
    )
    page.clock.set_fixed_time(datetime(2027, 10, 9, 0, 1, tzinfo=SHANGHAI))
    page.goto(f"{site}/record-1.html")
    expect(page.locator("main > .notice")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(0)

"""The search page, as a person uses it."""

import contextlib
import gzip
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from publish import urls
from publish.model.document import Document
from publish.model.public import PublicTable
from tests.browser.conftest import Faults, Serve
from tests.searchkit import FLAGS, TEXTS, index_of, key_of, put, table_of, write_site

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # 12:00 in Beijing, 20:00 of the day before in Los Angeles
MARKUP = "<img src=x onerror=\"document.title='hit'\"><b>粗体</b>"
CODE = "91990100MA0000001X"
SEVENTEENTH = "91990100MA0000017X"

MANY = 2005
Open = Callable[..., Page]


def penalties() -> PublicTable:
    records: list[dict[str, object]] = [
        {
            "_title": f"汀监罚〔2026〕{number}号",
            "_subject": f"汀澜第{number}商贸有限公司",
            "_date": date(2026, 10, 1 + number % 30),
            "_authority": "汀澜市市场监督管理局",
            "_reason": "未取得许可从事食品经营",
            "内容": "罚款五千元",
        }
        for number in range(50)
    ]
    records[17] |= {"_code": SEVENTEENTH}
    records += [
        {"_title": "最后一日", "_date": date(2026, 1, 2), "_until": date(2026, 11, 20), "_reason": "过期词"},
        {"_title": "已经过期", "_date": date(2026, 1, 3), "_until": date(2026, 11, 19), "_reason": "过期词"},
        {"_title": "带标记", "_date": date(2026, 1, 1), "_reason": f"前文{MARKUP}后文", "_flag": "objection"},
        {"_subject": "没有标题的公司", "_code": CODE, "_date": date(2020, 1, 1)},
        {"_title": f"提到{CODE}的新记录", "_date": date(2026, 11, 1)},
    ]
    return table_of("penalties", "行政处罚", records, ["内容"])


def licences() -> PublicTable:
    rows = [{"_title": f"许可{n}", "_subject": "连锁企业", "_date": date(2025, 5, 1)} for n in range(MANY)]
    return table_of("licences", "行政许可", rows)


POLICY = Document(
    slug="measures",
    title="公示管理办法",
    body="## 第一章 总则 {#chapter-1}\n\n**第一条** 为了规范公示，制定本办法。\n{: #art-1 }\n",
    number="汀澜政发〔2026〕6号",
    published_on=date(2026, 3, 23),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    index = index_of([penalties(), licences()], folder / "scratch", [POLICY])
    pages = [urls.record(key) for key in penalties().frame["_key"]] + [urls.subject(CODE)]
    for url in pages:
        put(folder / "site", url, f"<!doctype html><title>{url}</title>".encode())
    return write_site(
        folder / "site", index, {"penalties": "行政处罚", "licences": "行政许可", "@policies": "政策文件"}
    )


@pytest.fixture
def site(whole: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(whole, tmp_path / "site"))


@pytest.fixture
def search(site: Path, served: Serve, page: Page) -> Open:
    """Open the search page, with a query in its address if one is given, at noon in Beijing."""
    page.clock.set_fixed_time(NOON)
    address = served(site) + urls.SEARCH

    def start(query: str = "") -> Page:
        page.goto(address + query)
        return page

    return start


def status(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("status")).to_have_text(text)


def count(number: int) -> str:
    return TEXTS["count"].replace("{count}", str(number))


def titles(page: Page) -> list[str]:
    return page.locator("#search-results a").all_inner_texts()


class Held:
    """Requests for one file of the index, held back until they are let go."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(f"**{url}", lambda route: self._routes.append(route))

    def wait(self) -> None:
        """Until the file has been asked for."""
        for _ in range(1000):
            if self._routes:
                return
            self._page.wait_for_timeout(10)
        pytest.fail("the file was not asked for")

    def let_go(self) -> None:
        """Have it answered, and wait for that."""
        self.wait()
        with self._page.expect_response(self._routes[0].request.url):
            self._routes[0].continue_()


def test_nothing_is_loaded_before_there_is_a_query(search: Open, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    search()
    status(page, "")
    assert not [url for url in asked if "/search/index/" in url]


def test_a_query_in_the_address_is_answered(search: Open) -> None:
    page = search("?q=汀监罚2026")
    status(page, TEXTS["none"])
    page = search("?q=罚〔2026〕7号")
    status(page, count(1))
    assert titles(page) == ["汀监罚〔2026〕7号"]
    link = page.locator("#search-results a")
    expect(link).to_have_attribute("href", urls.record(key_of("penalties", 7)))
    item = page.locator("#search-results li")
    for shown in ("汀澜第7商贸有限公司", "行政处罚", "汀澜市市场监督管理局", "2026-10-08", "未取得许可"):
        expect(item).to_contain_text(shown)


def test_the_sources_do_unjoined(site: Path, search: Open) -> None:
    """The other tests have the scripts as they are published."""
    html = site / urls.file_of(urls.SEARCH)
    text = html.read_text(encoding="utf-8")
    assert text.count('/js/search.js"') == 1
    html.write_text(re.sub(r'src="[^"]*/search.js"', f'src="{urls.static("js/search.js")}"', text), encoding="utf-8")
    page = search("?q=内容:罚款&dataset=penalties")
    status(page, count(50))
    page.locator("#search-filters summary").click()
    expect(page.locator("#filter-authority option").nth(1)).to_contain_text("(50)")
    page.locator("#q").fill("汀澜第17商贸有限工司")
    page.locator("#filter-dataset").select_option("")
    page.locator("#search-meant button").first.click()
    status(page, count(1))


def test_typing_searches_and_renames_the_address(search: Open) -> None:
    page = search()
    page.get_by_label("检索").press_sequentially("[2026]７号", delay=20)
    status(page, count(1))
    assert titles(page) == ["汀监罚〔2026〕7号"]
    expect(page).to_have_url(re.compile(r"\?q=%5B2026%5D"))
    assert page.evaluate("history.length") == 2, "typing leaves no steps in the history"


def test_pinyin_is_no_query_until_characters_are_chosen(search: Open) -> None:
    page = search()
    page.locator("#q").focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "fakuan", "selectionStart": 6, "selectionEnd": 6})
    page.wait_for_timeout(500)
    status(page, "")
    session.send("Input.insertText", {"text": "罚款"})
    status(page, count(50))


def test_spaces_mean_and_and_quotes_mean_as_written(search: Open) -> None:
    page = search("?q=许可从事 第7商贸")
    status(page, count(1))
    search("?q=食品经营 未取得")
    status(page, count(50))
    search('?q="食品经营 未取得"')
    status(page, TEXTS["none"])
    search("?q=“未取得许可 从事”")
    status(page, count(50))


def test_newest_first_and_an_exact_code_before_all(search: Open) -> None:
    for order in ("", "&order=newest"):  # in a small index those of the same rank are in the order of their days, too
        page = search(f"?q=食品经营{order}")
        status(page, count(50))
        days = page.locator("#search-results time").all_inner_texts()
        assert len(days) == 10
        assert days == sorted(days, reverse=True)
    search(f"?q={CODE.lower()}")
    status(page, count(2))
    assert titles(page) == ["没有标题的公司", f"提到{CODE}的新记录"]
    search(f"?q={CODE.lower()}&order=newest")
    status(page, count(2))
    assert titles(page) == [f"提到{CODE}的新记录", "行政处罚"], "a record without a title is called by its dataset"


def test_a_subject_stands_for_its_records(search: Open) -> None:
    page = search("?q=汀澜第17商贸")
    status(page, count(1))
    item = page.locator("#search-results li")
    expect(item.locator("a")).to_have_attribute("href", urls.subject(SEVENTEENTH))
    for shown in ("汀澜第17商贸有限公司", SEVENTEENTH, TEXTS["subject"], TEXTS["all"]):
        expect(item).to_contain_text(shown)
    assert item.locator("mark").all_inner_texts() == ["汀澜第17商贸"]
    search(f"?q={SEVENTEENTH[-6:].lower()}")
    status(page, count(1))
    assert titles(page) == ["汀澜第17商贸有限公司"]
    assert page.locator("#search-results mark").all_inner_texts() == [SEVENTEENTH[-6:]]
    search("?q=汀澜第17商贸 罚款五千")
    status(page, count(1))
    assert titles(page) == ["汀监罚〔2026〕17号"], "a record that says more than its subject is a hit of its own"
    search("?q=汀澜第17商贸&order=newest")
    status(page, count(1))
    assert titles(page) == ["汀监罚〔2026〕17号"]
    search("?q=汀澜第17商贸&dataset=penalties")
    status(page, count(1))
    assert titles(page) == ["汀监罚〔2026〕17号"]
    search("?q=第17商贸有限")
    status(page, count(1))
    search("?q=汀澜第")
    status(page, count(50))
    assert titles(page)[0] == "汀澜第17商贸有限公司", "subjects come first"


def test_matches_are_marked_as_they_are_written(search: Open) -> None:
    page = search("?q=汀监 （2026）7号 商贸")
    status(page, count(1))
    assert page.locator("#search-results mark").all_inner_texts() == ["汀监", "〔2026〕7号", "商贸"]
    assert titles(page) == ["汀监罚〔2026〕7号"]
    search("?q=罚款 五千 元")
    assert page.locator("#search-results li").first.locator("p").last.inner_text() == "罚款五千元"


def test_the_texts_shown_hold_every_term(site: Path, search: Open) -> None:
    cells = {"甲": "食品一", "乙": "食品二", "丙": f"{'前' * 200}罚款{'后' * 200}"}
    index = index_of(
        [table_of("x", "x", [{"_title": "标题", "_reason": "没有", **cells}], list(cells))], site / "scratch"
    )
    write_site(site, index, {})
    page = search("?q=食品 罚款")
    status(page, count(1))
    assert page.locator(".search-result-text").all_inner_texts() == [
        "食品一",
        f"…{'前' * 30}罚款{'后' * 88}…",
    ]
    search("?q=标题")
    status(page, count(1))
    assert page.locator(".search-result-text").all_inner_texts() == ["没有"]


def test_what_looks_like_markup_is_text(search: Open) -> None:
    page = search("?q=粗体")
    status(page, count(1))
    item = page.locator("#search-results li")
    expect(item).to_contain_text("<b>粗体</b>后文")
    expect(item).to_contain_text(FLAGS["objection"])
    assert item.locator("img, b").count() == 0
    search("?q=" + "%3Cimg src%3Dx onerror%3D%22document.title%3D'hit'%22%3E")
    status(page, count(1))
    expect(item).to_contain_text(f"前文{MARKUP}后文")
    assert page.title() == "检索"


def test_a_record_whose_last_day_is_over_in_beijing_is_not_shown(search: Open) -> None:
    page = search("?q=过期词")
    status(page, count(1))
    assert titles(page) == ["最后一日"]
    page.clock.set_fixed_time(datetime(2026, 11, 20, 15, 59, tzinfo=UTC))
    search("?q=过期词")
    status(page, count(1))
    page.clock.set_fixed_time(datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    search("?q=过期词")
    status(page, TEXTS["none"])


def test_more_results_come_by_the_button_and_the_keyboard_goes_on_there(search: Open) -> None:
    page = search("?q=食品经营")
    status(page, count(50))
    assert len(titles(page)) == 10
    first = titles(page)
    more = page.get_by_role("button", name=TEXTS["more"])
    more.press("Enter")
    expect(page.locator("#search-results li")).to_have_count(20)
    assert titles(page)[:10] == first
    expect(page.locator("#search-results a").nth(10)).to_be_focused()
    for number in (30, 40, 50):
        more.press("Enter")
        expect(page.locator("#search-results li")).to_have_count(number)
    expect(more).to_be_hidden()


def test_back_from_a_result_shows_the_same_results_in_the_same_place(search: Open) -> None:
    page = search("?q=食品经营")
    page.get_by_role("button", name=TEXTS["more"]).click()
    expect(page.locator("#search-results li")).to_have_count(20)
    last = page.locator("#search-results a").nth(15)
    last.scroll_into_view_if_needed()
    scroll = page.evaluate("scrollY")
    assert scroll > 0
    last.click()
    page.wait_for_url("**/r/**")
    page.go_back()
    expect(page.locator("#search-results li")).to_have_count(20)
    status(page, count(50))
    page.wait_for_function("(y) => Math.abs(scrollY - y) < 5", arg=scroll)


def test_back_goes_through_submitted_queries(search: Open) -> None:
    page = search("?q=罚〔2026〕7号")
    status(page, count(1))
    page.locator("#q").fill("食品")
    page.locator("#q").press_sequentially("经营")
    page.keyboard.press("Enter")
    status(page, count(50))
    page.locator("#q").fill("连锁企业")
    page.keyboard.press("Enter")
    status(page, count(MANY))
    page.go_back()
    status(page, count(50))
    expect(page.locator("#q")).to_have_value("食品经营")
    page.go_back()
    status(page, count(1))
    expect(page.locator("#q")).to_have_value("罚〔2026〕7号")
    page.go_forward()
    status(page, count(50))


def test_one_dataset_can_be_searched(search: Open) -> None:
    page = search("?q=公示&dataset=licences")
    status(page, TEXTS["none"])
    page.locator("#search-filters summary").click()
    page.locator("#filter-dataset").select_option("@policies")
    status(page, count(2))
    expect(page).to_have_url(re.compile("dataset=%40policies"))
    assert titles(page) == ["公示管理办法", "公示管理办法 第一章 总则"]
    expect(page.locator("#search-results a").nth(1)).to_have_attribute("href", "/policies/measures.html#art-1")
    search("?q=公示&dataset=unknown")
    status(page, count(2))


def test_a_query_too_short_is_told_so(search: Open) -> None:
    page = search("?q=公")
    status(page, TEXTS["short"])
    page.locator("#q").fill("")
    status(page, "")
    page.locator("#q").fill("公示")
    status(page, count(2))


def test_a_slow_search_does_not_overwrite_a_later_one(site: Path, search: Open, page: Page) -> None:
    held = Held(page, body_of(site))
    search("?q=食品经营&dataset=penalties")
    held.wait()
    page.locator("#search-filters summary").click()
    page.locator("#filter-dataset").select_option("licences")
    page.locator("#q").fill("连锁企业")
    page.keyboard.press("Enter")
    status(page, count(MANY))
    held.let_go()
    page.wait_for_timeout(300)
    status(page, count(MANY))
    assert set(titles(page)) <= {f"许可{number}" for number in range(MANY)}


def body_of(site: Path) -> str:
    """Address of the file with the long texts of the newest records."""
    (url,) = [url for url, text in files_of(site).items() if '"x0"' in text and "罚款五千元" in text]
    return url


def files_of(site: Path) -> dict[str, str]:
    """The content of every file of the index that is text, by address."""
    files = {}
    for path in sorted((site / "search" / "index").iterdir()):
        with contextlib.suppress(UnicodeDecodeError):
            files[f"{urls.SEARCH_INDEX}{path.name}"] = gzip.decompress(path.read_bytes()).decode()
    return files


def test_a_removed_file_asks_for_a_reload(site: Path, search: Open, faults: Faults) -> None:
    faults.expect("404")
    (site / body_of(site).lstrip("/")).unlink()
    page = search("?q=罚款五千")
    status(page, TEXTS["reload"])
    assert titles(page) == []


def test_the_search_after_a_removed_file_looks_into_the_new_release(
    site: Path, tmp_path: Path, search: Open, faults: Faults
) -> None:
    faults.expect("404")
    (site / body_of(site).lstrip("/")).unlink()
    page = search("?q=罚款五千")
    status(page, TEXTS["reload"])
    write_site(site, index_of([licences()], tmp_path / "scratch"), {})
    page.locator("#q").press("Enter")
    status(page, TEXTS["none"])


def test_a_server_that_fails_is_said_and_the_next_try_can_work(
    site: Path, search: Open, page: Page, faults: Faults
) -> None:
    faults.expect("503")
    for failing in (urls.SEARCH_ROOT, body_of(site)):
        page.route(f"**{failing}", lambda route: route.fulfill(status=503, body="busy"))
        search("?q=食品经营")
        status(page, TEXTS["error"])
        expect(page.locator("#search-status")).to_have_class("search-error")
        page.unroute(f"**{failing}")
        page.locator("#q").press("Enter")
        status(page, count(50))
        expect(page.locator("#search-status")).not_to_have_class("search-error")


@pytest.mark.parametrize("body", [b"", b"{", gzip.compress(b"[1", mtime=0), gzip.compress(b'{"format": 4}', mtime=0)])
def test_an_index_that_is_no_index_is_said(site: Path, search: Open, body: bytes) -> None:
    (site / "search/index/root.gz").write_bytes(body)
    status(search("?q=食品经营"), TEXTS["error"])


def test_an_index_of_another_format_asks_for_a_reload(site: Path, search: Open) -> None:
    (site / "search/index/root.gz").write_bytes(gzip.compress(b'{"format": 2}'))
    status(search("?q=食品经营"), TEXTS["reload"])


def test_a_whole_number_leads_to_its_page_and_back_does_not(search: Open) -> None:
    page = search("?q=食品经营")
    status(page, count(50))
    page.locator("#q").fill("汀监罚（2026）7号")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{urls.record(key_of('penalties', 7))}")
    page.go_back()
    status(page, count(1))
    search(f"?q={CODE.lower()}&go=1")
    page.wait_for_url(f"**{urls.subject(CODE)}")


def test_fields_and_filters(search: Open) -> None:
    page = search("?q=内容:罚款")
    status(page, count(50))
    search("?q=事由：罚款")
    status(page, TEXTS["none"])
    search("?q=汀澜&year=2026&authority=汀澜市市场监督管理局&order=newest")
    status(page, count(50))
    page.locator("#search-filters summary").click()
    expect(page.locator("#filter-authority option").nth(1)).to_contain_text("(50)")


def test_what_was_meant_is_offered_and_suggestions_come(search: Open) -> None:
    page = search("?q=汀澜第17商贸有限工司")
    status(page, TEXTS["none"])
    page.locator("#search-meant button").first.click()
    expect(page.locator("#q")).to_have_value("汀澜第17商贸有限公司")
    status(page, count(1))
    offered = page.locator("#search-suggestions option").evaluate_all("(all) => all.map((one) => one.value)")
    assert "汀澜第17商贸有限公司" in offered

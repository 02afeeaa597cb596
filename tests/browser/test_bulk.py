"""The bulk check as a person uses it, on a built site; the lookup is a stub of the same interface."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from publish import urls
from tests.browser.conftest import Serve
from tests.sitekit import SITES, build_site

AS_OF = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # 12:00 in Beijing, 20:00 of the day before in Los Angeles
CODE = "91350100M000100Y43"
WRONG = "91350100M000100Y44"
ZEROS = "0" * 18
RESIDENT = "11010519491231002X"
DIGITS = "914403001922038216"
EVIL = '=HYPERLINK("http://evil.example")'
MARKUP = "<img src=x onerror=\"document.title='hit'\">公司"

STUB = """
import { IndexGone } from "./bulk.js";
export class Subjects {
  static async open(address) {
    (globalThis.opened ??= []).push(address);
    return Object.assign(new Subjects(), { day: "2026-11-20" });
  }
  async find(entries, onProgress) {
    (globalThis.asked ??= []).push(entries);
    for (let done = 0; done < entries.length; done += Math.ceil(entries.length / 4)) {
      onProgress(done, entries.length);
      await globalThis.pause?.();
    }
    if (globalThis.fault) {
      throw globalThis.fault === "gone" ? new IndexGone("gone") : new Error("broken");
    }
    onProgress(entries.length, entries.length);
    return entries.map((entry) => globalThis.known[entry] ?? []);
  }
}
"""


def subject(name: str, code: str | None, **more: Any) -> dict[str, Any]:
    url = urls.subject(code) if code else "/r/00/00112233445566778899.html"
    usual = {"url": url, "datasets": ["行政处罚"]}
    return {"name": name, "code": code} | usual | more


KNOWN = {
    "示例甲有限公司": [subject("示例甲有限公司", CODE, datasets=["行政处罚", "行政许可"])],
    CODE: [subject("示例甲有限公司", CODE)],
    DIGITS: [subject("示例丁有限公司", DIGITS)],
    "同名商店": [subject("同名商店", CODE), subject("同名商店", None)],
    "@公式公司": [subject("@公式公司", None, datasets=["=1+1"])],
    MARKUP: [subject(MARKUP, None)],
}


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    build_site(SITES / "minimal", out, AS_OF)
    return out / "current"


@pytest.fixture
def bulk(current: Path, served: Serve, page: Page) -> Page:
    """The page, at noon in Beijing."""
    page.clock.set_fixed_time(NOON)
    page.add_init_script(f"globalThis.known = {json.dumps(KNOWN)}")
    page.route("**/search-subjects.js", lambda route: route.fulfill(body=STUB, content_type="text/javascript"))
    page.goto(served(current) + urls.BULK)
    return page


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def workbook(rows: list[list[Any]], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def check(page: Page, text: str | None = None) -> None:
    if text is not None:
        page.get_by_label("名单", exact=True).fill(text)
    page.get_by_role("button", name="开始核查").click()


def choose(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("或者选择文件").set_input_files(file(name, data))


def says(page: Page, *sentences: str) -> None:
    for sentence in sentences:
        expect(page.get_by_role("status")).to_contain_text(sentence)


def rows(page: Page) -> list[list[str]]:
    expect(page.locator("#bulk-results")).to_be_visible()
    found: list[list[str]] = page.locator("#bulk-rows tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


def asked(page: Page) -> list[str]:
    found: list[str] = page.evaluate("(globalThis.asked ?? []).flat()")
    return found


def saved(page: Page, folder: Path) -> list[list[str]]:
    """The file that the page saves, read back."""
    with page.expect_download() as download:
        page.locator("#bulk-save").click()
    assert download.value.suggested_filename == "批量核查结果-2026-11-20.csv"
    path = folder / "saved.csv"
    download.value.save_as(path)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_from_the_search_to_results_and_back(bulk: Page) -> None:
    bulk.goto(bulk.url.replace(urls.BULK, urls.SEARCH))
    bulk.get_by_role("link", name="批量核查").click()
    expect(bulk.get_by_role("heading", level=1)).to_have_text("批量核查（一键查询）")
    expect(bulk.get_by_label("名单", exact=True)).to_be_visible()
    expect(bulk.get_by_label("核查哪一列")).to_be_hidden(timeout=100)
    assert bulk.locator(".crumbs li").all_inner_texts()[-2:] == ["搜索", "批量核查（一键查询）"]
    check(bulk, f"示例甲有限公司\n\n查无此人公司\n{CODE}\n")
    says(bulk, "共核查 3 行：查到 2 行，未查到 1 行。")
    head = ["示例甲有限公司", "查到", "示例甲有限公司", CODE, "行政处罚、行政许可"]
    assert rows(bulk) == [
        ["1", *head],
        ["3", "查无此人公司", "未查到", "", "", ""],
        ["4", CODE, "查到", "示例甲有限公司", CODE, "行政处罚"],
    ]
    expect(bulk.locator("#bulk-heading")).to_be_focused()
    assert bulk.locator("#bulk-rows a").first.get_attribute("href") == urls.subject(CODE)
    bulk.get_by_role("link", name="返回搜索").click()
    expect(bulk.locator("#q")).to_be_visible()


def test_the_index_is_opened_at_its_address_and_only_for_a_check(bulk: Page) -> None:
    assert bulk.evaluate("globalThis.opened") is None
    check(bulk, "示例甲有限公司")
    says(bulk, "查到 1 行")
    root = bulk.locator("[data-bulk-root]").get_attribute("data-index")
    assert bulk.evaluate("globalThis.opened") == [bulk.url.replace(urls.BULK, "") + str(root)]
    check(bulk, "示例乙有限公司")
    says(bulk, "查到 0 行")
    assert len(bulk.evaluate("globalThis.opened")) == 1


def test_nothing_that_is_typed_is_sent_or_kept(bulk: Page) -> None:
    sent: list[str] = []
    bulk.on("request", lambda request: sent.append(f"{request.method} {request.url} {request.post_data}"))
    choose(bulk, "机密名单.csv", f"名称,代码\n某某机密公司,{DIGITS}\n".encode())
    check(bulk)
    says(bulk, "共核查 1 行")
    check(bulk, "某某机密公司\nsecret-name")
    says(bulk, "共核查 2 行")
    assert all(text.startswith("GET ") and "secret" not in text and DIGITS not in text for text in sent)
    assert not [text for text in sent if "%" in text]
    assert bulk.url.endswith(urls.BULK)
    assert bulk.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert "名单" not in bulk.evaluate("JSON.stringify({ ...sessionStorage })")


def test_what_is_no_code_is_told_and_not_looked_up(bulk: Page) -> None:
    check(bulk, f"{CODE[:8].lower()} {CODE[8:]}\n{WRONG}\n{ZEROS}\n{RESIDENT}\n９１４４０３００１９２２０３８２１６")
    says(bulk, "共核查 5 行：查到 2 行，未查到 3 行。", "其中 3 行没有查询")
    assert [row[2] for row in rows(bulk)] == ["查到", "代码校验不符", "18 个 0 不是代码", "疑似身份证号", "查到"]
    assert asked(bulk) == [CODE, DIGITS]


def test_an_entry_that_stands_twice_is_looked_up_once(bulk: Page) -> None:
    check(bulk, "示例甲有限公司\n乙公司\n示例甲 有限公司\n示例甲有限公司")
    says(bulk, "共核查 4 行：查到 3 行")
    assert asked(bulk) == ["示例甲有限公司", "乙公司"]
    assert [row[0] for row in rows(bulk)] == ["1", "2", "3", "4"]


def test_every_subject_of_a_name_is_shown(bulk: Page) -> None:
    check(bulk, "同名商店\n乙公司")
    says(bulk, "共核查 2 行：查到 1 行，未查到 1 行。")
    assert [(row[0], row[4], row[5]) for row in rows(bulk)] == [
        ("1", CODE, "行政处罚"),
        ("1", "", "行政处罚"),
        ("2", "", ""),
    ]


def test_results_are_filtered_and_saved_as_shown(bulk: Page, tmp_path: Path) -> None:
    check(bulk, f"示例甲有限公司\n乙公司\n{WRONG}")
    says(bulk, "查到 1 行")
    assert bulk.locator("fieldset label").all_inner_texts() == ["全部 3", "查到 1", "未查到 2"]
    bulk.get_by_label("未查到").check()
    assert [row[1] for row in rows(bulk)] == ["乙公司", WRONG]
    assert [row[:3] for row in saved(bulk, tmp_path)[1:]] == [["2", "乙公司", "未查到"], ["3", WRONG, "代码校验不符"]]
    bulk.locator("#bulk-matched").check()
    assert [row[1] for row in rows(bulk)] == ["示例甲有限公司"]
    check(bulk)
    expect(bulk.locator("#bulk-all")).to_be_checked()


def test_the_saved_file_runs_and_loses_nothing(bulk: Page, tmp_path: Path) -> None:
    entries = ["@公式公司", EVIL, "+1公司", "-1公司", "＝1公司", "'引号公司", DIGITS]
    check(bulk, "\n".join([*entries, "同名商店", '双"引号公司', "普通公司"]))
    says(bulk, "共核查 10 行")
    head, *lines = saved(bulk, tmp_path)
    assert head[:3] == ["行号", "填写内容", "结果"]
    assert head[-2:] == ["网址", "核查日期"]
    assert {len(line) for line in lines} == {len(head)}
    guarded = [f"'{text}" for text in entries]
    assert [line[1] for line in lines] == [*guarded, "同名商店", "同名商店", '双"引号公司', "普通公司"]
    assert lines[0][3] == "'@公式公司"
    assert lines[0][5] == "'=1+1"
    assert lines[6][4] == f"'{DIGITS}"
    assert lines[6][6] == bulk.url.replace(urls.BULK, urls.subject(DIGITS))
    assert {line[7] for line in lines} == {"2026-11-20"}
    assert not [cell for line in lines for cell in line if cell[:1] in "=+-@\t\r" and cell]


def test_what_comes_from_the_list_or_the_index_is_text(bulk: Page) -> None:
    check(bulk, f"{MARKUP}\n<b>乙</b>公司")
    says(bulk, "查到 1 行")
    assert [row[1] for row in rows(bulk)] == [MARKUP, "<b>乙</b>公司"]
    assert bulk.locator("#bulk-rows :is(img, b)").count() == 0
    assert bulk.title() != "hit"


def test_the_column_is_chosen_and_can_be_changed(bulk: Page) -> None:
    book = workbook(
        [
            ["2026年企业名单"],
            ["序号", "企业名称", "统一社会信用代码", "地址"],
            [1, "示例甲有限公司", CODE, "示例市示例区示例路1号"],
            [None, None, None, None],
            [2, "示例乙有限公司", None, "示例市示例区示例路2号"],
        ]
    )
    choose(bulk, "名单.xlsx", book)
    says(bulk, "已读取“名单.xlsx”，共 4 行")
    column = bulk.get_by_label("核查哪一列")
    assert column.locator("option").all_inner_texts() == [
        "A · 序号", "B · 企业名称", "C · 统一社会信用代码", "D · 地址"
    ]  # fmt: skip
    expect(column).to_have_value("2")
    expect(bulk.get_by_label("前 2 行是标题，不核查")).to_be_checked()
    check(bulk)
    says(bulk, "共核查 1 行：查到 1 行", "有 1 行所选列为空，没有核查。")
    column.select_option("1")
    expect(bulk.locator("#bulk-results")).to_be_hidden()
    check(bulk)
    says(bulk, "共核查 2 行：查到 1 行，未查到 1 行。")
    assert [row[0] for row in rows(bulk)] == ["3", "5"]  # as the workbook numbers them
    bulk.get_by_label("前 2 行是标题，不核查").uncheck()
    check(bulk)
    says(bulk, "共核查 3 行", "有 1 行所选列为空")


def test_names_are_chosen_where_hardly_any_row_has_a_code(bulk: Page) -> None:
    text = "电话\t法定代表人\t单位\t代码\n" + "".join(f"0990123456{n}\t王某某\t示例{n}有限公司\t\n" for n in range(9))
    bulk.get_by_label("名单", exact=True).fill(f"{text}09901234567\t李某某\t示例甲有限公司\t{CODE}\n")
    expect(bulk.get_by_label("核查哪一列")).to_have_value("2")


def test_a_file_takes_the_place_of_what_was_typed_and_the_other_way_round(bulk: Page) -> None:
    box = bulk.get_by_label("名单", exact=True)
    box.fill("示例甲有限公司")
    choose(bulk, "a.txt", "乙公司\n丙公司".encode())
    says(bulk, "已读取“a.txt”，共 2 行")
    expect(box).to_have_value("")
    check(bulk)
    says(bulk, "共核查 2 行")
    check(bulk, "示例甲有限公司")
    says(bulk, "共核查 1 行：查到 1 行")
    expect(bulk.get_by_label("或者选择文件")).to_have_value("")
    bulk.get_by_role("button", name="清空").click()
    expect(bulk.locator("#bulk-results")).to_be_hidden()
    expect(bulk.get_by_role("status")).to_have_text("")
    check(bulk)
    says(bulk, "没有可以核查的内容")
    expect(box).to_be_focused()


def test_a_file_can_be_dropped(bulk: Page) -> None:
    data = bulk.evaluate_handle(
        """() => { const data = new DataTransfer();
        data.items.add(new File(["乙公司\\n丙公司"], "拖.csv")); return data }"""
    )
    for event in ("dragover", "drop"):
        bulk.dispatch_event("#bulk-text", event, {"dataTransfer": data})
    says(bulk, "已读取“拖.csv”，共 2 行")


def test_the_list_may_be_longer_than_what_is_checked(bulk: Page, tmp_path: Path) -> None:
    choose(bulk, "长.txt", ("企业名称\n" + "".join(f"第{n}公司\n" for n in range(10_001))).encode("gb18030"))
    check(bulk)
    says(bulk, "共核查 10000 行：查到 0 行", "名单超过 10,000 行，只核查了前 10,000 行。")
    assert len(rows(bulk)) == 200
    bulk.get_by_role("button", name="显示更多（已显示 200 行，共 10000 行）").click()
    expect(bulk.locator("#bulk-rows tr").nth(200)).to_be_focused()
    assert len(rows(bulk)) == 400
    assert len(saved(bulk, tmp_path)) == 10_001
    bulk.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert len(rows(bulk)) == 10_000


def test_progress_is_shown_and_an_older_check_gives_way(bulk: Page) -> None:
    bulk.evaluate("void (globalThis.pause = () => new Promise((go) => (globalThis.go = go)))")
    check(bulk, "示例甲有限公司\n乙公司\n丙公司\n丁公司")
    says(bulk, "正在核查：0 / 4")
    expect(bulk.get_by_role("progressbar", name="核查进度")).to_be_visible()
    bulk.evaluate("globalThis.go()")
    says(bulk, "正在核查：1 / 4")
    bulk.evaluate("globalThis.pause = null")
    check(bulk, "乙公司")
    says(bulk, "共核查 1 行")
    bulk.evaluate("globalThis.go()")
    bulk.wait_for_timeout(100)
    says(bulk, "共核查 1 行")
    expect(bulk.get_by_role("progressbar")).to_be_hidden()


@pytest.mark.parametrize(("fault", "told"), [("gone", "网站已更新，请刷新页面"), ("broken", "索引加载失败")])
def test_a_lookup_that_fails_is_told_and_can_be_tried_again(bulk: Page, fault: str, told: str) -> None:
    bulk.evaluate(f"globalThis.fault = '{fault}'")
    check(bulk, "示例甲有限公司")
    says(bulk, told)
    expect(bulk.locator("#bulk-results")).to_be_hidden()
    bulk.evaluate("globalThis.fault = null")
    check(bulk)
    says(bulk, "查到 1 行")
    assert len(bulk.evaluate("globalThis.opened")) == 2


def test_the_keyboard_alone_will_do(bulk: Page) -> None:
    bulk.get_by_label("名单", exact=True).focus()
    bulk.keyboard.insert_text("示例甲有限公司\n乙公司")
    expect(bulk.get_by_label("核查哪一列")).to_be_visible()
    seen = []
    for _ in range(5):
        bulk.keyboard.press("Tab")
        seen.append(bulk.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert seen[:3] == ["bulk-file", "bulk-column", "bulk-header"]
    bulk.keyboard.press("Shift+Tab")
    bulk.keyboard.press("Enter")
    says(bulk, "共核查 2 行")
    bulk.keyboard.press("Tab")
    bulk.keyboard.press("ArrowRight")
    expect(bulk.locator("#bulk-matched")).to_be_checked()
    assert len(rows(bulk)) == 1


@pytest.mark.parametrize("width", [360, 390, 800, 1280])
def test_results_fit_the_window(bulk: Page, width: int) -> None:
    bulk.set_viewport_size({"width": width, "height": 800})
    check(bulk, f"示例甲有限公司\n{'很长的名称' * 15}有限公司\n{WRONG}\n同名商店")
    says(bulk, "共核查 4 行")
    assert bulk.evaluate("document.documentElement.scrollWidth") <= width
    region: Locator = bulk.get_by_role("region", name="名单中每一行的核查结果")
    expect(region.get_by_role("table")).to_be_visible()
    assert region.get_by_role("rowheader").count() == 5
    assert region.get_by_role("columnheader").count() == 6


def test_without_javascript_the_page_says_so(current: Path, served: Callable[[Path], str], chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served(current) + urls.BULK)
    expect(page.locator("noscript .notice")).to_be_visible()
    expect(page.locator("#bulk-form")).to_be_hidden()
    expect(page.get_by_text("未查到不等于没有")).to_be_visible()
    context.close()

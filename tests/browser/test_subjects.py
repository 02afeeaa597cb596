"""The lookup of the bulk check on a real index: every whole name and code, in any spelling, and nothing else."""

import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

from publish import urls
from publish.derive.folding import fold_text
from publish.derive.search.scale import Scale
from publish.derive.search.stage import derive_search
from publish.executors import SerialExecutor
from publish.model.public import PublicTable
from tests.bench.corpus import penalties
from tests.browser.conftest import Serve
from tests.searchkit import files_of, table_of, write_site

TODAY = date(2026, 11, 20)
TWO_RUNS = Scale(subject_rows=40, known_rows=60, node=5, monthly=1, divided=1)
FIND = """async (entries) => {
  const { Subjects } = await import("/static/js/search-subjects.js");
  const subjects = await Subjects.open(new URL("/search/index/root.gz", location).href);
  const told = [];
  const found = await subjects.find(entries, (done, total) => told.push([done, total]));
  return { found, told };
}"""
CODES = [f"91990100MA000{number:04}X" for number in range(7)]


def small() -> PublicTable:
    ended = date(2026, 11, 19)
    rows: list[dict[str, object]] = [
        {"_subject": "甲（汀澜）公司", "_code": CODES[0], "_kind": "organisation", "_date": date(2026, 5, 1)},
        {"_subject": "甲公司", "_code": CODES[0], "_kind": "organisation", "_date": date(2025, 5, 1)},
        {"_subject": "同名公司", "_code": CODES[1], "_kind": "organisation"},
        {"_subject": "同名公司", "_code": CODES[2], "_kind": "organisation"},
        {"_subject": "同名公司", "_code": None, "_kind": "sole_trader", "_date": date(2026, 1, 1)},
        {"_subject": "臺灣機械廠", "_code": CODES[3], "_kind": "organisation"},
        {"_subject": "昨日到期公司", "_code": CODES[4], "_kind": "organisation", "_until": ended},
        {"_subject": None, "_code": CODES[5], "_kind": "organisation"},
        {"_subject": "INTERNATIONALTRADE", "_code": CODES[6], "_kind": "organisation"},  # 18 letters, as a code has
        {"_subject": "张**", "_code": None, "_kind": "natural_person"},
    ]
    return table_of("penalties", "行政处罚", [{"_title": f"第{n}号", **row} for n, row in enumerate(rows)])


def opened(page: Page, address: str) -> Page:
    page.clock.set_fixed_time(datetime(2026, 11, 20, 4, tzinfo=UTC))
    page.goto(address + urls.SEARCH)
    return page


def found(page: Page, entries: list[str]) -> list[list[tuple[str, str | None, tuple[str, ...]]]]:
    answer = page.evaluate(FIND, entries)["found"]
    return [sorted((one["name"], one["code"], tuple(one["datasets"])) for one in subjects) for subjects in answer]


def test_names_and_codes_in_any_spelling_and_nothing_that_has_ended(tmp_path: Path, served: Serve, page: Page) -> None:
    index = derive_search([small()], [], SerialExecutor(), tmp_path, TODAY)
    opened(page, served(write_site(tmp_path / "site", index, {})))
    of = ("行政处罚",)
    first = [("甲（汀澜）公司", CODES[0], of)]
    cases: list[tuple[str, list[tuple[str, str | None, tuple[str, ...]]]]] = [
        ("甲(汀澜)公司", first),
        ("甲公司", first),  # an older name of the same subject
        (CODES[0].lower(), first),
        ("台湾机械厂", [("臺灣機械廠", CODES[3], of)]),
        ("臺灣機械廠", [("臺灣機械廠", CODES[3], of)]),
        (CODES[5], [(CODES[5], CODES[5], of)]),
        ("International Trade", [("INTERNATIONALTRADE", CODES[6], of)]),
        ("昨日到期公司", []),
        (CODES[4], []),
        ("张**", []),
        ("甲", []),
        ("同名", []),
        ("91990100MA0099999X", []),
        ("", []),
    ]
    assert found(page, [text for text, _ in cases]) == [wanted for _, wanted in cases]
    (same,) = page.evaluate(FIND, ["同名公司"])["found"]
    assert {one["url"].split("/")[1] for one in same} == {"s", "r"}
    assert {one["code"] for one in same} == {CODES[1], CODES[2], None}


@pytest.fixture(scope="module")
def corpus() -> PublicTable:
    return penalties(4000)


def test_every_subject_of_a_table_in_two_runs_is_found(
    corpus: PublicTable, tmp_path: Path, served: Serve, page: Page
) -> None:
    index = derive_search([corpus], [], SerialExecutor(), tmp_path, TODAY, scale=TWO_RUNS)
    opened(page, served(write_site(tmp_path / "site", index, {})))
    rows = corpus.frame.filter(corpus.frame["_code"].is_not_null()).select("_subject", "_code").unique().rows()
    sample = random.Random(3).sample(sorted(rows), 700)
    entries = [text for name, code in sample for text in (name, code)]
    answer = page.evaluate(FIND, entries)
    assert answer["told"][-1] == [len(entries), len(entries)]
    by_name: dict[str, set[str]] = {}
    for name, code in rows:
        by_name.setdefault(fold_text(name), set()).add(code)
    for entry, subjects in zip(entries, answer["found"], strict=True):
        codes = {one["code"] for one in subjects}
        assert codes == by_name.get(fold_text(entry), {entry}), entry


def test_no_address_holds_what_was_typed(corpus: PublicTable, tmp_path: Path, served: Serve, page: Page) -> None:
    """All that is asked for are files of the index, as they are named there."""
    index = derive_search([corpus], [], SerialExecutor(), tmp_path, TODAY, scale=TWO_RUNS)
    opened(page, served(write_site(tmp_path / "site", index, {})))
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.evaluate(FIND, ["查无此人公司", "91990100MA0099999X"])
    fetched = [request for request in asked if urls.SEARCH_INDEX in request.url]
    assert fetched
    assert all(request.post_data is None and "?" not in request.url for request in fetched)
    assert {request.url for request in fetched} < {page.url.split("/search/")[0] + url for url in files_of(index)}

"""The bench of searches on a slow link: its figures are all there, and the link is slow. Never how fast anything is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.bench import bench_search_browser as bench
from tests.bench.bench_search import queries
from tests.bench.corpus import penalties
from tests.bench.slow_link import Link
from tests.browser.conftest import WAIT, serving

LINK = Link(20, 10)
LEADING_ON = "document number"
NAMES = "part of a name, 3"
KINDS = (LEADING_ON, NAMES)


@pytest.fixture(scope="module")
def figures(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("latency")
    table = penalties(2000)
    bench.write_pages(table, folder, 1)
    asked = {kind: queries(table)[kind][:2] for kind in KINDS} | {"nothing": ["没有这样的名字", "也没有这样的"]}
    return dict(bench.measure(chromium, folder / "site", asked, LINK, WAIT))


def both(figures: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, of_kind in figures["queries"].items():
        yield from ((kind, of_kind["cold"]), (kind, of_kind["warm"]))


def test_every_kind_is_asked_cold_and_warm_and_ends(figures: dict[str, Any]) -> None:
    assert set(figures["queries"]) == {*KINDS, "nothing"}
    for _, asked in both(figures):
        assert (asked["asked"], asked["failed"], asked["timed_out"]) == (2, 0, 0)
        assert len(asked["settled_ms"]) == len(asked["requests"]) == len(asked["kb"]) == 2
        assert asked["settled_ms"][0] > 0
    assert figures["prefetched"]["of_pages"] == 6
    assert 0 <= figures["prefetched"]["root"] <= 6


def test_what_is_found_is_told_apart_from_what_leads_on_and_from_nothing(figures: dict[str, Any]) -> None:
    for kind, asked in both(figures):
        assert (asked["led_on"], asked["none"]) == {LEADING_ON: (2, 0), "nothing": (0, 2)}.get(kind, (0, 0))
        assert (asked["first_result_ms"] is None) == (kind == "nothing")
        if kind == NAMES:
            assert asked["hits"][0] >= 1
            assert asked["first_result_ms"][0] <= asked["settled_ms"][0]


def test_a_cold_query_fetches_files_of_the_index(figures: dict[str, Any]) -> None:
    for of_kind in figures["queries"].values():
        assert of_kind["cold"]["requests_in_all"][0] >= max(1, of_kind["cold"]["requests"][0])
        assert of_kind["cold"]["kb_in_all"][0] > 0


def test_the_round_trip_is_applied(figures: dict[str, Any]) -> None:
    seen = figures["link"]["seen"]
    assert seen["one_ms"] >= LINK.rtt_ms - 1  # the page's clock is rounded
    assert seen["two_in_turn_ms"] >= 2 * LINK.rtt_ms - 1


def test_a_link_that_is_not_slow_is_noticed(chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>x</title>", encoding="utf-8")
    (tmp_path / "favicon.ico").touch()
    context = chromium.new_context()
    with serving(tmp_path) as address:
        page = context.new_page()
        page.goto(address)
        with pytest.raises(RuntimeError, match="not simulated"):
            Link(2000, 10).applied(page, "/favicon.ico", "/favicon.ico")
        context.close()

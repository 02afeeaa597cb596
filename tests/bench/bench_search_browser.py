"""Cold and warm searches in Chromium on a link with a round trip, from static files of generated penalties.

    python -m tests.bench.bench_search_browser --rows 1000000 --rtt-ms 50

Prints one JSON line. Each query is asked in a browser that has nothing in its cache: it opens the search page, goes
into its field and waits until nothing is fetched any more (what it has fetched of the index until then is
`prefetched`). Then the text is put in as one piece and Enter is pressed: nothing is gained while somebody types
(`early`: how often the search began before Enter after all). Times are the page's own (performance.now(), from the
time of the key to the change of the list, before it is painted). `first_result_ms`: until the first new result is in
the list; `settled_ms`: until the list is no longer busy. A whole code or number leads to its page instead (`led_on`):
both times end where the browser is sent there, and the page itself, one round trip more, is not fetched. Then another
query of the kind is asked in the same page: `warm`. Numbers in brackets are [median, most]. `requests` and `kb` are
those of files of the index after Enter, until nothing more is fetched; those `in_all` have what was prefetched, too.
`kb` has the headers of responses, about 0.6 each. `none`: found nothing; `failed`: the page said that something is
broken, or did not stop fetching. How the link is simulated: tests/bench/slow_link.py.
"""

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from publish import urls
from publish.derive.search.stage import derive_search
from publish.executors import make_executor
from publish.model.public import PublicTable
from tests.bench.bench_search import AS_OF, queries
from tests.bench.corpus import penalties
from tests.bench.peers_asking import chromium
from tests.bench.slow_link import Fetched, Link, Traffic
from tests.browser.conftest import FLAGS, serving
from tests.searchkit import TEXTS, put, write_site

INDEX: Final = "/search/index/"
_SMALL, _LARGE = "/bench-small.txt", "/bench-large.txt"
_WATCH: Final = """() => {
    window.asked?.stop();
    const list = document.getElementById("search-results");
    const asked = { early: false, first: null, settled: null, ledOn: false, hits: 0 };
    let begun = null;
    const settle = (ledOn) => {
        asked.settled = performance.now() - begun;
        asked.ledOn = ledOn;
        asked.hits = ledOn ? 0 : list.querySelectorAll("li").length;
        asked.first ??= asked.hits || ledOn ? asked.settled : null;
        asked.stop();
    };
    const observer = new MutationObserver((changes) => {
        const isBusy = list.getAttribute("aria-busy") === "true";
        if (begun === null) {
            asked.early ||= isBusy;
            return;
        }
        const isNew = (change) => [...change.addedNodes].some((node) => node.localName === "li");
        if (asked.first === null && changes.some(isNew)) {
            asked.first = performance.now() - begun;
        }
        if (!isBusy && changes.some((change) => change.type === "attributes")) {
            settle(false);
        }
    });
    const pressed = (event) => {
        if (event.key === "Enter") {
            begun ??= event.timeStamp;
        }
    };
    const leaving = (event) => {
        if (!event.destination.sameDocument && begun !== null) {
            event.preventDefault(); // the page is needed for the next query
            settle(true);
        }
    };
    asked.stop = () => {
        observer.disconnect();
        removeEventListener("keydown", pressed, true);
        navigation.removeEventListener("navigate", leaving);
    };
    observer.observe(list, { childList: true, attributes: true, attributeFilter: ["aria-busy"] });
    addEventListener("keydown", pressed, true);
    navigation.addEventListener("navigate", leaving);
    window.asked = asked;
}"""
# The reader's day is that of the index: a page that is older than its season believes less of it, and looks longer.
_DAY: Final = f"""(() => {{
    const day = Date.parse("{AS_OF.isoformat()}T04:00:00Z");
    const Plain = Date;
    globalThis.Date = class extends Plain {{
        constructor(...given) {{ super(...(given.length ? given : [day])); }}
        static now() {{ return day; }}
    }};
}})()"""
_ASKED: Final = "() => window.asked.settled !== null && window.asked"


@dataclass(frozen=True)
class Answer:
    """What became of a query; times in ms, None where they did not come."""

    first: float | None
    settled: float | None
    hits: int
    led_on: bool
    early: bool
    failed: bool
    files: Sequence[Fetched]


@dataclass(frozen=True)
class Visit:
    """A page that was opened, a cold query, and a warm one unless the first took too long."""

    prefetched: Sequence[Fetched]
    cold: Answer
    warm: Answer | None


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rtt-ms", type=float, default=50)
    parser.add_argument("--mbit", type=float, default=10, help="megabits a second that come down")
    parser.add_argument("--queries", type=int, default=20, help="of each kind, 40 at most")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for a query")
    wanted = parser.parse_args()
    link = Link(wanted.rtt_ms, wanted.mbit)
    with tempfile.TemporaryDirectory(prefix="bench-search-browser-") as scratch:
        table = penalties(wanted.rows)
        write_pages(table, Path(scratch), wanted.workers)
        asked = {kind: texts[: wanted.queries] for kind, texts in queries(table).items()}
        del table
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
            figures = measure(browser, Path(scratch) / "site", asked, link, wanted.timeout * 1000)
            browser.close()
    print(json.dumps({"rows": wanted.rows, "load": os.getloadavg()[0]} | figures, ensure_ascii=False))


def write_pages(table: PublicTable, folder: Path, workers: int) -> None:
    """Write a search page and the index of the table into `folder`/site."""
    with make_executor(workers) as executor:
        index = derive_search([table], [], executor, folder, AS_OF)
    site = write_site(folder / "site", index, {table.info.slug: table.info.title})
    put(site, _SMALL, b"x")
    put(site, _LARGE, os.urandom(500_000))


def measure(
    browser: Browser, site: Path, asked: Mapping[str, Sequence[str]], link: Link, most_ms: float
) -> dict[str, object]:
    """Ask every query on this link; `most_ms` bounds each. Figures by kind."""
    with serving(site) as address:
        with _opened(browser, address, link, most_ms) as (page, _):
            applied = link.applied(page, _SMALL, _LARGE)
        visits = {
            kind: [
                _visit(browser, address, (text, texts[(place + 1) % len(texts)]), link, most_ms)
                for place, text in enumerate(texts)
            ]
            for kind, texts in asked.items()
        }
    every = [visit.prefetched for of_kind in visits.values() for visit in of_kind]
    return {
        "browser": f"Chromium {browser.version}",
        "link": {"rtt_ms": link.rtt_ms, "mbit": link.mbit, "seen": applied},
        "prefetched": {
            "root": sum(any(file.url == address + urls.SEARCH_ROOT for file in files) for files in every),
            "of_pages": len(every),
            "files": _middle_and_most([len(files) for files in every]),
            "kb": _middle_and_most([_kilobytes(files) for files in every]),
        },
        "queries": {kind: summary(of_kind) for kind, of_kind in visits.items()},
    }


def summary(visits: Sequence[Visit]) -> dict[str, object]:
    """Figures of a kind: of the cold queries and of the warm ones."""
    in_all = [[*visit.prefetched, *visit.cold.files] for visit in visits]
    warm = [visit.warm for visit in visits if visit.warm]
    cold = _figures([visit.cold for visit in visits]) | {
        "requests_in_all": _middle_and_most([len(files) for files in in_all]),
        "kb_in_all": _middle_and_most([_kilobytes(files) for files in in_all]),
    }
    return {"cold": cold, "warm": _figures(warm)}


@contextmanager
def _opened(browser: Browser, address: str, link: Link, most_ms: float) -> Iterator[tuple[Page, Traffic]]:
    """The search page in a browser that has seen nothing yet, its field in focus, and nothing under way."""
    context = browser.new_context(locale="zh-CN")
    context.add_init_script(_DAY)
    context.set_default_timeout(most_ms)
    try:
        page = context.new_page()
        session, traffic = context.new_cdp_session(page), Traffic(address + INDEX)
        traffic.watch(session)
        link.simulate(session)
        page.goto(address + urls.SEARCH, wait_until="networkidle")
        page.locator("#q").focus()
        if not traffic.quiet(page):
            raise RuntimeError("the search page does not stop fetching before anything is asked")
        yield page, traffic
    finally:
        context.close()


def _visit(browser: Browser, address: str, texts: tuple[str, str], link: Link, most_ms: float) -> Visit:
    with _opened(browser, address, link, most_ms) as (page, traffic):
        prefetched = traffic.taken()
        cold = _ask(page, traffic, texts[0], most_ms)
        warm = _ask(page, traffic, texts[1], most_ms) if cold.settled is not None else None
        return Visit(prefetched, cold, warm)


def _ask(page: Page, traffic: Traffic, text: str, most_ms: float) -> Answer:
    """Put the text in and press Enter; what is fetched afterwards counts too, until the page is quiet."""
    page.evaluate(_WATCH)
    page.locator("#q").select_text()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")
    try:
        seen: dict[str, Any] = page.wait_for_function(_ASKED, timeout=most_ms).json_value()
    except TimeoutError:
        return Answer(None, None, 0, False, False, False, traffic.taken())
    is_quiet = traffic.quiet(page)
    failed = not is_quiet or page.locator("#search-status").text_content() in (TEXTS["error"], TEXTS["reload"])
    return Answer(seen["first"], seen["settled"], seen["hits"], seen["ledOn"], seen["early"], failed, traffic.taken())


def _figures(answers: Sequence[Answer]) -> dict[str, object]:
    ended = [answer for answer in answers if answer.settled is not None]
    return {
        "asked": len(answers),
        "first_result_ms": _middle_and_most([answer.first for answer in ended]),
        "settled_ms": _middle_and_most([answer.settled for answer in ended]),
        "requests": _middle_and_most([len(answer.files) for answer in answers]),
        "kb": _middle_and_most([_kilobytes(answer.files) for answer in answers]),
        "hits": _middle_and_most([answer.hits for answer in ended if not answer.led_on]),
        "led_on": sum(answer.led_on for answer in ended),
        "none": sum(not (answer.hits or answer.led_on or answer.failed) for answer in ended),
        "failed": sum(answer.failed for answer in ended),
        "timed_out": len(answers) - len(ended),
        "early": sum(answer.early for answer in ended),
    }


def _middle_and_most(values: Sequence[float | None]) -> list[float] | None:
    known = [value for value in values if value is not None]
    return [round(statistics.median(known), 1), round(max(known), 1)] if known else None


def _kilobytes(files: Sequence[Fetched]) -> float:
    return sum(file.bytes for file in files) / 1000


if __name__ == "__main__":
    main()

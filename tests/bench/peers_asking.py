"""Asking Pagefind in Chromium: a server that counts what it sends, one query in a fresh browser, figures of many."""

import re
import shutil
import statistics
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import IO, Any, Final

from playwright.sync_api import Browser, Page

from tests.browser.conftest import DEBIAN_CHROMIUM

SHOWN: Final = 10  # results on a page
MOST: Final = 1_000  # results of a query whose addresses are looked at
WAIT: Final = 120_000  # ms
_PROGRAM: Final = re.compile(r"/pagefind/(?:[^/]+\.js|wasm\.[^/]+)$")  # the rest is data: index, meta, fragments
_START: Final = """async () => {
    const begun = performance.now();
    window.pagefind = await import("/pagefind/pagefind.js");
    await window.pagefind.init();
    return performance.now() - begun;
}"""
_SEARCH: Final = """async (query) => {
    const begun = performance.now();
    window.found = (await window.pagefind.search(query)).results;
    return [performance.now() - begun, window.found.length];
}"""
_ADDRESSES: Final = """async ([from, to]) => {
    const begun = performance.now();
    const shown = await Promise.all(window.found.slice(from, to).map((result) => result.data()));
    return [performance.now() - begun, shown.map((data) => data.url)];
}"""
# What the server has sent: the path of each file and the length of its body.
Sent = list[tuple[str, int]]
Answer = Mapping[str, float | None]


def ask(browser: Browser, address: str, sent: Sent, query: str, wanted: set[str]) -> Answer:
    """One query in a browser that has seen nothing yet: bytes and milliseconds by step, and what it found."""
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(WAIT)
    try:
        page = context.new_page()
        page.goto(f"{address}/search.html")
        sent.clear()
        start_ms = page.evaluate(_START)
        search_ms, results = page.evaluate(_SEARCH, query)
        search_bytes, largest = _bytes(sent), max(size for _, size in sent)
        shown_ms, _ = page.evaluate(_ADDRESSES, [0, SHOWN])
        shown_bytes = _bytes(sent) - search_bytes
        program = [(path, size) for path, size in sent if _PROGRAM.search(path)]
        program_bytes, data_requests = _bytes(program), len(sent) - len(program)
        requests = len(sent)
        found = _keys_found(page, results)
        _, quoted = page.evaluate(_SEARCH, f'"{query}"')
        literal = _keys_found(page, quoted)
    finally:
        context.close()
    return {
        "bytes": search_bytes + shown_bytes,
        "data_bytes": search_bytes + shown_bytes - program_bytes,
        "program_bytes": program_bytes,
        "search_bytes": search_bytes,
        "shown_bytes": shown_bytes,
        "largest_file": largest,
        "requests": requests,
        "data_requests": data_requests,
        "ms": start_ms + search_ms + shown_ms,
        **found_of(wanted, found),
        "results": results,
        "recall_quoted": found_of(wanted, literal)["recall"],
    }


def found_of(wanted: set[str], found: set[str]) -> dict[str, float | None]:
    """How many were to be found, the share of them that was, and the share of what was found that was wanted."""
    return {
        "held": len(wanted),
        "recall": len(wanted & found) / len(wanted) if wanted else 1.0,
        "precision": len(wanted & found) / len(found) if found else None,
    }


def _bytes(sent: Sent) -> int:
    return sum(size for _, size in sent)


def _keys_found(page: Page, results: int) -> set[str]:
    """Keys of the first results, looked up a hundred at a time."""
    keys = set()
    for start in range(0, min(results, MOST), 100):
        _, addresses = page.evaluate(_ADDRESSES, [start, start + 100])
        keys |= {Path(address).stem for address in addresses}
    return keys


def summary(answers: Sequence[Answer]) -> dict[str, object]:
    """Medians and extremes over the queries of a kind; precision is that of the queries with results."""
    if not answers:
        return {"queries": 0}
    known = {name: [answer[name] for answer in answers] for name in answers[0]}
    column = {name: [value for value in values if value is not None] for name, values in known.items()}
    shares = [name for name in ("recall", "recall_quoted", "precision") if name in column]
    return {
        "queries": len(answers),
        **{name: round(statistics.mean(column[name]), 3) if column[name] else None for name in shares},
        "wanted_all_found": column["recall"].count(1),
        "nothing_found": column["recall"].count(0),
        "bytes_max": round(max(column["bytes"])),
        **{f"{name}_median": round(statistics.median(column[name])) for name in column if name not in shares},
        "results_max": round(max(column["results"])),
        "more_than_looked_at": sum(results > MOST for results in column["results"]),
    }


def chromium() -> str:
    """The browser, as the tests find it."""
    return shutil.which("chromium") or str(DEBIAN_CHROMIUM)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without a look-up of the host's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, sent: Sent, *args: Any, **kwargs: Any) -> None:
        self._sent = sent
        super().__init__(*args, **kwargs)

    def copyfile(self, source: IO[bytes], outputfile: IO[bytes]) -> None:  # type: ignore[override]
        data = source.read()
        self._sent.append((self.path, len(data)))
        outputfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(site: Path) -> Iterator[tuple[str, Sent]]:
    """Serve the folder; gives the address, and a list that gets every body sent."""
    sent: Sent = []
    server = _Server(("127.0.0.1", 0), partial(_Handler, sent, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

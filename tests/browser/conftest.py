"""The browser bench: Chromium, built sites on loopback, and pages that fail their test for any unexpected fault."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from publish import urls
from publish.release.serve import address_of, make_server
from tests.searchkit import STATIC, put

DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
# Chromium draws parts of its own window as pages, in a process for each; every test has a window. The last such flag
# counts, so those of Playwright's that may matter to a page are here as well.
_OFF = (
    "InitialWebUI", "WebUIReloadButton", "WebUIToolbar", "WebUILocationBar", "PreloadTopChromeWebUI",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "PaintHolding", "ThirdPartyStoragePartitioning", "OptimizationHints",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "PreconnectToSearch",
)  # fmt: skip
FLAGS = [
    f"--disable-features={','.join(_OFF)}",
    "--no-sandbox",  # tests may run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks for from elsewhere is not even looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
LOCALE, TIME_ZONE = "zh-CN", "America/Los_Angeles"  # whose day is seldom that of Beijing
WAIT = 10_000  # ms

Serve = Callable[[Path], str]


@dataclass
class Faults:
    """What went wrong in the pages of a test: console errors, exceptions, requests to another host."""

    found: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """This fault (regular expression) is part of the test, which fails if it does not come."""
        self._expected.append(re.compile(pattern))

    def watch(self, context: BrowserContext, hosts: set[str]) -> Callable[[], None]:
        """Collect the faults of every page of `context`, until what is returned is called; `hosts` are those that may
        be asked."""
        watched: dict[Any, Any] = {
            "console": self._console,
            "weberror": self._exception,
            "request": lambda request: self._request(request, hosts),
        }
        for event, handler in watched.items():
            context.on(event, handler)

        def end() -> None:
            for event, handler in watched.items():
                context.remove_listener(event, handler)

        return end

    def close(self) -> None:
        """Fail for faults that were not expected and for expected ones that did not come."""
        surprises = [fault for fault in self.found if not any(p.search(fault) for p in self._expected)]
        missing = [p.pattern for p in self._expected if not any(map(p.search, self.found))]
        if surprises or missing:
            pytest.fail(f"faults in the page: {surprises}; expected and not seen: {missing}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.found.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _exception(self, error: WebError) -> None:
        self.found.append(f"exception: {error.error}")

    def _request(self, request: Request, hosts: set[str]) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc not in hosts:
            self.found.append(f"request to another host: {request.url}")


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """Serve a folder on loopback, as `publish.release.serve` does: gives the address, without a slash at its end."""
    server = make_server(site, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield address_of(server).rstrip("/")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests. A machine without it fails the tests that need it: a skip would hide them."""
    found = shutil.which("chromium")
    path = Path(found) if found else DEBIAN_CHROMIUM
    if not path.exists():
        pytest.fail("no Chromium here: run `make browser`, or as root `apt-get install chromium fonts-noto-cjk`")
    expect.set_options(timeout=WAIT)  # of assertions; that of actions is set for each context
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def hosts() -> set[str]:
    """Hosts (with port) that the pages of this test may ask; `served` adds its own."""
    return set()


@pytest.fixture
def served(hosts: set[str]) -> Iterator[Serve]:
    """Serve a folder (a release, or the `current` of an output folder): gives the site's address, without a slash."""
    with ExitStack() as open_servers:

        def start(site: Path) -> str:
            address = open_servers.enter_context(serving(site))
            hosts.add(urlsplit(address).netloc)
            return address

        yield start


@pytest.fixture
def faults() -> Iterator[Faults]:
    """The faults of the test's pages; ask for it to expect some."""
    faults = Faults()
    yield faults
    faults.close()


@pytest.fixture(scope="module")
def page_of_file(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale=LOCALE, timezone_id=TIME_ZONE)
    context.set_default_timeout(WAIT)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_page(page_of_file: Page, faults: Faults, hosts: set[str]) -> Iterator[Page]:
    """A page, watched, for tests that call functions of modules and nothing else: it is the same for all of a file, of
    which each goes where it wants to. A profile and a process of its own for each would take most of the time."""
    end = faults.watch(page_of_file.context, hosts)
    try:
        yield page_of_file
        page_of_file.goto("about:blank")  # so that nothing comes later
    finally:
        end()


@pytest.fixture
def context(chromium: Browser, faults: Faults, hosts: set[str]) -> Iterator[BrowserContext]:
    """A fresh browser profile: Chinese, and in a time zone whose day is seldom that of Beijing."""
    context = chromium.new_context(locale=LOCALE, timezone_id=TIME_ZONE)
    context.set_default_timeout(WAIT)
    faults.watch(context, hosts)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page, watched."""
    return context.new_page()


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of an empty page and the scripts as they are written, for tests that import them."""
    site = tmp_path_factory.mktemp("modules")
    for path in (STATIC / "js").iterdir():
        put(site, urls.static(f"js/{path.name}"), path.read_bytes())
    put(site, "/", b"<!doctype html><title>x</title>")
    put(site, "/favicon.ico", b"")
    return site

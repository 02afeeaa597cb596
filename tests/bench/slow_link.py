"""A page on a slow link: what Chromium's simulation of one does, and what comes over it.

`Network.emulateNetworkConditions` of the DevTools protocol ("minimum latency from request sent to response headers
received") holds the beginning of each response back until the latency has passed since the request was sent; the time
of the server counts into it. Then all bodies together come in packets of 1,500 bytes at the throughput. So requests
in turn add up, and requests at once cost one latency, but not more than six at once go to a host that talks HTTP/1.1,
as ours does here: twelve cost two (with HTTP/2 they would not). What comes from the browser's cache costs nothing.
Not simulated: names, connections and TLS, slow start, loss. Uploads are not slowed down. `Link.applied` measures this
(one request 55 to 58 ms at 50 ms, two in turn 110 to 116, six at once 60 to 78, twelve 117 to 157; 10 Mbit/s give 8.5),
and fails where the latency is not there. What a worker of the page fetches is neither slowed down nor counted:
`Traffic.quiet` fails for a page that has one.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import CDPSession, Page

QUIET: Final = 250  # ms without a request, after which nothing more is expected
_STEP: Final = 20  # ms
_APPLIED: Final = """async ([address, large]) => {
    const get = async (url) => (await fetch(url, { cache: "no-store" })).arrayBuffer();
    const timed = async (work) => {
        const begun = performance.now();
        await work();
        return Math.round((performance.now() - begun) * 10) / 10;
    };
    const inTurn = (count) => timed(async () => {
        for (let at = 0; at < count; at += 1) {
            await get(address);
        }
    });
    // Under addresses of their own: the browser lets the second of two that are the same wait for the first.
    const atOnce = (count) => timed(() =>
        Promise.all(Array.from({ length: count }, (_, at) => get(`${address}?${count}-${at}`))));
    await atOnce(6); // opens the connections
    return {
        one_ms: await inTurn(1),
        two_in_turn_ms: await inTurn(2),
        six_at_once_ms: await atOnce(6),
        twelve_at_once_ms: await atOnce(12),
        large_ms: await timed(() => get(large)),
    };
}"""


@dataclass(frozen=True)
class Link:
    """A round trip in ms and how many megabits a second come down."""

    rtt_ms: float
    mbit: float

    def simulate(self, session: CDPSession) -> None:
        """Slow down the page of this session."""
        conditions = {"offline": False, "latency": self.rtt_ms, "uploadThroughput": -1}
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", conditions | {"downloadThroughput": self.mbit * 125_000})

    def applied(self, page: Page, small: str, large: str) -> dict[str, float]:
        """Times of a small file fetched once, in turn and at once, and of a large one, by the page's own clock.

        Raises RuntimeError if requests take less than their round trips.
        """
        times: dict[str, float] = page.evaluate(_APPLIED, [small, large])
        if times["one_ms"] < self.rtt_ms - 1 or times["two_in_turn_ms"] < 2 * self.rtt_ms - 1:
            raise RuntimeError(f"the round trip of {self.rtt_ms} ms is not simulated: {times}")
        return times


@dataclass
class Fetched:
    """A request that went to the server, and the bytes of its response, headers too."""

    url: str
    bytes: float = 0


@dataclass
class Traffic:
    """What a page asks its server for: files below an address."""

    below: str
    files: list[Fetched] = field(default_factory=list)
    _under_way: dict[str, Fetched] = field(default_factory=dict)
    _cached: set[str] = field(default_factory=set)
    _last: float = 0.0

    def watch(self, session: CDPSession) -> None:
        """Count from now on what the page of this session fetches."""
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.requestServedFromCache", lambda event: self._cached.add(event["requestId"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._ended)
        session.on("Network.loadingFailed", self._ended)

    def taken(self) -> list[Fetched]:
        """The files since the last time this was asked."""
        files, self.files = self.files, []
        return files

    def quiet(self, page: Page, quiet_ms: int = QUIET, most_ms: int = 60_000) -> bool:
        """Wait until nothing is under way, and nothing was for a while; False if that does not come."""
        if page.workers:
            raise RuntimeError("the page has a worker, whose requests are neither slowed down nor counted")
        begun = self._last = time.monotonic()
        while self._under_way or time.monotonic() - self._last < quiet_ms / 1000:
            if time.monotonic() - begun > most_ms / 1000:
                return False
            page.wait_for_timeout(_STEP)
        return True

    def _sent(self, event: dict[str, Any]) -> None:
        self._last = time.monotonic()
        self._under_way[event["requestId"]] = Fetched(event["request"]["url"])

    def _answered(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._cached.add(event["requestId"])

    def _ended(self, event: dict[str, Any]) -> None:
        self._last = time.monotonic()
        fetched = self._under_way.pop(event["requestId"], None)
        if fetched and event["requestId"] not in self._cached and fetched.url.startswith(self.below):
            fetched.bytes = event.get("encodedDataLength", 0)
            self.files.append(fetched)

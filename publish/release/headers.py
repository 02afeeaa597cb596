"""The response headers of every address: for our own server, and as a `_headers` file for static hosts.

One table of patterns, in which `*` stands for any characters and `:name` for one segment of a path. Hosts apply every
matching rule and join values of the same header with commas (so say the documents of Cloudflare Pages and Sevalla), so
for any address at most one rule may set a header; a test holds the table to it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from publish import urls

_YEAR = 31_536_000

# Nothing from elsewhere, nothing inline, no frames: invariant 11 in ARCHITECTURE.md.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# What hosts of static sites send by themselves for what no rule names, and we with them: ask again each time, so that
# a page that has expired is not shown from a cache.
REVALIDATE = "public, max-age=0, must-revalidate"
IMMUTABLE = f"public, max-age={_YEAR}, immutable"
STRICT_TRANSPORT = ("Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains")

_CONTENT_TYPES: Mapping[str, str] = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".ndjson": "application/x-ndjson; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".rss": "application/rss+xml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttl": "text/turtle; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml; charset=utf-8",
    "": "text/plain; charset=utf-8",  # SHA256SUMS
}
_UNKNOWN_TYPE = "application/octet-stream"
# What hosts know by themselves, also at addresses without the suffix.
_KNOWN_TO_HOSTS = frozenset({".html", ".css", ".js", ".json", ".png", ".svg", ".ico", ".woff2", ""})

_WILD: Mapping[str, str] = {"*": ".*", ":": "[^/]+"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Headers of all addresses that match `pattern`."""

    pattern: str
    headers: Mapping[str, str]

    def covers(self, path: str) -> bool:
        """Whether the rule is for this path."""
        pieces = re.split(r"(\*|:[a-z]+)", self.pattern)
        pattern = "".join(_WILD.get(piece[:1], re.escape(piece)) for piece in pieces)
        return re.fullmatch(pattern, path) is not None


RULES: tuple[Rule, ...] = (
    Rule(
        "/*",
        {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    ),
    # /static/<hash>/js/search.js, not /static/js/search.js: without a hash in the address a file may change.
    Rule(f"{urls.STATIC}:hash/:kind/:file", {"Cache-Control": IMMUTABLE}),
    # Shards are named by a hash; the root beside them is not, and no hexadecimal digit begins its name.
    *(Rule(f"{urls.SEARCH_INDEX}{digit}*", {"Cache-Control": IMMUTABLE}) for digit in "0123456789abcdef"),
    Rule("/data/*", {"Content-Disposition": "attachment"}),
    Rule("/exits/*.csv", {"Content-Disposition": "attachment", "X-Robots-Tag": "noindex"}),
    # Pages of exits say it themselves, each for itself.
    Rule("/exits/*.json", {"X-Robots-Tag": "noindex"}),
    Rule("/exits/*.atom", {"X-Robots-Tag": "noindex"}),
    Rule("/leaving/*", {"X-Robots-Tag": "noindex"}),
)


def headers_for(path: str, *, https: bool = False) -> dict[str, str]:
    """Headers of the answer for a URL path, whether or not there is such a file.

    `https` adds Strict-Transport-Security, which browsers ignore, and servers may not send, without it (RFC 6797, 7.2).
    """
    headers = {"Content-Type": content_type(path), "Cache-Control": REVALIDATE}
    for rule in RULES:
        if rule.covers(path):
            headers |= rule.headers
    if https:
        headers |= [STRICT_TRANSPORT]
    return headers


def content_type(path: str) -> str:
    """Media type of what is at a URL path, with its encoding where the type has one."""
    return _CONTENT_TYPES.get(PurePosixPath(urls.file_of(path)).suffix, _UNKNOWN_TYPE)


def headers_file() -> str:
    """The table as a `_headers` file, for hosts that serve over https only."""
    types = [
        Rule(f"/*{suffix}", {"Content-Type": media_type})
        for suffix, media_type in _CONTENT_TYPES.items()
        if suffix not in _KNOWN_TO_HOSTS
    ]
    first, *others = RULES
    rules = [Rule(first.pattern, dict(first.headers) | dict([STRICT_TRANSPORT])), *others, *types]
    return "\n".join(_block(rule) for rule in rules)


def _block(rule: Rule) -> str:
    lines = [rule.pattern, *(f"  {name}: {value}" for name, value in rule.headers.items())]
    return "\n".join(lines) + "\n"

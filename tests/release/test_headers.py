"""Headers of addresses, and the same table as a `_headers` file."""

import re
from collections.abc import Mapping

import pytest

from publish import urls
from publish.release.headers import IMMUTABLE, REVALIDATE, RULES, headers_file, headers_for

KEY = "0123456789abcdef0123"
PATHS = [
    urls.HOME,
    urls.DATASETS,
    urls.dataset("penalties"),
    urls.listing("penalties", "2026-11", 2),
    urls.record(KEY),
    urls.subject("91990100MA0000001X"),
    urls.EXITS,
    urls.EXITS_JSON,
    urls.EXITS_CSV,
    urls.EXITS_ATOM,
    *(urls.exits_feed("penalties", suffix) for suffix in ("json", "csv", "atom")),
    urls.WITHDRAWALS,
    urls.RULES,
    urls.exits_of("penalties"),
    urls.exit_notice(KEY),
    urls.policy("measures"),
    urls.SEARCH,
    urls.SEARCH_ROOT,
    *(f"{urls.SEARCH_INDEX}{digit}123456789abcdef.json" for digit in "0123456789abcdef"),
    urls.leaving("https://www.example.org/"),
    *(urls.download("penalties", suffix) for suffix in dict.fromkeys((*urls.DOWNLOAD_NAMES, *urls.PACKED_NAMES))),
    urls.data_package("penalties"),
    urls.data_versions("penalties"),
    urls.CATALOG_JSONLD,
    "/catalog.ttl",
    urls.SITEMAP,
    urls.ROBOTS,
    urls.NOT_FOUND,
    urls.MANIFEST,
    urls.SHA256SUMS,
    urls.static("css/site.css"),
    urls.static("0123456789abcdef/js/search.js"),
]


def test_every_answer_is_guarded() -> None:
    for path in PATHS:
        headers = headers_for(path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert {"Permissions-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"} <= headers.keys()


def test_only_https_says_that_it_is_to_be_kept_to() -> None:
    assert "Strict-Transport-Security" not in headers_for("/")
    assert "max-age=31536000" in headers_for("/", https=True)["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("path", "cached"),
    [
        (urls.HOME, REVALIDATE),
        (urls.record(KEY), REVALIDATE),
        (urls.SEARCH_ROOT, REVALIDATE),
        (urls.SEARCH_INDEX + "f123456789abcdef.json", IMMUTABLE),
        (urls.static("js/search.js"), REVALIDATE),
        (urls.static("0123456789abcdef/js/search.js"), IMMUTABLE),
        (urls.download("penalties", "csv"), REVALIDATE),
    ],
)
def test_only_what_is_named_by_a_hash_is_cached_for_long(path: str, cached: str) -> None:
    assert headers_for(path)["Cache-Control"] == cached


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        (urls.HOME, "text/html; charset=utf-8"),
        (urls.policy("measures"), "text/html; charset=utf-8"),
        (urls.download("penalties", "csv"), "text/csv; charset=utf-8"),
        (urls.download("penalties", "excel.csv"), "text/csv; charset=utf-8"),
        (urls.download("penalties", "ndjson"), "application/x-ndjson; charset=utf-8"),
        (urls.download("penalties", "parquet"), "application/vnd.apache.parquet"),
        (urls.SHA256SUMS, "text/plain; charset=utf-8"),
        ("/data/x/latest/x.exe", "application/octet-stream"),
        (urls.static("js/search.js"), "text/javascript; charset=utf-8"),
    ],
)
def test_types_are_those_of_the_files(path: str, media_type: str) -> None:
    assert headers_for(path)["Content-Type"] == media_type


def test_downloads_are_saved_and_pages_are_shown() -> None:
    for suffix in (*urls.DOWNLOAD_NAMES, *urls.PACKED_NAMES):
        assert headers_for(urls.download("penalties", suffix))["Content-Disposition"] == "attachment"
    for path in (urls.EXITS_CSV, urls.exits_feed("penalties", "csv")):
        assert headers_for(path)["Content-Disposition"] == "attachment"
    assert "Content-Disposition" not in headers_for(urls.dataset("penalties"))


def test_feeds_of_exits_and_leaving_notices_are_kept_out_of_search_engines() -> None:
    """Pages of exits say themselves whether they are: a rule may let one be found."""
    for path in PATHS:
        kept_out = path.startswith("/leaving/") or (
            path.startswith("/exits/") and path.endswith(("json", "csv", "atom"))
        )
        assert (headers_for(path).get("X-Robots-Tag") == "noindex") == kept_out, path


@pytest.mark.parametrize("path", PATHS)
def test_no_header_is_set_twice(path: str) -> None:
    names = [name for rule in RULES if rule.covers(path) for name in rule.headers]
    assert len(names) == len(set(names)), "hosts would join the values with a comma"


def test_the_file_says_the_same_as_the_table() -> None:
    """Read as Cloudflare Pages documents it: every matching rule applies, values of one header are joined."""
    blocks = parsed(headers_file())
    assert len(blocks) <= 100, "the most rules that a host takes"
    for path in PATHS:
        sent: dict[str, str] = {}
        for pattern, headers in blocks.items():
            if matches(pattern, path):
                for name, value in headers.items():
                    sent[name] = f"{sent[name]}, {value}" if name in sent else value
        wanted = headers_for(path, https=True)
        assert sent.pop("Cache-Control", REVALIDATE) == wanted.pop("Cache-Control"), path
        assert sent.pop("Content-Type", wanted["Content-Type"]) == wanted.pop("Content-Type"), path
        assert sent == wanted, path


def parsed(text: str) -> Mapping[str, Mapping[str, str]]:
    blocks: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("/"):
            assert line not in blocks
            assert line.count("*") <= 1, "hosts allow one wildcard a rule"
            block = blocks.setdefault(line, {})
        elif line:
            assert len(line) <= 2000
            name, _, value = line.strip().partition(": ")
            block[name] = value
    return blocks


def matches(pattern: str, path: str) -> bool:
    segments = re.sub(r":\w+", "[^/]+", pattern.replace(".", r"\.").replace("*", ".*"))
    return re.fullmatch(segments, path) is not None

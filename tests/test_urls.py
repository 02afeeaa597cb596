"""Addresses are a contract."""

import pytest

from publish import urls


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/", "index.html"),
        ("/datasets/", "datasets/index.html"),
        ("/datasets/penalties/", "datasets/penalties/index.html"),
        (urls.listing("penalties", "2026-11"), "datasets/penalties/2026-11.html"),
        (urls.listing("penalties", "2026-11", 2), "datasets/penalties/2026-11-2.html"),
        (urls.record("0123456789abcdef0123"), "r/01/0123456789abcdef0123.html"),
        (urls.subject("914403001922038216"), "s/16/914403001922038216.html"),
        (urls.exit_notice("0123456789abcdef0123"), "exits/01/0123456789abcdef0123.html"),
        (urls.exits_of("penalties"), "exits/penalties.html"),
        (urls.policy("a-b") + "#art-30", "policies/a-b.html"),
        (urls.unit("00112233aabb"), "units/00112233aabb.html"),
        (urls.responsibilities("datapackage.json"), "data/responsibilities/datapackage.json"),
        (urls.SEARCH + "?q=x", "search/index.html"),
        (urls.download("penalties", "excel.csv"), "data/penalties/latest/penalties.excel.csv"),
    ],
)
def test_files(url: str, path: str) -> None:
    assert urls.file_of(url) == path


def test_a_comparison_has_one_address() -> None:
    assert urls.comparison("a", "b") == urls.comparison("b", "a") != urls.comparison("a", "c")
    assert urls.comparison("a", "b").startswith("/units/compare/")


def test_leaving_is_no_open_redirect() -> None:
    assert urls.leaving("https://a.example/") != urls.leaving("https://b.example/")
    assert "a.example" not in urls.leaving("https://a.example/")

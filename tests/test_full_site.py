"""tests/sites/full: everything that a site can have, in small, with the outcome worked out by hand."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from publish.model.report import BuildReport
from tests.sitekit import SITES, build_site, tree

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildReport, dict[str, bytes]]:
    out = tmp_path_factory.mktemp("full")
    report = build_site(SITES / "full", out, AS_OF)
    return report, tree(out / "current")


def table(files: dict[str, bytes], slug: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"data/{slug}/latest/{slug}.csv"].decode(), newline="")))


def test_counts(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    report, _ = built
    records = report.records
    assert (records.records, records.published, records.expired, records.pending) == (13, 7, 2, 1)
    assert records.exited == {"repaired": 1}
    assert records.withheld == {
        "national.licence.validity": 1,  # the licence whose end is blank
        "baseline.registration-number": 1,  # the sole trader with a placeholder for a code and no number
    }
    assert [issue.code for issue in report.issues] == ["repair.before-minimum"]


def test_the_strictest_profile_wins(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    """Serious entries are public for three years nationally, for six months in this town."""
    _, files = built
    assert [(row["name"], row["public_until"]) for row in table(files, "blacklist")] == [("甲公司", "2027-02-01")]


def test_licences_by_their_ends(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    """长期 and 2099-12-31 are no end, a person is masked, the pending and the expired are not there."""
    _, files = built
    assert [(row["holder"], row["public_until"]) for row in table(files, "licences")] == [
        ("甲公司", ""),
        ("丁公司", ""),
        ("李**", "2026-12-31"),
    ]


def test_exits(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    _, files = built
    exits = json.loads(files["exits/exits.json"])["exits"]
    assert [(e["subject"], e["left_on"], e["reason"], e["notice_until"]) for e in exits] == [
        ("乙公司", "2026-11-20", "expired", "2026-11-29"),
        ("丙公司", "2026-11-15", "repaired", "2026-11-24"),
        ("丁公司", "2026-11-11", "expired", "2026-11-20"),
    ]


def test_a_subject_page_gathers_all_lists(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    _, files = built
    page = files["s/16/914403001922038216.html"].decode()
    assert "Black list" in page
    assert "Licences" in page
    assert "Under objection" in page


def test_a_foreign_package_through_an_overlay(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    _, files = built
    assert {row["lot"] for row in table(files, "lots")} == {"1", "2"}
    assert {row["price"] for row in table(files, "lots")} == {"12,5", "", "7"}, "as written; - is a missing value"
    assert "for reference only" in files["datasets/lots/index.html"].decode()
    excel = files["data/lots/latest/lots.excel.csv"].decode("utf-8-sig")
    assert '"\'=SUM(A1)"' in excel
    assert '"\'@home"' in excel


def test_cells_are_escaped(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    _, files = built
    pages = [data.decode() for path, data in files.items() if path.endswith(".html")]
    assert any("&lt;b&gt;bold&lt;/b&gt;" in page for page in pages)
    assert not any("<b>bold" in page or "alert(" in page for page in pages)


def test_every_outside_link_has_its_notice(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    _, files = built
    notices = [data.decode() for path, data in files.items() if path.startswith("leaving/")]
    for address in ("help", "register", "lots", "cc0"):
        assert sum(f"https://elsewhere.example/{address}" in notice for notice in notices) == 1
    others = [data.decode() for path, data in files.items() if path.endswith(".html") and "leaving/" not in path]
    assert not any('href="https://elsewhere.example' in page for page in others)
    assert any('href="https://www.gov.cn/"' in page for page in others)


def test_listings_are_paged(built: tuple[BuildReport, dict[str, bytes]]) -> None:
    """listing_rows is 2, and all three lots are undated."""
    _, files = built
    assert "datasets/lots/undated.html" in files
    assert "datasets/lots/undated-2.html" in files


def test_the_site_is_unchanged_on_disk(tmp_path: Path) -> None:
    before = tree(SITES / "full")
    build_site(SITES / "full", tmp_path, AS_OF)
    assert tree(SITES / "full") == before

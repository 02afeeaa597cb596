"""explain, forecast, search and diff on whole sites: goldens, JSON, exit codes. Write: GONGSHI_GOLDEN=write pytest"""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publish import urls
from publish.cli import main
from tests.sitekit import SITES, build_site

GOLDEN = Path(__file__).resolve().parent / "golden" / "explain"
CASES = [("jiangsu", record, "2026-11-20") for record in ("P1", "P2", "P5", "B1", "B2", "B3", "B4", "B5", "R1")] + [
    ("gansu", "B1", "2026-11-20"),
    ("national", "B4", "2026-11-20"),
    ("jiangsu", "P4", "2025-12-01"),
]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sites")
    for profile in ("national", "jiangsu", "gansu"):
        shutil.copytree(SITES / "jurisdictions", folder / profile)
        settings = folder / profile / "content/site.yaml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("PROFILE", profile), encoding="utf-8")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize(("profile", "record", "day"), CASES)
def test_explain(sites: Path, profile: str, record: str, day: str) -> None:
    """The same record under another profile, or on another day, has another life."""
    root = str(sites / profile)
    result = run("explain", record, "--root", root, "--out", str(sites / "none"), "--as-of", day)
    assert result.exit_code == 0, result.output
    golden = GOLDEN / f"{profile}-{record}-{day}.txt"
    if os.environ.get("GONGSHI_GOLDEN") == "write":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(result.stdout, encoding="utf-8")
    assert result.stdout == golden.read_text(encoding="utf-8")
    for cell in ("澜有限公司", "钱大宝", "孙小圣", "示罚", "示列", "914403001922038216"):
        assert cell not in result.stdout


def test_explain_as_json(sites: Path) -> None:
    result = run("explain", "B4", "--root", str(sites / "jiangsu"), "--as-of", "2026-11-20", "--json")
    (told,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (told["outcome"], told["flag"], told["state"]) == ("public", "repair_notice", "repair_notice")
    assert told["until"] == "2026-11-25", "the last day of the notice"
    assert {"day", "event", "register", "row", "rule", "citation"} == set(told["timeline"][0])


def test_forecast(sites: Path) -> None:
    arguments = ["forecast", "--root", str(sites / "jiangsu"), "--as-of", "2026-11-20", "--days", "10"]
    result = run(*arguments)
    found = [line.split() for line in result.stdout.splitlines()]
    assert [(day, what, dataset, about) for day, what, dataset, _, about in found] == [
        ("2026-11-20", "due", "penalties", "correction"),
        ("2026-11-25", "due", "blacklist", "repair-notice"),
        ("2026-11-26", "due", "blacklist", "objection-review"),
        ("2026-11-26", "leaves", "blacklist", "repaired"),
    ]
    lines = [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]
    assert [entry["about"] for entry in lines] == ["correction", "repair-notice", "objection-review", "repaired"]
    assert lines[0]["day"] == "2026-11-20"
    assert "4 in the 10 days" in result.stderr


def test_diff(sites: Path, tmp_path: Path) -> None:
    """A week later one repair has run out and a record has come; the disputed one is as it was."""
    root, out = sites / "jiangsu", tmp_path / "out"
    build_site(root, out, date(2026, 11, 20))
    build_site(root, out, date(2026, 11, 27))
    result = run("diff", "2026-11-20", "current", "--out", str(out))
    assert result.stdout.splitlines() == ["blacklist  left  repaired: 1"]
    told = run("diff", "2026-11-20", "2026-11-27", "--out", str(out), "--json")
    (entry,) = [json.loads(line) for line in told.stdout.splitlines()]
    assert (entry["change"], entry["reason"], len(entry["keys"])) == ("left", "repaired", 1)
    with_keys = run("diff", "2026-11-20", "current", "--out", str(out), "--keys").stdout
    assert entry["keys"][0] in with_keys
    assert run("diff", "2026-11-20", "2020-01-01", "--out", str(out)).exit_code == 1


def search(site: str, query: str, *arguments: str, day: str = "2026-11-20") -> Result:
    return run("search", query, "--root", str(SITES / site), "--as-of", day, *arguments)


def test_search() -> None:
    """Records of all datasets, newest first, numbered, with what they are marked with."""
    result = search("full", "甲 主体:公司")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[:2] == ["1. 甲公司", "   甲公司  Black list (blacklist)  2026-08-01  [objection]"]
    assert lines[3:5] == ["2. 甲公司", "   甲公司  Licences (licences)  2026-01-31"]
    assert lines[-1] == "as of 2026-11-20: sections of policy documents: 0, records: 2"


def test_search_shows_the_words_around_a_match() -> None:
    assert "\n   违法事实: 未按规定公示年度报告\n" in search("minimal", "事由:公示 示例").stdout
    result = search("full", '"ENTRIES are" disclosed.', "--json")
    (told,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert told == {
        "title": "Example Measures 第一条",
        "url": "https://full.example/policies/measures.html#art-1",
        "date": "2026-01-05",
        "words": ["Entries are disclosed. See the register. Term…"],
        "subject": None,
        "dataset": None,
        "dataset_title": None,
        "flag": None,
    }
    assert "sections of policy documents: 1, records: 0" in result.stderr


@pytest.mark.parametrize(
    ("query", "day", "count"),
    [
        ("示例甲有限公司", "2026-11-20", 1),  # of its two records one is minor
        ("914403001922038216", "2026-11-20", 1),
        ("示例乙有限公司", "2026-11-20", 0),  # expired
        ("示例乙有限公司", "2026-01-01", 1),
        ("无证经营", "2026-11-20", 1),
        ("张三丰", "2026-11-20", 0),  # masked in name and text
        ("李某某", "2026-11-20", 0),  # no public field
        ("超出核准范围", "2026-11-20", 0),  # withheld
    ],
)
def test_search_reads_only_what_is_public_on_the_day(query: str, day: str, count: int) -> None:
    result = search("minimal", query, day=day)
    assert (result.exit_code, f", records: {count}" in result.stdout) == (0, True), result.output
    for cell in ("三丰", "李某某", "超出"):
        assert cell not in result.stdout


def test_search_leads_to_pages_of_the_site(tmp_path: Path) -> None:
    build_site(SITES / "full", tmp_path, date(2026, 11, 20))
    for query in ("公司", "Example", "李**"):
        lines = search("full", query, "--json").stdout.splitlines()
        assert lines, query
        for line in lines:
            url = json.loads(line)["url"]
            assert (tmp_path / "current" / urls.file_of(url.removeprefix("https://full.example"))).is_file(), url


def test_search_limits_what_it_prints_and_counts_all() -> None:
    result = search("full", "公司", "--limit", "2")
    assert "\n2. " in result.stdout
    assert "\n3. " not in result.stdout
    assert result.stdout.endswith("records: 3; --limit shows more than the first 2\n")


def test_search_for_too_little() -> None:
    for query in ("公", "", "主体:公", '" "', "name:x"):
        result = search("full", query)
        assert result.exit_code == 2, query
        assert "2 characters or more" in result.stderr
    assert search("bad-config-keys", "公司").exit_code == 1

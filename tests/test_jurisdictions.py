"""One site for each jurisdiction: the same acts, lists and registers lead to different pages."""

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.sitekit import SITES, build_site, tree

AS_OF = date(2026, 11, 20)
OBJECTION, NOTICE = "objection", "repair_notice"
NAMES = {"甲澜有限公司": "甲", "乙澜有限公司": "乙", "丙澜有限公司": "丙", "丁澜有限公司": "丁", "戊澜有限公司": "戊"}

# dataset -> {document number: mark}; what is not named is not shown. Worked out from the facts by hand.
P1, P2, P4 = "示罚〔2026〕1号", "示罚〔2026〕2号", "示罚〔2025〕4号"
B1, B2, B3, B4 = (f"示列〔2026〕{number}号" for number in (1, 2, 3, 4))
R1, R2 = "示励〔2026〕1号", "示励〔2026〕2号"
SHOWN: dict[str, dict[str, dict[str, str]]] = {
    "national": {"penalties": {P1: "", P2: "", P4: ""}, "blacklist": {B2: "", B3: ""}, "redlist": {R1: "", R2: ""}},
    "jiangsu": {
        "penalties": {P1: "", P4: ""},
        "blacklist": {B1: OBJECTION, B3: "", B4: NOTICE},
        "redlist": {R2: ""},
    },
    "gansu": {"penalties": {P1: "", P4: ""}, "blacklist": {B2: "", B3: ""}, "redlist": {R1: "", R2: ""}},
    "shanwei": {"penalties": {P1: "", P2: "", P4: ""}, "blacklist": {B2: "", B3: ""}, "redlist": {R1: "", R2: ""}},
    "pingdingshan": {"penalties": {P1: "", P4: ""}, "blacklist": {B2: "", B3: ""}, "redlist": {R1: "", R2: ""}},
    "tianjin": {"penalties": {P1: "", P2: "", P4: ""}, "blacklist": {B2: "", B3: ""}, "redlist": {R1: "", R2: ""}},
}
# (reason, named subject) of each running notice. Only Jiangsu has rules about exit notices.
UNNAMED = [("repaired", None), ("wrongly_listed", None)]
EXITS = dict.fromkeys(SHOWN, UNNAMED) | {"jiangsu": [("wrongly_listed", "丁澜有限公司")]}


@pytest.fixture(scope="module", params=sorted(SHOWN))
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    root = tmp_path_factory.mktemp(request.param)
    shutil.copytree(SITES / "jurisdictions", root / "in")
    settings = root / "in/content/site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("PROFILE", request.param), encoding="utf-8")
    build_site(root / "in", root / "out", AS_OF)
    return request.param, tree(root / "out/current")


def rows(files: dict[str, bytes], slug: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"data/{slug}/latest/{slug}.csv"].decode(), newline="")))


def test_what_is_shown_and_how_it_is_marked(site: tuple[str, dict[str, bytes]]) -> None:
    profile, files = site
    found = {
        slug: {row["number"]: row["flag"] for row in rows(files, slug)}
        for slug in ("penalties", "blacklist", "redlist")
    }
    assert found == SHOWN[profile]


def test_exit_notices(site: tuple[str, dict[str, bytes]]) -> None:
    profile, files = site
    exits = json.loads(files["exits/exits.json"])["exits"]
    assert sorted(((e["reason"], e["subject"]) for e in exits), key=str) == EXITS[profile]


def test_a_person_is_never_named_in_full(site: tuple[str, dict[str, bytes]]) -> None:
    _, files = site
    for name, data in files.items():
        assert "钱大宝".encode() not in data, name
        assert "孙小圣".encode() not in data, name


def test_pages_say_which_mark(site: tuple[str, dict[str, bytes]]) -> None:
    profile, files = site
    page = files["datasets/blacklist/index.html"].decode()
    listing = "".join(data.decode() for name, data in files.items() if name.startswith("datasets/blacklist/2026"))
    assert ("异议处理中" in page + listing) == (profile == "jiangsu")
    assert ("信用修复公示中" in page + listing) == (profile == "jiangsu")


def test_without_its_catalogue_fields_a_dataset_is_not_published(tmp_path: Path) -> None:
    """JS-M 8: what is not in the catalogue is not published."""
    shutil.copytree(SITES / "jurisdictions", tmp_path / "in")
    for file, old, new in (
        ("content/site.yaml", "PROFILE", "jiangsu"),
        ("data/acts/datapackage.yaml", "      retention_period: 五年\n", ""),
    ):
        path = tmp_path / "in" / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    report = build_site(tmp_path / "in", tmp_path / "out", AS_OF)
    assert report.records.published == 0
    assert set(report.records.withheld) & {"jiangsu.catalogue"}

"""Responsibilities of a built site: the data package as others read it, the pages, and that both are rebuilt alike."""

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path

import frictionless
import pytest

from publish import urls
from tests.render.htmlcheck import Page
from tests.sitekit import SITES, build_site, tree

AS_OF = date(2026, 9, 15)
PLAN = """---
title: 示例市工作方案
issuer: 示例市人民政府办公室
---
## 一、主要任务 {#tasks}

编制"目录"，公布。（市发展和改革委员会牵头，财政局、市司法局等单位配合）

### （一）评估 {#review}

评估成效。（市财政局负责）

### （二）宣传

1\\. 开展宣传。（各区县人民政府、市有关部门按照职责分工分别负责）

### （三）联络 {#contact}

指定联络员。（张三负责）
"""
NOTICE = """---
title: 示例市通知
issuer: 示例市信用办
---
办理异议。（市发改委、市教育局负责）
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("responsibilities")
    root = Path(shutil.copytree(SITES / "minimal", folder / "root"))
    (root / "content/policies").mkdir()
    (root / "content/policies/plan.md").write_text(PLAN, encoding="utf-8")
    (root / "content/policies/notice.md").write_text(NOTICE, encoding="utf-8")
    (root / "content/policies/plain.md").write_text("---\ntitle: 无分工\n---\n公示。\n", encoding="utf-8")
    report = build_site(root, folder / "out", AS_OF)
    told = [issue for issue in report.issues if issue.code.startswith("document.responsible")]
    assert [(issue.code, issue.count, issue.field) for issue in told] == [
        ("document.responsible-person", 1, "#contact")
    ]
    assert "张三" not in repr(report)
    build_site(root, folder / "again", AS_OF)
    return folder


def files(release: Path, name: str = "out") -> dict[str, bytes]:
    return {
        path: data for path, data in tree(release / name / "current").items() if "units/" in path or "respons" in path
    }


def package(release: Path) -> Path:
    return release / "out/current/data/responsibilities"


def page(release: Path, url: str) -> Page:
    return Page((release / "out/current" / urls.file_of(url)).read_text(encoding="utf-8"))


def rows(release: Path) -> list[dict[str, str]]:
    text = (package(release) / "responsibilities.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_same_documents_give_the_same_bytes(release: Path) -> None:
    assert files(release) == files(release, "again")
    assert len(files(release)) > 9


def test_frictionless_finds_the_package_valid(release: Path) -> None:
    descriptor = package(release) / "datapackage.json"
    report = frictionless.validate(str(descriptor))
    assert report.valid, report.flatten(["type"])
    assert [task.type for task in report.tasks] == ["table", "file"]
    resource = frictionless.Package(str(descriptor)).get_resource("responsibilities-csv")
    assert [row["order"] for row in resource.read_rows()] == [1, 2, 1, 2, 3, 1, 1, 2]
    schema = json.loads(descriptor.read_text(encoding="utf-8"))["resources"][0]["schema"]
    parts = next(field["categories"] for field in schema["fields"] if field["name"] == "part")
    assert {part["value"] for part in parts} == {"lead", "co-lead", "joint", "support"}


def test_a_changed_file_is_no_longer_valid(release: Path, tmp_path: Path) -> None:
    shutil.copytree(package(release), tmp_path / "copy")
    data = tmp_path / "copy/responsibilities.csv"
    data.write_bytes(data.read_bytes().replace(b",lead,", b",joint,"))
    assert not frictionless.validate(str(tmp_path / "copy/datapackage.json")).valid


def test_the_rows(release: Path) -> None:
    told = [
        (r["document"], r["clause"], r["order"], r["unit"], r["named"], r["part"], r["others"]) for r in rows(release)
    ]
    assert told == [
        ("notice", "1", "1", "市发改委", "市发改委", "joint", "false"),
        ("notice", "1", "2", "市教育局", "市教育局", "joint", "false"),
        ("plan", "1", "1", "市发展和改革委员会", "市发展和改革委员会", "lead", "false"),
        ("plan", "1", "2", "市财政局", "财政局", "support", "true"),
        ("plan", "1", "3", "市司法局", "市司法局", "support", "true"),
        ("plan", "2", "1", "市财政局", "市财政局", "lead", "false"),
        ("plan", "3", "1", "各区县人民政府", "各区县人民政府", "joint", "false"),
        ("plan", "3", "2", "市有关部门", "市有关部门", "joint", "false"),
    ]
    first = rows(release)[2]
    assert (first["task"], first["item"], first["anchor"]) == ('主要任务 编制"目录"，公布。', "一、", "tasks")
    assert first["url"] == "https://minimal.example/policies/plan.html#tasks"
    as_json = json.loads((package(release) / "responsibilities.json").read_text(encoding="utf-8"))
    assert [{key: _text(cell) for key, cell in row.items()} for row in as_json] == rows(release)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)


def test_links_lead_to_the_items_and_back(release: Path) -> None:
    html = {path: Page(data.decode()) for path, data in tree(release / "out/current").items() if path.endswith(".html")}
    found = 0
    for path, shown in html.items():
        for element in shown.all("a"):
            target, _, anchor = element.attributes["href"].partition("#")
            if path.startswith(("units/", "policies/")) and target.startswith(("/units/", "/policies/")):
                there = html[urls.file_of(target)]
                ids = {one.attributes.get("id") for one in there.elements}
                assert not anchor or anchor in ids, (path, element.attributes["href"])
                found += bool(anchor)
    assert found >= 12
    assert {row["anchor"] for row in rows(release)} == {"", "tasks", "review", "item-1-2-1"}


def test_a_unit_has_all_its_tasks_leading_first(release: Path) -> None:
    (key,) = {row["unit_id"] for row in rows(release) if row["unit"] == "市财政局"}
    shown = page(release, urls.unit(key))
    assert [one.text for one in shown.all("h1")] == ["市财政局"]
    assert [one.text.split()[0] for one in shown.all("h2")] == ["牵头负责", "配合参加"]
    assert _links(shown) == ["/policies/plan.html#review", "/policies/plan.html#tasks"]
    (merged,) = {row["unit_id"] for row in rows(release) if row["unit"] in ("市发改委", "市发展和改革委员会")}
    assert "市发改委" in page(release, urls.unit(merged)).all("main")[0].text


def _links(shown: Page) -> list[str]:
    return [
        one.attributes["href"] for one in shown.all("a") if one.attributes["href"].startswith("/policies/plan.html#")
    ]


def test_collective_units_are_marked(release: Path) -> None:
    (key,) = {row["unit_id"] for row in rows(release) if row["unit"] == "市有关部门"}
    assert "未逐一列明" in page(release, urls.unit(key)).all("main")[0].text


def test_documents_show_their_tasks_and_those_without_nothing(release: Path) -> None:
    shown = page(release, "/policies/plan.html")
    (section,) = [one for one in shown.all("section") if "责任分工" in one.text and "牵头负责" in one.text]
    for row in rows(release):
        if row["document"] == "plan":
            assert row["unit"] in section.text
    assert "等单位" in section.text
    assert "张三" not in section.text
    assert urls.comparison("plan", "notice") in [one.attributes["href"] for one in shown.all("a")]
    assert "责任分工" not in page(release, "/policies/plain.html").all("main")[0].text


def test_the_comparison(release: Path) -> None:
    shown = page(release, urls.comparison("plan", "notice"))
    heads = [[cell.text for cell in row.children] for row in shown.all("tr")]
    both, single = [table.text for table in shown.all("table")]
    assert heads[0] == ["责任单位", "示例市通知", "示例市工作方案"]
    assert "市发展和改革委员会" in both
    assert "市教育局" not in both
    assert "市教育局" in single


def test_a_site_without_clauses_has_no_pages_of_units(tmp_path: Path) -> None:
    build_site(SITES / "minimal", tmp_path / "out", AS_OF)
    assert [path for path in tree(tmp_path / "out/current") if "units/" in path or "responsibilities" in path] == []

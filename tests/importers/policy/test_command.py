"""The command: files, accounts, exit codes, nothing written where something is wrong."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publish.cli import main
from publish.load.config import load_config
from publish.load.documents import load_documents
from tests.sitekit import SITES

NOTICE = """您现在的位置：首页 > 政务公开
关于印发汀澜市信用工作方案的通知
汀澜信用办[2026]5号
各区人民政府:
现将《汀澜市信用工作方案》印发给你们,请认真执行。
（联系人：李小明，联系电话：13912345678）
汀澜市信用办
2026年3月2日
汀澜市信用工作方案
一、总体要求
坚持公开。
责任编辑：王大明
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "content" / "policies").mkdir(parents=True)
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    return tmp_path


def run(root: Path, *arguments: str, name: str = "notice.txt") -> Result:
    into = root / "content" / "policies"
    return CliRunner().invoke(main, ["import-policy", str(root / name), "--into", str(into), *arguments])


def test_documents_and_accounts_are_written(root: Path) -> None:
    result = run(root)
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (root / "content" / "policies").iterdir())
    assert len(names) == 2
    assert re.fullmatch(r"2026-5-[0-9a-f]{8}-annex\.md", names[0])
    assert all(name in result.output for name in names)
    account = json.loads((root / "import-report" / "notice.json").read_text(encoding="utf-8"))
    assert account["counts"]["removed-shell"] == 1
    assert account["counts"]["removed-personal"] == 2
    page = (root / "import-report" / "notice.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_what_was_written_loads(root: Path) -> None:
    run(root)
    (root / "content" / "site.yaml").write_bytes((SITES / "minimal" / "content" / "site.yaml").read_bytes())
    documents, _, issues = load_documents(root, load_config(root))
    assert issues == ()
    annex, notice = documents
    assert (notice.title, notice.number) == ("关于印发汀澜市信用工作方案的通知", "汀澜信用办〔2026〕5号")
    assert notice.addressees == "各区人民政府"
    assert str(notice.written_on) == "2026-03-02"
    assert [(one.kind, one.title, one.number) for one in annex.relations] == [("annex_of", notice.title, notice.number)]


def test_personal_data_is_nowhere(root: Path) -> None:
    run(root)
    for path in [*(root / "content").rglob("*.md"), *(root / "import-report").iterdir()]:
        text = path.read_text(encoding="utf-8")
        assert not any(secret in text for secret in ("13912345678", "李小明", "王大明")), path.name


def test_nothing_is_replaced_without_force(root: Path) -> None:
    run(root)
    file = next((root / "content" / "policies").glob("*annex.md"))
    file.write_text("mine", encoding="utf-8")
    result = run(root)
    assert result.exit_code == 1
    assert "import.exists" in result.output
    assert file.read_text(encoding="utf-8") == "mine"
    assert run(root, "--force").exit_code == 0
    assert file.read_text(encoding="utf-8") != "mine"


def test_equal_input_gives_equal_bytes(root: Path) -> None:
    run(root)
    first = {path: path.read_bytes() for path in root.rglob("*.*") if path.is_file()}
    run(root, "--force")
    assert first == {path: path.read_bytes() for path in root.rglob("*.*") if path.is_file()}


def test_strict_writes_no_document_but_the_account(root: Path) -> None:
    (root / "doubt.txt").write_text(NOTICE + "信用信?体系建设。\n", encoding="utf-8")
    result = run(root, "--strict", name="doubt.txt")
    assert result.exit_code == 1
    assert "import.unsure" in result.output
    assert list((root / "content" / "policies").iterdir()) == []
    page = (root / "import-report" / "doubt.html").read_text(encoding="utf-8")
    assert page.index("待人工确认") < page.index("已分类的改动")
    assert run(root, name="doubt.txt").exit_code == 0
    assert run(root, "--strict", "--force").exit_code == 0


def test_one_bad_file_and_nothing_is_written(root: Path) -> None:
    (root / "bad.docx").write_bytes(b"PK\x03\x04")
    result = run(root, str(root / "bad.docx"))
    assert result.exit_code == 1
    assert "bad.docx" in result.output
    assert list((root / "content" / "policies").iterdir()) == []
    assert not (root / "import-report").exists()


def test_a_copy_without_a_title(root: Path) -> None:
    (root / "untitled.txt").write_text("做好公示工作，提高信用水平。\n", encoding="utf-8")
    result = run(root, name="untitled.txt")
    assert result.exit_code == 1
    assert "import.no-title" in result.output


def test_accounts_do_not_go_among_the_documents(root: Path) -> None:
    assert run(root, "--report", str(root / "content" / "policies" / "report")).exit_code == 2


def test_markup_in_a_copy_is_escaped_on_the_page(root: Path) -> None:
    (root / "evil.txt").write_text(
        NOTICE + "二、<img src=x onerror=alert(1)><关于>&amp;规定,见*附件*。\n", encoding="utf-8"
    )
    run(root, name="evil.txt")
    page = (root / "import-report" / "evil.html").read_text(encoding="utf-8")
    assert "<img" not in page
    annex = next((root / "content" / "policies").glob("*annex.md")).read_text(encoding="utf-8")
    assert "二、&lt;关于&gt;&规定，见\\*附件\\*。" in annex


@pytest.mark.parametrize("option", ["--into", "--report"])
def test_a_folder_that_cannot_be_is_told(option: str, root: Path) -> None:
    (root / "file").write_text("no folder", encoding="utf-8")
    result = run(root, option, str(root / "file" / "below"))
    assert result.exit_code == 1
    assert "import.not-written" in result.output
    assert "--force" in result.output
    assert "no document was written" not in result.output

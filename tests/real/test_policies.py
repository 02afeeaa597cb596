"""Raw policy texts, carried into pages as they are: every character of them is on the page, in its order."""

import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parent
TITLES = {
    "000_085d57c061feaec5.txt": "关于印发平顶山市社会信用体系建设实施方案的通知",
    "001_c38e8cd30e00964f.txt": "汕尾市加快推进社会信用体系建设构建以信用为基础的新型监管机制的工作方案",
    "004_45551e19d29f385e.txt": "贯彻落实《天津市社会信用体系建设规划(2014—2020年)》责任分工",
}


def as_markdown(text: str) -> str:
    """Markdown that shows `text` as it is: a paragraph a line, every character that could be markup written out."""

    def literal(line: str) -> str:
        return re.sub(r"[!-/:-@\[-`{-~]", lambda match: f"&#{ord(match[0])};", line)

    return "\n\n".join(literal(line.strip()) for line in text.splitlines() if line.strip())


class Text(HTMLParser):
    """The text of a page, scripts and styles left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def built(
    shared_input: Callable[[str], Path], program: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The built site, with a page for each raw text."""
    raw = shared_input("policies")
    root = tmp_path_factory.mktemp("policies")
    shutil.copytree(HERE / "policies" / "content", root / "content")
    folder = root / "content" / "policies"
    folder.mkdir()
    for name, title in TITLES.items():
        front = yaml.safe_dump({"title": title, "slug": name[:3]}, allow_unicode=True)
        body = as_markdown((raw / name).read_text(encoding="utf-8"))
        (folder / f"{name[:3]}.md").write_text(f"---\n{front}---\n{body}\n", encoding="utf-8")
    program("build.py", "build", "--root", root, "--out", root / "site", "--as-of", "2026-04-01")
    return root / "site/current"


@pytest.mark.parametrize("name", TITLES)
def test_the_text_stands_on_its_page(built: Path, shared_input: Callable[[str], Path], name: str) -> None:
    raw = squeezed((shared_input("policies") / name).read_text(encoding="utf-8"))
    page = (built / "policies" / f"{name[:3]}.html").read_text(encoding="utf-8")
    assert len(raw) > 4000
    assert raw in squeezed("".join(Text(page).parts))
    assert TITLES[name] in page


def test_every_page_is_listed(built: Path) -> None:
    listed = (built / "policies" / "index.html").read_text(encoding="utf-8")
    for name in TITLES:
        assert f"/policies/{name[:3]}.html" in listed


def test_markup_in_a_text_stays_text() -> None:
    assert as_markdown("# a\n<b>*c*</b>\n1. d") == ("&#35; a\n\n&#60;b&#62;&#42;c&#42;&#60;&#47;b&#62;\n\n1&#46; d")

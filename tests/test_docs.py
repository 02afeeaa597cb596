"""Docs are tested: every message code and every setting stands in them, and every link between them leads somewhere."""

import dataclasses
import re
from pathlib import Path

from publish.model.config import Contact, Limits, ReleasePolicy, SiteConfig

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*DOCS, *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
CODE = re.compile(
    r'"((?:config|package|disclosure|document|rules|table|header|cell|row|field|value|guard|release|record|import|recipe|calendar|register|period|repair|severity|code|notice|catalogue|build|cluster)'
    r'\.(?!yaml")[a-z][a-z0-9-]+)"'
)
STOPPED = re.compile(r'stopped\("([a-z-]+)"')


def test_every_code_is_documented() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCS)
    found = set()
    for path in (ROOT / "publish").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        found |= set(CODE.findall(source)) | {f"release.{code}" for code in STOPPED.findall(source)}
    assert len(found) > 50
    assert sorted(code for code in found if f"`{code}`" not in text) == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for kind in (SiteConfig, Limits, Contact, ReleasePolicy):
        for field in dataclasses.fields(kind):
            assert field.name in text, field.name


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"

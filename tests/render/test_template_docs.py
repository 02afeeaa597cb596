"""docs/templates.md names every template, context, component, family of texts and static file, and no others."""

import re
from pathlib import Path
from typing import Any

import yaml

from publish.render import contexts, page_contexts, policy_contexts
from tests.render.contexts_samples import SAMPLES, template_of

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "site_templates"
TEXT = (ROOT / "docs/templates.md").read_text(encoding="utf-8")


def test_every_template_stands_beside_its_context() -> None:
    told = set(re.findall(r"^\| `pages/([a-z0-9-]+)\.html`(?: \(bulk\))? \| `(\w+)` \|", TEXT, re.MULTILINE))
    assert told == {(template_of(type(page)), type(page).__name__) for page in SAMPLES}
    assert {name for name, _ in told} == {path.stem for path in (TEMPLATES / "pages").iterdir()}


def test_every_component_is_told_with_its_parameters() -> None:
    told = set(re.findall(r"^\| `components/([a-z-]+)/` \| `([^`]+)` \|", TEXT, re.MULTILINE))
    there = set()
    for folder in (TEMPLATES / "components").iterdir():
        example: dict[str, Any] = yaml.safe_load((folder / "example.yaml").read_text(encoding="utf-8"))
        (call,) = re.findall(r"macro (\w+\(.*?\)) %}", (folder / "macro.html").read_text(encoding="utf-8"))
        assert call.startswith(f"{example['macro']}(")
        there.add((folder.name, call))
    assert told == there


def test_every_family_of_texts_is_told() -> None:
    keys: dict[str, str] = yaml.safe_load((TEMPLATES / "i18n/zh-Hans.yaml").read_text(encoding="utf-8"))
    told = set(re.findall(r"`([a-z-]+)\.\*`", TEXT))
    assert told == {key.partition(".")[0] for key in keys if "." in key}
    assert [key for key in keys if "." not in key and f"`{key}`" not in TEXT] == []


def test_every_static_file_is_told() -> None:
    names = {path.name for path in (TEMPLATES / "static").rglob("*") if path.is_file()}
    told = {Path(word).name for word in re.findall(r"`([a-z./-]+\.(?:css|js|svg))`", TEXT)}
    assert told == names


def test_every_block_of_the_shell_is_told() -> None:
    blocks = re.findall(r"block (\w+) %}", (TEMPLATES / "base.html").read_text(encoding="utf-8"))
    assert [block for block in blocks if f"`{block}`" not in TEXT] == []


def test_every_name_in_the_docs_is_there() -> None:
    """Classes of contexts.py, files, keys of texts."""
    keys: dict[str, str] = yaml.safe_load((TEMPLATES / "i18n/zh-Hans.yaml").read_text(encoding="utf-8"))
    for name in re.findall(r"`(\w+(?:Page|View))`", TEXT):
        assert any(hasattr(module, name) for module in (contexts, page_contexts, policy_contexts)), name
    for key in re.findall(r"`([a-z]+\.(?:default|count|atleast))`", TEXT):
        assert key in keys, key
    for name in re.findall(r"\b(test_\w+\.py)", TEXT):
        assert (ROOT / "tests/render" / name).is_file(), name

"""What load accepts and what it finds is in the docs."""

import re
from pathlib import Path
from typing import Any

import pytest

from publish.load.checking import load_schema
from publish.model.source import Publicity, Role

ROOT = Path(__file__).resolve().parents[2]
# Names that look like codes: files, and keys of the rule profiles' own schema.
NO_CODES = re.compile(r"\.(yaml|json|csv|md|txt)$|^publish\.")
CODE = re.compile(
    r'"((?:config|package|disclosure|document|rules|calendar|table|header|cell|load)\.[a-z]+(?:-[a-z]+)*)"'
)


def read(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def codes_in_source() -> set[str]:
    # What documents and rules say together is found in derive.
    folders = (ROOT / "publish" / "load", ROOT / "publish" / "derive")
    texts = (path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py"))
    return {code for text in texts for code in CODE.findall(text) if not NO_CODES.search(code)}


def codes_in_docs() -> list[str]:
    return re.findall(r"^\| `([a-z]+\.[a-z-]+)` \| (?:error|record|warning) \|", read("errors-load.md"), re.MULTILINE)


def test_every_code_is_documented_once_and_every_documented_code_exists() -> None:
    assert len(codes_in_source()) > 60
    assert sorted(codes_in_docs()) == sorted(codes_in_source())


def keys(schema: Any) -> set[str]:
    """Every property name in a JSON Schema."""
    if isinstance(schema, list):
        return set().union(*map(keys, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*map(keys, schema.values())) if schema else own


@pytest.mark.parametrize(
    ("schema", "page"),
    [
        ("site.yaml", "configuration.md"),
        ("policy.yaml", "configuration.md"),
        ("page.yaml", "configuration.md"),
        ("overlay.yaml", "data-packages.md"),
        ("disclosure.yaml", "data-packages.md"),
    ],
)
def test_every_key_is_documented(schema: str, page: str) -> None:
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`\n]*`", read(page)))))
    assert keys(load_schema(schema)) - words == set()


def test_every_role_and_class_is_documented() -> None:
    words = set(re.findall(r"`([a-z_]+)`", read("data-packages.md")))
    assert {*Role, *Publicity} - words == set()


def test_no_enum_value_is_forgotten() -> None:
    def values(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(values, schema)) if schema else set()
        if not isinstance(schema, dict):
            return set()
        return set(schema.get("enum", ())).union(*map(values, schema.values()))

    words = set(re.findall(r"`([A-Za-z_-]+)`", read("data-packages.md")))
    assert values(load_schema("disclosure.yaml")) - words == set()

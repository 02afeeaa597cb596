"""The import-layer test: imports go one way, stages never import each other, and the firewall holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "publish"

STAGES = {"load", "validate", "disclose", "derive", "render", "release"}
# What each layer may import of the project, beside itself.
ALLOWED = {
    "cli": {
        *("cluster", "console", "executors", "meter", "options", "operations", "pipeline", "questions", "importers"),
        *("model", "release", ""),
    },
    "start": {"cli"},
    "cluster": {"release", "model", ""},
    "options": set(),
    "operations": {"load", "release", "model"},
    "proof": {"derive", "disclose", "release", "model"},
    "remembered": {"disclose", "release", "model"},
    "questions": {"pipeline", "disclose", "derive", "release", "model"},
    "console": {"executors", "meter", "record", "model"},
    "record": {"meter", "model"},
    "meter": set(),
    "executors": set(),
    "pipeline": STAGES | {"proof", "remembered", "executors", "urls", "model", ""},
    "importers": {"model", "urls"},
    "urls": {"model"},
    "model": set(),
    **{stage: {"urls", "model", ""} for stage in STAGES},
}
MAY_SEE_SOURCE = {"load", "validate", "disclose", "importers", "pipeline", "proof", "cli", "model"}
ONLY_IMPORTER = {"frictionless": "load", "whoosh": "derive", "distributed": "cluster", "dask": "cluster"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Every module named by an import in the file: lazy ones and those for types only too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def breaches(path: Path) -> Iterator[str]:
    own = layer(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] in ONLY_IMPORTER and own != ONLY_IMPORTER[parts[0]]:
            yield f"{own} imports {name}; only {ONLY_IMPORTER[parts[0]]} may"
        if parts[0] != "publish":
            continue
        other = parts[1] if len(parts) > 1 else ""
        if other.startswith("__"):
            other = ""
        if other != own and other not in ALLOWED[own]:
            yield f"{own} imports {name}"
        if parts[1:3] == ["model", "source"] and own not in MAY_SEE_SOURCE:
            yield f"{own} breaches the firewall: {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    assert layer(path) in ALLOWED, "a new layer needs its place in ALLOWED"
    assert list(breaches(path)) == []


def test_a_breach_is_seen(tmp_path: Path) -> None:
    source = "def f():\n    from publish.model.source import SourceTable\n    return SourceTable\n"
    probe = tmp_path / "probe.py"
    probe.write_text(source, encoding="utf-8")
    names = list(imported(probe))
    assert names == ["publish.model.source.SourceTable"]
    assert "derive" not in MAY_SEE_SOURCE


def test_nothing_is_done_at_import() -> None:
    """Modules hold definitions, constants and imports; no calls for effect."""
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Expr):
                assert isinstance(node.value, ast.Constant), f"{path.name}:{node.lineno} runs at import"

"""The Jinja environment: templates of several folders, interface texts, hashed addresses of static files."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import jinja2
import yaml
from jinja2 import meta, nodes
from markupsafe import Markup, escape

from publish import urls
from publish.render.contexts import SiteView
from publish.render.static_memory import published_before

STATIC_FOLDER = "static"


def environment(
    folders: Sequence[Path], language: str, site: SiteView, static_urls: Mapping[str, str]
) -> jinja2.Environment:
    """Templates of `folders`, the first one that has a file wins. Undefined names and missing texts are errors."""
    loader = jinja2.FileSystemLoader([str(folder) for folder in folders])
    made = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(site=site, t=translator(load_interface(folders, language)), static=_lookup(static_urls))
    return made


def load_interface(folders: Sequence[Path], language: str) -> dict[str, str]:
    """Interface texts by key, from `i18n/<language>.yaml` of every folder; the first folder's texts win."""
    texts: dict[str, str] = {}
    for folder in reversed(folders):
        path = folder / "i18n" / f"{language}.yaml"
        if path.is_file():
            texts |= yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return texts


def translator(texts: Mapping[str, str]) -> Callable[..., Markup]:
    """`t(key, **values)`: the text, `{name}` filled in; values are escaped, slots pass. KeyError: no text."""

    def t(key: str, **values: object) -> Markup:
        return escape(texts[key]).format(**values) if values else escape(texts[key])

    return t


def static_files(folders: Sequence[Path], memory: Path | None = None) -> dict[str, tuple[str, bytes]]:
    """Static files by path: (URL, content as published). The first folder that has a file wins; hidden files are none.
    `memory` as `published_before` has it.

    All lie in one folder named by the hash of the whole tree: addresses are immutable, and modules that import each
    other by relative paths still find one another.
    """
    found: dict[str, bytes] = {}
    for folder in reversed(folders):
        root = folder / STATIC_FOLDER
        files = {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}
        found |= {name.as_posix(): path.read_bytes() for name, path in files.items() if not _is_hidden(name)}
    shown = published_before(found, script_pages(folders), memory)
    digest = hashlib.sha256()
    for path, data in shown.items():
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    version = digest.hexdigest()[:12]
    return {path: (urls.static(f"{version}/{path}"), data) for path, data in shown.items()}


def script_pages(folders: Sequence[Path]) -> list[frozenset[str]]:
    """Of each template the static files that a page of it may name by `static('…')`; none if that cannot be told."""
    named: dict[str, set[str]] = {}
    parts: dict[str, set[str]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            name = path.relative_to(folder).as_posix()
            if name.startswith(f"{STATIC_FOLDER}/"):
                continue
            told = _named_in(path.read_text(encoding="utf-8"))
            if told is None:
                return []
            named.setdefault(name, set()).update(told[0])
            parts.setdefault(name, set()).update(told[1])
    return [frozenset[str]().union(*(named.get(part, ()) for part in _reach(name, parts))) for name in named]


def _named_in(source: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """The static files and the other templates that a template names; None if that cannot be told."""
    tree = jinja2.Environment(autoescape=True).parse(source)
    calls = [call for call in tree.find_all(nodes.Call) if getattr(call.node, "name", "") == "static"]
    values = [call.args[0].value for call in calls if call.args and isinstance(call.args[0], nodes.Const)]
    others = list(meta.find_referenced_templates(tree))
    if len(values) != sum(one.name == "static" for one in tree.find_all(nodes.Name)) or None in others:
        return None
    return frozenset(values), frozenset(other for other in others if other)


def _reach(name: str, parts: Mapping[str, set[str]]) -> set[str]:
    """A template and all that it extends, includes or imports."""
    found, waiting = set[str](), {name}
    while waiting:
        found |= waiting
        waiting = {part for one in waiting for part in parts.get(one, ())} - found
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _lookup(static_urls: Mapping[str, str]) -> Callable[[str], str]:
    def static(path: str) -> str:
        return static_urls[path]

    return static

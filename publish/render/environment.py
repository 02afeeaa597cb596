"""The Jinja environment: templates of several folders, interface texts, hashed addresses of static files."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import jinja2
import yaml
from markupsafe import Markup, escape

from publish import urls
from publish.render.contexts import SiteView
from publish.render.minify import minified

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


def static_files(folders: Sequence[Path]) -> dict[str, tuple[str, bytes]]:
    """Static files by path: (URL, content as published). The first folder that has a file wins; hidden files are none.

    All lie in one folder named by the hash of the whole tree: addresses are immutable, and modules that import each
    other by relative paths still find one another.
    """
    found: dict[str, bytes] = {}
    for folder in reversed(folders):
        root = folder / STATIC_FOLDER
        files = {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}
        found |= {name.as_posix(): path.read_bytes() for name, path in files.items() if not _is_hidden(name)}
    shown = {path: minified(path, data) for path, data in sorted(found.items())}
    digest = hashlib.sha256()
    for path, data in shown.items():
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    version = digest.hexdigest()[:12]
    return {path: (urls.static(f"{version}/{path}"), data) for path, data in shown.items()}


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _lookup(static_urls: Mapping[str, str]) -> Callable[[str], str]:
    def static(path: str) -> str:
        return static_urls[path]

    return static

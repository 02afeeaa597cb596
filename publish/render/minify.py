"""Static files as they are published: scripts and styles without comments and needless white space.

So well-commented sources cost readers nothing. Tokens stay as they are, and nothing is computed. But the scripts that
pages load are joined with what they import, and names that only these files know are shortened (join_js.py).
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

from publish.render.join_js import join_scripts
from publish.render.minify_css import minify_styles
from publish.render.minify_js import minify_script
from publish.render.minify_notes import UnclearError

_SCRIPTS = (".js", ".mjs")
_BY_SUFFIX = {**dict.fromkeys(_SCRIPTS, minify_script), ".css": minify_styles}


def published(files: Mapping[str, bytes], pages: Iterable[Collection[str]]) -> dict[str, bytes]:
    """Static files as they are published, by path. `pages` are the paths that stand together on one page.

    Modules that were joined to others, and that nothing published names, are left out.
    """
    texts = {path: data.decode(errors="replace") for path, data in files.items() if _suffix(path) in _SCRIPTS}
    joined, spare = join_scripts(texts, pages)
    whole = {path: joined[path].encode() if path in joined else data for path, data in sorted(files.items())}
    shown: dict[str, bytes] = {}
    named = whole.keys() - spare
    while named:
        shown |= {path: minified(path, whole[path]) for path in named}
        spare -= named
        named = {path for path in spare if any(PurePosixPath(path).name.encode() in data for data in shown.values())}
    return dict(sorted(shown.items()))


def minified(path: str, data: bytes) -> bytes:
    """A static file as it is published, by its path: as it is, if it is of another kind or not read for certain."""
    minify = _BY_SUFFIX.get(_suffix(path))
    try:
        return minify(data.decode("utf-8")).encode("utf-8") if minify else data
    except (UnclearError, UnicodeDecodeError):
        return data


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix

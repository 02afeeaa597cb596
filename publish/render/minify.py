"""Static files as they are published: scripts and styles without comments and needless white space.

So well-commented sources cost readers nothing. Tokens stay as they are: nothing is renamed, joined or computed.
"""

from pathlib import PurePosixPath

from publish.render.minify_css import minify_styles
from publish.render.minify_js import minify_script
from publish.render.minify_notes import UnclearError

_BY_SUFFIX = {".js": minify_script, ".mjs": minify_script, ".css": minify_styles}


def minified(path: str, data: bytes) -> bytes:
    """A static file as it is published, by its path: as it is, if it is of another kind or not read for certain."""
    minify = _BY_SUFFIX.get(PurePosixPath(path).suffix)
    try:
        return minify(data.decode("utf-8")).encode("utf-8") if minify else data
    except (UnclearError, UnicodeDecodeError):
        return data

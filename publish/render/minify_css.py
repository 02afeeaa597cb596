"""Styles without comments and needless white space; nothing else changes."""

import re

from publish.render.minify_notes import UnclearError, kept_notes

_TOKEN = re.compile(
    r"""
      (?P<gap>(?:[ \t\r\n\f]|/\*.*?\*/)++)
    | (?P<string>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')
    | (?P<address>[uU][rR][lL]\([ \t\r\n\f]*+(?!["'])(?:[^)\\"'(]|\\.)*+\))
    | (?P<escape>\\(?:[0-9a-fA-F]{1,6}(?:\r\n|[ \t\r\n\f])?|.))
    | (?P<sign>[{};,:])
    | (?P<rest>(?:(?!/\*|[uU][rR][lL]\()[^ \t\r\n\f"'\\{};,:])++|[uU][rR][lL]\((?=[ \t\r\n\f]*["']))
    """,
    re.VERBOSE | re.DOTALL,
)
_ALONE = frozenset("{};,")  # signs around which white space says nothing


def minify_styles(text: str) -> str:
    """The same tokens, with a space at most between two, and a blank comment where only a comment parts them.

    Raises `UnclearError` where something is open at the end.
    """
    parts: list[str] = []
    before, gap, at = "{", "", 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise UnclearError("no token of a style sheet")
        at = match.end()
        if match.lastgroup == "gap":
            gap = match.group()
            continue
        sign = match.group() if match.lastgroup == "sign" else ""
        parts += [_gap(before, gap, sign), match.group()]
        before, gap = sign, ""
    return "".join((*parts, *kept_notes(gap)))


def _gap(before: str, gap: str, sign: str) -> str:
    """What stays between two tokens; `before` and `sign` are those of them that are signs, else ""."""
    glue = _glue(before, gap, sign)
    notes = "".join(kept_notes(gap))
    return (glue if glue == " " else "") + notes if notes else glue


def _glue(before: str, gap: str, sign: str) -> str:
    if not gap or before in _ALONE or (sign in _ALONE and before != ":"):
        return ""
    if before == ":":
        return " " if sign else ""  # the value of `--x: ;` is a space
    return " " if _has_space(gap) else "/**/"


def _has_space(gap: str) -> bool:
    return re.sub(r"/\*.*?\*/", "", gap, flags=re.DOTALL) != ""

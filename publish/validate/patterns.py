"""The `pattern` constraint is a Python regular expression; Polars has Rust's. Most patterns mean the same in both."""

import re

import polars as pl

_PUNCTUATION = r"\\[.\-/\\()\[\]{}*+?^$|]"
_CLASS = rf"\[\^?(?:[^\[\]\\&~^\-]-[^\[\]\\&~^\-]|[^\[\]\\&~^\-]|{_PUNCTUATION})+\]"
_TIMES = r"(?:(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})(?![*+?{]))?"
_TOKEN = re.compile(
    rf"(?:\((?:\?:)?(?![?*+{{])|[|^$](?![*+?{{])|(?:\)|{_CLASS}|{_PUNCTUATION}|\\d|\.|[^\\\[\](){{}}*+?|^$.]){_TIMES})"
)


def rust_pattern(pattern: str) -> str | None:
    r"""A pattern for Polars that matches only what `re.compile(f"^{pattern}$").match` matches; None if none is known.

    Taken over are literals, simple classes, groups, alternation and greedy counts; `\d` becomes the ASCII digits. All
    else (look-around, back references, `\w`, flags, lazy and possessive counts, …) is left to Python.
    """
    position, parts = 0, []
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None or token.end() == position or pattern[token.end() : token.end() + 1] in {*"*+?{"}:
            return None
        parts.append(token.group().replace("\\d", "[0-9]") if token.group().startswith("\\d") else token.group())
        position = token.end()
    # Python's `match` starts at the first character whichever branch of an alternation it takes.
    found = f"^(?:^{''.join(parts)}$)"
    try:
        pl.Series([""]).str.contains(found)
    except pl.exceptions.PolarsError:  # such as a count that makes the automaton too large
        return None
    return found

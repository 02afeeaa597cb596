"""Scripts without comments and needless white space, else token for token the same.

Cut by tokens, not parsed: what a slash is (a division, a regular expression) is told by what stands before it. Where
that does not tell for certain, or two ways of reading a script differ, it is `UnclearError`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from publish.render.minify_notes import UnclearError, kept_notes

_LINE = r"\n\r\u2028\u2029"
_SPACE = r"\t\v\f \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff"
GAP = re.compile(rf"(?:[{_SPACE}{_LINE}]|//[^{_LINE}]*+|/\*(?s:.*?)\*/)*+")
_NEWLINE = re.compile(rf"[{_LINE}]")
_HASHBANG = re.compile(rf"#![^{_LINE}]*")
_TOKEN = re.compile(
    rf"""
      (?P<number>(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)n?)
    | (?P<word>\#?(?:[A-Za-z0-9_$]|[^\x00-\x7f{_SPACE}{_LINE}]|\\u[0-9a-fA-F]{{4}}|\\u\{{[0-9a-fA-F]+\}})++)
    | (?P<string>"(?:[^"\\\n\r]|\\(?s:\r\n|.))*+"|'(?:[^'\\\n\r]|\\(?s:\r\n|.))*+')
    | (?P<template>`(?:[^`\\$]|\\(?s:.)|\$(?!\{{))*+(?:`|\$\{{))
    | (?P<sign>>>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--
        |[-+*/%&|^]=|<<|>>|\*\*|[][{{}}();,<>+\-*/%&|^!~?:=.])
    """,
    re.VERBOSE | re.ASCII,
)
_TEMPLATE_REST = re.compile(r"(?P<template>\}(?:[^`\\$]|\\(?s:.)|\$(?!\{))*+(?:`|\$\{))")
_REGEX = re.compile(
    rf"(?P<regex>/(?:[^\\/\[{_LINE}]|\\[^{_LINE}]|\[(?:[^\\\]{_LINE}]|\\[^{_LINE}])*+\])++/[A-Za-z0-9_$]*+)"
)

# Words after which a slash begins a regular expression; those after which it may; those whose brackets it may follow.
_KEYWORDS = "break|case|continue|debugger|default|delete|do|else|extends|in|instanceof|new|return|throw|typeof|void"
_BEFORE_REGEX = frozenset(_KEYWORDS.split("|"))
_EITHER = frozenset(("await", "of", "yield"))
_HEADS = frozenset(("if", "while", "for", "with"))
_PAIRS = {")": ("(", "if("), "]": ("[",), "}": ("{",)}

_ALONE = frozenset("{}()[];,")  # signs that no neighbour can grow together with
_NO_END = frozenset((")", "]", "}", "++", "--"))  # signs that may end a statement
_GOES_ON = frozenset((")", "]", "}", ",", ";", ":", "?", ".", "?.", "&&", "||", "??"))  # signs that begin none


@dataclass(frozen=True)
class Token:
    """A piece of a script. Of a template each piece of text is one, with its `` ` ``, `${` and `}`."""

    gap: str  # white space and comments before it
    kind: str  # number, word, string, template, sign, regex or end
    text: str

    @property
    def breaks(self) -> bool:
        """Is there the end of a line before it? A comment of several lines counts as one."""
        return _NEWLINE.search(self.gap) is not None

    @property
    def left(self) -> str:
        """The sign that it begins with for its neighbour, or ""."""
        return self.text if self.kind == "sign" else "}" if self.text[:1] == "}" else ""

    @property
    def right(self) -> str:
        """The sign that it ends with for its neighbour, or ""."""
        return self.text if self.kind == "sign" else "{" if self.kind == "template" and self.text[-1] == "{" else ""


def minify_script(text: str) -> str:
    """The same tokens, and an end of line wherever one may end a statement. Raises `UnclearError`.

    A Python loop over tokens: about a second for a megabyte.
    """
    hashbang = _HASHBANG.match(text)
    parts = [f"{hashbang.group()}\n"] if hashbang else []
    before = Token("", "sign", ";")
    for token in script_tokens(text, hashbang.end() if hashbang else 0):
        parts += [_gap(before, token), token.text]
        before = token
    return "".join(parts)


def script_tokens(text: str, at: int = 0) -> Iterator[Token]:
    """The tokens of a script, the last one of kind `end`. Raises `UnclearError`."""
    reading = _Reading()
    while True:
        gap = GAP.match(text, at)
        at = gap.end() if gap else at
        token = _next(reading, gap.group() if gap else "", text, at)
        reading.take(token)
        yield token
        if token.kind == "end":
            return
        at += len(token.text)


@dataclass
class _Reading:
    """What is open, and the last two tokens, by which a slash is told."""

    open: list[str] = field(default_factory=list)
    last: Token = field(default_factory=lambda: Token("", "sign", ";"))
    earlier: Token = field(default_factory=lambda: Token("", "sign", ";"))
    after_head: bool = False  # the last token closes the brackets of `if (…)` and the like

    def take(self, token: Token) -> None:
        closed = ""
        if token.left in _PAIRS:
            closed = self.open.pop() if self.open else ""
            if closed not in (("${",) if token.kind == "template" else _PAIRS[token.left]):
                raise UnclearError("brackets that do not match")
        if token.text in ("(", "[", "{"):
            self.open.append("if(" if token.text == "(" and self._is_head() else token.text)
        elif token.kind == "template" and token.right:
            self.open.append("${")
        elif token.kind == "end" and self.open:
            raise UnclearError("brackets that do not match")
        self.after_head = closed == "if("
        self.earlier, self.last = self.last, token

    def _is_head(self) -> bool:
        word = self.last.text
        if word == "await" and self.earlier.text == "for":
            return True
        return word in _HEADS and self.earlier.text not in (".", "?.")

    def is_regex(self, breaks: bool) -> bool:
        """Does a slash begin a regular expression here? Raises `UnclearError`."""
        last = self.last
        if last.right in ("}", "++", "--") or last.text in _EITHER:
            raise UnclearError("a slash that may be either")
        if last.kind == "word" and last.text in _BEFORE_REGEX and self.earlier.text not in (".", "?."):
            return True
        if self.after_head or (last.right and last.right not in (")", "]")):
            return True
        if breaks:
            raise UnclearError("a slash at the beginning of a line")
        return False


def _next(reading: _Reading, gap: str, text: str, at: int) -> Token:
    if at == len(text):
        return Token(gap, "end", "")
    breaks = at == len(gap) or _NEWLINE.search(gap) is not None
    if text.startswith("<!--", at) or (breaks and text.startswith("-->", at)):
        raise UnclearError("a comment as of HTML")
    if text.startswith("/*", at):
        raise UnclearError("a comment that stays open")
    pattern = _TOKEN
    if text[at] == "}" and reading.open[-1:] == ["${"]:
        pattern = _TEMPLATE_REST
    elif text[at] == "/" and reading.is_regex(breaks):
        pattern = _REGEX
    match = pattern.match(text, at)
    if not match or match.lastgroup is None:
        raise UnclearError("no token of a script")
    return Token(gap, match.lastgroup, match.group())


def _gap(before: Token, token: Token) -> str:
    """What stays between two tokens: nothing, a space or an end of line; and notes on rights."""
    notes = kept_notes(token.gap)
    if notes:
        end = "\n" if token.breaks else " "
        return end.join((*notes, "")) if before.text == ";" else end.join(("", *notes, ""))
    if not token.gap or token.kind == "end":
        return ""
    glue = " " if _must_part(before, token) else ""
    if not token.breaks:
        return glue
    ends_none = before.right and before.right not in _NO_END
    if ends_none or (token.left in _GOES_ON and not (glue and before.kind == "number")):
        return glue
    return "\n"


def _must_part(before: Token, token: Token) -> bool:
    """Would the two be read as something else without a space?"""
    one, other = before.right, token.left
    if one in _ALONE or other in _ALONE:
        return False
    if one and other:
        return True
    if one:
        return token.kind == "regex" or (token.kind == "number" and token.text[0] == ".")
    if other:
        return before.kind == "number" and other[0] in ".?"
    return True

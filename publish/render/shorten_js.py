"""Shorter names in a joined script, where tokens prove that nothing else is meant by them (join_js.py).

Private names (`#name`) mean nothing outside their class. A name declared at the top level is one word throughout its
file, which join_js.py has seen to; it is shortened unless it may be the name of a property as well. So each new name,
which stands nowhere in the file, takes the place of an old one everywhere. Only what a function or class tells of its
own `name` changes.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count, product
from string import ascii_letters

from publish.render.minify_js import Token, script_tokens

_SHORT_WORDS = frozenset(("as", "do", "if", "in", "is", "of"))


def shortened(text: str, names: Collection[str]) -> str:
    """A script with shorter private names and, of its names at the top level, `names`."""
    tokens = list(script_tokens(text))
    words = Counter(token.text for token in tokens if token.kind == "word")
    own = frozenset(names).difference(_properties(tokens))
    plain = [name for name, _ in words.most_common() if name in own]
    private = [name for name, _ in words.most_common() if name[0] == "#"]
    free = (name for name in _short_names() if name not in words and name not in _SHORT_WORDS)
    # Of private names each letter may be taken again: `#a` is another word than `a`.
    new = dict(zip(plain, free, strict=False)) | dict(zip(private, map("#{}".format, _short_names()), strict=False))
    return "".join(
        token.gap + (new.get(token.text, token.text) if token.kind == "word" else token.text) for token in tokens
    )


def _short_names() -> Iterator[str]:
    for length in count(1):
        yield from map("".join, product(ascii_letters, repeat=length))


def _properties(tokens: Sequence[Token]) -> Iterator[str]:
    """The words that are, or may be, names of properties somewhere: after a dot, as keys, in patterns and classes."""
    opened: list[str] = []
    heads: list[int] = []  # how many brackets are open around each `class` whose body has not begun
    for at, token in enumerate(tokens[:-1]):
        before, after = tokens[at - 1].text if at else "", tokens[at + 1].text
        if token.left in (")", "]", "}"):
            opened.pop()
        if token.kind == "word":
            if _is_property(before, after, opened[-1] if opened else ""):
                yield token.text
            if token.text == "class" and before not in (".", "?."):
                heads.append(len(opened))
        if token.right in ("(", "[", "{"):
            is_class = token.text == "{" and heads[-1:] == [len(opened)]
            opened.append("class" if is_class else token.right)
            if is_class:
                heads.pop()


def _is_property(before: str, after: str, inside: str) -> bool:
    if before in (".", "?.") or after == ":":
        return True
    if inside == "class":
        return before not in ("new", "=")
    if inside != "{":
        return False
    if before in ("{", ",") and after in (",", "}", "=", "("):
        return True
    return before in ("get", "set", "async", "*") and after == "("

"""What a script imports, exports and names, by its tokens: all that joining it to others takes (join_js.py).

Not parsed. What these few forms of modules do not cover, or tokens do not tell for certain, is `UnclearError`.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from publish.render.minify_js import Token, script_tokens
from publish.render.minify_notes import UnclearError

_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_DECLARES = frozenset(("class", "const", "function", "let"))
_HEADS = frozenset(("if", "while", "for", "with", "switch", "catch", "await"))  # their brackets are no parameters
_UNSAFE = frozenset(("eval", "var"))  # reaches into every name around it; is declared outside its block


@dataclass(frozen=True)
class Import:
    """`import { names } from "target"`; without names, `import "target"`."""

    names: tuple[str, ...]
    target: str  # path of the script


@dataclass
class Module:
    """A script as a piece of a joined one."""

    path: str
    imports: list[Import] = field(default_factory=list)
    lazy: list[str] = field(default_factory=list)  # paths of what it imports by `import("…")`
    exports: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)  # names at its top level; a few more for patterns
    plain: set[str] = field(default_factory=set)  # those of them that are declared by a statement each
    words: set[str] = field(default_factory=set)  # that may be names in it: all but those after a dot, and keys
    body: list[Token] = field(default_factory=list)  # without import statements and `export`
    exported: list[Token] = field(default_factory=list)  # the same with `export`

    @property
    def imported(self) -> set[str]:
        """The names that it imports."""
        return {name for one in self.imports for name in one.names}


def read_module(path: str, text: str) -> Module:
    """Read a script; `path` is among the static files. Raises `UnclearError` with the reason."""
    if "\ufffd" in text:
        raise UnclearError("no UTF-8")
    tokens = list(script_tokens(text))
    module = Module(path)
    depths = list(_depths(tokens))
    skip = 0
    for at, token in enumerate(tokens):
        if at < skip:
            continue
        is_name = token.kind == "word" and _before(tokens, at) not in (".", "?.")
        if is_name and token.text == "import":
            skip = _read_import(module, tokens, at, depths[at])
        elif is_name:
            _read_word(module, tokens, at, depths[at])
        elif depths[at] == 0 and token.text == ",":
            raise UnclearError("several names declared at once")
        _keep(module, token, skip > at, is_name and token.text == "export")
    return module


def _keep(module: Module, token: Token, is_import: bool, is_export: bool) -> None:
    """Add a token to the body. Of what goes the gap stays, for the notes on rights in it."""
    gap = Token(token.gap, "gap", "")
    if is_import and any(before.text for before in module.body):
        token = Token(token.gap, "sign", ";")  # so that what stands on either side does not become one statement
    elif is_import:
        token = gap
    module.body.append(gap if is_export else token)
    module.exported.append(token)


def _depths(tokens: Sequence[Token]) -> Iterator[int]:
    """Of each token, in how many brackets it stands; and no `await` outside functions. Raises `UnclearError`."""
    opened: list[bool] = []  # of each bracket: is it the body of a function?
    heads: list[bool] = []  # of round brackets: do they follow `if` and the like?
    after_head = False
    for at, token in enumerate(tokens):
        if token.left in _CLOSE:
            opened.pop()
        yield len(opened)
        if token.text == "await" and not any(opened) and _before(tokens, at) not in (".", "?."):
            raise UnclearError("an await outside functions")
        if token.text == "(":
            heads.append(_before(tokens, at) in _HEADS)
        if token.right in _OPEN:
            before = _before(tokens, at)
            opened.append(token.text == "{" and (before == "=>" or (before == ")" and not after_head)))
        after_head = heads.pop() if token.text == ")" else False


def _before(tokens: Sequence[Token], at: int) -> str:
    return tokens[at - 1].text if at else ""


def _read_import(module: Module, tokens: Sequence[Token], at: int, depth: int) -> int:
    """Take an import; returns the place after its statement, or 0 for one in an expression, which stays."""
    if tokens[at + 1].text == "(":
        target = tokens[at + 2]
        if target.kind != "string" or tokens[at + 3].text != ")":
            raise UnclearError("an import of what is computed")
        module.lazy.append(_target(module.path, target))
        return 0
    names: list[str] = []
    place = at + 1
    if tokens[place].text == "{":
        names, place = _names(tokens, place + 1)
    end = tokens[place + 1] if depth == 0 and tokens[place].kind == "string" else None
    if not end or end.text == "with" or not (end.text == ";" or end.breaks or end.kind == "end"):
        raise UnclearError("an import that is no plain one")
    module.imports.append(Import(tuple(names), _target(module.path, tokens[place])))
    return place + (2 if end.text == ";" else 1)


def _names(tokens: Sequence[Token], at: int) -> tuple[list[str], int]:
    """The names of `{ one, other } from`, from the first one on, and the place after it."""
    names: list[str] = []
    while tokens[at].text != "}":
        if tokens[at].kind != "word" or tokens[at + 1].text not in (",", "}"):
            raise UnclearError("an import under another name")
        names.append(tokens[at].text)
        at += 2 if tokens[at + 1].text == "," else 1
    if tokens[at + 1].text != "from":
        raise UnclearError("an import that is no plain one")
    return names, at + 2


def _target(path: str, token: Token) -> str:
    """The path of the script that a specifier means."""
    specifier = token.text[1:-1]
    if not specifier.startswith(("./", "../")) or "\\" in specifier:
        raise UnclearError("an import by no relative path")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))


def _read_word(module: Module, tokens: Sequence[Token], at: int, depth: int) -> None:
    """Take a word that stands after no dot: a name, a keyword, a key of an object."""
    word, following = tokens[at].text, tokens[at + 1]
    if word in _UNSAFE or "\\" in word:
        raise UnclearError(f"`{word}` in it")
    if not (_before(tokens, at) == "{" and following.text == ":"):
        module.words.add(word)
    if depth:
        return
    if word == "using":
        raise UnclearError(f"`{word}` in it")
    if word == "export":
        module.exports.add(_exported(tokens, at + 1))
    elif word in _DECLARES:
        names = set(_declared(tokens, at + 1))
        module.declared |= names
        if tokens[at + 1].text not in ("[", "{") and _begins(tokens, at):
            module.plain |= names


def _begins(tokens: Sequence[Token], at: int) -> bool:
    """Does a declaration begin a statement here? Else it is an expression, whose name is its own affair."""
    at -= _before(tokens, at) == "async"
    return _before(tokens, at) in ("", ";", "}", "export")


def _exported(tokens: Sequence[Token], at: int) -> str:
    at += tokens[at].text == "async"
    if tokens[at].text not in _DECLARES:
        raise UnclearError("an export that declares nothing")
    names = list(_declared(tokens, at + 1))
    if len(names) != 1:
        raise UnclearError("an export of a pattern")
    return names[0]


def _declared(tokens: Sequence[Token], at: int) -> Iterator[str]:
    """The name that is declared from a place on, or every word of a pattern. A class or function may have none."""
    is_pattern = tokens[at - 1].text in ("const", "let")
    at += tokens[at].text == "*"
    if tokens[at].kind == "word" and tokens[at].text != "extends":
        yield tokens[at].text
    elif is_pattern:
        depth = 0
        for token in tokens[at:]:
            depth += (token.right in _OPEN) - (token.left in _CLOSE)
            if token.kind == "word":
                yield token.text
            if not depth:
                return

"""Scripts that pages load, joined with what they import: one request instead of a chain of them.

Sources stay modules that run unjoined. A joined script has the tokens of its modules in the order in which they are
evaluated, without import statements and `export`. What it imports by `import("…")` stays a file of its own, joined
too, and takes what the page's script has from there; what several scripts of one page need stays a file that each
imports: so a page has each module once. Where this is not certain to mean the same, scripts stay as they are.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from publish.render.minify_js import script_tokens
from publish.render.minify_notes import UnclearError
from publish.render.module_js import Module, read_module
from publish.render.shorten_js import shortened

_COMPUTED = re.compile(r"\bimport\s*\(\s*(?![\"'\s])")


def join_scripts(texts: Mapping[str, str], pages: Iterable[Collection[str]]) -> tuple[dict[str, str], set[str]]:
    """The joined scripts by path, and the paths of modules that went into them and may be needed no more.

    `texts` are all scripts by path; `pages` the paths that stand together on one page, of other files too.
    """
    scripts = Scripts(texts, [frozenset(page) & frozenset(texts) for page in pages])
    made: dict[str, str] = {}
    used: set[str] = set()
    for entry in sorted(scripts.entries):
        try:
            files = scripts.joined(entry)
        except UnclearError:
            continue
        made |= files
        used |= scripts.reach(entry)
    return made, used - set(made) - scripts.shared


@dataclass(frozen=True)
class Scripts:
    """All scripts of a site, and which of them stand together on its pages."""

    texts: Mapping[str, str]
    pages: Sequence[frozenset[str]]

    @cached_property
    def entries(self) -> frozenset[str]:
        """The scripts that pages load themselves."""
        return frozenset[str]().union(*self.pages)

    @cached_property
    def shared(self) -> frozenset[str]:
        """What several scripts of one page need: it must be there once, for what it keeps and for `instanceof`."""
        needs = [Counter(path for entry in page for path in self.reach(entry)) for page in self.pages]
        return frozenset(path for counts in needs for path, count in counts.items() if count > 1)

    @cached_property
    def _users(self) -> Counter[str]:
        """How many scripts need each: those of pages, and those that nothing here loads."""
        inner = {path for entry in self.entries for path in self.reach(entry)}
        return Counter(path for root in self.entries | (set(self.texts) - inner) for path in self.reach(root))

    @cached_property
    def _modules(self) -> dict[str, Module | UnclearError]:
        return {path: _read(path, text) for path, text in self.texts.items()}

    def module(self, path: str) -> Module:
        """A script as a module. Raises `UnclearError`."""
        found = self._modules.get(path) or UnclearError(f"no script {path}")
        if isinstance(found, UnclearError):
            raise found
        return found

    def reach(self, path: str) -> set[str]:
        """All that a script may load, itself too; where that is unclear, what its text names."""
        found, waiting = set[str](), [path]
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            found.add(path)
            module = self._modules[path]
            if isinstance(module, UnclearError):
                named = (other for other in self.texts if posixpath.basename(other) in self.texts[path])
            else:
                named = (other for other in (*(one.target for one in module.imports), *module.lazy))
            waiting += [other for other in named if other in self.texts]
        return found

    def order(self, path: str, above: tuple[str, ...] = ()) -> list[str]:
        """A script and what it imports in the order in which they are evaluated. Raises `UnclearError`."""
        if path in above:
            raise UnclearError(f"modules that import each other: {path}")
        found: dict[str, None] = {}
        for one in self.module(path).imports:
            found |= dict.fromkeys(self.order(one.target, (*above, path)))
        return [*found, path]

    def joined(self, entry: str) -> dict[str, str]:
        """A page's script and what it imports when it is needed, joined, by path. Raises `UnclearError`."""
        if any(
            _COMPUTED.search(self.texts[path]) for path, one in self._modules.items() if not isinstance(one, Module)
        ):
            raise UnclearError("an import of what is computed")  # it may be of anything
        if not self.module(entry).imports:
            raise UnclearError("nothing to join")  # it may be no module, too
        files = {entry: self.order(entry)}
        waiting = [entry]
        while waiting:
            for member in files[waiting.pop()]:
                for lazy in self.module(member).lazy:
                    if lazy not in files and lazy not in self.shared:
                        files[lazy] = self.order(lazy)
                        waiting.append(lazy)
        for path in files:
            if self._users[path] > 1:
                raise UnclearError(f"{path} is needed elsewhere")
        return _Page(self, entry, files).texts()


def _read(path: str, text: str) -> Module | UnclearError:
    try:
        return read_module(path, text)
    except UnclearError as error:
        return error


class _Page:
    """The files of one page's script: itself and what it imports when it is needed."""

    def __init__(self, scripts: Scripts, entry: str, files: Mapping[str, Sequence[str]]) -> None:
        self._scripts = scripts
        self._entry = entry
        known = set(files[entry])
        self._home: dict[str, str] = {}  # of each module the file that has it
        self._members: dict[str, list[str]] = {}
        for path, order in files.items():
            new = [module for module in order if path == entry or module not in known]
            self._members[path] = [module for module in new if module not in scripts.shared]
            if [module for module in new if module in scripts.shared] != new[: len(new) - len(self._members[path])]:
                raise UnclearError("a module of several scripts that is not evaluated first")
            if self._members[path][-1:] != [path]:
                raise UnclearError(f"{path} is needed in two ways")
            for module in self._members[path]:
                if module in self._home:
                    raise UnclearError(f"{module} is needed by several files of a page")
                self._home[module] = path

    def texts(self) -> dict[str, str]:
        """The joined files by path. Raises `UnclearError`."""
        made = {path: self._text(path) for path in self._members}
        wanted = set().union(*(self._names(path).get(self._entry, set()) for path in self._members))
        missing = sorted(wanted - self._scripts.module(self._entry).exports)
        if missing:
            made[self._entry] += f"\nexport{{{','.join(missing)}}};"
        return {path: shortened(text, self._own_names(path)) for path, text in made.items()}

    def _own_names(self, path: str) -> set[str]:
        """Names at the top level of a file that nothing else can see."""
        plain = (self._scripts.module(member).plain for member in self._members[path])
        return set().union(*plain) - self._scripts.module(path).exports

    def _names(self, path: str) -> dict[str, set[str]]:
        """What a file imports: names by the file that they come from, files in the order of evaluation."""
        order = {module: place for place, module in enumerate(self._scripts.order(path))}
        found: dict[str, set[str]] = {}
        imports = (one for module in self._members[path] for one in self._scripts.module(module).imports)
        for one in sorted(imports, key=lambda one: order[one.target]):
            home = self._home.get(one.target, one.target)
            if not set(one.names) <= self._scripts.module(one.target).exports:
                raise UnclearError(f"{one.target} has no such export")
            if home != path:
                found.setdefault(home, set()).update(one.names)
        return found

    def _text(self, path: str) -> str:
        self._check_names(path)
        folder = posixpath.dirname(path)
        parts = [_import(posixpath.relpath(home, folder), names) for home, names in self._names(path).items()]
        expected = [text for part in parts for text in _texts(part)]
        for member in self._members[path]:
            module = self._scripts.module(member)
            if module.lazy and posixpath.dirname(member) != folder:
                raise UnclearError("an import by a path that would change")
            tokens = module.exported if member == path else module.body
            own = [token.text for token in tokens if token.text]
            # On a new line only a word is sure to begin another statement.
            glue = [";"] if own and expected and expected[-1] != ";" and not own[0][0].isalpha() else []
            parts.append("".join((*glue, *(token.gap + token.text for token in tokens))))
            expected += glue + own
        text = "\n".join(parts)
        if _texts(text) != expected:
            raise UnclearError("tokens that would be read as others")
        return text

    def _check_names(self, path: str) -> None:
        """No name of the top level may be a word of another module, which may mean its own or a global one by it."""
        members = [self._scripts.module(member) for member in self._members[path]]
        for one in members:
            origins = dict.fromkeys(one.declared, one.path)
            for part in one.imports:
                if self._home.get(part.target) != path:
                    origins |= dict.fromkeys(part.names, part.target)
            for other in members:
                own = {name: part.target for part in other.imports for name in part.names}
                for name in other.words & origins.keys():
                    if other is not one and own.get(name) != origins[name]:
                        raise UnclearError(f"{name} of {one.path} is a word of {other.path}, too")


def _import(target: str, names: Collection[str]) -> str:
    clause = f"{{{','.join(sorted(names))}}}from" if names else ""
    return f'import{clause}"{target if target.startswith("../") else f"./{target}"}";'


def _texts(script: str) -> list[str]:
    return [token.text for token in script_tokens(script) if token.text]

"""YAML and JSON read with the line of every key and the written text of every scalar.

No arbitrary tags, no dates made of text, keys always as written: what a schema sees is what the author typed.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from publish.model.issue import Issue, Level

KeyPath = tuple[str | int, ...]

MAX_BYTES = 4_000_000
MAX_NODES = 200_000
_TAG = "tag:yaml.org,2002:"


class NotReadable(Exception):  # noqa: N818  (an outcome, turned into an issue by whoever asked)
    """A file that is no YAML or JSON. `hint` says why without quoting the file; `line` is 0 if unknown."""

    def __init__(self, hint: str, line: int = 0) -> None:
        self.hint, self.line = hint, line
        super().__init__(hint)


@dataclass(frozen=True, slots=True)
class Marked:
    """A value of plain dicts, lists and scalars, and where its parts stand in `file` (relative to the site's root).

    `lines` maps paths of keys and items to line numbers, `texts` paths of scalars to their written form; both are
    absolute in the file, `base` is the path of `value` in it. `duplicates` are keys written twice (the last one wins).
    """

    value: Any
    file: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    texts: Mapping[KeyPath, str] = field(default_factory=dict)
    duplicates: tuple[tuple[KeyPath, int], ...] = ()
    base: KeyPath = ()

    def at(self, *path: str | int) -> "Marked":
        """The part at `path`, which must exist."""
        value = self.value
        for key in path:
            value = value[key]
        return replace(self, value=value, base=self.base + path)

    def line(self, *path: str | int) -> int:
        """Line of the part at `path`, or of the nearest part above it that stands in the file; 0 if none does."""
        full = self.base + path
        while full and full not in self.lines:
            full = full[:-1]
        return self.lines.get(full, 0)

    def text(self, *path: str | int) -> str:
        """The scalar at `path` as written; JSON for anything else."""
        written = self.texts.get(self.base + path)
        if written is not None:
            return written
        value = self.at(*path).value
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def issue(
        self,
        code: str,
        hint: str,
        *path: str | int,
        level: Level = Level.ERROR,
        package: str = "",
        resource: str = "",
        column: str = "",
    ) -> Issue:
        """A finding about the part at `path`."""
        return Issue(
            code, level, hint, file=self.file, line=self.line(*path), package=package, resource=resource, field=column
        )


def load_marked(path: Path, file: str) -> Marked:
    """Read a .json or .yaml file. `file` is what findings call it. Raises NotReadable."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError):
        raise NotReadable("the file cannot be read") from None
    if len(data) > MAX_BYTES:
        raise NotReadable(f"larger than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotReadable("not UTF-8", data.count(b"\n", 0, error.start) + 1) from None
    return parse_json(text, file) if path.suffix == ".json" else parse_yaml(text, file)


def parse_own_yaml(text: str, file: str) -> Marked:
    """The same as `parse_yaml`, several times as fast, of files of the program itself: the parser of libyaml. On what
    others write the two may differ, in what they refuse and where they say that it stands."""
    return _parsed(text, file, 1, _QuickComposer)


def parse_yaml(text: str, file: str, first_line: int = 1) -> Marked:
    """Parse YAML text that begins on `first_line` of `file`. Raises NotReadable."""
    return _parsed(text, file, first_line, _Composer)


def _parsed(text: str, file: str, first_line: int, composer: type[Any]) -> Marked:
    try:
        node = yaml.compose(text, Loader=composer)
        builder = _Builder(first_line)
        value = None if node is None else builder.build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotReadable("not valid YAML", mark.line + first_line if mark else 0) from None
    except yaml.YAMLError:
        raise NotReadable("not valid YAML") from None
    except RecursionError:
        raise NotReadable("nested too deeply") from None
    return Marked(value, file, builder.lines, builder.texts, tuple(builder.duplicates))


def parse_json(text: str, file: str) -> Marked:
    """Parse strict JSON; its marks are those of the same text read as YAML (of which JSON is a part)."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise NotReadable("not valid JSON", error.lineno) from None
    except ValueError:
        raise NotReadable("a number is not usable") from None
    except RecursionError:
        raise NotReadable("nested too deeply") from None
    try:
        # A tab is white space in JSON and an error in YAML; inside a JSON string it is always escaped.
        return replace(parse_yaml(text.replace("\t", " "), file), value=value)
    except NotReadable:
        return Marked(value, file)


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


class _Composer(yaml.SafeLoader):
    """Resolves no timestamps, so that dates stay as written."""


class _QuickComposer(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # known when it is loaded
    """The same, by libyaml where it is there."""


_Composer.yaml_implicit_resolvers = _QuickComposer.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TAG + "timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Builder:
    """Makes plain values from nodes and notes lines, texts and duplicate keys on the way."""

    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.lines: dict[KeyPath, int] = {}
        self.texts: dict[KeyPath, str] = {}
        self.duplicates: list[tuple[KeyPath, int]] = []
        self.nodes = 0

    def build(self, node: Node, path: KeyPath) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:  # aliases can make a few lines grow without end, or refer to themselves
            raise NotReadable("too many values (aliases that repeat each other?)", self.line(node))
        self.lines.setdefault(path, self.line(node))
        if isinstance(node, MappingNode) and node.tag == _TAG + "map":
            return self.mapping(node, path)
        if isinstance(node, SequenceNode) and node.tag == _TAG + "seq":
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            self.texts[path] = node.value
            return self.scalar(node)
        raise NotReadable("tags are not allowed", self.line(node))

    def mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged = self.merge(value_node, path) | merged
                continue
            if not isinstance(key_node, ScalarNode):
                raise NotReadable("a key must be a single word or text", self.line(key_node))
            key, line = key_node.value, self.line(key_node)
            if key in own:
                self.duplicates.append(((*path, key), line))
            self.lines[(*path, key)] = line
            own[key] = self.build(value_node, (*path, key))
        return merged | own

    def merge(self, node: Node, path: KeyPath) -> dict[str, Any]:
        sources = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in sources:
            if not isinstance(source, MappingNode):
                raise NotReadable("only mappings can be merged", self.line(node))
            merged = self.build(source, path) | merged
        return merged

    def scalar(self, node: ScalarNode) -> Any:
        construct = SafeConstructor()
        try:
            match node.tag.removeprefix(_TAG):
                case "str":
                    return node.value
                case "null":
                    return None
                case "bool":
                    return construct.construct_yaml_bool(node)
                case "int":
                    return construct.construct_yaml_int(node)
                case "float":
                    number = construct.construct_yaml_float(node)
                    return number if math.isfinite(number) else node.value
        except (ValueError, KeyError, IndexError, OverflowError):
            return node.value
        raise NotReadable("tags are not allowed", self.line(node))

    def line(self, node: Node) -> int:
        return int(node.start_mark.line) + self.first_line

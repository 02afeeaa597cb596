"""Recipes: how one kind of legacy table becomes a data package. The format is described in docs/importers.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from publish.importers.folding import fold_text
from publish.model.issue import BuildStopped, Issue, Level


class Whitespace(StrEnum):
    """What happens to white space in cells: nothing, cut at both ends, or runs made one space as well."""

    KEEP = "keep"
    TRIM = "trim"
    COLLAPSE = "collapse"


class Ragged(StrEnum):
    """What happens to a row that is shorter than its key columns or has surplus cells."""

    STOP = "stop"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is taken over. `title` and `aliases` are its possible titles in the source's header."""

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A date read from the text column `source`, which keeps what was written.

    `past`: the day must not lie after the as-of date of the import; one that does was miswritten and is left blank.
    """

    field: str
    source: str
    title: str
    description: str = ""
    past: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to read a delimited file and what package to write.

    `package` are properties of the descriptor (name, title, licenses, ...); `disclosure` is its disclosure block as it
    is. Two rows with equal `key` columns are one record (after NFKC and removal of white space), and the last one wins.
    """

    package: Mapping[str, Any]
    resource: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    record_id: str = "record_id"
    record_id_title: str = "record id"
    dates: tuple[DateColumn, ...] = ()
    encodings: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","
    quote: str | None = '"'
    whitespace: Whitespace = Whitespace.TRIM
    ragged: Ragged = Ragged.STOP
    disclosure: Mapping[str, Any] = field(default_factory=dict)


def load_recipe(path: Path) -> Recipe:
    """The recipe in a YAML file. Raises BuildStopped with every fault: `recipe.bad-file`, `recipe.bad-value`."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_PlainDates)
    except (OSError, UnicodeDecodeError) as error:
        raise BuildStopped((_fault("recipe.bad-file", path, f"not readable: {type(error).__name__}"),)) from None
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise BuildStopped((_fault("recipe.bad-file", path, "not readable as YAML", line),)) from None
    faults = [
        _fault("recipe.bad-value", path, f"{error.validator} is not met at {error.json_path}")
        for error in sorted(Draft202012Validator(_SCHEMA).iter_errors(raw), key=lambda e: (e.json_path, e.message))
    ]
    if not faults:
        recipe = _recipe(raw)
        faults = [_fault("recipe.bad-value", path, hint) for hint in _contradictions(recipe)]
    if faults:
        raise BuildStopped(tuple(faults))
    return recipe


class _PlainDates(yaml.SafeLoader):
    """Dates stay text, so that they reach the descriptor as they were written."""


_PlainDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

_FIELD = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_TEXT = {"type": "string", "minLength": 1}
# The encodings of tables that offices of East Asia have left behind, and those of their spreadsheets.
_ENCODINGS = ["utf-8", "utf-16", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp1252"]
_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["package", "resource", "columns", "key", "disclosure"],
    "properties": {
        "package": {
            "type": "object",
            "required": ["name", "title"],
            "properties": {"name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]*$"}, "title": _TEXT},
            "not": {"anyOf": [{"required": ["resources"]}, {"required": ["disclosure"]}]},
        },
        "resource": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "encodings": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": _ENCODINGS}},
        "delimiter": {"type": "string", "minLength": 1, "maxLength": 1},
        "quote": {"type": ["string", "null"], "minLength": 1, "maxLength": 1},
        "whitespace": {"enum": [value.value for value in Whitespace]},
        "ragged": {"enum": [value.value for value in Ragged]},
        "columns": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["field", "title"],
                "properties": {
                    "field": _FIELD,
                    "title": _TEXT,
                    "aliases": {"type": "array", "items": _TEXT},
                    "description": _TEXT,
                    "optional": {"type": "boolean"},
                },
            },
        },
        "dates": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["field", "source", "title"],
                "properties": {
                    "field": _FIELD,
                    "source": _FIELD,
                    "title": _TEXT,
                    "description": _TEXT,
                    "past": {"type": "boolean"},
                },
            },
        },
        "key": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _FIELD},
        "record_id": _FIELD,
        "record_id_title": _TEXT,
        "disclosure": {"type": "object"},
    },
}


def _recipe(raw: Mapping[str, Any]) -> Recipe:
    values = dict(raw)
    values["columns"] = tuple(
        Column(**{**entry, "aliases": tuple(entry.get("aliases", ()))}) for entry in raw["columns"]
    )
    values["dates"] = tuple(DateColumn(**entry) for entry in raw.get("dates", ()))
    values["key"] = tuple(raw["key"])
    values["encodings"] = tuple(raw.get("encodings", ("utf-8",)))
    values["whitespace"] = Whitespace(raw.get("whitespace", "trim"))
    values["ragged"] = Ragged(raw.get("ragged", "stop"))
    return Recipe(**values)


def _contradictions(recipe: Recipe) -> Iterator[str]:
    """What a schema cannot say: names that are used twice or refer to nothing."""
    columns = [column.field for column in recipe.columns]
    written = [recipe.record_id, *columns, *(column.field for column in recipe.dates)]
    yield from (f"field {name} is used twice" for name in _repeated(written))
    titles = [fold_text(title) for column in recipe.columns for title in (column.title, *column.aliases)]
    if list(_repeated(titles)):
        yield "a column title or alias is used twice"
    optional = {column.field for column in recipe.columns if column.optional}
    for name in recipe.key:
        if name not in columns:
            yield f"key names {name}, which is no column"
        elif name in optional:
            yield f"key names {name}, which is optional: records would change their identity where it is absent"
    yield from (
        f"date {d.field} is read from {d.source}, which is no column" for d in recipe.dates if d.source not in columns
    )
    if recipe.delimiter == recipe.quote or recipe.delimiter in "\r\n":
        yield "the delimiter is the quote or a line end"


def _repeated(names: list[str]) -> Iterator[str]:
    return (name for name in dict.fromkeys(names) if names.count(name) > 1)


def _fault(code: str, path: Path, hint: str, line: int = 0) -> Issue:
    return Issue(code, Level.ERROR, hint, file=path.name, line=line)

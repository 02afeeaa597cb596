"""Check a marked value against one of the JSON Schemas of load/schemas/ and tell everything that is wrong.

The messages are our own: those of jsonschema quote values.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from publish.load.marked import KeyPath, Marked
from publish.model.issue import Issue, Level

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys to values",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class Codes:
    """The issue codes of one kind of file."""

    unknown_key: str
    missing_key: str
    bad_type: str
    bad_value: str
    duplicate_key: str


def load_schema(name: str) -> dict[str, Any]:
    """A JSON Schema of the program, written as YAML."""
    text = files("publish.load").joinpath(f"schemas/{name}").read_text("utf-8")
    schema: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # our own file
    return schema


def schema_issues(
    marked: Marked, schema: str | Mapping[str, Any], codes: Codes, package: str = "", resource: str = ""
) -> list[Issue]:
    """Every fault of `marked` under `schema`, in the order of the lines. No values in the hints.

    `schema` is the name of a schema file, or what `load_schema` made of it, for whoever checks many files with one.
    """
    loaded = load_schema(schema) if isinstance(schema, str) else schema
    validator = Draft202012Validator(loaded, format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = {
        (path, code): marked.issue(code, f"{key_name(path)}: {hint}", *path, package=package, resource=resource)
        for error in validator.iter_errors(marked.value)
        for code, path, hint in _faults(error, codes)
    }
    return sorted(found.values(), key=lambda issue: (issue.line, issue.hint))


def duplicate_issues(
    marked: Marked, code: str, level: Level = Level.ERROR, package: str = "", resource: str = ""
) -> list[Issue]:
    """One issue per key that is written twice in the same mapping."""
    hint = "written twice; the last one counts"
    return [
        Issue(code, level, f"{key_name(path)}: {hint}", file=marked.file, line=line, package=package, resource=resource)
        for path, line in marked.duplicates
    ]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?`, or the words that are known, or nothing."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= 30 else ""


def key_name(path: KeyPath) -> str:
    """`limits.count_drop`, `resources[2].path`. Keys below a `values` mapping are cell texts and are left out."""
    name = ""
    for index, key in enumerate(path):
        if index >= 2 and path[index - 2] == "values":
            break
        name += f"[{key}]" if isinstance(key, int) else f".{key}" if name else key
    return name or "the file"


def _faults(error: ValidationError, codes: Codes) -> Iterator[tuple[str, KeyPath, str]]:
    path: KeyPath = tuple(error.absolute_path)
    schema, instance = error.schema, error.instance
    assert isinstance(schema, dict)
    if error.validator == "additionalProperties" and isinstance(instance, dict):
        known = schema.get("properties", {})
        for key in instance.keys() - known.keys():
            yield codes.unknown_key, (*path, key), f"unknown key{did_you_mean(key, known)}"
    elif error.validator == "required" and isinstance(instance, dict):
        for key in schema["required"]:
            if key not in instance:
                yield codes.missing_key, (*path, key), "this key is required"
    elif error.validator == "type":
        yield codes.bad_type, path, _type_hint(schema["type"], instance)
    else:
        yield codes.bad_value, path, _value_hint(error, schema)


def _type_hint(types: str | list[str], instance: Any) -> str:
    wanted = [types] if isinstance(types, str) else [name for name in types if name != "null"]
    hint = f"expected {' or '.join(_TYPES[name] for name in wanted)}, found {_type_of(instance)}"
    if "string" in wanted and isinstance(instance, (bool, int, float)):
        hint += "; put it in quotes"
    return hint


def _type_of(instance: Any) -> str:
    for kind, name in ((bool, "boolean"), (str, "string"), (dict, "object"), (list, "array"), (type(None), "null")):
        if isinstance(instance, kind):
            return _TYPES[name]
    return "a number"


def _value_hint(error: ValidationError, schema: dict[str, Any]) -> str:
    if "hint" in schema:
        return str(schema["hint"])
    match error.validator:
        case "enum":
            return f"expected one of {', '.join(map(str, schema['enum']))}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"out of range: {error.validator} is {error.validator_value}"
        case "minLength" | "minItems" | "minProperties":
            return "must not be empty"
        case "uniqueItems":
            return "the same item is listed twice"
        case _:
            return f"not allowed ({error.validator})"

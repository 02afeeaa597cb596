"""Table Schema: from a checked descriptor to the model."""

from collections.abc import Iterator
from typing import Any

from publish.load.descriptor import Descriptor, Part
from publish.load.marked import Marked
from publish.model.issue import Issue, Level
from publish.model.source import Constraints, FieldSpec, ForeignKey, Schema

_OPTIONS = ("groupChar", "decimalChar", "bareNumber", "trueValues", "falseValues", "delimiter", "itemType")
_UNCHECKED = ("exclusiveMinimum", "exclusiveMaximum", "jsonSchema")
# Columns that the stages add to tables of records.
RESERVED = frozenset(
    {"_row", "_key", "_title", "_subject", "_code", "_kind", "_date", "_until", "_authority", "_severity", "_reason"}
    | {"_flag"}
)


def table_schema(marked: Marked, version: str) -> Schema:
    """The schema at `marked`, which has been checked. `version` (v1, v2, unknown) decides whether categories count."""
    raw = marked.value
    return Schema(
        fields=tuple(_field(marked.at("fields", index), version) for index in range(len(raw["fields"]))),
        primary_key=_names(raw.get("primaryKey")),
        foreign_keys=tuple(
            ForeignKey(_names(key["fields"]), key["reference"].get("resource", ""), _names(key["reference"]["fields"]))
            for key in raw.get("foreignKeys", ())
        ),
        unique_keys=tuple(_names(key) for key in raw.get("uniqueKeys", ())),
        missing_values=_missing(raw["missingValues"]) if "missingValues" in raw else ("",),
        fields_match=raw.get("fieldsMatch", "exact"),
    )


def table_schema_issues(part: Part) -> Iterator[Issue]:
    """What the standard allows and this program does not, or not yet. Codes `package.reserved-field`,
    `package.constraint-not-checked`, `package.bad-key`."""
    assert part.schema is not None
    fields = part.schema.value["fields"]
    names = {field["name"] for field in fields}
    for index, field in enumerate(fields):
        if field["name"] in RESERVED:
            hint = "this name is used by the program for columns of its own"
            yield part.schema_issue("package.reserved-field", hint, "fields", index, column=field["name"])
        for name in _UNCHECKED:
            if name in field.get("constraints", {}):
                yield part.schema_issue(
                    "package.constraint-not-checked",
                    f"{name} is not checked by this program",
                    *("fields", index, "constraints", name),
                    level=Level.WARNING,
                    column=field["name"],
                )
    for index, key in enumerate(part.schema.value.get("uniqueKeys", ())):
        if not names.issuperset(_names(key)):
            hint = "uniqueKeys names a field that the schema does not have"
            yield part.schema_issue("package.bad-key", hint, "uniqueKeys", index)


def foreign_key_issues(descriptor: Descriptor) -> Iterator[Issue]:
    """Foreign keys whose target is not in the package. Code `package.bad-key`."""
    names = {
        part.name: {field["name"] for field in part.schema.value["fields"]}
        for part in descriptor.parts
        if part.sound and part.schema is not None
    }
    known = {part.name for part in descriptor.parts}
    for part in descriptor.parts:
        for index, key in enumerate(part.schema.value.get("foreignKeys", ()) if part.sound and part.schema else ()):
            target = key["reference"].get("resource", "") or part.name
            if target not in known:
                hint = "foreignKeys: the package has no resource of that name"
            elif target in names and not names[target].issuperset(_names(key["reference"]["fields"])):
                hint = "foreignKeys: the other resource has no field of that name"
            else:
                continue
            yield part.schema_issue("package.bad-key", hint, "foreignKeys", index)


def _field(marked: Marked, version: str) -> FieldSpec:
    raw = marked.value
    return FieldSpec(
        name=raw["name"],
        type=raw.get("type", "string"),  # frictionless reads a field without type as a string
        format=raw.get("format", "default").removeprefix("fmt:"),
        title=raw.get("title", ""),
        description=raw.get("description", ""),
        constraints=_constraints(marked, version),
        missing_values=_missing(raw["missingValues"]) if "missingValues" in raw else None,
        options={
            name: tuple(raw[name]) if isinstance(raw[name], list) else raw[name] for name in _OPTIONS if name in raw
        },
    )


def _constraints(marked: Marked, version: str) -> Constraints:
    raw = marked.value.get("constraints", {})

    def written(name: str) -> str | None:
        return marked.text("constraints", name) if name in raw else None

    return Constraints(
        required=raw.get("required", False),
        unique=raw.get("unique", False),
        pattern=raw.get("pattern"),
        enum=_enum(marked, version),
        minimum=written("minimum"),
        maximum=written("maximum"),
        min_length=raw.get("minLength"),
        max_length=raw.get("maxLength"),
    )


def _enum(marked: Marked, version: str) -> tuple[str, ...] | None:
    """`constraints.enum` as written, narrowed by the `categories` that Data Package v2 knows."""
    raw = marked.value
    listed = raw.get("constraints", {}).get("enum")
    enum = None if listed is None else tuple(marked.text("constraints", "enum", i) for i in range(len(listed)))
    if version == "v1" or "categories" not in raw:
        return enum
    categories = tuple(
        marked.text("categories", index, *(("value",) if isinstance(item, dict) and "value" in item else ()))
        for index, item in enumerate(raw["categories"])
    )
    return categories if enum is None else tuple(value for value in enum if value in categories)


def _names(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _missing(entries: list[Any]) -> tuple[str, ...]:
    return tuple(entry["value"] if isinstance(entry, dict) else entry for entry in entries)

"""A table's header against its schema, by the `fieldsMatch` of Data Package v2, with frictionless's verdicts.

No hint quotes a label: where a header is missing, the first row's cells stand in its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publish.model.issue import Issue, Level
from publish.model.source import FieldSpec, Schema

_MAY_HAVE_MORE = frozenset({"subset", "partial"})
_MAY_HAVE_FEWER = frozenset({"superset", "partial"})


@dataclass(frozen=True, slots=True)
class Header:
    """`columns`: for each schema field its position in the file (from 0), None if the file lacks it. `width`: cells
    that a row must have."""

    columns: tuple[int | None, ...]
    width: int


def match_header(labels: Sequence[str], schema: Schema, package: str, resource: str) -> tuple[Header, list[Issue]]:
    """Pair the labels of a file (empty: no header) with the fields of its schema.

    Codes, all errors: `header.extra-label`, `header.missing-label`, `header.blank-label`, `header.duplicate-label`,
    `header.incorrect-label`, `header.unmatched`.
    """
    fields = schema.fields
    if not labels:
        return Header(tuple(range(len(fields))), len(fields)), []
    found = _by_order(labels, fields) if schema.fields_match == "exact" else _by_name(labels, schema)
    issues = [
        Issue(code, Level.ERROR, hint, package=package, resource=resource, field=name) for code, hint, name in found
    ]
    if schema.fields_match == "exact":
        columns = tuple(index if index < len(labels) else None for index in range(len(fields)))
    else:
        places = {label: index for index, label in enumerate(labels)}
        columns = tuple(places.get(spec.name) for spec in fields)
    return Header(columns, len(labels)), issues


def _by_order(labels: Sequence[str], fields: Sequence[FieldSpec]) -> Iterator[tuple[str, str, str]]:
    for number in range(len(fields) + 1, len(labels) + 1):
        yield "header.extra-label", f"column {number} of the file is not in the schema", ""
    for spec in fields[len(labels) :]:
        yield "header.missing-label", "the file has no column for this field", spec.name
    for index, (label, spec) in enumerate(zip(labels, fields, strict=False)):
        number = index + 1
        if not label:
            yield "header.blank-label", f"column {number} has no label", spec.name
        elif label in labels[:index]:
            first = labels.index(label) + 1
            yield "header.duplicate-label", f"column {number} has the same label as column {first}", spec.name
        elif label != spec.name:
            yield "header.incorrect-label", f"column {number} has another label than the field", spec.name


def _by_name(labels: Sequence[str], schema: Schema) -> Iterator[tuple[str, str, str]]:
    names = {spec.name for spec in schema.fields}
    for index, label in enumerate(labels):
        if label in labels[:index]:
            hint = f"column {index + 1} has the same label as column {labels.index(label) + 1}"
            yield "header.duplicate-label", hint, label if label in names else ""
        elif label not in names and schema.fields_match not in _MAY_HAVE_MORE:
            yield "header.extra-label", f"column {index + 1} of the file is not in the schema", ""
    if schema.fields_match == "partial" and not names.intersection(labels):
        yield "header.unmatched", "no column of the file is in the schema", ""
    for spec in schema.fields:
        needed = spec.constraints.required or spec.name in schema.primary_key
        if spec.name not in labels and (needed or schema.fields_match not in _MAY_HAVE_FEWER):
            yield "header.missing-label", "the file has no column for this field", spec.name

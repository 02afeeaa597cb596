"""What the Data Package standard says of a descriptor, as frictionless sees it. The one importer of frictionless.

frictionless is given copies that can make it read nothing: references are resolved and custom profiles, which it would
fetch, are dropped before. Its messages quote what they are about, so they are translated.
"""

import copy
import re
import warnings
from collections.abc import Iterator
from typing import Any, Literal

from frictionless import FrictionlessException, Package, Resource
from frictionless import Schema as TableSchema
from frictionless.metadata.context import ValidationContext
from frictionless.schema.field import Field

from publish.load.descriptor import Descriptor, Part
from publish.load.marked import Marked
from publish.model.issue import Issue, Level

CODE = "package.bad-descriptor"
_Version = Literal["v1", "v2", "unknown"]
_PROFILES = ("data-package", "tabular-data-package", "data-resource", "tabular-data-resource")
# What load checks itself, and frictionless warns of, ignores or reads files for.
_OWN = frozenset({"hash", "hashing", "bytes", "stats", "layout", "data", "extrapaths", "disclosure", "compression"})
_PROPERTY = re.compile(r"at property '([A-Za-z0-9$/]+)'\s*$")
_CONSTRAINT = re.compile(r'constraint "(\w+)" is not supported by type "(\w+)"')
_HINTS = (
    (r"names of the resources are not unique", "resources: two of them have the same name"),
    (r"names of the fields are not unique", "fields: two of them have the same name"),
    (r"does not match '\^\(\[-a-z0-9", "name: only a-z, 0-9 and . _ - / are allowed before Data Package v2"),
    (r"is not safe", "path: not a safe path"),
    (r'one of the properties "path" or "data"', "path: this key is required"),
    (r"license requires", "licenses: each needs a name or a path"),
    (r'property "created"', "created: expected a date and time such as 2026-01-31T00:00:00Z"),
    (r'is not valid "email"', "email: not an e-mail address"),
    (r'"tabular-data-package" requires', "profile: tabular-data-package needs tabular-data-resource everywhere"),
    (r'requires "schema" to be present', "profile: tabular-data-resource needs a schema"),
    (r"should be set as", "missingValues, fields or required stands outside of the schema or the constraints"),
    (r"primary key", "primaryKey: names a field that the schema does not have"),
    (r"does not match the reference fields", "foreignKeys: fields and reference fields differ in number"),
    (r"foreign key", "foreignKeys: names a field that the schema does not have"),
    (r"missing values in object form", "missingValues: the object form needs Data Package v2"),
    (r"missing value", "missingValues: an entry is listed twice"),
    (r"example value", "example: not a value of the field's type"),
    (r"requires datapackage v2", "constraints: exclusive bounds need Data Package v2"),
    (r"type .* is not supported|unsupported type", "type: not a type of the standard"),
)


def datapackage_version(marked: Marked) -> _Version:
    """`v1`, `v2` or `unknown` (a custom `$schema`), as a descriptor declares it."""
    version: _Version = Package.effective_datapackage_version(marked.value, None)
    return version


def standard_issues(descriptor: Descriptor) -> list[Issue]:
    """Faults of a descriptor against the standard. Code `package.bad-descriptor`; warning `package.custom-profile`.

    frictionless tells no places, hence the package, each resource, each schema and each field are asked on their own;
    the whole is asked last, so that its verdict is never missed.
    """
    package = descriptor.info.name
    issues = list(_profile_issues(descriptor))
    faults = [
        descriptor.marked.issue(CODE, hint, package=package)
        for hint in _hints(Package, _plain(descriptor.marked.value) | {"resources": []}, None)
    ]
    if len({part.name for part in descriptor.parts}) < len(descriptor.parts):
        hint = "resources: two of them have the same name"
        faults.append(descriptor.marked.issue(CODE, hint, "resources", package=package))
    version = datapackage_version(descriptor.marked)
    for part in descriptor.parts:
        faults += _part_issues(part, version)
    if not faults and all(part.sound for part in descriptor.parts):
        whole = _plain(descriptor.marked.value) | {"resources": [_whole_part(part) for part in descriptor.parts]}
        faults = [descriptor.marked.issue(CODE, hint, package=package) for hint in _hints(Package, whole, None)]
    return issues + faults


def _profile_issues(descriptor: Descriptor) -> Iterator[Issue]:
    for marked in (descriptor.marked, *(part.marked for part in descriptor.parts)):
        if "profile" in marked.value and marked.value["profile"] not in _PROFILES:
            hint = "profile: only the standard's own profiles are checked; this one is not fetched"
            yield marked.issue(
                "package.custom-profile", hint, "profile", level=Level.WARNING, package=descriptor.info.name
            )


def _part_issues(part: Part, version: _Version) -> Iterator[Issue]:
    shell = _whole_part(part) | {"schema": {"fields": [{"name": "x"}]}}
    if part.schema is None:
        shell.pop("schema")
    for hint in _hints(Resource, shell, version):
        yield part.issue(CODE, hint)
    if part.schema is None or not part.sound:
        return
    bad_fields = False
    for index, field in enumerate(part.schema.value["fields"]):
        for hint in _hints(Field, field, version):
            bad_fields = True
            yield part.schema_issue(CODE, hint, "fields", index, column=field["name"])
    schema = dict(part.schema.value)
    if bad_fields:
        schema["fields"] = [{"name": field["name"]} for field in schema["fields"]]
    for hint in _hints(TableSchema, schema, version):
        yield part.schema_issue(CODE, hint)


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """A package or resource without what frictionless shall not see, and with the dates and versions YAML spoils."""
    plain = {key: item for key, item in value.items() if key not in _OWN}
    if plain.get("profile") not in _PROFILES:
        plain.pop("profile", None)
    plain.pop("profiles", None)
    if isinstance(plain.get("version"), (int, float)):
        plain["version"] = str(plain["version"])
    created = plain.get("created")
    if isinstance(created, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", created):
        plain["created"] = f"{created}T00:00:00Z"
    return plain


def _whole_part(part: Part) -> dict[str, Any]:
    whole = _plain(part.raw)
    whole.pop("schema", None)
    whole.pop("dialect", None)
    if "data" in part.raw or "path" in part.raw:  # load's own checks are stricter, and have codes of their own
        whole["path"] = "file"
    if part.schema is not None:
        whole["schema"] = part.schema.value
    if part.dialect is not None:
        whole["dialect"] = part.dialect.value
    return whole


def _hints(kind: Any, value: dict[str, Any], version: _Version | None) -> list[str]:
    """What frictionless's class `kind` finds wrong with `value`, in our words, each thing once."""
    value = copy.deepcopy(value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            kind.metadata_transform(value)
            chosen = kind.metadata_select_class(value.get("type"))
            chosen.metadata_transform(value)
            context = ValidationContext(datapackage_version=version)
            notes = [error.note for error in chosen.metadata_validate(value, context=context)]
        except FrictionlessException as error:
            notes = [reason.note for reason in error.reasons or [error.error]]
        except Exception:  # shapes that frictionless does not expect make it fail in many ways
            notes = [""]
    return list(dict.fromkeys(_translated(note) for note in notes))


def _translated(note: str) -> str:
    constraint = _CONSTRAINT.search(note)
    if constraint and constraint[1].isascii():
        return f"constraints: {constraint[1]} is not supported by type {constraint[2]}"
    for pattern, hint in _HINTS:
        if re.search(pattern, note):
            return hint
    place = _PROPERTY.search(note)
    if place:
        return f"{place[1].replace('/', '.')}: not of the type or form that the standard asks for"
    return "not a descriptor of the standard"

"""The disclosure block: which resources are records or registers, what their fields mean and who may see them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from publish.load.checking import Codes, did_you_mean, schema_issues
from publish.load.descriptor import Descriptor
from publish.load.files import is_table
from publish.load.marked import Marked
from publish.load.registers import Fault, misplaced_roles, register_faults
from publish.model.issue import Issue
from publish.model.source import DisclosureSpec, Publicity, RegisterSpec, Role, Schema
from publish.model.terms import Absence, Kind, Register, SubjectKind

CODES = Codes(
    unknown_key="disclosure.unknown-key",
    missing_key="disclosure.missing-key",
    bad_type="disclosure.bad-type",
    bad_value="disclosure.bad-value",
    duplicate_key="disclosure.duplicate-key",
)
# What a catalogue entry states in words (JS-M 8; JS-J (5)), and the channel of first publication.
STATED = (
    *("update_cycle", "channel", "data_source", "scope_of_use", "data_format", "period_of_use", "retention_period"),
    "authority_level",
)
LISTS = frozenset({Kind.BLACKLIST, Kind.REDLIST})
REPEATABLE = frozenset({Role.RECORD_ID, Role.OTHER_PERSON, Role.INFORMANT, Role.PERSON_NUMBER})
# Names that pages and feeds of the site have below /exits/ and /datasets/.
RESERVED = frozenset({"exits", "index"})
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a block says of one resource: its schema with roles and classes, and one of the two specs."""

    marked: Marked
    schema: Schema
    record: DisclosureSpec | None = None
    register: RegisterSpec | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One resource of a block; `marked` stands at the entry."""

    package: str
    resource: str
    marked: Marked

    @property
    def raw(self) -> dict[str, Any]:
        value: dict[str, Any] = self.marked.value
        return value

    def fault(self, code: str, hint: str, *path: str | int, column: str = "") -> Issue:
        return self.marked.issue(code, hint, *path, package=self.package, resource=self.resource, column=column)


def load_block(
    block: Marked, descriptor: Descriptor, schemas: Mapping[str, Schema]
) -> tuple[dict[str, Assignment], list[Issue]]:
    """Check a block against its package. `schemas` are those of the tables that can be read, by resource name.

    A resource that the block is wrong about gets no assignment, hence is never published. Every finding is an error.
    """
    package = descriptor.info.name
    faults = schema_issues(block, "disclosure.yaml", CODES, package=package)
    if faults:
        return {}, faults
    entries = {name: _Entry(package, name, block.at("resources", name)) for name in block.value["resources"]}
    found: dict[str, Assignment] = {}
    issues: list[Issue] = []
    for name, entry in entries.items():
        faults = list(_resource_issues(entry, descriptor))
        if name in schemas:
            faults += _field_issues(entry, schemas[name])
            faults += _register_issues(entry, entries) if "register" in entry.raw else _record_issues(entry, block)
            if not faults:
                found[name] = _assignment(entry, block, schemas[name])
        issues += faults
    return found, issues


def _resource_issues(entry: _Entry, descriptor: Descriptor) -> Iterator[Issue]:
    parts = {part.name: part for part in descriptor.parts}
    part = parts.get(entry.resource)
    if part is None:
        hint = f"the package has no resource of this name{did_you_mean(entry.resource, parts)}"
        yield entry.fault("disclosure.unknown-resource", hint)
    elif part.sound and "path" in part.raw and (part.schema is None or not is_table(part)):
        hint = "only a CSV resource with a schema can be published"
        yield entry.fault("disclosure.not-a-table", hint)


def _field_issues(entry: _Entry, schema: Schema) -> Iterator[Issue]:
    names = [spec.name for spec in schema.fields]
    seen: dict[str, str] = {}
    for name, field in entry.raw.get("fields", {}).items():
        if name not in names:
            hint = f"the schema has no such field{did_you_mean(name, names)}"
            yield entry.fault("disclosure.unknown-field", hint, "fields", name, column=name)
        for key, code, known in (
            ("role", "disclosure.unknown-role", Role),
            ("class", "disclosure.unknown-class", Publicity),
        ):
            if key in field and field[key] not in list(known):
                hint = f"unknown {key}{did_you_mean(field[key], list(known))}"
                yield entry.fault(code, hint, "fields", name, key, column=name)
        role = field.get("role")
        if role in seen and role not in REPEATABLE:
            hint = f"role {role} is that of field {seen[role]} already"
            yield entry.fault("disclosure.duplicate-role", hint, "fields", name, "role", column=name)
        if role in list(Role):
            seen.setdefault(role, name)
    if Role.RECORD_ID not in seen:
        hint = f"no field has the role record_id, which {_purpose(entry)}"
        yield entry.fault("disclosure.no-record-id", hint)


def _purpose(entry: _Entry) -> str:
    return "tells which record an event is about" if "register" in entry.raw else "makes a record's address"


def _record_issues(entry: _Entry, block: Marked) -> Iterator[Issue]:
    if not entry.raw.get("provider", block.value.get("provider")):
        yield entry.fault("disclosure.no-provider", "every record has a provider answerable for it (JS-M 4)")
    if Kind(entry.raw["kind"]) in LISTS and not entry.raw.get("legal_basis"):
        hint = "a list needs a basis in law, regulation or central policy (SW (8)): legal_basis"
        yield entry.fault("disclosure.no-legal-basis", hint)
    if _slug(entry) is None:
        hint = "the resource's name is no address (a-z, 0-9, -), or one that the site needs itself: give one in dataset"
        yield entry.fault("disclosure.no-dataset-slug", hint)
    yield from _role_issues(entry, misplaced_roles(entry.raw))


def _register_issues(entry: _Entry, entries: Mapping[str, _Entry]) -> Iterator[Issue]:
    of = entries.get(entry.raw["of"])
    records = [name for name, other in entries.items() if "register" not in other.raw]
    if of is None or "register" in of.raw:
        hint = f"of names no record resource of this block{did_you_mean(entry.raw['of'], records)}"
        yield entry.fault("disclosure.unknown-record-resource", hint, "of")
    elif _id_parts(entry) != _id_parts(of) and _id_parts(entry):
        hint = "as many fields must have the role record_id here as in the resource that of names"
        yield entry.fault("disclosure.record-id-mismatch", hint, "fields")
    yield from _role_issues(entry, register_faults(entry.raw))


def _role_issues(entry: _Entry, faults: Iterable[Fault]) -> Iterator[Issue]:
    for fault in faults:
        yield entry.fault("disclosure.register-role", fault.hint, *fault.path, column=fault.column)


def _id_parts(entry: _Entry) -> int:
    return sum(field.get("role") == Role.RECORD_ID for field in entry.raw.get("fields", {}).values())


def _slug(entry: _Entry) -> str | None:
    slug = str(entry.raw.get("dataset", entry.resource.lower()))
    return slug if _SLUG.fullmatch(slug) and slug not in RESERVED else None


def _assignment(entry: _Entry, block: Marked, schema: Schema) -> Assignment:
    raw = entry.raw
    schema = _with_roles(schema, raw.get("fields", {}), is_register="register" in raw)
    values = {role: dict(texts) for role, texts in raw.get("values", {}).items()}
    if "register" in raw:
        return Assignment(entry.marked, schema, register=RegisterSpec(Register(raw["register"]), raw["of"], values))
    since, subject_kind = raw.get("published_since"), raw.get("subject_kind")
    slug = _slug(entry)
    assert slug is not None
    record = DisclosureSpec(
        dataset=slug,
        kind=Kind(raw["kind"]),
        title=raw["title"],
        provider=raw.get("provider", block.value.get("provider")),
        provider_code=raw.get("provider_code", block.value.get("provider_code")),
        description=raw.get("description", ""),
        legal_basis=tuple(raw.get("legal_basis", ())),
        official=raw.get("official", True),
        absence=Absence(raw.get("absence", Absence.ALARM)),
        published_since=None if since is None else date.fromisoformat(since),
        subject_kind=None if subject_kind is None else SubjectKind(subject_kind),
        values=values,
        **{key: raw.get(key) for key in STATED},
    )
    return Assignment(entry.marked, schema, record=record)


def _with_roles(schema: Schema, fields: Mapping[str, Mapping[str, str]], *, is_register: bool) -> Schema:
    """A field that the block does not name keeps neither role nor class: it is not public. Nothing of a register is."""
    specs = []
    for spec in schema.fields:
        told = fields.get(spec.name, {})
        publicity = Publicity(told["class"]) if "class" in told else None
        if is_register and publicity is Publicity.PUBLIC:
            publicity = None
        specs.append(
            replace(
                spec,
                title=told.get("title", spec.title),
                description=told.get("description", spec.description),
                role=Role(told["role"]) if "role" in told else None,
                publicity=publicity,
            )
        )
    return replace(schema, fields=tuple(specs))

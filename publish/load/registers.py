"""What each kind of register must and may tell: the roles of its fields, the effects of its events."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from publish.model.source import Role
from publish.model.terms import REGISTER_EFFECTS, Register


@dataclass(frozen=True, slots=True)
class Form:
    """The roles that the fields of a register must and may have, beside those that describe (DESCRIBING)."""

    required: frozenset[Role]
    optional: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a role. `path` leads to it within the resource's entry; `column` is its field, or ''."""

    hint: str
    path: tuple[str, ...] = ()
    column: str = ""


_TOLD = frozenset({Role.RECORD_ID, Role.EVENT_DATE})
FORMS: Mapping[Register, Form] = {
    Register.OBJECTION: Form(_TOLD | {Role.EVENT_STATE}, frozenset({Role.EVENT_CHECKED, Role.EVENT_CLOSED})),
    Register.REPAIR: Form(_TOLD | {Role.EVENT_STATE}, frozenset({Role.EVENT_CLOSED})),
    Register.CORRECTION: Form(_TOLD | {Role.EVENT_EFFECT}),
    Register.REVOCATION: Form(_TOLD, frozenset({Role.EVENT_EFFECT})),
    Register.PRIOR_NOTICE: Form(_TOLD),
}
EVENT_ROLES = frozenset(role for role in Role if role.value.startswith("event_"))
# They say whom and what an event is about and decide nothing; what they hold is known to be private.
DESCRIBING = frozenset(
    {
        Role.TITLE,
        Role.DOCUMENT_NUMBER,
        Role.SUBJECT_NAME,
        Role.SUBJECT_CODE,
        Role.SUBJECT_KIND,
        Role.OTHER_PERSON,
        Role.INFORMANT,
        Role.PERSON_NUMBER,
        Role.REGISTRATION_NUMBER,
        Role.AUTHORITY,
        Role.REASON,
        Role.BASIS,
        Role.CONTENT,
    }
)


def register_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Roles that a register lacks or cannot have, and effects that its events cannot have.

    `raw` is its entry in the block. That no field is a record id is told elsewhere, for records and registers alike.
    """
    register = Register(raw["register"])
    form, roles = FORMS[register], _roles(raw)
    for role in _ordered(form.required - set(roles.values()) - {Role.RECORD_ID}):
        yield Fault(f"a register of kind {register} must have a field with the role {role}")
    known = form.required | form.optional | DESCRIBING
    for name, told in roles.items():
        if told in list(Role) and told not in known:
            may = ", ".join(_ordered(known & EVENT_ROLES))
            hint = f"role {told} means nothing in a register of kind {register}; those of an event are {may}"
            yield Fault(hint, ("fields", name, "role"), name)
    effects = REGISTER_EFFECTS.get(register, frozenset())
    for text, effect in raw.get("values", {}).get(Role.EVENT_EFFECT, {}).items():
        if effect not in effects:
            hint = f"an event of a register of kind {register} cannot have the effect {effect}"
            hint += f"; it can have {', '.join(sorted(effects))}" if effects else ""
            yield Fault(hint, ("values", Role.EVENT_EFFECT.value, text))


def misplaced_roles(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Roles of events in a record resource: nobody would heed such an objection or repair."""
    for name, told in _roles(raw).items():
        if told in EVENT_ROLES:
            hint = f"role {told} belongs into a register; events in a record resource change nothing"
            yield Fault(hint, ("fields", name, "role"), name)


def _roles(raw: Mapping[str, Any]) -> dict[str, str]:
    """The role of each field that has one, as written."""
    return {name: field["role"] for name, field in raw.get("fields", {}).items() if "role" in field}


def _ordered(roles: Iterable[Role]) -> list[Role]:
    return sorted(roles, key=list(Role).index)

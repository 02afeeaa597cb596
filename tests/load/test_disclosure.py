"""The disclosure block against the model. Its faults have whole sites in tests/sites/bad-package-block-*."""

from typing import Any

import pytest

from publish.load.checking import load_schema
from publish.load.disclosure import REPEATABLE
from publish.model.source import CODED_ROLES, Role
from publish.model.terms import Absence, EventState, Kind, Procedure, Register, Severity, SubjectKind


def schema() -> dict[str, Any]:
    return load_schema("disclosure.yaml")["$defs"]


@pytest.mark.parametrize(
    ("definition", "key", "enum"),
    [
        ("record", "kind", Kind),
        ("record", "absence", Absence),
        ("record", "subject_kind", SubjectKind),
        ("register", "register", Register),
    ],
)
def test_enums_are_those_of_the_model(definition: str, key: str, enum: type) -> None:
    assert schema()[definition]["properties"][key]["enum"] == [str(member) for member in enum]  # type: ignore[attr-defined]


def test_coded_roles_are_those_of_the_model() -> None:
    values = schema()["values"]["properties"]
    assert set(values) == {role.value for role in CODED_ROLES}
    for name, enum in (
        ("subject_kind", SubjectKind),
        ("severity", Severity),
        ("procedure", Procedure),
        ("event_state", EventState),
    ):
        assert values[name]["additionalProperties"]["enum"] == list(enum)


def test_only_three_roles_repeat() -> None:
    assert {Role.RECORD_ID, Role.OTHER_PERSON, Role.PERSON_NUMBER} == REPEATABLE

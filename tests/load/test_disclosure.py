"""The disclosure block against the model. Its faults have whole sites in tests/sites/bad-package-block-*."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.load.checking import load_schema
from publish.load.disclosure import REPEATABLE, STATED
from publish.load.packages import load_data_packages
from publish.model.config import SiteConfig
from publish.model.source import CODED_ROLES, DisclosureSpec, Role
from publish.model.terms import (
    Absence,
    Area,
    Effect,
    EventState,
    Kind,
    PenaltyType,
    Procedure,
    Register,
    Severity,
    SubjectKind,
)


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
        ("penalty_type", PenaltyType),
        ("area", Area),
        ("procedure", Procedure),
        ("event_state", EventState),
        ("event_effect", Effect),
    ):
        assert values[name]["additionalProperties"]["enum"] == list(enum)


def test_four_roles_repeat() -> None:
    assert {Role.RECORD_ID, Role.OTHER_PERSON, Role.INFORMANT, Role.PERSON_NUMBER} == REPEATABLE


def test_every_key_of_a_record_resource_is_in_the_model_and_the_other_way_round() -> None:
    assert set(schema()["record"]["properties"]) - {"fields"} == {field.name for field in fields(DisclosureSpec)}


def test_what_a_catalogue_entry_states_is_read(
    write_site: Callable[[dict[str, str | bytes]], Path], config: SiteConfig
) -> None:
    said = {key: f"说明 {key}" for key in STATED} | {"authority_level": "county"}
    entry = {"title": "法", "kind": "penalty", "fields": {"id": {"role": "record_id"}}} | said
    package = {
        "name": "pack",
        "resources": [{"name": "acts", "path": "acts.csv", "schema": {"fields": [{"name": "id"}]}}],
        "disclosure": {"provider": "局", "resources": {"acts": entry}},
    }
    files: dict[str, str | bytes] = {
        "data/pack/datapackage.yaml": yaml.safe_dump(package, allow_unicode=True),
        "data/pack/acts.csv": "id\n1\n",
    }
    (table,), issues = load_data_packages(write_site(files), config)
    assert issues == ()
    assert table.disclosure is not None
    assert {key: getattr(table.disclosure, key) for key in STATED} == said


def test_levels_of_authority() -> None:
    """Where subjects may be listed by a body at county level or above, or an authorised one (JS-J (5))."""
    levels = schema()["record"]["properties"]["authority_level"]["enum"]
    assert levels == ["county", "city", "province", "nation", "authorised"]

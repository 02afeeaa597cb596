"""Registers: what each kind must and may tell, and the examples that the docs give for copying."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.load.packages import load_data_packages
from publish.load.registers import DESCRIBING, EVENT_ROLES, FORMS
from publish.model.config import SiteConfig
from publish.model.issue import Issue, Level
from publish.model.source import Publicity, Role, SourceTable
from publish.model.terms import REGISTER_EFFECTS, Effect, Register
from publish.validate.stage import validate

DOC = Path(__file__).resolve().parents[2] / "docs" / "data-packages.md"
EXAMPLE = re.compile(r"^### .+?^```yaml\n(.+?)^```\n\n```csv\n(.+?)^```", re.MULTILINE | re.DOTALL)
Tables = tuple[SourceTable, ...]
Load = Callable[..., tuple[Tables, tuple[Issue, ...]]]
FIELDS = ("id", "day", "state", "checked", "closed", "effect", "who")
ROLES = {
    "id": Role.RECORD_ID,
    "day": Role.EVENT_DATE,
    "state": Role.EVENT_STATE,
    "checked": Role.EVENT_CHECKED,
    "closed": Role.EVENT_CLOSED,
    "effect": Role.EVENT_EFFECT,
}


def package(register: dict[str, Any], **record_fields: dict[str, str]) -> dict[str, Any]:
    """A package of one record resource and one register."""
    return {
        "name": "pack",
        "resources": [
            {"name": "penalties", "path": "penalties.csv", "schema": {"fields": [{"name": n} for n in ("id", "who")]}},
            {"name": "events", "path": "events.csv", "schema": {"fields": [{"name": n} for n in FIELDS]}},
        ],
        "disclosure": {
            "provider": "局",
            "resources": {
                "penalties": {
                    "title": "法",
                    "kind": "penalty",
                    "fields": {"id": {"role": "record_id"}} | record_fields,
                },
                "events": {"of": "penalties"} | register,
            },
        },
    }


def fields(*names: str, **more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"role": ROLES[name].value} for name in names} | more


@pytest.fixture
def load(write_site: Callable[[dict[str, str | bytes]], Path], config: SiteConfig) -> Load:
    def run(described: dict[str, Any]) -> tuple[Tables, tuple[Issue, ...]]:
        text = yaml.safe_dump(described, allow_unicode=True, sort_keys=False)
        files: dict[str, str | bytes] = {
            "data/pack/datapackage.yaml": text,
            "data/pack/penalties.csv": "id,who\n1,甲\n",
            "data/pack/events.csv": f"{','.join(FIELDS)}\n1,2026-01-05,open,,,,甲\n",
        }
        return load_data_packages(write_site(files), config)

    return run


def names_of(register: Register) -> list[str]:
    known = FORMS[register].required | FORMS[register].optional
    return [name for name, role in ROLES.items() if role in known]


def test_every_register_has_a_form() -> None:
    assert set(FORMS) == set(Register)
    for form in FORMS.values():
        assert {Role.RECORD_ID, Role.EVENT_DATE} <= form.required
        assert not form.required & form.optional
    assert set().union(*(form.required | form.optional for form in FORMS.values())) - {Role.RECORD_ID} == EVENT_ROLES
    assert not DESCRIBING & EVENT_ROLES


def test_only_registers_with_a_field_of_effects_have_effects() -> None:
    known = {register: form.required | form.optional for register, form in FORMS.items()}
    assert {register for register, roles in known.items() if Role.EVENT_EFFECT in roles} == set(REGISTER_EFFECTS)
    assert set().union(*REGISTER_EFFECTS.values()) == set(Effect)


@pytest.mark.parametrize("register", Register)
def test_a_full_register_loads_and_nothing_of_it_is_public(load: Load, register: Register) -> None:
    told = fields(*names_of(register), who={"role": "informant", "class": "public"})
    tables, issues = load(package({"register": register.value, "fields": told}))
    assert issues == ()
    table = tables[1]
    assert table.register is not None
    assert table.register.register is register
    assert table.schema.named("who").role is Role.INFORMANT
    assert all(spec.publicity is not Publicity.PUBLIC for spec in table.schema.fields)


@pytest.mark.parametrize(
    ("register", "role"),
    [(register, role) for register in Register for role in sorted(FORMS[register].required - {Role.RECORD_ID})],
)
def test_a_missing_role_is_an_error_of_the_block(load: Load, register: Register, role: Role) -> None:
    told = fields(*(name for name in names_of(register) if ROLES[name] is not role))
    tables, (issue,) = load(package({"register": register.value, "fields": told}))
    assert [table.register for table in tables] == [None, None]
    assert (issue.code, issue.level, issue.resource) == ("disclosure.register-role", Level.ERROR, "events")
    assert issue.file == "data/pack/datapackage.yaml"
    assert issue.line > 1
    assert role.value in issue.hint


@pytest.mark.parametrize(
    ("register", "field", "role"),
    [
        *(
            (register, name, role)
            for register in Register
            for name, role in ROLES.items()
            if role not in FORMS[register].required | FORMS[register].optional
        ),
        *((register, "who", Role.DECISION_DATE) for register in Register),
        (Register.REPAIR, "who", Role.VALID_UNTIL),
        (Register.CORRECTION, "who", Role.SEVERITY),
    ],
)
def test_a_role_that_means_nothing_there_is_an_error(load: Load, register: Register, field: str, role: Role) -> None:
    told = fields(*names_of(register)) | {field: {"role": role.value}}
    _, (issue,) = load(package({"register": register.value, "fields": told}))
    assert (issue.code, issue.field) == ("disclosure.register-role", field)
    assert role.value in issue.hint


@pytest.mark.parametrize(("register", "effect"), [(r, e) for r in Register for e in Effect])
def test_effects_that_a_register_cannot_have(load: Load, register: Register, effect: Effect) -> None:
    told = {"fields": fields(*names_of(register)), "values": {"event_effect": {"一词": effect.value}}}
    tables, issues = load(package({"register": register.value} | told))
    if effect in REGISTER_EFFECTS.get(register, frozenset()):
        assert issues == ()
        assert tables[1].register is not None
        assert tables[1].register.values == {"event_effect": {"一词": effect.value}}
    else:
        assert [issue.code for issue in issues] == ["disclosure.register-role"]
        assert "一词" not in issues[0].hint
        assert effect.value in issues[0].hint


def test_events_in_a_record_resource_would_change_nothing(load: Load) -> None:
    described = package({"register": "prior_notice", "fields": fields("id", "day")}, who={"role": "event_state"})
    _, issues = load(described)
    assert [(issue.code, issue.resource, issue.field) for issue in issues] == [
        ("disclosure.register-role", "penalties", "who")
    ]


def examples() -> list[tuple[dict[str, Any], str]]:
    """The examples of the docs: descriptor part and file."""
    return [(yaml.safe_load(text), table) for text, table in EXAMPLE.findall(DOC.read_text(encoding="utf-8"))]


def test_the_docs_have_an_example_of_each_register() -> None:
    found = [entry["register"] for part, _ in examples() for entry in part["disclosure"]["resources"].values()]
    assert found == [register.value for register in Register]


@pytest.mark.parametrize("number", range(len(Register)))
def test_examples_of_the_docs_load_as_they_stand(
    write_site: Callable[[dict[str, str | bytes]], Path], config: SiteConfig, number: int
) -> None:
    part, table = examples()[number]
    (resource,) = part["resources"]
    described = package({}, id={"role": "record_id"})
    described["resources"][1:] = [resource]
    described["disclosure"]["resources"] = {
        "penalties": described["disclosure"]["resources"]["penalties"],
        **part["disclosure"]["resources"],
    }
    files: dict[str, str | bytes] = {
        "data/pack/datapackage.yaml": yaml.safe_dump(described, allow_unicode=True, sort_keys=False),
        "data/pack/penalties.csv": "id,who\nA-1,甲\n",
        f"data/pack/{resource['path']}": table,
    }
    tables, issues = load_data_packages(write_site(files), config)
    assert issues == ()
    checked, found = validate(tables, config)
    assert found == ()
    typed = checked[1].typed
    assert typed.height == 1
    # Only days that have not come yet are blank in the examples.
    assert set(typed.columns) - {column for column in typed.columns if typed[column].null_count()} >= {
        "@record_id",
        "@event_date",
    }
    coded = [c for c in ("@event_state", "@event_effect") if c in typed.columns]
    assert all(typed[column].null_count() == 0 for column in coded)

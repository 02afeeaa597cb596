"""Components: a folder of a macro and of examples, each of which is rendered here."""

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.render import contexts, page_contexts, policy_contexts
from publish.render.environment import environment
from tests.render.contexts_samples import HOSTILE, SITE, hostile, mapped, recording
from tests.render.htmlcheck import Page, faults

TEMPLATES = Path(__file__).resolve().parents[2] / "site_templates"
COMPONENTS = sorted((TEMPLATES / "components").iterdir())


@cache
def macro_of(component: str, language: str = "zh-Hans") -> Any:
    """The component's macro."""
    made = environment([TEMPLATES], language, SITE, {})
    return getattr(made.get_template(f"components/{component}/macro.html").module, told_of(component)["macro"])


@cache
def told_of(component: str) -> dict[str, Any]:
    """What example.yaml says."""
    told: dict[str, Any] = yaml.safe_load((TEMPLATES / "components" / component / "example.yaml").read_text("utf-8"))
    return told


EXAMPLES = [
    pytest.param(folder.name, example, id=f"{folder.name}-{example['description']}")
    for folder in COMPONENTS
    for example in told_of(folder.name)["examples"]
]


def test_every_component_is_a_macro_and_examples() -> None:
    for folder in COMPONENTS:
        assert {path.name for path in folder.iterdir()} == {"macro.html", "example.yaml"}
        told = told_of(folder.name)
        assert set(told) <= {"description", "macro", "inside", "parameters", "unused", "examples"}
        assert [parameter["name"] for parameter in told["parameters"]] == list(macro_of(folder.name).arguments)
        assert len(told["examples"]) > 1


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize(("component", "example"), EXAMPLES)
def test_examples(component: str, example: dict[str, Any], language: str) -> None:
    """Each example is well-formed, shows what it says, hides what it says, and escapes hostile text."""
    told, macro = told_of(component), macro_of(component, language)
    arguments = {
        parameter["name"]: built(parameter["type"], example["values"][parameter["name"]])
        for parameter in told["parameters"]
        if parameter["required"] or parameter["name"] in example["values"]
    }
    benign = framed(macro(**arguments), told)
    assert faults(benign) == []
    text = Page(benign).all("main")[0].text
    assert [wanted for wanted in example["shows"] if wanted not in text] == []
    assert [unwanted for unwanted in example.get("hides", ()) if unwanted in benign] == []
    attacked = framed(macro(**{name: mapped(value, hostile) for name, value in arguments.items()}), told)
    assert HOSTILE not in attacked
    assert Page(attacked).faults == []
    assert Page(attacked).skeleton() == Page(benign).skeleton()


@pytest.mark.parametrize("component", [folder.name for folder in COMPONENTS])
def test_every_attribute_is_used_or_said_to_be_unused(component: str) -> None:
    told = told_of(component)
    first = told["parameters"][0]
    seen: set[tuple[str, str]] = set()
    for example in told["examples"]:
        macro_of(component)(recording(built(first["type"], example["values"][first["name"]]), seen))
    kind = first["type"].removesuffix("[]")
    cls = getattr(contexts, kind, None) or getattr(page_contexts, kind, None) or getattr(policy_contexts, kind)
    used = {name for owner, name in seen if owner == cls.__name__}
    assert {field.name for field in dataclasses.fields(cls)} - used == set(told.get("unused", ()))


def built(kind: str, value: Any) -> Any:
    """A value of an example: a class of contexts.py or policy_contexts.py, `X[]` for a tuple of them, or as it is."""
    if kind.endswith("[]"):
        return tuple(built(kind[:-2], item) for item in value)
    cls = getattr(contexts, kind, None) or getattr(page_contexts, kind, None) or getattr(policy_contexts, kind, None)
    if cls is None:
        return value
    return cls(**{name: linked(cell) for name, cell in value.items()})


def linked(cell: Any) -> Any:
    """Links, and lists of links or words, as contexts have them."""
    if isinstance(cell, list):
        return tuple(linked(item) for item in cell)
    return contexts.Link(**cell) if isinstance(cell, dict) else cell


def framed(html: str, told: dict[str, Any]) -> str:
    """A component in the smallest page that may hold it."""
    tag = told.get("inside", "div")
    head = '<!doctype html><html lang="zh-Hans"><head><title>t</title></head><body><main><h1>t</h1><h2>t</h2>'
    return f"{head}<{tag}>{html}</{tag}></main></body></html>"

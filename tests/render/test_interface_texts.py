"""Interface texts: equal keys in both languages, every key in use exists, every key is in use, placeholders agree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from jinja2 import Environment, nodes

from publish import urls
from publish.model.policy import ChangeKind, Standing, Tie
from publish.model.responsibility import Share
from publish.model.rules import Level
from publish.model.site import RuleState
from publish.model.terms import (
    Area,
    DeadlineState,
    ExitReason,
    Flag,
    Kind,
    Pattern,
    PenaltyType,
    Procedure,
    Severity,
    SubjectKind,
)
from publish.model.topics import End, NamedSubjects, UnderObjection
from publish.render.compare_page import ROWS
from publish.validate.types import TYPES

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "site_templates"
LANGUAGES = ("zh-Hans", "en")
# What rule profiles may say in words that the model has no enum for.
RULE_WORDS = yaml.safe_load((ROOT / "publish/load/schemas/rules.yaml").read_text(encoding="utf-8"))["$defs"]
# Keys that programs make: by the part before the value, every value that there is.
FAMILIES = {
    "authority": ("county", "city", "province", "nation", "authorised"),
    "dataset": (
        *("data_source", "scope_of_use", "data_format", "period_of_use", "retention_period"),
        "authority_level",
    ),
    "deadline": tuple(DeadlineState),
    "duty": ("publication", "objection-review", "objection-check", "correction", "repair-notice"),
    "flag": tuple(Flag),
    "record.flag": tuple(Flag),
    "statistics": (
        *("dataset", "records", "flagged", "notices", "authority", "month", "reason"),
        *("authorities", "months", "exits", "withdrawals"),
    ),
    "download": urls.DOWNLOAD_NAMES,
    "exit": tuple(ExitReason),
    "kind": tuple(Kind),
    "policy": (
        *("index-number", "subject-class", "issuer", "written-on", "number", "printed-on", "published-on"),
        *("keywords", "validity", "addressees", "publicity", "in-force-from", "in-force-until", "repealed-on"),
    ),
    "policy.tie": tuple(Tie),
    "compare": tuple(ROWS),
    "validity": tuple(Standing),
    "version": tuple(ChangeKind),
    "share": tuple(Share),
    "rule.area": tuple(Area),
    "rule.ends": tuple(End),
    "rule.level": tuple(Level),
    "rule.names": tuple(NamedSubjects),
    "rule.pattern": tuple(Pattern),
    "rule.penalty": tuple(PenaltyType),
    "rule.procedure": tuple(Procedure),
    "rule.record": tuple(UnderObjection),
    "rule.role": tuple(RULE_WORDS["role"]["enum"]),
    "rule.stated": tuple(RULE_WORDS["stated"]["enum"]),
    "rule.state": tuple(state for state in RuleState if state is not RuleState.IN_FORCE),
    "rule.subject": tuple(SubjectKind),
    "severity": tuple(Severity),
    "type": tuple(TYPES),
}
# Texts that a script fills in, so that a template passes no values.
FILLED_BY_SCRIPTS = {
    **{f"search.{name}": {"count"} for name in ("count", "atleast", "found")},
    **{f"bulk.{name}": {"count"} for name in ("read", "header", "unasked", "blank", "most", "save")},
    "policies.shown": {"count"},
    "bulk.file-read": {"name", "count"},
    "bulk.sheet": {"name"},
    "bulk.checking": {"done", "total"},
    "bulk.done": {"lines", "matched", "unmatched"},
    "bulk.shown": {"shown", "count"},
}
# Markdown, in which braces are Markdown's.
UNFILLED = {"about.default"}

Use = tuple[str, frozenset[str]]  # key and names of the values


def texts(language: str) -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load((TEMPLATES / "i18n" / f"{language}.yaml").read_text(encoding="utf-8"))
    return loaded


def placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def used_by_templates() -> Iterator[Use]:
    for path in TEMPLATES.rglob("*.html"):
        tree = Environment().parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                (key,) = call.args
                assert isinstance(key, nodes.Const), f"{path.name}: a key that cannot be read from the template"
                yield key.value, frozenset(keyword.key for keyword in call.kwargs)


def calls_in_program() -> Iterator[tuple[ast.expr, frozenset[str]]]:
    for path in (ROOT / "publish").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in ("t", "label"):
                yield node.args[0], frozenset(keyword.arg or "" for keyword in node.keywords)
            if isinstance(node, ast.Subscript) and _name(node.value) == "texts":
                yield node.slice, frozenset()


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def used_by_program() -> Iterator[Use]:
    for key, values in calls_in_program():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, values
        if isinstance(key, ast.JoinedStr):
            start = key.values[0]
            assert isinstance(start, ast.Constant), "a key that begins with a value has no family"
            family = str(start.value)
            assert family.endswith("."), f"{family} is no family"
            assert len(key.values) == 2, f"{family} is not followed by one value"
            yield from ((f"{family}{value}", values) for value in FAMILIES[family[:-1]])


def uses() -> list[Use]:
    return [*used_by_templates(), *used_by_program()]


def test_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(texts("en")) == list(texts("zh-Hans"))


def test_every_text_is_used_and_every_used_text_exists() -> None:
    used = {key for key, _ in uses()}
    assert used - set(texts("zh-Hans")) == set(), "used, but there is no text"
    assert set(texts("zh-Hans")) - used == set(), "never used"


def test_every_family_is_used() -> None:
    prefixes = {str(key.values[0].value) for key, _ in calls_in_program() if isinstance(key, ast.JoinedStr)}  # type: ignore[attr-defined]
    assert prefixes == {f"{family}." for family in FAMILIES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_written_once_and_hold_text(language: str) -> None:
    """YAML lets a key stand twice, and takes `yes` and `2026` for something else than text."""
    root: Any = yaml.compose((TEMPLATES / "i18n" / f"{language}.yaml").read_text(encoding="utf-8"))
    keys = [key.value for key, _ in root.value]
    assert len(keys) == len(set(keys))
    assert [key for key in keys if not re.fullmatch(r"[a-z]+([-_][a-z]+)*(\.[a-z]+([-_][a-z]+)*){0,2}", key)] == []
    assert [key for key, text in texts(language).items() if not (isinstance(text, str) and text.strip())] == []


def test_placeholders_agree() -> None:
    chinese, english = texts("zh-Hans"), texts("en")
    fillable = set(chinese) - UNFILLED
    assert {key for key in fillable if placeholders(chinese[key]) != placeholders(english[key])} == set()
    assert {name for key in fillable for name in placeholders(chinese[key]) if not name.isidentifier()} == set()


def test_values_are_those_that_the_text_wants() -> None:
    chinese = texts("zh-Hans")
    wrong = [
        (key, set(values))
        for key, values in uses()
        if key not in UNFILLED | FILLED_BY_SCRIPTS.keys() and placeholders(chinese[key]) != values
    ]
    assert wrong == []
    assert {key: placeholders(chinese[key]) for key in FILLED_BY_SCRIPTS} == FILLED_BY_SCRIPTS


@pytest.mark.parametrize("language", LANGUAGES)
def test_interface_texts_hold_no_markup(language: str) -> None:
    """They are escaped: an entity or a tag in one would be seen by readers."""
    assert [key for key, text in texts(language).items() if re.search(r"[<>]|&[a-z#]", text)] == []


def test_texts_of_scripts_are_given_by_templates_and_the_other_way_round() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    scripts = "".join(path.read_text(encoding="utf-8") for path in (TEMPLATES / "static/js").glob("*.js"))
    given = {camel(name) for name in re.findall(r"data-(text-[a-z]+)=", templates)}
    sizes = re.search(r"SIZES = \[(.*?)\]", scripts)
    assert sizes
    made = {f"text{size.capitalize()}" for size in re.findall(r'"([a-z]+)"', sizes[1])}
    wanted = set(re.findall(r"(?:texts|dataset)\.(text[A-Z]\w*)", scripts)) | made
    assert given == wanted


def camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)

"""Rule profiles from YAML files: the program's own and those of a site's content/rules/."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from publish.model.issue import BuildStopped, Issue, Level
from publish.model.rules import Citation, End, Rule, RuleBook, RuleProfile, Topic
from publish.model.terms import Kind, Outcome, Procedure, Severity


def load_rule_book(root: Path, profiles: Sequence[str]) -> RuleBook:
    """The baseline and the named profiles, in that order. Raises BuildStopped with every fault found.

    Codes: `rules.bad-file`, `rules.bad-value`, `rules.unknown-profile`, `rules.duplicate-id`.
    """
    found: dict[str, RuleProfile] = {}
    issues: list[Issue] = []
    for name, text in _texts(root):
        faults, raw = _checked(name, text)
        issues += faults
        if raw is not None and not faults:
            profile = _profile(raw)
            found[profile.id] = profile
    for wanted in profiles:
        if wanted not in found:
            hint = f"no rule profile named {wanted!r}; known: {', '.join(sorted(found))}"
            issues.append(Issue("rules.unknown-profile", Level.ERROR, hint, file="content/site.yaml"))
    chosen = [found[p] for p in dict.fromkeys(["baseline", *profiles]) if p in found]
    issues += _duplicate_ids(chosen)
    if issues:
        raise BuildStopped(tuple(issues))
    return RuleBook(tuple(chosen))


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    own = files("publish.disclose").joinpath("rules")
    for entry in sorted(own.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".yaml"):
            yield f"rules/{entry.name}", entry.read_text(encoding="utf-8")
    for path in sorted((root / "content" / "rules").glob("*.yaml")):
        yield f"content/rules/{path.name}", path.read_text(encoding="utf-8")


def _checked(name: str, text: str) -> tuple[list[Issue], Mapping[str, Any] | None]:
    try:
        raw = yaml.load(text, Loader=_PlainDates)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        return [Issue("rules.bad-file", Level.ERROR, "not readable as YAML", file=name, line=line)], None
    schema_text = files("publish.load").joinpath("schemas/rules.yaml").read_text(encoding="utf-8")
    validator = Draft202012Validator(yaml.safe_load(schema_text), format_checker=Draft202012Validator.FORMAT_CHECKER)
    faults = [
        Issue("rules.bad-value", Level.ERROR, f"{error.validator} is not met at {error.json_path}", file=name)
        for error in sorted(validator.iter_errors(raw), key=lambda e: e.json_path)
    ]
    return faults, raw


class _PlainDates(yaml.SafeLoader):
    """Dates stay text, so that the schema sees what was written."""


_PlainDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _profile(raw: Mapping[str, Any]) -> RuleProfile:
    return RuleProfile(raw["profile"], raw["title"], raw["level"], tuple(_rule(rule) for rule in raw["rules"]))


def _rule(raw: Mapping[str, Any]) -> Rule:
    return Rule(
        id=raw["id"],
        topic=Topic(raw["topic"]),
        title=raw["title"],
        citation=Citation(**raw["citation"]),
        start=_day(raw.get("from")),
        end=_day(raw.get("until")),
        kinds=frozenset(Kind(kind) for kind in raw.get("kinds", ())),
        ends=End(raw.get("end", "required")),
        periods={Severity(name): months for name, months in raw.get("periods", {}).items()},
        withhold_severity=frozenset(Severity(value) for value in raw.get("severity", ())),
        withhold_procedure=frozenset(Procedure(value) for value in raw.get("procedure", ())),
        require=tuple(raw.get("require", ())),
        outcome=Outcome(raw["outcome"]) if "outcome" in raw else None,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _duplicate_ids(profiles: Sequence[RuleProfile]) -> Iterator[Issue]:
    seen: set[str] = set()
    for profile in profiles:
        for rule in profile.rules:
            if rule.id in seen:
                yield Issue("rules.duplicate-id", Level.ERROR, f"rule id {rule.id!r} is used twice in the profiles")
            seen.add(rule.id)

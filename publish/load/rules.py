"""Rule profiles from YAML files: the program's own and those of a site's content/rules/."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from publish.load.rule_parameters import parameters_of
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.rules import Citation, Parameters, Rule, RuleBook, RuleProfile
from publish.model.rules import Level as Rank
from publish.model.terms import Kind

BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class _Found:
    """A sound profile with the file it stands in; `own` says that it comes with the program."""

    file: str
    own: bool
    profile: RuleProfile


def load_rule_book(root: Path, profiles: Sequence[str]) -> RuleBook:
    """The baseline and the named profiles with all that they extend, highest level first, newest rule first within.

    Raises BuildStopped with every fault found. Codes: `rules.bad-file`, `rules.bad-value`, `rules.unknown-profile`,
    `rules.duplicate-profile`, `rules.duplicate-id`, `rules.bad-layer`, `rules.bad-override`.
    """
    found, issues = _load(root)
    chosen, unknown = _with_ancestors([BASELINE, *profiles], found)
    issues += unknown
    issues += [*_duplicate_ids(found.values()), *_bad_layers(found.values(), found)]
    if not issues:
        issues += _bad_overrides(chosen)
    if issues:
        raise BuildStopped(tuple(issues))
    ranks = list(Rank)
    ordered = sorted((entry.profile for entry in chosen), key=lambda profile: ranks.index(profile.level))
    return RuleBook(tuple(replace(profile, rules=_newest_first(profile.rules)) for profile in ordered))


def _load(root: Path) -> tuple[dict[str, _Found], list[Issue]]:
    schema = yaml.safe_load(files("publish.load").joinpath("schemas/rules.yaml").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    found: dict[str, _Found] = {}
    issues: list[Issue] = []
    for name, own, data in _texts(root):
        faults, raw = _checked(name, data, validator)
        issues += faults
        if faults or raw is None:
            continue
        profile = _profile(raw)
        if profile.id in found:
            hint = f"the profile {profile.id!r} stands in {found[profile.id].file} already"
            issues.append(Issue("rules.duplicate-profile", Level.ERROR, hint, file=name))
        else:
            found[profile.id] = _Found(name, own, profile)
    return found, issues


def _texts(root: Path) -> Iterator[tuple[str, bool, bytes]]:
    own = files("publish.disclose").joinpath("rules")
    for entry in sorted(own.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".yaml"):
            yield f"rules/{entry.name}", True, entry.read_bytes()
    for path in sorted((root / "content" / "rules").glob("*.yaml")):
        yield f"content/rules/{path.name}", False, path.read_bytes()


def _checked(name: str, data: bytes, validator: Draft202012Validator) -> tuple[list[Issue], Mapping[str, Any] | None]:
    try:
        raw = yaml.load(data.decode("utf-8"), Loader=_PlainDates)
        faults = sorted(validator.iter_errors(raw), key=lambda e: (e.json_path, str(e.validator)))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError, TypeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        return [Issue("rules.bad-file", Level.ERROR, "not readable as YAML in UTF-8", file=name, line=line)], None
    issues = [
        Issue("rules.bad-value", Level.ERROR, f"{error.validator} is not met at {error.json_path}", file=name)
        for error in faults
    ]
    if not issues:
        issues += _backward(name, raw)
    return issues, raw


def _backward(name: str, raw: Mapping[str, Any]) -> Iterator[Issue]:
    for number, rule in enumerate(raw["rules"]):
        if "from" in rule and "until" in rule and rule["until"] < rule["from"]:
            hint = f"until is before from at $.rules[{number}]"
            yield Issue("rules.bad-value", Level.ERROR, hint, file=name)


class _PlainDates(yaml.SafeLoader):
    """Dates stay text, so that the schema sees what was written."""


_PlainDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _profile(raw: Mapping[str, Any]) -> RuleProfile:
    rules = tuple(_rule(rule) for rule in raw["rules"])
    return RuleProfile(raw["profile"], raw["title"], Rank(raw["level"]), rules, raw.get("extends"))


def _rule(raw: Mapping[str, Any]) -> Rule[Parameters]:
    return Rule(
        id=raw["id"],
        title=raw["title"],
        citation=Citation(**raw["citation"]),
        parameters=parameters_of(raw),
        start=_day(raw.get("from")),
        end=_day(raw.get("until")),
        kinds=frozenset(Kind(kind) for kind in raw.get("kinds", ())),
        overrides=raw.get("overrides"),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _newest_first(rules: Sequence[Rule[Parameters]]) -> tuple[Rule[Parameters], ...]:
    return tuple(sorted(rules, key=lambda rule: rule.start or date.min, reverse=True))


def _with_ancestors(wanted: Sequence[str], found: Mapping[str, _Found]) -> tuple[list[_Found], list[Issue]]:
    """The wanted profiles and all that they extend, each once; each is reached once, so that a circle ends."""
    chosen: dict[str, _Found] = {}
    issues: list[Issue] = []
    queue = [(name, "content/site.yaml") for name in wanted]
    for name, file in queue:
        if name in chosen:
            continue
        if name not in found:
            hint = f"no rule profile named {name!r}; known: {', '.join(sorted(found))}"
            issues.append(Issue("rules.unknown-profile", Level.ERROR, hint, file=file))
            continue
        chosen[name] = found[name]
        above = found[name].profile.extends
        if above is not None:
            queue.append((above, found[name].file))
    return list(chosen.values()), issues


def _bad_layers(entries: Iterator[_Found] | Sequence[_Found] | Any, found: Mapping[str, _Found]) -> Iterator[Issue]:
    """A profile may only extend one of a level that is not below its own, and not itself in a circle."""
    ranks = list(Rank)
    for entry in entries:
        above = found.get(entry.profile.extends or "")
        if above is not None and ranks.index(above.profile.level) > ranks.index(entry.profile.level):
            hint = f"a {entry.profile.level} profile cannot extend a {above.profile.level} one"
            yield Issue("rules.bad-layer", Level.ERROR, hint, file=entry.file)
        seen = {entry.profile.id}
        while above is not None and above.profile.id not in seen:
            seen.add(above.profile.id)
            above = found.get(above.profile.extends or "")
        if above is not None and above.profile.id == entry.profile.id:
            yield Issue("rules.bad-layer", Level.ERROR, "profiles extend each other in a circle", file=entry.file)


def _duplicate_ids(entries: Any) -> Iterator[Issue]:
    seen: set[str] = set()
    for entry in entries:
        for rule in entry.profile.rules:
            if rule.id in seen:
                hint = f"rule id {rule.id!r} is used twice in the profiles"
                yield Issue("rules.duplicate-id", Level.ERROR, hint, file=entry.file)
            seen.add(rule.id)


def _bad_overrides(chosen: Sequence[_Found]) -> Iterator[Issue]:
    """Only a site's own file may replace a rule, one of the book, on the same topic, and never one of the baseline."""
    rules = {rule.id: (entry.profile, rule) for entry in chosen for rule in entry.profile.rules}
    for entry in chosen:
        for rule in entry.profile.rules:
            if rule.overrides is None:
                continue
            profile, target = rules.get(rule.overrides, (None, None))
            if entry.own:
                hint = "only profiles in content/rules/ may override"
            elif profile is None or target is None:
                hint = f"overrides names no rule of the profiles in use: {rule.overrides!r}"
            elif profile.level is Rank.BASELINE:
                hint = f"{rule.overrides!r} is a rule of the baseline, which always holds"
            elif type(target.parameters) is not type(rule.parameters):
                hint = f"{rule.overrides!r} is a rule on another topic"
            else:
                continue
            yield Issue("rules.bad-override", Level.ERROR, f"{rule.id}: {hint}", file=entry.file)

"""Rule profiles from YAML files: the program's own and those of a site's content/rules/."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from publish.load.checking import Codes, did_you_mean, duplicate_issues, key_name, load_schema, schema_issues
from publish.load.marked import Marked, NotReadable, load_marked, parse_own_yaml
from publish.load.rule_layers import Found, layer_faults, override_faults, with_ancestors
from publish.load.rule_parameters import parameters_of
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.rules import Citation, Rule, RuleBook, RuleProfile
from publish.model.rules import Level as Rank
from publish.model.terms import Kind
from publish.model.topics import Parameters

FOLDER = "content/rules"
SCHEMA = "rules.yaml"
BASELINE = "baseline"
BAD_VALUE = "rules.bad-value"
CODES = Codes(BAD_VALUE, BAD_VALUE, BAD_VALUE, BAD_VALUE, BAD_VALUE)


def load_rule_book(root: Path, profiles: Sequence[str]) -> RuleBook:
    """The baseline and the named profiles with all that they extend, highest level first, newest rule first within.

    Every profile of the program and of the site is checked, whether it is named or not. Raises BuildStopped with every
    fault found. Codes: `rules.bad-file`, `rules.bad-value`, `rules.unknown-profile`, `rules.duplicate-profile`,
    `rules.duplicate-id`, `rules.bad-layer`, `rules.bad-override`.
    """
    found, broken, issues = _load(root)
    issues += layer_faults(found, broken)
    chosen, unknown = with_ancestors([BASELINE, *profiles], found, broken)
    issues += [*unknown, *override_faults(chosen, whole=not broken and not unknown)]
    if issues:
        raise BuildStopped(tuple(issues))
    ranks = list(Rank)
    ordered = sorted((entry.profile for entry in chosen), key=lambda profile: ranks.index(profile.level))
    return RuleBook(tuple(replace(profile, rules=_newest_first(profile.rules)) for profile in ordered))


def load_every_profile(root: Path) -> tuple[RuleProfile, ...]:
    """All profiles of the program and of the site but for the baseline, highest level first, to be compared.

    Those with faults are left out: load_rule_book tells of them.
    """
    found, _, _ = _load(root)
    ranks = list(Rank)
    profiles = (entry.profile for name, entry in found.items() if name != BASELINE)
    ordered = sorted(profiles, key=lambda profile: ranks.index(profile.level))
    return tuple(replace(profile, rules=_newest_first(profile.rules)) for profile in ordered)


def _load(root: Path) -> tuple[dict[str, Found], frozenset[str], list[Issue]]:
    """The sound profiles by name, the names that those with faults may have, and the faults."""
    schema = load_schema(SCHEMA)
    found: dict[str, Found] = {}
    broken: set[str] = set()
    issues: list[Issue] = []
    for file, own, read in _files(root):
        try:
            marked = read()
        except NotReadable as fault:
            issues.append(Issue("rules.bad-file", Level.ERROR, fault.hint, file=file, line=fault.line))
            broken.add(Path(file).stem)
            continue
        faults = _faults(marked, schema)
        issues += faults
        if faults:
            name = marked.value.get("profile") if isinstance(marked.value, dict) else None
            broken |= {Path(file).stem, *([name] if isinstance(name, str) else [])}
            continue
        entry = Found(marked, own, _profile(marked))
        if entry.profile.id in found:
            hint = f"a profile of this name stands in {found[entry.profile.id].marked.file} already"
            issues.append(marked.issue("rules.duplicate-profile", hint, "profile"))
        else:
            found[entry.profile.id] = entry
    return found, frozenset(broken), issues


def _files(root: Path) -> Iterator[tuple[str, bool, Callable[[], Marked]]]:
    """The program's files, then the site's: how findings call it, whether it is the program's, and what reads it."""
    for entry in sorted(files("publish.disclose").joinpath("rules").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            file = f"rules/{entry.name}"
            yield file, True, partial(parse_own_yaml, entry.read_text(encoding="utf-8"), file)
    folder = root / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix in {".yaml", ".yml"} and not path.name.startswith("."):
            file = f"{FOLDER}/{path.name}"
            yield file, False, partial(load_marked, path, file)


def _faults(marked: Marked, schema: Mapping[str, Any]) -> list[Issue]:
    faults = duplicate_issues(marked, BAD_VALUE) + schema_issues(marked, schema, CODES)
    faults += _strange_parameters(marked, schema)
    return sorted(faults or _contradictions(marked), key=lambda issue: (issue.line, issue.hint))


def _strange_parameters(marked: Marked, schema: Mapping[str, Any]) -> Iterator[Issue]:
    """Keys that rules of their topic do not have; a JSON Schema could say that there are some, but not which."""
    common: Mapping[str, Any] = schema["$defs"]["rule"]["properties"]
    parameters = {topic: set[str]() for topic in common["topic"]["enum"]}
    for branch in schema["$defs"]["rule"]["allOf"]:
        parameters[branch["if"]["properties"]["topic"]["const"]] = set(branch["then"]["properties"])
    rules = marked.value.get("rules") if isinstance(marked.value, dict) else None
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        topic = rule.get("topic") if isinstance(rule, dict) else None
        if not isinstance(topic, str) or topic not in parameters:
            continue
        for key in sorted(rule.keys() - common.keys() - parameters[topic]):
            path = ("rules", number, key)
            hint = f"{key_name(path)}: no parameter of topic {topic}{did_you_mean(key, parameters[topic])}"
            yield marked.issue(BAD_VALUE, hint, *path)


def _contradictions(marked: Marked) -> Iterator[Issue]:
    """What the schema cannot say. Expects a file that fits it."""
    for number, rule in enumerate(marked.value["rules"]):
        if "from" in rule and "until" in rule and rule["until"] < rule["from"]:
            hint = f"rules[{number}].until: before from"
            yield marked.issue(BAD_VALUE, hint, "rules", number, "until")
        periods = rule.get("periods", {})
        for severity, months in rule.get("minimums", {}).items():
            if months > periods.get(severity, months):
                hint = f"rules[{number}].minimums.{severity}: longer than the period"
                yield marked.issue(BAD_VALUE, hint, "rules", number, "minimums", severity)


def _profile(marked: Marked) -> RuleProfile:
    raw = marked.value
    rules = tuple(_rule(rule, marked.line("rules", n, "citation")) for n, rule in enumerate(raw["rules"]))
    return RuleProfile(raw["profile"], raw["title"], Rank(raw["level"]), rules, raw.get("extends"), marked.file)


def _rule(raw: Mapping[str, Any], line: int) -> Rule[Parameters]:
    return Rule(
        id=raw["id"],
        title=raw["title"],
        citation=Citation(**raw["citation"]),
        parameters=parameters_of(raw),
        start=_day(raw.get("from")),
        end=_day(raw.get("until")),
        kinds=frozenset(Kind(kind) for kind in raw.get("kinds", ())),
        overrides=raw.get("overrides"),
        borrowed=raw.get("borrowed", False),
        line=line,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _newest_first(rules: Sequence[Rule[Parameters]]) -> tuple[Rule[Parameters], ...]:
    return tuple(sorted(rules, key=lambda rule: rule.start or date.min, reverse=True))

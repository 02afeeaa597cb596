"""How rule profiles lie above each other: what they extend, what a site's own rules replace, and the faults of that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publish.load.checking import did_you_mean
from publish.load.marked import Marked
from publish.model.issue import Issue, Level
from publish.model.rules import Level as Rank
from publish.model.rules import Rule, RuleProfile
from publish.model.topics import Parameters

_RANKS = list(Rank)


@dataclass(frozen=True, slots=True)
class Found:
    """A profile that fits the schema, with the file that it stands in; `own`: it comes with the program."""

    marked: Marked
    own: bool
    profile: RuleProfile


def with_ancestors(
    wanted: Sequence[str], found: Mapping[str, Found], broken: frozenset[str]
) -> tuple[list[Found], list[Issue]]:
    """The wanted profiles with all that they extend, each once and after what it extends; and names that are unknown.

    Names in `broken` are passed over: their files have faults of their own. Profiles in a circle end it.
    """
    chosen: dict[str, Found] = {}
    issues: list[Issue] = []
    for name in wanted:
        if name in found:
            line = [entry for entry in _line_of(found[name], found) if entry.profile.id not in chosen]
            chosen |= {entry.profile.id: entry for entry in reversed(line)}
        elif name not in broken:
            hint = f"rule_profiles: no rule profile is called {name!r}{did_you_mean(name, found)}"
            issues.append(Issue("rules.unknown-profile", Level.ERROR, hint, file="content/site.yaml"))
    return list(chosen.values()), issues


def layer_faults(found: Mapping[str, Found], broken: frozenset[str]) -> list[Issue]:
    """Faults between profiles: ids used twice, a second baseline, and bad `extends`."""
    issues = list(_same_ids(found))
    for entry in found.values():
        issues += _bad_extends(entry, found, broken)
        if entry.profile.level is Rank.BASELINE and not entry.own:
            issues.append(entry.marked.issue("rules.bad-layer", "level: only the program has a baseline", "level"))
    return issues


def override_faults(chosen: Sequence[Found], *, whole: bool) -> Iterator[Issue]:
    """Rules that replace what they may not. `whole` False: some profiles are missing, so unknown ids prove nothing."""
    rules = {rule.id: (entry.profile.level, rule) for entry in chosen for rule in entry.profile.rules}
    for entry in chosen:
        for number, rule in enumerate(entry.profile.rules):
            hint = _bad_override(rule, entry, rules, whole=whole) if rule.overrides is not None else ""
            if hint:
                path = ("rules", number, "overrides")
                yield entry.marked.issue("rules.bad-override", f"rules[{number}].overrides: {hint}", *path)


def _bad_override(
    rule: Rule[Parameters], entry: Found, rules: Mapping[str, tuple[Rank, Rule[Parameters]]], *, whole: bool
) -> str:
    """What is wrong with the `overrides` of a rule; nothing, if it is sound."""
    wanted = rule.overrides or ""
    if entry.own:
        return "only profiles in content/rules/ may override a rule"
    if wanted not in rules:
        return f"no rule of the profiles in use has this id{did_you_mean(wanted, rules)}" if whole else ""
    level, target = rules[wanted]
    if level is Rank.BASELINE:
        return "a rule of the baseline, which always holds"
    if type(target.parameters) is not type(rule.parameters):
        return "a rule on another topic"
    # Rules that replace each other would all be gone, and their protection with them.
    seen: set[str] = set()
    while wanted in rules and wanted not in seen:
        seen.add(wanted)
        wanted = rules[wanted][1].overrides or ""
    return "rules replace each other in a circle" if rule.id in seen else ""


def _same_ids(found: Mapping[str, Found]) -> Iterator[Issue]:
    seen: dict[str, str] = {}
    for entry in found.values():
        for number, rule in enumerate(entry.profile.rules):
            if rule.id in seen:
                hint = f"rules[{number}].id: a rule of this id stands in {seen[rule.id]} already"
                yield entry.marked.issue("rules.duplicate-id", hint, "rules", number, "id")
            seen.setdefault(rule.id, entry.marked.file)


def _bad_extends(entry: Found, found: Mapping[str, Found], broken: frozenset[str]) -> Iterator[Issue]:
    """A profile may only extend one that is there, whose level is not below its own, and not itself in a circle."""
    name = entry.profile.extends
    if name is None:
        return
    if name not in found:
        if name not in broken:
            hint = f"extends: no rule profile is called so{did_you_mean(name, found)}"
            yield entry.marked.issue("rules.unknown-profile", hint, "extends")
        return
    above = found[name].profile
    if _RANKS.index(above.level) > _RANKS.index(entry.profile.level):
        hint = f"extends: a {entry.profile.level} profile cannot extend a {above.level} one"
        yield entry.marked.issue("rules.bad-layer", hint, "extends")
    if any(other.profile.id == entry.profile.id for other in _line_of(found[name], found)):
        yield entry.marked.issue("rules.bad-layer", "extends: profiles extend each other in a circle", "extends")


def _line_of(entry: Found, found: Mapping[str, Found]) -> list[Found]:
    """The profile, what it extends, and so on up; it ends where a name is unknown or one comes again."""
    line = {entry.profile.id: entry}
    while (above := found.get(entry.profile.extends or "")) is not None and above.profile.id not in line:
        line[above.profile.id] = entry = above
    return list(line.values())

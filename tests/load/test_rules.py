"""Rule files: what is read, how profiles lie above each other, and every fault that is told."""

import random
import string
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.load.checking import load_schema
from publish.load.rules import load_rule_book
from publish.model.issue import BuildStopped, Issue
from publish.model.rules import Level
from publish.model.source import DisclosureSpec, Role
from publish.model.terms import (
    Area,
    ExitReason,
    Kind,
    Outcome,
    Pattern,
    PenaltyType,
    Procedure,
    Severity,
    SubjectKind,
)
from publish.model.topics import (
    Adult,
    Catalogue,
    CrossCheck,
    Deadline,
    End,
    ExitNotice,
    FreeText,
    Grading,
    NamedSubjects,
    Objection,
    PriorNotice,
    Repair,
    Require,
    Safeguard,
    SafeguardTopic,
    Statistics,
    UnderObjection,
    Validity,
    Withhold,
)

WriteSite = Callable[[dict[str, str | bytes]], Path]
HEAD = "profile: town\ntitle: 某镇\nlevel: municipal\nextends: national\nrules:\n"
RULE = """  - id: town.one
    topic: validity
    title: 公示六个月
    citation: {title: 某办法, number: 某政发〔2026〕1号, article: 第三条}
    from: 2026-01-01
    kinds: [penalty]
    end: required
    periods: {general: 6}
"""
GOOD = HEAD + RULE
OVERRIDE = RULE + "    overrides: national.n36.validity\n"


def rule(topic: str, parameters: str = "", id_: str = "town.one") -> str:
    lines = "".join(f"    {line}\n" for line in parameters.split("; ") if line)
    return f"  - id: {id_}\n    topic: {topic}\n    title: 某规则\n    citation: {{title: 某办法}}\n{lines}"


def issues_of(root: Path, *profiles: str) -> list[Issue]:
    with pytest.raises(BuildStopped) as stopped:
        load_rule_book(root, profiles or ["national"])
    return list(stopped.value.issues)


def told(root: Path, *profiles: str) -> list[tuple[str, int, str]]:
    return [(issue.code, issue.line, issue.hint) for issue in issues_of(root, *profiles)]


@pytest.fixture
def town(write_site: WriteSite) -> Callable[[str], Path]:
    """A site with one rule file of its own."""
    return lambda text: write_site({"content/rules/town.yaml": text})


# --- what is read ----------------------------------------------------------------------------------------------------


def test_the_baseline_is_always_there(tmp_path: Path) -> None:
    book = load_rule_book(tmp_path, ["national"])
    assert [profile.id for profile in book.profiles] == ["baseline", "national"]
    for topic in SafeguardTopic:
        assert book.safeguard(topic).id == f"baseline.{topic}"


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        (
            "validity; end: open-ended; periods: {minor: 3, serious: 36}; minimums: {serious: 12}; areas: [food]; "
            "area_minimum: 12; holiday_roll: true",
            Validity(
                End.OPEN_ENDED,
                {Severity.MINOR: 3, Severity.SERIOUS: 36},
                {Severity.SERIOUS: 12},
                frozenset({Area.FOOD}),
                12,
                holiday_roll=True,
            ),
        ),
        ("validity; end: while-listed", Validity(End.WHILE_LISTED)),
        ("validity", Validity(End.REQUIRED)),
        ("withhold; severity: [minor]", Withhold(severity=frozenset({Severity.MINOR}))),
        (
            "withhold; procedure: [summary]; subject_kind: [natural_person]",
            Withhold(procedure=frozenset({Procedure.SUMMARY}), subject_kind=frozenset({SubjectKind.NATURAL_PERSON})),
        ),
        ("require; require: [severity, reason]", Require(("severity", "reason"))),
        ("grading; types: {warning: minor}", Grading({PenaltyType.WARNING: Severity.MINOR})),
        ("adult; years: 18", Adult(18)),
        ("catalogue; stated: [update_cycle]", Catalogue(("update_cycle",))),
        ("prior-notice", PriorNotice()),
        ("cross-check; against: [blacklist]", CrossCheck(frozenset({Kind.BLACKLIST}))),
        ("objection; record: public", Objection(UnderObjection.PUBLIC)),
        ("objection; record: suspended; measures: continue", Objection(UnderObjection.SUSPENDED, False)),
        (
            "objection; measures: suspended; review_days: 10; check_days: 5; correct_days: 3",
            Objection(None, True, 10, 5, 3),
        ),
        ("repair", Repair()),
        ("repair; notice_days: 0", Repair(0)),
        ("exit-notice", ExitNotice()),
        (
            "exit-notice; names: organisations; days: 7; noindex: false; reasons: [removed]",
            ExitNotice(NamedSubjects.ORGANISATIONS, 7, False, frozenset({ExitReason.REMOVED})),
        ),
        ("deadline; days: 7", Deadline(7)),
        ("deadline; days: 7.0; subjects: [organisation]", Deadline(7, frozenset({SubjectKind.ORGANISATION}))),
        (
            "free-text; patterns: [e-mail, address]; outcome: withheld",
            FreeText(frozenset({Pattern.EMAIL, Pattern.ADDRESS}), Outcome.WITHHELD),
        ),
        ("statistics; deadlines: true", Statistics(True)),
        ("person-name", Safeguard(SafeguardTopic.PERSON_NAME)),
    ],
)
def test_every_topic_is_read(town: Callable[[str], Path], text: str, parameters: object) -> None:
    topic, _, rest = text.partition("; ")
    book = load_rule_book(town(HEAD + rule(topic, rest)), ["town"])
    (found,) = book.profiles[-1].rules
    assert found.parameters == parameters
    if isinstance(parameters, Deadline):
        assert type(found.parameters.days) is int  # type: ignore[union-attr]


def test_a_rule_in_full(town: Callable[[str], Path]) -> None:
    book = load_rule_book(town(HEAD + OVERRIDE + "    until: 2026-12-31\n"), ["town"])
    (found,) = book.profiles[-1].rules
    assert (found.id, found.title, found.overrides) == ("town.one", "公示六个月", "national.n36.validity")
    assert (found.start, found.end, found.kinds) == (date(2026, 1, 1), date(2026, 12, 31), frozenset({Kind.PENALTY}))
    assert str(found.citation) == "《某办法》（某政发〔2026〕1号）第三条"


def test_an_overridden_rule_is_out_of_force_while_the_other_one_is_in_force(town: Callable[[str], Path]) -> None:
    book = load_rule_book(town(HEAD + OVERRIDE + "    until: 2026-12-31\n"), ["town"])

    def ids(kind: Kind, on: date) -> list[str]:
        return [found.id for found in book.in_force(Validity, kind, on)]

    assert ids(Kind.PENALTY, date(2026, 12, 31)) == ["town.one"]
    assert ids(Kind.PENALTY, date(2027, 1, 1)) == ["national.n36.validity"]
    assert ids(Kind.BLACKLIST, date(2026, 12, 31)) == ["national.n36.validity"]


def test_profiles_bring_what_they_extend_highest_first(write_site: WriteSite) -> None:
    def profile(name: str, level: str, extends: str = "") -> str:
        above = f"extends: {extends}\n" if extends else ""
        return f"profile: {name}\ntitle: 某\nlevel: {level}\n{above}rules: []\n"

    root = write_site(
        {
            "content/rules/z.yaml": profile("village", "site", "town"),
            "content/rules/a.yaml": profile("town", "municipal", "province"),
            "content/rules/m.yaml": profile("province", "provincial", "national"),
            "content/rules/n.yaml": profile("other-province", "provincial"),
            "content/rules/o.yaml": profile("neighbour", "municipal", "town"),
            "content/rules/.hidden.yaml": "nothing: of this\n",
            "content/rules/README.md": "# Not a rule file",
        }
    )
    ids = [profile.id for profile in load_rule_book(root, ["village"]).profiles]
    assert ids == ["baseline", "national", "province", "town", "village"]
    ids = [profile.id for profile in load_rule_book(root, ["neighbour", "other-province", "village"]).profiles]
    assert ids == ["baseline", "national", "province", "other-province", "town", "neighbour", "village"]


def test_newest_first_within_a_profile(town: Callable[[str], Path]) -> None:
    days = {"one": "from: 2020-01-01", "two": "", "three": "from: 2026-01-01", "four": "from: 2020-01-01"}
    text = HEAD + "".join(rule("prior-notice", day, f"town.{name}") for name, day in days.items())
    rules = load_rule_book(town(text), ["town"]).profiles[-1].rules
    assert [found.id for found in rules] == ["town.three", "town.one", "town.four", "town.two"]


# --- the schema ------------------------------------------------------------------------------------------------------


def test_words_are_those_of_the_model() -> None:
    definitions = load_schema("rules.yaml")["$defs"]
    for name, enum in (
        ("kind", Kind),
        ("severity", Severity),
        ("subject_kind", SubjectKind),
        ("area", Area),
        ("penalty_type", PenaltyType),
        ("exit_reason", ExitReason),
        ("pattern", Pattern),
    ):
        assert definitions[name]["enum"] == [str(member) for member in enum]
    assert load_schema("rules.yaml")["properties"]["level"]["enum"] == list(Level)
    branches = {
        branch["if"]["properties"]["topic"]["const"]: branch["then"].get("properties", {})
        for branch in definitions["rule"]["allOf"]
    }
    assert branches["validity"]["end"]["enum"] == list(End)
    assert branches["objection"]["record"]["enum"] == list(UnderObjection)
    assert branches["exit-notice"]["names"]["enum"] == list(NamedSubjects)
    assert branches["withhold"]["procedure"]["items"]["enum"] == list(Procedure)
    topics = definitions["rule"]["properties"]["topic"]["enum"]
    assert topics[-len(SafeguardTopic) :] == list(SafeguardTopic)
    assert set(topics) - set(SafeguardTopic) == set(branches) | {"prior-notice"}


def test_roles_and_catalogue_keys_exist() -> None:
    definitions = load_schema("rules.yaml")["$defs"]
    assert set(definitions["role"]["enum"]) <= set(Role)
    assert set(definitions["stated"]["enum"]) <= set(DisclosureSpec.__dataclass_fields__)


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        (GOOD.replace("topic: validity", "topic: wishes"), 7, "rules[0].topic: expected one of validity,"),
        (GOOD.replace("    topic: validity\n", ""), 6, "rules[0].topic: this key is required"),
        (GOOD.replace("    title: 公示六个月\n", ""), 6, "rules[0].title: this key is required"),
        (GOOD.replace("title: 公示六个月", "title: ' '"), 8, "rules[0].title: must not be empty"),
        (GOOD.replace("title: 某办法, ", ""), 9, "rules[0].citation.title: this key is required"),
        (GOOD.replace("{general: 6}", "{general: 60}"), 13, "out of range: maximum is 36"),
        (GOOD.replace("{general: 6}", "{general: 0}"), 13, "out of range: minimum is 1"),
        (GOOD.replace("{general: 6}", "{general: six}"), 13, "expected a whole number, found text"),
        (GOOD.replace("{general: 6}", "{general: true}"), 13, "expected a whole number, found true or false"),
        (GOOD.replace("from: 2026-01-01", "from: 2026-13-01"), 10, "expected a day such as 2026-04-01"),
        (GOOD.replace("from: 2026-01-01", "from: 1 January 2026"), 10, "expected a day such as 2026-04-01"),
        (GOOD.replace("from: 2026-01-01", "from: 20260101"), 10, "expected text, found a number; put it in quotes"),
        (GOOD.replace("kinds: [penalty]", "kinds: []"), 11, "rules[0].kinds: must not be empty"),
        (GOOD.replace("kinds: [penalty]", "kinds: [wish]"), 11, "rules[0].kinds[0]: expected one of penalty,"),
        (GOOD + "    until: 2025-12-31\n", 14, "rules[0].until: before from"),
        (GOOD + "    minimums: {general: 7}\n", 14, "rules[0].minimums.general: longer than the period"),
        (GOOD + "    area_minimum: 12\n", 6, "areas and area_minimum belong together"),
        (
            GOOD + "    peroids: {general: 6}\n",
            14,
            "rules[0].peroids: no parameter of topic validity; did you mean per",
        ),
        (GOOD + "    years: 18\n", 14, "rules[0].years: no parameter of topic validity"),
        (GOOD + "    from: 2026-02-01\n", 14, "rules[0].from: written twice"),
        (GOOD.replace("rules:\n", "wishes: 1\nrules:\n"), 5, "wishes: unknown key"),
        (GOOD.replace("profile: town", "profile: Town!"), 1, "profile: expected small letters"),
        (GOOD.replace("level: municipal", "level: village"), 3, "level: expected one of baseline,"),
        (HEAD + rule("withhold"), 6, "expected at least one of severity, procedure, subject_kind"),
        (HEAD + rule("objection"), 6, "expected at least one of record, measures"),
        (HEAD + rule("require"), 6, "rules[0].require: this key is required"),
        (HEAD + rule("require", "require: [wish]"), 10, "rules[0].require[0]: expected one of"),
        (HEAD + rule("grading", "types: {scolding: minor}"), 10, "rules[0].types: expected one of warning"),
        (HEAD + rule("deadline", "days: 0"), 10, "rules[0].days: out of range"),
        (HEAD + rule("free-text", "patterns: [e-mail]; outcome: public"), 11, "expected one of masked, withheld"),
        (HEAD + rule("prior-notice", "days: 3"), 10, "rules[0].days: no parameter of topic prior-notice"),
        (HEAD + rule("person-name", "outcome: public"), 10, "no parameter of topic person-name"),
        ("- a list\n", 1, "the file: expected a mapping of keys to values, found a list"),
        ("", 0, "the file: expected a mapping of keys to values, found nothing"),
    ],
)
def test_a_value_that_is_wrong(town: Callable[[str], Path], text: str, line: int, hint: str) -> None:
    (issue,) = issues_of(town(text), "town")
    assert (issue.code, issue.file, issue.line) == ("rules.bad-value", "content/rules/town.yaml", line)
    assert hint in issue.hint


@pytest.mark.parametrize(
    ("data", "line"),
    [("profile: [", 1), (b"profile: \xff\xfe", 1), ("a: !!python/object:os.system x", 1), ("&a [*a, *a]", 0)],
)
def test_a_file_that_cannot_be_read(write_site: WriteSite, data: str | bytes, line: int) -> None:
    (issue,) = issues_of(write_site({"content/rules/town.yaml": data}))
    assert (issue.code, issue.file, issue.line) == ("rules.bad-file", "content/rules/town.yaml", line)


# --- between profiles ------------------------------------------------------------------------------------------------


def test_unknown_profiles(town: Callable[[str], Path]) -> None:
    root = town(GOOD.replace("extends: national", "extends: natonal"))
    assert told(root, "town", "atlantis", "towm") == [
        ("rules.unknown-profile", 4, "extends: no rule profile is called so; did you mean national?"),
        (
            "rules.unknown-profile",
            0,
            "rule_profiles: no rule profile is called 'atlantis'; known: baseline, gansu, jiangsu, national, "
            "pingdingshan, shanwei, tianjin, town",
        ),
        ("rules.unknown-profile", 0, "rule_profiles: no rule profile is called 'towm'; did you mean town?"),
    ]


def test_names_are_given_once(write_site: WriteSite) -> None:
    root = write_site(
        {
            "content/rules/a.yaml": GOOD,
            "content/rules/b.yaml": GOOD.replace("town.one", "town.two"),
            "content/rules/c.yaml": "profile: gansu\ntitle: 某省\nlevel: provincial\nrules: []\n",
        }
    )
    assert told(root) == [
        ("rules.duplicate-profile", 1, "a profile of this name stands in content/rules/a.yaml already"),
        ("rules.duplicate-profile", 1, "a profile of this name stands in rules/gansu.yaml already"),
    ]


def test_ids_are_given_once_in_all_profiles_used_or_not(town: Callable[[str], Path]) -> None:
    text = GOOD.replace("town.one", "jiangsu.repair") + rule("repair", "", "town.two") + rule("repair", "", "town.two")
    assert told(town(text), "national") == [
        ("rules.duplicate-id", 6, "rules[0].id: a rule of this id stands in rules/jiangsu.yaml already"),
        ("rules.duplicate-id", 18, "rules[2].id: a rule of this id stands in content/rules/town.yaml already"),
    ]


def test_only_the_program_has_a_baseline(town: Callable[[str], Path]) -> None:
    text = GOOD.replace("level: municipal", "level: baseline").replace("extends: national\n", "")
    assert told(town(text)) == [("rules.bad-layer", 3, "level: only the program has a baseline")]


def test_a_profile_extends_none_below_it(town: Callable[[str], Path]) -> None:
    text = GOOD.replace("level: municipal", "level: national").replace("extends: national", "extends: gansu")
    hint = "extends: a national profile cannot extend a provincial one"
    assert told(town(text)) == [("rules.bad-layer", 4, hint)]


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c")])
def test_profiles_do_not_extend_each_other_in_a_circle(write_site: WriteSite, names: tuple[str, ...]) -> None:
    above = dict(zip(names, (*names[1:], names[0]), strict=True))
    texts = {f"content/rules/{n}.yaml": f"profile: {n}\ntitle: 某\nlevel: site\nextends: {above[n]}\n" for n in names}
    # One more that leads into the circle is not in it.
    texts["content/rules/z.yaml"] = "profile: z\ntitle: 某\nlevel: site\nextends: a\n"
    root = write_site({name: text + "rules: []\n" for name, text in texts.items()})
    hint = "extends: profiles extend each other in a circle"
    assert told(root, "z") == [("rules.bad-layer", 4, hint)] * len(names)


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("town.two", "no rule of the profiles in use has this id; did you mean town.one?"),
        ("jiangsu.repair", "no rule of the profiles in use has this id"),
        ("baseline.adult", "a rule of the baseline, which always holds"),
        ("national.n36.minor", "a rule on another topic"),
        ("town.one", "rules replace each other in a circle"),
    ],
)
def test_what_may_not_be_overridden(town: Callable[[str], Path], wanted: str, hint: str) -> None:
    (issue,) = issues_of(town(HEAD + OVERRIDE.replace("national.n36.validity", wanted)), "town")
    assert (issue.code, issue.line) == ("rules.bad-override", 14)
    assert issue.hint.startswith(f"rules[0].overrides: {hint}")


def test_rules_do_not_replace_each_other(town: Callable[[str], Path]) -> None:
    """Both would be gone: what they withhold would come out."""
    parameters = "severity: [minor]; overrides: town.two"
    text = HEAD + rule("withhold", parameters)
    text += rule("withhold", parameters.replace("two", "one"), "town.two")
    assert [code for code, _, _ in told(town(text), "town")] == ["rules.bad-override"] * 2


def test_the_programs_own_profiles_override_nothing(tmp_path: Path) -> None:
    names = ["jiangsu", "gansu", "shanwei", "pingdingshan", "tianjin"]
    assert not [found.id for found in load_rule_book(tmp_path, names).rules() if found.overrides]


def test_all_faults_are_told_at_once_and_none_twice(write_site: WriteSite) -> None:
    """A faulty file is not also said to be missing, and nothing is said of overrides that may mean its rules."""
    root = write_site(
        {
            "content/rules/broken.yaml": "profile: [",
            "content/rules/wrong.yaml": GOOD.replace("profile: town", "profile: wrong").replace("validity", "wishes"),
            "content/rules/town.yaml": HEAD.replace("extends: national", "extends: wrong")
            + OVERRIDE.replace("national.n36.validity", "wrong.one"),
        }
    )
    codes = [(issue.code, issue.file) for issue in issues_of(root, "town", "wrong", "broken", "atlantis")]
    assert codes == [
        ("rules.bad-file", "content/rules/broken.yaml"),
        ("rules.bad-value", "content/rules/wrong.yaml"),
        ("rules.unknown-profile", "content/site.yaml"),
    ]


def test_strange_rule_files_give_issues_and_never_an_exception(town: Callable[[str], Path]) -> None:
    """Values swapped for others, keys dropped or renamed, bytes changed: seeded, so that a failure repeats."""
    draw = random.Random(20260401)
    base = yaml.load(HEAD + OVERRIDE, Loader=yaml.BaseLoader)
    strange: list[Any] = [None, True, -1, 10**30, 1e400, "", "\x00", "🀄" * 40, [], {}, [[]], {"a": {}}, "*", 2026.5]

    def mutated(value: Any) -> Any:
        if draw.random() < 0.12:
            return draw.choice(strange)
        if isinstance(value, Mapping):
            items = {key: mutated(inner) for key, inner in value.items() if draw.random() > 0.05}
            return items | ({draw.choice(string.ascii_letters): 1} if draw.random() < 0.1 else {})
        return [mutated(inner) for inner in value] * draw.choice([1, 1, 1, 2]) if isinstance(value, list) else value

    outcomes = set()
    for number in range(150):
        text = yaml.safe_dump(mutated(base), allow_unicode=True)
        if number % 5 == 0:
            at = draw.randrange(len(text))
            text = text[:at] + draw.choice("{}[]:&*!|>%@`\t\n'\"") + text[at + 1 :]
        root = town(text)
        try:
            load_rule_book(root, ["town"])
            outcomes.add("sound")
        except BuildStopped as stopped:
            outcomes |= {issue.code for issue in stopped.issues}
    assert {"rules.bad-value", "rules.bad-file"} <= outcomes

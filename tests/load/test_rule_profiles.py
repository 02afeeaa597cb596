"""The program's own profiles, the demo city's and the template: what the facts say, and nothing that they do not."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from publish.disclose.basis import Basis, handling_of, notice_of
from publish.load.calendar import load_calendar
from publish.load.checking import load_schema
from publish.load.rules import load_rule_book
from publish.model.rules import P, Rule, RuleBook
from publish.model.terms import ExitReason, Kind, Outcome, Pattern, PenaltyType, Severity, SubjectKind
from publish.model.topics import (
    Adult,
    Catalogue,
    CrossCheck,
    Deadline,
    End,
    FreeText,
    Grading,
    NamedSubjects,
    PriorNotice,
    Statistics,
    UnderObjection,
    Validity,
    Withhold,
)

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "publish" / "disclose" / "rules" / "template.yaml.example"
JURISDICTIONS = ["national", "jiangsu", "gansu", "shanwei", "pingdingshan", "tianjin"]
DAY = date(2026, 11, 20)
N58_LAST, N36_FIRST = date(2026, 3, 31), date(2026, 4, 1)
PERSON = frozenset({SubjectKind.NATURAL_PERSON})


@pytest.fixture(scope="module")
def books() -> dict[str, RuleBook]:
    return {name: load_rule_book(ROOT, [name]) for name in [*JURISDICTIONS, "tinglan"]}


def own(book: RuleBook, topic: type[P], kind: Kind = Kind.PENALTY) -> Iterator[Rule[P]]:
    """The rules of a topic in the lowest profile."""
    ids = {rule.id for rule in book.profiles[-1].rules}
    return (rule for rule in book.all_of(topic, kind) if rule.id in ids)


def basis(book: RuleBook, day: date = DAY) -> Basis:
    return Basis(book, load_calendar(Path("nowhere")), day)


# --- every profile ---------------------------------------------------------------------------------------------------


def test_one_profile_for_each_jurisdiction(books: dict[str, RuleBook]) -> None:
    files = {path.stem for path in (ROOT / "publish/disclose/rules").glob("*.yaml")}
    assert files == {"baseline", *JURISDICTIONS}
    for name in JURISDICTIONS[1:]:
        assert [profile.id for profile in books[name].profiles] == ["baseline", "national", name]


@pytest.mark.parametrize("name", [*JURISDICTIONS, "tinglan"])
def test_every_rule_cites_a_document(books: dict[str, RuleBook], name: str) -> None:
    for rule in books[name].rules():
        assert rule.citation.title
        assert not re.search(r"[《》]", rule.citation.title)
        # The number of the Gansu plan and that of the Tianjin division of work are not among the facts.
        numberless = rule.citation.title == "守信联合激励和失信联合惩戒实施方案" or rule.id.startswith("tianjin.")
        assert bool(rule.citation.number) is not numberless, rule.id
        assert re.fullmatch(
            r"(第[一二三四五六七八九十\d]+[条项]){0,2}|[一二三四五六七八九十（）]+\d?", rule.citation.article
        )


@pytest.mark.parametrize("name", [*JURISDICTIONS, "tinglan"])
def test_every_kind_has_a_period_on_every_day_since_2023(books: dict[str, RuleBook], name: str) -> None:
    for kind in Kind:
        for day in (date(2023, 5, 1), N58_LAST, N36_FIRST, DAY):
            assert list(books[name].in_force(Validity, kind, day)), (kind, day)


@pytest.mark.parametrize("name", [*JURISDICTIONS, "tinglan"])
def test_no_profile_lengthens_what_the_nation_allows(books: dict[str, RuleBook], name: str) -> None:
    longest = {Severity.MINOR: 3, Severity.GENERAL: 12, Severity.SERIOUS: 36}
    for rule in books[name].all_of(Validity, Kind.PENALTY):
        for severity, months in rule.parameters.periods.items():
            assert months <= longest[severity], rule.id
        assert not rule.parameters.holiday_roll


# --- the baseline ----------------------------------------------------------------------------------------------------


def test_the_baseline(books: dict[str, RuleBook]) -> None:
    book = books["national"]
    for kind in Kind:
        assert [rule.parameters.years for rule in book.in_force(Adult, kind, date(1999, 1, 1))] == [18]
        (text,) = book.in_force(FreeText, kind, date(1999, 1, 1))
        assert text.parameters == FreeText(frozenset(Pattern), Outcome.MASKED)
    for rule in book.profiles[0].rules:
        assert (rule.start, rule.end, rule.overrides) == (None, None, None)


# --- national --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.PENALTY, Kind.BLACKLIST])
@pytest.mark.parametrize(
    ("day", "ids"),
    [
        (date(2023, 4, 30), []),
        (date(2023, 5, 1), ["national.n58.validity"]),
        (N58_LAST, ["national.n58.validity"]),
        (N36_FIRST, ["national.n36.validity"]),
    ],
)
def test_time_slices_meet_without_a_gap(books: dict[str, RuleBook], kind: Kind, day: date, ids: list[str]) -> None:
    assert [rule.id for rule in books["national"].in_force(Validity, kind, day)] == ids


def test_national_periods(books: dict[str, RuleBook]) -> None:
    periods = {Severity.MINOR: 3, Severity.GENERAL: 12, Severity.SERIOUS: 36}
    (old,) = books["national"].in_force(Validity, Kind.PENALTY, N58_LAST)
    (new,) = books["national"].in_force(Validity, Kind.PENALTY, N36_FIRST)
    assert (old.parameters.periods, new.parameters.periods) == (periods, periods)
    assert (old.parameters.ends, new.parameters.ends) == (End.REQUIRED, End.REQUIRED)
    assert (set(old.parameters.minimums.values()), old.parameters.area_minimum) == ({3}, 12)
    assert len(old.parameters.areas) == 5
    assert new.parameters.minimums == {Severity.GENERAL: 3, Severity.SERIOUS: 12}


def test_national_grading(books: dict[str, RuleBook]) -> None:
    assert not list(books["national"].in_force(Grading, Kind.PENALTY, N58_LAST))
    (rule,) = books["national"].in_force(Grading, Kind.PENALTY, N36_FIRST)
    grades: dict[Severity, set[PenaltyType]] = {severity: set() for severity in Severity}
    for penalty, severity in rule.parameters.types.items():
        grades[severity].add(penalty)
    kinds = PenaltyType
    assert grades[Severity.MINOR] == {kinds.WARNING, kinds.CRITICISM}
    general = {kinds.LARGE_FINE, kinds.PERMIT_SUSPENDED, kinds.DOWNGRADE, kinds.CONFISCATION}
    serious = {kinds.VERY_LARGE_FINE, kinds.PERMIT_REVOKED, kinds.STOPPED, kinds.CLOSED, kinds.RESTRICTION}
    assert (grades[Severity.GENERAL], grades[Severity.SERIOUS]) == (general, serious)


@pytest.mark.parametrize("day", [N58_LAST, N36_FIRST])
def test_summary_procedure_is_withheld_before_and_after_the_change_of_law(
    books: dict[str, RuleBook], day: date
) -> None:
    rules = list(books["national"].in_force(Withhold, Kind.PENALTY, day))
    assert any(rule.parameters.procedure for rule in rules)
    assert any(rule.parameters.severity for rule in rules) is (day == N36_FIRST)


def test_where_the_national_facts_are_silent_the_defaults_protect(books: dict[str, RuleBook]) -> None:
    handling = handling_of(basis(books["national"]), Kind.BLACKLIST)
    assert (handling.under_objection.value, handling.under_objection.rule) == (UnderObjection.SUSPENDED, None)
    assert (handling.review_days.value, handling.check_days.value, handling.correct_days.value) == (None, None, None)
    assert handling.notice_days.value == 0
    notice = notice_of(basis(books["national"]), Kind.BLACKLIST, ExitReason.EXPIRED)
    assert (notice.names, notice.noindex, notice.rule) == (NamedSubjects.NOBODY, True, None)


# --- where jurisdictions differ (facts, 3) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "record", "rests", "clocks", "notice"),
    [
        ("jiangsu", UnderObjection.PUBLIC, False, (10, 5, 3), 5),
        ("tinglan", UnderObjection.PUBLIC, False, (10, 5, 3), 5),
        ("gansu", UnderObjection.SUSPENDED, True, (None, None, None), 0),
        ("shanwei", UnderObjection.SUSPENDED, False, (None, None, None), 0),
        ("pingdingshan", UnderObjection.SUSPENDED, False, (None, None, None), 0),
        ("tianjin", UnderObjection.SUSPENDED, False, (None, None, None), 0),
    ],
)
def test_objection_and_repair(
    books: dict[str, RuleBook],
    name: str,
    record: UnderObjection,
    rests: bool,
    clocks: tuple[int | None, ...],
    notice: int,
) -> None:
    for kind in (Kind.PENALTY, Kind.BLACKLIST):
        handling = handling_of(basis(books[name]), kind)
        assert (handling.under_objection.value, handling.measures_suspended.value) == (record, rests)
        found = (handling.review_days.value, handling.check_days.value, handling.correct_days.value)
        assert (found, handling.notice_days.value) == (clocks, notice)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("national", {Kind.PENALTY, Kind.LICENCE}),
        ("jiangsu", {Kind.PENALTY, Kind.LICENCE}),
        ("gansu", {Kind.PENALTY, Kind.LICENCE}),
        ("shanwei", {Kind.PENALTY, Kind.LICENCE, Kind.INSPECTION, Kind.OTHER}),
    ],
)
def test_publication_deadlines(books: dict[str, RuleBook], name: str, kinds: set[Kind]) -> None:
    found = {kind: list(books[name].in_force(Deadline, kind, DAY)) for kind in Kind}
    assert {kind for kind, rules in found.items() if rules} == kinds
    assert {rule.parameters.days for rules in found.values() for rule in rules} == {7}


def test_gansus_deadline_is_about_organisations(books: dict[str, RuleBook]) -> None:
    (rule,) = own(books["gansu"], Deadline)
    assert rule.parameters == Deadline(7, frozenset({SubjectKind.ORGANISATION}))


@pytest.mark.parametrize(
    ("name", "left_out"),
    [("jiangsu", True), ("gansu", True), ("pingdingshan", True), ("shanwei", False), ("tianjin", False)],
)
def test_natural_persons(books: dict[str, RuleBook], name: str, left_out: bool) -> None:
    for kind in (Kind.PENALTY, Kind.LICENCE):
        rules = books[name].in_force(Withhold, kind, DAY)
        assert any(rule.parameters.subject_kind == PERSON for rule in rules) is left_out
    for kind in (Kind.BLACKLIST, Kind.REDLIST):
        assert not any(rule.parameters.subject_kind for rule in books[name].in_force(Withhold, kind, DAY))


def test_jiangsus_validity(books: dict[str, RuleBook]) -> None:
    (rule,) = own(books["jiangsu"], Validity)
    assert rule.parameters.periods == {Severity.GENERAL: 12, Severity.SERIOUS: 36}
    assert (rule.parameters.ends, rule.start, rule.end) == (End.REQUIRED, None, None)


@pytest.mark.parametrize("name", ["gansu", "tianjin", "pingdingshan", "shanwei"])
def test_red_lists_need_an_end(books: dict[str, RuleBook], name: str) -> None:
    """Set by the initiator, "a certain period", or unstated: never without an end."""
    assert {rule.parameters.ends for rule in books[name].in_force(Validity, Kind.REDLIST, DAY)} == {End.REQUIRED}


@pytest.mark.parametrize("name", [*JURISDICTIONS, "tinglan"])
def test_lists_are_checked_and_announced_in_jiangsu_and_the_demo_city_only(
    books: dict[str, RuleBook], name: str
) -> None:
    expected = name in ("jiangsu", "tinglan")
    checks = list(books[name].in_force(CrossCheck, Kind.REDLIST, DAY))
    assert [rule.parameters.against for rule in checks] == [frozenset({Kind.BLACKLIST})] * expected
    assert bool(list(books[name].in_force(PriorNotice, Kind.BLACKLIST, DAY))) is expected
    assert not list(books[name].in_force(CrossCheck, Kind.BLACKLIST, DAY))
    assert not list(books[name].in_force(PriorNotice, Kind.REDLIST, DAY))


@pytest.mark.parametrize("reason", list(ExitReason))
@pytest.mark.parametrize("name", [*JURISDICTIONS, "tinglan"])
def test_exit_notices_name_organisations_at_most(books: dict[str, RuleBook], name: str, reason: ExitReason) -> None:
    notice = notice_of(basis(books[name]), Kind.BLACKLIST, reason)
    named = name in ("jiangsu", "tinglan")
    assert notice.names is (NamedSubjects.ORGANISATIONS if named else NamedSubjects.NOBODY)
    assert notice.noindex


@pytest.mark.parametrize(
    ("name", "rule"),
    [("jiangsu", "jiangsu.clarification"), ("tinglan", "tinglan.clarification"), ("shanwei", "shanwei.wrong-listing")],
)
def test_a_wrong_listing_cites_its_own_article(books: dict[str, RuleBook], name: str, rule: str) -> None:
    notice = notice_of(basis(books[name]), Kind.BLACKLIST, ExitReason.WRONGLY_LISTED)
    assert notice.rule is not None
    assert notice.rule.id == rule


def test_catalogues(books: dict[str, RuleBook]) -> None:
    def stated(name: str, kind: Kind) -> set[str]:
        return {word for rule in books[name].in_force(Catalogue, kind, DAY) for word in rule.parameters.stated}

    seven = {
        "description",
        "scope_of_use",
        "update_cycle",
        "data_source",
        "data_format",
        "period_of_use",
        "retention_period",
    }
    for name in ("jiangsu", "tinglan"):
        assert stated(name, Kind.PENALTY) == seven
        assert stated(name, Kind.BLACKLIST) == stated(name, Kind.REDLIST) == seven | {"authority_level"}
    assert stated("shanwei", Kind.BLACKLIST) == {"legal_basis"}
    assert stated("national", Kind.BLACKLIST) == set()


@pytest.mark.parametrize("name", [*JURISDICTIONS, "tinglan"])
def test_statistics_are_shown_where_a_text_asks_for_them(books: dict[str, RuleBook], name: str) -> None:
    shown = any(rule.parameters.deadlines for rule in books[name].in_force(Statistics, Kind.PENALTY, DAY))
    assert shown is (name in ("gansu", "tinglan"))


# --- a site's own ----------------------------------------------------------------------------------------------------


def test_the_demo_citys_rules_end_with_its_measures(books: dict[str, RuleBook]) -> None:
    measures = [rule for rule in books["tinglan"].profiles[-1].rules if "6号" in rule.citation.number]
    assert len(measures) == 10
    assert {(rule.start, rule.end) for rule in measures} == {(N36_FIRST, date(2031, 3, 31))}


def test_the_demo_citys_articles_are_published(books: dict[str, RuleBook]) -> None:
    measures = (ROOT / "content/policies/disclosure-measures.md").read_text(encoding="utf-8")
    notice = (ROOT / "content/policies/objection-and-repair-notice.md").read_text(encoding="utf-8")
    for rule in books["tinglan"].profiles[-1].rules:
        if rule.citation.number == "汀澜政发〔2026〕6号":
            assert f"**{rule.citation.article}** " in measures
        else:
            assert rule.citation.article == "三（二）"
            assert "{#part-3-2}" in notice


def test_the_template_loads_and_shows_every_topic_and_parameter(tmp_path: Path) -> None:
    folder = tmp_path / "content" / "rules"
    folder.mkdir(parents=True)
    text = TEMPLATE.read_text(encoding="utf-8")
    (folder / "some-city.yaml").write_text(text, encoding="utf-8")
    book = load_rule_book(tmp_path, ["some-city"])
    assert [profile.id for profile in book.profiles] == ["baseline", "national", "some-city"]
    definitions = load_schema("rules.yaml")["$defs"]["rule"]
    for branch in definitions["allOf"]:
        topic = branch["if"]["properties"]["topic"]["const"]
        rules = [part for part in text.split("\n  - id: ") if f"topic: {topic}\n" in part]
        assert rules, topic
        for key in branch["then"].get("properties", {}):
            assert any(re.search(rf"^ +{key}: ", part, re.MULTILINE) for part in rules), f"{topic}: {key}"
    for key in definitions["properties"]:
        assert re.search(rf"^[ -]+{key}: ", text, re.MULTILINE), key

"""Rule profiles: the program's own are sound, a site's own are checked."""

from datetime import date
from pathlib import Path

import pytest

from publish.load.rules import load_rule_book
from publish.model.issue import BuildStopped
from publish.model.rules import Topic
from publish.model.terms import Kind

GOOD = """
profile: town
title: 某镇
level: municipal
rules:
  - id: town.one
    topic: validity
    title: 公示六个月
    citation: {title: 某办法, number: 某政发〔2026〕1号, article: 第三条}
    from: 2026-01-01
    kinds: [penalty]
    end: required
    periods: {general: 6}
"""


def site(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "content" / "rules"
    folder.mkdir(parents=True)
    (folder / "town.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_baseline_is_always_there(tmp_path: Path) -> None:
    book = load_rule_book(tmp_path, ["national"])
    assert [profile.id for profile in book.profiles] == ["baseline", "national"]
    for topic in (Topic.FIELD_CLASS, Topic.PERSON_NAME, Topic.PERSON_NUMBER, Topic.OTHER_PERSON, Topic.SUBJECT_CODE):
        assert list(book.in_force(topic, Kind.OTHER, date(1999, 1, 1))), topic


def test_every_rule_cites_a_document(tmp_path: Path) -> None:
    for profile in load_rule_book(tmp_path, ["national"]).profiles:
        for rule in profile.rules:
            assert rule.citation.title
            assert rule.citation.number


def test_a_sites_own_profile(tmp_path: Path) -> None:
    book = load_rule_book(site(tmp_path, GOOD), ["national", "town"])
    rules = [rule.id for rule in book.in_force(Topic.VALIDITY, Kind.PENALTY, date(2026, 5, 1))]
    assert rules == ["national.n36.validity", "town.one"]
    assert str(book.profiles[-1].rules[0].citation) == "《某办法》（某政发〔2026〕1号）第三条"


@pytest.mark.parametrize(
    ("day", "rule"), [(date(2026, 3, 31), "national.n58.validity"), (date(2026, 4, 1), "national.n36.validity")]
)
def test_time_slices_meet(tmp_path: Path, day: date, rule: str) -> None:
    book = load_rule_book(tmp_path, ["national"])
    assert [r.id for r in book.in_force(Topic.VALIDITY, Kind.PENALTY, day)] == [rule]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("profile: [", "rules.bad-file"),
        (GOOD.replace("periods: {general: 6}", "periods: {general: 60}"), "rules.bad-value"),
        (GOOD.replace("topic: validity", "topic: wishes"), "rules.bad-value"),
        (
            GOOD.replace("    citation: {title: 某办法, number: 某政发〔2026〕1号, article: 第三条}\n", ""),
            "rules.bad-value",
        ),
        (GOOD.replace("from: 2026-01-01", "from: 2026-13-01"), "rules.bad-value"),
        (GOOD.replace("id: town.one", "id: national.n36.validity"), "rules.duplicate-id"),
    ],
)
def test_faults_are_found(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(BuildStopped) as stopped:
        load_rule_book(site(tmp_path, text), ["national", *(["town"] if code == "rules.duplicate-id" else [])])
    assert {issue.code for issue in stopped.value.issues} == {code}


def test_an_unknown_profile(tmp_path: Path) -> None:
    with pytest.raises(BuildStopped) as stopped:
        load_rule_book(tmp_path, ["atlantis"])
    assert stopped.value.issues[0].code == "rules.unknown-profile"

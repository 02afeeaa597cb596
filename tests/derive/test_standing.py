"""How documents stand on a day, by what is stated of them."""

from datetime import date, timedelta

import pytest

from publish.derive.standing import standing_issues, standing_of
from publish.derive.ties import ties_of
from publish.model.document import Document, Relation, RelationKind
from publish.model.policy import Standing

DAY = date(2026, 11, 20)
BEFORE, AFTER = DAY - timedelta(1), DAY + timedelta(1)


def document(slug: str = "d", **stated: object) -> Document:
    return Document(slug, f"办法{slug}", "", **stated)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stated", "standing"),
    [
        ({}, Standing.UNSTATED),
        ({"validity": "现行有效"}, Standing.IN_FORCE),
        ({"validity": "已废止"}, Standing.REPEALED),
        ({"validity": "失效"}, Standing.EXPIRED),
        ({"validity": "部分条款失效"}, Standing.OTHER),
        ({"in_force_from": DAY}, Standing.IN_FORCE),
        ({"in_force_from": AFTER}, Standing.COMING),
        ({"in_force_from": AFTER, "validity": "现行有效"}, Standing.COMING),
        ({"in_force_until": DAY}, Standing.IN_FORCE),
        ({"in_force_until": BEFORE}, Standing.EXPIRED),
        ({"archived": True}, Standing.ARCHIVED),
        ({"archived": True, "in_force_until": BEFORE}, Standing.EXPIRED),
        ({"repealed_on": DAY}, Standing.REPEALED),
        ({"repealed_on": AFTER}, Standing.UNSTATED),
        ({"repealed_on": AFTER, "in_force_from": BEFORE}, Standing.IN_FORCE),
        ({"repealed_on": BEFORE, "archived": True}, Standing.REPEALED),
        ({"published_on": BEFORE, "written_on": BEFORE}, Standing.UNSTATED),
    ],
)
def test_standings(stated: dict[str, object], standing: Standing) -> None:
    assert standing_of(document(**stated), (), DAY).standing is standing


def test_words_of_its_own_are_kept() -> None:
    assert standing_of(document(validity="部分条款失效"), (), DAY).words == "部分条款失效"


def test_a_repealed_document_says_by_what_by_either_ones_word() -> None:
    by_title = Relation(RelationKind.REPEALED_BY, "办法new")
    old = document("old", relations=(by_title,))
    new = document("new", number="示府发〔2026〕6号")
    status = standing_of(old, (old, new), DAY)
    assert (status.standing, [(one.slug, one.number) for one in status.by]) == (
        Standing.REPEALED,
        [("new", "示府发〔2026〕6号")],
    )
    elsewhere = standing_of(old, (old,), DAY)
    assert [(one.title, one.slug) for one in elsewhere.by] == [("办法new", None)]

    silent = document("old", number="示府发[2023]9号")
    repeals = document(
        "new", in_force_from=BEFORE, relations=(Relation(RelationKind.REPEALS, None, "示府发〔2023〕9号"),)
    )
    status = standing_of(silent, (silent, repeals), DAY)
    assert (status.standing, status.since, [one.slug for one in status.by]) == (Standing.REPEALED, BEFORE, ["new"])


def test_both_say_it_and_it_is_said_once() -> None:
    old = document("old", repealed_on=BEFORE, relations=(Relation(RelationKind.REPEALED_BY, "办法new"),))
    new = document("new", in_force_from=BEFORE, relations=(Relation(RelationKind.REPEALS, "办法old"),))
    assert [one.slug for one in standing_of(old, (old, new), DAY).by] == ["new"]


def test_what_repeals_does_so_when_it_is_in_force() -> None:
    old = document("old", in_force_from=date(2020, 1, 1))
    new = document("new", in_force_from=AFTER, relations=(Relation(RelationKind.REPEALS, "办法old"),))
    assert standing_of(old, (old, new), DAY).standing is Standing.IN_FORCE
    assert standing_of(old, (old, new), AFTER).standing is Standing.REPEALED


def test_contradictions_are_told() -> None:
    wrong = Document("d", "办法", "", validity="现行有效", in_force_until=BEFORE, file="content/policies/d.md")
    (issue,) = standing_issues([wrong, document(validity="现行有效")], DAY)
    assert (issue.code, issue.file) == ("document.validity-conflict", "content/policies/d.md")


def test_relations_are_told_on_both_pages() -> None:
    basis = document("basis", number="示府发〔2026〕6号")
    other = document(
        "other",
        relations=(
            Relation(RelationKind.REPEALS, "办法gone"),
            Relation(RelationKind.BASED_ON, None, "示府发[2026]6号"),
            Relation(RelationKind.ANNEX_OF, "办法notice"),
        ),
    )
    notice = document("notice")
    documents = (basis, other, notice)
    told = {
        one.slug: [(tie.value, named.slug or named.title) for tie, named in ties_of(one, documents)]
        for one in documents
    }
    assert told == {
        "basis": [("basis-of", "other")],
        "other": [("based-on", "basis"), ("repeals", "办法gone"), ("annex-of", "notice")],
        "notice": [("has-annex", "other")],
    }


def test_a_relation_that_both_state_is_told_once() -> None:
    old = document("old", relations=(Relation(RelationKind.REPEALED_BY, "办法new"),))
    new = document("new", relations=(Relation(RelationKind.REPEALS, "办法old"),))
    assert [(tie.value, named.slug) for tie, named in ties_of(old, (old, new))] == [("repealed-by", "new")]
    assert [(tie.value, named.slug) for tie, named in ties_of(new, (old, new))] == [("repeals", "old")]

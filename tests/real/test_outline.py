"""Real policy texts, as they came: their outlines, and the articles that the program's rule profiles cite of them."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from publish.derive.articles import Articles
from publish.derive.outline import derive_outline, outline_issues
from publish.load.rules import load_every_profile
from publish.model.document import Document
from publish.model.outline import Form, Part

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = {
    "pingdingshan": ("000_085d57c061feaec5.txt", "平顶山市社会信用体系建设实施方案", "平信用[2015]2号"),
    "shanwei": (
        "001_c38e8cd30e00964f.txt",
        "汕尾市加快推进社会信用体系建设构建以信用为基础的新型监管机制的工作方案",
        "汕府办函〔2021〕17号",
    ),
    "tianjin": ("004_45551e19d29f385e.txt", "贯彻落实《天津市社会信用体系建设规划(2014—2020年)》责任分工", None),
}


@pytest.fixture(scope="module")
def documents(shared_input: Callable[[str], Path]) -> dict[str, Document]:
    folder = shared_input("policies")
    found = {}
    for slug, (name, title, number) in FILES.items():
        lines = [line.strip() for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        body = "\n\n".join(re.sub(r"^(\d+)\.", r"\1\\.", line) for line in lines)
        found[slug] = Document(slug, title, body, number=number)
    return found


def anchors(parts: tuple[Part, ...], form: Form) -> list[str]:
    return [part.anchor for part in parts if part.form is form]


def test_items_that_run_through_all_headings(documents: dict[str, Document]) -> None:
    parts = derive_outline(documents["shanwei"])
    assert anchors(parts, Form.HAN) == [f"part-{number}" for number in range(1, 8)]
    assert anchors(parts, Form.HAN_BRACKETS) == [f"item-{number}" for number in range(1, 27)]
    tianjin = derive_outline(documents["tianjin"])
    assert anchors(tianjin, Form.HAN_BRACKETS) == [f"item-{number}" for number in range(1, 52)]
    assert {"item-1-4", "item-34-2", "item-51-4"} < set(anchors(tianjin, Form.DIGITS)), "these begin anew"


def test_items_that_begin_anew(documents: dict[str, Document]) -> None:
    parts = derive_outline(documents["pingdingshan"])
    assert anchors(parts, Form.HAN_BRACKETS) == [
        *(f"item-1-{number}" for number in range(1, 4)),
        *(f"item-2-{number}" for number in range(1, 10)),
        *(f"item-3-{number}" for number in range(1, 4)),
    ]
    assert "item-2-3-9" in anchors(parts, Form.DIGITS)


def test_anchors_are_unique_and_no_number_is_wrong(documents: dict[str, Document]) -> None:
    for document in documents.values():
        counts = Counter(part.anchor for part in derive_outline(document))
        assert counts.most_common(1)[0][1] == 1
        assert list(outline_issues(document)) == []


def test_the_rules_of_the_program_lead_to_their_articles(documents: dict[str, Document]) -> None:
    rules = {rule.id: rule for profile in load_every_profile(REPOSITORY) for rule in profile.rules}
    articles = Articles(tuple(documents.values()), [rule.citation for rule in rules.values()])
    found = {name: articles.find(rule.citation) for name, rule in rules.items()}
    places = {name: one.part.anchor for name, one in found.items() if one is not None and one.part is not None}
    assert places == {
        "pingdingshan.persons-in-lists": "item-2-8-1",
        "shanwei.deadline": "item-21",
        "shanwei.legal-basis": "item-8",
        "shanwei.wrong-listing": "item-23",
        "tianjin.list-validity": "item-18-1",
    }
    assert [name for name, one in found.items() if one is not None and one.lost] == []

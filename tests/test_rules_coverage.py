"""docs/rules-coverage.md: it leaves out no fact and no rule, and all that it names exists."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from publish.load.rules import load_rule_book

ROOT = Path(__file__).resolve().parents[1]
COVERAGE = ROOT / "docs" / "rules-coverage.md"
FACTS = ROOT.parent / "shared" / "reference" / "disclosure-rules.md"
RULES = ROOT / "publish" / "disclose" / "rules"
SECTIONS = ("1", "2", "3", "4", "5", "7")
PROFILES = ["national", "jiangsu", "gansu", "shanwei", "pingdingshan", "tianjin"]


class Row(NamedTuple):
    section: str
    fact: str
    source: str
    where: str
    tests: str


def plain(text: str) -> str:
    """Without marks of emphasis and code, white space folded."""
    return re.sub(r"\s+", " ", re.sub(r"[*`]", "", text)).strip()


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(number, text) of the sections that are covered; headings within a section are part of it."""
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        if part.partition(".")[0] in SECTIONS:
            yield part.partition(".")[0], part.partition("\n")[2]


def table_rows(text: str) -> Iterator[list[str]]:
    """The cells of the rows of all tables, without the rows of their heads."""
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("|") and not line.startswith("|-") and not following.startswith("|-"):
            yield [plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def covered() -> list[Row]:
    return [
        Row(number, *cells)
        for number, text in sections(COVERAGE.read_text(encoding="utf-8"))
        for cells in table_rows(text)
    ]


@cache
def names_in(file: Path) -> frozenset[str]:
    """What a module defines at its top, with the methods of its classes as Class.method."""
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found)


# --- what the page names exists --------------------------------------------------------------------------------------


def test_every_row_says_where_and_how_it_is_tested() -> None:
    rows = covered()
    assert len(rows) > 60
    for row in rows:
        assert row.fact
        assert row.source
        assert re.search(r"rules/|publish/|not applicable: \w", row.where), row.fact
        assert "tests/" in row.tests or (row.tests == "–" and row.where.startswith("not applicable: ")), row.fact


def test_places_exist() -> None:
    ids = {
        f"rules/{profile.id}.yaml#{rule.id}"
        for profile in load_rule_book(ROOT, PROFILES).profiles
        for rule in profile.rules
    }
    for row in covered():
        for place in re.findall(r"(?<![\w/])(?:rules|publish)/[\w./#:-]*\w", row.where):
            file, _, name = place.partition(":")
            if "#" in place:
                assert place in ids, place
            else:
                assert (ROOT / file).is_file(), place
                assert not name or name in names_in(ROOT / file), place


def test_tests_exist() -> None:
    for row in covered():
        for place in re.findall(r"tests/[\w./:]*\w", row.tests):
            file, _, name = place.partition("::")
            assert (ROOT / file).is_file(), place
            assert not name or name in names_in(ROOT / file), place


def test_a_name_that_does_not_exist_is_seen() -> None:
    names = names_in(ROOT / "publish/model/rules.py")
    assert {"Rule", "RuleBook.in_force", "P"} <= names
    assert not {"in_force", "RuleBook.nothing"} & names


# --- nothing is left out ---------------------------------------------------------------------------------------------


def test_every_rule_of_the_profiles_stands_there() -> None:
    assert {path.stem for path in RULES.glob("*.yaml")} == {"baseline", *PROFILES}
    text = COVERAGE.read_text(encoding="utf-8")
    rules = [(profile.id, rule.id) for profile in load_rule_book(ROOT, PROFILES).profiles for rule in profile.rules]
    assert [rule for profile, rule in rules if f"`rules/{profile}.yaml#{rule}`" not in text] == []


def facts() -> Iterator[tuple[str, str, str]]:
    """(section, source, fact): each row of the facts' tables, and each sentence between them (without a source)."""
    for number, text in sections(FACTS.read_text(encoding="utf-8")):
        sourced = True
        for part in re.split(r"^### .*$", text, flags=re.MULTILINE):
            for cells in table_rows(part):
                yield number, cells[1] if sourced else "", cells[0]
            sourced = False
        prose = "\n".join(line for line in text.splitlines() if not line.startswith(("|", "#")))
        for sentence in re.split(r"(?<=[.])\s+(?=\S)", prose.strip()):
            if plain(sentence):
                yield number, "", plain(sentence)


def test_every_fact_is_covered() -> None:
    if not FACTS.exists():
        pytest.skip("the facts (../shared/reference/disclosure-rules.md) are not here")
    by_section = defaultdict(list)
    for row in covered():
        by_section[row.section].append(row)
    found = list(facts())
    assert len(found) > 55
    missing = [
        fact
        for section, source, fact in found
        if not any(row.fact in fact and source in ("", row.source) for row in by_section[section])
    ]
    assert missing == []


def test_nothing_is_covered_that_is_no_fact() -> None:
    if not FACTS.exists():
        pytest.skip("the facts (../shared/reference/disclosure-rules.md) are not here")
    known = list(facts())
    assert [
        row.fact for row in covered() if not any(row.section == n and row.fact in fact for n, _, fact in known)
    ] == []

"""Lines that pages share are searched once: what is found is the same, in the page where it stands first."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from publish.model.personal_patterns import patterns_in
from publish.model.sieve import Sieve
from publish.release import matching
from publish.release.matching import Search

VALUES = ["张三丰的住址", "secret-value", "第一行\n第二行", "一二三\n四五六\n七八九", "12345678 号"]
LINES = [
    "<p>公开",
    "<p>张三丰的住址",
    "<b>secret-value</b>",
    "第一行",
    "第二行",
    "x第一行",
    "一二三",
    "四五六",
    "七八九",
    "电话 13812345678",
    "<p>12345678 号",
    "",
    "</footer>",
]
PAGES = st.lists(st.lists(st.sampled_from(LINES), max_size=12), max_size=8)


def search_of(lines: int) -> Search:
    return Search([Sieve.of([value.encode() for value in VALUES], range(len(VALUES)))], patterns_in, frozenset(), lines)


Owner = tuple[int, str]


def found(pages: list[list[str]], lines: int, is_whole: bool) -> tuple[set[Owner], dict[Owner, str]]:
    """What is found, and in which page first."""
    search = search_of(lines)
    for number, page in enumerate(pages):
        data = "\n".join(page).encode()
        if is_whole:
            search.add(f"{number:02}", "", data)
        else:
            search.add_page(f"{number:02}", data)
    search.flush()
    first: dict[Owner, str] = {}
    for finding in sorted(search.found):
        first.setdefault((finding.owner, finding.what), finding.path)
        first[finding.owner, finding.what] = min(first[finding.owner, finding.what], finding.path)
    return {(one.owner, one.what) for one in search.found}, first


@settings(max_examples=400, deadline=None)
@given(PAGES)
@example([["第一行", "x", "第二行", "y"], ["第一行", "第二行", "x", "y"]])
@example([["一二三", "四五六", "a", "b"], ["c", "四五六", "七八九", "b"], ["一二三", "四五六", "七八九", "b"]])
def test_the_same_is_found_and_in_the_same_page_first(pages: list[list[str]]) -> None:
    assert found(pages, 3, is_whole=False) == found(pages, 3, is_whole=True)


def test_a_line_in_other_company_is_searched_again() -> None:
    pages = [["a", "第一行", "b", "c", "d"], ["a", "b", "第二行", "c", "d"], ["a", "第一行", "第二行", "c", "d"]]
    assert found(pages, 2, is_whole=False)[1] == {(2, ""): "02"}


def test_values_of_very_many_lines_are_looked_for_in_whole_pages() -> None:
    pages = [["a"] * 20, ["a"] * 9 + ["secret-value"] + ["a"] * 9]
    assert found(pages, 100, is_whole=False) == found(pages, 100, is_whole=True)


def test_pages_of_one_template_are_searched_once() -> None:
    head, foot = [f"<meta {n}>" for n in range(50)], [f"<a {n}>" for n in range(50)]
    search = search_of(1)
    sizes = []
    for number in range(20):
        before = search._size
        search.add_page(f"{number}.html", "\n".join([*head, f"<p>记录 {number}", *foot]).encode())
        sizes.append(search._size - before)
    assert sizes[0] > 800
    assert max(sizes[1:]) < 80


def test_what_was_met_is_forgotten_and_met_again() -> None:
    many = [[f"line {number}-{place}" for place in range(40)] for number in range(3 * matching._MOST_MET // 40)]
    pages = [*many, ["a", "secret-value", "b"], *many[:5], ["a", "secret-value", "b"]]
    assert found(pages, 1, is_whole=False)[0] == {(1, "")}

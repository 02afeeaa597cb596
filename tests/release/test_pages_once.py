"""Lines that pages share are searched once: what is found is the same, in the page where it stands first."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publish.model.personal_patterns import patterns_in
from publish.model.sieve import Sieve
from publish.release import matching, shared_lines
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
    every = {f"{number:02}": "\n".join(page).encode() for number, page in enumerate(pages)}
    for path, data in every.items():
        if is_whole:
            search.add(path, "", data)
        else:
            search.add_page(path, data)
    search.flush()
    first: dict[Owner, str] = {}
    for finding in sorted(search.found):
        first.setdefault((finding.owner, finding.what), finding.path)
        first[finding.owner, finding.what] = min(first[finding.owner, finding.what], finding.path)
    return {(one.owner, one.what) for one in search.found}, first


@settings(max_examples=400, deadline=None)
@given(PAGES, st.sampled_from([1, 40, 1 << 24]))
@example([["第一行", "x", "第二行", "y"], ["第一行", "第二行", "x", "y"]], 1 << 24)
@example([["一二三", "四五六", "a", "b"], ["c", "四五六", "七八九", "b"], ["一二三", "四五六", "七八九", "b"]], 1)
def test_the_same_is_found_and_in_the_same_page_first(pages: list[list[str]], together: int) -> None:
    """However many bytes of pages are looked at together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_PAGES", together)
        assert found(pages, 3, is_whole=False) == found(pages, 3, is_whole=True)


def test_a_line_in_other_company_is_searched_again() -> None:
    pages = [["a", "第一行", "b", "c", "d"], ["a", "b", "第二行", "c", "d"], ["a", "第一行", "第二行", "c", "d"]]
    assert found(pages, 2, is_whole=False)[1] == {(2, ""): "02"}


def test_values_of_very_many_lines_are_looked_for_in_whole_pages() -> None:
    pages = [["a"] * 20, ["a"] * 9 + ["secret-value"] + ["a"] * 9]
    assert found(pages, 100, is_whole=False) == found(pages, 100, is_whole=True)


def test_pages_of_one_template_are_searched_once() -> None:
    """Within a batch, and from batch to batch."""
    head, foot = [f"<meta {n}>" for n in range(50)], [f"<a {n}>" for n in range(50)]
    pages = ["\n".join([*head, f"<p>记录 {number}", *foot]).encode() for number in range(20)]
    shared = shared_lines.SharedLines(1)
    first, second = shared.fresh(pages[:10]), shared.fresh(pages[10:])
    assert first[0] == pages[0]
    assert [*first[1:], *second] == [f"<meta 49>\n<p>记录 {number}\n<a 0>".encode() for number in range(1, 20)]
    assert shared.fresh([pages[0]]) == [first[1].replace(b"1", b"0")]  # what one page has alone is not remembered


@pytest.mark.parametrize(
    "pages",
    [
        [b"a\nb\nc\0\xff", "张三\nb\nc".encode()],
        ["x\n\x01\n\n张三\n\ny\nz".encode(), "x\nq\n\n张三\n\ny\nz".encode()],
        ["x\n&#1;\n\n张三\n\ny\nz".encode(), "x\nq\n\n张三\n\ny\nz".encode()],
    ],
)
def test_a_short_value_is_found_beside_what_is_no_text(pages: list[bytes]) -> None:
    """Only what is beside it decides whether it is there by chance: it may be lines away, or in another page."""
    search = Search([Sieve.of(["张三".encode()])], None, frozenset())
    for number, page in enumerate(pages):
        search.add_page(f"{number}", page)
    search.flush()
    assert {finding.owner for finding in search.found} == {0}


def test_stretches_of_a_page_do_not_touch() -> None:
    """What stands before and after a line that is left out is farther apart than any value is long."""
    shared = shared_lines.SharedLines(2)
    shared.fresh([b"1\n2\n3\n4\n5\n6\n7", b"0\n1\n2\n3\n4\n5\n6\n7"])
    (text,) = shared.fresh(["第一行\n1\n2\n3\n4\n5\n6\n7\n第二行".encode()])
    assert text == "第一行\n1\n2".encode() + b"\n" * 9 + "6\n7\n第二行".encode()


@pytest.mark.parametrize("most", [0, 3, 1 << 18])
def test_what_was_met_is_forgotten_and_met_again(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_lines, "MOST_KNOWN", most)
    monkeypatch.setattr(matching, "_PAGES", 300)
    pages = [[f"line {number % 7}-{place}" for place in range(9)] for number in range(40)]
    pages += [["a", "secret-value", "b"], *pages[:5], ["a", "secret-value", "b"]]
    assert found(pages, 1, is_whole=False) == found(pages, 1, is_whole=True)
    assert found(pages, 1, is_whole=False)[0] == {(1, "")}

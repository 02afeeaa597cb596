"""Which texts of bulk pages are told to a search, and which pages are doubtful by them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from publish.render.bulk import BulkPlan, shapes_of
from publish.render.cell_lines import can_list, doubtful_lists, doubtful_pages
from publish.render.fragments import joined_fragments, load_fragments, save_fragments

PLAN = BulkPlan(
    ("name", "date", "code"),
    frozenset(),
    {
        "111": (
            ("<h1>", "</h1>\n<p>公示</p>\n<dd>", "</dd>\n<svg d='", "'/>\n<i>", "</i>"),
            ("name", "date", "code", "date"),
        ),
        "101": (("<h1>", "</h1>\n<p>无</p>\n<svg d='", "'/>"), ("name", "code")),
    },
)
CELLS = pl.DataFrame(
    {
        "name": ["甲", "乙", "丙", "丁"],
        "date": ["2026-01-01", "2026-01-01", None, "2026-01-02"],
        "code": ["M4", "M4", "M5", "M5"],
    }
)


class Search:
    """Remembers what it is told; texts with `found` are doubtful."""

    def __init__(self, value_lines: int = 1, found: str = "?", barriers: str = "") -> None:
        self.value_lines, self.lines, self.barriers = value_lines, value_lines + 1, barriers
        self.texts: list[list[str]] = []
        self._found = found
        self.asked = 0

    def doubtful(self, texts: Sequence[pl.Series]) -> list[pl.Series]:
        self.asked += 1
        self.texts = [sorted(text) for text in texts]
        return [text.str.contains(self._found, literal=True) for text in texts]

    def __call__(self, pages: pl.DataFrame) -> Mapping[object, int]:
        return {}

    def cells(self, columns: Sequence[pl.Series]) -> bool:
        return False


def doubtful(search: Search) -> list[bool]:
    return doubtful_pages(PLAN, CELLS, shapes_of(CELLS), search, drawn={"code"}).to_list()


def test_each_distinct_line_is_told_once_and_drawings_are_not() -> None:
    search = Search()
    assert doubtful(search) == [False] * 4
    *lines, _ = search.texts
    assert sorted(lines) == [
        ["<dd>2026-01-01</dd>", "<dd>2026-01-02</dd>"],
        ["<h1>丁</h1>", "<h1>丙</h1>", "<h1>乙</h1>", "<h1>甲</h1>"],
        ["<i>2026-01-01</i>", "<i>2026-01-02</i>"],
    ]


def test_what_stands_behind_a_mark_that_no_value_has_is_not_told() -> None:
    search = Search(barriers='<>"')
    assert doubtful(search) == [False] * 4
    *cells, _ = search.texts
    assert sorted(cells) == [["2026-01-01", "2026-01-02"], ["丁", "丙", "乙", "甲"]], (
        "a date is told once for two places"
    )
    assert doubtful(Search(found="乙", barriers="<>")) == [False, True, False, False]
    assert doubtful(Search(found="<p>公示", barriers="<>")) == [True, True, False, True], "constants are told whole"


def test_a_mark_counts_for_as_many_ends_of_lines_as_a_value_goes_over() -> None:
    search = Search(value_lines=3, barriers=">")
    doubtful(search)
    *groups, _ = search.texts
    # What is before the mark and what is behind it are apart, and what is behind it begins anew.
    assert sorted(one.strip("\n") for texts in groups for one in texts) == [
        *("2026-01-01</dd", "2026-01-01</i", "2026-01-02</dd", "2026-01-02</i"),
        *("丁</h1", "丙</h1", "乙</h1", "甲</h1"),
    ]


def test_cells_that_a_value_can_go_over_are_told_together() -> None:
    search = Search(value_lines=3)
    doubtful(search)
    *groups, _ = search.texts
    assert ["<h1>丙</h1>\n<p>无</p>\n<svg d='"] in groups
    # The drawing is as far as a value can go, and so is what stands behind it.
    assert "<h1>甲</h1>\n<p>公示</p>\n<dd>2026-01-01</dd>\n<svg d='\n" in next(one for one in groups if len(one) == 3)
    assert ["\n'/>\n<i>2026-01-01</i>", "\n'/>\n<i>2026-01-02</i>"] in groups


def test_pages_that_hold_a_doubtful_line_are_doubtful() -> None:
    assert doubtful(Search(found="丙")) == [False, False, True, False]
    assert doubtful(Search(found="<i>2026-01-01")) == [True, True, False, False]
    assert doubtful(Search(found="M4")) == [False] * 4


def test_doubtful_constants_make_all_pages_of_the_shape_doubtful() -> None:
    assert doubtful(Search(found="<p>公示")) == [True, True, False, True]
    assert doubtful(Search(found="<p>无")) == [False, False, True, False]


def test_lists_are_judged_by_their_fragments_which_are_searched_once(tmp_path: Path) -> None:
    files = (tmp_path / "fragments-0.html", tmp_path / "fragments-1.html")
    save_fragments(files[0], pl.Series(["<li>一</li>\n", "<li>?</li>\n"]))
    save_fragments(files[1], pl.Series(["<li>二</li>\n", "no end of a line"]))
    lists = pl.Series([[0, 2], [1], [3], [2, 1]], dtype=pl.List(pl.UInt32))
    search = Search()
    assert doubtful_lists(lists, files, search).to_list() == [False, True, True, True]
    assert doubtful_lists(pl.Series([[0], [0, 1]], dtype=pl.List(pl.UInt32)), files[1:], search).to_list() == [
        False,
        True,
    ]
    assert search.asked == 2, "what was found lies beside the files"


def test_lists_are_put_together_of_what_the_files_hold(tmp_path: Path) -> None:
    texts = [["甲\n", "", "乙"], ["丙丙"], ["", "丁\n"]]
    files = tuple(tmp_path / f"fragments-{number}.html" for number in range(3))
    for path, html in zip(files, texts, strict=True):
        save_fragments(path, pl.Series(html))
        assert load_fragments(path).to_list() == html
    lists = pl.Series("rows", [[5, 0, 0], [], [1], [3, 2, 4]], dtype=pl.List(pl.UInt32))
    joined = joined_fragments(lists, files)
    assert (joined.name, joined.to_list()) == ("rows", ["丁\n甲\n甲\n", "", "", "丙丙乙"])


def test_of_lists_only_the_first_line_is_told_again() -> None:
    plan = BulkPlan(("rows",), frozenset({"rows"}), {"1": (("<ol>", "</ol>"), ("rows",))})
    cells = pl.DataFrame({"rows": ["<li>\n一?\n</li>\n"]})
    search = Search()
    assert doubtful_pages(plan, cells, shapes_of(cells), search, listed={"rows"}).to_list() == [False]
    assert search.texts[0] == ["<ol><li>\n</ol>"]
    assert (can_list(search), can_list(Search(value_lines=2))) == (True, False)

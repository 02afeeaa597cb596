"""Pages that are searched while they are made: the same is found as in the finished files, and the rest is read."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.executors import SerialExecutor
from publish.model.issue import Issue
from publish.model.private_values import JOINTS, MARKUP, PRIVATE_COUNTS_SCHEMA, FieldPlace, PrivateValues
from publish.model.sieve import Sieve
from publish.release import findings
from publish.release import scan as scan_module
from publish.release.page_search import SavedSearch
from publish.release.scan import ReleaseScan, scan_release
from publish.release.shared_lines import MOST_LINES
from publish.render.bulk import BulkPlan, around_cells, assemble
from publish.render.bulk_pages import Partition, render_partition
from publish.render.fragments import save_fragments
from tests.release.test_scan import phones

VALUES = ("秘密的值", "Ab3456", "第一行\n第二行", "x" * 40 + "末尾", 'a&"b<c>', '甲方"乙方', "甲方<乙方")
# Pieces of constants and cells: with these values whole, cut, escaped, over lines, beside letters, and without them.
PIECES = (
    "<dd>",
    "</dd>\n",
    "\n",
    "\n\n\n",
    "<p>公开</p>\n<p>也公开</p>\n<p>还公开</p>\n",
    "密",
    "秘密的",
    "值",
    "秘密的值",
    "Ab3456",
    "Ab34",
    "56",
    "第一行\n",
    "第二行",
    "第一行\n第二行",
    "x" * 20,
    "x" * 20 + "末尾",
    "13812345678",
    "1381234",
    "5678",
    " ",
    "&",
    '"',
    "\x01",
    'a&"b<c>',
    "甲方",
    "乙方",
    "<",
    "%E7%A7%98",
    "\\u79d8",
    "\\u0000",
    "80%95%ab",
    "１３８１２３４５６７８９",
    "\\",
)


def private_of(most_lines: int = 2, marks: str | None = None) -> PrivateValues:
    """The values that go over no more lines and have of MARKUP only `marks`; None: it is not known which they have."""
    places = tuple(FieldPlace("pack", "table", f"field{number}") for number in range(len(VALUES)))
    held = MARKUP if marks is None else frozenset(marks)
    chosen = {
        value: number
        for number, value in enumerate(VALUES)
        if value.count("\n") < most_lines and MARKUP.intersection(value) <= held
    }
    sieve = Sieve.of([value.encode() for value in chosen], list(chosen.values()))
    counts = pl.DataFrame(schema=dict(PRIVATE_COUNTS_SCHEMA))
    if marks is None:
        return PrivateValues((sieve,), places, counts, most_lines)
    joined = [value for value in chosen if JOINTS.intersection(value)]
    joints = frozenset("".join(joined)) & JOINTS
    return PrivateValues(
        (sieve,), places, counts, most_lines, None, Sieve.of(pl.Series(joined, dtype=pl.String)), joints
    )


@pytest.fixture(
    scope="module",
    params=[(1, None), (2, None), (3, None), (1, ""), (3, '"')],
    ids=lambda param: f"{param[0]}-lines-{param[1]}",
)
def scan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseScan]:
    """Values over so many lines at most: the more, the more of a page is searched together. With some marks of a
    template in them, so that they go over these: less of a page is searched together where there are others."""
    made = ReleaseScan(private_of(*request.param), tmp_path_factory.mktemp("sieves"), phones)
    yield made
    made.close()


def rendered(
    plan: BulkPlan, cells: pl.DataFrame, scan: ReleaseScan, folder: Path, fragments: tuple[Path, ...] = ()
) -> tuple[Mapping[object, int], pl.DataFrame]:
    """What a worker finds in the pages, and the pages."""
    rows = folder / "rows.parquet"
    cells.write_parquet(rows)
    partition = Partition(plan, rows, folder / "out.arrow", fragments=fragments, search=scan.search)
    return render_partition(partition).findings, pl.read_ipc(folder / "out.arrow")


def issues_of(pages: pl.DataFrame, private: PrivateValues, folder: Path) -> tuple[Issue, ...]:
    """What is found in the finished files: all of it, be it ever so much."""
    tree, scratch = folder / "tree", folder / "scratch"
    for path in (tree / "r", scratch):
        path.mkdir(parents=True, exist_ok=True)
    for path, html in pages.iter_rows():
        (tree / path).write_bytes(html.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(findings, "_SHOWN", 1 << 30)
        found = scan_release(tree, pages["path"].to_list(), private, SerialExecutor(), scratch, patterns=phones)
    for path in pages["path"]:
        (tree / path).unlink()
    return found


texts = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    constants=st.lists(texts, min_size=3, max_size=3),
    others=st.lists(texts, min_size=2, max_size=2),
    rows=st.lists(st.tuples(texts, st.none() | texts), min_size=1, max_size=10),  # many take hardly longer than one
)
def test_the_same_is_found_as_in_the_files(
    constants: list[str], others: list[str], rows: list[tuple[str, str | None]], tmp_path: Path, scan: ReleaseScan
) -> None:
    plan = BulkPlan(("a", "b"), frozenset(), {"11": (tuple(constants), ("a", "b")), "10": (tuple(others), ("a",))})
    cells = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    # Not .html: of files that are pages, only the first one with the same lines is told.
    cells = cells.with_columns(pl.Series("path", [f"r/{number}.txt" for number in range(cells.height)]))
    found, pages = rendered(plan, cells, scan, tmp_path)
    assert pages["html"].to_list() == assemble(plan, cells.drop("path")).to_list()
    here = sorted((finding.path, finding.owner) for finding in found)  # type: ignore[attr-defined]
    names = {f"field{number}": number for number in range(len(VALUES))} | {None: -1, "": -1}
    assert here == sorted((issue.file, names[issue.field]) for issue in issues_of(pages, scan.private, tmp_path))


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    constants=st.lists(texts, min_size=3, max_size=3),
    fragments=st.lists(texts.map(lambda text: f"{text}\n") | texts, min_size=1, max_size=3),
    rows=st.lists(
        st.tuples(texts, st.lists(st.integers(min_value=0, max_value=2), min_size=1, max_size=3)),
        min_size=1,
        max_size=8,
    ),
)
def test_the_same_is_found_as_in_the_files_of_lists(
    constants: list[str],
    fragments: list[str],
    rows: list[tuple[str, list[int]]],
    tmp_path_factory: pytest.TempPathFactory,
    scan: ReleaseScan,
) -> None:
    """Fragments are searched once for all lists."""
    folder = tmp_path_factory.mktemp("lists")
    plan = BulkPlan(("a", "rows"), frozenset({"rows"}), {"11": (tuple(constants), ("a", "rows"))})
    cells = pl.DataFrame(rows, schema={"a": pl.String, "rows": pl.List(pl.UInt32)}, orient="row").with_columns(
        pl.col("rows").list.eval(pl.element() % len(fragments)),
        pl.Series("path", [f"r/{number}.txt" for number in range(len(rows))]),
    )
    save_fragments(folder / "fragments.html", pl.Series([*fragments, "\n"]))  # a file is never empty
    found, pages = rendered(plan, cells, scan, folder, (folder / "fragments.html",))
    listed = cells.with_columns(pl.Series("rows", ["".join(fragments[at] for at in row) for row in cells["rows"]]))
    assert pages["html"].to_list() == assemble(plan, listed.drop("path")).to_list()
    here = sorted((finding.path, finding.owner) for finding in found)  # type: ignore[attr-defined]
    names = {f"field{number}": number for number in range(len(VALUES))} | {None: -1, "": -1}
    assert here == sorted((issue.file, names[issue.field]) for issue in issues_of(pages, scan.private, folder))
    shutil.rmtree(folder)


@pytest.mark.parametrize(("marks", "barriers"), [(None, ""), ("", '"<>'), ('"', "<>"), ("<", '">')])
def test_a_value_goes_over_the_marks_that_it_has(marks: str | None, barriers: str, tmp_path: Path) -> None:
    private = private_of(1, marks)
    assert private.barriers == barriers
    scan = ReleaseScan(private, tmp_path, phones)
    plan = BulkPlan(("a",), frozenset(), {"1": (('<p>甲方"', "</p>\n<p>甲方<", "</p>\n"), ("a", "a"))})
    cells = pl.DataFrame({"a": ["一", "乙方", "二"], "path": ["r/0.html", "r/1.html", "r/2.html"]})
    found = {(finding.path, finding.owner) for finding in rendered(plan, cells, scan, tmp_path)[0]}  # type: ignore[attr-defined]
    scan.close()
    owners = [owner for owner, value in ((5, '"'), (6, "<")) if marks is None or value in marks]
    assert found == {("r/1.html", owner) for owner in owners}


def test_a_value_in_a_constant_of_one_shape(tmp_path: Path, scan: ReleaseScan) -> None:
    """Far from any cell: the first page of the shape tells, and then all pages that have it."""
    far = "\n" * 50 + "秘密的值" + "\n" * 50
    plan = BulkPlan(("a", "b"), frozenset(), {"11": (("", far, ""), ("a", "b")), "10": (("", ""), ("a",))})
    cells = pl.DataFrame({"a": ["一"] * 6, "b": [None, "二", None, "二", None, None]}).with_columns(
        pl.Series("path", [f"r/{number}.html" for number in range(6)])
    )
    found, _ = rendered(plan, cells, scan, tmp_path)
    assert sorted(finding.path for finding in found) == ["r/1.html", "r/3.html"]  # type: ignore[attr-defined]


def test_a_path_is_searched_too(tmp_path: Path, scan: ReleaseScan) -> None:
    plan = BulkPlan(("a",), frozenset(), {"1": (("", ""), ("a",))})
    found, _ = rendered(plan, pl.DataFrame({"a": ["一", "二"], "path": ["r/1.html", "r/Ab3456.html"]}), scan, tmp_path)
    assert [(finding.path, finding.part) for finding in found] == [("r/Ab3456.html", "(name)")]  # type: ignore[attr-defined]


def test_what_is_far_from_cells_is_left_out() -> None:
    plan = BulkPlan(("a",), frozenset(), {"1": (("1\n2\n3\n4", "5\n6\n7\n8"), ("a",))})
    near = assemble(around_cells(plan, 2, "|"), pl.DataFrame({"a": ["一\n二"]})).item()
    assert near == "|3\n4一\n二5\n6|"
    assert assemble(around_cells(plan, 9, "|"), pl.DataFrame({"a": ["一"]})).item() == "1\n2\n3\n4一5\n6\n7\n8"


@pytest.mark.parametrize("other", ["１２３４５６７８９０１２", "回收率80%95%", "１２３４５６７８９０１２ 回收率80%95%"])
def test_other_pages_hide_nothing(other: str, tmp_path: Path, scan: ReleaseScan) -> None:
    """Wide digits anywhere let a block be looked at whole; a percent sign there is no half of a character."""
    plan = BulkPlan(("a",), frozenset(), {"1": (("<p>", "</p>\n"), ("a",))})
    cells = pl.DataFrame({"a": [other, "13812345678", other], "path": ["r/0.html", "r/1.html", "r/2.html"]})
    found, _ = rendered(plan, cells, scan, tmp_path)
    assert [finding.path for finding in found] == ["r/1.html"]  # type: ignore[attr-defined]


def test_lines_are_doubtful_for_what_is_in_them_alone(scan: ReleaseScan) -> None:
    texts = [
        "公开",
        "秘密的值",
        "公开 Ab3456",
        "公开Ab34567",
        "电话 13812345678",
        "１人",
        "a&#34;b<c>",
        "第一行",
        "第二行",
    ]
    expected = [False, True, True, False, True, True, False, False, False]
    told, other = scan.search.doubtful([pl.Series(texts), pl.Series(["公开"] * 3)])
    assert (told.to_list(), other.any()) == (expected, False)


@pytest.mark.parametrize("odd", ["\x01", "\0", "\\u0000", "%00"])
def test_control_characters_make_all_lines_doubtful(odd: str, scan: ReleaseScan) -> None:
    """What stands farther away may decide there; and by such a character texts are told apart."""
    assert scan.search.doubtful([pl.Series(["公开", f"a{odd}b", "公开"])])[0].all()


def test_values_over_very_many_lines_want_whole_pages() -> None:
    assert SavedSearch((), None, frozenset(), MOST_LINES).lines is None
    assert SavedSearch((), None, frozenset(), 1).lines == 2


def test_what_nobody_searched_is_read_and_a_sample_of_the_rest(tmp_path: Path) -> None:
    paths = pl.Series("path", [f"r/{number:05d}.html" for number in range(2500)] + ["about.html"])
    scan = ReleaseScan(private_of(), tmp_path, phones)
    try:
        scan.told(paths.slice(0, 1000), {})
        scan.told(paths.slice(1000, 1000), {})
        rest = paths.gather(scan.rest(paths)).to_list()
        assert paths.gather(scan.rest(paths)).to_list() == rest
    finally:
        scan.close()
    assert not list(tmp_path.iterdir()), "no hash is left behind"
    assert len({*rest[:2]} & {*paths.slice(0, 2000)}) == 2, "one in a thousand"
    assert rest[2:] == paths.slice(2000).to_list()


def test_what_will_be_read_again_can_be_told_before(tmp_path: Path) -> None:
    """But for a few, of the files of the last release."""
    bulk = [f"r/{number:05d}.html" for number in range(3000)]
    index = [f"search/index/{number:05d}.gz" for number in range(3000)]
    before = pl.Series("path", sorted([*bulk, *index, "about.html", "sitemap-0.xml"]))
    now = before.filter(~before.is_in(["r/00017.html", "search/index/00020.gz"]))
    fresh = (Sieve.of([b"x" * 9]),)
    scan = ReleaseScan(replace(private_of(), fresh=fresh), tmp_path, phones)
    whole = ReleaseScan(private_of(), tmp_path, phones)
    try:
        asked = scan.likely_again(before)
        assert whole.likely_again(before).is_empty(), "everything is read"
        scan.told(now.filter(now.str.starts_with("r/")), {})
        rest = now.gather(scan.rest(now))
        shared = pl.DataFrame({"path": rest, "sha256": "00"}).with_columns(unread=pl.col("path").is_in(index))
        unread = scan.searched_before(shared)
    finally:
        scan.close()
        whole.close()
    again = rest.filter(~rest.is_in(unread.implode()) & (~rest.is_in(["about.html", "sitemap-0.xml"])))
    assert len(again) == 3 + 2048
    assert len({*again} - {*asked}) <= 6
    assert "sitemap-0.xml" in asked.to_list(), "which is read in any case"
    assert asked.len() < 2200


def test_a_path_with_the_hash_of_another_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so are all that are not there, or told of twice."""
    monkeypatch.setattr(scan_module, "_SAMPLE", 1 << 60)
    paths = pl.Series("path", ["a.html", "b.html", "cc.html", "d.html"])
    monkeypatch.setattr(pl.Series, "hash", lambda series, seed: series.str.len_bytes())
    for told in (["b.html"], ["b.html", "b.html"], ["b.html", "gone.html"], ["cc.html"], [*paths], []):
        scan = ReleaseScan(private_of(), tmp_path, phones)
        scan.told(pl.Series(told, dtype=pl.String), {})
        rest = paths.gather(scan.rest(paths)).to_list()
        scan.close()
        sample = {*paths}.intersection(told).intersection(rest)
        assert len(sample) == bool({*paths}.intersection(told)), "one of them"
        assert [path for path in rest if path not in sample] == [path for path in paths if path not in told]


def test_every_page_is_read_again_at_some_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "_SAMPLE", 4)
    paths = pl.Series("path", [f"r/{number}.html" for number in range(10)])
    seen = set()
    for chance in range(60):
        monkeypatch.setattr(secrets, "randbits", Mock(return_value=chance))
        scan = ReleaseScan(private_of(), tmp_path, phones)
        scan.told(paths, {})
        rest = paths.gather(scan.rest(paths)).to_list()
        scan.close()
        assert len(rest) == 3
        seen.update(rest)
    assert seen == {*paths}


def test_a_page_that_is_not_what_was_searched_can_be_found(tmp_path: Path) -> None:
    """The sample is read from the release."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "page.html").write_text("秘密的值")
    scan = ReleaseScan(private_of(), tmp_path, phones)
    try:
        scan.told(pl.Series("path", ["page.html"]), {})
        assert scan.rest(pl.Series("path", ["page.html"])).to_list() == [0]
        (issue,) = scan.finish(tree, pl.DataFrame({"path": ["page.html"], "size": 0}), SerialExecutor())
    finally:
        scan.close()
    assert (issue.code, issue.field) == ("release.private-value", "field0")
    assert os.fspath(tmp_path) not in str(issue)

"""What is rare: very old dates, blocks with one searched column, line breaks in names, files of the same name."""

from datetime import date
from pathlib import Path

import pytest

from publish.derive.search import files, units
from publish.derive.search.memory import Remembered
from publish.derive.search.packing import compress
from publish.model.document import Document
from publish.model.public import PublicTable
from tests.searchkit import TINY, ask_node, index_of, key_of, table_of, write_index

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 3, 1), date(1900, 1, 1), date(9999, 12, 31)])
@pytest.mark.parametrize("scale", [None, TINY])
def test_a_date_of_another_age_spoils_no_search(tmp_path: Path, day: date, scale: object) -> None:
    rows = [{"_title": f"决定{n}", "_date": date(2026, 1 + n % 10, 1)} for n in range(30)]
    table = table_of("x", "x", [*rows, {"_title": "决定旧", "_date": day}])
    index = index_of([table], tmp_path / "scratch", as_of=TODAY, scale=scale)
    site = write_index(tmp_path / "site", index)
    for answer in ask_node(site, [{"text": "决定", "order": order} for order in ("relevance", "newest")], tmp_path):
        assert answer["error"] is None
        assert len(answer["urls"]) == 31


def test_blocks_with_one_searched_column_are_read_in_any_order(tmp_path: Path) -> None:
    table = table_of("x", "x", [{"_title": "公告2024年", "_code": "91990100MA0000001X"}])
    site = write_index(tmp_path / "site", index_of([table], tmp_path / "scratch"))
    for texts in (("公告", "2024", "公告"), ("2024", "公告", "2024")):
        answers = ask_node(site, [{"text": text} for text in texts], tmp_path)
        assert [answer["error"] for answer in answers] == [None] * 3
        key = key_of("x", 0)
        assert all(answer["urls"] == [f"/r/{key[:2]}/{key}.html"] for answer in answers)


def asked_of(table: PublicTable, tmp_path: Path, texts: list[str], **options: str) -> list[list[str]]:
    site = write_index(tmp_path / "site", index_of([table], tmp_path / "scratch"))
    answers = ask_node(site, [{"text": text, **options} for text in texts], tmp_path)
    assert [answer["error"] for answer in answers] == [None] * len(texts)
    return [answer["urls"] for answer in answers]


def test_a_field_that_is_called_by_traditional_characters(tmp_path: Path) -> None:
    table = table_of("x", "x", [{"內容": "罚款", "_title": "甲"}, {"_title": "罚款"}], ["內容"])
    first = key_of("x", 0)
    assert asked_of(table, tmp_path, ["內容:罚款", "内容:罚款"]) == [[f"/r/{first[:2]}/{first}.html"]] * 2


def test_other_names_of_a_code_with_line_breaks_in_them(tmp_path: Path) -> None:
    code = "91990100MA0000001X"
    rows: list[dict[str, object]] = [
        {"_subject": "新名公司", "_code": code, "_kind": "organisation", "_date": date(2026, 1, 2)},
        {"_subject": "旧名\n公司", "_code": code, "_kind": "organisation", "_date": date(2026, 1, 1)},
        {"_subject": None, "_code": code, "_kind": "organisation", "_date": date(2026, 1, 1)},
    ]
    newest, old, none = (f"/r/{key[:2]}/{key}.html" for key in (key_of("x", number) for number in range(3)))
    whole, end = asked_of(table_of("x", "x", rows), tmp_path, [code, "00001x"], order="newest")
    assert whole[0] == newest
    assert set(whole) == set(end) == {newest, old, none}


def test_two_contents_of_the_same_name_stop_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance once in a million builds; a file in the other's place would be a wrong result."""
    monkeypatch.setattr(files, "name_of", lambda _: b"abcdef")
    made = files.Files(Remembered())
    assert made.put(b"one") == made.put(b"one")
    with pytest.raises(ValueError, match="same name"):
        made.put(b"other")


def test_a_new_content_with_the_name_of_an_old_file_stops_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "name_of", lambda _: b"abcdef")
    (tmp_path / f"{b'abcdef'.hex()}.gz").write_bytes(compress(b"one"))
    made = files.Files(Remembered(there=frozenset([b"abcdef"]), files=tmp_path))
    made.put(b"one")
    assert len(made.kept) == 1
    with pytest.raises(ValueError, match="same name"):
        files.Files(Remembered(there=frozenset([b"abcdef"]), files=tmp_path)).put(b"other")


def test_a_query_that_is_in_no_record_reads_few_files_newest_first(tmp_path: Path) -> None:
    """With documents, which are a run's first period: what tells that nothing is there is read once."""
    rows = [{"_title": f"决定{n}", "_reason": "未按规定公示", "_date": date(2026, 1 + n % 10, 1)} for n in range(400)]
    document = Document("measures", "管理办法", "正文。\n\n# 第一章 {#c1}\n\n条文\n", published_on=date(2026, 3, 23))
    index = index_of([table_of("x", "x", rows)], tmp_path / "scratch", [document], as_of=TODAY, scale=TINY)
    site = write_index(tmp_path / "site", index)
    for order in ("newest", "relevance"):
        (answer,) = ask_node(site, [{"text": "鼋鼍罕见", "order": order, "count": 10}], tmp_path, cold=True)
        assert (answer["urls"], answer["done"], answer["error"]) == ([], True, None)
        assert answer["requests"] <= 12


def test_fields_are_told_to_be_alike_by_a_sample_and_then_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which columns a field may be stored by: only those that cannot be are told by some records alone."""
    share = {"all": 10, "most": 6, "half": 5, "some": 4, "none": 0}
    rows = [
        {"_title": f"甲{n}", "_reason": f"乙{n}"}
        | {name: f"{'乙' if n * 7 % 10 < of_ten else '丙'}{n}" for name, of_ten in share.items()}
        for n in range(600)
    ]
    table = table_of("x", "x", rows, [*share])
    (whole,) = units.derive_datasets([table], [])
    assert [field[2:] for field in whole.fields] == [("", "r"), ("x0", "r"), ("x1", "r"), ("x2", ""), ("x3", "")]
    inner, seen = units._share_alike, list[int]()
    monkeypatch.setattr(units, "_SAMPLE", 40)
    monkeypatch.setattr(units, "_share_alike", lambda frame, *names: seen.append(frame.height) or inner(frame, *names))
    assert units.derive_datasets([table], []) == (whole,)
    assert seen.count(600) == 4, "all but one may be alike, with one column"

"""Tables that are rare but lawful: very old dates, blocks with one searched column."""

from datetime import date
from pathlib import Path

import pytest

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

"""Legacy tables in, data packages out."""

import codecs
import csv
import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import frictionless
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.importers.recipe import Recipe
from publish.importers.tables import ImportReport, import_table
from publish.model.issue import BuildStopped, Level

RecipeOf = Callable[..., Recipe]
HEADER = "企業名\t公表日\t備考"
TABLE = f"{HEADER}\n（株）甲\tH28.10.4\t送検\n乙\t平成29年５月15日\t\n"


def run(
    tmp_path: Path, recipe: Recipe, raw: bytes | str, as_of: date | None = None
) -> tuple[ImportReport, list[dict[str, str]]]:
    """Import and read back: the report and the rows of the CSV."""
    source = tmp_path / "list.tsv"
    source.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    report = import_table(source, recipe, tmp_path / "package", as_of=as_of)
    with (tmp_path / "package" / "cases.csv").open(encoding="utf-8", newline="") as stream:
        return report, list(csv.DictReader(stream))


def fails(tmp_path: Path, recipe: Recipe, raw: bytes | str) -> BuildStopped:
    with pytest.raises(BuildStopped) as stopped:
        run(tmp_path, recipe, raw)
    assert not (tmp_path / "package").exists(), "nothing is written when an import stops"
    return stopped.value


def test_a_table(tmp_path: Path, recipe_of: RecipeOf) -> None:
    report, rows = run(tmp_path, recipe_of(), TABLE)
    key = hashlib.sha256("(株)甲\x1fH28.10.4".encode()).hexdigest()[:20]
    assert rows[0] == {
        "record_id": key,
        "name": "（株）甲",
        "said": "H28.10.4",
        "note": "送検",
        "extra": "",
        "said_on": "2016-10-04",
    }
    assert rows[1]["said"] == "平成29年５月15日"
    assert rows[1]["said_on"] == "2017-05-15"
    assert (report.rows, report.records, report.duplicates, report.issues) == (2, 2, 0, ())


def test_the_package_is_valid(tmp_path: Path, recipe_of: RecipeOf) -> None:
    run(tmp_path, recipe_of(), TABLE)
    package = tmp_path / "package"
    assert sorted(path.name for path in package.iterdir()) == ["cases.csv", "datapackage.yaml"]
    descriptor = yaml.safe_load((package / "datapackage.yaml").read_text(encoding="utf-8"))
    resource = descriptor["resources"][0]
    data = (package / "cases.csv").read_bytes()
    assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
    assert resource["bytes"] == len(data)
    assert descriptor["disclosure"]["provider"] == "役所"
    report = frictionless.validate(str(package / "datapackage.yaml"))
    assert report.valid, report.flatten(["type"])


def test_equal_input_gives_equal_bytes(tmp_path: Path, recipe_of: RecipeOf) -> None:
    recipe = recipe_of()
    source = tmp_path / "list.tsv"
    source.write_text(TABLE, encoding="utf-8")
    for folder in ("a", "b"):
        import_table(source, recipe, tmp_path / folder)
    import_table(source, recipe, tmp_path / "b")
    for name in ("cases.csv", "datapackage.yaml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TABLE.encode(), "utf-8"),
        (TABLE.encode("cp932"), "cp932"),
        (TABLE.encode("gb18030"), "gb18030"),
        (TABLE.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), "utf-16"),
    ],
)
def test_encodings(tmp_path: Path, recipe_of: RecipeOf, raw: bytes, encoding: str) -> None:
    report, rows = run(tmp_path, recipe_of(), raw)
    assert report.encoding == encoding
    assert rows == run(tmp_path, recipe_of(), TABLE)[1]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_quoted_cells(tmp_path: Path, recipe_of: RecipeOf, end: str) -> None:
    raw = end.join([HEADER, f'甲\tH28.10.4\t"一{end}二\t""三"""', '乙 "丙"\tH28.10.5\t四', ""])
    _, rows = run(tmp_path, recipe_of(), raw)
    assert [row["note"] for row in rows] == ['一\n二\t"三"', "四"]
    assert rows[1]["name"] == '乙 "丙"'


def test_mixed_line_ends_and_no_last_one(tmp_path: Path, recipe_of: RecipeOf) -> None:
    report, _ = run(tmp_path, recipe_of(), f"{HEADER}\r\n甲\tH28.10.4\t\n乙\tH28.10.4\t\r丙\tH28.10.4\t")
    assert report.records == 3


def test_titles_above_blank_rows_and_repeated_headers(tmp_path: Path, recipe_of: RecipeOf) -> None:
    raw = f"一覧表\n\n\t\t\n{HEADER}\n甲\tH28.10.4\t\n\n　\t \t\n{HEADER}\n乙\tH28.10.4\t\n"
    report, rows = run(tmp_path, recipe_of(), raw)
    assert [row["name"] for row in rows] == ["甲", "乙"]
    assert (report.rows, report.blank_rows, report.repeated_headers) == (2, 2, 1)


def test_other_column_order_aliases_and_loose_titles(tmp_path: Path, recipe_of: RecipeOf) -> None:
    raw = "備 考\t追記\t公　表\u00a0日\t会社名\nn\tx\tH28.10.4\t甲\n"
    _, rows = run(tmp_path, recipe_of(), raw)
    _, plain = run(tmp_path, recipe_of(), f"{HEADER}\n甲\tH28.10.4\tn\n")
    assert rows[0]["record_id"] == plain[0]["record_id"]
    assert rows[0]["extra"] == "x"


def test_a_column_that_nobody_declared_stays_out(tmp_path: Path, recipe_of: RecipeOf) -> None:
    report, _ = run(tmp_path, recipe_of(), f"{HEADER}\t秘\t\n甲\tH28.10.4\t\tSECRET\t\n")
    (issue,) = report.issues
    assert (issue.code, issue.level) == ("import.unknown-column", Level.WARNING)
    assert "秘" not in str(issue)
    for path in (tmp_path / "package").iterdir():
        assert "SECRET" not in path.read_text(encoding="utf-8")


def test_the_last_of_equal_rows_wins(tmp_path: Path, recipe_of: RecipeOf) -> None:
    raw = f"{HEADER}\n甲\tH28.10.4\told\n乙\tH28.10.4\t\n 甲\tＨ28.10.4\tnew\n"
    report, rows = run(tmp_path, recipe_of(), raw)
    assert [(row["name"], row["note"]) for row in rows] == [("乙", ""), ("甲", "new")]
    assert (report.rows, report.records, report.duplicates) == (3, 2, 1)
    (issue,) = report.issues
    assert (issue.code, issue.row, issue.count) == ("import.duplicate", 2, 1)


def test_dates_that_cannot_be_read_are_blank_and_reported(tmp_path: Path, recipe_of: RecipeOf) -> None:
    raw = f"{HEADER}\n甲\tH28.10.4\t\n乙\tSECRET\t\n丙\tH31.5.1\t\n丁\t\t\n"
    report, rows = run(tmp_path, recipe_of(), raw)
    assert [row["said_on"] for row in rows] == ["2016-10-04", "", "", ""]
    assert rows[1]["said"] == "SECRET"
    (issue,) = report.issues
    assert (issue.code, issue.row, issue.count) == ("import.unread-date", 3, 2)
    assert "SECRET" not in str(issue)


def test_dates_after_the_as_of_date_are_blank_and_reported(tmp_path: Path, recipe_of: RecipeOf) -> None:
    raw = f"{HEADER}\n甲\tH28.10.4\t\n乙\tH28.10.5\t\n"
    report, rows = run(tmp_path, recipe_of(), raw, as_of=date(2016, 10, 4))
    assert [row["said_on"] for row in rows] == ["2016-10-04", ""]
    assert [issue.code for issue in report.issues] == ["import.date-in-future"]


@pytest.mark.parametrize(("rule", "note"), [("keep", "  一 \n 二　"), ("trim", "一 \n 二"), ("collapse", "一 二")])
def test_white_space(tmp_path: Path, recipe_of: RecipeOf, rule: str, note: str) -> None:
    recipe = recipe_of("resource: cases", f"resource: cases\nwhitespace: {rule}")
    _, rows = run(tmp_path, recipe, f'{HEADER}\n甲\tH28.10.4\t"  一 \r\n 二　"\n')
    assert rows[0]["note"] == note


@pytest.mark.parametrize(
    ("raw", "code", "row"),
    [
        (TABLE.encode("euc_jp") + b"\xff\xff", "import.undecodable", 0),
        ("", "import.no-header", 0),
        ("会社\t公表日\nSECRET\tH28.10.4\n", "import.no-header", 0),
        (f"{HEADER}\t公表日\nSECRET\t\t\t\n", "import.duplicate-column", 1),
        (f'{HEADER}\nSECRET\tH28.10.4\t"open\n乙\tH28.10.4\t\n', "import.broken-quotes", 2),
        (f'{HEADER}\n甲\tH28.10.4\t\n"SECRET', "import.broken-quotes", 3),
        (f"{HEADER}\n甲\tH28.10.4\t\nSECRET\n", "import.short-row", 3),
        (f"{HEADER}\n甲\tH28.10.4\tSECRET\tSECRET\n", "import.surplus-cells", 2),
    ],
)
def test_what_stops_an_import(tmp_path: Path, recipe_of: RecipeOf, raw: bytes | str, code: str, row: int) -> None:
    (issue,) = fails(tmp_path, recipe_of("cp932, gb18030", "cp932"), raw).issues
    assert (issue.code, issue.level, issue.row) == (code, Level.ERROR, row)
    assert "SECRET" not in str(issue)


def test_a_cell_beyond_all_measure_is_an_open_quote(tmp_path: Path, recipe_of: RecipeOf) -> None:
    (issue,) = fails(tmp_path, recipe_of(), f'{HEADER}\n甲\t"' + "x" * 200_000).issues
    assert issue.code == "import.broken-quotes"


def test_no_file(tmp_path: Path, recipe_of: RecipeOf) -> None:
    with pytest.raises(BuildStopped) as stopped:
        import_table(tmp_path / "none.tsv", recipe_of(), tmp_path / "package")
    assert stopped.value.issues[0].code == "import.unreadable"


def test_missing_titles_are_named(tmp_path: Path, recipe_of: RecipeOf) -> None:
    (issue,) = fails(tmp_path, recipe_of(), "企業名\t備考\n").issues
    assert issue.hint.endswith("missing: 公表日")


def test_rows_whose_last_cells_were_cut_off(tmp_path: Path, recipe_of: RecipeOf) -> None:
    report, rows = run(tmp_path, recipe_of(), f"{HEADER}\n甲\tH28.10.4\n乙\tH28.10.4\t\t\t\n")
    assert [row["name"] for row in rows] == ["甲", "乙"]
    assert report.issues == ()


def test_ragged_rows_can_be_repaired(tmp_path: Path, recipe_of: RecipeOf) -> None:
    recipe = recipe_of("resource: cases", "resource: cases\nragged: repair")
    report, rows = run(tmp_path, recipe, f"{HEADER}\n甲\n乙\tH28.10.4\tn\tsurplus\n")
    assert [(row["name"], row["said"], row["note"]) for row in rows] == [("甲", "", ""), ("乙", "H28.10.4", "n")]
    assert [(i.code, i.level, i.row) for i in report.issues] == [
        ("import.short-row", Level.WARNING, 2),
        ("import.surplus-cells", Level.WARNING, 3),
    ]


def test_a_failed_import_leaves_the_package_as_it_was(tmp_path: Path, recipe_of: RecipeOf) -> None:
    run(tmp_path, recipe_of(), TABLE)
    before = {path.name: path.read_bytes() for path in (tmp_path / "package").iterdir()}
    with pytest.raises(BuildStopped):
        run(tmp_path, recipe_of(), f"{HEADER}\nbroken\n")
    assert {path.name: path.read_bytes() for path in (tmp_path / "package").iterdir()} == before


def test_no_data_rows(tmp_path: Path, recipe_of: RecipeOf) -> None:
    report, rows = run(tmp_path, recipe_of(), HEADER)
    assert (report.rows, rows) == (0, [])


CELL = st.text(st.characters(exclude_categories=("Cs", "Cn", "Cc")) | st.sampled_from("\n\t\"', 　"), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=8))
def test_any_quoted_table_comes_through(tmp_path: Path, recipe_of: RecipeOf, cells: list[tuple[str, str, str]]) -> None:
    """Against Python's own reader: the same cells, but for white space at their ends, under the documented ids."""
    quoted = "".join("\t".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in cells)
    _, rows = run(tmp_path, recipe_of(), f"{HEADER}\n{quoted}")
    expected: dict[tuple[str, str], tuple[str, str, str]] = {}
    for row in cells:
        name, said, note = (re.sub(r"^\s+|\s+$", "", cell.replace("\r\n", "\n")) for cell in row)
        if name or said or note:
            expected.pop((fold(name), fold(said)), None)
            expected[fold(name), fold(said)] = (name, said, note)
    assert [(row["name"], row["said"], row["note"]) for row in rows] == list(expected.values())


def fold(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))

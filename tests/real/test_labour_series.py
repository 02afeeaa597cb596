"""What the site adds and announces as exits each month is the set difference of consecutive snapshots.

The expected sets are computed here from the TSV files with Python's own csv and unicodedata, without the importer.
"""

import csv
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from publish.cli import main
from tests.real import labour_series

HERE = Path(__file__).resolve().parent
HEADER = ["管轄", "最終更新日", "企業・事業場名称", "所在地", "公表日", "違反法条", "事案概要", "その他参考事項"]
NOT_IN_KEY = {"最終更新日", "その他参考事項"}
FIELDS = {"管轄": "bureau", "企業・事業場名称": "name", "所在地": "place"}
FIELDS |= {"公表日": "announced", "違反法条": "law", "事案概要": "summary"}

Case = tuple[str, ...]
Line = dict[str, str | int]
Series = Callable[[Path, Path], list[Line]]


def fold(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def cases_of(path: Path) -> set[Case]:
    """The cases of a snapshot: all columns but two, after NFKC and removal of white space."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return {tuple(fold(row[title]) for title in HEADER if title not in NOT_IN_KEY) for row in rows}


@pytest.fixture
def series(monkeypatch: pytest.MonkeyPatch) -> Series:
    """`series(inputs, out)`: the script's lines. Its builds run in this process, each as the command line has it."""

    def build(root: Path, site: Path, snapshot: labour_series.Snapshot) -> None:
        done = CliRunner().invoke(main, labour_series.arguments(root, site, snapshot))
        assert done.exit_code == 0, done.output

    for name in [name for name in os.environ if name.startswith("GONGSHI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(labour_series, "_build", build)
    return lambda inputs, out: list(labour_series.run(inputs, out))


@pytest.fixture
def series_of_its_own(program: Callable[..., str]) -> Series:
    """The same from a run of its own, with builds of their own."""

    def run(inputs: Path, out: Path) -> list[Line]:
        output = program("tests/real/labour_series.py", inputs, out)
        return [json.loads(line) for line in output.splitlines()]

    return run


def counts(lines: Sequence[Line]) -> list[tuple[str | int, ...]]:
    return [(line["current"], line["added"], line["exits"]) for line in lines]


def published_cases(out: Path) -> set[Case]:
    """The cases in the current release's CSV."""
    path = out / "site/current/data/labour-cases/latest/labour-cases.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {tuple(fold(row[field]) for field in FIELDS.values()) for row in csv.DictReader(stream)}


def test_real_months_are_the_set_differences(
    series: Series, shared_input: Callable[[str], Path], tmp_path: Path
) -> None:
    inputs = shared_input("jp-labour")
    paths = sorted(inputs.glob("*.tsv"))
    lines = series(inputs, tmp_path)
    months = [cases_of(path) for path in paths]
    expected: list[tuple[str, int, int, int]] = [(paths[0].name, len(months[0]), len(months[0]), 0)]
    for path, (before, now) in zip(paths[1:], pairwise(months), strict=True):
        expected.append((path.name, len(now), len(now - before), len(before - now)))
    assert [(line["snapshot"], line["current"], line["added"], line["exits"]) for line in lines] == expected
    ends = [re.findall(r"_to_(\d{4})(\d\d)(\d\d)", path.name)[0] for path in paths]
    assert [line["as_of"] for line in lines] == ["-".join(end) for end in ends]
    assert published_cases(tmp_path) == months[-1]
    exits = json.loads((tmp_path / "site/current/exits/exits.json").read_text(encoding="utf-8"))["exits"]
    left = [fold(e["subject"]) for e in exits if e["left_on"] == lines[-1]["as_of"]]
    assert sorted(left) == sorted(case[1] for case in months[-2] - months[-1])


def row(name: str, **cells: str) -> list[str]:
    """A case; `cells` by field name of FIELDS, `updated` or `note`."""
    known = {"updated": "平成31年4月30日", "announced": "H31.4.2", "note": "", "law": "最低賃金法第４条"}
    values = {"bureau": "東京労働局", "place": "東京都", "summary": "賃金を支払わなかったもの", **known, **cells}
    titles = {**FIELDS, "最終更新日": "updated", "その他参考事項": "note"}
    return [name if title == "企業・事業場名称" else values[titles[title]] for title in HEADER]


def write(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8", end: str = "\n") -> None:
    path.write_bytes("".join("\t".join(cells) + end for cells in [HEADER, *rows]).encode(encoding))


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "inputs"
    folder.mkdir()
    return folder


def test_a_case_that_returns_and_leaves_again(series: Series, inputs: Path, tmp_path: Path) -> None:
    stays, wanders = row("（株）甲"), row("（株）乙")
    for day, rows in (("0430", [stays, wanders]), ("0510", [stays]), ("0520", [stays, wanders]), ("0530", [stays])):
        write(inputs / f"list_20180501_to_2019{day}.tsv", rows)
    assert counts(series(inputs, tmp_path / "out")) == [(2, 2, 0), (1, 0, 1), (2, 1, 0), (1, 0, 1)]


def test_nothing_changes_and_two_snapshots_of_one_day(series: Series, inputs: Path, tmp_path: Path) -> None:
    one, two, three = row("（株）甲"), row("（株）乙"), row("（株）丙")
    write(inputs / "001_to_20190430.tsv", [one, two])
    write(inputs / "002_to_20190531.tsv", [one, two])
    write(inputs / "003_to_20190531.tsv", [one, two])
    write(inputs / "004_to_20190531.tsv", [two, three])
    write(inputs / "005_to_20190531.tsv", [one, two])
    expected = [(2, 2, 0), (2, 0, 0), (2, 0, 0), (2, 1, 1), (2, 1, 1)]
    assert counts(series(inputs, tmp_path / "out")) == expected


def test_other_shapes_of_the_same_list(series: Series, inputs: Path, tmp_path: Path) -> None:
    """Same cases, differently written: encodings, BOM, line ends, widths, spaces, order, blank lines, duplicates."""
    plain = [row("（株）甲", note="H31.4.2送検"), row("（株）乙 工場", announced="H31.4.25")]
    write(inputs / "a_to_20190430.tsv", plain)
    write(inputs / "b_to_20190531.tsv", plain, "cp932", "\r\n")
    write(inputs / "c_to_20190630.tsv", [["\u3000" + cell for cell in cells] for cells in plain], "utf-8-sig", "\r\n")
    wide = [row("(株)甲", note="R元.6.1不起訴"), row("（株）乙　工場", announced="Ｈ３１．４．２５")]
    write(inputs / "d_to_20190731.tsv", [*wide, [""] * 8, *wide], "utf-8")
    moved = [list(reversed(cells)) for cells in (HEADER, *plain)]
    text = "一覧\n\n" + "".join("\t".join(f'"{cell}"' for cell in cells) + "\n\n" for cells in moved)
    (inputs / "e_to_20190831.tsv").write_text(text, encoding="utf-16")
    lines = series(inputs, tmp_path / "out")
    assert counts(lines) == [(2, 2, 0), (2, 0, 0), (2, 0, 0), (2, 0, 0), (2, 0, 0)]


def test_eras_and_unreadable_dates(series: Series, inputs: Path, tmp_path: Path) -> None:
    """A case stays listed however its date is written, also where the date cannot be read or lies ahead."""
    texts = ["令和元年５月７日", "R1.5.10", "R元.5.9", "H31.5.15", "不明", "", "R2.5.10", "2019/5/6"]
    write(inputs / "list_to_20190531.tsv", [row(f"（株）{n}", announced=text) for n, text in enumerate(texts)])
    assert counts(series(inputs, tmp_path / "out")) == [(8, 8, 0)]
    path = tmp_path / "out/site/current/data/labour-cases/latest/labour-cases.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        days = {r["announced"]: r["announced_on"] for r in csv.DictReader(stream)}
    assert [days[text] for text in texts] == ["2019-05-07", "2019-05-10", "2019-05-09", "", "", "", "", "2019-05-06"]


def test_the_day_without_an_end_in_the_name(series: Series, inputs: Path, tmp_path: Path) -> None:
    write(inputs / "b.tsv", [row("（株）甲", updated="平成31年4月30日"), row("（株）乙", updated="H31.3.31")])
    write(inputs / "a.tsv", [row("（株）甲", updated="令和元年5月31日")])
    lines = series(inputs, tmp_path / "out")
    assert [(line["snapshot"], line["as_of"]) for line in lines] == [("b.tsv", "2019-04-30"), ("a.tsv", "2019-05-31")]


def test_an_empty_month(series: Series, inputs: Path, tmp_path: Path) -> None:
    write(inputs / "a_to_20190430.tsv", [row("（株）甲")])
    write(inputs / "b_to_20190531.tsv", [])
    assert counts(series(inputs, tmp_path / "out")) == [(1, 1, 0), (0, 0, 1)]


def test_ragged_rows_and_missing_columns_lose_no_case(series: Series, inputs: Path, tmp_path: Path) -> None:
    plain = [row("（株）甲", note="H31.4.2送検"), row("（株）乙")]
    write(inputs / "a_to_20190430.tsv", plain)
    write(inputs / "b_to_20190531.tsv", [[*plain[0], "surplus"], plain[1][:-1]])
    keyed = [[cell for n, cell in enumerate(cells) if HEADER[n] not in NOT_IN_KEY] for cells in (HEADER, *plain)]
    text = "".join("\t".join(cells) + "\n" for cells in keyed)
    (inputs / "c_to_20190630.tsv").write_text(text, encoding="utf-8")
    write(inputs / "d_to_20190731.tsv", [plain[0], plain[1][:5]])
    assert counts(series(inputs, tmp_path / "out")) == [(2, 2, 0), (2, 0, 0), (2, 0, 0), (2, 1, 1)]


def test_a_second_run_gives_the_same_lines(
    series: Series, series_of_its_own: Series, inputs: Path, tmp_path: Path
) -> None:
    write(inputs / "a_to_20190430.tsv", [row("（株）甲")])
    assert series_of_its_own(inputs, tmp_path / "out") == series(inputs, tmp_path / "out")


def test_somebody_elses_site_is_left_alone(inputs: Path, tmp_path: Path) -> None:
    write(inputs / "a_to_20190430.tsv", [row("（株）甲")])
    (tmp_path / "out/site").mkdir(parents=True)
    (tmp_path / "out/site/precious").touch()
    command = [sys.executable, str(HERE / "labour_series.py"), str(inputs), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (tmp_path / "out/site/precious").exists()

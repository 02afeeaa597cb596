"""The scan of a release: a private value is found wherever it is, in whatever it is packed, and never named."""

import gzip
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import polars as pl
import pytest

from publish.derive.folding import folding_table
from publish.disclose.private_values import Means, Public, private_values
from publish.disclose.stage import disclose
from publish.model.issue import Issue, Level
from publish.model.personal_patterns import patterns_in
from publish.model.private_values import PRIVATE_COUNTS_SCHEMA, FieldPlace, PrivateValues
from publish.model.public import Disclosure
from publish.model.sieve import Sieve
from publish.model.terms import Pattern
from publish.pipeline.inputs import Request, read_inputs
from publish.release import matching, scan_files
from publish.release.public_matches import public_matches
from publish.release.scan import scan_release
from tests.sitekit import SITES, SilentProgress, build_site, workers_of

SECRET = '张三丰 "<秘密>" & 住址/12号'
PROGRAM = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 11, 20)


def private_of(*values: str) -> PrivateValues:
    """Each value in a field of its own, in two sieves."""
    places = tuple(FieldPlace("pack", "table", f"field{number}") for number in range(len(values)))
    encoded = [value.encode() for value in values]
    half = len(values) // 2
    sieves = (Sieve.of(encoded[:half], range(half)), Sieve.of(encoded[half:], range(half, len(values))))
    return PrivateValues(sieves, places, pl.DataFrame(schema=dict(PRIVATE_COUNTS_SCHEMA)))


def scanned(tree: Path, private: PrivateValues, workers: int = 1, **given: Any) -> tuple[Issue, ...]:
    paths = [str(path.relative_to(tree)) for path in sorted(tree.rglob("*")) if path.is_file()]
    scratch = tree.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    with workers_of(workers) as executor:
        issues = scan_release(tree, paths, private, executor, scratch, **given)
    assert list(scratch.iterdir()) == [], "no hash is left behind"
    return issues


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><p>公开的内容", encoding="utf-8")
    return folder


def zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def workbook(inline: bool) -> bytes:
    text = html.escape(SECRET, quote=False)
    stream = io.BytesIO()
    if inline:
        return zipped("xl/worksheets/sheet1.xml", f'<c t="inlineStr"><is><t>{text}</t></is></c>'.encode())
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = SECRET
    book.save(stream)
    return stream.getvalue()


def parquet(frame: pl.DataFrame, **options: Any) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd", **options)
    return stream.getvalue()


PLACES = {
    "page.html": html.escape(SECRET).encode(),
    "plain.txt": SECRET.encode(),
    "ascii.xml": html.escape(SECRET).encode().decode().encode("ascii", "xmlcharrefreplace"),
    "script.js": f"const x = '{SECRET}';".encode(),
    "ascii.json": json.dumps({"x": SECRET}).encode(),
    "raw.json": json.dumps([SECRET], ensure_ascii=False).replace("/", "\\/").encode(),
    "table.csv": ('1,"' + SECRET.replace('"', '""') + '",2\r\n').encode(),
    "shared.xlsx": workbook(inline=False),
    "inline.xlsx": workbook(inline=True),
    "column.parquet": parquet(pl.DataFrame({"a": ["x", SECRET]}), statistics=False),
    "metadata.parquet": parquet(pl.DataFrame({"a": [1]}), metadata={"note": SECRET}),
    "names.parquet": parquet(pl.DataFrame({SECRET: [1]})),
    "packed.zip": zipped("inner.gz", gzip.compress(SECRET.encode())),
    "member.zip": zipped(SECRET, b"x"),
    "comment.gz": gzip.compress(b"") + gzip.compress(SECRET.encode()),
    "link.html": f'<a href="/find?q={quote(SECRET)}">'.encode(),
    "binary.dat": bytes(range(256)) + SECRET.encode() + bytes(range(256)),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_private_value_in_each_kind_of_file(tree: Path, name: str) -> None:
    private = private_of("另一个值", SECRET)
    assert scanned(tree, private) == ()
    (tree / name).write_bytes(PLACES[name])
    issues = scanned(tree, private)
    assert {issue.code for issue in issues} == {"release.private-value"}
    assert {issue.level for issue in issues} == {Level.ERROR}
    assert {(issue.package, issue.resource, issue.field) for issue in issues} == {("pack", "table", "field1")}
    assert {issue.file.split(" ")[0] for issue in issues} == {name}
    assert not any("张三丰" in str(issue) for issue in issues)


@pytest.mark.parametrize("name", ["某张三丰的住址.html", quote("某张三丰的住址") + ".html"])
def test_a_file_name(tree: Path, name: str) -> None:
    (tree / name).write_bytes(b"nothing")
    (issue,) = scanned(tree, private_of("张三丰的住址", "12345678"))
    assert issue.code == "release.private-value"
    assert issue.field == "field0"
    assert "张三丰" not in str(issue)
    assert "%E5" not in str(issue)
    assert issue.file.startswith("某***")


def test_matches_are_counted_by_file_and_field(tree: Path) -> None:
    (tree / "a.txt").write_text("甲甲甲某 乙乙乙某 甲甲甲某", encoding="utf-8")
    (tree / "b.txt").write_text("乙乙乙某", encoding="utf-8")
    issues = scanned(tree, private_of("甲甲甲某", "乙乙乙某"))
    assert [(issue.file, issue.field, issue.count) for issue in issues] == [
        ("a.txt", "field0", 2),
        ("a.txt", "field1", 1),
        ("b.txt", "field1", 1),
    ]


def test_many_issues_end_in_a_sum(tree: Path) -> None:
    for number in range(30):
        (tree / f"{number:02d}.txt").write_text("秘密的值", encoding="utf-8")
    issues = scanned(tree, private_of("秘密的值", "x" * 9))
    assert len(issues) == 21
    assert issues[-1].count == 10


@pytest.mark.parametrize("written", ["plain", "json", "percent"])
@pytest.mark.parametrize("shift", range(-40, 40, 3))
def test_a_value_across_the_border_of_two_windows(
    tree: Path, monkeypatch: pytest.MonkeyPatch, shift: int, written: str
) -> None:
    monkeypatch.setattr(matching, "WINDOW", 40_000)
    monkeypatch.setattr(scan_files, "WINDOW", 40_000)
    monkeypatch.setattr("publish.release.unpacking.BLOCK", 1000)
    secret = {"plain": "张三丰的住址", "json": json.dumps("张三丰的住址")[1:-1], "percent": quote("张三丰的住址")}[
        written
    ]
    before = "公" * ((40_000 + shift) // 3)
    (tree / "long.txt").write_text(before + secret + "开" * 30_000, encoding="utf-8")
    issues = scanned(tree, private_of("x" * 9, "张三丰的住址"))
    assert [issue.file for issue in issues] == ["long.txt"]
    assert issues[0].count in (1, 2)


@pytest.mark.parametrize("shift", range(10))
def test_half_a_number_at_a_border_is_none(tree: Path, monkeypatch: pytest.MonkeyPatch, shift: int) -> None:
    """Nine digits whose first or last eight are a private value, cut at every place."""
    monkeypatch.setattr(matching, "WINDOW", 40_000)
    monkeypatch.setattr(scan_files, "WINDOW", 40_000)
    monkeypatch.setattr("publish.release.unpacking.BLOCK", 1000)
    (tree / "long.txt").write_text(" " * shift + "123456789 " * 20_000, encoding="utf-8")
    assert scanned(tree, private_of("12345678", "23456789")) == ()


def test_short_values_count_between_text_only(tree: Path) -> None:
    """In a gigabyte of compressed bytes some six given ones turn up by chance."""
    noise = bytes([0x8F, 0x01, 0xFE, 0x13])
    (tree / "noise.dat").write_bytes(noise + "张三".encode() + noise)
    assert scanned(tree, private_of("x" * 9, "张三")) == ()
    (tree / "text.dat").write_bytes(noise * 5 + "\0\0姓名：张三，男\n\0\0".encode() + noise * 5)
    assert [issue.file for issue in scanned(tree, private_of("x" * 9, "张三"))] == ["text.dat"]


def test_hashes_and_keys_are_no_numbers(tree: Path) -> None:
    (tree / "sums").write_text("a12345678b 012345678 1234567890123456789012345678", encoding="utf-8")
    assert scanned(tree, private_of("12345678", "123456789012")) == ()


def test_what_cannot_be_looked_into_fails(tree: Path) -> None:
    (tree / "broken.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    (issue,) = scanned(tree, private_of("x" * 9, "y" * 9))
    assert (issue.code, issue.level, issue.file) == ("release.not-scannable", Level.ERROR, "broken.gz")
    with workers_of(1) as executor:
        (issue,) = scan_release(tree, ["not-there"], private_of("x" * 9, "y" * 9), executor, tree.parent)
    assert issue.code == "release.not-scannable"


def test_processes_find_the_same(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_files, "_TASK_FILES", 4)
    for number in range(20):
        (tree / f"{number:02d}.txt").write_text("秘密的值" * (number % 3), encoding="utf-8")
    private, steps = private_of("秘密的值", "x" * 9), list[int]()
    issues = scanned(tree, private, advance=steps.append)
    assert issues
    assert sum(steps) == 21
    assert len(steps) == 6
    assert scanned(tree, private, workers=2) == issues


def phones(text: str) -> Iterator[tuple[Pattern, int, int]]:
    """A finder for the tests: of whole numbers, as finders may be."""
    for match in re.finditer(r"(?<![0-9A-Za-z])13812345[0-9]{3}(?![0-9A-Za-z])", text):
        yield Pattern.MOBILE, *match.span()


def test_patterns(tree: Path) -> None:
    private = private_of("x" * 9, "y" * 9)
    (tree / "page.html").write_text("x" * 500 + "联系&#x4eba;13812345678。" + "x" * 500, encoding="utf-8")
    (tree / "13812345670.html").write_text("热线13812345679", encoding="utf-8")
    (tree / "noise.dat").write_bytes(b"\xff13812345678\xff")
    allowed = public_matches(["热线13812345679"], [], phones).allowed
    issues = scanned(tree, private, patterns=phones, allowed=allowed)
    assert [(issue.code, issue.file, issue.count) for issue in issues] == [
        ("release.personal-pattern", "***********.html (name)", 1),
        ("release.personal-pattern", "page.html", 1),
    ]
    assert not any("138" in str(issue) for issue in issues)


def test_a_wide_at_sign_reaches_the_finder(tree: Path) -> None:
    (tree / "mail.html").write_text("邮箱ｗｈｏ＠example.net。", encoding="utf-8")
    assert len(scanned(tree, private_of("x" * 9, "y" * 9), patterns=patterns_in)) == 1


def test_wide_digits_reach_the_finder(tree: Path) -> None:
    (tree / "page.html").write_text("电话１３８１２３４５６７８", encoding="utf-8")

    def wide(text: str) -> Iterator[tuple[Pattern, int, int]]:
        if "１３８１２３４５６７８" in text:
            yield Pattern.MOBILE, 2, 13

    assert len(scanned(tree, private_of("x" * 9, "y" * 9), patterns=wide)) == 1


def disclosed(root: Path) -> tuple[PrivateValues, Disclosure]:
    """The private values of a site, as the pipeline has them."""
    inputs = read_inputs(root, SilentProgress())
    disclosure, _, _ = disclose(inputs.tables, inputs.basis(Request(root, root, AS_OF)), previous=None, notice_days=30)
    folders = (root / "content", PROGRAM / "site_templates", PROGRAM / "publish")
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    texts = (path.read_bytes() for path in files if path.suffix != ".pyc")
    private, _ = private_values(inputs.tables, Public(disclosure, tuple(texts), folding_table()), Means())
    return private, disclosure


@pytest.mark.parametrize("name", ["minimal", "full"])
def test_a_real_release_is_clean_until_it_is_not(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_site(SITES / name, out, AS_OF)
    private, _ = disclosed(SITES / name)
    assert int(private.counts["held"].sum()) > 5
    release = (out / "current").resolve()
    assert scanned(release, private) == ()
    inputs = read_inputs(SITES / name, SilentProgress())
    leak = next(
        (place, cell)
        for place, held in zip(private.places, private.counts["held"], strict=True)
        if held
        for table in inputs.tables
        if (table.source.package.name, table.source.resource) == (place.package, place.resource)
        for cell in table.source.frame[place.field].drop_nulls().cast(pl.String)
        if any(len(sieve.hits(cell.encode())) for sieve in private.sieves)
    )
    page = next(path for path in release.rglob("*.html") if path.is_file())
    page.chmod(0o644)
    page.write_bytes(page.read_bytes().replace(b"</body>", f"<p>{leak[1]}</p></body>".encode()))
    issues = scanned(release, private)
    assert {issue.code for issue in issues} == {"release.private-value"}
    assert leak[0].field in {issue.field for issue in issues}
    assert not any(leak[1] in str(issue) for issue in issues)


def test_tasks_are_about_as_long_whether_files_are_packed_or_not() -> None:
    """Packed files of the index are unpacked to some five times their size."""
    plain, packed = (
        [len(group) for group in scan_files.groups_of((f"{number}.{suffix}", 1 << 22) for number in range(9))]
        for suffix in ("json", "json.gz")
    )
    assert (plain, packed) == ([8, 1], [2, 2, 2, 2, 1])


def test_sizes_of_files_that_are_gone_are_nothing(tmp_path: Path) -> None:
    (tmp_path / "there.json").write_bytes(b"abc")
    assert list(scan_files.sizes_of(tmp_path, ["there.json", "gone.gz"])) == [3, 0]

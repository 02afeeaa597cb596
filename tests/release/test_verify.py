"""What must not go live: files that the manifest does not know, withheld keys, dead links, other hosts, scripts."""

import hashlib
import json
import os
import random
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import polars as pl
import pytest

from publish.executors import SerialExecutor
from publish.model.issue import BuildStopped
from publish.release import folders, hashing, links
from publish.release import manifest as manifest_module
from publish.release import verify as verify_module
from publish.release.manifest import FILE_SCHEMA, MANIFEST_FILE, SEALS, SUMS_FILE, Manifest, load_manifest
from publish.release.samples import pages_to_read
from publish.release.verify import Checks, verify, verify_files, withheld_keys
from tests.sitekit import workers_of

from .conftest import AS_OF, CHECKS, Build, ledger_of

OTHER = "fedcba98765432100000"


def sealed(folder: Path, pages: Mapping[str, bytes]) -> Manifest:
    rows = []
    for path, data in sorted(pages.items()):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        rows.append((path, len(data), hashlib.sha256(data).hexdigest()))
    files = pl.DataFrame(rows, schema={"path": pl.String, "size": pl.Int64, "sha256": pl.String}, orient="row")
    manifest = Manifest(AS_OF, "0", files)
    with tempfile.TemporaryDirectory() as scratch:
        seals = manifest.write_seals(Path(scratch) / "seals")
        for file in SEALS:
            (folder / file).write_bytes((seals.folder / file).read_bytes())
    return manifest


def found(folder: Path, pages: Mapping[str, bytes], checks: Checks = CHECKS) -> list[tuple[str, str]]:
    issues = verify(folder, sealed(folder, pages), checks).issues
    return [(issue.code.removeprefix("release."), issue.file) for issue in issues]


def faults(tmp_path: Path, markup: str, page: str = "a/b.html") -> list[str]:
    return [
        code for code, _ in found(tmp_path, {page: markup.encode(), "ok.html": b"", "a/c.html": b"", "a/i.png": b""})
    ]


def test_a_good_release_has_no_issue(tmp_path: Path) -> None:
    assert found(tmp_path, {"index.html": b'<a href="/">x</a>', "a.css": b"x"}) == []


def test_manifest_round_trip(tmp_path: Path) -> None:
    manifest = sealed(tmp_path, {"b.html": b"1", "a/名.html": b"22"})
    loaded = load_manifest(tmp_path)
    assert (loaded.as_of, loaded.program) == (date(2026, 5, 4), "0")
    assert loaded.files.equals(manifest.files)
    assert loaded.to_bytes() == manifest.to_bytes()


@pytest.mark.parametrize("paths", [[], ["a.html"], ["z/1"], ["a", "m", "manifest.json.gz", "z"]])
def test_sums_are_in_the_order_of_paths(paths: list[str], tmp_path: Path) -> None:
    sums = [hashlib.sha256(path.encode()).hexdigest() for path in paths]
    files = pl.DataFrame([paths, [1] * len(paths), sums], schema=dict(FILE_SCHEMA))
    manifest = Manifest(AS_OF, "0", files)
    seals = manifest.begin_seals(tmp_path / "seals").result()
    own = hashlib.sha256(manifest.to_bytes()).hexdigest()
    assert (seals.folder / MANIFEST_FILE).read_bytes() == manifest.to_bytes()
    assert seals.name == f"2026-05-04-{own[:12]}"
    lines = sorted(zip([*paths, MANIFEST_FILE], [*sums, own], strict=True))
    assert (seals.folder / SUMS_FILE).read_text() == "".join(f"{digest}  {path}\n" for path, digest in lines)


@pytest.mark.parametrize("rows", [1, 2, 3, 1000])
def test_a_manifest_is_the_json_of_its_files(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest_module, "_ROWS", rows)
    for paths in ([], ["a"], ["a", "b\n", "c"], ['"', "\\", "\x01", "\x7f", "名", "a/b", 'x"', "y\n"]):
        files = pl.DataFrame([paths, list(range(len(paths))), paths], schema=dict(FILE_SCHEMA))
        manifest = Manifest(AS_OF, "0", files)
        document = {"format": 1, "as_of": "2026-05-04", "program": "0", **files.to_dict(as_series=False)}
        assert manifest.to_bytes().decode() == json.dumps(document, ensure_ascii=False, separators=(",\n", ": ")) + "\n"
        seals = manifest.write_seals(tmp_path / f"seals-{len(paths)}")
        assert (seals.folder / MANIFEST_FILE).read_bytes() == manifest.to_bytes()
        lines = (seals.folder / SUMS_FILE).read_bytes()
        own = [(MANIFEST_FILE, hashlib.sha256(manifest.to_bytes()).hexdigest())]
        at = int(files["path"].search_sorted(MANIFEST_FILE))
        entries = [*zip(paths[:at], paths[:at], strict=True), *own, *zip(paths[at:], paths[at:], strict=True)]
        assert lines.decode() == "".join(f"{digest}  {path}\n" for path, digest in entries)


@pytest.mark.parametrize("file", SEALS)
def test_what_was_written_into_seals_nothing(file: str, tmp_path: Path) -> None:
    seals = Manifest(AS_OF, "0", pl.DataFrame([["a"], [1], ["b"]], schema=dict(FILE_SCHEMA))).write_seals(
        tmp_path / "s"
    )
    (tmp_path / "tree").mkdir()
    (seals.folder / file).chmod(0o644)
    (seals.folder / file).write_bytes((seals.folder / file).read_bytes()[:-1])
    with pytest.raises(BuildStopped) as stopped:
        seals.move_into(tmp_path / "tree")
    assert [issue.code for issue in stopped.value.issues] == ["release.hash-mismatch"]
    assert not any((tmp_path / "tree").iterdir())


def test_the_same_relative_link_is_looked_at_in_each_folder(tmp_path: Path) -> None:
    page = b'<a href=\'x.html\'></a><a class="b" href="/a/"></a>'
    files = {f"{folder}/index.html": page for folder in "abc"} | {"a/x.html": b"", "c/x.html": b""}
    manifest = sealed(tmp_path, files)
    issues = verify(tmp_path, manifest, CHECKS).issues
    assert [(issue.code, issue.file) for issue in issues] == [("release.dead-link", "b/index.html")]


def test_data_files_are_hashed_first_and_each_by_itself(tmp_path: Path) -> None:
    pages = {f"r/{n:03d}.html": b"%d" % n for n in range(40)} | {f"data/{n}.csv": b"%d" % n for n in range(3)}
    manifest = sealed(tmp_path, {"a.css": b""} | pages)
    executor = Mock(wraps=SerialExecutor(), map=Mock(side_effect=SerialExecutor().map))
    assert verify(tmp_path, manifest, CHECKS, full=10, executor=executor).issues == ()
    (hashed,) = (call.args[1] for call in executor.map.call_args_list if call.args[0] is hashing.compare_hashes)
    assert [task.paths for task in hashed[:3]] == [("data/0.csv",), ("data/1.csv",), ("data/2.csv",)]
    looked_at = set(pages_to_read(manifest.files["path"], 10))
    assert len(looked_at) == 10
    assert looked_at < {path for task in hashed for path in task.paths}, "they are read anyhow"
    assert sum(len(task.paths) for task in hashed) == 3 + 10 + 1
    (tmp_path / "data/1.csv").write_bytes(b"2")
    (tmp_path / "r/000.html").write_bytes(b"0")
    issues = verify(tmp_path, manifest, CHECKS, full=10, executor=executor).issues
    assert [(issue.code, issue.file) for issue in issues] == [("release.hash-mismatch", "data/1.csv")]


@pytest.mark.parametrize("full", [10, 100])
def test_what_is_hashed_is_asked_for_before_where_there_are_many(
    full: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But data files, which are large and were just read."""
    asked, ask = list[str](), verify_module.read_ahead

    def noted(root: str, paths: pl.Series) -> None:
        asked.extend(paths)
        ask(root, paths)

    monkeypatch.setattr(verify_module, "read_ahead", noted)
    pages = {f"{number:02}.html": b"" for number in range(30)} | {"data/x.csv": b"x", "a.css": b""}
    checked = verify(tmp_path, sealed(tmp_path, pages), CHECKS, full=full)
    assert checked.issues == ()
    assert len(asked) == (checked.hashed - 1 if full == 10 else 0)
    assert "data/x.csv" not in asked


def test_links_of_files_that_are_others_are_not_told(tmp_path: Path) -> None:
    manifest = sealed(tmp_path, {"index.html": b"<a href='/index.html'>"})
    (tmp_path / "index.html").write_bytes(b"<a href='/other.html'>")
    assert [issue.code for issue in verify(tmp_path, manifest, CHECKS).issues] == ["release.hash-mismatch"]


@pytest.mark.parametrize("data", [b"", b"longer"])
@pytest.mark.parametrize("path", ["data/1.csv", "index.html"])
def test_a_shared_file_of_another_size_is_found_where_it_is_hashed(path: str, data: bytes, tmp_path: Path) -> None:
    """Nobody asks for the sizes of files that are the last release's by their inodes."""
    pages = {f"r/{n:03d}.html": b"%d" % n for n in range(40)} | {"data/1.csv": b"1", "index.html": b"x"}
    manifest = sealed(tmp_path, pages)
    inodes = listed_inodes(tmp_path, manifest, written=0)
    assert verify(tmp_path, manifest, CHECKS, full=10, inodes=inodes).issues == ()
    (tmp_path / path).write_bytes(data)
    for told in (inodes, None):
        issues = verify(tmp_path, manifest, CHECKS, full=10, inodes=told).issues
        expected = "hash" if told is not None else "size"
        assert [(issue.code, issue.file) for issue in issues] == [(f"release.{expected}-mismatch", path)]


def test_files_that_are_missing_unknown_or_changed(tmp_path: Path) -> None:
    manifest = sealed(tmp_path, {"a.txt": b"a", "b.txt": b"b", "c.txt": b"c", "d.txt": b"d"})
    (tmp_path / "a.txt").unlink()
    (tmp_path / "b.txt").write_bytes(b"bb")
    (tmp_path / "c.txt").write_bytes(b"C")
    (tmp_path / "e.txt").write_bytes(b"")
    issues = verify_files(tmp_path, manifest).issues
    assert {(issue.code, issue.file) for issue in issues} == {
        ("release.file-missing", "a.txt"),
        ("release.size-mismatch", "b.txt"),
        ("release.hash-mismatch", "c.txt"),
        ("release.file-unknown", "e.txt"),
    }


def test_a_symlink_does_not_belong_in_a_release(tmp_path: Path) -> None:
    manifest = sealed(tmp_path, {"a.txt": b"a"})
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.txt").symlink_to("/etc/hostname")
    assert "release.file-special" in {issue.code for issue in verify_files(tmp_path, manifest).issues}


def test_beyond_the_limit_a_stable_sample_is_hashed_and_all_sizes_compared(tmp_path: Path) -> None:
    manifest = sealed(tmp_path, {f"r/{n:03d}.html": b"x" for n in range(100)})
    checked = verify(tmp_path, manifest, CHECKS, full=10)
    assert (checked.files, checked.hashed, checked.pages, checked.pages_read) == (100, 10, 100, 10)
    (tmp_path / "r/001.html").write_bytes(b"y")  # not in the sample
    assert verify(tmp_path, manifest, CHECKS, full=10).issues == ()
    assert verify(tmp_path, manifest, CHECKS).issues != ()
    (tmp_path / "r/001.html").write_bytes(b"yy")
    assert verify(tmp_path, manifest, CHECKS, full=10).issues != ()


def listed_inodes(folder: Path, manifest: Manifest, *, written: int) -> pl.Series:
    """Of each file, but for the first so many."""
    found = [(folder / path).stat().st_ino for path in manifest.files["path"]]
    return pl.Series("inode", [None] * written + found[written:], dtype=pl.UInt64)


def test_beyond_the_limit_sizes_are_asked_of_what_is_not_the_file_of_the_last_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {f"r/{n:03d}.html": b"x" for n in range(100)}
    manifest = sealed(tmp_path, pages)
    inodes, asked = listed_inodes(tmp_path, manifest, written=3), list[str]()
    sizes_of = verify_module.sizes_of

    def noted(root: str, paths: Sequence[str]) -> list[int]:
        asked.extend(paths)
        return sizes_of(root, paths)

    monkeypatch.setattr(verify_module, "sizes_of", noted)
    assert verify_files(tmp_path, manifest, 10, inodes=inodes).issues == ()
    assert asked == [f"r/{n:03d}.html" for n in range(3)]
    asked.clear()
    (tmp_path / "other").write_bytes(b"xx")
    (tmp_path / "other").rename(tmp_path / "r/050.html")  # another file at its place
    (tmp_path / "r/001.html").write_bytes(b"")  # one that was written, and was cut
    issues = verify_files(tmp_path, manifest, 10, inodes=inodes).issues
    assert [(issue.code, issue.file) for issue in issues] == [
        ("release.size-mismatch", "r/001.html"),
        ("release.size-mismatch", "r/050.html"),
    ]
    assert asked == [f"r/{n:03d}.html" for n in (0, 1, 2, 50)]


@pytest.mark.parametrize("fault", ["missing", "unknown", "renamed", "link", "cut", "fifo"])
def test_names_of_all_files_are_compared_whatever_their_inodes_are(fault: str, tmp_path: Path) -> None:
    """And then sizes of all of them."""
    manifest = sealed(tmp_path, {f"r/{n:03d}.html": b"x" for n in range(100)})
    inodes = listed_inodes(tmp_path, manifest, written=0)
    one = tmp_path / "r/007.html"
    if fault == "missing":
        one.unlink()
    elif fault == "unknown":
        (tmp_path / "r/new.html").write_bytes(b"x")
    elif fault == "renamed":
        one.rename(tmp_path / "r/007.htm")
    elif fault in ("link", "fifo"):
        one.unlink()
        one.symlink_to("008.html") if fault == "link" else os.mkfifo(one)
    else:
        one.write_bytes(b"")
        (tmp_path / "r/new.html").write_bytes(b"x")  # without it the sizes that the system had are believed
    issues = verify_files(tmp_path, manifest, 10, inodes=inodes).issues
    assert issues
    assert issues == verify_files(tmp_path, manifest, 10).issues


def test_pages_that_are_no_bulk_pages_are_read_first(tmp_path: Path) -> None:
    pages = {f"r/{n:03d}.html": b"x" for n in range(100)} | {"policies/p.html": b'<a href="/none.html">'}
    checked = verify(tmp_path, sealed(tmp_path, pages), CHECKS, full=10)
    assert [issue.file for issue in checked.issues] == ["policies/p.html"]


@pytest.mark.parametrize(
    ("path", "exits", "caught"),
    [
        (f"r/fe/{OTHER}.html", (), True),
        (f"r/fe/{OTHER}.html", (OTHER,), True),
        (f"search/index/{OTHER}.json", (OTHER,), True),
        (f"exits/fe/{OTHER}.html", (), True),
        (f"exits/fe/{OTHER}.html", (OTHER,), False),
        ("r/00/00000000000000000000.html", (), False),
        (f"static/{OTHER}0.css", (), False),
    ],
)
def test_withheld_keys(tmp_path: Path, path: str, exits: tuple[str, ...], caught: bool) -> None:
    manifest = sealed(tmp_path, {path: b""})
    keys = pl.Series("key", list(exits), dtype=pl.String)
    checked = verify(tmp_path, manifest, CHECKS, withheld=pl.Series("key", [OTHER]), exits=keys)
    assert [issue.code for issue in checked.issues] == (["release.withheld-key"] if caught else [])


def test_withheld_keys_of_a_ledger() -> None:
    ledger = ledger_of((OTHER, OTHER))
    field = ledger.frame.with_columns(pl.lit("phone").alias("field"), pl.lit("0" * 20).alias("key"))
    both = type(ledger)(pl.concat([ledger.frame, field]))
    assert withheld_keys(both).to_list() == [OTHER]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="/ok.html">', []),
        ('<a href="/ok.html?x=1#y">', []),
        ('<a href="#top">', []),
        ("<a href=\"c.html\"><img src=i.png><a href='../ok.html'>", []),
        ('<a href="">', []),
        ('<link rel="canonical" href="https://credit.example.test/ok.html">', []),
        ('<a href="mailto:a@example.test"><a href="tel:12">', []),
        ('<a href="https://www.gov.test/x">', []),
        ('<script src="/ok.html"></script>', []),
        ('<script type="application/ld+json">{"url": "https://else.test"}</script>', []),
        ('<img src="data:image/png;base64,AA">', []),
        ('<p title=\'a href="/none" onclick="x"\'>', []),
        ("<p>&lt;a href=&#34;/none&#34;&gt; 1 < 2, onclick=</p>", []),
        ('<a href="/none.html">', ["dead-link"]),
        ('<a\n class=x HREF="/none.html">', ["dead-link"]),
        ("<a href=/none.html>", ["dead-link"]),
        ('<a href="none.html">', ["dead-link"]),
        ('<a href="https://credit.example.test/none.html">', ["dead-link"]),
        ('<form action="/none">', ["dead-link"]),
        ('<a title="x>y" href="/none.html">', ["dead-link"]),
        ('<a href="https://else.test/">', ["foreign-link"]),
        ('<a href="//else.test/">', ["foreign-link"]),
        ('<a href="https://xgov.test/">', ["foreign-link"]),
        ('<script src="https://www.gov.test/x.js"></script>', ["foreign-link"]),
        ('<link rel="stylesheet" href="https://else.test/x.css">', ["foreign-link"]),
        ('<meta http-equiv="Refresh" content="0;url=https://else.test">', ["foreign-link"]),
        ('<iframe src="data:text/html,x">', ["foreign-link"]),
        ("<script>alert(1)</script>", ["inline-script"]),
        ("<SCRIPT type=module>alert(1)</SCRIPT>", ["inline-script"]),
        ('<p onclick="x()">', ["inline-script"]),
        ('<img src="i.png"onerror=x()>', ["inline-script"]),
        ('<a href="java&#115;cript:x()">', ["inline-script"]),
    ],
)
def test_links_and_scripts(tmp_path: Path, markup: str, expected: list[str]) -> None:
    assert faults(tmp_path, markup) == expected


def test_leaving_notices_may_link_anywhere_but_load_nothing(tmp_path: Path) -> None:
    assert faults(tmp_path, '<a href="https://else.test/">', "leaving/0.html") == []
    assert faults(tmp_path, '<img src="https://else.test/x.png">', "leaving/0.html") == ["foreign-link"]


def test_many_faults_of_a_kind_are_cut_short_and_name_no_credit_code(tmp_path: Path) -> None:
    pages = {f"s/16/9144030019220382{n:02d}.html": b'<a href="/none%d">' % n for n in range(30)}
    issues = verify(tmp_path, sealed(tmp_path, pages), CHECKS).issues
    assert len(issues) == 21
    assert issues[-1].count == 10
    assert "91440300" not in str(issues)


def test_a_damaged_manifest_is_an_issue(build: Build, out: Path) -> None:
    from publish.model.issue import BuildStopped

    build()
    manifest = out / "current" / MANIFEST_FILE
    manifest.chmod(0o644)
    data = manifest.read_bytes()
    bad = [
        b"",
        b"[]",
        b"{}",
        data[:-5],
        data.replace(b"index.html", b"../x.html"),
        data.replace(b'"format": 1', b'"format": 2'),
    ]
    for content in bad:
        manifest.write_bytes(content)
        with pytest.raises(BuildStopped) as stopped:
            load_manifest(out / "current")
        assert [issue.code for issue in stopped.value.issues] == ["release.manifest-broken"]


def test_workers_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In groups of files, of pages and of folders."""
    monkeypatch.setattr(folders, "_GROUP", 7)
    monkeypatch.setattr(hashing, "_AT_ONCE", 3)
    monkeypatch.setattr(links, "_PAGES_AT_ONCE", 4)
    links_of = [b'<a href="/r/%03d.html">' % (n * 7 % 40) + b"<script>" * (n % 5 == 0) for n in range(30)]
    pages = {f"r/{n:03d}.html": link for n, link in enumerate(links_of)} | {"a/b/c.txt": b"", "d/e.txt": b"x"}
    manifest = sealed(tmp_path, pages)
    with workers_of(2) as executor:
        for damage in ("none", "size", "content", "extra", "missing"):
            alone = verify(tmp_path, manifest, CHECKS)
            assert verify(tmp_path, manifest, CHECKS, executor=executor) == alone, damage
            assert alone.issues
            {
                "none": lambda: (tmp_path / "r/001.html").write_bytes(b"longer than before"),
                "size": lambda: (tmp_path / "d/e.txt").write_bytes(b"y"),
                "content": lambda: (tmp_path / "d/f/g").mkdir(parents=True),
                "extra": lambda: (tmp_path / "d/f/g/h").write_bytes(b""),
                "missing": lambda: (tmp_path / "a/b/c.txt").unlink(),
            }[damage]()


@pytest.mark.parametrize("seed", range(3))
def test_addresses_and_tags_that_need_no_look_are_as_if_looked_at(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    hosts = links.Hosts("https://credit.example.test", ("gov.test",))
    values = ["".join(chance.choices("/.-_%2e?#:;a\\ \t名&@", k=chance.randint(1, 7))) for _ in range(3000)]
    judged = [links._judge("a", value, "r/01/", hosts) for value in values]
    names = (
        "href",
        "HREF",
        "onclick",
        "x",
        "src",
        "bac\u212aground",
        "xlink:href",
        "content",
        "http-equiv",
        "class",
        "",
    )
    tags = []
    for _ in range(3000):
        parts = (
            f"{chance.choice(names)}={chance.choice(('refresh', '/a', chr(34) + 'x' + chr(34)))}" for _ in range(3)
        )
        tags.append(f"<{chance.choice(('a', 'script', 'SCRIPT', 'meta', 'p'))}{chance.choice((' ', '/', chr(10)))}")
        tags[-1] += chance.choice((" ", "/", "\x1c")).join(parts) + ">"
    telling = pl.Series(tags).str.contains(links._TELLING)
    monkeypatch.setattr(links, "_PLAIN", re.compile("(?!)"))
    assert judged == [links._judge("a", value, "r/01/", hosts) for value in values]
    for tag, told in zip(tags, telling, strict=True):
        name, attributes = links._parse(tag)
        assert told or not (links._faults(name, attributes) or {key for key, _ in attributes} & links._ADDRESSES)
    assert not telling.all()


@pytest.mark.parametrize(
    "base", ["https://credit.example.test", "http://a.test:80/b", "https://A.test", "", "gov.test"]
)
@pytest.mark.parametrize("seed", range(3))
def test_plain_tags_that_are_told_in_columns_are_as_if_looked_at(base: str, seed: int, tmp_path: Path) -> None:
    """Names, attributes and addresses that are plain, and such as are nearly so."""
    chance = random.Random(seed)
    names = ("a", "a", "a", "link", "main", "li", "script", "meta", "A", "abbr", "p")
    pieces = ("/", "/", "r", "b.html", "x-_1", "..", ".", "#", "#b", "?q", "%41", "//", "名", " ", "&amp;", ":", "")
    origins = (
        "",
        "",
        "",
        "https://credit.example.test",
        "http://a.test",
        "https://a.test",
        "https://other.test",
        "http:",
    )
    others = (
        'class="x y"',
        'data-x="/a"',
        'data="/c"',
        "id=x",
        'title="<b> href=/d"',
        "onclick='x'",
        'href="/e/"',
        "hidden",
    )

    def tag() -> str:
        address = chance.choice(origins) + "".join(chance.choices(pieces, k=chance.randint(0, 5)))
        parts = [*chance.choices(others, weights=(9, 5, 1, 1, 3, 1, 1, 1), k=chance.randint(0, 3))]
        parts += [f'href="{address}"'] * chance.choice((0, 1, 1, 1))
        chance.shuffle(parts)
        return f"<{chance.choice(names)}{''.join(chance.choice((' ', ' ', ' ', chr(10))) + part for part in parts)}>"

    tags = pl.DataFrame({"tag": [tag() for _ in range(4000)]})
    hosts = links.Hosts(base, ("gov.test",))
    told = tags.select(links._plain_targets(hosts)).to_series().to_list()
    for text, path in zip(tags["tag"], told, strict=True):
        if path is None:
            continue
        name, attributes = links._parse(text)
        values = [value for attribute, value in attributes if attribute in links._ADDRESSES]
        assert links._faults(name, attributes) == []
        assert [links._judge(name, value, "r/01/", hosts) for value in values] == ([("", path)] if path else [])
    kinds = {None if path is None else bool(path) for path in told}
    assert kinds == {None, False, True}


def test_a_withheld_key_hides_no_other_fault(tmp_path: Path) -> None:
    manifest = sealed(tmp_path, {f"r/fe/{OTHER}.html": b'<a href="/nowhere.html">x</a>'})
    checked = verify(tmp_path, manifest, CHECKS, withheld=pl.Series("key", [OTHER]))
    assert {issue.code for issue in checked.issues} == {"release.withheld-key", "release.dead-link"}

"""Files that a night shares with the last release are searched for what has become private since, and no others are."""

import hashlib
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import polars as pl
import pytest

from publish.executors import SerialExecutor
from publish.model.issue import BuildStopped
from publish.model.sieve import Sieve
from publish.release import scan as scan_module
from publish.release import scan_files
from publish.release.matching import Search
from publish.release.page_search import SavedSearch
from publish.release.roll_back import roll_back
from tests.nightkit import AS_OF, SECRET, edit, site_of_rows, write_rows
from tests.release.test_scan import private_of
from tests.sitekit import Builds, build_site

INSPECTOR, NEW = "李某某", "诸葛孔明先生"
POLICY = """---
title: 公示办法
number: 示府发〔2026〕6号
issuer: 示例市人民政府
publicity: 此件公开发布
attachments:
  - {file: form.csv, title: 申请表}
---
**第一条** 制定本办法。
"""


class Looked:
    """Which files are searched for everything, and which for fresh values alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.again = list[str](), list[str]()
        scan, opened, searches = scan_files._scan, SavedSearch.opened_again, list[Search]()

        def opened_again(saved: SavedSearch) -> Search:
            searches.append(opened(saved))
            return searches[-1]

        def noted(search: Search, path: str, *data: object) -> None:
            (self.again if any(search is one for one in searches) else self.full).append(path)
            scan(search, path, *data)  # type: ignore[arg-type]

        monkeypatch.setattr(SavedSearch, "opened_again", opened_again)
        monkeypatch.setattr(scan_files, "_scan", noted)

    def told(self) -> tuple[set[str], set[str]]:
        """What was looked at since it was told before."""
        told = set(self.full), set(self.again)
        self.full.clear()
        self.again.clear()
        return told


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with an attachment that names somebody. No sample but the first page of each build."""
    monkeypatch.setattr(scan_module, "_SAMPLE", 1 << 60)
    root = site_of_rows(tmp_path / "root")
    (root / "content/policies/measures").mkdir(parents=True)
    (root / "content/policies/measures.md").write_text(POLICY, encoding="utf-8")
    (root / "content/policies/measures/form.csv").write_text(f"填表人,{NEW}\n", encoding="utf-8")
    return root


def stopped_by(root: Path, out: Path) -> Sequence[tuple[str, str | None, str | None]]:
    with pytest.raises(BuildStopped) as stopped:
        build_site(root, out, AS_OF, secret=SECRET)
    return [(issue.code, issue.file, issue.field) for issue in stopped.value.issues]


def becomes_private(root: Path) -> None:
    edit(root / "data/penalties/penalties.csv", f"事由7,{INSPECTOR}", f"事由7,{NEW}")


def test_a_night(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, out = Looked(monkeypatch), tmp_path / "out"
    first = build_site(root, out, AS_OF, secret=SECRET)
    every, again = looked.told()
    assert not again
    write_rows(root, 7)
    build_site(root, out, AS_OF, secret=SECRET)
    full, again = looked.told()
    known = {"robots.txt", "404.html"} | {path for path in every if path.endswith("form.csv")}
    assert known <= again | full
    assert len(known & full) <= 1, "one of all is searched for everything"
    assert not full & again
    index = {path for path in full if path.startswith("search/index/")}
    assert index & every, "what is shared of it is searched for everything, as far as it is read"
    assert len(again) > len(full - index), "what is new is little"
    roll_back(out, first.release, shows_again=True)
    build_site(root, out, AS_OF, secret=SECRET)
    assert not looked.told()[1], "what that one was searched for is not known any more"


@pytest.mark.parametrize("damage", ["none", "no memory", "half of it", "another secret", "another program"])
def test_what_becomes_private_is_found(
    damage: str, root: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    builds.copied(root, out, AS_OF, secret=b"another" if damage == "another secret" else SECRET)
    looked = Looked(monkeypatch)
    becomes_private(root)
    if damage == "no memory":
        shutil.rmtree(out / "cache")
    elif damage == "half of it":
        for damaged in ("searched/keys.npy", "values/source.npy"):
            file = out / "cache" / damaged
            file.write_bytes(file.read_bytes()[:-8])
    elif damage == "another program":
        monkeypatch.setattr("publish.proof.made_by", lambda *libraries: "other")
        monkeypatch.setattr("publish.disclose.value_memory.made_by", lambda *libraries: "other")
    (found,) = stopped_by(root, out)
    assert found[0] == "release.private-value"
    assert str(found[1]).endswith("form.csv")
    assert found[2] == "inspector"
    _, again = looked.told()
    if damage == "another secret":  # all values are fresh
        assert again
    else:
        assert bool(again) == (damage == "none")


def test_a_file_that_is_another_is_searched_for_everything(
    root: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same size, so that it is shared, and nobody else would look at it."""
    out = tmp_path / "out"
    builds.copied(root, out, AS_OF, secret=SECRET)
    (form,) = (out / "current").rglob("form.csv")
    form.chmod(0o644)
    text = form.read_text(encoding="utf-8")
    form.write_text(text.replace(NEW, INSPECTOR * 2), encoding="utf-8")
    # The leak first; verification has found the file as well.
    assert [code for code, *_ in stopped_by(root, out)] == ["release.private-value", "release.hash-mismatch"]


def test_of_what_is_made_of_public_cells_some_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others in each build, and all where there are not more than that."""
    private = replace(private_of("秘密的值", "x" * 9), fresh=(Sieve.of([b"x" * 9]),))
    paths = [f"search/index/{number}.gz" for number in range(9)]
    files = pl.DataFrame({"path": ["a.xml", *paths], "sha256": ["0"] * 10, "unread": [False] + [True] * 9})
    for most, left in ((2, 7), (9, 0), (20, 0)):
        monkeypatch.setattr(scan_module, "_MOST_AGAIN", most)
        seen = set[str]()
        for chance in range(1, 60):
            monkeypatch.setattr(secrets, "randbits", Mock(return_value=chance))
            scan = scan_module.ReleaseScan(private, tmp_path)
            spared = scan.searched_before(files).to_list()
            scan.close()
            assert len(spared) == left
            assert set(spared) < {*paths}
            seen |= {*paths}.difference(spared)
        assert seen == {*paths}


def test_one_in_a_thousand_is_searched_for_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier build had to find; so is every file at some time."""
    (tmp_path / "tree").mkdir()
    private = replace(private_of("秘密的值", "x" * 9), fresh=(Sieve.of([b"x" * 9]),))
    texts = {f"{number}.txt": "秘密的值" if number == 5 else "无" for number in range(8)}
    for path, text in texts.items():
        (tmp_path / "tree" / path).write_text(text, encoding="utf-8")
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts.values()]
    files = pl.DataFrame({"path": list(texts), "sha256": digests, "unread": [False] * 8})
    monkeypatch.setattr(scan_module, "_SAMPLE", 8)
    found = []
    for chance in range(60):
        monkeypatch.setattr(secrets, "randbits", Mock(return_value=chance))
        scan = scan_module.ReleaseScan(private, tmp_path)
        assert scan.searched_before(files).is_empty()
        found += scan.finish(tmp_path / "tree", files.with_columns(size=0), SerialExecutor())
        scan.close()
    assert {issue.file for issue in found} == {"5.txt"}
    assert len(found) < 30, "not each time"

"""What the last release holds, in columns: found as by looking through a list."""

import errno
import hashlib
import json
import random
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import polars as pl
import pytest

from publish.executors import SerialExecutor
from publish.model.issue import BuildStopped
from publish.release import previous as module
from publish.release.layout import Layout
from publish.release.manifest import FILE_SCHEMA, MANIFEST_FILE, Manifest, parse_manifest
from publish.release.previous import Previous, load_previous, manifest_ahead
from tests.sitekit import workers_of

from .conftest import AS_OF


def manifest_of(paths: list[str]) -> Manifest:
    digests = [hashlib.sha256(path.encode()).hexdigest() for path in paths]
    files = pl.DataFrame([paths, list(range(len(paths))), digests], schema=dict(FILE_SCHEMA))
    return Manifest(AS_OF, 'program "x"', files.sort("path"))


def some_paths(chance: random.Random, count: int) -> list[str]:
    return sorted(
        {"/".join(chance.choices(["a", "b", "a-", "a0", "名", "é", "z"], k=chance.randint(1, 5))) for _ in range(count)}
    )


def test_there_is_room_if_all_files_fit_once_more_in_blocks_and_a_quarter_beside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    last = Previous(tmp_path, manifest_of(["a", "b", "c"]))  # of 0, 1 and 2 bytes
    needed = (3 + 3 * 4096) * 5 / 4
    for free, fits in ((needed - 1, False), (needed + 1, True)):
        monkeypatch.setattr(module.shutil, "disk_usage", lambda folder, free=free: Mock(free=free))
        assert last.fits(tmp_path) == fits


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("many", [0, 50_000])
def test_paths_are_found(seed: int, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one and many at a time, sorted or not, few or all; with dictionaries of folders and without."""
    monkeypatch.setattr(module, "_MANY", many)
    chance = random.Random(seed)
    paths = some_paths(chance, 400)
    last = Previous(Path("/nowhere"), manifest_of(paths))
    own = last.files["path"].to_list()
    asked = [*chance.sample(own, 200), *some_paths(chance, 300)]
    expected = [own.index(path) if path in own else -1 for path in asked]
    assert [last.row(path) for path in asked] == expected
    for size in (0, 1, 7, len(asked)):
        assert last.rows(pl.Series(asked[:size], dtype=pl.String)).tolist() == expected[:size]
    digests = dict(zip(own, last.files["sha256"], strict=True))
    files = pl.DataFrame(
        {"path": asked, "sha256": [digests.get(path, "")[: 64 - n % 2] for n, path in enumerate(asked)]}
    )
    same = [digests.get(path) == sha256 for path, sha256 in files.iter_rows()]
    assert last.has_many(files).to_list() == same
    assert [last.has(path, sha256) for path, sha256 in files.iter_rows()] == same
    assert any(same)
    assert not all(same)


@pytest.mark.parametrize("files", [5, 100])
@pytest.mark.parametrize("weak", [(1,), (2,), (1, 2), ()])
def test_paths_are_found_whatever_their_hashes(
    weak: tuple[int, ...], files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two hashes either, or both, may be those of other paths."""
    last = Previous(Path("/nowhere"), manifest_of([f"a/{number}" for number in range(files)]))
    own = last.files["path"].to_list()
    asked = [f"a/{number}" for number in (70, *range(50, 150), *range(20))]
    hashes = module._hashes
    sizes = {seed: np.uint64(30) for seed in weak}
    monkeypatch.setattr(
        module, "_hashes", lambda paths, seed: hashes(paths, seed) % sizes.get(seed, np.uint64(1 << 63))
    )
    found = last.rows(pl.Series(asked)).tolist()
    assert found == [own.index(path) if path in own else -1 for path in asked]


def test_paths_behind_all_others_are_nowhere() -> None:
    last = Previous(Path("/nowhere"), manifest_of(["a.html", "index.html"]))
    assert last.rows(pl.Series(["z/b", "z/a"])).tolist() == [-1, -1]


def test_what_is_chosen_of_a_large_release_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a thread; and nobody is in its way when that comes to grief."""
    asked = list[tuple[str, list[str]]]()
    monkeypatch.setattr(module, "read_ahead", lambda root, paths: asked.append((root, paths.to_list())))
    for most, choose in (
        (2, lambda paths: paths.head(1)),
        (2, lambda paths: paths["no such"]),
        (3, lambda paths: paths),
    ):
        monkeypatch.setattr(module, "ALL_SIZES", most)
        last = Previous(Path("/nowhere"), manifest_of(["a", "b", "c"]))
        last.read_some_ahead(choose)
        last.close()
    assert asked == [("/nowhere/", ["a"])]


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_there(begun: bool, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few files: all sizes. Many: those in some folders, and names and kinds of all."""
    paths = [f"{folder}/{number}" for folder in ("a", "b", "c") for number in range(9)]
    for number, path in enumerate(sorted(paths)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"x" * number)
    (tmp_path / "manifest.json").write_bytes(b"")
    (tmp_path / "a/1").write_bytes(b"cut" * 30)
    (tmp_path / "b/2").unlink()
    (tmp_path / "c/3").unlink()
    (tmp_path / "c/3").symlink_to("4")
    (tmp_path / "a/none").write_bytes(b"")
    for most, one_in, absent in (
        (100, 16, {"a/1", "b/2", "c/3"}),
        (5, 1, {"a/1", "b/2", "c/3"}),
        (5, 0, {"b/2", "c/3"}),
    ):
        monkeypatch.setattr(module, "ALL_SIZES", most)
        monkeypatch.setattr(module, "_SIZED", one_in)
        with workers_of(workers) as executor:
            last = Previous(tmp_path, manifest_of(paths), executor)
            if begun:
                last.begin()
            inodes = dict(zip(last.files["path"], last.inodes, strict=True))
            last.close()
        assert {path for path, inode in inodes.items() if inode is None} == absent
        there = {path: (tmp_path / path).stat().st_ino for path in paths if path not in {"b/2", "c/3"}}
        assert {path: inode for path, inode in inodes.items() if inode is not None} == {
            path: inode for path, inode in there.items() if path not in absent
        }


def test_a_fault_beside_is_told_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ALL_SIZES", 0)
    monkeypatch.setattr(module, "list_tree", Mock(side_effect=OSError(errno.EIO, "")))
    last = Previous(tmp_path, manifest_of(["a"]), SerialExecutor())
    last.begin()
    with pytest.raises(BuildStopped) as stopped:
        _ = last.inodes
    assert [issue.code for issue in stopped.value.issues] == ["release.disk-error"]
    last.close()


def test_an_empty_release(tmp_path: Path) -> None:
    last = Previous(tmp_path, manifest_of([]))
    assert last.row("a") == -1
    assert last.rows(pl.Series(["a"])).tolist() == [-1]
    assert not last.can_be_linked(tmp_path)
    with pytest.raises(BuildStopped):
        last.read("a")


@pytest.mark.parametrize(
    "paths", [[], ["a"], ["a", 'b"c', "名/é.html", "z\u2028z"], ["a\x7f"], ["tab\t", "back\\slash"]]
)
def test_a_manifest_is_what_json_writes(paths: list[str]) -> None:
    manifest = manifest_of(paths)
    document = {"format": 1, "as_of": AS_OF.isoformat(), "program": manifest.program}
    document |= manifest.files.to_dict(as_series=False)
    data = manifest.to_bytes()
    assert data == json.dumps(document, ensure_ascii=False, separators=(",\n", ": ")).encode() + b"\n"
    if not any(sign in path for path in paths for sign in "\\\t\x7f"):
        assert parse_manifest(data).files.equals(manifest.files)


def test_a_manifest_read_before_the_lock_is_believed_of_the_same_release_only(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    first, second = f"{AS_OF}-000000000001", f"{AS_OF}-000000000002"
    for name, paths in ((first, ["a"]), (second, ["a", "b"])):
        (layout.releases / name).mkdir(parents=True)
        (layout.releases / name / MANIFEST_FILE).write_bytes(manifest_of(paths).to_bytes())
    assert manifest_ahead(tmp_path) is None
    layout.current.symlink_to(f"releases/{first}")
    ahead = manifest_ahead(tmp_path)
    assert ahead is not None
    assert ahead[0] == first
    (layout.releases / first / MANIFEST_FILE).write_bytes(b"")
    assert manifest_ahead(tmp_path) is None
    assert load_previous(layout) is None
    believed = load_previous(layout, None, ahead)
    assert believed is not None
    assert believed.files["path"].to_list() == ["a"]
    layout.current.unlink()
    layout.current.symlink_to(f"releases/{second}")
    other = load_previous(layout, None, ahead)
    assert other is not None
    assert other.files["path"].to_list() == ["a", "b"]

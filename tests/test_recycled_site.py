"""Whole sites built night after night: using up old releases changes no byte, and no more of them stay than without."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest

from publish.pipeline import building
from publish.release import afterwards
from publish.release.layout import Layout
from publish.release.spare import want_spare
from tests.sitekit import SITES, build_site, copy_build, tree

DAY = date(2026, 11, 20)


def test_nights_with_and_without(tmp_path: Path) -> None:
    root = Path(shutil.copytree(SITES / "minimal", tmp_path / "root"))
    with (root / "content/site.yaml").open("a", encoding="utf-8") as file:
        file.write("releases: {keep: 3, days: 30, in_use_hours: 0}\n")
    aside: list[str] = []
    names: list[str] = []
    for night in range(5):
        with (root / "content/pages/about.md").open("a", encoding="utf-8") as file:
            file.write(f"\nNight {night}.\n")
        with_it = build_site(root, tmp_path / "a", DAY, now=datetime.now(UTC), workers=2 if night == 4 else 1)
        without = build_site(root, tmp_path / "b", DAY)
        assert (with_it.release, with_it.linked, with_it.files) == (without.release, without.linked, without.files)
        assert tree(tmp_path / "a/current") == tree(tmp_path / "b/current")
        aside += with_it.put_aside
        names.append(with_it.release)
        # One that was used up never came into the trash.
        assert not (tmp_path / "a/trash").exists()
        for name in {path.name for path in (tmp_path / "a/releases").iterdir()}:
            assert tree(tmp_path / "a/releases" / name) == tree(tmp_path / "b/releases" / name)
    assert aside == names[:2]
    assert sorted(path.name for path in (tmp_path / "a/releases").iterdir()) == sorted(names[2:])
    assert {path.name for path in (tmp_path / "a/state").iterdir() if path.is_symlink()} == set(names[2:])


def test_nights_that_begin_with_a_spare_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for by each build, since none finds an old release; no byte is another for it."""
    monkeypatch.setattr(building, "want_spare", partial(want_spare, least=1))
    root = Path(shutil.copytree(SITES / "minimal", tmp_path / "root"))
    with (root / "content/site.yaml").open("a", encoding="utf-8") as file:
        file.write("releases: {keep: 9, days: 30, in_use_hours: 0}\n")
    for night in range(3):
        with (root / "content/pages/about.md").open("a", encoding="utf-8") as file:
            file.write(f"\nNight {night}.\n")
        laid_out = afterwards.waiting(tmp_path / "a/spare")
        assert len(laid_out) == bool(night)
        with_it = build_site(root, tmp_path / "a", DAY, now=datetime.now(UTC), workers=2 if night == 2 else 1)
        without = build_site(root, tmp_path / "b", DAY)
        assert (with_it.release, with_it.linked, with_it.files) == (without.release, without.linked, without.files)
        assert with_it.put_aside == ()
        assert tree(tmp_path / "a/current") == tree(tmp_path / "b/current")
        assert afterwards.unfinished(tmp_path / "a/spare") == (with_it.release,)
        afterwards.lay_out(tmp_path / "a", with_it.release)
    assert not (tmp_path / "a/trash").exists(), "each was used up"


@dataclass(frozen=True)
class Begun:
    """A site, its output folder after three nights, their releases, and the files of an undisturbed fourth one."""

    root: Path
    out: Path
    names: tuple[str, ...]
    fourth: dict[str, bytes]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    folder = tmp_path_factory.mktemp("begun")
    root, out = Path(shutil.copytree(SITES / "minimal", folder / "root")), folder / "out"
    with (root / "content/site.yaml").open("a", encoding="utf-8") as file:
        file.write("releases: {keep: 3, days: 30, in_use_hours: 0}\n")
    names = [build_site(root, out, DAY + timedelta(days=night), now=datetime.now(UTC)).release for night in range(3)]
    for night in range(4):
        build_site(root, folder / "other", DAY + timedelta(days=night))
    return Begun(root, out, tuple(names), tree(folder / "other/current"))


@pytest.mark.parametrize("fails", ["disclose", "derive_site"])
def test_a_night_that_fails_before_its_first_file(
    fails: str, begun: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tree has begun beside disclosure: an old release is used up, which the policy lets go. Nothing else is
    changed or left, and the next night is as if it had not been."""
    root, out, names = begun.root, tmp_path / "out", begun.names
    copy_build(begun.out, out)
    before = {name: tree(out / "releases" / name) for name in names[1:]}
    with monkeypatch.context() as patched:
        patched.setattr(building, fails, Mock(side_effect=RuntimeError("a fault")))
        with pytest.raises(RuntimeError, match="a fault"):
            build_site(root, out, DAY + timedelta(days=3), now=datetime.now(UTC))
    assert {name: tree(out / "releases" / name) for name in Layout(out).names()} == before
    assert (out / "current").readlink().name == names[2]
    assert list((out / "staging").iterdir()) == []
    build_site(root, out, DAY + timedelta(days=3), now=datetime.now(UTC))
    assert tree(out / "current") == begun.fourth

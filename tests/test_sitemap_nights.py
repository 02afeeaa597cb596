"""A site whose sitemap has parts, night by night: parts stand, and whatever has changed, all is as from nothing."""

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from publish.model.issue import BuildStopped
from publish.release.writing import Release
from publish.render import data
from publish.render.feeds import render_sitemap
from tests.nightkit import AS_OF, ROWS, edit, site_of_rows, write_rows
from tests.sitekit import build_site, copy_build, tree

LIMIT, MOST = 30, 6  # so many addresses, or parts, a sitemap has at most; and a part
SITE = "https://minimal.example"
PART = re.compile(r"sitemap-[0-9a-f]+\.xml")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    divide_small(monkeypatch)


def divide_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """More pages than a sitemap may have."""

    def divided(base: str, pages: pl.Series, **more: Any) -> tuple[tuple[str, bytes], ...]:
        return render_sitemap(base, pages, LIMIT, most=MOST, **more)

    monkeypatch.setattr(data, "render_sitemap", divided)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`root` and `out`, where the first release is."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patched:
        divide_small(patched)
        build_site(site_of_rows(folder / "root"), folder / "out", AS_OF)
    return folder


def parts_of(release: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in release.iterdir() if PART.fullmatch(path.name)}


def addresses(text: bytes) -> list[str]:
    return re.findall(r"<loc>([^<]*)</loc>", text.decode())


def test_parts_have_each_address_once(first: Path, tmp_path: Path) -> None:
    """The index tells all parts that are there, and together they have what one sitemap would have."""
    build_site(first / "root", tmp_path / "out", AS_OF)
    whole = addresses((tmp_path / "out/current/sitemap.xml").read_bytes())
    parts = parts_of(first / "out/current")
    told = addresses((first / "out/current/sitemap.xml").read_bytes())
    assert sorted(told) == [f"{SITE}/{name}" for name in sorted(parts)]
    assert [one for name in told for one in addresses(parts[name.removeprefix(f"{SITE}/")])] == whole
    assert len(whole) == len(set(whole)) > ROWS
    assert all(0 < len(addresses(part)) <= MOST for part in parts.values())


# What changes, and whether parts are made anew: none, some or all.
CHANGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "nothing": ("none", lambda root: None),
    "a record's reason": ("none", lambda root: write_rows(root, 7)),
    "two records more": ("some", lambda root: write_rows(root, rows=ROWS + 2)),
    "a record less": ("some", lambda root: write_rows(root, rows=ROWS - 1)),
    "the address of the site": (
        "all",
        lambda root: edit(root / "content/site.yaml", SITE, "https://other.example"),
    ),
}


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("night", [0, 1])
@pytest.mark.parametrize("name", CHANGES)
def test_parts_stand_and_are_as_from_nothing(
    name: str, night: int, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew, change = CHANGES[name]
    root, out, other = tmp_path / "root", tmp_path / "out", tmp_path / "other"
    shutil.copytree(first / "root", root)
    copy_build(first / "out", out)
    before = parts_of(out / "current")
    change(root)
    shared, keep = set[str](), Release.keep_some

    def keep_some(release: Release, paths: pl.Series) -> pl.Series:
        missing = keep(release, paths)
        shared.update(set(paths) - set(missing))
        return missing

    build_site(root, other, AS_OF + timedelta(days=night))
    monkeypatch.setattr(Release, "keep_some", keep_some)
    build_site(root, out, AS_OF + timedelta(days=night))
    now = parts_of(out / "current")
    if name != "a record less":  # a release from nothing does not know who has left
        assert tree(out / "current") == tree(other / "current")
    assert now == parts_of(other / "current")
    kept = {path for path in shared if PART.fullmatch(path)}
    assert kept == {path for path, text in now.items() if before.get(path) == text}
    expected = {"none": now.keys(), "some": kept, "all": set()}[anew]
    assert kept == expected
    assert anew != "some" or 0 < len(kept) < len(now)


@pytest.mark.usefixtures("small_parts")
def test_a_part_that_somebody_has_written_into_does_not_go_live(first: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    copy_build(first / "out", out)
    live = (out / "current").resolve()
    part = live / min(parts_of(live))
    part.chmod(0o644)
    part.write_bytes(part.read_bytes().replace(b"minimal.example", b"another.example", 1))
    with pytest.raises(BuildStopped) as stopped:
        build_site(first / "root", out, AS_OF + timedelta(days=1))
    assert [issue.code for issue in stopped.value.issues] == ["release.hash-mismatch"]
    assert (out / "current").resolve() == live

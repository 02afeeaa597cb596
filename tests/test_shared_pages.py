"""Pages that are shared unread with the last release: whatever has changed, the release is as without any memory."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from publish.release.roll_back import roll_back
from publish.release.writing import Release
from tests.nightkit import AS_OF, edit, site_of_rows, write_rows
from tests.sitekit import build_site, tree

Change = Callable[[Path, Path], None]


def own(root: Path, path: str, text: str) -> None:
    target = root / "site_templates" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def rolled_back(root: Path, out: Path) -> None:
    """The memory is of a release that is not live any more."""
    write_rows(root, 1, 2)
    build_site(root, out, AS_OF)
    roll_back(out, shows_again=True)
    write_rows(root, 2, 3)


def failed(root: Path, out: Path) -> None:
    """A build that did not get as far as a release."""
    write_rows(root, 1, 4)
    own(root, "pages/search.html", "{{ nothing.of.the.kind }}")
    with pytest.raises(Exception, match="nothing"):
        build_site(root, out, AS_OF)
    shutil.rmtree(root / "site_templates")


# And of which folders pages are shared.
CHANGES: dict[str, tuple[set[str], Change]] = {
    "nothing": ({"datasets", "r", "s"}, lambda root, out: None),
    "two records": ({"datasets", "r", "s"}, lambda root, out: write_rows(root, 0, 30)),
    "the day": ({"datasets", "r", "s"}, lambda root, out: None),
    "the address": (
        set(),
        lambda root, out: edit(root / "content/site.yaml", "https://minimal.example", "https://other.example"),
    ),
    "the language": (set(), lambda root, out: edit(root / "content/site.yaml", "zh-Hans", "en")),
    "a word of the interface": (set(), lambda root, out: own(root, "i18n/zh-Hans.yaml", "nav.home: 门户首页\n")),
    "a style sheet": (
        set(),
        lambda root, out: own(
            root,
            "static/css/site.css",
            (Path(__file__).parents[1] / "site_templates/static/css/site.css").read_text(encoding="utf-8") + "\na{}\n",
        ),
    ),
    "another title of a field": (
        {"datasets", "s"},
        lambda root, out: edit(root / "data/penalties/datapackage.yaml", "title: 违法事实", "title: 违法行为"),
    ),
    "rolled back": (set(), rolled_back),
    "failed": ({"datasets", "r", "s"}, failed),
}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`root` and `out`, where the first release is."""
    folder = tmp_path_factory.mktemp("first")
    root = site_of_rows(folder / "root")
    with (root / "content/site.yaml").open("a", encoding="utf-8") as file:
        file.write("limits: {listing_rows: 2}\n")  # of 60 records 30 pages: a bulk listing
    build_site(root, folder / "out", AS_OF)
    return folder


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_has_changed(name: str, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, out, other = tmp_path / "root", tmp_path / "out", tmp_path / "other"
    shutil.copytree(first / "root", root)
    shutil.copytree(first / "out", out, symlinks=True)
    shares, change = CHANGES[name]
    change(root, out)
    shutil.copytree(out, other, symlinks=True)
    shutil.rmtree(other / "cache")
    shared: list[str] = []
    keep = Release.keep_some

    def keep_some(release: Release, paths: pl.Series) -> pl.Series:
        missing = keep(release, paths)
        shared.extend(set(paths) - set(missing))
        return missing

    monkeypatch.setattr(Release, "keep_some", keep_some)
    day = AS_OF.replace(day=21) if name == "the day" else AS_OF
    report = build_site(root, other, day)
    assert not shared, "without a memory all are made"
    again = build_site(root, out, day)
    assert tree(out / "current") == tree(other / "current")
    assert (again.files, again.pages, again.records) == (report.files, report.pages, report.records)
    assert {path.split("/")[0] for path in shared} == shares

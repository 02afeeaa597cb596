"""Paths may not leave their package."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.load.paths import UnsafePath, inside


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "package"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.csv").write_text("x")
    (folder / "sub" / "b.csv").write_text("x")
    (tmp_path / "outside.csv").write_text("x")
    return folder


def test_files_inside(package: Path) -> None:
    assert inside(package, "a.csv") == package / "a.csv"
    assert inside(package, "./sub/b.csv").read_text() == "x"
    (package / "link.csv").symlink_to("sub/b.csv")
    assert inside(package, "link.csv").read_text() == "x"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("http://credit.example/a.csv", "package.remote-path"),
        ("HTTPS://credit.example/a.csv", "package.remote-path"),
        ("s3:bucket/a.csv", "package.remote-path"),
        ("file:///etc/hostname", "package.remote-path"),
        ("C:/a.csv", "package.remote-path"),
        ("//credit.example/a.csv", "package.remote-path"),
        ("/etc/hostname", "package.unsafe-path"),
        ("~/a.csv", "package.unsafe-path"),
        ("..\\a.csv", "package.unsafe-path"),
        ("../../outside.csv", "package.unsafe-path"),
        ("sub/../a.csv", "package.unsafe-path"),
        ("sub", "package.missing-file"),
        ("", "package.missing-file"),
        ("none.csv", "package.missing-file"),
        ("a.csv\0", "package.missing-file"),
        ("a" * 5000, "package.missing-file"),
    ],
)
def test_refused(package: Path, written: str, code: str) -> None:
    with pytest.raises(UnsafePath) as refused:
        inside(package, written)
    assert refused.value.code == code


@pytest.mark.parametrize("target", ["../../outside.csv", "/etc/hostname", "../../nowhere.csv"])
def test_links_that_lead_out(package: Path, target: str) -> None:
    (package / "link.csv").symlink_to(target)
    with pytest.raises(UnsafePath) as refused:
        inside(package, "link.csv")
    assert refused.value.code == "package.link-outside"


def test_a_linked_folder_that_leads_out(package: Path) -> None:
    (package / "up").symlink_to("../..")
    with pytest.raises(UnsafePath) as refused:
        inside(package, "up/outside.csv")
    assert refused.value.code == "package.link-outside"


def test_a_loop_of_links(package: Path) -> None:
    (package / "one").symlink_to("two")
    (package / "two").symlink_to("one")
    with pytest.raises(UnsafePath):
        inside(package, "one")


def test_the_package_itself_may_be_linked(package: Path) -> None:
    linked = package.parent / "linked"
    linked.symlink_to(package)
    assert inside(linked, "a.csv").read_text() == "x"


@given(st.text(alphabet="./\\~ab:%$\0", max_size=20))
def test_nothing_gets_out(written: str) -> None:
    folder = Path(__file__).parent
    try:
        found = inside(folder, written)
    except UnsafePath:
        return
    assert found.resolve().is_relative_to(folder.resolve())

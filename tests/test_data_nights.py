"""What a build remembers of the rows of data files: the next one searches them for fresh values only, and no other."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from publish.release import data_search
from publish.release.roll_back import roll_back
from tests.sitekit import SITES, build_site, tree
from tests.test_shared_pages import AS_OF, ROWS, write_rows

SECRET = b"a secret of the site"


class Looked:
    """How many rows are looked at for all private values."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = 0
        plain_rows = data_search.plain_rows

        def counted(cells: pl.DataFrame, short: Sequence[str]) -> data_search.Flags:
            self.rows += cells.height
            return plain_rows(cells, short)

        monkeypatch.setattr(data_search, "plain_rows", counted)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(SITES / "minimal", tmp_path / "root")
    write_rows(tmp_path / "root")
    return tmp_path / "root"


def remembered(out: Path) -> int:
    folder = out / "cache/data-rows"
    return len(np.load(folder / "keys.npy")) if folder.exists() else 0


def test_a_night(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, out = Looked(monkeypatch), tmp_path / "out"
    first = build_site(root, out, AS_OF, secret=SECRET)
    every, looked.rows = looked.rows, 0
    assert every >= ROWS
    assert remembered(out) >= ROWS
    assert (out / "cache/data-rows").stat().st_mode & 0o777 == 0o700
    write_rows(root, 7)
    build_site(root, out, AS_OF, secret=SECRET)
    assert looked.rows == 1
    assert remembered(out) >= ROWS - 1, "a cell with an ampersand is searched in each file"
    build_site(root, tmp_path / "other", AS_OF, secret=SECRET)
    assert tree(tmp_path / "other/current") == tree(out / "current")
    # Whatever the memory cannot be sure of, all is searched.
    for secret in (b"another", b""):
        looked.rows = 0
        build_site(root, out, AS_OF, secret=secret)
        assert looked.rows == every
    assert remembered(out) == 0, "without a secret nothing is kept"
    build_site(root, out, AS_OF, secret=SECRET)
    roll_back(out, first.release, shows_again=True)
    looked.rows = 0
    build_site(root, out, AS_OF, secret=SECRET)
    assert looked.rows == every

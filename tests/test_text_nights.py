"""What a build remembers of the texts of its rows: the next one looks at new rows only, if all else is as it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from publish import remembered
from publish.disclose import row_masking
from publish.release.roll_back import roll_back
from tests.nightkit import AS_OF, ROWS, SECRET, site_of_rows, write_rows
from tests.sitekit import build_site, tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return site_of_rows(tmp_path / "root")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many rows have been looked at since it was asked last."""
    rows: list[int] = []
    all_texts = row_masking.RowMasking.all_texts

    def counted(self: Any, source: pl.DataFrame, chosen: pl.DataFrame, cells: pl.DataFrame) -> Any:
        rows.append(source.height)
        return all_texts(self, source, chosen, cells)

    def since() -> int:
        total = sum(rows)
        rows.clear()
        return total

    monkeypatch.setattr(row_masking.RowMasking, "all_texts", counted)
    return since


def test_nights(root: Path, tmp_path: Path, looked_at: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    first = build_site(root, out, AS_OF, secret=SECRET)
    assert looked_at() >= ROWS
    rows = out / "cache/quiet-rows"
    quiet = np.load(rows / "keys.npy").shape[1]
    assert quiet >= ROWS - 1
    assert rows.stat().st_mode & 0o777 == 0o700
    write_rows(root, 7)
    build_site(root, out, AS_OF, secret=SECRET)
    assert 1 <= looked_at() <= 2
    build_site(root, tmp_path / "other", AS_OF, secret=SECRET)
    assert tree(tmp_path / "other/current") == tree(out / "current")
    every = looked_at()
    # Damaged, of another program, under another secret, or after going back: nothing is believed.
    data = bytearray((rows / "keys.npy").read_bytes())
    data[-1] ^= 1
    (rows / "keys.npy").write_bytes(bytes(data))
    build_site(root, out, AS_OF, secret=SECRET)
    assert looked_at() == every
    with monkeypatch.context() as patch:
        patch.setattr(remembered, "made_by", lambda *libraries: "another")
        build_site(root, out, AS_OF, secret=SECRET)
    assert looked_at() == every
    build_site(root, out, AS_OF, secret=b"another")
    assert looked_at() == every
    build_site(root, out, AS_OF, secret=SECRET)
    looked_at()
    roll_back(out, first.release, shows_again=True)
    build_site(root, out, AS_OF, secret=SECRET)
    assert looked_at() == every
    build_site(root, out, AS_OF)
    assert looked_at() == every
    assert not rows.exists(), "without a secret nothing is kept"

"""A build killed before each of the changes that make its release live: the old one is live or the new one, whole."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from publish.release.layout import Layout
from publish.release.roll_back import roll_back
from publish.release.state import load_history

from .conftest import release, tree
from .killing import Killed, die_before, killed

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def dies(out: Path, number: int) -> None:
    """Dies before the change of that number, in the build of JUNE."""
    die_before(number, ("rename", "replace", "symlink", "utime"))
    release(out, JUNE, b"new")


@pytest.fixture
def run() -> Iterator[Killed]:
    with killed("tests.release.test_last_steps", "dies") as run:
        yield run


def test_killed_before_each_change(run: Killed, tmp_path: Path) -> None:
    start, out = tmp_path / "start", tmp_path / "out"
    first = release(start, MAY, b"old")
    old = tree(start / "current")
    second = release(tmp_path / "whole", JUNE, b"new")
    new = tree(tmp_path / "whole" / "current")
    lives = []
    for number in range(1, 50):
        shutil.copytree(start, out, symlinks=True)
        code = run(out, number)
        live = Layout(out).live()
        assert live is not None
        lives.append(live)
        assert tree(out / "current") == (old if live == first else new)
        assert release(out, JUNE, b"new") == second
        assert tree(out / "current") == new
        assert load_history(Layout(out)) == [first, second], number
        assert list((out / "staging").iterdir()) == []
        assert roll_back(out) == first
        shutil.rmtree(out)
        if code == 0:
            break
        assert code == -9
    assert lives == sorted(lives), "once live, it stays"
    assert len(lives) > 6

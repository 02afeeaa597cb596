"""A build killed before each of the changes that make its release live: the old one is live or the new one, whole."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from publish.release.layout import Layout
from publish.release.roll_back import roll_back
from publish.release.state import load_history

from .conftest import release, tree

ROOT = Path(__file__).parents[2]
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)

# Dies before the change of that number, in the build of JUNE.
SCRIPT = """
import sys
from datetime import date
from pathlib import Path
from tests.release.conftest import release
from tests.release.killing import die_before

die_before(int(sys.argv[2]), ("rename", "replace", "symlink", "utime"))
release(Path(sys.argv[1]), date(2026, 6, 1), b"new")
"""


def test_killed_before_each_change(tmp_path: Path) -> None:
    start, out = tmp_path / "start", tmp_path / "out"
    first = release(start, MAY, b"old")
    old = tree(start / "current")
    second = release(tmp_path / "whole", JUNE, b"new")
    new = tree(tmp_path / "whole" / "current")
    lives = []
    for number in range(1, 50):
        shutil.copytree(start, out, symlinks=True)
        done = subprocess.run([sys.executable, "-c", SCRIPT, str(out), str(number)], cwd=ROOT)
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
        if done.returncode == 0:
            break
        assert done.returncode == -9
    assert lives == sorted(lives), "once live, it stays"
    assert len(lives) > 6

"""What is done once in a process of the tests changes no byte of a site."""

import subprocess
import sys
from pathlib import Path

from publish.render import minify, static_memory
from tests.nightkit import AS_OF
from tests.sitekit import SITES, build_site, tree

ROOT = Path(__file__).parents[1]


def test_a_site_is_as_in_a_process_of_its_own(tmp_path: Path) -> None:
    assert static_memory.published is not minify.published, "builds of this process remember"
    for out in ("first", "again"):
        build_site(SITES / "minimal", tmp_path / out, AS_OF)
    arguments = ["build", "--root", str(SITES / "minimal"), "--out", str(tmp_path / "own"), "--as-of", str(AS_OF)]
    subprocess.run([sys.executable, str(ROOT / "build.py"), *arguments], check=True, capture_output=True)
    own = tree(tmp_path / "own/current")
    assert tree(tmp_path / "first/current") == tree(tmp_path / "again/current") == own

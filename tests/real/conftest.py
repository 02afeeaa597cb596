"""Real input stands beside the repository, in ../shared/inputs; without it these tests are skipped, and say so."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_input() -> Callable[[str], Path]:
    """`shared_input(name)`: the folder of a real input; skips the test where it is absent."""

    def find(name: str) -> Path:
        folder = REPOSITORY.parent / "shared" / "inputs" / name
        if not folder.is_dir():
            pytest.skip(f"real input ../shared/inputs/{name} is not here")
        return folder

    return find


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """`program(script, *arguments)`: run a Python script of the repository; its standard output.

    The test fails if it does not end with 0. Settings of the person who runs the tests stay out.
    """

    def run(script: str, *arguments: str | Path) -> str:
        command = [sys.executable, str(REPOSITORY / script), *map(str, arguments)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGSHI_")}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run

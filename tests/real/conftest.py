"""Real input stands beside the repository, in ../shared/inputs; without it these tests are skipped, and say so."""

from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def shared_input() -> Callable[[str], Path]:
    """`shared_input(name)`: the folder of a real input; skips the test where it is absent."""

    def find(name: str) -> Path:
        folder = REPOSITORY.parent / "shared" / "inputs" / name
        if not folder.is_dir():
            pytest.skip(f"real input ../shared/inputs/{name} is not here")
        return folder

    return find

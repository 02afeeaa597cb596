"""What tests of the import share: an import of a text in memory, and what must hold of every import."""

from collections.abc import Callable
from pathlib import Path

import pytest

from publish.importers.policy.cleaning import Cleaned, clean
from publish.importers.policy.lines import Copy, Place
from publish.importers.policy.reading import text_lines
from tests.importers.policy.account import assert_accounted

REPOSITORY = Path(__file__).resolve().parents[3]
CleanOf = Callable[..., tuple[Cleaned, ...]]


@pytest.fixture(scope="session")
def cleaned() -> CleanOf:
    """`cleaned(text, simplified=False)`: the documents of a plain text; every line of it is accounted for."""

    def run(text: str, *, simplified: bool = False) -> tuple[Cleaned, ...]:
        copy = Copy("copy.txt", "text", "utf-8", text_lines(text))
        documents = clean(copy, simplified=simplified)
        assert_accounted(copy, documents)
        return documents

    return run


@pytest.fixture(scope="session")
def texts() -> Callable[[Cleaned], list[str]]:
    """`texts(document)`: the lines of its body, a table as its rows with bars."""

    def lines(document: Cleaned) -> list[str]:
        body = [line for line in document.lines if line.place is Place.BODY]
        return ["\n".join(" | ".join(row) for row in line.rows) if line.rows else line.text for line in body]

    return lines


@pytest.fixture(scope="session")
def policy_inputs() -> Path:
    """The raw policy texts beside the repository; skips where they are absent, and says so."""
    folder = REPOSITORY.parent / "shared" / "inputs" / "policies"
    if not folder.is_dir():
        pytest.skip("real input ../shared/inputs/policies is not here")
    return folder

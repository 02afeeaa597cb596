"""For all tests."""

from collections.abc import Iterator

import pytest

from tests.once import once


@pytest.fixture(scope="session", autouse=True)
def _once() -> Iterator[None]:
    """Builds in this process do not do anew what all builds do alike."""
    with once():
        yield

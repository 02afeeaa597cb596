"""For all tests: what builds do alike is done once, and the files that take long come first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.once import once
from tests.sitekit import Builds

settings.register_profile("gongshi", deadline=None)  # no test is timed, on machines that others use too
settings.load_profile("gongshi")

# With two processes, each of which takes the next file when it is done: both end together if the last files are short.
LONG = (
    "search/test_differential.py",
    "search/test_increment.py",
    "test_interruption.py",
    "real/test_labour_series.py",
    "test_builds.py",
    "release/test_recycling.py",
    "disclose/test_quiet.py",
    "disclose/test_adding_rules.py",
    "release/test_data_live.py",
    "release/test_data_search.py",
    "disclose/test_value_nights.py",
    "browser/test_templates.py",
    "browser/test_search.py",
    "browser/test_site.py",
    "test_setup.py",
    "test_data_nights.py",
    "test_value_nights.py",
    "test_shared_pages.py",
    "test_fuzz_leaks.py",
    "validate/test_differential.py",
)


@pytest.fixture(scope="session", autouse=True)
def _once() -> Iterator[None]:
    with once():
        yield


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    return Builds(tmp_path_factory.mktemp("builds"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of LONG first, in its order; all others as they were."""
    here = Path(__file__).parent
    places = {here / name: place for place, name in enumerate(LONG)}
    assert all(path.exists() for path in places), "a file of LONG is not there any more"
    items.sort(key=lambda item: places.get(item.path, len(LONG)))

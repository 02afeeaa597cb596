"""Whole sites with one kind of fault each, against the issues they must give.

`python -m tests.load.test_bad_sites --write`, from the root of the project, writes the goldens anew; read the
difference before committing it.
"""

import sys
from pathlib import Path

import pytest

from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.packages import load_data_packages
from publish.model.issue import BuildStopped, Issue

SITES = Path(__file__).resolve().parents[1] / "sites"
CASES = sorted([*SITES.glob("bad-config-*"), *SITES.glob("bad-package-*")])
GOLDEN = "expected-issues.txt"


def issues_of(root: Path) -> tuple[Issue, ...]:
    """All that loading finds, as a build would: nothing more once the configuration is wrong."""
    try:
        config = load_config(root)
    except BuildStopped as stopped:
        return stopped.issues
    return load_data_packages(root, config)[1] + load_documents(root, config)[2]


def told(root: Path) -> str:
    return "".join(f"{line}\n" for line in sorted(map(str, issues_of(root))))


def test_there_are_cases() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("root", CASES, ids=lambda root: root.name)
def test_issues_are_the_expected_ones(root: Path) -> None:
    assert told(root) == (root / GOLDEN).read_text(encoding="utf-8")


@pytest.mark.parametrize("root", CASES, ids=lambda root: root.name)
def test_no_issue_tells_a_cell(root: Path) -> None:
    assert issues_of(root)
    assert "canary" not in repr(issues_of(root))


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for case in CASES:
        (case / GOLDEN).write_text(told(case), encoding="utf-8")

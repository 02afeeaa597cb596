"""Whole sites with one kind of bad row each: what `check` finds, what a build does with it.

`python -m tests.validate.test_bad_rows --write`, from the root of the project, writes the goldens anew; read the
difference before committing it.
"""

import sys
from datetime import date
from pathlib import Path

import pytest

from publish.model.issue import BuildStopped, Issue, Level
from publish.questions import check
from tests.sitekit import SITES, SilentProgress, build_site, everything_readable

CASES = sorted(SITES.glob("bad-rows-*"))
GOLDEN = "expected-issues.txt"
CANARY = "canary"


def issues_of(root: Path) -> tuple[Issue, ...]:
    return check(root, SilentProgress())


def told(root: Path) -> str:
    return "".join(f"{line}\n" for line in sorted(map(str, issues_of(root))))


def test_there_are_cases() -> None:
    assert len(CASES) >= 25


@pytest.mark.parametrize("root", CASES, ids=lambda root: root.name)
def test_issues_are_the_expected_ones(root: Path) -> None:
    assert told(root) == (root / GOLDEN).read_text(encoding="utf-8")
    assert CANARY not in repr(issues_of(root))


@pytest.mark.parametrize("root", CASES, ids=lambda root: root.name)
def test_a_structural_fault_stops_the_build_and_a_bad_record_is_withheld(root: Path, tmp_path: Path) -> None:
    levels = {issue.level for issue in issues_of(root)}
    if Level.ERROR in levels:
        with pytest.raises(BuildStopped):
            build_site(root, tmp_path, date(2026, 11, 20))
        assert not (tmp_path / "current").exists()
        assert not [name for name, data in everything_readable(tmp_path) if CANARY.encode() in data]
    else:
        assert Level.RECORD in levels
        records = build_site(root, tmp_path, date(2026, 11, 20)).records
        assert sum(records.withheld.values()) >= 1
        assert records.published == records.records - sum(records.withheld.values())


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for case in CASES:
        (case / GOLDEN).write_text(told(case), encoding="utf-8")

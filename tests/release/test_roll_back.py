"""Going back to an earlier release, and what protects those whose time has run out."""

from datetime import date
from pathlib import Path

import pytest

from publish.model.issue import BuildStopped
from publish.release.layout import Layout
from publish.release.roll_back import roll_back
from publish.release.state import load_history

from .conftest import Build, publication_of, release

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
ONE, TWO = "0" * 20, "1" * 20


def codes(out: Path, name: str | None, today: date | None) -> list[str]:
    live = (out / "current").readlink()
    with pytest.raises(BuildStopped) as stopped:
        roll_back(out, name, today=today)
    assert (out / "current").readlink() == live
    return [issue.code for issue in stopped.value.issues]


def test_roll_back_and_forth(out: Path) -> None:
    first, second = release(out, APRIL, b"1"), release(out, MAY, b"2")
    assert roll_back(out) == first
    assert (out / "current" / "index.html").read_bytes() == b"1"
    assert load_history(Layout(out)) == [second, first]
    assert roll_back(out, second) == second
    assert (out / "current" / "index.html").read_bytes() == b"2"


@pytest.mark.parametrize("name", ["2026-01-01-000000000000", "../..", "", "/etc"])
def test_roll_back_to_nothing(build: Build, out: Path, name: str) -> None:
    build()
    assert codes(out, name, None) == codes(out, None, None) == ["release.unknown"]


def test_roll_back_to_a_damaged_release_is_refused(out: Path) -> None:
    first, _ = release(out, APRIL, b"1"), release(out, MAY, b"2")
    (out / "releases" / first / "index.html").unlink()
    assert codes(out, first, None) == ["release.file-missing"]


def test_a_day_that_is_past_wants_a_flag(out: Path) -> None:
    """Both releases show the same record, but what has ended since nobody has looked at."""
    first, _ = release(out, APRIL, b"1"), release(out, MAY, b"2")
    assert codes(out, None, MAY) == ["release.past-day"]
    assert roll_back(out, first, today=MAY, shows_again=True) == first


def test_the_same_day_is_free_if_nobody_comes_back(out: Path) -> None:
    first, _ = release(out, MAY, b"1"), release(out, MAY, b"2")
    assert roll_back(out, today=MAY) == first


def test_a_record_that_left_the_same_day_wants_a_flag(out: Path) -> None:
    """A wrong listing that was taken off at noon is in the morning's release of the same day."""
    first = release(out, MAY, b"1", publication_of(MAY, (ONE, TWO)))
    release(out, MAY, b"2", publication_of(MAY, (ONE,), exits=(TWO,)))
    with pytest.raises(BuildStopped) as stopped:
        roll_back(out, first, today=MAY)
    (issue,) = stopped.value.issues
    assert (issue.code, issue.count) == ("release.shows-again", 1)
    assert "expired 1" in issue.hint
    assert TWO not in str(issue)
    assert roll_back(out, first, shows_again=True) == first


def test_a_record_whose_last_day_is_past_counts_though_the_live_release_is_stale_too(out: Path) -> None:
    """The register's records run until 2027-01-01."""
    first, _ = release(out, MAY, b"1"), release(out, MAY, b"2")
    assert codes(out, first, date(2027, 1, 2)) == ["release.past-day", "release.shows-again"]


def test_without_its_state_nothing_is_known_of_a_release(out: Path) -> None:
    first, _ = release(out, MAY, b"1"), release(out, MAY, b"2")
    (out / "state" / first).unlink()
    assert codes(out, first, MAY) == ["release.state-missing"]
    assert roll_back(out, first, today=MAY, shows_again=True) == first


def test_where_nothing_is_live_a_release_can_be_made_live(out: Path) -> None:
    first = release(out, MAY)
    (out / "current").unlink()
    assert roll_back(out, first, today=MAY) == first
    assert (out / "current" / "index.html").is_file()

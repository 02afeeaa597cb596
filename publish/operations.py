"""What is done with releases that are there, without building: list them, go back to one, remove old ones."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from publish.load.config import load_config
from publish.model.config import ReleasePolicy
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.report import ReleaseEntry
from publish.release import listing, pruning, roll_back
from publish.release.afterwards import empty, start_afterwards
from publish.release.layout import Layout
from publish.release.state import release_named


def releases(out: Path) -> tuple[ReleaseEntry, ...]:
    """All releases, the live one with its mark, in the order in which they last went live."""
    return listing.list_releases(out)


def go_back(out: Path, wanted: str | None, today: date | None, *, shows_again: bool, wait: bool) -> str:
    """Make the release of that name or day live, or the one before the live one. Returns its name.

    Raises BuildStopped as `roll_back` does: a release that shows again what has ended wants `shows_again`.
    """
    name = release_named(out, wanted) if wanted is not None else None
    return roll_back.roll_back(out, name, today=today, shows_again=shows_again, wait=wait)


def policy_of(root: Path, keep: int | None, days: int | None, hours: int | None) -> ReleasePolicy:
    """The site's policy with what is given instead; where all is given, the configuration is not read.

    Raises BuildStopped for a bad configuration.
    """
    if keep is not None and days is not None and hours is not None:
        return ReleasePolicy(keep, days, hours)
    given = {"keep": keep, "days": days, "in_use_hours": hours}
    return replace(load_config(root).releases, **{name: value for name, value in given.items() if value is not None})


def prune(out: Path, policy: ReleasePolicy, now: datetime, *, wait: bool, dry: bool) -> tuple[str, ...]:
    """Put old releases aside by the policy and return their names; `dry` only tells them."""
    return pruning.prune(out, policy, now, wait=wait, dry=dry)


def remove_aside(out: Path, advance: Callable[[int], None]) -> None:
    """Remove what was put aside, now. `advance` is told how many files are gone.

    Raises BuildStopped `release.not-removed` if something is left.
    """
    left = empty(Layout(out.absolute()).trash, advance)
    if left:
        hint = "old releases that were put aside could not be removed; look at the owner of what is in OUT/trash"
        raise BuildStopped((Issue("release.not-removed", Level.ERROR, hint, count=len(left)),))


def tidy_later(out: Path) -> None:
    """Remove what was put aside, and lay out a spare tree if one is wanted, in processes that nobody waits for."""
    start_afterwards(out.absolute())

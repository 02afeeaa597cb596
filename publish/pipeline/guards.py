"""What stops a build, or warns of one, by what it would replace."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from publish.model.config import SiteConfig
from publish.model.issue import Issue, Level
from publish.model.public import Disclosure
from publish.release.state import load_previous_manifest


def day_of_live(out: Path) -> date | None:
    """The day of the live release, if there is one. Raises BuildStopped `release.manifest-broken`."""
    manifest = load_previous_manifest(out)
    return manifest.as_of if manifest else None


def guard_day(live: date | None, as_of: date) -> Iterator[Issue]:
    """A warning if the live release is of a later day: what has ended since would be public again."""
    if live is not None and live > as_of:
        hint = f"the live release is of {live}; this one shows what was public on {as_of} and has ended since"
        yield Issue("release.earlier-day", Level.WARNING, hint)


def guard_secret(config: SiteConfig, disclosure: Disclosure, secret: bytes) -> Iterator[Issue]:
    """A warning if keys can be guessed although there are notices that name nobody. A demonstration has no secrets."""
    if not secret and not config.demonstration and (disclosure.exits.frame.height or disclosure.withdrawals.height):
        hint = "record addresses are derived without a secret: whoever knows a record's id can find its exit notice"
        yield Issue("build.no-secret", Level.WARNING, f"{hint}; use --key-file (docs/commands.md)")

"""diff: what changed between two releases, and why."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from publish.model.explanation import Difference
from publish.model.issue import BuildStopped
from publish.model.public import EXIT_SCHEMA, LEDGER_SCHEMA, PUBLICATION_SCHEMA, Ledger, Publication
from publish.release.compare import compare
from publish.release.staging import staged_release
from publish.release.state import State, load_state, release_named

from .conftest import CHECKS, ledger_of, publication_of

MONDAY, TUESDAY = date(2026, 5, 4), date(2026, 5, 5)


def state(day: date, shown: dict[str, date | None], exits: dict[str, str], rules: dict[str, tuple[str, str]]) -> State:
    """`shown`: key to last day; `exits`: key to reason; `rules`: key to (outcome, rule)."""
    records = [("penalties", key, None, until, None, False) for key, until in shown.items()]
    left = [(key, "penalties", None, day, reason, "", day, True) for key, reason in exits.items()]
    entries = [("penalties", key, 2, None, outcome, rule, "", None) for key, (outcome, rule) in rules.items()]
    return State(
        Publication(
            day,
            pl.DataFrame(records, schema=dict(PUBLICATION_SCHEMA), orient="row"),
            pl.DataFrame(left, schema=dict(EXIT_SCHEMA), orient="row"),
        ),
        Ledger(pl.DataFrame(entries, schema=dict(LEDGER_SCHEMA), orient="row")),
    )


def test_reasons() -> None:
    end = date(2027, 1, 1)
    before = state(
        MONDAY,
        {"stays": end, "expires": MONDAY, "repaired": end, "minor": end, "gone": end, "shorter": end, "longer": end},
        {"expires-too": "expired"},
        {"comes": ("pending", "n36.validity"), "back": ("suspended", "objection")},
    )
    after = state(
        TUESDAY,
        {"stays": end, "shorter": MONDAY, "longer": None, "comes": end, "back": end, "fresh": end},
        {"expires": "expired", "repaired": "repaired"},
        {"expires": ("expired", "n36.validity"), "repaired": ("exited", "repair"), "minor": ("withheld", "n36.minor")},
    )
    assert compare(before, after) == (
        Difference("penalties", "appeared", "new", ("fresh",)),
        Difference("penalties", "appeared", "objection", ("back",)),
        Difference("penalties", "appeared", "pending", ("comes",)),
        Difference("penalties", "left", "expired", ("expires",)),
        Difference("penalties", "left", "n36.minor", ("minor",)),
        Difference("penalties", "left", "repaired", ("repaired",)),
        Difference("penalties", "left", "vanished", ("gone",)),
        Difference("penalties", "until", "earlier", ("shorter",)),
        Difference("penalties", "until", "later", ("longer",)),
    )
    assert compare(after, after) == ()


def test_releases_by_name_by_day_and_the_live_one(out: Path) -> None:
    names = []
    for day, page in ((MONDAY, b"1"), (TUESDAY, b"2"), (TUESDAY, b"3")):
        with staged_release(out, day, durable=False) as staged:
            staged.write("/", page)
            names.append(staged.finish(State(publication_of(day), ledger_of()), {}, CHECKS).name)
    assert release_named(out, names[1]) == names[1]
    assert release_named(out, "2026-05-05") == names[2]
    assert release_named(out, "current") == names[2]
    assert load_state(out, names[0]).publication.as_of == MONDAY
    for wanted in ("2026-05-06", "2026", "../x"):
        with pytest.raises(BuildStopped) as stopped:
            release_named(out, wanted)
        assert stopped.value.issues[0].code == "release.unknown"

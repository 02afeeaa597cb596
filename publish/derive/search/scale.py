"""How large the pieces of an index are, and what of it is expected to change."""

from dataclasses import dataclass
from datetime import date, timedelta

EPOCH = 719_163  # the ordinal of 1970-01-01; days of the index are ordinals, 0 is "undated"
_SECOND = 16  # day of a month on which its second half begins
LATE = 10  # days within which a decision is usually published


@dataclass(frozen=True, slots=True)
class Scale:
    """Targets, met on average. The defaults are for a reader on a phone and at most 20,000 files at a million units.

    `block_rows` units of a block of records or sections, `near_rows` of a block of the passing run, where most searches
    end, `old_rows` of one of the lasting run that is older than a year; `block_weight` and `old_weight` bytes of their
    text; `name_rows`, `passing_rows` (names that come or go soon), `subject_rows`, `known_rows`, `number_rows` rows of
    a block of each table; `list_numbers` numbers of a shard of lists; `node` blocks under a node of a table; `near`
    newest blocks that are reached without a directory of their own; `divided` units from which on what is expected to
    change is kept apart, and `monthly` those from which on periods are months.
    """

    block_rows: int = 192
    old_rows: int = 430
    near_rows: int = 80
    block_weight: int = 240_000
    old_weight: int = 530_000
    name_rows: int = 498
    passing_rows: int = 210
    subject_rows: int = 256
    known_rows: int = 2048
    number_rows: int = 500
    list_numbers: int = 12_000
    node: int = 60
    near: int = 300
    monthly: int = 300_000
    divided: int = 300_000


@dataclass(frozen=True, slots=True)
class Season:
    """The half of a month in which the cuts of an index stay where they are.

    What was decided on `fresh` or later is expected to come, and what is public up to `passing` at the longest is
    expected to go, both before the season ends; days since 1970. So the parts of the index that hold nothing of
    either hardly change, and a page that is older than `passing` must not be believed any more.
    """

    fresh: int
    passing: int


def season_of(as_of: date) -> Season:
    """The season of a day: it begins on the 11th and on the 26th of a month, as decisions come in a few days late."""
    late = as_of - timedelta(days=LATE)
    first = late.replace(day=1 if late.day < _SECOND else _SECOND)
    following = first.replace(day=_SECOND) if first.day == 1 else (first + timedelta(days=20)).replace(day=1)
    last = following + timedelta(days=LATE - 1)
    return Season(first.toordinal() - EPOCH, last.toordinal() - EPOCH)

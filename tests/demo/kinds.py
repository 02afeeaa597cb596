"""Kinds of act and list, and how one that suits a subject is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.demo.streams import Floats, Ints, weighted

KIND_LETTERS: Final = "otp"  # organisation, sole trader, natural person
# food, making, building, vehicles and ships, health and beauty, shops and services, farming and fishing, lodging and
# leisure, education and public bodies
SECTORS: Final = "fmbvhsale"


@dataclass(frozen=True, slots=True)
class Violation:
    """One kind of violation.

    `who`: KIND_LETTERS of those that commit it; `trades`: SECTORS it happens in, empty for all (persons have none).
    `acts`: what the subject did, completing 「…发现，<subject>…」. `fine`: usual range in 元. `grave`: the measure of
    a serious case; `certificate`: what may be suspended or revoked; `gain`: unlawful income may be confiscated.
    """

    authority: str
    who: str
    trades: str
    weight: int
    reason: str
    law: str
    acts: tuple[str, ...]
    fine: tuple[int, int]
    grave: str = "责令停产停业"
    certificate: str = ""
    gain: bool = False


@dataclass(frozen=True, slots=True)
class Permit:
    """One kind of licence. `who`, `trades` as in Violation; `years` of validity, 0: long-term.

    `certificate` is empty if none is issued.
    """

    authority: str
    who: str
    trades: str
    weight: int
    document: str
    category: str
    certificate: str
    contents: tuple[str, ...]
    years: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One list and why somebody is on it. `basis` is a law, regulation or national document (SW (8))."""

    authority: str
    who: str
    trades: str
    weight: int
    name: str
    basis: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suitable:
    """Chooses rows of a table of kinds by weight, among those that suit the subject."""

    weights: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, rows: Sequence[Violation | Permit | Listing]) -> "Suitable":
        """One tuple of weights for each kind and sector of a subject."""
        return cls(
            tuple(
                tuple(row.weight * float(_suits(row, letter, sector)) for row in rows)
                for letter in KIND_LETTERS
                for sector in SECTORS
            )
        )

    def choose(self, uniform: Floats, kind: Ints, sector: Ints) -> Ints:
        """A row index for each subject."""
        group = kind * len(SECTORS) + sector
        chosen = np.zeros(len(kind), dtype=np.int64)
        for number in np.unique(group):
            these = group == number
            chosen[these] = weighted(uniform[these], self.weights[number])
        return chosen


def _suits(row: Violation | Permit | Listing, letter: str, sector: str) -> bool:
    return letter in row.who and (letter == "p" or not row.trades or sector in row.trades)

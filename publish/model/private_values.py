"""What must not be in a release: the private values of a build as sieves, and which field each of them is of."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from publish.model.sieve import Sieve

PRIVATE_COUNTS_SCHEMA: Mapping[str, pl.DataType] = {
    "package": pl.String(),
    "resource": pl.String(),
    "field": pl.String(),
    "weak": pl.UInt32(),
    "let_off": pl.UInt32(),
    "held": pl.UInt32(),
}

# What data files have between cells (publish/release/data_lines.py).
JOINTS = frozenset('<>"\n\r,')
MARKUP = frozenset('<>"')  # those of them that pages have around cells


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field of a source table."""

    package: str
    resource: str
    field: str


@dataclass(frozen=True, slots=True)
class PrivateValues:
    """The private values of a build, without one of them in plain.

    `sieves` hold all together; `owners` of their values are indexes of `places`. `counts` has PRIVATE_COUNTS_SCHEMA,
    one row per place in order: distinct values that prove nothing because they are short or plain numbers (`weak`),
    spellings that public data or texts hold too (`let_off`), and spellings that are looked for (`held`). A value of
    several fields counts for the first. `lines`: over how many lines a value goes at most. `fresh`: sets of those
    values that were not looked for when the last release was made; None: that is not known.

    `joined`: those values that have one of JOINTS in them, and `joints` which of those. Every value begins with an
    ASCII letter or digit or beyond ASCII, and ends so unless it is cut. None: that is not known.
    """

    sieves: tuple[Sieve, ...]
    places: tuple[FieldPlace, ...]
    counts: pl.DataFrame
    lines: int = 1
    fresh: tuple[Sieve, ...] | None = None
    joined: Sieve | None = None
    joints: frozenset[str] = frozenset()

    @property
    def barriers(self) -> str:
        """Which of MARKUP no value has, as far as that is known; sorted."""
        return "" if self.joined is None else "".join(sorted(MARKUP - self.joints))

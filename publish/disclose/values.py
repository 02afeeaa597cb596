"""What a build knows of values: the sets of all that may be private, what public rows and texts hold of them, and which
rows they are of. From it follows what is looked for; and the next build goes on from it (value_night.py)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.public_values import Held
from publish.disclose.value_sets import JoinedValues
from publish.model.private_values import JOINTS, PRIVATE_COUNTS_SCHEMA, FieldPlace, PrivateValues
from publish.model.sieve import Sieve
from publish.model.sieve_windows import Flags, Words

TEXT_SCHEMA: Mapping[str, pl.DataType] = {"key": pl.UInt64(), "text": pl.Binary()}


@dataclass(frozen=True, slots=True)
class Marked:
    """Of each set, by id: `witness`, the hash of a public row that holds the value (0: none does), and `others`,
    whether anything that is public beside rows does. Those without either are private. `texts`: `key` (UInt64, the
    hash) and `text` (Binary) of all that rows hold, or held."""

    witness: tuple[Words, ...]
    others: tuple[Flags, ...]
    texts: list[pl.DataFrame]

    @staticmethod
    def none(sieves: Sequence[Sieve]) -> "Marked":
        """Nothing is public."""
        witness = tuple(np.zeros(len(one), np.uint64) for one in sieves)
        return Marked(witness, tuple(np.zeros(len(one), np.bool_) for one in sieves), [])

    def note(self, sieves: Sequence[Sieve], found: Iterable[list[Held]], rows: Sequence[Words]) -> None:
        """What of the sets public cells were found to hold. `rows` are the hashes of the rows of each public table."""
        for held in found:
            for number, one in enumerate(held):
                if one.table is None:
                    self.others[number][one.ids] = True
                elif len(one.ids):
                    self.witness[number][one.ids] = rows[one.table][one.rows]
                    keys = pl.Series("key", sieves[number].keys[one.ids])
                    self.texts.append(pl.DataFrame([keys, one.texts.alias("text")], schema=dict(TEXT_SCHEMA)))

    def public_texts(self, sieves: Sequence[Sieve]) -> pl.DataFrame:
        """TEXT_SCHEMA, of each value that a public row holds, and of no other."""
        shown = [
            pl.DataFrame({"key": sieve.keys[witness != 0]}, schema={"key": pl.UInt64})
            for sieve, witness in zip(sieves, self.witness, strict=True)
        ]
        every = pl.concat([pl.DataFrame(schema=dict(TEXT_SCHEMA)), *self.texts])
        wanted = pl.concat([pl.DataFrame(schema={"key": pl.UInt64}), *shown])
        return every.join(wanted, on="key", how="semi").unique("key", keep="any").sort("key")

    def held(self) -> tuple[Flags, ...]:
        """Which values are private."""
        return tuple((witness == 0) & ~others for witness, others in zip(self.witness, self.others, strict=True))


@dataclass(frozen=True, slots=True)
class Values:
    """`sieves`: spellings of all cells of the source but those of rows that are shown whole; after a night, of rows of
    earlier builds too. `joined`: those that have JOINTS in them; None: they are too many. By owner how many values were
    too `weak`; over how many `lines` a value goes at most. `source` and `public`: hashes, rising, of the rows of the
    source and of public ones. `first`: how many values there were when all was worked out anew. `odd`: hashes, rising,
    of those of the `public` rows that have odd cells (value_pieces.py); None: not known."""

    sieves: tuple[Sieve, ...]
    marked: Marked
    joined: JoinedValues | None
    weak: NDArray[np.uint32]
    lines: int
    source: Words
    public: Words
    first: int
    odd: Words | None = None

    def private(
        self, places: tuple[FieldPlace, ...], fresh: Callable[[Sequence[Sieve]], tuple[Sieve, ...] | None]
    ) -> PrivateValues:
        """Those that nothing public holds; `fresh` tells which of them are new since the last release."""
        held = self.marked.held()
        sieves = tuple(one.without(np.flatnonzero(~marks)) for one, marks in zip(self.sieves, held, strict=True))
        many = by_owner(sieves, len(places))
        counts = pl.DataFrame(
            {
                "package": [place.package for place in places],
                "resource": [place.resource for place in places],
                "field": [place.field for place in places],
                "weak": self.weak,
                "let_off": by_owner(self.sieves, len(places)) - many,
                "held": many,
            }
        ).cast(pl.Schema(PRIVATE_COUNTS_SCHEMA))
        joined = self.joined.among(sieves) if self.joined is not None else (None, JOINTS)
        return PrivateValues(sieves, places, counts, self.lines, fresh(sieves), *joined)


def by_owner(sieves: Iterable[Sieve], places: int) -> NDArray[np.int64]:
    """How many values of each field there are."""
    return sum((np.bincount(sieve.owners, minlength=places) for sieve in sieves), np.zeros(places, np.int64))

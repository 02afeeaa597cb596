"""Rows of which an earlier build found which of their texts masking changes, and where, told by keyed hashes.

What masking does to the texts of a row follows from its cells, from the fields and patterns, and from the names of
people whom no text of the site may hold. All but the last is in the hash of a row; for names that are new since, its
texts are searched again, which is quick, since they are few; and of a name of another record that masking found in a
row the hash is kept, so that the row is looked at again when that name is gone. No text is kept, masked or not.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.secrets import is_ideographic
from publish.model.distinct import among, distinct, places_in_turn

Hashes = NDArray[np.uint64]

NOT_KNOWN = np.uint64(2**64 - 1)
# What is due of rows, one below the other: the texts that masking changes, as bits (0: the row is quiet), or NOT_KNOWN;
# the place in the one text that has changed (`places_of`), 0 where it must be searched; and the hash of the one name
# that is not the row's own and was found in a row that masking changes, 0 where there is none.
BITS, PLACES, OTHERS = range(3)
_FEW = 200  # names that are looked for by a pattern


class TextMemory:
    """What the last build left, and what this one leaves. Without `key`, a secret, whoever has a copy of the hashes
    could guess by them what rows hold."""

    def __init__(self, key: bytes, rows: Hashes | None = None, people: Hashes | None = None) -> None:
        """`rows`: hashes, rising, of rows, and below them what is due of each; `people`: hashes of the names that they
        were searched for. None, or of another shape: nothing is known."""
        if not key:
            raise ValueError("a memory of texts takes a secret")
        self._key = key
        self._rows, self._people = _nobody(), np.zeros(0, np.uint64)
        if rows is not None and people is not None and rows.shape[:-1] == self._rows.shape[:-1]:
            self._rows, self._people = rows, people
        self._noted: list[Hashes] = []
        self._searched = np.zeros(0, np.uint64)

    def begin(self, made_of: str, people: pl.Series) -> "QuietRows":
        """The rows of one table. `made_of`: all that their masking depends on beside their cells and `people`, the
        folded names that no text may hold, the same for all tables of a build."""
        of_people = _seed(self._key, "people")
        hashes = people.hash(of_people).to_numpy()
        self._searched = distinct(hashes)
        fresh = people.filter(pl.Series(~among(hashes, self._people), dtype=pl.Boolean))
        # In a text as it is written only ideographs are found for certain.
        rows = self._still() if is_ideographic(fresh).all() else _nobody()
        return QuietRows(_seed(self._key, made_of), of_people, rows, tuple(fresh), self._searched, self._noted)

    def _still(self) -> Hashes:
        """What is known of rows that name nobody who is gone since."""
        others = self._rows[1 + OTHERS]
        naming = np.flatnonzero(others)
        gone = naming[~among(others[naming], self._searched)]
        return np.delete(self._rows, gone, axis=1) if gone.size else self._rows

    @property
    def rows(self) -> Hashes:
        """Of the rows of this build: their hashes, rising, and below them what is due."""
        noted = np.concatenate([_nobody(), *self._noted], axis=1)
        noted = noted[:, np.argsort(noted[0])]
        first = np.ones(noted.shape[1], np.bool_)
        first[1:] = noted[0, 1:] != noted[0, :-1]
        return noted[:, first]

    @property
    def people(self) -> Hashes:
        """Of the names that they have been searched for, rising."""
        return self._searched


@dataclass(frozen=True, slots=True)
class QuietRows:
    """Of one table. `rows`: hashes under `seed`, rising, and below them what is due; `fresh`: names, ideographs, that
    those were not searched for; `people`: hashes, rising, of all names, under `of_people`; `noted`: where rows of this
    build go, from any thread."""

    seed: int
    of_people: int
    rows: Hashes
    fresh: tuple[str, ...]
    people: Hashes
    noted: list[Hashes]

    def hashes(self, cells: pl.DataFrame) -> Hashes:
        """Of each row: `cells` are all that masking looks at."""
        return cells.hash_rows(self.seed).to_numpy()

    def name_hashes(self, names: pl.Series) -> Hashes:
        """Of folded names, to be remembered beside rows; 0 for what is none of the names searched for."""
        hashes = names.hash(self.of_people).to_numpy()
        return np.where(among(hashes, self.people), hashes, np.uint64(0))

    def due(self, hashes: Hashes, texts: Sequence[pl.Series]) -> Hashes:
        """What is due of each row; what is known is noted again. `texts`: columns that may name people."""
        due = nothing_due(hashes.size)
        due[BITS] = NOT_KNOWN
        if self.rows.shape[1]:
            order = np.argsort(hashes)  # what is due is gathered in that order too
            at = places_in_turn(hashes[order], self.rows[0])
            same = at >= 0
            due[:, order[same]] = self.rows[1:, at[same]]
            for text in texts if self.fresh else ():
                due[BITS, self._named(text)] = NOT_KNOWN
        self.note(hashes, due)
        return due

    def note(self, hashes: Hashes, due: Hashes) -> None:
        """What is known of rows now. Of none that is known a text is `parted`."""
        known = due[BITS] != NOT_KNOWN
        self.noted.append(np.vstack([hashes, due])[:, known])

    def _named(self, text: pl.Series) -> NDArray[np.bool_]:
        few = len(self.fresh) <= _FEW
        found = text.str.contains("|".join(self.fresh)) if few else text.str.contains_any(list(self.fresh))
        return found.fill_null(False).to_numpy()


def nothing_due(rows: int) -> Hashes:
    """Of so many rows."""
    return np.zeros((3, rows), np.uint64)


def _nobody() -> Hashes:
    return np.zeros((4, 0), np.uint64)


def _seed(key: bytes, of: str) -> int:
    return int.from_bytes(hashlib.blake2b(of.encode(), key=hashlib.blake2b(key).digest(), digest_size=8).digest())

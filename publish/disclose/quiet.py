"""Rows of which an earlier build found which of their texts masking changes, if any, told by keyed hashes.

What masking does to the texts of a row follows from its cells, from the fields and patterns, and from the names of
people whom no text of the site may hold. All but the last is in the hash of a row; for names that are new since, its
texts are searched again, which is quick, since they are few. No text is kept, masked or not.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.secrets import is_ideographic
from publish.model.distinct import among, distinct

Hashes = NDArray[np.uint64]

NOT_KNOWN = np.uint64(2**64 - 1)
_FEW = 200  # names that are looked for by a pattern


class TextMemory:
    """What the last build left, and what this one leaves. Without `key`, a secret, whoever has a copy of the hashes
    could guess by them what rows hold."""

    def __init__(self, key: bytes, rows: Hashes | None = None, people: Hashes | None = None) -> None:
        """`rows`: hashes, rising, of rows, and below them of each the texts that masking changed, as bits; `people`:
        hashes of the names that they were searched for. None: nothing is known."""
        if not key:
            raise ValueError("a memory of texts takes a secret")
        self._key = key
        known = rows is not None and people is not None
        self._rows = rows if known and rows is not None else _nothing()
        self._people = people if known and people is not None else np.zeros(0, np.uint64)
        self._noted: list[Hashes] = []
        self._searched = np.zeros(0, np.uint64)

    def begin(self, made_of: str, people: pl.Series) -> "QuietRows":
        """The rows of one table. `made_of`: all that their masking depends on beside their cells and `people`, the
        folded names that no text may hold, the same for all tables of a build."""
        hashes = people.hash(_seed(self._key, "people")).to_numpy()
        self._searched = distinct(hashes)
        fresh = people.filter(pl.Series(~among(hashes, self._people), dtype=pl.Boolean))
        # In a text as it is written only ideographs are found for certain.
        rows = self._rows if is_ideographic(fresh).all() else _nothing()
        return QuietRows(_seed(self._key, made_of), rows, tuple(fresh), self._noted)

    @property
    def rows(self) -> Hashes:
        """Of the rows of this build: their hashes, rising, and below them the texts that masking changes, as bits."""
        noted = np.concatenate([_nothing(), *self._noted], axis=1)
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
    """Of one table. `rows`: hashes under `seed`, rising, and below them bits as TextMemory has them; `fresh`: names,
    ideographs, that those were not searched for; `noted`: where rows of this build go, from any thread."""

    seed: int
    rows: Hashes
    fresh: tuple[str, ...]
    noted: list[Hashes]

    def hashes(self, cells: pl.DataFrame) -> Hashes:
        """Of each row: `cells` are all that masking looks at."""
        return cells.hash_rows(self.seed).to_numpy()

    def due(self, hashes: Hashes, texts: Sequence[pl.Series]) -> Hashes:
        """Of each row the texts that masking changes, as bits (0: it is quiet), or NOT_KNOWN; what is known is noted
        again. `texts`: columns that may name people."""
        due = np.full(hashes.size, NOT_KNOWN)
        if self.rows.shape[1]:
            known, bits = self.rows
            order = np.argsort(hashes)  # looked up in their order they are found in half the time
            at = np.minimum(np.searchsorted(known, hashes[order]), known.size - 1)
            due[order] = np.where(known[at] == hashes[order], bits[at], NOT_KNOWN)
            for text in texts if self.fresh else ():
                due[self._named(text)] = NOT_KNOWN
        self.note(hashes, due)
        return due

    def note(self, hashes: Hashes, due: Hashes) -> None:
        """What is known of rows now. Of none that is known a text is `parted`, and none that is changed is so by names
        of people that are not its own: those may be gone tomorrow."""
        known = due != NOT_KNOWN
        self.noted.append(np.stack([hashes[known], due[known]]))

    def _named(self, text: pl.Series) -> NDArray[np.bool_]:
        few = len(self.fresh) <= _FEW
        found = text.str.contains("|".join(self.fresh)) if few else text.str.contains_any(list(self.fresh))
        return found.fill_null(False).to_numpy()


def _nothing() -> Hashes:
    return np.zeros((2, 0), np.uint64)


def _seed(key: bytes, of: str) -> int:
    return int.from_bytes(hashlib.blake2b(of.encode(), key=hashlib.blake2b(key).digest(), digest_size=8).digest())

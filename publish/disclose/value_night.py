"""The private values of a build that follows another: only rows that are new are looked at, and only what may have
changed is looked for in public cells.

Why nothing is missed (`before` is what the last build knew, by this very program, key, fields and columns):

- Its sets hold the values of all cells of the last source but those that a public row showed in the same column, in a
  row shown whole. Of a row of today whose cells, and being shown whole or not, are as they were, all values are there.
  Every other row is new here, such as one whose time has run out, which is not shown any more, or one that is masked
  now: the values of all its cells come in, but those that are shown if it is shown whole. So the sets hold all private
  values; beside them only what is public, which is let off, and what is not of the source any more.
- A value that no public row held is held by one now only if that row is new: new public rows are searched for all
  values. One that a row held is known with that row, its witness; while the witness is there, it is public. Values
  whose witness is gone, and new values, are looked for where they are likely (value_settling.py). Those that are not
  found there are *unsettled*: public rows may hold them or not, and the release is searched for them. Only if it has
  one of them they are searched for in all public rows; what rows let off then is what a build from nothing lets off.
- What is public beside rows, such as texts and notices, is searched for all values each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.private_values import Means, Public, fields_of, measured, places_of, spellings
from publish.disclose.public_values import held_by, other_cells, row_cells
from publish.disclose.value_rows import new_rows, public_rows, source_rows
from publish.disclose.value_sets import Cells, are_in, owners_of, values_of
from publish.disclose.value_settling import moved, near_at_hand, odd_rows, only, small_of
from publish.disclose.values import TEXT_SCHEMA, Marked, Values
from publish.model.distinct import distinct
from publish.model.private_values import PrivateValues
from publish.model.sieve import Sieve
from publish.model.sieve_windows import Flags
from publish.model.source import CheckedTable

# Beyond these shares all is worked out anew: so many rows are new, or values have come since it was done last.
_NEW_ROWS, _GROWTH = 0.1, 0.25
_SPARE = 10_000  # which are few in any case


@dataclass(frozen=True, slots=True)
class Before:
    """What the last build knew, and which values of each set it was searched for."""

    values: Values
    held: tuple[Flags, ...]


@dataclass(frozen=True, slots=True)
class Night:
    """What is looked for in a night, and what the next build may go on from. `texts` (TEXT_SCHEMA): how values are
    written that may not be settled, those of them that are known."""

    private: PrivateValues
    values: Values
    texts: pl.DataFrame


def values_tonight(before: Before, tables: Sequence[CheckedTable], public: Public, means: Means) -> Night | None:
    """As private_values has it, but values that only earlier sources had are looked for too, and those that are not
    settled. None: too much is new."""
    rows = source_rows(tables, public.disclosure, means.key)
    chosen = [new_rows(one.hashes, before.values.source) for one in rows]
    if sum(map(len, chosen)) > _SPARE + _NEW_ROWS * len(before.values.source) or not before.values.sieves:
        return None
    weak, lines = before.values.weak.copy(), np.array([before.values.lines])
    found = spellings(fields_of(tables, rows, chosen), weak, public.folding, means.advance)
    grown = _grown(before, list(measured(found, lines)), means.key)
    if sum(map(len, grown.values.sieves)) > _SPARE + (1 + _GROWTH) * before.values.first:
        return None
    found_out = _marked(grown, public, means)
    if found_out is None:
        return None
    marked, small, texts = found_out
    values = replace(
        marked,
        weak=weak,
        lines=int(lines[0]),
        source=distinct(np.concatenate([one.hashes for one in rows])),
    )
    held = values.marked.held()
    fresh = [now & ~then for now, then in zip(held, grown.held, strict=True)]
    private = values.private(places_of(tables), lambda sieves: _fresh(values.sieves, fresh, small))
    return Night(private, values, texts)


@dataclass(frozen=True, slots=True)
class _Grown:
    """What was known, with the values of new rows, `new` those that were not there. `sought`: of each set those values
    of which is to be found out whether public rows hold them."""

    values: Values
    held: tuple[Flags, ...]
    new: tuple[Cells, ...]
    sought: tuple[Flags, ...]


def _grown(before: Before, cells: Sequence[Cells], key: bytes) -> _Grown:
    """With the values of new rows in the last of the sets."""
    values, sets = before.values, before.values.sieves
    new = [Cells(one.owner, one.values.filter(~are_in(Sieve.keys_of(one.values, key), sets))) for one in cells]
    last = sets[-1].with_more(values_of(new), owners_of(new))
    place = np.searchsorted(last.keys, sets[-1].keys)
    witness = np.zeros(len(last), np.uint64)
    witness[place] = values.marked.witness[-1]
    held, sought = np.zeros(len(last), np.bool_), np.ones(len(last), np.bool_)
    held[place], sought[place] = before.held[-1], False
    sieves = (*sets[:-1], last)
    witnesses = (*map(np.array, values.marked.witness[:-1]), witness)
    unsettled = np.zeros(len(last), np.bool_)
    unsettled[place] = values.marked.unsettled[-1]
    doubts = (*map(np.array, values.marked.unsettled[:-1]), unsettled)
    marked = Marked(witnesses, Marked.none(sieves).others, doubts, list(values.marked.texts))
    joined = values.joined.with_more(new, key) if values.joined is not None else None
    return _Grown(
        replace(values, sieves=sieves, marked=marked, joined=joined),
        (*before.held[:-1], held),
        tuple(new),
        (*(np.zeros(len(one), np.bool_) for one in sets[:-1]), sought),
    )


def _marked(grown: _Grown, public: Public, means: Means) -> tuple[Values, Sieve, pl.DataFrame] | None:
    """With what public rows are known to hold today, and all else holds; the set of values that were to be found out,
    and how they are written (TEXT_SCHEMA). None: what was remembered does not fit together."""
    values, disclosure = grown.values, public.disclosure
    shown = public_rows(disclosure, means.key)
    there = distinct(np.concatenate([np.zeros(0, np.uint64), *shown]))
    for witness, sought in zip(values.marked.witness, grown.sought, strict=True):
        known = np.flatnonzero(witness)
        gone = known[new_rows(witness[known], there)]
        witness[gone], sought[gone] = 0, True
    new = [pl.Series(new_rows(one, values.public), dtype=pl.UInt32) for one in shown]
    few = chain(row_cells(disclosure, new), other_cells(disclosure, public.texts))
    sieves, marked = values.sieves, values.marked
    marked.note(sieves, held_by(sieves, few, public.folding, None, None), shown)
    wanted = [sought & (one == 0) for sought, one in zip(grown.sought, marked.witness, strict=True)]
    small, written = _small(grown, wanted, means.key)
    if len(small) != len(distinct(np.concatenate([one.keys[of] for one, of in zip(sieves, wanted, strict=True)]))):
        return None
    if len(small):
        held = held_by((small,), near_at_hand(written["text"], disclosure), public.folding, None, None)
        marked.note(sieves, moved(held, small, sieves), shown)
    for unsettled, marks, witness in zip(marked.unsettled, wanted, marked.witness, strict=True):
        unsettled |= marks
        unsettled &= witness == 0
    odd = odd_rows(values.odd, new, shown, public)[1] if values.odd is not None else None
    return replace(values, public=there, odd=odd), small, written


def _small(grown: _Grown, wanted: Sequence[Flags], key: bytes) -> tuple[Sieve, pl.DataFrame]:
    """A set of the wanted values alone, which is searched for faster; and how they are written (TEXT_SCHEMA). Each
    value is of a new row or was shown by a row, so that is known."""
    sieves, new = grown.values.sieves, values_of(grown.new)
    own = pl.DataFrame({"key": Sieve.keys_of(new, key), "text": new.cast(pl.Binary)}, schema=dict(TEXT_SCHEMA))
    keys = distinct(np.concatenate([sieve.keys[marks] for sieve, marks in zip(sieves, wanted, strict=True)]))
    written = pl.concat([own, *grown.values.marked.texts])
    written = written.filter(pl.col("key").is_in(pl.Series(keys).implode())).unique("key")
    return small_of(written, sieves, key), written


def _fresh(sieves: Sequence[Sieve], fresh: Sequence[NDArray[np.bool_]], small: Sieve) -> Sieve | None:
    """Those that the last release was not searched for, from the small set if it has all, since it is searched for
    faster. None: they are of several sets, so that all values are searched for."""
    keys = distinct(np.concatenate([sieve.keys[marks] for sieve, marks in zip(sieves, fresh, strict=True)]))
    wanted = np.isin(small.keys, keys)
    if wanted.sum() == len(keys):
        return small.without(np.flatnonzero(~wanted))
    return only(sieves[0], np.flatnonzero(fresh[0])) if len(sieves) == 1 else None

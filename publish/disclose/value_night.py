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
  whose witness is gone, and new values, are searched for in all public rows. So what rows let off is what a build from
  nothing lets off.
- What is public beside rows, such as texts and notices, is searched for all values each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import polars as pl

from publish.disclose.private_values import Means, Public, fields_of, measured, places_of, spellings
from publish.disclose.public_values import Held, held_by, other_cells, row_cells, speller
from publish.disclose.value_pieces import Odd, Pieces, note_odd, odd_pattern
from publish.disclose.value_rows import new_rows, public_rows, source_rows
from publish.disclose.value_sets import Cells, are_in, is_in_rising, owners_of, values_of
from publish.disclose.values import TEXT_SCHEMA, Marked, Values
from publish.model.distinct import distinct, places, places_in_turn
from publish.model.private_values import PrivateValues
from publish.model.sieve import Sieve
from publish.model.sieve_windows import Flags, Ints, Words
from publish.model.source import CheckedTable

# Beyond these shares all is worked out anew: so many rows are new, or values have come since it was done last.
_NEW_ROWS, _GROWTH = 0.1, 0.25
_SPARE = 10_000  # which are few in any case
_SAMPLE = 4000  # rows of a table that tell which pieces are common
_ROWS = 100_000  # rows all cells of which are looked at together
_LIKELY = 200_000  # cells that are searched by workers rather than here


@dataclass(frozen=True, slots=True)
class Before:
    """What the last build knew, and which values of each set it was searched for."""

    values: Values
    held: tuple[Flags, ...]


def values_tonight(
    before: Before, tables: Sequence[CheckedTable], public: Public, means: Means
) -> tuple[PrivateValues, Values] | None:
    """As private_values has it, but values that only earlier sources had are looked for too. None: too much is new."""
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
    marked, small = found_out
    values = replace(
        marked,
        weak=weak,
        lines=int(lines[0]),
        source=distinct(np.concatenate([one.hashes for one in rows])),
    )
    held = values.marked.held()
    fresh = [now & ~then for now, then in zip(held, grown.held, strict=True)]
    return values.private(places_of(tables), lambda sieves: _fresh(values.sieves, fresh, small)), values


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
    marked = Marked(witnesses, Marked.none(sieves).others, list(values.marked.texts))
    joined = values.joined.with_more(new, key) if values.joined is not None else None
    return _Grown(
        replace(values, sieves=sieves, marked=marked, joined=joined),
        (*before.held[:-1], held),
        tuple(new),
        (*(np.zeros(len(one), np.bool_) for one in sets[:-1]), sought),
    )


def _marked(grown: _Grown, public: Public, means: Means) -> tuple[Values, Sieve] | None:
    """With what public rows and all else hold today; and the set of values that all rows were searched for. None: what
    was remembered does not fit together."""
    values, disclosure = grown.values, public.disclosure
    shown = public_rows(disclosure, means.key)
    there = distinct(np.concatenate([np.zeros(0, np.uint64), *shown]))
    for witness, sought in zip(values.marked.witness, grown.sought, strict=True):
        known = np.flatnonzero(witness)
        gone = known[new_rows(witness[known], there)]
        witness[gone], sought[gone] = 0, True
    new = [pl.Series(new_rows(one, values.public), dtype=pl.UInt32) for one in shown]
    few = chain(row_cells(disclosure, new), other_cells(disclosure, public.texts))
    sieves = values.sieves
    values.marked.note(sieves, held_by(sieves, few, public.folding, None, None), shown)
    wanted = [sought & (one == 0) for sought, one in zip(grown.sought, values.marked.witness, strict=True)]
    small, moves, texts = _small(grown, wanted, means.key)
    if len(small) != len(distinct(np.concatenate([one.keys[of] for one, of in zip(sieves, wanted, strict=True)]))):
        return None
    values = replace(values, public=there)
    if not len(small) and values.odd is None:
        return values, small
    odd, hashes = _odd(values.odd, new, shown, public)
    found = _held_by_rows(small, texts, public, odd, means)
    moved = ([_moved(one, at) for one, at in zip(held * len(moves), moves, strict=True)] for held in found)
    values.marked.note(sieves, moved, shown)
    return replace(values, odd=hashes), small


def _odd(known: Words | None, new: Sequence[pl.Series], shown: Sequence[Words], public: Public) -> tuple[Odd, Words]:
    """Which rows have odd cells, and their hashes, rising; `known` are those of rows that are not `new`, None: not
    known. (All such rows: of equal cells the row of one may be gone tomorrow.)"""
    pattern = odd_pattern(speller(public.folding) if public.folding is not None else None)
    rows = [np.zeros(len(one), np.bool_) if known is None else is_in_rising(one, known) for one in shown]
    if note_odd(rows, pattern, row_cells(public.disclosure, new if known is not None else None)) and known is None:
        for some in _some_rows([len(one) for one in shown]):
            note_odd(rows, pattern, row_cells(public.disclosure, some))
    hashes = [one[odd] for one, odd in zip(shown, rows, strict=True)]
    return Odd(pattern, rows), distinct(np.concatenate([np.zeros(0, np.uint64), *hashes]))


def _some_rows(sizes: Sequence[int]) -> Iterator[list[pl.Series]]:
    """All rows of the tables, some at a time."""
    for begin in range(0, max(sizes, default=0), _ROWS):
        ends = [(min(begin, size), min(begin + _ROWS, size)) for size in sizes]
        yield [pl.arange(first, end, dtype=pl.UInt32, eager=True) for first, end in ends]


def _held_by_rows(small: Sieve, texts: pl.Series, public: Public, odd: Odd, means: Means) -> Iterator[list[Held]]:
    """What of a small set public rows hold. `texts` (Binary): how its values are written."""
    if not len(small):
        return iter(())
    tables = [table.frame for table in public.disclosure.public]
    some = [pl.arange(0, len(one), max(1, len(one) // _SAMPLE), dtype=pl.UInt32, eager=True) for one in tables]
    pieces = Pieces.among(texts, (one.cells for one in row_cells(public.disclosure, some)))
    if pieces is None:
        return held_by((small,), row_cells(public.disclosure), public.folding, means.executor, means.scratch)
    likely = list(pieces.likely(row_cells(public.disclosure), odd))
    executor = means.executor if sum(len(one.cells) for one in likely) > _LIKELY else None
    return held_by((small,), likely, public.folding, executor, means.scratch)


def _small(grown: _Grown, wanted: Sequence[Flags], key: bytes) -> tuple[Sieve, list[Ints], pl.Series]:
    """A set of the wanted values alone, which is searched for faster; for each of the sets, which id in it (-1: none)
    each of its values has; and how they are written (Binary). Each value is of a new row or was shown by a row, so that
    is known."""
    sieves, new = grown.values.sieves, values_of(grown.new)
    own = pl.DataFrame({"key": Sieve.keys_of(new, key), "text": new.cast(pl.Binary)}, schema=dict(TEXT_SCHEMA))
    keys = distinct(np.concatenate([sieve.keys[marks] for sieve, marks in zip(sieves, wanted, strict=True)]))
    written = pl.concat([own, *grown.values.marked.texts])
    written = written.filter(pl.col("key").is_in(pl.Series(keys).implode())).unique("key")
    owners = np.zeros(len(written), np.uint16)
    for sieve in sieves:
        place = places(written["key"].to_numpy(), sieve.keys)
        owners[place >= 0] = sieve.owners[place[place >= 0]]
    small = Sieve.of(written["text"], owners, key)
    return small, [places_in_turn(small.keys, sieve.keys) for sieve in sieves], written["text"]


def _only(sieve: Sieve, ids: Ints) -> Sieve:
    others = np.ones(len(sieve), np.bool_)
    others[ids] = False
    return sieve.without(np.flatnonzero(others))


def _moved(held: Held, places: Ints) -> Held:
    there = np.flatnonzero(places[held.ids] >= 0)
    return replace(held, ids=places[held.ids[there]], rows=held.rows[there], texts=held.texts.gather(there))


def _fresh(sieves: Sequence[Sieve], fresh: Sequence[Flags], small: Sieve) -> tuple[Sieve, ...]:
    """Those that the last release was not searched for: of the small set, which is searched for faster, and what it has
    not of the sets themselves, such as what was public in a notice that is gone, and in no row."""
    ids = [np.flatnonzero(marks) for marks in fresh]
    keys = distinct(np.concatenate([sieve.keys[of] for sieve, of in zip(sieves, ids, strict=True)]))
    others = [of[~np.isin(sieve.keys[of], small.keys)] for sieve, of in zip(sieves, ids, strict=True)]
    rest = [_only(sieve, of) for sieve, of in zip(sieves, others, strict=True) if len(of)]
    return _only(small, np.flatnonzero(np.isin(small.keys, keys))), *rest

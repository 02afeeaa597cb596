"""Values of which it is not known whether a public row holds them: looked for where they are likely at once, and in all
public cells when a release has one of them.

A release that has none of them needs no more: whether they are private or let off, it is the same release. So nothing
is searched for but what is at hand: public cells that are one of the values as a whole, and a sample of the rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from publish.disclose.private_values import Means, Public
from publish.disclose.public_values import Held, PublicCells, held_by, row_cells, speller
from publish.disclose.value_pieces import Odd, Pieces, note_odd, odd_pattern
from publish.disclose.value_rows import public_rows
from publish.disclose.value_sets import is_in_rising
from publish.disclose.values import Marked, Values
from publish.model.distinct import distinct
from publish.model.public import Disclosure
from publish.model.sieve import Sieve
from publish.model.sieve_windows import Ints, Words

_SAMPLE = 4000  # rows of a table that tell which pieces are common
_AT_HAND = 4000  # rows of a table that are searched for all: so what is common is settled at once
_ROWS = 100_000  # rows all cells of which are looked at together
_LIKELY = 200_000  # cells that are searched by workers rather than here


def near_at_hand(texts: pl.Series, disclosure: Disclosure) -> Iterator[PublicCells]:
    """Public cells that are one of the `texts` (Binary) as a whole, each text once a column; and some of the rows."""
    values = texts.cast(pl.String, strict=False).drop_nulls().implode()
    for number, table in enumerate(disclosure.public):
        for column in table.frame.select(pl.selectors.string()):
            at = column.is_in(values).arg_true()
            cells = column.gather(at)
            first = cells.arg_unique()
            yield PublicCells(number, cells.gather(first), at.gather(first).cast(pl.UInt32))
    yield from row_cells(disclosure, _some_of_all(disclosure, _AT_HAND))


def settled(values: Values, texts: pl.DataFrame, public: Public, means: Means) -> Values | None:
    """With what public rows hold of those that are not settled: then all are. `texts` (TEXT_SCHEMA): how some of them
    are written. None: all are settled."""
    marked, sieves = values.marked, values.sieves
    if not any(marks.any() for marks in marked.unsettled):
        return None
    shown = public_rows(public.disclosure, means.key)
    now = Marked(tuple(map(np.array, marked.witness)), marked.others, Marked.none(sieves).unsettled, [*marked.texts])
    keys = distinct(np.concatenate([one.keys[of] for one, of in zip(sieves, marked.unsettled, strict=True)]))
    written = texts.filter(pl.col("key").is_in(pl.Series(keys).implode())).unique("key")
    odd = values.odd
    if len(written):
        nothing = [pl.Series([], dtype=pl.UInt32) for _ in shown]
        looked, odd = odd_rows(values.odd, nothing, shown, public)
        small = small_of(written, sieves, means.key)
        now.note(sieves, moved(held_by_rows(small, written["text"], public, looked, means), small, sieves), shown)
    # Of values of earlier nights only hashes are kept, so that no pieces of them can be looked for.
    others = [np.flatnonzero(marks & (one == 0)) for marks, one in zip(marked.unsettled, now.witness, strict=True)]
    others = [of[~np.isin(one.keys[of], written["key"].to_numpy())] for one, of in zip(sieves, others, strict=True)]
    if any(map(len, others)):
        rest = [only(one, of) for one, of in zip(sieves, others, strict=True)]
        found = held_by(rest, row_cells(public.disclosure), public.folding, means.executor, means.scratch)
        whole = ([replace(one, ids=of[one.ids]) for one, of in zip(held, others, strict=True)] for held in found)
        now.note(sieves, whole, shown)
    return replace(values, marked=now, odd=odd)


def held_by_rows(small: Sieve, texts: pl.Series, public: Public, odd: Odd, means: Means) -> Iterator[list[Held]]:
    """What of a small set public rows hold. `texts` (Binary): how its values are written."""
    if not len(small):
        return iter(())
    some = _some_of_all(public.disclosure, _SAMPLE)
    pieces = Pieces.among(texts, (one.cells for one in row_cells(public.disclosure, some)))
    if pieces is None:
        return held_by((small,), row_cells(public.disclosure), public.folding, means.executor, means.scratch)
    likely = list(pieces.likely(row_cells(public.disclosure), odd))
    executor = means.executor if sum(len(one.cells) for one in likely) > _LIKELY else None
    return held_by((small,), likely, public.folding, executor, means.scratch)


def odd_rows(
    known: Words | None, new: Sequence[pl.Series], shown: Sequence[Words], public: Public
) -> tuple[Odd, Words]:
    """Which rows have odd cells, and their hashes, rising; `known` are those of rows that are not `new`, None: not
    known. (All such rows: of equal cells the row of one may be gone tomorrow.)"""
    pattern = odd_pattern(speller(public.folding) if public.folding is not None else None)
    rows = [np.zeros(len(one), np.bool_) if known is None else is_in_rising(one, known) for one in shown]
    if note_odd(rows, pattern, row_cells(public.disclosure, new if known is not None else None)) and known is None:
        for some in _some_rows([len(one) for one in shown]):
            note_odd(rows, pattern, row_cells(public.disclosure, some))
    hashes = [one[odd] for one, odd in zip(shown, rows, strict=True)]
    return Odd(pattern, rows), distinct(np.concatenate([np.zeros(0, np.uint64), *hashes]))


def small_of(written: pl.DataFrame, sieves: Sequence[Sieve], key: bytes) -> Sieve:
    """The set of these values (TEXT_SCHEMA) of the sets, with their owners."""
    owners = np.zeros(len(written), np.uint16)
    for sieve in sieves:
        place = _places(written["key"].to_numpy(), sieve.keys)
        owners[place >= 0] = sieve.owners[place[place >= 0]]
    return Sieve.of(written["text"], owners, key)


def moved(found: Iterable[list[Held]], small: Sieve, sieves: Sequence[Sieve]) -> Iterator[list[Held]]:
    """What was found of the small set, as of each of the sets."""
    places = [_places(small.keys, sieve.keys) for sieve in sieves]
    for held in found:
        yield [_moved(one, at) for one, at in zip(held * len(places), places, strict=True)]


def _some_of_all(disclosure: Disclosure, count: int) -> list[pl.Series]:
    """The numbers of some of the rows of each table, as far from each other as can be."""
    sizes = [len(table.frame) for table in disclosure.public]
    return [pl.arange(0, size, max(1, size // count), dtype=pl.UInt32, eager=True) for size in sizes]


def _some_rows(sizes: Sequence[int]) -> Iterator[list[pl.Series]]:
    """All rows of the tables, some at a time."""
    for begin in range(0, max(sizes, default=0), _ROWS):
        ends = [(min(begin, size), min(begin + _ROWS, size)) for size in sizes]
        yield [pl.arange(first, end, dtype=pl.UInt32, eager=True) for first, end in ends]


def _places(keys: Words, among: Words) -> Ints:
    at = np.minimum(np.searchsorted(among, keys), max(len(among) - 1, 0))
    return np.where(among[at] == keys, at, -1) if len(among) else np.full(len(keys), -1, np.int64)


def only(sieve: Sieve, ids: Ints) -> Sieve:
    """The set of these of its values."""
    others = np.ones(len(sieve), np.bool_)
    others[ids] = False
    return sieve.without(np.flatnonzero(others))


def _moved(held: Held, places: Ints) -> Held:
    there = np.flatnonzero(places[held.ids] >= 0)
    return replace(held, ids=places[held.ids[there]], rows=held.rows[there], texts=held.texts.gather(there))

"""Rows by keyed hashes: which rows of the source a public table shows whole, and which are new since the last release.

A hash has 64 bits. Two rows are taken for one by chance once in 2**64 pairs.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.value_sets import is_in_rising
from publish.model.distinct import distinct
from publish.model.public import Disclosure, PublicTable
from publish.model.sieve_windows import Flags, Words
from publish.model.source import CheckedTable

_NOWHERE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows of a source table, in their order. `hashes` are those of all cells of a row and of whether `whole`: the
    public table has a row with the same cells in all columns that it has of it (`shown`)."""

    hashes: Words
    whole: Flags
    shown: frozenset[str]


def source_rows(tables: Sequence[CheckedTable], disclosure: Disclosure, key: bytes) -> tuple[SourceRows, ...]:
    """Of each table."""
    public = {table.info.slug: table for table in disclosure.public}
    of = [public.get(table.source.disclosure.dataset) if table.source.disclosure else None for table in tables]
    return tuple(_rows(table, shown, key) for table, shown in zip(tables, of, strict=True))


def _rows(table: CheckedTable, public: PublicTable | None, key: bytes) -> SourceRows:
    names = [spec.name for spec in table.source.schema.fields]
    cells = table.source.frame.select(names)
    shown = [name for name in names if public is not None and name in public.frame.columns]
    whole = np.zeros(len(cells), np.bool_)
    seed = seed_of(key, "source", table.source.package.name, table.source.resource, *names)
    parts = [cells.select(some).hash_rows(seed) for some in (shown, [n for n in names if n not in shown]) if some]
    if public is not None and shown:
        rows = public.frame.select(pl.col(shown).cast(pl.String)).hash_rows(seed).to_numpy()
        whole[:] = True
        whole[new_rows(parts[0].to_numpy(), distinct(rows))] = False
    told = [part.alias(str(number)) for number, part in enumerate(parts)]
    every = (
        pl.DataFrame([*told, pl.Series("whole", whole)]).hash_rows(seed) if names else pl.Series([], dtype=pl.UInt64)
    )
    return SourceRows(every.to_numpy(), whole, frozenset(shown))


def public_rows(disclosure: Disclosure, key: bytes) -> tuple[Words, ...]:
    """A hash of the texts of each row of each public table; never 0."""
    return tuple(_public(table, key) for table in disclosure.public)


def _public(table: PublicTable, key: bytes) -> Words:
    texts = table.frame.select(pl.selectors.string())
    hashes: Words = texts.hash_rows(seed_of(key, "public", table.info.slug, *texts.columns)).to_numpy()
    return np.maximum(hashes, np.uint64(1))


def seed_of(key: bytes, *of: str) -> int:
    """A number that only who knows the key can tell."""
    digest = hashlib.blake2b("\0".join(of).encode(), key=hashlib.blake2b(key).digest(), digest_size=8)
    return int.from_bytes(digest.digest())


def new_rows(hashes: Words, known: Words) -> NDArray[np.int64]:
    """Which (by place) are not among known ones, which are rising. Nearly all are: both are gone through in their
    order, which takes a fraction of the time of a table of all, and only what is new is looked for where it stands."""
    every = distinct(hashes)
    new = every[~is_in_rising(every, known)]
    return np.flatnonzero(pl.Series(hashes).is_in(pl.Series(new).implode()).to_numpy()) if len(new) else _NOWHERE

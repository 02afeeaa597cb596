"""The private values of a build: every cell of the source that nothing public holds. For the scan of the release.

It is not asked which field or record was withheld and why, so that no fault in those decisions can hide a leak: a cell
is public only if public data or texts hold it, be it as part of a longer text; all others are private.

What this proves, and what not: docs in `telling`. A value that is public elsewhere proves nothing where it is found and
is let off, as the name 张伟 is where 张伟百货店 is published. A private text is found as a whole, not in pieces, but
for lists of names, whose parts count too.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, count, repeat
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.public_values import (
    ESCAPED,
    Folding,
    distinct_texts,
    held_by,
    other_cells,
    row_cells,
    speller,
    undone,
)
from publish.disclose.value_rows import SourceRows, public_rows, source_rows
from publish.disclose.value_sets import Cells, Fresh, Joined, batches_of
from publish.disclose.values import Marked, Values
from publish.model.distinct import distinct
from publish.model.private_values import FieldPlace, PrivateValues
from publish.model.public import Disclosure
from publish.model.sieve_windows import MIN_BYTES
from publish.model.source import CheckedTable, FieldSpec, Role
from publish.model.spelling import Speller

_NAMES = frozenset({Role.SUBJECT_NAME, Role.OTHER_PERSON, Role.INFORMANT, Role.PERSON_NUMBER})
_BETWEEN_NAMES = r"[;；、,，/|\n]"

# Left out at both ends of a value: what is no ASCII letter or digit, and space of all kinds. A match of the rest is one
# of the whole as well.
_EDGES = "".join(chr(code) for code in range(0x80) if not chr(code).isalnum()) + "\u0085\u00a0\u200b\u3000\ufeff"
_NO_ROWS = np.zeros(0, np.uint64)
_LETTER = r"\p{L}"
_MIN_DIGITS = 8
_DATE_BYTES = 64
_DATE = (
    r"^(?:\d{2,4}\s*[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{1,2})?\s*[日月号]?"
    r"|(?:19|20|21)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{4}|\d{6})?)"
    r"(?:[T\s]*\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[秒分Z]?(?:[+-]\d\d:?\d\d)?)?$"
)


@dataclass(frozen=True, slots=True)
class Public:
    """What is public: the tables, and `texts`, whatever is public by decision beside them: documents, pages,
    configuration, rule profiles, templates, and the program's own source, since its words are in the pages. `folding`:
    the table by which the search index folds text (`replace`: character to character, `remove`: ranges of code points),
    if its files hold folded text."""

    disclosure: Disclosure
    texts: Sequence[bytes] = ()
    folding: Folding | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """`key` keys the hashes. The executor's processes look for what is public; they see `scratch`, where hashes lie
    meanwhile. `advance` is told how many fields have been read, of `count_fields(tables)`."""

    key: bytes = b""
    executor: Executor | None = None
    scratch: Path | None = None
    advance: Callable[[int], None] = lambda fields: None


def private_values(
    tables: Sequence[CheckedTable], public: Public, means: Means, known: NDArray[np.uint64] | None = None
) -> tuple[PrivateValues, Values | None]:
    """Every cell of the source tables that is not public, in the spellings in which a release could hold it; and what
    the next build may go on from, if anything.

    `known`: hashes of the values that the last release was searched for, rising, under the same key.
    """
    disclosure, key, places = public.disclosure, means.key, places_of(tables)
    rows = source_rows(tables, disclosure, key)
    weak, lines = np.zeros(len(places), np.uint32), np.ones(1, np.int64)
    fresh, joined = Fresh(known, key), Joined()
    every = (np.arange(len(one.hashes)) for one in rows)
    cells = spellings(fields_of(tables, rows, every), weak, public.folding, means.advance)
    sieves = tuple(batches_of(measured(joined.seen(cells), lines), fresh))
    shown = public_rows(disclosure, key)
    marked = Marked.none(sieves)
    look = chain(row_cells(disclosure), other_cells(disclosure, public.texts))
    marked.note(sieves, held_by(sieves, look, public.folding, means.executor, means.scratch), shown)
    all_joined = joined.values(key)
    values = Values(
        sieves,
        marked,
        all_joined,
        weak,
        int(lines[0]),
        distinct(np.concatenate([_NO_ROWS, *(one.hashes for one in rows)])),
        distinct(np.concatenate([_NO_ROWS, *shown])),
        sum(map(len, sieves)),
    )
    private = values.private(places, fresh.among)
    return private, values if all_joined is not None else None


def telling(values: pl.Series) -> pl.Series:
    """Whether each value (trimmed) is long and rare enough for its presence in a release to prove anything.

    At least MIN_BYTES bytes of UTF-8; without any letter or ideograph at least eight digits, and no date or time: any
    day can stand in a release because it was counted out.
    """
    sizes, letters = values.str.len_bytes(), values.str.contains(_LETTER)
    tells = (sizes >= MIN_BYTES) & letters
    # Few values have no letters or begin with a digit: only they are looked at closely.
    plain = (~letters & (sizes >= _MIN_DIGITS)).arg_true()
    tells = tells.scatter(plain, values.gather(plain).str.count_matches(r"\d") >= _MIN_DIGITS)
    days = (values.str.contains(r"^\d") & (sizes <= _DATE_BYTES)).arg_true()
    return tells.scatter(days, tells.gather(days) & ~values.gather(days).str.contains(_DATE)).alias("telling")


def count_fields(tables: Sequence[CheckedTable]) -> int:
    """How many fields the tables have."""
    return sum(len(table.source.schema.fields) for table in tables)


def places_of(tables: Sequence[CheckedTable]) -> tuple[FieldPlace, ...]:
    """All fields of the tables, in order."""
    return tuple(
        FieldPlace(table.source.package.name, table.source.resource, spec.name)
        for table in tables
        for spec in table.source.schema.fields
    )


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a table, and its cells that are not known to be public in a column of that name."""

    owner: int
    cells: pl.Series
    spec: FieldSpec

    def spellings(self, spell: Speller | None) -> tuple[int, list[Cells]]:
        """How many values are too weak; the others as they are, and their spellings."""
        values = _distinct(self.cells, self.spec)
        tells = telling(values)
        strong = values.filter(tells)
        found = [strong, *_other_spellings(strong, spell)]
        return len(values) - int(tells.sum()), [Cells(self.owner, some) for some in found if len(some)]


def fields_of(
    tables: Sequence[CheckedTable], rows: Sequence[SourceRows], chosen: Iterable[NDArray[np.int64]]
) -> Iterator[Field]:
    """All fields of the tables, with the cells of the `chosen` rows of each. Of rows that are shown whole those that
    are shown are left out: they are public cells of the same column."""
    owners = count()
    for table, row, some in zip(tables, rows, chosen, strict=True):
        parts = some[~row.whole[some]]
        for spec in table.source.schema.fields:
            column, of = table.source.frame[spec.name], parts if spec.name in row.shown else some
            yield Field(next(owners), column if len(of) == len(column) else column.gather(of), spec)


def spellings(
    fields: Iterable[Field], weak: NDArray[np.uint32], folding: Folding | None, advance: Callable[[int], None]
) -> Iterator[Cells]:
    """The values of every field, field by field in their order; each thread of Polars works on one ahead. Those that
    are too weak are counted in `weak`, by owner."""
    spell = speller(folding) if folding is not None else None
    ahead = pl.thread_pool_size()
    waiting: deque[tuple[int, Future[tuple[int, list[Cells]]]]] = deque()
    with ThreadPoolExecutor(ahead) as threads:
        for field in chain(fields, repeat(None, ahead)):
            if field is not None:
                waiting.append((field.owner, threads.submit(field.spellings, spell)))
            if waiting and (field is None or len(waiting) > ahead):
                owner, done = waiting.popleft()
                count_weak, cells = done.result()
                weak[owner] += count_weak
                yield from cells
                advance(1)


def _distinct(cells: pl.Series, spec: FieldSpec) -> pl.Series:
    """The distinct cells of a field, trimmed, and of lists of names each."""
    values = _unique(_trimmed(distinct_texts(cells.cast(pl.String))))
    if spec.role in _NAMES:
        parts = values.filter(values.str.contains(_BETWEEN_NAMES)).str.replace_all(_BETWEEN_NAMES, "\n")
        values = pl.concat([values, _trimmed(parts.str.split("\n").explode(empty_as_null=False))])
        values = _unique(values)
    return values


def _trimmed(values: pl.Series) -> pl.Series:
    return values.drop_nulls().str.strip_chars(_EDGES)


def _unique(values: pl.Series) -> pl.Series:
    return values.to_frame("v").unique(maintain_order=False).to_series()


def _other_spellings(values: pl.Series, spell: Speller | None) -> Iterator[pl.Series]:
    """What the scan sees of values that themselves look escaped, and values as the search index folds them."""
    escaped = values.filter(values.str.contains(ESCAPED))
    spelt = {text.decode(errors="replace") for value in escaped for text in undone(value)}
    others = [pl.Series(sorted(spelt), dtype=pl.String)]
    if spell is not None:
        folded = spell(values)
        others.append(folded.filter(folded != values))
    for other in others:
        other = _unique(_trimmed(other))
        other = other.filter(telling(other))
        if len(other):
            yield other


def measured(cells: Iterable[Cells], lines: NDArray[np.int64]) -> Iterator[Cells]:
    """The same; `lines` becomes the number of lines of the value that has most."""
    for entry in cells:
        ends = entry.values.str.count_matches("\n", literal=True).max()
        lines[0] = max(int(lines[0]), 1 + (ends if isinstance(ends, int) else 0))
        yield entry

"""Masking of persons in the public cells of a table: their names, their numbers, and personal data in free text.

A natural person's name keeps its first character; an organisation's name is never masked (facts, 7). What is masked in
its own column is masked in the other texts of the record as well, and so are other persons; and natural persons who are
masked in one record of the site are masked in the texts of all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.cuts import is_personal, masked_at
from publish.disclose.quiet import BITS, NOT_KNOWN, PLACES, Hashes, TextMemory
from publish.disclose.row_masking import Part, RowMasking, holding
from publish.disclose.secrets import plain_words
from publish.model.source import CheckedTable, FieldSpec
from publish.model.terms import Pattern

_ROWS = 100_000  # worked on at a time
_LEAST = 10_000  # for fewer, another thread takes longer to get ready for all the names of people


@dataclass(frozen=True, slots=True)
class MaskedCells:
    """The public cells of the chosen records, masked.

    `cells`: one String column per public field. `withheld`, `personal`: by field, the positions (Boolean, one per row)
    of cells that were emptied, and of those in which personal data was masked.
    """

    cells: pl.DataFrame
    withheld: Mapping[str, pl.Series] = field(default_factory=dict)
    personal: Mapping[str, pl.Series] = field(default_factory=dict)


def mask_cells(
    table: CheckedTable,
    chosen: pl.DataFrame,
    fields: Sequence[FieldSpec],
    patterns: frozenset[Pattern],
    people: pl.Series,
    memory: TextMemory | None = None,
) -> MaskedCells:
    """Mask the cells of the public `fields` in the rows of `chosen` (decided records of the table, in its order).

    `people`: folded names of persons that no text of the site may hold. Each row is masked by itself, so that some
    thousand rows are worked on at a time, by as many threads as Polars has. `memory` knows of some rows of the last
    build which of their texts change and where, and is told of those of this one. Raises ValueError for other rows.
    """
    frame = table.source.frame
    taken = np.zeros(frame.height, np.bool_)
    taken[np.searchsorted(frame["_row"], chosen["_row"]).clip(max=frame.height - 1)] = True
    source = frame.filter(pl.Series(taken)).rechunk()
    if not source["_row"].equals(chosen["_row"]):  # else somebody is shown with the cells of another
        raise ValueError("the chosen rows are not those of the table, rising")
    # Of fields that are not public too the role: what a row hides, and as what, is up to it.
    told = (*fields, *holding(table))
    made_of = repr([len(fields), *((spec.name, spec.type, spec.role) for spec in told), sorted(patterns)])
    quiet = memory.begin(made_of, people) if memory is not None else None
    masks = RowMasking(table, tuple(fields), patterns, people, bool(plain_words(people).all()), quiet)
    shown = _in_parts(masks.shown, source, chosen)
    hidden = pl.concat([part.cells for part in shown], rechunk=True)
    cells = source.select(pl.col(spec.name).cast(pl.String) for spec in fields).with_columns(hidden.get_columns())
    withheld = _joined(shown)
    due, hashes = (np.concatenate([getattr(part, name) for part in shown], axis=-1) for name in ("due", "hashes"))
    del shown
    none = pl.repeat(False, chosen.height, dtype=pl.Boolean, eager=True)
    cells, personal = _cut(masks, cells, due)
    for rows, fields_due in _texts_due(masks, due):
        work = masks.all_texts if fields_due is None else partial(masks.known_texts, fields_due)
        whole = len(rows) == chosen.height
        parts = _in_parts(work, *(part if whole else part[rows] for part in (source, chosen, cells)))
        if quiet is not None and fields_due is None:
            quiet.note(hashes[rows.to_numpy()], np.concatenate([part.due for part in parts], axis=1))
        texts, marks = pl.concat([part.cells for part in parts]), _joined(parts)
        if whole:
            cells, personal = cells.with_columns(texts), personal | marks
            continue
        differing = [text for text in texts if not text.equals(cells[text.name].gather(rows), null_equal=True)]
        cells = cells.with_columns(cells[text.name].clone().scatter(rows, text) for text in differing)
        personal |= {name: personal.get(name, none).clone().scatter(rows, marked) for name, marked in marks.items()}
    return MaskedCells(cells, withheld, personal)


def _cut(masks: RowMasking, cells: pl.DataFrame, due: Hashes) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """The cells with texts masked whose place is known, and where personal data was, by field."""
    personal: dict[str, pl.Series] = {}
    there = (due[BITS] != NOT_KNOWN) & (due[PLACES] != 0)
    for spec, rows in _of_bits(masks, due[BITS], there):
        text, places = cells[spec[0].name], due[PLACES, rows.to_numpy()]
        cells = cells.with_columns(text.clone().scatter(rows, masked_at(text.gather(rows), places)))
        if (theirs := is_personal(places)).any():
            none = pl.repeat(False, cells.height, dtype=pl.Boolean, eager=True)
            personal[text.name] = none.scatter(rows.filter(theirs), True)
    return cells, personal


def _texts_due(masks: RowMasking, due: Hashes) -> Iterator[tuple[pl.Series, tuple[FieldSpec, ...] | None]]:
    """Which rows are to be worked on, and of which texts: of all (None) where nothing is known, else of those that
    masking changes."""
    known = due[BITS] != NOT_KNOWN
    yield pl.Series(~known).arg_true(), None
    for spec, rows in _of_bits(masks, due[BITS], known & (due[PLACES] == 0)):
        yield rows, spec


def _of_bits(
    masks: RowMasking, bits: Hashes, there: NDArray[np.bool_]
) -> Iterator[tuple[tuple[FieldSpec, ...], pl.Series]]:
    """For each of the bits of rows that are `there`, the texts that it stands for and the rows."""
    some = int(np.bitwise_or.reduce(bits[there], initial=np.uint64(0)))
    for number in range(some.bit_length()):
        rows = pl.Series(there & (bits >> np.uint64(number) & np.uint64(1)).astype(np.bool_)).arg_true()
        if len(rows):
            yield masks.of_bit(number), rows


def _in_parts(work: Callable[..., Part], *frames: pl.DataFrame) -> list[Part]:
    """`work` done on the same rows of all frames, some thousand at a time, by as many threads as Polars has."""
    workers = pl.thread_pool_size()
    rows = frames[0].height
    size = min(_ROWS, max(_LEAST, -(-rows // workers)))
    begins = range(0, max(rows, 1), size)
    with ThreadPoolExecutor(workers) as threads:
        return list(threads.map(lambda at: work(*(frame.slice(at, size) for frame in frames)), begins))


def _joined(parts: Sequence[Part]) -> dict[str, pl.Series]:
    """Positions of all parts, by field; a part that has none of a field has that many rows without."""
    names = {name for part in parts for name in part.marks}
    none = pl.Series([False])
    return {
        name: pl.concat([part.marks.get(name, none.new_from_index(0, part.due.shape[1])) for part in parts])
        for name in names
    }

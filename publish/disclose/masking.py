"""Masking of persons in the public cells of a table: their names, their numbers, and personal data in free text.

A natural person's name keeps its first character; an organisation's name is never masked (facts, 7). What is masked in
its own column is masked in the other texts of the record as well, and so are other persons; and natural persons who are
masked in one record of the site are masked in the texts of all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from publish.disclose.identifiers import valid_credit_codes
from publish.disclose.people import people_in
from publish.disclose.personal import find_personal, mask_personal
from publish.disclose.quiet import QuietRows, TextMemory
from publish.disclose.secrets import (
    Secrets,
    comparable_texts,
    folded_texts,
    known_secrets,
    masked_names,
    name_parts,
    parted_texts,
    plain_words,
    without_secrets,
)
from publish.model.source import CheckedTable, FieldSpec, Role
from publish.model.terms import Pattern

# Cells of these types hold no text; of the numbers among them a personal number empties the cell.
_NO_TEXT = frozenset({"date", "datetime", "time", "boolean", "year", "yearmonth", "geopoint"})
_NUMBERS = frozenset({"integer", "number"})
# Names of bodies: of patterns only those are looked for that no such name has.
_BODIES = frozenset({Role.SUBJECT_NAME, Role.AUTHORITY})
_ROWS = 100_000  # worked on at a time
_LEAST_NAME, _LEAST_NUMBER = 2, 5


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
    build that their texts stay as they are, and is told of those of this one. Raises ValueError for other rows.
    """
    places = np.searchsorted(table.source.frame["_row"], chosen["_row"])
    source = table.source.frame[np.minimum(places, max(table.source.frame.height - 1, 0))]
    if not source["_row"].equals(chosen["_row"]):  # else somebody is shown with the cells of another
        raise ValueError("the chosen rows are not those of the table, rising")
    made_of = repr([*((spec.name, spec.type, spec.role) for spec in fields), _held_by(table), sorted(patterns)])
    quiet = memory.begin(made_of, people) if memory is not None else None
    work = _Work(table, tuple(fields), patterns, people, bool(plain_words(people).all()), quiet)
    shown = _in_parts(work.shown, source, chosen)
    hidden = pl.concat([part.cells for part in shown], rechunk=True)
    cells = source.select(pl.col(spec.name).cast(pl.String) for spec in fields).with_columns(hidden.get_columns())
    withheld = _joined([(len(part.rows), part.marks) for part in shown])
    loud, hashes = pl.concat([part.rows for part in shown]).arg_true(), pl.concat([part.hashes for part in shown])
    del shown
    if len(loud) == chosen.height:
        parts = _in_parts(work.without, source, chosen, cells)
    else:
        parts = _in_parts(work.without, source[loud], chosen[loud], cells[loud])
    if quiet is not None:
        quiet.note(hashes.gather(loud).filter(pl.concat([part.rows for part in parts])).to_numpy())
    texts, personal = (
        pl.concat([part.cells for part in parts]),
        _joined([(len(part.rows), part.marks) for part in parts]),
    )
    if len(loud) == chosen.height:
        return MaskedCells(cells.with_columns(texts), withheld, personal)
    differing = [text for text in texts if not text.equals(cells[text.name].gather(loud), null_equal=True)]
    changed = [cells[text.name].clone().scatter(loud, text) for text in differing]
    none = pl.repeat(False, chosen.height, dtype=pl.Boolean, eager=True)
    marks = {name: none.clone().scatter(loud, marked) for name, marked in personal.items()}
    return MaskedCells(cells.with_columns(changed), withheld, marks)


@dataclass(frozen=True, slots=True)
class _Part:
    """What was done with some rows. `marks`: by field, where something was done; `rows` Boolean, `hashes` UInt64."""

    cells: pl.DataFrame
    marks: Mapping[str, pl.Series]
    rows: pl.Series
    hashes: pl.Series


def _in_parts(work: Callable[..., _Part], *frames: pl.DataFrame) -> list[_Part]:
    """`work` done on the same rows of all frames, some thousand at a time, by as many threads as Polars has."""
    workers = pl.thread_pool_size()
    rows = frames[0].height
    size = max(1, min(_ROWS, -(-rows // workers)))
    begins = range(0, max(rows, 1), size)
    with ThreadPoolExecutor(workers) as threads:
        return list(threads.map(lambda at: work(*(frame.slice(at, size) for frame in frames)), begins))


def _joined(parts: Sequence[tuple[int, Mapping[str, pl.Series]]]) -> dict[str, pl.Series]:
    """Positions of all parts, by field; a part that has none of a field has that many rows without."""
    names = {name for _, marks in parts for name in marks}
    none = pl.Series([False])
    return {name: pl.concat([marks.get(name, none.new_from_index(0, rows)) for rows, marks in parts]) for name in names}


@dataclass(frozen=True, slots=True)
class _Work:
    """What masking takes beside the rows. `people`: names, folded; `plain`: all of them are plain_words."""

    table: CheckedTable
    fields: tuple[FieldSpec, ...]
    patterns: frozenset[Pattern]
    people: pl.Series
    plain: bool
    quiet: QuietRows | None

    def shown(self, source: pl.DataFrame, chosen: pl.DataFrame) -> _Part:
        """Cells of columns in which some are hidden whole (`marks`) or names of persons masked; and the rows whose
        texts must be looked at."""
        person = chosen["_person"]
        columns = {spec.name: source[spec.name].cast(pl.String) for spec in self.fields}
        withheld: dict[str, pl.Series] = {}
        names = [spec for spec in self.fields if _may_hide(spec)]
        for spec in names:
            cell = columns[spec.name]
            hidden = _hidden(spec, cell, person, self.patterns)
            if hidden is not None and hidden.any():
                withheld[spec.name] = hidden
                cell = pl.select(pl.when(~hidden).then(cell)).to_series()
            if spec.role is Role.SUBJECT_NAME and person.any():
                persons = person.arg_true()
                cell = cell.clone().scatter(persons, masked_names(cell.gather(persons)))
            columns[spec.name] = cell.alias(spec.name)
        loud, hashes = self._loud(source, chosen, columns)
        return _Part(pl.DataFrame([columns[spec.name] for spec in names]), withheld, loud, hashes)

    def _loud(
        self, source: pl.DataFrame, chosen: pl.DataFrame, columns: Mapping[str, pl.Series]
    ) -> tuple[pl.Series, pl.Series]:
        if self.quiet is None:
            return _all(chosen.height), pl.Series([], dtype=pl.UInt64)
        told = source.select(sorted({*columns, *_held_by(self.table)}))
        hashes = self.quiet.hashes(told.hstack(chosen.select("_person", "@subject_name")))
        loud = self.quiet.loud(hashes, [columns[spec.name] for spec in self.fields if _may_name(spec)])
        return pl.Series(loud), pl.Series(hashes)

    def without(self, source: pl.DataFrame, chosen: pl.DataFrame, cells: pl.DataFrame) -> _Part:
        """Columns of texts without persons in them; `marks`: where personal data was masked; and the rows in which
        nothing was, of whose texts none is `parted`."""
        person = chosen["_person"]
        known = known_secrets([*_names(self.table, source, chosen), *_numbers(self.table, source)])
        own = chosen.select(pl.when(~pl.col("_person")).then(pl.col("@subject_name"))).to_series()
        stays = _all(chosen.height)
        texts = {}
        for spec in filter(_may_name, self.fields):
            texts[spec.name], parted = self._compared(cells[spec.name], known)
            stays = stays.scatter(parted, False) if len(parted) else stays
        elsewhere = dict(zip(texts, people_in(list(texts.values()), self.people), strict=True))
        columns: list[pl.Series] = []
        personal: dict[str, pl.Series] = {}
        for spec in filter(_is_text, self.fields):
            cell = cells[spec.name].clone()
            if spec.name in texts:
                cell = without_secrets(cell, texts[spec.name], pl.concat([known, elsewhere[spec.name]]), own)
            cell, hits = _without_personal(spec, cell, person, self.patterns)
            if hits is not None:
                personal[spec.name] = hits
                stays = stays & ~hits
            stays = stays & cell.eq_missing(cells[spec.name])
            columns.append(cell.alias(spec.name))
        return _Part(pl.DataFrame(columns), personal, stays, pl.Series([], dtype=pl.UInt64))

    def _compared(self, cells: pl.Series, known: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Texts in which the names of people, and what is known of each row, are found as in folded ones; and the
        positions of those that are `parted`."""
        texts, folded = comparable_texts(cells)
        parted = folded.filter(parted_texts(cells.gather(folded))) if self.quiet is not None else folded.clear()
        if not self.plain:
            return folded_texts(cells), parted
        odd = known.filter(~plain_words(known["plain"]))["row"].unique()
        return texts.clone().scatter(odd, folded_texts(cells.gather(odd))) if len(odd) else texts, parted


def personal_rows(
    table: CheckedTable, person: pl.Series, fields: Sequence[FieldSpec], patterns: frozenset[Pattern]
) -> pl.Series:
    """Boolean, one per source row: a public text of the record holds one of the patterns."""
    marks = pl.repeat(False, table.source.frame.height, dtype=pl.Boolean, eager=True)
    for spec in fields:
        if _is_text(spec) or spec.type in _NUMBERS:
            cell = table.source.frame[spec.name].cast(pl.String)
            marks = marks | _marks(len(cell), find_personal(cell, person, _wanted(spec, patterns)))
    return marks


def _all(rows: int) -> pl.Series:
    return pl.repeat(True, rows, dtype=pl.Boolean, eager=True)


def _held_by(table: CheckedTable) -> list[str]:
    """The fields that tell what is secret in the texts of their rows."""
    roles = (Role.OTHER_PERSON, Role.INFORMANT, Role.PERSON_NUMBER)
    return [spec.name for role in roles for spec in table.source.schema.with_role(role)]


def _may_name(spec: FieldSpec) -> bool:
    """Whether its cells are texts that may name persons; no body is called after one."""
    return _is_text(spec) and spec.role not in _BODIES


def _may_hide(spec: FieldSpec) -> bool:
    """Whether cells may be hidden whole, or are names that are masked as such."""
    return spec.type in _NUMBERS or spec.role in (Role.SUBJECT_CODE, Role.SUBJECT_NAME)


def _is_text(spec: FieldSpec) -> bool:
    return spec.type not in _NO_TEXT and spec.type not in _NUMBERS and spec.role is not Role.SUBJECT_CODE


def _wanted(spec: FieldSpec, patterns: frozenset[Pattern]) -> frozenset[Pattern]:
    return patterns - {Pattern.ADDRESS} if spec.role in _BODIES else patterns


def _marks(height: int, hits: pl.DataFrame) -> pl.Series:
    return pl.arange(0, height, eager=True).is_in(hits["index"].unique().cast(pl.Int64).implode())


def _hidden(spec: FieldSpec, cell: pl.Series, person: pl.Series, patterns: frozenset[Pattern]) -> pl.Series | None:
    """Cells to be emptied: what is in place of a credit code and is none; persons' numbers in columns of numbers."""
    if spec.role is Role.SUBJECT_CODE:
        return cell.is_not_null() & (person | ~valid_credit_codes(cell))
    if spec.type in _NUMBERS:
        return _marks(len(cell), find_personal(cell, person, patterns))
    return None


def _names(table: CheckedTable, source: pl.DataFrame, chosen: pl.DataFrame) -> Iterator[Secrets]:
    """Full names of persons of each record: the subject's, other persons', informants'."""
    subject = chosen.select(pl.when(pl.col("_person")).then(pl.col("@subject_name")).alias("n")).to_series()
    others = [
        source[spec.name]
        for role in (Role.OTHER_PERSON, Role.INFORMANT)
        for spec in table.source.schema.with_role(role)
    ]
    for name in (subject, *others):
        yield Secrets(name_parts(name), _LEAST_NAME, keep=True)


def _numbers(table: CheckedTable, source: pl.DataFrame) -> Iterator[Secrets]:
    """Persons' numbers that the record itself holds: masked in its texts whatever shape they have."""
    for spec in table.source.schema.with_role(Role.PERSON_NUMBER):
        yield Secrets(name_parts(source[spec.name]), _LEAST_NUMBER, keep=False)


def _without_personal(
    spec: FieldSpec, cell: pl.Series, person: pl.Series, patterns: frozenset[Pattern]
) -> tuple[pl.Series, pl.Series | None]:
    wanted = _wanted(spec, patterns)
    hits = find_personal(cell, person, wanted) if wanted else None
    if hits is None or not hits.height:
        return cell, None
    return mask_personal(cell, hits), _marks(len(cell), hits)

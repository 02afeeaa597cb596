"""Masking some rows: what is hidden whole, names in their own columns, and persons in texts, column by column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from publish.disclose.cuts import places_of
from publish.disclose.identifiers import valid_credit_codes
from publish.disclose.people import people_in
from publish.disclose.personal import find_personal, mask_personal
from publish.disclose.quiet import BITS, NOT_KNOWN, OTHERS, PLACES, Hashes, QuietRows, nothing_due
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
_LEAST_NAME, _LEAST_NUMBER = 2, 5
_LAST = 62  # the bit of all columns from this one on


@dataclass(frozen=True, slots=True)
class Part:
    """What was done with some rows. `marks`: by field, where something was done; `due`: what is due of each
    row, as QuietRows has it; `hashes` of rows, where they are told."""

    cells: pl.DataFrame
    marks: Mapping[str, pl.Series]
    due: Hashes
    hashes: Hashes


@dataclass(frozen=True, slots=True)
class RowMasking:
    """What masking takes beside the rows. `people`: names, folded; `plain`: all of them are plain_words."""

    table: CheckedTable
    fields: tuple[FieldSpec, ...]
    patterns: frozenset[Pattern]
    people: pl.Series
    plain: bool
    quiet: QuietRows | None

    @property
    def texts(self) -> tuple[FieldSpec, ...]:
        return tuple(filter(_is_text, self.fields))

    def of_bit(self, number: int) -> tuple[FieldSpec, ...]:
        """The texts that a bit stands for."""
        return self.texts[number:] if number == _LAST else self.texts[number : number + 1]

    def shown(self, source: pl.DataFrame, chosen: pl.DataFrame) -> Part:
        """Cells of columns in which some are hidden whole (`marks`) or names of persons masked; and what must be done
        with the texts of the rows."""
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
        due, hashes = self._due(source, chosen, columns)
        return Part(pl.DataFrame([columns[spec.name] for spec in names]), withheld, due, hashes)

    def _due(
        self, source: pl.DataFrame, chosen: pl.DataFrame, columns: Mapping[str, pl.Series]
    ) -> tuple[Hashes, Hashes]:
        if self.quiet is None:
            due = nothing_due(chosen.height)
            due[BITS] = NOT_KNOWN
            return due, np.zeros(0, np.uint64)
        told = source.select(sorted({*columns, *(spec.name for spec in holding(self.table))}))
        hashes = self.quiet.hashes(told.hstack(chosen.select("_person", "@subject_name")))
        due = self.quiet.due(hashes, [columns[spec.name] for spec in self.fields if _may_name(spec)])
        return due, hashes

    def known_texts(
        self, fields: Sequence[FieldSpec], source: pl.DataFrame, chosen: pl.DataFrame, cells: pl.DataFrame
    ) -> Part:
        """`all_texts` for the texts `fields` of rows that are known to be changed there, and not by people whom
        they do not tell of themselves."""
        return self._without(fields, source, chosen, cells, people=False)

    def all_texts(self, source: pl.DataFrame, chosen: pl.DataFrame, cells: pl.DataFrame) -> Part:
        """Columns of texts without persons in them; `marks`: where personal data was masked."""
        return self._without(self.texts, source, chosen, cells, people=True)

    def _without(
        self,
        fields: Sequence[FieldSpec],
        source: pl.DataFrame,
        chosen: pl.DataFrame,
        cells: pl.DataFrame,
        people: bool,
    ) -> Part:
        person = chosen["_person"]
        known = known_secrets([*_names(self.table, source, chosen), *_numbers(self.table, source)])
        own = chosen.select(pl.when(~pl.col("_person")).then(pl.col("@subject_name"))).to_series()
        quiet = self.quiet if people else None  # what is found is told where all is searched
        parted: list[pl.Series] = []
        texts = {}
        for spec in filter(_may_name, fields):
            texts[spec.name], folded = self._compared(cells[spec.name], known)
            if quiet is not None:
                parted.append(folded.filter(parted_texts(cells[spec.name].gather(folded))))
        sought = self.people if people else self.people.clear()
        elsewhere = dict(zip(texts, people_in(list(texts.values()), sought), strict=True))
        columns: list[pl.Series] = []
        personal: dict[str, pl.Series] = {}
        due = nothing_due(chosen.height)
        for number, spec in enumerate(fields):
            cell = cells[spec.name].clone()
            if spec.name in texts:
                cell = without_secrets(cell, texts[spec.name], pl.concat([known, elsewhere[spec.name]]), own)
            cell, hits = _without_personal(spec, cell, person, self.patterns)
            if hits is not None:
                personal[spec.name] = hits
            columns.append(cell.alias(spec.name))
            if quiet is not None:
                _note_changes(due, number, cells[spec.name], cell, hits)
        if quiet is not None:
            due[BITS, np.concatenate([np.zeros(0, np.uint32), *parted])] = NOT_KNOWN
            _note_others(due, _of_others(known, list(elsewhere.values())), quiet)
        return Part(pl.DataFrame(columns), personal, due, np.zeros(0, np.uint64))

    def _compared(self, cells: pl.Series, known: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Texts in which the names of people, and what is known of each row, are found as in folded ones; and the
        positions of those that are folded."""
        texts, folded = comparable_texts(cells)
        if not self.plain:
            return folded_texts(cells), folded
        odd = known.filter(~plain_words(known["plain"]))["row"].unique()
        return texts.clone().scatter(odd, folded_texts(cells.gather(odd))) if len(odd) else texts, folded


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


def holding(table: CheckedTable) -> list[FieldSpec]:
    """The fields that tell what is secret in the texts of their rows."""
    roles = (Role.OTHER_PERSON, Role.INFORMANT, Role.PERSON_NUMBER)
    return [spec for role in roles for spec in table.source.schema.with_role(role)]


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


def _note_changes(due: Hashes, number: int, before: pl.Series, after: pl.Series, hits: pl.Series | None) -> None:
    """What is due of rows whose text of that number masking has changed; the place is told of one text only."""
    changed = before.ne_missing(after)
    rows = (changed if hits is None else changed | hits).arg_true()
    if not len(rows):
        return
    bits, places = due[BITS, rows.to_numpy()], np.zeros(len(rows), np.uint64)
    if number < _LAST:
        personal = pl.repeat(False, len(rows), eager=True) if hits is None else hits.gather(rows)
        places = np.where(bits == 0, places_of(before.gather(rows), after.gather(rows), personal), places)
    due[PLACES, rows.to_numpy()] = places
    due[BITS, rows.to_numpy()] = bits | np.uint64(1 << min(number, _LAST))


def _note_others(due: Hashes, others: pl.DataFrame, quiet: QuietRows) -> None:
    """Rows that are changed, maybe by names of `others` (`_of_others`): known are those that hold one such name and are
    masked in one place, for as long as that name is searched for."""
    others = others.filter(pl.Series(due[BITS, others["row"].to_numpy()] != 0))
    rows = others["row"].to_numpy()
    hashes = np.where(due[PLACES, rows] != 0, quiet.name_hashes(others["plain"]), np.uint64(0))
    hashes[others["row"].is_duplicated().to_numpy()] = 0
    due[OTHERS, rows] = hashes
    due[BITS, rows[hashes == 0]] = NOT_KNOWN


def _of_others(known: pl.DataFrame, people: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """`row`, `plain`, each pair once: `people` (as people_in gives them) that are not `known` of the row itself."""
    found = pl.concat([known.clear(), *people]).select("row", "plain").unique()
    # To look for few in many it is quicker to have the many go by than to put them into a table.
    own = known.select("row", "plain").join(found, on=["row", "plain"], how="semi")
    return found.join(own, on=["row", "plain"], how="anti")


def _without_personal(
    spec: FieldSpec, cell: pl.Series, person: pl.Series, patterns: frozenset[Pattern]
) -> tuple[pl.Series, pl.Series | None]:
    wanted = _wanted(spec, patterns)
    hits = find_personal(cell, person, wanted) if wanted else None
    if hits is None or not hits.height:
        return cell, None
    return mask_personal(cell, hits), _marks(len(cell), hits)

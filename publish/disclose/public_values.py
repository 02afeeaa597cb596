"""Which values of a set something public holds: public cells and texts in all spellings, by several processes."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path

import numpy as np
import polars as pl

from publish.model.public import Disclosure
from publish.model.sieve import Sieve, hits_of
from publish.model.sieve_windows import Ints
from publish.model.spelling import Speller
from publish.model.unescaping import STEPS

Folding = Mapping[str, object]

# What `unescaped` may change: a lone % is part of many texts.
ESCAPED = r"""&(?:#|(?:amp|lt|gt|quot|apos|nbsp);)|\\[uxbfnrt"\\/']|""|%[0-9a-fA-F]{2}"""
_ROWS = 200_000  # cells of a task
_BYTES = 1 << 20  # up to which columns are one task together
_SAMPLE = 4096  # cells that tell whether a column repeats itself, or another one
_NUMBERS = frozenset({"integer", "number"})
_MARKS = r"[,\s]"  # that numbers are written with
_BETWEEN = b"\n\0\n"  # cells that are searched together
_NONE: Ints = np.zeros(0, np.int64)

_Found = tuple[Ints, Ints, pl.Series]


@dataclass(frozen=True, slots=True)
class PublicCells:
    """Texts that are public (String, no nulls), and of each the number (UInt32) of a row of the public table number
    `table` that shows it; `table` None: no row does, and there are no numbers."""

    table: int | None
    cells: pl.Series
    rows: pl.Series | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Of one set, the ids of values that public cells hold, each once, and for each the row of the public table number
    `table` that holds it, and how it stands there (`texts`, Binary). No row does where `table` is None."""

    ids: Ints
    table: int | None
    rows: Ints
    texts: pl.Series


@dataclass(frozen=True, slots=True)
class _Task:
    """`cells`: an IPC file with `cell` String and `row` UInt32, to be searched as `_spellings` has it. `sieves` are
    folders. `spell`: made once, since that takes as long as to search some thousand cells."""

    sieves: tuple[Path, ...]
    cells: Path
    spell: Speller | None


def held_by(
    sieves: Sequence[Sieve],
    public: Iterable[PublicCells],
    folding: Folding | None,
    executor: Executor | None,
    scratch: Path | None,
) -> Iterator[list[Held]]:
    """What of the sets public cells hold, be it as part of longer ones: of each set, some cells at a time.

    Without an executor this process looks for it; `scratch` is a folder that its processes see (None: a temporary one).
    """
    spell = speller(folding) if folding is not None else None
    if executor is None:
        for table, cells in _together(public):
            yield [Held(ids, table, of, texts) for ids, of, texts in _search(sieves, cells, spell)]
        return
    folder = Path(tempfile.mkdtemp(prefix="public-", dir=scratch))
    try:
        saved = tuple(folder / str(number) for number in range(len(sieves)))
        for sieve, target in zip(sieves, saved, strict=True):
            sieve.save(target)
        started: list[tuple[int | None, Future[list[_Found]]]] = []
        for table, cells in _together(public) if any(map(len, sieves)) else ():
            path = folder / f"{len(started)}.arrow"
            cells.write_ipc(path)
            started.append((table, executor.submit(_held, _Task(saved, path, spell))))
        for table, done in started:
            yield [Held(ids, table, of, texts) for ids, of, texts in done.result()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _together(public: Iterable[PublicCells]) -> Iterator[tuple[int | None, pl.DataFrame]]:
    """`cell` String and `row` UInt32, so many of a table (or of what no row shows) as are one search: of small sites
    all columns of a table, each of which would take as long by itself."""
    for table, columns in groupby(public, lambda some: some.table):
        waiting, size = list[pl.DataFrame](), 0
        for part in chain.from_iterable(map(_parts, columns)):
            more = int(part["cell"].str.len_bytes().sum())
            if waiting and (size + more > _BYTES or sum(map(len, waiting)) + len(part) > _ROWS):
                yield table, pl.concat(waiting)
                waiting, size = [], 0
            waiting.append(part)
            size += more
        if waiting:
            yield table, pl.concat(waiting)


def _parts(some: PublicCells) -> Iterator[pl.DataFrame]:
    cells = some.cells.alias("cell")
    rows = pl.repeat(0, len(cells), dtype=pl.UInt32, eager=True) if some.rows is None else some.rows
    yield from pl.DataFrame([cells, rows.alias("row")]).iter_slices(_ROWS) if len(cells) else ()


def _held(task: _Task) -> list[_Found]:
    return _search([Sieve.load(folder) for folder in task.sieves], pl.read_ipc(task.cells), task.spell)


def _search(sieves: Sequence[Sieve], cells: pl.DataFrame, spell: Speller | None) -> list[_Found]:
    """Of each sieve the ids of the values that the cells hold, and of each a row and how it stands there."""
    found: list[list[_Found]] = [[(_NONE, _NONE, pl.Series([], dtype=pl.Binary))] for _ in sieves]
    for text, ends, rows in _spellings(cells["cell"], cells["row"], spell):
        for known, hits in zip(found, hits_of(sieves, text), strict=True):
            cell = np.searchsorted(ends, hits.positions)
            within = np.flatnonzero(cell == np.searchsorted(ends, hits.positions + hits.lengths))
            ids, first = np.unique(hits.ids[within], return_index=True)
            begins, sizes = hits.positions[within[first]], hits.lengths[within[first]]
            written = [text[at : at + size] for at, size in zip(begins.tolist(), sizes.tolist(), strict=True)]
            known.append((ids, rows[cell[within[first]]], pl.Series(written, dtype=pl.Binary)))
    return [_each_once(known) for known in found]


def _each_once(found: Sequence[_Found]) -> _Found:
    ids, first = np.unique(np.concatenate([ids for ids, _, _ in found]), return_index=True)
    rows, texts = np.concatenate([rows for _, rows, _ in found]), pl.concat([texts for _, _, texts in found])
    return ids, rows[first], texts.gather(first)


def _spellings(cells: pl.Series, rows: pl.Series, spell: Speller | None) -> Iterator[tuple[bytes, Ints, Ints]]:
    """Texts as they are, and those unescaped and folded that differ then: in the spellings that the values have, laid
    out. With where each but the last ends, and the row of each."""
    numbers = rows.cast(pl.Int64).to_numpy()
    yield *laid_out(cells), numbers
    escaped = cells.str.contains(ESCAPED).arg_true()
    others = [(text, at) for at, cell in zip(escaped, cells.gather(escaped), strict=True) for text in undone(cell)]
    if others:
        texts, of = zip(*others, strict=True)
        yield _BETWEEN.join(texts), _ends(np.fromiter(map(len, texts), np.int64)), numbers[list(of)]
    if spell is not None:
        folded = spell(cells)
        differing = folded != cells
        if differing.any():
            yield *laid_out(folded.filter(differing)), numbers[differing.to_numpy()]


def undone(text: str) -> list[bytes]:
    """What a text is after the last steps of unescaping, all or some (since a file may have needed only the first
    ones), each once and if that is something else."""
    found, data = dict[bytes, None](), text.encode()
    for number, step in enumerate(STEPS):
        if (spelt := step(data)) != data:
            for other in STEPS[number + 1 :]:
                spelt = other(spelt)
            found[spelt] = None
    return [spelt for spelt in found if spelt != data]


def laid_out(cells: pl.Series) -> tuple[bytes, Ints]:
    """Cells (String, no nulls) one after the other, with something between them, and where each but the last ends."""
    assert not cells.null_count(), "what is left out when cells are joined would move the ends"
    text: bytes = cells.str.join(_BETWEEN.decode()).cast(pl.Binary).item()
    return text, _ends(cells.str.len_bytes().cast(pl.Int64).to_numpy())


def _ends(sizes: Ints) -> Ints:
    return (np.cumsum(sizes + len(_BETWEEN)) - len(_BETWEEN))[:-1]


def speller(folding: Folding) -> Speller:
    """Does quickly what `fold` does."""
    return Speller.of(partial(fold, folding=folding))


def fold(values: pl.Series, folding: Folding) -> pl.Series:
    """NFKC, lower case, then the table: as the search index folds text."""
    folded = values.str.normalize("NFKC").str.to_lowercase()
    replaced, removed = folding["replace"], folding["remove"]
    assert isinstance(replaced, Mapping)
    assert isinstance(removed, Sequence)
    if replaced:
        folded = folded.str.replace_many(list(replaced), list(replaced.values()))
    ranges = "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in removed)
    return folded.str.replace_all(f"[{ranges}]", "") if ranges else folded


def row_cells(disclosure: Disclosure, chosen: Sequence[pl.Series] | None = None) -> Iterator[PublicCells]:
    """The cells of public rows. `chosen`: numbers (UInt32) of those rows of each table that are wanted; None: all."""
    for number, table in enumerate(disclosure.public):
        rows = chosen[number] if chosen is not None else None
        frame = table.frame if rows is None else table.frame[rows]
        fields = [field.name for field in table.fields]
        others = [
            column.name
            for column in frame.drop(fields)
            if column.dtype == pl.String and not _is_among(column, frame.select(fields))
        ]
        texts = [name for name in fields if frame.schema[name] == pl.String]
        for name in (*texts, *others):
            yield _with_rows(number, frame[name], rows)
        for field in table.fields:
            if field.type in _NUMBERS:  # data files write numbers without the marks between thousands
                column = frame[field.name].cast(pl.String)
                if column.str.contains(_MARKS).any() or field.name not in texts:
                    yield _with_rows(number, column.str.replace_all(_MARKS, ""), rows)


def _with_rows(table: int, column: pl.Series, rows: pl.Series | None) -> PublicCells:
    """The texts of a column, of whole tables (`rows` None) each once if that is worth it, or of those `rows`."""
    cells = column
    if rows is None:
        rows = column.is_not_null().arg_true()
        if not _is_varied(column.gather(rows.head(_SAMPLE))):
            rows = column.arg_unique()
        elif len(rows) == len(column):
            return PublicCells(table, column, rows)
        cells = column.gather(rows)
    there = cells.is_not_null()
    return PublicCells(table, cells.filter(there), rows.filter(there))


def other_cells(disclosure: Disclosure, texts: Iterable[bytes]) -> Iterator[PublicCells]:
    """What is public beside the rows of tables: the last of it are `texts`. Sums aside, which hold no cell of the
    source."""
    for table in disclosure.public:
        yield PublicCells(None, pl.Series([*_strings(table.info), *_strings(table.fields)], dtype=pl.String))
    for column in disclosure.exits.frame:
        if column.dtype == pl.String:
            yield PublicCells(None, column.drop_nulls().unique())
    yield PublicCells(None, disclosure.deadlines.frame["authority"].drop_nulls().unique())  # named beside their counts
    yield PublicCells(None, pl.Series([text.decode(errors="replace") for text in texts], dtype=pl.String))


def distinct_texts(column: pl.Series) -> pl.Series:
    """The texts of a column; each once if that is worth it."""
    texts = column.drop_nulls()
    return texts if _is_varied(texts.head(_SAMPLE)) else texts.unique()


def _is_varied(sample: pl.Series) -> bool:
    return 10 * sample.n_unique() > 9 * len(sample)


def _is_among(column: pl.Series, fields: pl.DataFrame) -> bool:
    """Whether the texts of a column are, row by row, those of one of the fields, as a title is a document number."""
    for field in fields:
        if field.dtype == pl.String and all(
            _is_within(column.head(rows), field.head(rows)) for rows in (_SAMPLE, len(field))
        ):
            return True
    return False


def _is_within(column: pl.Series, field: pl.Series) -> bool:
    return int((column == field).sum()) == len(column) - column.null_count()


def _strings(value: object) -> Iterator[str]:
    """Every text in a value of the model."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for entry in value.values() for text in _strings(entry))
    elif isinstance(value, (tuple, list)):
        yield from (text for entry in value for text in _strings(entry))
    elif is_dataclass(value):
        yield from (text for entry in fields(value) for text in _strings(getattr(value, entry.name)))

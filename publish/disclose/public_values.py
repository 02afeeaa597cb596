"""Which values of a set something public holds: public cells and texts in all spellings, by several processes."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.public import Disclosure
from publish.model.sieve import Sieve
from publish.model.spelling import Speller
from publish.model.unescaping import unescaped

Folding = Mapping[str, object]

# What `unescaped` looks at: text without it stays as it is.
ESCAPES = r'[&\\%]|""'
_ROWS = 200_000  # cells of a task
_SAMPLE = 4096  # cells that tell whether a column repeats itself, or another one
_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class _Task:
    """`cells`: a column (String) in an IPC file, to be searched as `_spellings` has it. `sieves` are folders."""

    sieves: tuple[Path, ...]
    cells: Path
    folding: Folding | None


def without_public(
    sieves: Sequence[Sieve],
    disclosure: Disclosure,
    texts: Iterable[bytes],
    folding: Folding | None,
    executor: Executor | None,
    scratch: Path | None,
) -> tuple[Sieve, ...]:
    """The sets without what public cells or `texts` hold, be it as part of longer ones.

    Without an executor this process looks for it; `scratch` is a folder that its processes see (None: a temporary one).
    """
    public = [np.zeros(len(sieve), np.bool_) for sieve in sieves]
    folder = Path(tempfile.mkdtemp(prefix="public-", dir=scratch))
    try:
        saved = tuple(folder / str(number) for number in range(len(sieves)))
        for sieve, target in zip(sieves, saved, strict=True):
            sieve.save(target)
        started: list[Callable[[], list[NDArray[np.int64]]]] = []
        for cells in (*_public_cells(disclosure), *_texts_as_cells(texts)):
            for begin in range(0, len(cells), _ROWS):
                path = folder / f"{len(started)}.arrow"
                cells.slice(begin, _ROWS).alias("cell").to_frame().write_ipc(path)
                task = _Task(saved, path, folding)
                started.append(executor.submit(_held, task).result if executor else partial(_held, task))
        for held in started:
            for marks, ids in zip(public, held(), strict=True):
                marks[ids] = True
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(sieve.without(np.flatnonzero(marks)) for sieve, marks in zip(sieves, public, strict=True))


def _held(task: _Task) -> list[NDArray[np.int64]]:
    """Of each sieve the ids of the values that the cells hold."""
    blocks = list(_spellings(pl.read_ipc(task.cells)["cell"], task.folding))
    sieves = [Sieve.load(folder) for folder in task.sieves]
    return [np.unique(np.concatenate([sieve.hits(block).ids for block in blocks])) for sieve in sieves]


def _spellings(cells: pl.Series, folding: Folding | None) -> Iterator[bytes]:
    """Texts as they are, and those unescaped and folded that differ then: in the spellings that the values have."""
    yield _lines(cells)
    escaped = cells.filter(cells.str.contains(ESCAPES))
    if len(escaped):
        yield unescaped(_lines(escaped))
    if folding is not None:
        folded = speller(folding)(cells)
        differing = folded.filter(folded != cells)
        if len(differing):
            yield _lines(differing)


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


def _texts_as_cells(texts: Iterable[bytes]) -> Iterator[pl.Series]:
    yield pl.Series([text.decode(errors="replace") for text in texts], dtype=pl.String)


def _public_cells(disclosure: Disclosure) -> Iterator[pl.Series]:
    """The cells of what is published as text; sums aside, which hold no cell of the source."""
    for table in disclosure.public:
        fields = [field.name for field in table.fields]
        yield from _texts(table.frame.select(fields))
        others = (column for column in table.frame.drop(fields) if column.dtype == pl.String)
        yield from (distinct_texts(column) for column in others if not _is_among(column, table.frame.select(fields)))
        for field in table.fields:
            if field.type in _NUMBERS:  # data files write numbers without the marks between thousands
                yield table.frame[field.name].cast(pl.String).drop_nulls().str.replace_all(r"[,\s]", "").unique()
        yield pl.Series([*_strings(table.info), *_strings(table.fields)], dtype=pl.String)
    yield from _texts(disclosure.exits.frame)
    yield disclosure.deadlines.frame["authority"].drop_nulls().unique()  # named beside their counts


def _texts(frame: pl.DataFrame) -> Iterator[pl.Series]:
    yield from (distinct_texts(column) for column in frame if column.dtype == pl.String)


def distinct_texts(column: pl.Series) -> pl.Series:
    """The texts of a column; each once if that is worth it."""
    texts = column.drop_nulls()
    sample = texts.head(_SAMPLE)
    return texts if 10 * sample.n_unique() > 9 * len(sample) else texts.unique()


def _is_among(column: pl.Series, fields: pl.DataFrame) -> bool:
    """Whether the texts of a column are, row by row, those of one of the fields, as a title is a document number."""
    for field in fields:
        if field.dtype == pl.String and all(
            _is_within(column.head(rows), field.head(rows)) for rows in (_SAMPLE, len(field))
        ):
            return True
    return False


def _is_within(column: pl.Series, field: pl.Series) -> bool:
    return bool(((column == field) | column.is_null()).fill_null(False).all())


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


def _lines(cells: pl.Series) -> bytes:
    stream = io.BytesIO()
    cells.to_frame().write_csv(stream, include_header=False, quote_style="never")
    return stream.getvalue()

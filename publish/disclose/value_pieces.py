"""Which public cells may hold one of a few values: told by pieces of each value, before any cell is spelt otherwise.

A piece is a run of ideographs, ASCII letters and digits. A cell that holds a value, in whatever spelling, holds its
pieces as well, and so does the cell as it is written, but for the case of letters: unless the cell has escapes, or
folding makes such a run of something else (it is odd). One piece of each value is looked for in all cells, the others
in those that hold it.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.disclose.public_values import ESCAPED, PublicCells, laid_out
from publish.model.sieve import Sieve
from publish.model.sieve_windows import MAX_BYTES, MIN_BYTES, Flags
from publish.model.spelling import RUN, Speller

Rows = NDArray[np.uint32]

_MAX_VALUES = 200_000  # beyond that a search for all of them is as good
_FEW = 20_000  # pieces that are found faster by an automaton than by hashes, whose time does not grow with them
_MAX_RUNS = 8  # of a value, the longest
_SHARED = 64  # values whose other pieces are looked for as well where a cell holds the one that they share
_TOGETHER = 50_000  # cells that are worth a thread
_CLOSELY = 200_000  # cells, or pieces in cells, that are looked at closely at a time


@dataclass(frozen=True, slots=True)
class Pieces:
    """`pieces` and `many`, in lower case: of each value one of either. `many`: None, where they are few, and `longer`
    what is in it. `of`: each `piece`, and the `value` (its number) that it is of; null: of more than _SHARED. `rest`:
    by value, its second piece, its third and so on, null where there is none."""

    pieces: tuple[str, ...]
    longer: pl.Series
    many: Sieve | None
    of: pl.DataFrame
    rest: tuple[pl.Series, ...]

    @staticmethod
    def among(values: pl.Series, sample: Iterable[pl.Series]) -> "Pieces | None":
        """Of `values` (Binary, UTF-8 that may be cut), first of each the piece that the fewest of the cells `sample`
        hold. None: they are many, or one of them has no piece."""
        if len(values) > _MAX_VALUES:
            return None
        runs = _runs(values)
        if runs["value"].n_unique() < len(values):
            return None
        common = runs.join(_counts(runs["run"].unique(), sample), on="run", how="left")
        order = ["value", pl.col("many").fill_null(0), pl.col("run").str.len_bytes(), "run"]
        ordered = common.sort(order, descending=[False, False, True, False]).unique(
            ["value", "run"], maintain_order=True
        )
        each = ordered.group_by("value", maintain_order=True).agg("run")["run"]
        first = each.list.first()
        rest = tuple(each.list.get(number, null_on_oob=True) for number in range(1, _MAX_RUNS))
        every = first.unique().sort()
        is_long = (every.str.len_bytes() >= MIN_BYTES) & (len(every) > _FEW)
        # The ends of a piece are those of a word in any cell that a value is found in, which is all that a set finds.
        longer = every.filter(is_long)
        return Pieces(
            tuple(every.filter(~is_long)), longer, Sieve.of(longer) if len(longer) else None, _of(first), rest
        )

    def likely(self, public: Iterable[PublicCells], odd: "Odd") -> Iterator[PublicCells]:
        """Those cells of `public` that may hold one of the values. Each thread of Polars looks at a part of each
        column, all together, since an automaton takes long to make."""
        every, count = list(public), pl.thread_pool_size()
        sizes = [max(_TOGETHER, -(-len(some.cells) // count)) for some in every]
        parts = [
            [some.cells.slice(number * size, size).alias("cell") for some, size in zip(every, sizes, strict=True)]
            for number in range(count)
        ]
        with ThreadPoolExecutor(count) as threads:
            found = list(threads.map(self._hold, parts))
        for number, some in enumerate(every):
            are = np.concatenate([part[number] for part in found]) | odd.among(some)
            if are.any():
                rows = some.rows.filter(pl.Series(are)) if some.rows is not None else None
                yield replace(some, cells=some.cells.filter(pl.Series(are)), rows=rows)

    def _hold(self, columns: Sequence[pl.Series]) -> list[Flags]:
        """Which cells of each column hold all pieces of a value. Columns of ASCII alone, as of codes, hold no others:
        most of those begin with the same few bytes, so that they are found in a fraction of the time."""
        plain = np.array([_is_ascii(column) for column in columns], np.bool_)
        held = [np.zeros(0, np.bool_)] * len(columns)
        for pieces, chosen in ((_ascii(self.pieces), plain), (self.pieces, ~plain)):
            some = np.flatnonzero(chosen).tolist()
            cells = pl.concat([pl.Series("cell", [], dtype=pl.String), *(columns[number] for number in some)])
            hold = np.zeros(len(cells), np.bool_)
            for found in self._found(cells, pieces):
                for pairs in found.iter_slices(_CLOSELY):
                    hold[self._with_all(pairs)] = True
            ends = np.cumsum([len(columns[number]) for number in some])
            for number, flags in zip(some, np.split(hold, ends[:-1]), strict=False):
                held[number] = flags
        return held

    def _with_all(self, found: pl.DataFrame) -> Rows:
        """Which cells (`at`) hold all pieces of a value whose first one was found there."""
        pairs = found.join(self.of, on="piece")
        for pieces in self.rest:
            other = pairs.with_columns(pieces.gather(pairs["value"]).alias("piece"))
            pairs = other.filter(pl.col("cell").str.contains(pl.col("piece"), literal=True).fill_null(True))
        return pairs["at"].to_numpy()

    def _found(self, cells: pl.Series, pieces: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Which cells (`at`; `cell` with ASCII in lower case) hold which `piece` of these, or of many."""
        hits = cells.str.contains_any(list(pieces), ascii_case_insensitive=True).arg_true() if pieces else cells[:0]
        for begin in range(0, len(hits), _CLOSELY):
            at = hits.slice(begin, _CLOSELY)
            lower = _lower(cells.gather(at))
            held = lower.str.extract_many(list(pieces), overlapping=True)
            yield pl.DataFrame({"at": at, "cell": lower, "piece": held}).explode("piece", empty_as_null=False)
        if self.many is not None:
            yield from self._in_many(self.many, cells)

    def _in_many(self, many: Sieve, cells: pl.Series) -> Iterator[pl.DataFrame]:
        number = np.argsort(Sieve.keys_of(self.longer))
        text, ends = laid_out(cells)
        hits = many.hits(text.lower())  # of ASCII alone: of other letters a piece has none
        at = pl.Series(np.searchsorted(ends, hits.positions), dtype=pl.UInt32)
        held = self.longer.gather(number[hits.ids])
        yield pl.DataFrame({"at": at, "cell": _lower(cells.gather(at)), "piece": held})


@dataclass(frozen=True, slots=True)
class Odd:
    """Cells that may hold a value whose pieces they do not hold: `pattern`; and which `rows` of each public table may
    have some."""

    pattern: str
    rows: Sequence[Flags]

    def among(self, some: PublicCells) -> Flags:
        """Which of these cells are odd."""
        odd = np.zeros(len(some.cells), np.bool_)
        if some.table is None or some.rows is None:
            at = np.arange(len(odd))
        else:
            at = np.flatnonzero(self.rows[some.table][some.rows.to_numpy()])
        odd[at] = some.cells.gather(at).str.contains(self.pattern).to_numpy()
        return odd


def odd_pattern(spell: Speller | None) -> str:
    """Of texts that have escapes or that `spell` makes runs of which are not there as they are written."""
    return ESCAPED if spell is None else f"{ESCAPED}|{spell.parting(RUN)}"


def note_odd(rows: Sequence[Flags], pattern: str, cells: Iterable[PublicCells]) -> bool:
    """Set those of the `rows` of each public table that have odd cells among these. Returns whether such a cell may
    stand for others, of a column that has each text once."""
    others = False
    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        for some, odd in threads.map(lambda some: (some, _rows_of(some, pattern)), cells):
            if some.table is not None and len(odd):
                rows[some.table][odd] = True
                others |= len(some.cells) < len(rows[some.table])
    return others


def _rows_of(some: PublicCells, pattern: str) -> Rows:
    if some.rows is None:
        return np.zeros(0, np.uint32)
    return some.rows.filter(some.cells.str.contains(pattern)).to_numpy()


def _is_ascii(cells: pl.Series) -> bool:
    return bool((cells.str.len_bytes() == cells.str.len_chars()).all())


def _ascii(pieces: Sequence[str]) -> tuple[str, ...]:
    return tuple(piece for piece in pieces if piece.isascii())


def _lower(cells: pl.Series) -> pl.Series:
    """Letters of ASCII in lower case: of others a piece has none. Most cells have none at all."""
    changed = cells.str.contains("[A-Z]").arg_true()
    return cells.scatter(changed, cells.gather(changed).str.to_lowercase()) if len(changed) else cells


def _of(first: pl.Series) -> pl.DataFrame:
    """As Pieces has it."""
    each = pl.DataFrame({"piece": first}).with_row_index("value")
    value = pl.when(pl.len().over("piece") <= _SHARED).then("value")
    return each.select("piece", value=value).unique()


def _runs(values: pl.Series) -> pl.DataFrame:
    """`value`, its number, and `run`, in lower case: the longest of each, within what a set looks at of it."""
    parts = [text.decode(errors="replace") for text in values.bin.head(MAX_BYTES).to_list()]
    cut = pl.when(values.bin.size() < MAX_BYTES).then("run").otherwise(pl.col("run").str.replace(f"[{RUN}]+$", ""))
    runs = pl.DataFrame({"run": parts}, schema={"run": pl.String}).select(run=cut).with_row_index("value")
    runs = runs.with_columns(pl.col("run").str.extract_all(f"[{RUN}]+")).explode("run", empty_as_null=False)
    each = runs.with_columns(pl.col("run").str.to_lowercase())
    each = each.sort("value", pl.col("run").str.len_bytes(), "run", descending=[False, True, False])
    return each.group_by("value", maintain_order=True).head(_MAX_RUNS)


def _counts(runs: pl.Series, sample: Iterable[pl.Series]) -> pl.DataFrame:
    """How `many` times cells hold each `run`."""
    every = pl.concat([pl.Series("run", [], dtype=pl.String), *(cells.alias("run") for cells in sample)])
    found = every.str.to_lowercase().str.extract_many(list(runs), overlapping=True).explode().drop_nulls()
    return found.value_counts(name="many").select("run", "many")

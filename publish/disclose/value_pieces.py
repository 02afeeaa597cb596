"""Which public cells may hold one of a few values: told by a piece of each value, before any cell is spelt otherwise.

A piece is a run of ideographs, ASCII letters and digits. A cell that holds a value, in whatever spelling, holds its
piece as well, and so does the cell as it is written, but for the case of letters: unless the cell has escapes, or
folding makes such a run of something else. All cells of which that may be so are taken for likely.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from publish.disclose.public_values import ESCAPED, PublicCells, laid_out
from publish.model.sieve import Sieve
from publish.model.sieve_windows import MAX_BYTES, MIN_BYTES
from publish.model.spelling import RUN, Speller

_MAX_VALUES = 200_000  # beyond that a search for all of them is as good
_FEW = 2_000  # pieces that are found as fast by an automaton as by hashes, whose time does not grow with them
_MAX_RUNS = 8  # of a value, the longest
_TOGETHER = 50_000  # cells that are worth a thread
_NONE = pl.Series([], dtype=pl.Boolean)


@dataclass(frozen=True, slots=True)
class Pieces:
    """`pieces` and `many`, in lower case: of each value one of either. `many`: None, where they are few. `odd`: a
    pattern of cells that may hold a value whose piece they do not hold."""

    pieces: tuple[str, ...]
    many: Sieve | None
    odd: str

    @staticmethod
    def of(values: pl.Series, sample: Iterable[pl.Series], spell: Speller | None) -> "Pieces | None":
        """Of each of `values` (Binary, UTF-8 that may be cut) the piece that the fewest of the cells `sample` hold;
        `spell` folds. None: they are many, or one of them has no such piece."""
        if len(values) > _MAX_VALUES:
            return None
        runs = _runs(values)
        if runs["value"].n_unique() < len(values):
            return None
        common = runs.join(_counts(runs["run"].unique(), sample), on="run", how="left")
        order = ["value", pl.col("many").fill_null(0), pl.col("run").str.len_bytes(), "run"]
        chosen = common.sort(order, descending=[False, False, True, False]).unique("value", keep="first")
        odd = ESCAPED if spell is None else f"{ESCAPED}|{spell.parting(RUN)}"
        every = chosen["run"].unique().sort()
        short = every.filter(every.str.len_bytes() < MIN_BYTES) if len(every) > _FEW else every
        # The ends of a piece are those of a word in any cell that a value is found in, which is all that a set finds.
        many = Sieve.of(every.filter(every.str.len_bytes() >= MIN_BYTES)) if len(every) > _FEW else None
        return Pieces(tuple(short), many, odd)

    def likely(self, public: Iterable[PublicCells]) -> Iterator[PublicCells]:
        """Those cells of `public` that may hold one of the values. Each thread of Polars looks at a part."""
        with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
            for some in public:
                size = max(_TOGETHER, -(-len(some.cells) // pl.thread_pool_size()))
                parts = [some.cells.slice(begin, size) for begin in range(0, len(some.cells), size)]
                are = pl.concat([_NONE, *threads.map(self._likely, parts)])
                rows = some.rows.filter(are) if some.rows is not None else None
                if are.any():
                    yield replace(some, cells=some.cells.filter(are), rows=rows)

    def _likely(self, cells: pl.Series) -> pl.Series:
        known = cells.str.contains(self.odd)
        if self.pieces:
            known |= cells.str.contains_any(list(self.pieces), ascii_case_insensitive=True)
        if self.many is not None:
            known |= self._in_many(self.many, cells)
        return known.alias("")

    @staticmethod
    def _in_many(many: Sieve, cells: pl.Series) -> pl.Series:
        found = np.zeros(len(cells), np.bool_)
        for text, ends, places in laid_out(cells, pl.arange(0, len(cells), dtype=pl.UInt32, eager=True)):
            hits = many.hits(text.lower())  # of ASCII alone: of other letters a piece has none
            found[places[np.searchsorted(ends, hits.positions)]] = True
        return pl.Series(found)


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

"""Which public cells may hold one of a few values: told by a piece of each value, before any cell is spelt otherwise.

A piece is a run of ideographs, ASCII letters and digits. A cell that holds a value, in whatever spelling, holds its
piece as well, and so does the cell as it is written, but for the case of letters: unless the cell has escapes, or
folding makes such a run of something else. All cells of which that may be so are taken for likely.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import polars as pl

from publish.disclose.public_values import ESCAPED, PublicCells
from publish.model.sieve_windows import MAX_BYTES
from publish.model.spelling import RUN, Speller

_MAX_VALUES = 10_000  # beyond that a search for all of them is as good
_MAX_RUNS = 8  # of a value, the longest
_TOGETHER = 50_000  # cells that are worth a thread
_NONE = pl.Series([], dtype=pl.Boolean)


@dataclass(frozen=True, slots=True)
class Pieces:
    """`pieces`: of each value one. `odd`: a pattern of cells that may hold a value whose piece they do not hold."""

    pieces: tuple[str, ...]
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
        return Pieces(tuple(chosen["run"].unique().sort()), odd)

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
        known = cells.str.contains_any(list(self.pieces), ascii_case_insensitive=True)
        return (known | cells.str.contains(self.odd)).alias("")


def _runs(values: pl.Series) -> pl.DataFrame:
    """`value`, its number, and `run`, in lower case: the longest of each, within what a set looks at of it."""
    parts = [text.decode(errors="replace") for text in values.bin.head(MAX_BYTES).to_list()]
    runs = pl.DataFrame({"run": parts}, schema={"run": pl.String}).with_row_index("value")
    runs = runs.with_columns(pl.col("run").str.extract_all(f"[{RUN}]+")).explode("run", empty_as_null=False)
    each = runs.with_columns(pl.col("run").str.to_lowercase())
    each = each.sort("value", pl.col("run").str.len_bytes(), "run", descending=[False, True, False])
    return each.group_by("value", maintain_order=True).head(_MAX_RUNS)


def _counts(runs: pl.Series, sample: Iterable[pl.Series]) -> pl.DataFrame:
    """How `many` times cells hold each `run`."""
    every = pl.concat([pl.Series("run", [], dtype=pl.String), *(cells.alias("run") for cells in sample)])
    found = every.str.to_lowercase().str.extract_many(list(runs), overlapping=True).explode().drop_nulls()
    return found.value_counts(name="many").select("run", "many")

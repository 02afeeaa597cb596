"""The table of subjects by every part of their names."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import fold_texts, split_texts
from publish.derive.search.hashing import code_hashes, spread
from publish.derive.search.heads import distinct_heads
from publish.derive.search.partition import cuts
from publish.derive.search.scale import Scale
from publish.derive.search.suffix_nights import LastNames, joined_codes, last_names, suffixes_tonight
from publish.derive.search.suffixes import Names, Places, Suffixes, suffix_columns, suffixes_of
from publish.derive.search.tables import Arrays, Run, Table, row_prints

_RUNS = ("passing", "lasting")


def name_table(subjects: pl.DataFrame, scale: Scale, last: Arrays | None = None) -> Table:
    """Subjects with a page by every part of their folded name: a key is what stands from some character on, at least
    two and at most KEY characters. `s` name, `c` code, and of passing ones `u`.

    Where more than COMMON names of a run end the same, the table has COMMON of them under that end: the
    others are found as records. `last`: the order of the last night, from which the same is made with less work.
    """
    columns = subjects.select(
        pl.col("name").alias("s"), pl.col("code").alias("c"), pl.col("until").alias("u"), "lasting"
    )
    known = columns.filter(pl.col("c").is_not_null() & (pl.col("s") != ""))
    runs, heads = [], []
    order: dict[str, NDArray[np.generic]] = {}
    for run in _RUNS:
        lasting = run == "lasting"
        rows = known.filter(pl.col("lasting") == lasting).drop("lasting", *(["u"] if lasting else []))
        of_run = {name.partition(" ")[2]: one for name, one in (last or {}).items() if name.startswith(run)}
        # Suffixes that are the same come by the hash of their code: names are in that order from the beginning.
        hashes = code_hashes(rows["c"])
        by_hash = np.argsort(hashes, kind="stable").astype(np.int32)
        prints = row_prints(rows.select("s", "c"))
        suffixes = _suffixes(rows["s"], hashes[by_hash], by_hash, prints[by_hash], of_run)
        size = scale.name_rows if lasting else scale.passing_rows
        runs.append(_run(rows, by_hash, suffixes, size, prints if lasting else row_prints(rows)))
        heads.append(suffixes.heads)
        order |= {f"{run} {name}": one for name, one in suffixes.arrays().items()}
    return Table("names", runs, distinct_heads(np.concatenate(heads)), order)


def _suffixes(
    texts: pl.Series, hashes: NDArray[np.uint64], by_hash: Places, prints: NDArray[np.uint64], last: Arrays
) -> Suffixes:
    known = last_names(prints, last)
    tonight = suffixes_tonight(_names(texts, by_hash, hashes, prints, known, last), known, last) if known else None
    return tonight or suffixes_of(_names(texts, by_hash, hashes, prints, None, {}))


def _names(
    texts: pl.Series,
    by_hash: Places,
    hashes: NDArray[np.uint64],
    prints: NDArray[np.uint64],
    known: LastNames | None,
    last: Mapping[str, NDArray[np.generic]],
) -> Names:
    """Names folded, in the order `by_hash`; those that are known were before."""
    wanted = by_hash[known.fresh] if known else by_hash
    folded = fold_texts(texts.gather(wanted)).in_order()
    count = wanted.size
    lengths = np.bincount(folded.owner, minlength=count).astype(np.int32)
    if not known:
        return Names(folded.codes, lengths, hashes, prints)
    every = np.empty(texts.len(), dtype=np.int32)
    every[known.to[known.to >= 0]] = known.lengths[known.to >= 0]
    every[known.fresh] = lengths
    codes = joined_codes(known, last["codes"].astype(np.uint32, copy=False), folded.codes, every)
    return Names(codes, every, hashes, prints)


def _run(rows: pl.DataFrame, by_hash: Places, suffixes: Suffixes, size: int, prints: NDArray[np.uint64]) -> Run:
    """The suffixes that are published, in blocks. `by_hash`: the row of each name; `prints`: of rows."""
    names, at = suffixes.names, suffixes.at[suffixes.early()]
    owner = names.owner()[at]
    chance = spread(names.hashes[owner] + (at - names.begin[owner]).astype(np.uint64)) >> np.uint64(32)
    cut = np.flatnonzero(cuts(chance.astype(np.uint32), max(1, size // 2)))
    fences = _fences(*(suffix_columns(at[places], names) for places in (np.maximum(cut - 1, 0), cut)))
    return Run(rows, by_hash[owner], np.r_[cut, at.size], [""] * min(1, cut.size) + fences[1:], prints)


def _fences(before: NDArray[np.uint32], first: NDArray[np.uint32]) -> list[str]:
    """As `fence` has them, of many keys at once, in columns of characters; what follows a key is 0."""
    differ = before != first
    same = ~differ.any(axis=1)
    sizes = np.where(same, (first > 0).sum(axis=1) + 1, differ.argmax(axis=1) + 1)
    wide = np.pad(first, ((0, 0), (0, 1)))
    wide[same, sizes[same] - 1] = 1
    held = np.arange(wide.shape[1]) < sizes[:, None]
    return split_texts(wide[held], np.repeat(np.arange(sizes.size, dtype=np.int32), sizes), sizes.size).to_list()

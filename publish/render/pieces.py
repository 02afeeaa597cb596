"""Pieces of some rows each: which rows they have, and which of them are worked on together."""

from collections.abc import Iterator

import numpy as np

from publish.model.data_memory import Ints


def rows_of(firsts: Ints, counts: Ints) -> Ints:
    """The rows of pieces that begin at these and have so many."""
    inner = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.repeat(firsts, counts) + inner, np.int64)


def batches(counts: Ints, rows: int) -> Iterator[Ints]:
    """Pieces with about so many rows together; those that have none are left out."""
    full = np.flatnonzero(counts)
    yield from np.split(full, np.flatnonzero(np.diff(np.cumsum(counts[full]) // rows)) + 1) if len(full) else ()

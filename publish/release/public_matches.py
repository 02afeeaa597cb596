"""Matches of patterns that are public by decision: what the scan of a release may find."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from publish.model.distinct import among, distinct
from publish.model.public import PublicTable
from publish.model.sieve_windows import Words
from publish.release.matching import PatternFinder, match_digest
from publish.release.suspects import spans_of_suspects

_CODE = r"^[0-9A-Za-z@._+-]{11,64}$"
NO_ROWS = np.zeros(0, np.uint64)


class PublicMatches(NamedTuple):
    """`allowed`: digests of matches. `plain`: hashes (PublicTable.digests), rising, of rows in which no match can be
    that would be among them."""

    allowed: frozenset[bytes]
    plain: Words


def public_matches(
    texts: Iterable[str], tables: Sequence[PublicTable], patterns: PatternFinder, plain: Words = NO_ROWS
) -> PublicMatches:
    """Matches in public texts, such as the site's own address, and cells of the tables that are nothing but a number or
    an address. (A credit code can look like the number of a bank card.) Matches within longer cells are not: that they
    were left there may be a fault of the masking.

    `plain`: those of a build of the same program before; such rows are not looked at. If a row were taken for one of
    them by chance, a match would be missing, and the scan would stop a release that it need not stop.
    """
    found = [_suspicious_cells(table, plain) for table in tables]
    cells = sorted({cell for some, _ in found for cell in some})
    every = (*texts, "\n".join(cells))  # a line is a text of its own
    allowed = frozenset(match_digest(text[begin:end]) for text in every for _, begin, end in patterns(text))
    return PublicMatches(allowed, distinct(np.concatenate([NO_ROWS, *(rows for _, rows in found)])))


def _suspicious_cells(table: PublicTable, plain: Words) -> tuple[list[str], Words]:
    """Cells of rows that are not `plain` in which a pattern can be; and the hashes of all rows that have none."""
    digests = table.digests.to_numpy()
    known = among(digests, plain)
    frame = table.frame.select(pl.selectors.string())
    if known.any():
        frame = frame[np.flatnonzero(~known)]
    coded = {column.name: column.filter(column.str.contains(_CODE)) for column in frame}
    # Several columns may hold the same, such as the code of a subject.
    nothing = pl.Series("cell", [], dtype=pl.String)
    cells = _suspicious(pl.concat([nothing, *(column.alias("cell") for column in coded.values())]).unique())
    rows = [pl.col(name).is_in(cells).fill_null(False) for name, column in coded.items() if len(column)]
    holding = frame.select(pl.any_horizontal(rows)).to_series().to_numpy() if rows else np.zeros(frame.height, np.bool_)
    known[~known] = ~holding
    return cells, digests[known]


def _suspicious(cells: pl.Series) -> list[str]:
    """Those in which a pattern can be: finders are slow, and nearly all cells hold no number of a person."""
    sizes = cells.str.len_bytes().to_numpy() + 1
    text = cells.str.join("\n").cast(pl.Binary).item() if len(cells) else b""
    places = np.array([begin for begin, _ in spans_of_suspects(text)], dtype=np.int64)
    return cells.gather(np.unique(np.searchsorted(np.cumsum(sizes), places, side="right"))).to_list()

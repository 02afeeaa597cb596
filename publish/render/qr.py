"""QR codes of many addresses at once, as the path data of an SVG: the code of a page is part of the page.

Addresses of one length have one version, and a symbol is the exclusive or of one table entry for each byte
(qr_symbol.py), here only for the bytes in which addresses differ: all of a site begin with its host. Rows of modules
become text by tables as well. docs/decisions/0010-qr-codes.md says why.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.render.qr_masks import best_masks
from publish.render.qr_symbol import Octets, Version, Words, faces, tables, version_of

QUIET = 4  # light modules around the symbol
_CHUNK = 2_048  # symbols at a time: what is worked on stays in the cache
_PIECE = 12  # modules at most that are looked up at once: tables of 4,096 texts


def qr_sizes(addresses: pl.Series) -> pl.Series:
    """How many modules the codes of `addresses` are wide (UInt8), with the quiet zone; null where one has no code.

    An address of more than 213 bytes has none.
    """
    lengths = addresses.str.len_bytes()
    wide = {length: _width(version_of(length)) for length in lengths.drop_nulls().unique()}
    return lengths.replace_strict(wide, default=None, return_dtype=pl.UInt8).alias("size")


def qr_paths(addresses: pl.Series) -> pl.Series:
    """The codes of `addresses` (String, null where qr_sizes is) as the `d` of a `<path>` in units of one module.

    Dark modules are horizontal strokes of width 1, in a square as wide as qr_sizes says: `M4 4.5h7m1 0h2m-10 1h1…`.
    """
    lengths = addresses.str.len_bytes()
    every = pl.Series("path", [None], dtype=pl.String).new_from_index(0, addresses.len())
    for length in lengths.drop_nulls().unique().sort():
        version = version_of(length)
        if version is not None:
            same = (lengths == length).fill_null(False).arg_true()
            symbols = np.concatenate(list(qr_symbols(addresses.gather(same), version)), axis=1)
            every = every.scatter(same, _drawn(symbols))
    return every


def qr_symbols(addresses: pl.Series, version: Version) -> Iterator[Words]:
    """Finished symbols of `addresses` that are all of one length, a chunk at a time: words by row and symbol."""
    messages = np.frombuffer("".join(addresses).encode(), np.uint8).reshape(len(addresses), -1)
    made, added = tables(version, messages.shape[1]), faces(version)
    differs = np.flatnonzero((messages != messages[0]).any(axis=0))
    same = np.setdiff1d(np.arange(messages.shape[1]), differs)
    common = np.bitwise_xor.reduce(made.bytes[same, messages[0, same]], axis=0) ^ made.empty
    for start in range(0, len(messages), _CHUNK):
        symbols = _summed(made.bytes, messages[start : start + _CHUNK], differs, common)
        yield symbols ^ added.full[best_masks(symbols, added.bare)].T


def _summed(by_byte: Words, messages: Octets, positions: NDArray[np.int64], common: Words) -> Words:
    symbols = np.tile(common, (len(messages), 1))
    for position in positions:
        symbols ^= by_byte[position].take(messages[:, position], axis=0)
    return np.ascontiguousarray(symbols.T)


def _drawn(symbols: Words) -> pl.Series:
    """Path data of symbols (words by row and symbol): pieces of rows are looked up and put together."""
    size = len(symbols)
    cuts = [size * piece // -(-size // _PIECE) for piece in range(-(-size // _PIECE) + 1)]
    pieces = [pl.lit(f"M{QUIET} {QUIET}.5")]
    for number, row in enumerate(symbols):
        for start, end in pairwise(cuts):
            index = (row >> np.uint64(start) & np.uint64((1 << end - start) - 1)).astype(np.uint32)
            texts = _texts(start, end, size, number + 1 == size)
            pieces.append(pl.lit(texts).gather(pl.lit(pl.Series(index))))
    return pl.select(pl.concat_str(pieces).alias("path")).to_series()


@lru_cache(maxsize=32)
def _texts(start: int, end: int, size: int, last: bool) -> pl.Series:
    """Path data for every pattern of the modules from `start` to before `end`: ends before the next piece of the row,
    or, at the end of a row, where the next row begins, if it is not the last one."""
    return pl.Series([_text(pattern, start, end, size, last) for pattern in range(1 << end - start)])


def _text(pattern: int, start: int, end: int, size: int, last: bool) -> str:
    text, at = "", start
    runs = f"{pattern:0{end - start}b}"[::-1].replace("01", "0 1").replace("10", "1 0").split()
    for run in runs[:-1] if end == size and runs[-1][0] == "0" else runs:
        text += f"h{len(run)}" if run[0] == "1" else f"m{len(run)} 0"
        at += len(run)
    return text if end < size or last else f"{text}m-{at} 1"


def _width(version: Version | None) -> int | None:
    return version.size + 2 * QUIET if version else None

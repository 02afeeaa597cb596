"""What keys of a table begin with: their first HEAD characters as one number, in the order of the characters.

A node of a table tells by a sketch which beginnings its keys have, so that a reader does not load blocks in vain.
"""

import base64
from math import ceil

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.hashing import column_hashes

HEAD = 3  # characters
_BITS = 21  # of a character: code points end at 0x10FFFF
_SKETCH_BITS = 2.0  # of a sketch for each beginning in it
_SKETCH_LEAST, _SKETCH_MOST = 256, 1 << 15  # bits; 2**32 times as many are exact numbers of the script


def heads_of(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Distinct heads, rising. `codes`: HEAD columns of code points, 0 where a key is shorter."""
    numbers = np.zeros(codes.shape[0], dtype=np.uint64)
    for column in range(HEAD):
        numbers = numbers << np.uint64(_BITS) | codes[:, column].astype(np.uint64)
    return distinct_heads(numbers)


def distinct_heads(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Rising, each once."""
    ordered = np.sort(_steps(numbers), kind="stable")  # what is nearly in order has hardly to be sorted
    return _steps(ordered)


def heads_of_keys(keys: pl.Series) -> NDArray[np.uint64]:
    """Those of texts; none has U+0000."""
    begin = keys.str.slice(0, HEAD).unique().str.pad_end(HEAD, "\0").str.join("")
    joined = (begin.item() or "") if keys.len() else ""
    return heads_of(np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).reshape(-1, HEAD))


def head_of(key: str) -> np.uint64:
    """That of one key."""
    number = 0
    for character in key[:HEAD].ljust(HEAD, "\0"):
        number = number << _BITS | ord(character)
    return np.uint64(number)


def alphabet_of(heads: NDArray[np.uint64]) -> str:
    """All characters in them, sorted."""
    codes = np.flatnonzero(np.bincount(characters_of(heads).ravel()))
    return "".join(map(chr, codes[codes > 0].tolist()))


def characters_of(heads: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """HEAD columns of code points."""
    shifts = np.arange(HEAD - 1, -1, -1, dtype=np.uint64) * np.uint64(_BITS)
    return (heads[:, None] >> shifts & np.uint64((1 << _BITS) - 1)).astype(np.uint32)


def sketch_hashes(heads: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The hash of each, by which a sketch has it: that of its characters, which are folded already."""
    return column_hashes(characters_of(heads))


def sketch_of(hashes: NDArray[np.uint32]) -> str:
    """A set of heads by their hashes: a bit each, low ones first, in Base64. Others may seem to be in it."""
    size = 8 * ceil(min(_SKETCH_MOST, max(_SKETCH_LEAST, _SKETCH_BITS * hashes.size)) / 8)
    marks = np.zeros(size, dtype=np.uint8)
    marks[hashes.astype(np.uint64) * np.uint64(size) >> np.uint64(32)] = 1
    return base64.b64encode(np.packbits(marks, bitorder="little").tobytes()).decode()


def _steps(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Without those that are the same as the one before."""
    new = np.ones(numbers.size, dtype=np.bool_)
    new[1:] = numbers[1:] != numbers[:-1]
    return numbers[new]

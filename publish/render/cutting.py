"""Where a listing is cut into pages: at records that say so themselves, so that one more or one less moves few cuts.

This is content-defined chunking (Muthitacharoen, Chen, Mazières: A low-bandwidth network file system, SOSP 2001) with
a record in the place of a byte. Of the records at which the next page may begin, the one with the smallest hash begins
it. So every cut is a record's own: none is forced by a greatest size, after which pages would not be the same again for
long. That is what regression chunking (El-Shimi et al.: Primary data deduplication, USENIX ATC 2012) comes to when
every weaker condition is tried in turn.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

_DIGITS = 15  # of a key, its last: they fit into 63 bits, and the order within a day does not depend on them
_BEFORE_END = len(".html")


def cut_pages(weights: pl.Series, listing: pl.Series, most: int) -> pl.Series:
    """The page (UInt32, from 0) of each record within its listing.

    `weights` (key_weights) of records in the order of their listings, `listing` (integers) which one each is in, all
    records of one together. No page has more than `most` records; but for the last of a listing none has fewer than
    three fifths of that. Equal records in equal order give equal pages.
    """
    if weights.len() == 0:
        return pl.Series("page", [], dtype=pl.UInt32)
    ids = listing.to_numpy()
    begins = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
    firsts = np.zeros(len(ids), dtype=np.uint32)
    firsts[_cuts(weights.to_numpy(), begins, most)] = 1
    numbers = np.cumsum(firsts, dtype=np.uint32)
    sizes = np.diff(np.r_[begins, len(ids)])
    return pl.Series("page", numbers - np.repeat(numbers[begins], sizes), dtype=pl.UInt32)


def _cuts(weights: NDArray[np.uint64], begins: NDArray[np.int64], most: int) -> list[int]:
    """Where pages begin: at the lightest of the records that the greatest and the least size allow."""
    least = max(1, most * 3 // 5)
    cuts = []
    for at, end in zip(begins.tolist(), [*begins[1:].tolist(), len(weights)], strict=True):
        cuts.append(at)
        while end - at > most:
            at += least + int(weights[at + least : at + most + 1].argmin())
            cuts.append(at)
    return cuts


def key_weights(keys: pl.Series) -> pl.Series:
    """A hash (UInt64) of each key (hex digits). Keys are hashes already; they are mixed (Steele, Lea, Flood: Fast
    splittable pseudorandom number generators, OOPSLA 2014) so that nothing hangs on that."""
    return _mixed(keys.str.slice(-_DIGITS).str.to_integer(base=16, dtype=pl.UInt64))


def address_weights(addresses: pl.Series) -> pl.Series:
    """The same of addresses, by eight bytes before `.html`: of keys and credit codes those that tell most. Where all
    have the same ones nothing is cut where addresses say so."""
    last = addresses.str.pad_start(_BEFORE_END + 8).cast(pl.Binary).bin.slice(-_BEFORE_END - 8, 8)
    return _mixed(last.bin.reinterpret(dtype=pl.UInt64, endianness="little"))


def _mixed(numbers: pl.Series) -> pl.Series:
    out = numbers.to_numpy().copy()
    with np.errstate(over="ignore"):
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            out ^= out >> np.uint64(shift)
            out *= np.uint64(factor)
        out ^= out >> np.uint64(31)
    return pl.Series("weight", out)

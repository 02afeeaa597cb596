"""Opaque record keys: the permalink of a record, from which its id cannot be read."""

import hashlib

import numpy as np
import polars as pl

KEY_BYTES = 10
_DIGITS = 16  # of a key, its first: they are a number of 64 bits


def record_keys(dataset: str, record_ids: pl.Series, secret: bytes) -> pl.Series:
    """Key of each record: 20 hex digits of keyed BLAKE2b (RFC 7693) over dataset and record id; null for a null id.

    With a secret nobody can tell from the key in an exit notice which record it was by trying record ids out. Polars
    has no cryptographic hash, so this is a loop over one column, about a microsecond a row.
    """
    copy = hashlib.blake2b(dataset.encode() + b"\x1f", digest_size=KEY_BYTES, key=secret[:64]).copy
    keys: list[str | None] = []
    for record_id in record_ids.cast(pl.Binary).to_list():
        if record_id is None:
            keys.append(None)
            continue
        digest = copy()
        digest.update(record_id)
        keys.append(digest.hexdigest())
    return pl.Series("_key", keys, dtype=pl.String)


def key_order(keys: pl.Series) -> pl.Series:
    """Positions (UInt32) of `keys` in their order; of equal ones in any. By the numbers that they begin with, which are
    sorted much faster than texts, if they tell all of it."""
    numbers = keys.str.slice(0, _DIGITS).str.to_integer(base=16, dtype=pl.UInt64, strict=False)
    order = numbers.arg_sort()
    return order if keys.gather(order).is_sorted() else keys.arg_sort()


def newest_first(days: pl.Series, keys: pl.Series) -> pl.Series:
    """Positions (UInt32) in the order of a public table: newest first, those without a day last, then by key."""
    order = key_order(keys)
    known = days.gather(order).cast(pl.Int32)
    latest, earliest = known.max(), known.min()
    if not isinstance(latest, int) or not isinstance(earliest, int):
        return order
    age = latest - known.fill_null(earliest - 1).to_numpy()
    few = latest - earliest < np.iinfo(np.uint16).max  # numbers of so many bits are sorted without comparing them
    return order.gather(np.argsort(age.astype(np.uint16) if few else age, kind="stable"))

"""Where the one mask of a text stands: enough to mask the text again; by itself it tells how long what is hidden is."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Places = NDArray[np.uint64]

_ONE = r"^([^*]*)(\*+)([^*]*)$"
# Of a place, from its last bit on: whether personal data was masked, how many stars there are, for how many characters,
# from which one on.
_STARS, _LENGTH, _BEGIN = 1, 9, 36
_MOST_STARS, _LONGEST = 2**8 - 1, 2**27 - 1


class _Cut(NamedTuple):
    begin: pl.Series
    length: pl.Series
    stars: pl.Series


def places_of(texts: pl.Series, masked: pl.Series, personal: pl.Series) -> Places:
    """Of each text (String) the place at which stars, instead of characters, make `masked` of it; 0 where it takes
    more than that, and where it had stars already. `personal` Boolean: whether personal data was masked there."""
    groups = masked.str.extract_groups(_ONE).struct.unnest()
    before, stars, after = (pl.lit(group) for group in groups)
    text, begin, most = pl.lit(texts), before.str.len_chars(), stars.str.len_chars()
    length = text.str.len_chars().cast(pl.Int64) - begin - after.str.len_chars()
    fits = ~text.str.contains("*", literal=True) & text.str.starts_with(before) & text.str.ends_with(after)
    fits &= length.is_between(0, _LONGEST) & (begin <= _LONGEST) & (most <= _MOST_STARS)
    parts = pl.select(fits.fill_null(False).alias("fits"), begin.alias("begin"), length.alias("length"), stars=most)
    places = personal.cast(pl.UInt64).to_numpy()
    for name, bit in (("begin", _BEGIN), ("length", _LENGTH), ("stars", _STARS)):
        places = places | parts[name].fill_null(0).to_numpy().astype(np.uint64) << np.uint64(bit)
    return np.where(parts["fits"].to_numpy(), places, np.uint64(0))


def masked_at(texts: pl.Series, places: Places) -> pl.Series:
    """The texts (String) with stars at their places, none of which is 0."""
    cut = _cut(places)
    before, after = texts.str.slice(0, cut.begin), texts.str.slice(cut.begin + cut.length)
    stars = pl.Series(["*" * number for number in range(_MOST_STARS + 1)])
    return (before + stars.gather(cut.stars) + after).alias(texts.name)


def is_personal(places: Places) -> pl.Series:
    """Boolean: where personal data was masked."""
    return pl.Series((places & np.uint64(1)).astype(np.bool_))


def _cut(places: Places) -> _Cut:
    def part(bit: int, most: int) -> pl.Series:
        return pl.Series(((places >> np.uint64(bit)) & np.uint64(most)).astype(np.int64))

    return _Cut(part(_BEGIN, _LONGEST), part(_LENGTH, _LONGEST), part(_STARS, _MOST_STARS))

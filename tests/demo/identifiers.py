"""Numbers that pass every checksum and belong to nobody, made column by column.

Credit codes after GB 32100-2015 with the check of GB 11714 on characters 9-17; numbers in the shape of resident IDs
after GB 11643. Written from the standards and not from publish/, so that each can test the other.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tests.demo.streams import Days, Ints
from tests.demo.words import DISTRICT_REGIONS

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_BODY_WEIGHTS: Final = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_ID_WEIGHTS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECKS: Final = np.frombuffer(b"10X98765432", dtype=np.uint8)
_FIRST_BIRTH: Final = np.datetime64("1957-01-01")
_BIRTHS: Final = 17_531  # days up to the end of 2004: nobody is a minor
# Multipliers without a common factor with the size of the number space: distinct numbers, none in sequence.
_SPREAD: Final = 48_271_003


def credit_codes(heads: Sequence[str], regions: Sequence[str], bodies: Sequence[str]) -> pl.Series:
    """Credit codes from `heads` (department and class), regions (6 digits) and 8-character organisation numbers."""
    parts = pl.select(pl.concat_str(*(pl.lit(pl.Series(p, dtype=pl.String)) for p in (heads, regions, bodies))))
    cells = _cells(parts.to_series())
    full = np.zeros((len(cells), 18), dtype=np.uint8)
    full[:, :16] = cells
    # GB 11714 counts A as 10 to Z as 35, GB 32100 counts in an alphabet without I, O, S, V, Z.
    letters = np.where(cells[:, 8:] >= ord("A"), cells[:, 8:] - 55, cells[:, 8:] - 48).astype(np.int64)
    body_check = (11 - letters @ _BODY_WEIGHTS % 11) % 11
    full[:, 16] = np.frombuffer(b"0123456789X", dtype=np.uint8)[body_check]
    value_of = np.zeros(128, dtype=np.int64)
    value_of[np.frombuffer(_ALPHABET.encode(), dtype=np.uint8)] = np.arange(31)
    check = (31 - value_of[full[:, :17]] @ _CREDIT_WEIGHTS % 31) % 31
    full[:, 17] = np.frombuffer(_ALPHABET.encode(), dtype=np.uint8)[check]
    return _texts(full)


def organisation_bodies(numbers: Ints) -> pl.Series:
    """A distinct 8-character organisation number for each distinct number; two in three of the newer form MA…."""
    size = len(numbers)
    old = _digits(numbers * _SPREAD % 10**8, 8, 10)
    new = np.full((size, 8), ord("M"), dtype=np.uint8)
    new[:, 1] = ord("A")
    new[:, 2:] = _digits(numbers * _SPREAD % 31**6, 6, 31)
    return _texts(np.where((numbers % 3 == 0)[:, None], old, new))


def person_numbers(numbers: Ints, districts: Ints) -> pl.Series:
    """A distinct number in the shape of a resident ID for each distinct number; right check digit, unreal region."""
    spread = numbers * _SPREAD % (_BIRTHS * 999)
    births: Days = _FIRST_BIRTH + (spread % _BIRTHS).astype("timedelta64[D]")
    regions = np.array([[ord(c) for c in region] for region in DISTRICT_REGIONS], dtype=np.uint8)
    full = np.zeros((len(numbers), 18), dtype=np.uint8)
    full[:, :6] = regions[districts]
    full[:, 6:14] = _digits(_yyyymmdd(births), 8, 10)
    full[:, 14:17] = _digits(spread // _BIRTHS + 1, 3, 10)
    full[:, 17] = _ID_CHECKS[(full[:, :17].astype(np.int64) - 48) @ _ID_WEIGHTS % 11]
    return _texts(full)


def registration_numbers(numbers: Ints, districts: Ints) -> pl.Series:
    """Distinct 15-digit registration numbers (工商注册号) of sole traders."""
    serial = pl.Series(numbers * _SPREAD % 10**8).cast(pl.String).str.zfill(8)
    regions = pl.Series(DISTRICT_REGIONS).gather(pl.Series(districts, dtype=pl.UInt32))
    return regions + serial + "6"


def _yyyymmdd(days: Days) -> Ints:
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    months = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (days.astype("datetime64[D]") - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return np.asarray(years * 10_000 + months * 100 + day, dtype=np.int64)


def _digits(values: Ints, width: int, base: int) -> NDArray[np.uint8]:
    alphabet = np.frombuffer(_ALPHABET.encode(), dtype=np.uint8)
    powers = base ** np.arange(width - 1, -1, -1, dtype=np.int64)
    digits: NDArray[np.uint8] = alphabet[values[:, None] // powers % base]
    return digits


def _cells(texts: pl.Series) -> NDArray[np.uint8]:
    return np.frombuffer("".join(texts.to_list()).encode("ascii"), dtype=np.uint8).reshape(len(texts), -1)


def _texts(cells: NDArray[np.uint8]) -> pl.Series:
    width = cells.shape[1]
    joined = np.ascontiguousarray(cells).tobytes().decode("ascii")
    return pl.Series([joined[at : at + width] for at in range(0, len(joined), width)], dtype=pl.String)

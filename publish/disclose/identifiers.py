"""Identifiers: is a unified social credit code valid, does it carry the organisation code's own check?

Columnar: codes are checked as a matrix of bytes, since a million rows pass here.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28], dtype=np.int32)
_CREDIT_SHAPE = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
ALL_ZEROS = "0" * 18
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int16)


def valid_credit_codes(codes: pl.Series) -> pl.Series:
    """Which of `codes` (String) are valid unified social credit codes; Boolean, null counts as not valid.

    GB 32100-2015: 18 characters of 31, weights 3^(i-1) mod 31, check character 31 - (sum mod 31). Eighteen zeros pass
    the sum and are refused by name. The GB 11714 check of characters 9-17 is a warning elsewhere, not a verdict.
    """
    shaped = (codes.str.contains(_CREDIT_SHAPE) & (codes != ALL_ZEROS)).fill_null(False)
    picked = codes.filter(shaped)
    valid = np.zeros(len(codes), dtype=bool)
    if len(picked):
        cells = _characters(picked)
        value_of = np.zeros(128, dtype=np.int32)
        value_of[np.frombuffer(CREDIT_ALPHABET.encode(), dtype=np.uint8)] = np.arange(31)
        values = value_of[cells]
        expected = (31 - values[:, :17] @ _CREDIT_WEIGHTS % 31) % 31
        valid[shaped.to_numpy()] = expected == values[:, 17]
    return pl.Series(codes.name, valid)


def _characters(codes: pl.Series) -> NDArray[np.uint8]:
    """18 ASCII characters of each."""
    return np.frombuffer(codes.str.join("").cast(pl.Binary).item(), dtype=np.uint8).reshape(-1, 18)


def organisation_checks(codes: pl.Series) -> pl.Series:
    """Which of `codes` (valid credit codes) also carry the check character of GB 11714 in characters 9 to 17; Boolean.

    Weights 3, 7, 9, 10, 5, 8, 4, 2; check 11 - (sum mod 11), 10 is X, 11 is 0. Codes were given out without it, so this
    is worth a remark and decides nothing.
    """
    if not len(codes):
        return pl.Series(codes.name, [], dtype=pl.Boolean)
    cells = _characters(codes)
    value_of = np.zeros(128, dtype=np.int16)
    value_of[ord("0") : ord("9") + 1], value_of[ord("A") : ord("Z") + 1] = np.arange(10), np.arange(10, 36)
    expected = np.frombuffer(b"0X987654321", dtype=np.uint8)[value_of[cells[:, 8:16]] @ _ORGANISATION_WEIGHTS % 11]
    return pl.Series(codes.name, cells[:, 16] == expected)

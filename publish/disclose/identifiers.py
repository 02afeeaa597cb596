"""Identifiers: is a unified social credit code valid, does a text hold what looks like a resident ID number?

Columnar: codes are checked as a matrix of bytes, since a million rows pass here.
"""

import numpy as np
import polars as pl

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28], dtype=np.int32)
_CREDIT_SHAPE = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
ALL_ZEROS = "0" * 18

# Region of six digits, a birth date from 1900 on, three digits of order, the check character; full-width digits count,
# and a space or hyphen between the parts. Letters may stand next to it ("身份证11010519491231002X号"), digits may not:
# a longer number would match by accident.
_DIGIT = "[0-9０-９]"
RESIDENT_ID = (
    rf"(?:^|[^0-9０-９])[1-9１-９]{_DIGIT}{{5}}[ -]?"
    r"(?:[1１][9９]|[2２][0０])[0-9０-９]{2}"
    r"(?:[0０][1-9１-９]|[1１][0-2０-２])(?:[0０][1-9１-９]|[12１２][0-9０-９]|[3３][01０１])"
    rf"[ -]?{_DIGIT}{{3}}[0-9０-９XxＸｘ×*](?:$|[^0-9０-９])"
)


def valid_credit_codes(codes: pl.Series) -> pl.Series:
    """Which of `codes` (String) are valid unified social credit codes; Boolean, null counts as not valid.

    GB 32100-2015: 18 characters of 31, weights 3^(i-1) mod 31, check character 31 - (sum mod 31). Eighteen zeros pass
    the sum and are refused by name. The GB 11714 check of characters 9-17 is a warning elsewhere, not a verdict.
    """
    shaped = (codes.str.contains(_CREDIT_SHAPE) & (codes != ALL_ZEROS)).fill_null(False)
    picked = codes.filter(shaped)
    valid = np.zeros(len(codes), dtype=bool)
    if len(picked):
        cells = np.frombuffer("".join(picked.to_list()).encode("ascii"), dtype=np.uint8).reshape(-1, 18)
        value_of = np.zeros(128, dtype=np.int32)
        value_of[np.frombuffer(CREDIT_ALPHABET.encode(), dtype=np.uint8)] = np.arange(31)
        values = value_of[cells]
        expected = (31 - values[:, :17] @ _CREDIT_WEIGHTS % 31) % 31
        valid[shaped.to_numpy()] = expected == values[:, 17]
    return pl.Series(codes.name, valid)


def holds_resident_id(column: pl.Expr) -> pl.Expr:
    """Boolean: the text holds something with the shape of a resident ID number (GB 11643).

    The check digit is not asked for: a mistyped number is still somebody's number.
    """
    return column.str.contains(RESIDENT_ID).fill_null(False)

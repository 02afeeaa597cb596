"""When two texts of a legacy table are the same: equal after NFKC and removal of white space."""

import hashlib
import unicodedata
from collections.abc import Sequence

import polars as pl

KEY_SEPARATOR = "\x1f"
RECORD_ID_DIGITS = 20
# White space as Unicode has it, plus the four separators that Python's str.isspace counts too: the unit separator
# is among them, so that no folded text can hold the one that joins a key.
_WHITE_SPACE = r"[\s\x1c-\x1f]+"


def fold_text(text: str) -> str:
    """`text` after NFKC and removal of white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def fold_column(column: pl.Expr) -> pl.Expr:
    """`fold_text` of a String column; null stays null."""
    return column.str.normalize("NFKC").str.replace_all(_WHITE_SPACE, "")


def record_ids(frame: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Record id of each row: the first 20 hex digits of SHA-256 over the folded key columns, joined with U+001F.

    A null is folded like an empty cell. Polars has no cryptographic hash: one loop over one column, about a
    microsecond a row.
    """
    folded = frame.select(
        pl.concat_str([fold_column(pl.col(name)).fill_null("") for name in key], separator=KEY_SEPARATOR)
    ).to_series()
    digests = [hashlib.sha256(text.encode()).hexdigest()[:RECORD_ID_DIGITS] for text in folded.to_list()]
    return pl.Series("record_id", digests, dtype=pl.String)

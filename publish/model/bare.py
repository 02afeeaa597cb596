"""Frames as files that hold what is in them, and nothing else."""

from io import BytesIO
from pathlib import Path

import polars as pl


def write_bare(frame: pl.DataFrame, target: Path | BytesIO) -> None:
    """Write an IPC file of texts that lie one after the other.

    Columns of Polars share memory with those that they were made from, and bring all of it into a file: what stood in
    rows that were left out, and in cells that are missing now, such as what was masked. A file that stays must not.
    """
    texts = [pl.col(name) for name, dtype in frame.schema.items() if dtype == pl.String]
    bare = frame.with_columns(pl.when(text.is_not_null()).then(text.fill_null("")) for text in texts)
    bare.write_ipc(target, compat_level=pl.CompatLevel.oldest())

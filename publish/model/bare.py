"""Frames that hold what is in them, and nothing else.

Columns of Polars share memory with those that they were made from. So a frame brings into a file, or to a worker, what
stood in rows that were left out and in cells that are missing now: what was masked, and what has expired.
"""

from io import BytesIO
from pathlib import Path
from typing import Literal

import polars as pl


def bare(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame, the texts and bytes of which are copies that share memory with nothing."""
    return frame.with_columns(_copied(name, dtype) for name, dtype in frame.schema.items())


def write_bare(
    frame: pl.DataFrame, target: Path | BytesIO, compression: Literal["uncompressed", "lz4"] = "uncompressed"
) -> None:
    """Write the frame as an IPC file that stays."""
    bare(frame).write_ipc(target, compression=compression)


def _copied(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:  # what is put together is written anew; no other way leaves out what is missing
        return pl.concat_str(pl.col(name), pl.lit("")).alias(name)
    if dtype == pl.Binary:
        return pl.concat_str(pl.col(name).bin.encode("hex"), pl.lit("")).str.decode("hex").alias(name)
    return pl.col(name)

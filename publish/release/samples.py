"""Which files of a release are looked at once more before it goes live: all of a small one, of a large one some."""

import numpy as np
import polars as pl

# Up to here every file is read again and every page looked through. Beyond, samples, the same each time: what is wrong
# with one file in a thousand is found but for once in 150, and reading more waits for the disk alone.
FULL = 20_000
SAMPLE = 5_000
DATA = "data/"  # where data files are, which are large

_PAGE = ".html"
_BULK = r"^(r|s|exits/[0-9a-f]{2})/|^datasets/[^/]+/(by/[0-9a-f]{12}|\d{4}-\d\d|undated)-\d+\.html$"


def pages_to_read(paths: pl.Series, full: int) -> pl.Series:
    """Up to `full` pages all of `paths` (String) that are pages; else up to `full` of those that do not exist in great
    numbers, and up to SAMPLE of those that do."""
    pages = paths.filter(paths.str.ends_with(_PAGE)).to_frame("path")
    if pages.height <= full:
        return pages["path"]
    bulk = pl.col("path").str.contains(_BULK)
    return pl.concat([_even(pages.filter(~bulk), full), _even(pages.filter(bulk), min(full, SAMPLE))])["path"]


def files_to_hash(whole: pl.DataFrame, full: int, pages: pl.Series | None = None) -> pl.DataFrame:
    """What is hashed. All data files first, since lines that they share with the last release are not searched again;
    and even ones, or in their place `pages`, and even ones of all else."""
    is_data = pl.col("path").str.starts_with(DATA)
    data, others = whole.filter(is_data), whole.filter(~is_data)
    if whole.height <= full:
        return pl.concat([data, others])
    count = min(full, SAMPLE)
    if pages is None:
        return pl.concat([data, _even(others, count)])
    is_page = others["path"].str.ends_with(_PAGE)
    rest = _even(others.filter(~is_page), -(-count * (others.height - int(is_page.sum())) // whole.height))
    return pl.concat([data, others.filter(others["path"].is_in(pages.implode())), rest])


def _even(frame: pl.DataFrame, count: int) -> pl.DataFrame:
    """At most `count` rows, evenly spaced: the same ones each time, of every part of the site."""
    if frame.height <= count:
        return frame
    return frame[np.linspace(0, frame.height - 1, count).round().astype(np.int64)]

"""Where whole credit codes, their ends, and whole document numbers are: tables that lead straight to a block.

A table says of a unit its day and the first eight bits of its order, which stay as they are when others come or go.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.folding import fold_text
from publish.derive.search.folded import fold_texts
from publish.derive.search.grams import fnv, hash_grams
from publish.derive.search.packing import Packed, pack, pack_varints
from publish.derive.search.segment import EPOCH

CODE_TARGET, NUMBER_TARGET, NAME_TARGET = 500, 2000, 1500  # entries of a file
_MAX_BITS = 12
RUN = 1024
_SUFFIX, _PATTERN = np.uint32(0xA4093822), np.uint32(0x299F31D0)
SUFFIX = 3  # the last characters of a code, by which files are told apart

# The last run of digits of a text, without leading zeros, at most twelve of them; the script has the same.
_NUMBER = r"^(.*?)([1-9][0-9]{0,11})([^0-9]*)$"


def code_files(units: pl.DataFrame) -> tuple[list[Packed], int]:
    """Files by a hash of the code's end, and how many bits of it. Each: the codes, sorted, one a line; a NUL; varints:
    of each code how many units; of each unit its day as an ordinal (as the difference to the one before within its
    code) and its eight bits."""
    known = units.select(pl.col("c").alias("code"), _day(), _byte()).filter(pl.col("code").str.len_chars() >= SUFFIX)
    lists = known.unique().sort("code", "day", "byte").group_by("code", maintain_order=True).agg("day", "byte")
    bits = _bits(lists.height, CODE_TARGET)
    shard = _suffix_hashes(lists["code"]) >> np.uint32(32 - bits) if bits else np.zeros(lists.height, np.uint32)
    parts = lists.with_columns(pl.Series("shard", shard)).partition_by("shard", as_dict=True)
    return [_code_file(parts.get((number,))) for number in range(1 << bits)], bits


def number_files(units: pl.DataFrame) -> tuple[list[Packed], int]:
    """Files by a hash of a title's pattern, and how many bits of it. A pattern is what is before the title's number,
    what is after it, and the number // RUN.

    Each file is varints: how many patterns; of each pattern the rest of its hash (as a difference) and how many titles;
    then of each title the number (as a difference), the day (zigzag difference) and the eight bits.
    """
    titles = units.select(pl.col("t").alias("title"), _day(), _byte()).filter(
        pl.col("title").str.contains("[0-9０-９]")
    )
    folded = pl.Series("title", [fold_text(title) for title in titles["title"].to_list()], dtype=pl.String)
    groups = folded.str.extract_groups(_NUMBER).struct.unnest()
    table = titles.select("day", "byte").with_columns(
        (groups["1"] + "\0" + groups["3"]).alias("pattern"), groups["2"].cast(pl.UInt64).alias("number")
    )
    # A long run of numbers under one pattern is spread over several files.
    table = table.with_columns(pl.format("{}\0{}", "pattern", pl.col("number") // RUN).alias("pattern"))
    return _hashed_files(table.drop_nulls("number"), NUMBER_TARGET)


def name_files(units: pl.DataFrame) -> tuple[list[Packed], int]:
    """The same for subjects: the pattern is the whole folded name, the number 0."""
    names = units.select(pl.col("s").alias("name"), _day(), _byte()).filter(pl.col("name") != "")
    known = names["name"].unique().to_list()
    folded = dict(zip(known, map(fold_text, known), strict=True))
    table = names.select(
        "day", "byte", pl.col("name").replace_strict(folded, return_dtype=pl.String).alias("pattern")
    ).with_columns(pl.lit(0, dtype=pl.UInt64).alias("number"))
    return _hashed_files(table, NAME_TARGET)


def _hashed_files(table: pl.DataFrame, target: int) -> tuple[list[Packed], int]:
    table = table.unique()
    hashes = pattern_hashes(table["pattern"].unique())
    table = table.with_columns(pl.col("pattern").replace_strict(hashes, return_dtype=pl.UInt32).alias("hash"))
    table = table.sort("hash", "number", "day", "byte")
    bits = _bits(table.height, target)
    parts = table.with_columns((pl.col("hash").cast(pl.UInt64) // 2 ** (32 - bits)).cast(pl.UInt32).alias("shard"))
    found = parts.partition_by("shard", as_dict=True)
    return [_number_file(found.get((number,)), bits) for number in range(1 << bits)], bits


def pattern_hashes(patterns: Iterable[str]) -> dict[str, int]:
    """Hashes of patterns: FNV-1a over UTF-8, mixed."""
    known = list(patterns)
    numbers = np.array([fnv(pattern.encode()) for pattern in known], dtype=np.uint32)
    return dict(zip(known, hash_grams(_PATTERN, numbers, np.zeros_like(numbers)).tolist(), strict=True))


def _bits(size: int, target: int) -> int:
    return min(_MAX_BITS, max(0, round(float(np.log2(max(size, 1) / target)))))


def _day() -> pl.Expr:
    return (pl.col("_day").cast(pl.Int64) + EPOCH).fill_null(0).alias("day")


def _byte() -> pl.Expr:
    return (pl.col("_order") // 2**56).cast(pl.UInt64).alias("byte")


def _suffix_hashes(codes: pl.Series) -> NDArray[np.uint32]:
    # A code is ASCII by its form, so that the last three characters of the folded text are those of the code.
    ends = fold_texts(codes.str.to_lowercase().str.slice(-SUFFIX))
    letters = ends.codes[np.argsort(ends.owner, kind="stable")].reshape(-1, SUFFIX)
    return hash_grams(_SUFFIX, letters[:, 0] | letters[:, 1] << np.uint32(8), letters[:, 2].copy())


def _code_file(lists: pl.DataFrame | None) -> Packed:
    if lists is None:
        return pack(b"\0")
    counts = lists["day"].list.len().cast(pl.Int64).to_numpy()
    days = lists["day"].explode().to_numpy()
    steps = np.diff(days, prepend=0)
    first = np.r_[0, np.cumsum(counts)[:-1]]
    steps[first] = days[first]
    pairs = np.column_stack([steps, lists["byte"].explode().to_numpy().astype(np.int64)]).ravel()
    return pack(
        "\n".join(lists["code"].to_list()).encode() + b"\0" + pack_varints(np.r_[counts, pairs].astype(np.uint64))
    )


def _number_file(table: pl.DataFrame | None, bits: int) -> Packed:
    if table is None:
        return pack(pack_varints(np.zeros(1, np.uint64)))
    hashes = table["hash"].to_numpy().astype(np.uint64) & np.uint64((1 << (32 - bits)) - 1)
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]])
    numbers, days = table["number"].to_numpy(), table["day"].to_numpy()
    steps = np.diff(numbers, prepend=np.zeros(1, np.uint64))
    moves = np.diff(days, prepend=np.zeros(1, np.int64))
    steps[starts], moves[starts] = numbers[starts], days[starts]
    zigzag = ((moves << 1) ^ (moves >> 63)).astype(np.uint64)
    entries = np.column_stack([steps, zigzag, table["byte"].to_numpy()]).astype(np.uint64).ravel()
    heads = np.column_stack(
        [np.diff(hashes[starts], prepend=np.zeros(1, np.uint64)), np.diff(np.r_[starts, hashes.size])]
    )
    return pack(
        pack_varints(np.concatenate([[starts.size], heads.astype(np.uint64).ravel(), entries]).astype(np.uint64))
    )

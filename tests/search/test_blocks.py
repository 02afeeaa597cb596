"""Blocks and grams made in columns are what the plain way gives."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.folding import fold_lightly, simplified
from publish.derive.search.blocks import MAIN_TEXTS, BlockTask, make_blocks
from publish.derive.search.grams import _each_once, unit_grams
from publish.derive.search.pairs import _merged, _steps, in_one, updated

NUMBERS = st.lists(st.one_of(st.integers(0, 40), st.integers(0, 2**32 - 1), st.integers(2**32 - 9, 2**32 - 1)))
RISING = st.sets(st.one_of(st.integers(0, 30), st.integers(0, 2**64 - 1)), max_size=40).map(sorted)
TEXTS = ("t", "s", "a", "r", "x0", "x1")
OTHERS = ("k", "c", "d", "u", "f", "v", "n")
PIECES = ["機械", "臺灣", "銷售食品", "销售食品", "公司", "汀澜", "12", "a1", "é", "e\u0301", "ﾊﾟ", "", "，", "2026年"]


@settings(deadline=None)
@given(NUMBERS, st.integers(1, 6))
def test_each_number_once(numbers: list[int], bits: int) -> None:
    table = np.zeros(1 << bits, dtype=np.uint32)
    for _ in range(2):  # what was left in the table is nothing
        found = _each_once(np.array(numbers, dtype=np.uint32), table).tolist()
        assert sorted(found) == sorted(set(numbers))


@settings(deadline=None)
@given(st.lists(RISING, min_size=2, max_size=4))
def test_rising_numbers_as_one(runs: list[list[int]]) -> None:
    arrays = [np.array(run, dtype=np.uint64) for run in runs]
    merged = _merged(*arrays)
    assert merged.tolist() == sorted(one for run in runs for one in run)
    assert _steps(merged).tolist() == sorted({one for run in runs for one in run})
    assert in_one(*arrays[:2]).tolist() == sorted(set(runs[0]) ^ set(runs[1]))


@settings(deadline=None)
@given(RISING, RISING, RISING)
def test_pairs_brought_up_to_date(stay: list[int], gone: list[int], new: list[int]) -> None:
    # What stays is of other blocks than what was made anew, and so are their pairs.
    stays = set(stay) - set(gone) - set(new)
    whole, made, old = (np.array(sorted(one), dtype=np.uint64) for one in (stays | set(gone), new, gone))
    assert np.concatenate(list(updated(whole, in_one(made, old), made))).tolist() == sorted(stays | set(new))


def units_of(source: random.Random, size: int) -> pl.DataFrame:
    """Units of several blocks; in some of them texts repeat the reason or the subject."""
    rows = []
    for number in range(size):
        row = {name: "".join(source.choices(PIECES, k=source.randint(0, 4))) or None for name in (*TEXTS, *OTHERS)}
        for name in ("x0", "x1"):
            told = source.choice([row["r"], row["s"], None])
            row[name] = f"{row[name] or ''}{told}{source.choice(['', '事'])}{told}" if told else row[name]
        if not number:
            row["x1"] = "\u0001"  # the block of such a text is not shortened
        rows.append(row | {"_block": number * 5 // size, "o": number % 3})
    schema = dict.fromkeys((*OTHERS, *TEXTS), pl.String()) | {"_block": pl.UInt32(), "o": pl.UInt16()}
    return pl.DataFrame(rows, schema=schema)


def traditional_of(block: pl.DataFrame) -> str | None:
    table = simplified()
    texts = fold_lightly("".join(text or "" for name in (*TEXTS, *OTHERS) for text in block[name]))
    return "".join(one + table[one] for one in sorted(set(texts) & table.keys())) or None


@pytest.mark.parametrize("seed", range(12))
def test_a_block_tells_its_traditional_characters_and_its_grams(seed: int, tmp_path: Path) -> None:
    """Whichever column they are in, and whether or not a text that has them is shortened."""
    source = random.Random(seed)
    rows = units_of(source, source.choice([5, 40, 200]))
    count = int(rows["_block"].max()) + 1  # type: ignore[arg-type]
    rows.write_ipc(tmp_path / "rows")
    packed = make_blocks(BlockTask(tmp_path / "rows", count, tmp_path / "grams"))
    assert len(packed) == count
    shortened = 0
    for place, one in enumerate(packed):
        block, body = rows.filter(pl.col("_block") == place), json.loads(gzip.decompress(one.data))
        assert body["h"] == traditional_of(block)
        for name in (*TEXTS, *OTHERS):
            cells = body[name] or [None] * block.height
            if body["z"] and name.startswith("x"):
                shortened += cells != block[name].to_list()
                cells = [
                    cell and cell.replace("\u0002", reason or "").replace("\u0001", subject or "")
                    for cell, reason, subject in zip(cells, block["r"], block["s"], strict=True)
                ]
            assert cells == block[name].to_list()
    assert shortened or rows.height < 40
    # Of texts that are not shortened: all grams, and of a block those that its rows have one by one.
    whole = unit_grams(rows, TEXTS).grams
    assert (whole[1:] > whole[:-1]).all()
    single = rows.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("_block"))
    of_rows = unit_grams(single, TEXTS).grams
    block = rows["_block"].to_numpy()[(of_rows & np.uint64(0xFFFFFFFF)).astype(np.int64)]
    assert set(whole.tolist()) == set((of_rows >> np.uint64(32) << np.uint64(32) | block.astype(np.uint64)).tolist())
    found = np.fromfile(tmp_path / "grams", dtype=np.uint64)
    assert set(unit_grams(rows, MAIN_TEXTS).grams.tolist()) <= set(found.tolist())

"""Blocks of rows as files: what a reader verifies hits in and shows. Each step is one task for a worker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.folding import fold_lightly, simplified
from publish.derive.search.folded import traditional_pattern
from publish.derive.search.grams import unit_grams
from publish.derive.search.packing import Packed, pack
from publish.derive.search.pairs import write_pairs
from publish.model.artifact import written_whole

MAIN_TEXTS = ("t", "s", "a", "r")  # with grams; and x0, x1, …
# What stands in a text for the row's own reason or subject, which are looked for in this order.
_REPEATED = (("r", "\u0002"), ("s", "\u0001"))
_WORTH = 5  # characters from which on that saves anything
# Texts whose ends are plain (letters, digits, punctuation); and what folding may join to its neighbours.
_PLAIN_ENDS = r"(?s)^[\p{L}\p{N}\p{P}]{2}.*[\p{L}\p{N}\p{P}]{2}$"
_JOINING = r"[\p{M}\u1160-\u11ff\u3131-\u318e\uff9e\uff9f\uffa0-\uffdc]"
_NOT_SHOWN = frozenset({"_block", "_day", "_order", "_done"})


@dataclass(frozen=True, slots=True)
class BlockTask:
    """`rows` is an IPC file with `_block` (UInt32, from 0, rising) beside the columns to pack; `count` blocks.

    `grams`: where to write the grams of units, `UnitGrams.grams`, 8 bytes each.
    `every_three`: they are sections.
    """

    rows: Path
    count: int
    grams: Path
    every_three: bool = False


def make_blocks(task: BlockTask) -> tuple[Packed, ...]:
    """All blocks of a task."""
    rows = pl.read_ipc(task.rows)
    names = _shown(rows)
    texts = [name for name in names if name[0] == "x"]
    rows, shortened, repeats = _shortened(rows, texts, task.count)
    folded = [*MAIN_TEXTS, *texts]
    found = unit_grams(_ends_only(rows, repeats), folded, every_three=task.every_three)
    with written_whole(task.grams) as new:
        write_pairs([found.grams], new)
    others = [name for name in names if name not in folded]
    return _packed(rows, names, {"z": shortened}, _simplifications(rows, others, found.traditional.tolist()))


def plain_blocks(rows: pl.DataFrame) -> tuple[Packed, ...]:
    """Blocks of rows that are no units: of a table. `rows` as in the file of a BlockTask."""
    names = _shown(rows)
    return _packed(rows, names, {}, _simplifications(rows, names))


def _shown(rows: pl.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in _NOT_SHOWN]


def _simplifications(rows: pl.DataFrame, names: Sequence[str], known: Sequence[int] = ()) -> dict[int, str]:
    """By block, the traditional characters of these columns, each with its simplified one, sorted: so a reader can
    fold them without the whole table. `known`: those of other columns, block << 32 | character."""
    texts = [pl.col(name) for name in names if rows[name].dtype == pl.String]
    # The text of a block is one string: to begin with each row anew takes longer than to look through it.
    joined = rows.group_by("_block", maintain_order=True).agg(text.str.join("") for text in texts)
    every = pl.concat_str(texts).str.extract_all(traditional_pattern()).alias("every")
    told = joined.select("_block", every).filter(pl.col("every").list.len() > 0)
    found: dict[int, list[str]] = {one >> 32: [] for one in known}
    for one in known:
        found[one >> 32].append(chr(one & 0xFFFFFFFF))
    for block, characters in told.iter_rows():
        found.setdefault(block, []).extend(characters)
    table = simplified()
    some = {block: sorted(table.keys() & fold_lightly("".join(characters))) for block, characters in found.items()}
    return {block: "".join(one + table[one] for one in characters) for block, characters in some.items()}


def _shortened(
    rows: pl.DataFrame, texts: Sequence[str], count: int
) -> tuple[pl.DataFrame, NDArray[np.bool_], list[tuple[str, str]]]:
    """Texts that repeat their row's reason or subject have a character for it, but where a text has such a character
    itself; which blocks those are that have been shortened; and the columns with such a
    character, and it."""
    block = rows["_block"].to_numpy()
    done = np.ones(count, dtype=np.bool_)
    own = [pl.col(name).str.contains("[\u0001\u0002]").fill_null(False) for name in ("r", "s", *texts)]
    done[rows.filter(pl.any_horizontal(own))["_block"].to_numpy()] = False
    allowed = pl.Series("_done", done[block])
    rows = rows.with_columns(allowed)
    found = []
    for name, mark in _REPEATED:
        for text in texts:
            shorter = _without(rows, text, name, mark)
            if shorter is not None:
                rows = shorter
                found.append((text, mark))
    return rows, done, found


def _ends_only(rows: pl.DataFrame, repeats: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """For grams: in shortened texts, the first and last two characters of what is repeated. The pieces within are those
    of the reason or subject itself; the pieces across its ends stay. A piece across the gap leads nobody astray: what
    is looked up is verified."""
    for name, mark in _REPEATED:
        texts = [text for text, one in repeats if one == mark]
        own = pl.col(name)
        plain = own.str.contains(_PLAIN_ENDS) & ~own.str.contains(_JOINING)
        ends = pl.when(plain.fill_null(False)).then(own.str.head(2) + mark + own.str.tail(2)).otherwise(own)
        restored = [pl.col(text).str.replace_all(mark, ends.fill_null(""), literal=True) for text in texts]
        rows = rows.with_columns(
            pl.when("_done").then(whole).otherwise(text).alias(text)
            for text, whole in zip(texts, restored, strict=True)
        )
    return rows


def _without(rows: pl.DataFrame, text: str, name: str, mark: str) -> pl.DataFrame | None:
    """Rows whose `text` has `mark` for what it repeats. Most columns repeat nothing: these are not cut at all,
    and give None."""
    own, whole = pl.col(name), pl.col(text)
    repeats = (own.str.len_chars() >= _WORTH) & whole.str.contains(own, literal=True) & pl.col("_done")
    repeated = rows.select(repeats.fill_null(False)).to_series()
    if not repeated.any():
        return None
    return rows.with_columns(pl.when(repeated).then(whole.str.split(own).list.join(mark)).otherwise(whole).alias(text))


def _packed(
    rows: pl.DataFrame,
    names: Sequence[str],
    marks: dict[str, NDArray[np.bool_]],
    traditional: Mapping[int, str],
) -> tuple[Packed, ...]:
    """Columns of each block as a JSON object. A column without values is null; a mark is 1 or null; `h` are its
    traditional characters and what they fold to, in turn."""
    if not rows.height:
        return ()
    table = rows.select("_block", *names)
    lists = table.group_by("_block", maintain_order=True).agg(pl.all())
    filled = [pl.when(pl.col(name).list.drop_nulls().list.len() > 0).then(name) for name in names]
    # None of them is left out: a block is the same whatever other blocks are made with it.
    of_blocks = [pl.Series(name, np.where(marked, 1, 0)).replace(0, None) for name, marked in marks.items()]
    of_blocks.append(pl.Series("h", [traditional.get(place) for place in range(lists.height)], dtype=pl.String))
    lines = BytesIO()
    lists.select(*filled).with_columns(of_blocks).write_ndjson(lines)
    return tuple(pack(line) for line in lines.getvalue().split(b"\n")[:-1])

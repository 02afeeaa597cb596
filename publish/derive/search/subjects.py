"""Tables of subjects: by parts of their names, by their codes, by a hash of what is looked up whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import Folded, fold_texts
from publish.derive.search.hashing import code_hashes, spread, text_hashes
from publish.derive.search.heads import HEAD, distinct_heads, heads_of
from publish.derive.search.partition import cuts
from publish.derive.search.scale import EPOCH, Scale, Season
from publish.derive.search.tables import Run, Table, fence, hashed_run, row_prints
from publish.model.public import PublicTable
from publish.model.terms import SubjectKind

END = 4  # last characters of a code, by which its block is told
KEY = 12  # characters of a key of the table of names
COMMON = 32  # of a longer list of names that end the same, a table of names has so many
_SUBJECT = ("name", "code", "key", "day", "sets", "until", "masked", "lasting", "still")
_BATCH = 400_000  # suffixes that are sorted at once


def subject_rows(tables: Sequence[PublicTable], season: Season | None) -> pl.DataFrame:
    """Distinct (name, code): `name` (may be ''), `code` (null: no page), `key` of the newest record without one, `day`
    of the newest as an ordinal (0: undated), `sets` (datasets by position, joined by blanks), `until` (last public day,
    yyyy-mm-dd; null: no end), `masked` (a natural person); `lasting`: it stays listed for the season, `still`: in the
    same datasets.
    """
    frames = [_mentions(table, place, season) for place, table in enumerate(tables)]
    schema = {"name": pl.String, "code": pl.String, "key": pl.String, "day": pl.Int64, "set": pl.String}
    empty = pl.DataFrame(schema=schema | {"until": pl.Date, "masked": pl.Boolean, "lasting": pl.Boolean})
    return _grouped(pl.concat([empty, *frames]))


def _mentions(table: PublicTable, place: int, season: Season | None) -> pl.DataFrame:
    day = pl.col("_date").dt.epoch("d")
    last = pl.col("_until").dt.epoch("d")
    # Without a season nothing is known to last: then each last day is told.
    old = (day < season.fresh).fill_null(True) if season else pl.lit(False)
    lasts = (last > season.passing).fill_null(True) if season else pl.lit(False)
    named = pl.col("_subject").fill_null("")
    return table.frame.filter((named != "") | pl.col("_code").is_not_null()).select(
        named.alias("name"),
        pl.col("_code").alias("code"),
        pl.col("_key").alias("key"),
        (day.cast(pl.Int64) + EPOCH).fill_null(0).alias("day"),
        pl.lit(str(place)).alias("set"),
        pl.col("_until").alias("until"),
        (pl.col("_kind") == SubjectKind.NATURAL_PERSON.value).fill_null(True).alias("masked"),
        (old & lasts).alias("lasting"),
    )


def _grouped(mentions: pl.DataFrame) -> pl.DataFrame:
    of_sets = mentions.group_by("name", "code", "set").agg(
        pl.col("day").max(),
        pl.when(pl.col("until").null_count() == 0).then(pl.col("until").max()).alias("until"),
        pl.col("masked").all(),
        pl.col("lasting").any(),
    )
    endless = pl.col("until").null_count() > 0
    whole = of_sets.with_columns(pl.col("set").alias("sets"), pl.col("lasting").alias("still"))
    if mentions["set"].n_unique() > 1:
        whole = of_sets.group_by("name", "code").agg(
            pl.col("day").max(),
            pl.col("set").sort().str.join(" ").alias("sets"),
            pl.when(~endless).then(pl.col("until").max()).alias("until"),
            pl.col("masked").all(),
            pl.col("lasting").any(),
            pl.col("lasting").all().alias("still"),
        )
    until = pl.col("until").cast(pl.String)
    return (
        whole.with_columns(until)
        .join(_newest(mentions), on="name", how="left")
        .select(_SUBJECT)
        .sort("code", "name", nulls_last=True)
    )


def _newest(mentions: pl.DataFrame) -> pl.DataFrame:
    """The key of the newest record of each name that is told without a code; tables have the newest first."""
    lone = mentions.filter(pl.col("code").is_null() & ~pl.col("masked"))
    return lone.sort("day", descending=True, maintain_order=True).group_by("name").agg(pl.col("key").first())


def code_table(subjects: pl.DataFrame, scale: Scale) -> Table:
    """Subjects with a page, by the hash of the last characters of their code: `c` code, `s` newest name, `q` other
    names (lines; '' for records without one), `o` datasets (positions, joined by blanks), of passing ones `u`, the last
    public day."""
    known = subjects.filter(pl.col("code").is_not_null())
    alone = pl.len().over("code") == 1
    called = pl.col("name").replace("", None).alias("s")
    none = pl.lit(None, dtype=pl.String).alias("q")
    told = (pl.col("sets").alias("o"), pl.col("until").alias("u"), "still")
    single = known.filter(alone).select("code", called, none, *told)
    rows = pl.concat([single, _joined_names(known.filter(~alone))]).sort("code")
    keys = text_hashes(fold_texts(rows["code"].str.slice(-END)), rows.height)
    return Table("codes", _two_runs(keys, rows.rename({"code": "c"}), "still", scale.subject_rows))


def _joined_names(known: pl.DataFrame) -> pl.DataFrame:
    """One row of each code, of rows of several names."""
    names = pl.col("name").sort_by(pl.col("name") == "", "day", "name", descending=[False, True, False])
    return known.group_by("code", maintain_order=True).agg(
        names.first().replace("", None).alias("s"),
        (names.slice(1).str.replace_all("\n", " ", literal=True) + "\n").str.join("").replace("", None).alias("q"),
        pl.col("sets").str.split(" ").explode().unique().sort().str.join(" ").alias("o"),
        pl.when(pl.col("until").null_count() == 0).then(pl.col("until").max()).alias("u"),
        pl.col("still").all(),
    )


def known_table(subjects: pl.DataFrame, scale: Scale) -> Table:
    """Names by a hash of the whole folded name: `g` the hash, `c` the code; `k` and `s`, newest record and name, where
    there is no code; `u` as above. Natural persons are not in it: their names are masked."""
    named = subjects.filter((~pl.col("masked") | pl.col("code").is_not_null()) & (pl.col("name") != ""))
    keys = text_hashes(fold_texts(named["name"]), named.height)
    coded = pl.col("code").is_not_null()
    rows = named.select(
        pl.Series("g", keys),
        pl.col("code").alias("c"),
        pl.when(~coded).then("key").alias("k"),
        pl.when(~coded).then("name").alias("s"),
        pl.col("until").alias("u"),
        "lasting",
    )
    return Table("known", _two_runs(keys, rows, "lasting", scale.known_rows))


def _two_runs(keys: NDArray[np.uint32], rows: pl.DataFrame, lasting: str, size: int) -> list[Run]:
    """The passing run, with the last public days; and the lasting one, without: it outlasts the season."""
    stays = rows[lasting].to_numpy()
    passing = hashed_run(keys[~stays], rows.filter(~stays).drop(lasting), size // 2)
    return [passing, hashed_run(keys[stays], rows.filter(stays).drop(lasting, "u"), size)]


@dataclass(frozen=True, slots=True)
class _Names:
    """Folded names, in order. Of each name `begin` and `ends`: where its characters are; `hashes`: of its subject's
    credit code. Characters are told by int32, since there are very many of them."""

    folded: Folded
    begin: NDArray[np.int32]
    ends: NDArray[np.int32]
    hashes: NDArray[np.uint64]

    def left(self, at: NDArray[np.int32]) -> NDArray[np.int32]:
        """How many characters of its name stand from each place on."""
        return self.ends[self.folded.owner[at]] - at


def name_table(subjects: pl.DataFrame, scale: Scale) -> Table:
    """Subjects with a page by every part of their folded name: a key is what stands from some character on, at least
    two and at most KEY characters. `s` name, `c` code, and of passing ones `u`.

    Where more than COMMON names of a run end the same, the table has COMMON of them under that end: the
    others are found as records.
    """
    known = subjects.filter(pl.col("code").is_not_null() & (pl.col("name") != ""))
    runs = []
    heads = []
    for lasting in (False, True):
        mine = known.filter(pl.col("lasting") == lasting)
        rows = mine.select(pl.col("name").alias("s"), pl.col("code").alias("c"), pl.col("until").alias("u"))
        run, begins = _name_run(rows.drop("u") if lasting else rows, scale.name_rows if lasting else scale.passing_rows)
        runs.append(run)
        heads.append(begins)
    return Table("names", runs, distinct_heads(np.concatenate(heads)))


def _name_run(rows: pl.DataFrame, size: int) -> tuple[Run, NDArray[np.uint64]]:
    # Suffixes that are the same come by the hash of their code: names are in that order from the beginning.
    rows = rows[np.argsort(code_hashes(rows["c"]), kind="stable")]
    names = _folded_names(rows)
    codes = np.r_[names.folded.codes, np.zeros(KEY, np.uint32)]
    ranks, alphabet = _ranks(codes)
    every = np.arange(names.folded.codes.size, dtype=np.int32)
    starts = _without_common(every[names.left(every) >= 2], ranks, names)
    del every
    parts = [_sorted_suffixes(batch, ranks, names) for batch in _batches(starts, ranks, alphabet.size)]
    at = np.concatenate([np.empty(0, np.int32), *parts])
    owner = names.folded.owner[at]
    chance = spread(names.hashes[owner] + (at - names.begin[owner]).astype(np.uint64)) >> np.uint64(32)
    cut = np.flatnonzero(cuts(chance.astype(np.uint32), max(1, size // 2)))
    key = _key_reader(names)
    fences = ["" if row == 0 else fence(key(at[row - 1]), key(at[row])) for row in cut.tolist()]
    ends = np.r_[cut, at.size]
    run = Run(rows, owner, ends, fences, row_prints(rows))
    return run, _heads(names, at)


def _folded_names(rows: pl.DataFrame) -> _Names:
    folded = fold_texts(rows["s"]).in_order()
    ends = np.searchsorted(folded.owner, np.arange(rows.height, dtype=np.int32), side="right").astype(np.int32)
    begin = np.r_[np.zeros(1, np.int32), ends][:-1]
    return _Names(folded, begin, ends, code_hashes(rows["c"]))


def _ranks(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """Characters as small numbers in the same order; 0 is none. Raises ValueError for more than 65,535 of them."""
    alphabet = np.flatnonzero(np.bincount(codes)).astype(np.uint32) if codes.size else codes
    if alphabet.size > 0xFFFF:
        raise ValueError("names have more different characters than an index can tell apart")
    table = np.zeros(int(alphabet.max(initial=0)) + 1, dtype=np.uint16)
    table[alphabet] = np.arange(alphabet.size)
    return table[codes], alphabet


def _without_common(starts: NDArray[np.int32], ranks: NDArray[np.uint16], names: _Names) -> NDArray[np.int32]:
    """Suffixes without most of those that are as short as 有限公司 and stand at the end of very many names: it would
    take long to sort them only to leave them out. Of each such list more than COMMON of its first ones are left."""
    left = names.left(starts)
    short = left <= 4
    some, left = starts[short], left[short]
    keys = np.zeros(some.size, dtype=np.uint64)
    for step in range(4):
        keys = keys << np.uint64(16) | np.where(step < left, ranks[some + step], 0).astype(np.uint64)
    known, counts = np.unique_counts(keys)
    known, counts = known[counts > 8 * COMMON], counts[counts > 8 * COMMON]
    if not known.size:
        return starts
    place = np.minimum(np.searchsorted(known, keys), known.size - 1)
    common = known[place] == keys
    ties = names.hashes[names.folded.owner[some]]
    early = ties < ((2.0**64) * 4 * COMMON / counts).astype(np.uint64)[place]
    enough = np.bincount(place[common & early], minlength=known.size) > COMMON
    dropped = np.zeros(starts.size, dtype=np.bool_)
    dropped[short] = common & ~early & enough[place]
    return starts[~dropped]


def _batches(starts: NDArray[np.int32], ranks: NDArray[np.uint16], size: int) -> list[NDArray[np.int32]]:
    """Suffixes by ranges of their first character, in order, about _BATCH at a time."""
    totals = np.cumsum(np.bincount(ranks[starts], minlength=size))
    group = (totals // _BATCH).astype(np.uint16)[ranks[starts]]
    order = np.argsort(group, kind="stable")  # small numbers: sorted by counting
    ends = np.cumsum(np.bincount(group))
    return [part for part in np.split(starts[order], ends[:-1]) if part.size]


def _sorted_suffixes(starts: NDArray[np.int32], ranks: NDArray[np.uint16], names: _Names) -> NDArray[np.int32]:
    """The suffixes that begin at `starts`, which rise, in order of their keys, without the rest of too long lists.

    One character after the other, the last first: each time they are few numbers, which are sorted by counting.
    """
    left = names.left(starts)
    letters = [np.where(place < left, ranks[starts + place], np.uint16(0)) for place in range(KEY)]
    order = np.arange(starts.size)
    for letter in reversed(letters):
        order = order[np.argsort(letter[order], kind="stable")]
    at, left = starts[order], left[order]
    same = np.zeros(at.size, dtype=np.bool_)  # as the one before, and both end with their names
    same[1:] = (left[1:] == left[:-1]) & (left[1:] <= KEY)
    for letter in letters:
        some = np.flatnonzero(same)
        same[some] = letter[order[some]] == letter[order[some - 1]]
    every = np.arange(at.size)
    first = np.maximum.accumulate(np.where(same, 0, every))
    return at[every - first < COMMON]


def _key_reader(names: _Names) -> Callable[[int], str]:
    """What reads the key that begins at a place."""
    codes, owner = names.folded.codes, names.folded.owner

    def key(at: int) -> str:
        return codes[at : min(at + KEY, int(names.ends[owner[at]]))].tobytes().decode("utf-32-le")

    return key


def _heads(names: _Names, at: NDArray[np.int32]) -> NDArray[np.uint64]:
    """What keys begin with; `at` in the order of keys, so that the same stand together."""
    codes = np.r_[names.folded.codes, np.zeros(HEAD, np.uint32)]
    third = np.where(names.left(at) >= HEAD, codes[at + 2], np.uint32(0))
    return heads_of(np.column_stack([codes[at], codes[at + 1], third]))

"""Tables of subjects: by parts of their names, by their codes, by a hash of what is looked up whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import Folded, fold_texts, folded_strings
from publish.derive.search.hashing import hex_of, spread, text_hashes, wide_hashes
from publish.derive.search.partition import cuts
from publish.derive.search.scale import EPOCH, Scale, Season
from publish.derive.search.tables import Run, Table, fence, hashed_run, row_prints
from publish.model.public import PublicTable
from publish.model.terms import SubjectKind

END = 4  # last characters of a code, by which its block is told
KEY = 12  # characters of a key of the table of names
COMMON = 32  # of a longer list of names that end the same, a table of names has so many
_BATCH = 1_000_000  # suffixes that are sorted at once


def subject_rows(tables: Sequence[PublicTable], season: Season | None) -> pl.DataFrame:
    """Distinct (name, code): `name` (may be ''), `code` (null: no page), `key` of the newest record, `day` of it as an ordinal (0:
    undated), `sets` (datasets by position, joined by blanks), `until` (last public day, yyyy-mm-dd; null: no end),
    `masked` (a natural person); `lasting`: it stays listed for the season, `still`: in the same datasets.
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
        pl.struct("day", "key").max().alias("newest"),
        pl.when(pl.col("until").null_count() == 0).then(pl.col("until").max()).alias("until"),
        pl.col("until").null_count().alias("endless"),
        pl.col("masked").all(),
        pl.col("lasting").any(),
    )
    ends = pl.when(pl.col("endless").sum() == 0).then(pl.col("until").max().cast(pl.String))
    return (
        of_sets.group_by("name", "code")
        .agg(
            pl.col("newest").max(),
            pl.col("set").sort().str.join(" ").alias("sets"),
            ends.alias("until"),
            pl.col("masked").all(),
            pl.col("lasting").any(),
            pl.col("lasting").all().alias("still"),
        )
        .unnest("newest")
        .sort("code", "name", nulls_last=True)
    )


def code_table(subjects: pl.DataFrame, scale: Scale) -> Table:
    """Subjects with a page, by the hash of the last characters of their code: `c` code, `s` newest name, `q` other names
    (lines; '' for records without one), `o` datasets (positions, joined by blanks), and of passing ones `u`, the last public day."""
    known = subjects.filter(pl.col("code").is_not_null())
    names = pl.col("name").sort_by(pl.col("name") == "", "day", "name", descending=[False, True, False])
    rows = known.group_by("code", maintain_order=True).agg(
        names.first().replace("", None).alias("s"),
        (names.slice(1) + "\n").str.join("").replace("", None).alias("q"),
        pl.col("sets").str.split(" ").explode().unique().sort().str.join(" ").alias("o"),
        pl.when(pl.col("until").null_count() == 0).then(pl.col("until").max()).alias("u"),
        pl.col("still").all(),
    )
    keys = hex_of(text_hashes(fold_texts(rows["code"].str.slice(-END)), rows.height))
    return Table("codes", _two_runs(keys, rows.rename({"code": "c"}), "still", scale.subject_rows))


def known_table(subjects: pl.DataFrame, scale: Scale) -> Table:
    """Names by a hash of the whole folded name: `h` the hash, `c` the code; `k` and `s`, newest record and name, where
    there is no code; `u` as above. Natural persons are not in it: their names are masked."""
    named = subjects.filter((~pl.col("masked") | pl.col("code").is_not_null()) & (pl.col("name") != ""))
    keys = hex_of(text_hashes(fold_texts(named["name"]), named.height))
    coded = pl.col("code").is_not_null()
    rows = named.select(
        keys.alias("h"),
        pl.col("code").alias("c"),
        pl.when(~coded).then("key").alias("k"),
        pl.when(~coded).then("name").alias("s"),
        pl.col("until").alias("u"),
        "lasting",
    )
    return Table("known", _two_runs(keys, rows, "lasting", scale.known_rows))


def _two_runs(keys: pl.Series, rows: pl.DataFrame, lasting: str, size: int) -> list[Run]:
    """The passing run, with the last public days, and the lasting one, of which no day is told: it outlasts the season."""
    stays = rows[lasting]
    passing = hashed_run(keys.filter(~stays), rows.filter(~stays).drop(lasting), size // 2)
    return [passing, hashed_run(keys.filter(stays), rows.filter(stays).drop(lasting, "u"), size)]


@dataclass(frozen=True, slots=True)
class _Names:
    """Folded names and their subjects: `end` of each code where its name ends; `hashes` of the subjects."""

    folded: Folded
    places: NDArray[np.int64]
    end: NDArray[np.int64]
    hashes: NDArray[np.uint64]


def name_table(subjects: pl.DataFrame, scale: Scale) -> Table:
    """Subjects with a page by every part of their folded name: a key is what stands from some character on, at least
    two and at most KEY characters. `s` name, `c` code, and of passing ones `u`.

    Where more than COMMON names of a run end the same, the table has COMMON of them under that end, and notes it.
    """
    known = subjects.filter(pl.col("code").is_not_null() & (pl.col("name") != ""))
    runs = []
    heads: set[str] = set()
    for lasting in (False, True):
        mine = known.filter(pl.col("lasting") == lasting)
        rows = mine.select(pl.col("name").alias("s"), pl.col("code").alias("c"), pl.col("until").alias("u"))
        run, begins = _name_run(rows.drop("u") if lasting else rows, scale.name_rows if lasting else scale.passing_rows)
        runs.append(run)
        heads |= begins
    return Table("names", runs, sorted(heads))


def _name_run(rows: pl.DataFrame, size: int) -> tuple[Run, set[str]]:
    names = _folded_names(rows)
    codes = np.r_[names.folded.codes, np.zeros(KEY, np.uint32)]
    ranks, alphabet = _ranks(codes)
    starts = np.flatnonzero(names.end - np.arange(names.end.size) >= 2)
    where: list[NDArray[np.int64]] = []
    common: list[NDArray[np.int64]] = []
    for batch in _batches(starts, ranks, alphabet.size):
        kept, noted = _sorted_suffixes(batch, ranks, names)
        where.append(kept)
        common.append(noted)
    at = np.concatenate([np.empty(0, np.int64), *where])
    owner = names.folded.owner[at]
    chance = spread(names.hashes[owner] + names.places[at].astype(np.uint64)) >> np.uint64(32)
    cut = np.flatnonzero(cuts(chance.astype(np.uint32), max(1, size // 2)))
    key = _key_reader(names)
    fences = ["" if row == 0 else fence(key(at[row - 1]), key(at[row])) for row in cut.tolist()]
    ends = np.r_[cut, at.size]
    notes = _notes(np.concatenate([np.empty(0, np.int64), *common]), at, ends, key)
    run = Run(rows, owner, ends, fences, row_prints(rows), notes)
    return run, _heads(codes, at)


def _folded_names(rows: pl.DataFrame) -> _Names:
    texts = fold_texts(rows["s"])
    order = np.argsort(texts.owner, kind="stable")
    folded = Folded(texts.codes[order], texts.owner[order], texts.simplified)
    places = folded.places
    last = np.flatnonzero(np.r_[places[1:] == 0, True]) + 1 if places.size else places
    end = np.repeat(last, np.diff(np.r_[0, last]))
    both = wide_hashes(fold_texts(rows["c"]), rows.height) ^ spread(wide_hashes(folded, rows.height))
    return _Names(folded, places, end, both)


def _ranks(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """Characters as small numbers in the same order; 0 is none. Raises ValueError for more than 65,535 of them."""
    alphabet = np.flatnonzero(np.bincount(codes)).astype(np.uint32) if codes.size else codes
    if alphabet.size > 0xFFFF:
        raise ValueError("names have more different characters than an index can tell apart")
    table = np.zeros(int(alphabet.max(initial=0)) + 1, dtype=np.uint16)
    table[alphabet] = np.arange(alphabet.size)
    return table[codes], alphabet


def _batches(starts: NDArray[np.int64], ranks: NDArray[np.uint16], size: int) -> list[NDArray[np.int64]]:
    """Suffixes by ranges of their first character, in order, about _BATCH at a time."""
    first = ranks[starts]
    totals = np.cumsum(np.bincount(first, minlength=size))
    group = (totals // _BATCH)[first]
    return [starts[group == one] for one in np.unique(group).tolist()]


def _sorted_suffixes(
    starts: NDArray[np.int64], ranks: NDArray[np.uint16], names: _Names
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The suffixes that begin at `starts`, in order of their keys, without those of too long lists; and the places, in
    what is kept, of suffixes that others of their list have been left out for."""
    left = names.end[starts] - starts
    keys = {"tie": names.hashes[names.folded.owner[starts]], "at": starts}
    for word in range(KEY // 4):
        packed = np.zeros(starts.size, dtype=np.uint64)
        for place in range(4 * word, 4 * word + 4):
            letter = np.where(place < left, ranks[starts + place], 0)
            packed = packed << np.uint64(16) | letter.astype(np.uint64)
        keys[f"k{word}"] = packed
    words = [f"k{word}" for word in range(KEY // 4)]
    table = pl.DataFrame(keys).sort(*words, "tie", "at")
    at = table["at"].to_numpy()
    columns = [table[name].to_numpy() for name in words]
    new = np.r_[True, np.logical_or.reduce([one[1:] != one[:-1] for one in columns])]
    begin = np.flatnonzero(new)
    sizes = np.diff(np.r_[begin, at.size])
    whole = names.end[at[begin]] - at[begin] <= KEY  # of a run of equal keys: they end with their names
    rank = np.arange(at.size) - np.repeat(begin, sizes)
    long = np.repeat(whole & (sizes > COMMON), sizes)
    kept = ~long | (rank < COMMON)
    return at[kept], at[kept & long]


def _key_reader(names: _Names):  # type: ignore[no-untyped-def]
    codes, end = names.folded.codes, names.end

    def key(at: int) -> str:
        return codes[at : min(at + KEY, end[at])].tobytes().decode("utf-32-le")

    return key


def _notes(common: NDArray[np.int64], at: NDArray[np.int64], ends: NDArray[np.int64], key) -> tuple[tuple[int, tuple[str, ...]], ...]:  # type: ignore[no-untyped-def]
    """By block, the keys whose list has been cut."""
    place = np.flatnonzero(np.isin(at, common))
    block = np.searchsorted(ends, place, side="right") - 1
    found: dict[int, dict[str, None]] = {}
    for one, row in zip(block.tolist(), place.tolist(), strict=True):
        found.setdefault(one, {})[key(at[row])] = None
    return tuple((one, tuple(keys)) for one, keys in found.items())


def _heads(codes: NDArray[np.uint32], at: NDArray[np.int64]) -> set[str]:
    pairs = np.unique(codes[at].astype(np.uint64) << np.uint64(32) | codes[at + 1])
    return {chr(pair >> 32) + chr(pair & 0xFFFFFFFF) for pair in pairs.tolist()}

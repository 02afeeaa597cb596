"""Subjects, and tables of them by their codes and by a hash of what is looked up whole."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.folded import fold_texts
from publish.derive.search.hashing import text_hashes
from publish.derive.search.scale import EPOCH, Scale, Season
from publish.derive.search.tables import Arrays, Run, Table, hashed_run, row_prints
from publish.model.distinct import places_in_turn
from publish.model.public import PublicTable
from publish.model.terms import SubjectKind

END = 4  # last characters of a code, by which its block is told
_SUBJECT = ("name", "code", "key", "day", "sets", "until", "masked", "lasting", "still")


def subject_rows(tables: Sequence[PublicTable], season: Season | None) -> pl.DataFrame:
    """Distinct (name, code): `name` (may be ''), `code` (null: no page), `key` of the newest record without one, `day`
    of the newest as an ordinal (0: undated), `sets` (datasets by position, joined by blanks), `until` (last public day,
    yyyy-mm-dd; null: no end), `masked` (a natural person); `lasting`: it stays listed for the season, `still`: in the
    same datasets.
    """
    return grouped(mentions_of(tables, season))


def mentions_of(tables: Sequence[PublicTable], season: Season | None) -> pl.DataFrame:
    """What grouped() takes: a row of each record that tells a name or a code."""
    frames = [_mentions(table, place, season) for place, table in enumerate(tables)]
    schema = {"name": pl.String, "code": pl.String, "key": pl.String, "day": pl.Int64, "set": pl.String}
    empty = pl.DataFrame(schema=schema | {"until": pl.Date, "masked": pl.Boolean, "lasting": pl.Boolean})
    return pl.concat([empty, *frames])


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


def place_of_subject() -> pl.Expr:
    """A text of each subject by which they are in order: by code and name, those without a code last."""
    return pl.concat_str(pl.col("code").fill_null("\U0010ffff"), "name", separator="\0")


def grouped(mentions: pl.DataFrame) -> pl.DataFrame:
    """Subjects as subject_rows has them. Those of some names are the same whatever other names there are."""
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
        .sort(place_of_subject())
    )


def _newest(mentions: pl.DataFrame) -> pl.DataFrame:
    """The key of the newest record of each name that is told without a code, as tables have them."""
    lone = mentions.filter(pl.col("code").is_null() & ~pl.col("masked"))
    order = (pl.col("day"), pl.col("set").cast(pl.Int64), pl.col("key"))
    newest = lone.sort(order, descending=[True, False, False])
    return newest.group_by("name", maintain_order=True).agg(pl.col("key").first())


def code_table(subjects: pl.DataFrame, scale: Scale, _: Arrays | None = None) -> Table:
    """Subjects with a page, by the hash of the last characters of their code: `c` code, `s` newest name, `q` other
    names (lines; '' for records without one), `o` datasets (positions, joined by blanks), of passing ones `u`, the last
    public day."""
    known = subjects.filter(pl.col("code").is_not_null())
    code = pl.col("code")
    alone = code.ne_missing(code.shift()) & code.ne_missing(code.shift(-1))  # they stand by code
    called = pl.col("name").replace("", None).alias("s")
    none = pl.lit(None, dtype=pl.String).alias("q")
    told = (pl.col("sets").alias("o"), pl.col("until").alias("u"), "still")
    single = known.filter(alone).select("code", called, none, *told)
    rows = single.merge_sorted(_joined_names(known.filter(~alone)), key="code")
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


def known_table(subjects: pl.DataFrame, scale: Scale, last: Arrays | None = None) -> Table:
    """Names by a hash of the whole folded name: `g` the hash, `c` the code; `k` and `s`, newest record and name, where
    there is no code; `u` as above. Natural persons are not in it: their names are masked."""
    named = subjects.filter((~pl.col("masked") | pl.col("code").is_not_null()) & (pl.col("name") != ""))
    prints = row_prints(named.select("name"))
    by_print = np.argsort(prints)
    keys = _hashes(named["name"], prints, by_print, last or {})
    coded = pl.col("code").is_not_null()
    rows = named.select(
        pl.Series("g", keys),
        pl.col("code").alias("c"),
        pl.when(~coded).then("key").alias("k"),
        pl.when(~coded).then("name").alias("s"),
        pl.col("until").alias("u"),
        "lasting",
    )
    order: Arrays = {"prints": prints[by_print], "hashes": keys[by_print]}
    return Table("known", _two_runs(keys, rows, "lasting", scale.known_rows), order=order)


def _hashes(
    names: pl.Series, prints: NDArray[np.uint64], by_print: NDArray[np.int64], last: Arrays
) -> NDArray[np.uint32]:
    """Hashes of folded names; of those that the last night had, as they were. In the order `by_print` prints rise."""
    hashes = np.zeros(prints.size, dtype=np.uint32)
    fresh = np.ones(prints.size, dtype=np.bool_)
    if last:  # these rise too: each is found beside the one before
        at = places_in_turn(prints[by_print], last["prints"].astype(np.uint64, copy=False))
        there = at >= 0
        hashes[by_print[there]] = last["hashes"].astype(np.uint32, copy=False)[at[there]]
        fresh[by_print] = ~there
    come = np.flatnonzero(fresh)
    hashes[come] = text_hashes(fold_texts(names.gather(come)), come.size)
    return hashes


def _two_runs(keys: NDArray[np.uint32], rows: pl.DataFrame, lasting: str, size: int) -> list[Run]:
    """The passing run, with the last public days; and the lasting one, without: it outlasts the season."""
    stays = rows[lasting].to_numpy()
    passing = hashed_run(keys[~stays], rows.filter(~stays).drop(lasting), size // 2)
    return [passing, hashed_run(keys[stays], rows.filter(stays).drop(lasting, "u"), size)]

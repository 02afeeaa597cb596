"""Names and numbers of persons in texts: found however they are spelt, and masked where they stand.

A text and a secret are compared without width, case, spaces, dots and other marks that spelling varies in. Polars
finds the few rows that hold a secret; only those are worked on one by one, so that each mask falls on the characters as
written.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from publish.model.spelling import Speller

MASK = "**"
HIDDEN = "***"
# What stands between several names in one cell.
BETWEEN = r"[;；、,，/|（()）\n]"
_BY_SPACE = r"(\p{Han}{2,})\s+(\p{Han}{2,})"
_SEVERAL = rf"{BETWEEN}|\s"
# Written or left out at will: spaces, format characters, the dots and strokes in foreign names.
_LOOSE = r"[\s\p{Cf}\p{Zs}·•・‧∙⋅.\-‐‑–_']"
_LOOSE_PYTHON = re.compile(r"[\s·•・‧∙⋅.\-‐‑–_']")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the texts of each row may not hold. `values` List(String), one entry per row.

    Folded values shorter than `least` are too short to be told from other text. `keep`: the first character stays.
    """

    values: pl.Series
    least: int
    keep: bool


def folded(text: pl.Expr) -> pl.Expr:
    """The text as secrets are compared."""
    return text.str.normalize("NFKC").str.to_lowercase().str.replace_all(_LOOSE, "")


def folded_texts(texts: pl.Series) -> pl.Series:
    """`folded` of each of `texts`, quickly."""
    return _speller()(texts)


def comparable_texts(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`texts`, folded where it matters for the search of `plain_words` only, so that they hold the same of these; and
    the positions of those that are folded."""
    return _speller().comparable(texts)


def plain_words(words: pl.Series) -> pl.Series:
    """Boolean: which folded words can be looked for in `comparable_texts`; nearly all names and numbers."""
    return _speller().are_plain(words)


def parted_texts(texts: pl.Series) -> pl.Series:
    """Boolean: texts that may hold a name of ideographs (`is_ideographic`) that is found only when they are folded."""
    return texts.str.contains(_speller().parted).fill_null(False)


def is_ideographic(words: pl.Series) -> pl.Series:
    """Boolean: folded words made of ideographs of the common range only."""
    return words.str.contains(r"^[\u4e00-\u9fff]+$").fill_null(False)


@cache
def _speller() -> Speller:
    return Speller.of(lambda texts: texts.alias("text").to_frame().select(folded(pl.col("text"))).to_series())


def name_parts(names: pl.Series) -> pl.Series:
    """List(String): the names in a cell, one by one; null cells have none.

    A space between two names of Chinese characters parts them as well; the whole counts too, since it may be one name.
    """
    cells = names.fill_null("")
    several = cells.str.contains(_SEVERAL).arg_true()
    parted = cells.gather(several).str.replace_all(BETWEEN, "\n")
    spaced = parted.str.replace_all(_BY_SPACE, "$1\n$2").str.replace_all(_BY_SPACE, "$1\n$2")
    parts = (parted + "\n" + spaced).str.split("\n").list.unique(maintain_order=True)
    alone = cells.to_frame().select(pl.concat_list(pl.first())).to_series()
    places = pl.int_range(len(cells), eager=True).scatter(several, pl.int_range(len(several), eager=True) + len(cells))
    return pl.concat([alone, parts]).gather(places)


def masked_names(names: pl.Series) -> pl.Series:
    """A person's name with its first character only (张**), each of several in a cell; of one character none stays."""
    several = names.str.contains(BETWEEN).fill_null(False)
    single = names.to_frame("n").select(masked_name(pl.col("n"))).to_series()
    if not several.any():
        return single
    worked = [_masked_cell(name) for name in names.filter(several).to_list()]
    return single.scatter(several.arg_true(), pl.Series(worked, dtype=pl.String))


def masked_name(name: pl.Expr) -> pl.Expr:
    """One name, columnar."""
    bare = name.str.strip_chars()
    kept = pl.when(bare.str.len_chars() > 1).then(bare.str.slice(0, 1)).otherwise(pl.lit(""))
    return pl.when(name.is_not_null()).then(pl.concat_str(kept, pl.lit(MASK)))


def known_secrets(secrets: Sequence[Secrets]) -> pl.DataFrame:
    """`row` (position), `value`, `plain` (folded) and `mask` of every secret, long ones enough to be told from text."""
    return pl.concat([_known(secret) for secret in secrets])


def _known(secret: Secrets) -> pl.DataFrame:
    values = secret.values.alias("value").to_frame().with_row_index("row").explode("value", empty_as_null=True)
    values = values.filter(pl.col("value") != "").with_columns(pl.col("value").str.strip_chars())
    values = values.with_columns(folded_texts(values["value"]).alias("plain"))
    values = values.filter((pl.col("plain") != "") & (pl.col("plain").str.len_chars() >= secret.least))
    kept = pl.when(pl.col("plain").str.len_chars() > 1).then(pl.col("value").str.slice(0, 1)).otherwise(pl.lit(""))
    mask = pl.concat_str(kept, pl.lit(MASK)) if secret.keep else pl.lit(HIDDEN)
    return values.with_columns(mask.alias("mask"))


def without_secrets(cells: pl.Series, text: pl.Series, known: pl.DataFrame, own: pl.Series) -> pl.Series:
    """The cells without what is secret in their rows. Within `own`, the name of an organisation, nothing is masked.

    `text` are the cells as they are compared (folded, or comparable_texts where what is known are plain words), `known`
    is as known_secrets gives it. A text that holds one secret, written as it is, is masked in columns; others are
    worked on one by one.
    """
    there = known.with_columns(text.gather(known["row"]).alias("text"))
    held = there.filter(pl.col("text").str.contains(pl.col("plain"), literal=True)).drop("text")
    if not held.height:
        return cells
    held = held.unique(["row", "plain"], keep="first", maintain_order=True).sort("row", maintain_order=True)
    held = held.with_columns(cells.gather(held["row"]).alias("cell"), own.gather(held["row"]).alias("own"))
    held = held.with_columns(folded_texts(held["own"]).alias("guard"))
    alone = pl.len().over("row") == 1
    literal = pl.col("cell").str.contains(pl.col("value"), literal=True)
    shielded = pl.col("guard").str.contains(pl.col("plain"), literal=True).fill_null(False)
    easy = held.filter(alone & literal & ~shielded)
    masked = easy.with_columns(pl.col("cell").str.split(pl.col("value")).list.join(pl.col("mask")).alias("cell"))
    # Where it stands in another spelling, too, that is left for later.
    masked = masked.with_columns(folded_texts(masked["cell"]).alias("text"))
    masked = masked.filter(~pl.col("text").str.contains(pl.col("plain"), literal=True))
    done = cells.scatter(masked["row"], masked["cell"]) if masked.height else cells
    hard = held.join(masked.select("row"), on="row", how="anti", maintain_order="left")
    groups = hard.group_by("row", maintain_order=True).agg("plain", "mask", pl.first("cell"), pl.first("own"))
    fold = cache(_fold)  # texts are made of a few thousand characters
    worked = [
        mask_text(cell, list(zip(plain, mask, strict=True)), name, fold)
        for _, plain, mask, cell, name in groups.iter_rows()
    ]
    return done.scatter(groups["row"], pl.Series(worked, dtype=pl.String)) if worked else done


def _fold(text: str) -> str:
    folded_text = unicodedata.normalize("NFKC", text).lower()
    kept = _LOOSE_PYTHON.sub("", folded_text)
    return "".join(character for character in kept if unicodedata.category(character) != "Cf")


def mask_text(
    text: str, secrets: Iterable[tuple[str, str]], own: str | None, fold: Callable[[str], str] = _fold
) -> str:
    """One text with every secret (folded value, mask) masked; overlapping ones as one, by the longest."""
    letters, places = _folded_with_places(text, fold)
    guarded = _spans(letters, places, fold(own)) if own else []
    found = [(begin, end, mask) for plain, mask in secrets for begin, end in _spans(letters, places, plain)]
    spans = [span for span in found if not any(low <= span[0] and span[1] <= high for low, high in guarded)]
    parts, done = [], 0
    for begin, end, mask in _merged(spans):
        parts += [text[done:begin], mask]
        done = end
    return "".join([*parts, text[done:]])


def _merged(spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    merged: list[tuple[int, int, str, int]] = []
    for begin, end, mask in sorted(spans):
        if merged and begin < merged[-1][1]:
            low, high, first, longest = merged[-1]
            best = mask if end - begin > longest else first
            merged[-1] = (low, max(high, end), best, max(longest, end - begin))
        else:
            merged.append((begin, end, mask, end - begin))
    return [(begin, end, mask) for begin, end, mask, _ in merged]


def _spans(letters: str, places: Sequence[int], plain: str) -> list[tuple[int, int]]:
    """Where the folded value stands, in characters of the text as written."""
    spans = []
    at = letters.find(plain) if plain else -1
    while at >= 0:
        spans.append((places[at], places[at + len(plain) - 1] + 1))
        at = letters.find(plain, at + 1)
    return spans


def _folded_with_places(text: str, fold: Callable[[str], str]) -> tuple[str, list[int]]:
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in fold(character):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def _masked_cell(cell: str) -> str:
    parts = re.split(f"({BETWEEN})", cell)
    return "".join(part if index % 2 else _masked_part(part) for index, part in enumerate(parts))


def _masked_part(part: str) -> str:
    bare = part.strip()
    return "" if not bare else (bare[0] if len(bare) > 1 else "") + MASK

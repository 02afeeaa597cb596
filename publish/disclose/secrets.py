"""Names and numbers of persons in texts: found however they are spelt, and masked where they stand.

A text and a secret are compared without width, case, spaces, dots and other marks that spelling varies in. Polars
finds the few rows that hold a secret; only those are worked on one by one, so that each mask falls on the characters as
written.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

MASK = "**"
HIDDEN = "***"
# What stands between several names in one cell.
BETWEEN = r"[;；、,，/|（()）\n]"
_BY_SPACE = r"(\p{Han}{2,})\s+(\p{Han}{2,})"
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


def name_parts(names: pl.Series) -> pl.Series:
    """List(String): the names in a cell, one by one; null cells have none.

    A space between two names of Chinese characters parts them as well; the whole counts too, since it may be one name.
    """
    parted = names.fill_null("").str.replace_all(BETWEEN, "\n")
    spaced = parted.str.replace_all(_BY_SPACE, "$1\n$2").str.replace_all(_BY_SPACE, "$1\n$2")
    return (parted + "\n" + spaced).str.split("\n").list.unique(maintain_order=True)


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


def without_secrets(cells: pl.Series, secrets: Sequence[Secrets], own: pl.Series) -> pl.Series:
    """The cells without what is secret in their rows. Within `own`, the name of an organisation, nothing is masked."""
    frame = pl.DataFrame({"cell": cells}).with_columns(folded(pl.col("cell")).alias("folded"))
    held = pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    for secret in secrets:
        held = held | _holds(frame["folded"], secret)
    rows = held.arg_true()
    if not len(rows):
        return cells
    chosen = [[(value, secret) for secret in secrets for value in _of_row(secret, row)] for row in rows]
    names = own.gather(rows).to_list()
    worked = [
        mask_text(text, found, name)
        for text, found, name in zip(cells.gather(rows).to_list(), chosen, names, strict=True)
    ]
    return cells.scatter(rows, pl.Series(worked, dtype=pl.String))


def _holds(texts: pl.Series, secret: Secrets) -> pl.Series:
    """Boolean: the folded text holds one of its row's secrets."""
    values = pl.DataFrame({"text": texts, "value": secret.values}).with_row_index("row").explode("value")
    value = folded(pl.col("value"))
    hits = values.filter((value.str.len_chars() >= secret.least) & pl.col("text").str.contains(value, literal=True))
    return pl.arange(0, len(texts), eager=True).is_in(hits["row"].cast(pl.Int64).unique().implode())


def _of_row(secret: Secrets, row: int) -> Iterable[str]:
    return (value for value in secret.values[row] if value is not None)


def mask_text(text: str, secrets: Iterable[tuple[str, Secrets]], own: str | None) -> str:
    """One text with every secret masked; overlapping ones as one, by the longest."""
    letters, places = _folded_with_places(text)
    guarded = _spans(letters, places, _fold(own)) if own else []
    found: list[tuple[int, int, str]] = []
    for value, secret in secrets:
        plain = _fold(value)
        if len(plain) >= secret.least:
            mask = (value.strip()[:1] if secret.keep and len(plain) > 1 else "") + (MASK if secret.keep else HIDDEN)
            found += [(begin, end, mask) for begin, end in _spans(letters, places, plain)]
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


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _fold(character):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def _fold(text: str) -> str:
    folded_text = unicodedata.normalize("NFKC", text).lower()
    kept = _LOOSE_PYTHON.sub("", folded_text)
    return "".join(character for character in kept if unicodedata.category(character) != "Cf")


def _masked_cell(cell: str) -> str:
    parts = re.split(f"({BETWEEN})", cell)
    return "".join(part if index % 2 else _masked_part(part) for index, part in enumerate(parts))


def _masked_part(part: str) -> str:
    bare = part.strip()
    return "" if not bare else (bare[0] if len(bare) > 1 else "") + MASK

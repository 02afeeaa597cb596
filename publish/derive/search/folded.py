"""Folding in columns: a million texts as one array of code points, equal to `fold_text` text by text."""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.folding import fold_lightly_each, fold_text, simplified

# What NFKC may join to the character before it, beside marks: vowels and finals of Hangul and half-width kana.
_JOINING = ((0x1160, 0x11FF), (0x3131, 0x318E), (0xFF9E, 0xFF9F), (0xFFA0, 0xFFDC))
_ASSIGNED = 0x32400  # no letters beyond: what is there folds to itself or is a mark
# Ideographs and syllables of Hangul, which Unicode promises to leave as they are: not looked at one by one.
PLAIN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x2F7FF), (0x2FA20, 0x323AF))
_SPECIAL = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Folded:
    """Code points of folded texts: `codes` uint32, `owner` int32: which text each is of, by position.

    The codes of one text stand together and in order; the texts themselves may be in any order. `traditional`: the
    traditional characters of all texts, as they stood there; `traditional_of`: of each the text.
    """

    codes: NDArray[np.uint32]
    owner: NDArray[np.int32]
    traditional: NDArray[np.uint32]
    traditional_of: NDArray[np.int32]

    def in_order(self) -> "Folded":
        """The same with the texts in their order."""
        if bool((self.owner[1:] >= self.owner[:-1]).all()):
            return self
        order = np.argsort(self.owner, kind="stable")
        return Folded(self.codes[order], self.owner[order], self.traditional, self.traditional_of)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where texts begin in `codes`, of those that have any."""
        first = np.ones(self.codes.size, dtype=np.bool_)
        first[1:] = self.owner[1:] != self.owner[:-1]
        return np.flatnonzero(first)


def split_texts(codes: NDArray[np.uint32], owner: NDArray[np.int32], count: int) -> pl.Series:
    """Code points as `count` strings. `owner` rises; what owns none is ''."""
    # U+0000, which no folded text and no key holds, after each text: one string for all, cut at once.
    whole = np.insert(codes, np.searchsorted(owner, np.arange(1, count + 1, dtype=np.int32)), np.uint32(0))
    return pl.Series(whole.tobytes().decode("utf-32-le").split("\0")[:count], dtype=pl.String)


def fold_texts(texts: pl.Series) -> Folded:
    """All texts folded. `texts` String; nulls have no codes."""
    lengths = texts.str.len_chars().fill_null(0).to_numpy()
    joined = texts.fill_null("").str.join("").item() if texts.len() else ""
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    owner = np.repeat(np.arange(texts.len(), dtype=np.int32), lengths)
    folded = _table().take(codes)
    marked = np.flatnonzero(_traditional().take(codes))
    traditional, of_texts = codes.take(marked), owner.take(marked)
    special = np.unique(owner[folded == _SPECIAL])
    if special.size:
        # Characters that depend on their neighbours are few: the texts that have them are folded one by one.
        simple = ~np.isin(owner, special)
        singly = [fold_text(text) for text in texts.gather(special).to_list()]
        tail = np.frombuffer("".join(singly).encode("utf-32-le"), dtype=np.uint32)
        folded = np.concatenate([folded[simple], tail])
        owner = np.concatenate([owner[simple], np.repeat(special, [len(text) for text in singly]).astype(np.int32)])
    if not folded.all():
        kept = np.flatnonzero(folded)
        folded, owner = folded.take(kept), owner.take(kept)
    return Folded(folded, owner, traditional, of_texts)


@cache
def _table() -> NDArray[np.uint32]:
    """What each character folds to alone: 0 for nothing, _SPECIAL where that depends on its neighbours."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[[*map(ord, simplified())]] = [*map(ord, simplified().values())]
    alone = _folded_alone()
    folded = table[np.where(alone.lengths > 0, alone.codes[alone.starts], 0)]
    folded[(alone.lengths > 1) | alone.marks] = _SPECIAL
    table[alone.of] = folded
    for first, last in (*_JOINING, (0xE0000, 0xE0FFF)):
        table[first : last + 1] = _SPECIAL
    table[0xD800:0xE000] = np.arange(0xD800, 0xE000)  # no characters
    return table


@cache
def _traditional() -> NDArray[np.bool_]:
    """Which characters are simplified when they are folded, alone."""
    table = np.zeros(0x110000, dtype=np.bool_)
    table[[*map(ord, simplified())]] = True
    alone = _folded_alone()
    some = np.searchsorted(alone.starts, np.flatnonzero(table[alone.codes]), side="right") - 1
    table[alone.of] = False
    table[alone.of[some]] = True
    return table


@dataclass(frozen=True, slots=True)
class _Alone:
    """The first characters `of` which it is not known, folded one by one: code points of all, and where and how long
    each is in them; and which of them are `marks`."""

    of: NDArray[np.uint32]
    codes: NDArray[np.uint32]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    marks: NDArray[np.bool_]


@cache
def _folded_alone() -> _Alone:
    """`fold_lightly` of each of the first characters but the plain ones, surrogates as blanks."""
    unknown = np.ones(_ASSIGNED, dtype=np.bool_)
    for first, last in PLAIN:
        unknown[first : last + 1] = False
    of = np.flatnonzero(unknown).astype(np.uint32)
    lines = np.full((of.size, 2), 0x0A, dtype=np.uint32)
    lines[:, 0] = np.where((of >= 0xD800) & (of < 0xE000) | (of == 0x0A), 0x20, of)  # an end of line folds to nothing
    text = lines.tobytes().decode("utf-32-le")
    codes = np.frombuffer(fold_lightly_each(text).encode("utf-32-le"), dtype=np.uint32)
    ends = np.flatnonzero(codes == 0x0A)
    starts = np.r_[0, ends[:-1] + 1]
    categories = "".join(map(unicodedata.category, text[::2])).encode()  # two letters each
    return _Alone(of, codes, starts, ends - starts, np.frombuffer(categories, dtype=np.uint8)[::2] == ord("M"))


@cache
def traditional_pattern() -> str:
    """A regular expression for the characters that are simplified when they are folded. None of them depends on its
    neighbours."""
    return f"[{''.join(map(chr, np.flatnonzero(_traditional()).tolist()))}]"

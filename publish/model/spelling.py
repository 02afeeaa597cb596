"""Texts in one spelling, in columns. Nearly all are made of characters that are spelt each by itself, whatever is
beside them, and are spelt by a table; only the others take the slow way.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Work = Callable[[pl.Series], pl.Series]

# ASCII, punctuation and brackets of Chinese, ideographs, full-width forms of ASCII. Unicode joins none of them, nor
# what NFKC or lower case makes of them, to a character beside it, and no letter's case depends on its neighbours.
_ALONE = (
    (0x0000, 0x007F),
    (0x00B7, 0x00B7),
    (0x2013, 0x2014),
    (0x2018, 0x2019),
    (0x201C, 0x201D),
    (0x2026, 0x2026),
    (0x3000, 0x3003),
    (0x3007, 0x3011),
    (0x3014, 0x301B),
    (0x4E00, 0x9FFF),
    (0xFF01, 0xFF5E),
)
_IDEOGRAPH = "\u4e00-\u9fff"
RUN = f"0-9A-Za-z{_IDEOGRAPH}"  # as a class of a pattern has it
_SAMPLE = 4096  # texts that tell whether a column repeats itself
_FEW = _SAMPLE // 4


@dataclass(frozen=True, slots=True)
class Speller:
    """Spells texts as `slowly` does, which takes a Series (String) and gives one as long, each text by itself.

    `slowly` must be made of NFKC, lower case, and replacing or removing single characters. `written`, `spelt`: the
    characters that it changes among those that stand alone. `telling`: a pattern of all characters but those that
    stand alone and are spelt as they are or as `marks`, characters that are neither letters nor digits. `parted`: a
    pattern of texts in which an ideograph stands right beside another only when they are spelt.
    """

    slowly: Work
    written: tuple[str, ...]
    spelt: tuple[str, ...]
    telling: str
    marks: frozenset[str]
    parted: str

    @staticmethod
    def of(slowly: Work) -> "Speller":
        """The quick way to do what `slowly` does."""
        codes = np.concatenate([np.arange(first, last + 1, dtype="<u4") for first, last in _ALONE])
        alone = pl.Series(list(codes.tobytes().decode("utf-32-le")), dtype=pl.String)
        spelt = slowly(alone)
        changed = alone != spelt
        written, table = tuple(alone.filter(changed)), tuple(spelt.filter(changed))
        told = [bool(other) and not any(map(str.isalnum, other)) for other in table]
        marks = frozenset("".join(other for other, is_mark in zip(table, told, strict=True) if is_mark))
        telling = {ord(one) for one, is_mark in zip(written, told, strict=True) if not is_mark}
        others = _all_but(np.setdiff1d(codes, list(telling)))
        return Speller(slowly, written, table, others, marks, _parted(written, table, _IDEOGRAPH))

    def comparable(self, texts: pl.Series) -> tuple[pl.Series, pl.Series]:
        """`texts` (String) for the search of spelt words without `marks`: spelt where that could matter, others, which
        are most, as they are, since between the characters of such a word nothing is left out; and which (positions)
        are spelt."""
        telling = texts.str.contains(self.telling).fill_null(False).arg_true()
        if 2 * len(telling) > len(texts):
            return self(texts), telling
        return texts.clone().scatter(telling, self(texts.gather(telling))) if len(telling) else texts, telling

    def are_plain(self, words: pl.Series) -> pl.Series:
        """Boolean: which of the spelt words have no marks and can be looked for in what `comparable` gives."""
        return ~words.str.contains_any(sorted(self.marks)) if self.marks else words.is_not_null()

    def parting(self, run: str) -> str:
        """A pattern of texts that have, when they are spelt, characters of the class `run` one beside the other that
        they have not so as they are written, but for ASCII letters of another case."""
        return _parted(self.written, self.spelt, run)

    def __call__(self, texts: pl.Series) -> pl.Series:
        """Each of `texts` (String; null stays) spelt."""
        return by_distinct(texts, self._spelt)

    def _spelt(self, texts: pl.Series) -> pl.Series:
        odd = texts.str.contains(_ODD).fill_null(False).arg_true()
        if 2 * len(odd) > len(texts):
            return self.slowly(texts)
        spelt = texts.str.replace_many(list(self.written), list(self.spelt)) if self.written else texts
        return spelt.scatter(odd, self.slowly(texts.gather(odd))) if len(odd) else spelt


def few_distinct(texts: pl.Series) -> pl.Series | None:
    """The distinct texts of a column (String) that repeats a few; None where it does not seem to."""
    if len(texts) <= _SAMPLE or texts.head(_SAMPLE).n_unique() > _FEW:
        return None
    distinct = texts.unique()
    return distinct if 4 * len(distinct) <= len(texts) else None


def by_distinct(texts: pl.Series, work: Work) -> pl.Series:
    """`work` done on `texts` (String), which makes of each text the same wherever it stands; on each once where the
    column repeats a few."""
    distinct = few_distinct(texts)
    if distinct is None:
        return work(texts)
    done = work(distinct)
    table = pl.DataFrame([distinct.alias("text"), done.alias("done")])
    joined = texts.alias("text").to_frame().join(table, on="text", how="left", nulls_equal=True, maintain_order="left")
    return joined["done"].alias(texts.name)


def _parted(written: Sequence[str], spelt: Sequence[str], run: str) -> str:
    """As Speller has it."""
    pairs = list(zip(written, spelt, strict=True))
    gone = "".join(f"\\x{{{ord(one):x}}}" for one, other in pairs if not other)
    made = [re.escape(one) for one, other in pairs if re.search(f"[{run}]", other) and other != _lower(one)]
    between = [rf"[{run}][{gone}]+[{run}]"] if gone else []
    return "|".join([_ODD, *made, *between])


def _lower(one: str) -> str:
    return one.lower() if one.isascii() else one


def _all_but(codes: NDArray[np.uint32]) -> str:
    """A pattern of one character that is not among `codes`, rising."""
    edges = np.flatnonzero(np.diff(codes) != 1) + 1
    return _outside((int(part[0]), int(part[-1])) for part in np.split(codes, edges))


def _outside(ranges: Iterable[tuple[int, int]]) -> str:
    return "[^" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges) + "]"


_ODD = _outside(_ALONE)

"""Texts in one spelling, in columns. Nearly all are made of characters that are spelt each by itself, whatever is
beside them, and are spelt by a table; only the others take the slow way.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

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
_SAMPLE = 4096  # texts that tell whether a column repeats itself
_FEW = _SAMPLE // 4


@dataclass(frozen=True, slots=True)
class Speller:
    """Spells texts as `slowly` does, which takes a Series (String) and gives one as long, each text by itself.

    `slowly` must be made of NFKC, lower case, and replacing or removing single characters. `written`, `spelt`: the
    characters that it changes among those that stand alone.
    """

    slowly: Work
    written: tuple[str, ...]
    spelt: tuple[str, ...]

    @staticmethod
    def of(slowly: Work) -> "Speller":
        """The quick way to do what `slowly` does."""
        codes = np.concatenate([np.arange(first, last + 1, dtype="<u4") for first, last in _ALONE])
        alone = pl.Series(list(codes.tobytes().decode("utf-32-le")), dtype=pl.String)
        spelt = slowly(alone)
        changed = alone != spelt
        return Speller(slowly, tuple(alone.filter(changed)), tuple(spelt.filter(changed)))

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


_ODD = "[^" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in _ALONE) + "]"

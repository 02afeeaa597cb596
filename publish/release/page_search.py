"""Searching pages while they are made: what stands around their cells, and one page of each shape whole."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from publish.model.artifact import Findings
from publish.model.sieve import Sieve, hits_of
from publish.model.sieve_windows import Flags, Ints
from publish.model.unescaping import unescaped
from publish.release.matching import NAME, WINDOW, PatternFinder, Search, is_plain_text
from publish.release.shared_lines import MOST_LINES
from publish.release.suspects import spans_of_suspects, wide_digits

_ODD = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"  # what is_plain_text refuses
_CONTROLS = np.array(sorted(set(range(0x20)) - set(b"\t\n\r")), np.uint8)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A PageSearch of model/artifact.py. `sieves` are folders of saved ones, `value_lines`: over how many lines a value
    goes at most; `patterns` and `allowed` as scan_release has them. `fresh`: those of values that the last release
    was not searched for; None: all are. `barriers`: which of MARKUP no value has, as far as that is known."""

    sieves: tuple[Path, ...]
    patterns: PatternFinder | None
    allowed: frozenset[bytes]
    value_lines: int
    fresh: tuple[Path, ...] | None = None
    barriers: str = ""

    @property
    def lines(self) -> int | None:
        """As many as a value can go over, and one more, since what is beside a match decides on it."""
        return self.value_lines + 1 if self.value_lines < MOST_LINES else None

    def __call__(self, pages: pl.DataFrame) -> Findings:
        """All together; where anything is found, once more page by page, which tells where."""
        near, whole = pages["near"].filter(pages["near"] != ""), pages.filter(pages["near"].is_null())["html"]
        search = self.opened()
        is_plain = True
        for texts in (pages["path"], near, whole):
            for block in _blocks(texts):
                is_plain = is_plain and is_plain_text(block)
                search.add("", "", block, is_text=True)
        search.flush()
        if is_plain and not search.found:
            return {}
        # Where a page has control characters, what stands farther away decides: it is searched as a file is.
        odd = pages["html"].str.contains(_ODD)
        one_by_one = self.opened()
        for path, html, is_odd in (
            pages.select("path", "html", odd.alias("odd")).filter(odd | bool(search.found)).rows()
        ):
            one_by_one.add(path, NAME, os.fsencode(path))
            one_by_one.add(path, "", html.encode(), is_text=not is_odd)
        one_by_one.flush()
        return dict(one_by_one.found)

    def doubtful(self, texts: Sequence[pl.Series]) -> list[pl.Series]:
        """Where a value is, or what may be a pattern, or a control character: what is farther away may decide there."""
        sieves = [_loaded(folder) for folder in self.sieves]
        every = pl.concat(texts)
        flags = [self._flags(part, sieves) for part in _parts(every)]
        told = pl.Series(np.concatenate([np.zeros(0, np.bool_), *flags]))
        ends = np.cumsum([0, *(one.len() for one in texts)]).tolist()
        return [told[begin:end] for begin, end in pairwise(ends)]

    def _flags(self, texts: pl.Series, sieves: Sequence[Sieve]) -> Flags:
        """Of texts that are searched as one, which are doubtful."""
        block = _joined(texts, "\n" * max(self.value_lines, 1) + "\0")
        text = unescaped(block)
        low, ends = _low_octets(block), _low_octets(text, 1)
        controls = np.isin(np.frombuffer(block, np.uint8)[low], _CONTROLS).sum()
        if not texts.len() - 1 == ends.size == controls:
            return np.ones(texts.len(), np.bool_)  # there are others than those between the texts
        places = [hits.positions for hits in hits_of(sieves, text)]
        if self.patterns is not None:
            suspects = np.fromiter((begin for begin, _ in spans_of_suspects(text)), np.int64)
            # Of full-width digits a page may have enough together that it is looked at whole.
            places += [suspects, wide_digits(text)]
        flags = np.zeros(texts.len(), np.bool_)
        flags[np.searchsorted(ends, np.concatenate([np.zeros(0, np.int64), *places]))] = True
        return flags

    def opened(self) -> Search:
        """A search in this process."""
        return self._opened(self.sieves)

    def opened_again(self) -> Search:
        """A search for the fresh values alone; and for patterns, since what they may find changes from day to day."""
        return self._opened(self.sieves if self.fresh is None else self.fresh)

    def _opened(self, folders: Sequence[Path]) -> Search:
        return Search([_loaded(folder) for folder in folders], self.patterns, self.allowed, self.value_lines)


def forget_sieves() -> None:
    """Let go of what this process has mapped into memory. Workers end with the build, or load others."""
    _loaded.cache_clear()


@lru_cache(maxsize=16)
def _loaded(folder: Path) -> Sieve:
    """A worker has the same one for one task after the other. Folders have names that never come again."""
    return Sieve.load(folder)


def _low_octets(data: bytes, below: int = 0x20) -> Ints:
    """Where bytes below this one are."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) < np.uint8(below))


def _blocks(texts: pl.Series) -> Iterator[bytes]:
    """Texts as some large ones, with more ends of lines between them than a value has."""
    for part in _parts(texts):
        yield _joined(part, "\n" * (MOST_LINES + 1))


def _parts(texts: pl.Series) -> Iterator[pl.Series]:
    """Texts that are searched together."""
    ends = texts.str.len_bytes().cast(pl.Int64).cum_sum() // WINDOW
    begin = 0
    for size in ends.rle().struct.field("len"):
        yield texts.slice(begin, size)
        begin += size


def _joined(texts: pl.Series, between: str) -> bytes:
    # Not through strings of Python, which would be decoded and encoded again.
    data: bytes = texts.str.join(between).cast(pl.Binary).item()
    return data

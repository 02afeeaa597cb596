"""Searching pages while they are made: what stands around their cells, and one page of each shape whole."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from publish.model.artifact import Findings
from publish.model.sieve import Sieve
from publish.release.matching import NAME, WINDOW, PatternFinder, Search, is_plain_text
from publish.release.shared_lines import MOST_LINES

_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"  # what is_plain_text refuses


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A PageSearch of model/artifact.py. `sieves` are folders of saved ones, `value_lines`: over how many lines a value
    goes at most; `patterns` and `allowed` as scan_release has them. `fresh`: that of values that the last release was
    not searched for; None: all are."""

    sieves: tuple[Path, ...]
    patterns: PatternFinder | None
    allowed: frozenset[bytes]
    value_lines: int
    fresh: Path | None = None

    @property
    def lines(self) -> int | None:
        """As many as a value can go over, and one more, since what is beside a match decides on it."""
        return self.value_lines + 1 if self.value_lines < MOST_LINES else None

    def __call__(self, pages: pl.DataFrame) -> Findings:
        """All together; where anything is found, once more page by page, which tells where."""
        near, whole = pages["near"].drop_nulls(), pages.filter(pages["near"].is_null())["html"]
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
        odd = pages["html"].str.contains(_CONTROLS)
        one_by_one = self.opened()
        for path, html, is_odd in (
            pages.select("path", "html", odd.alias("odd")).filter(odd | bool(search.found)).rows()
        ):
            one_by_one.add(path, NAME, os.fsencode(path))
            one_by_one.add(path, "", html.encode(), is_text=not is_odd)
        one_by_one.flush()
        return dict(one_by_one.found)

    def opened(self) -> Search:
        """A search in this process."""
        return self._opened(self.sieves)

    def _opened(self, folders: Sequence[Path]) -> Search:
        return Search([Sieve.load(folder) for folder in folders], self.patterns, self.allowed, self.value_lines)


def _blocks(texts: pl.Series) -> Iterator[bytes]:
    """Texts as some large ones, with more ends of lines between them than a value has."""
    ends = texts.str.len_bytes().cast(pl.Int64).cum_sum() // WINDOW
    between = "\n" * (MOST_LINES + 1)
    begin = 0
    for size in ends.rle().struct.field("len"):
        # Not through strings of Python, which would be decoded and encoded again.
        yield texts.slice(begin, size).str.join(between).cast(pl.Binary).item()
        begin += size

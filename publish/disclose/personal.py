"""Personal data in the texts of a column: found and masked. Columnar, but for the few cells that may hold some."""

from collections.abc import Iterator

import polars as pl

from publish.model.personal_patterns import personal_in
from publish.model.terms import Pattern

HITS = {"index": pl.UInt32(), "pattern": pl.String(), "start": pl.UInt32(), "end": pl.UInt32()}
MASK = "***"
_DIGIT = "[0-9０-９]"
# Cheap, never too narrow: eleven digits with at most one sign between two of them, an at sign, a word of dwelling.
_MAYBE = rf"(?:{_DIGIT}[ 　-]?){{11}}|[@＠]|户籍|家庭|住|居"


def find_personal(texts: pl.Series, person: pl.Series, wanted: frozenset[Pattern]) -> pl.DataFrame:
    """One row per hit: `index` UInt32 (position in `texts`), `pattern` String, `start`, `end` UInt32 (characters).

    `person` Boolean: the record is about a natural person, or not known to be about another.
    """
    maybe = texts.str.contains(_MAYBE).fill_null(False).arg_true()
    hits = list(_hits(maybe, texts.gather(maybe), person.gather(maybe), wanted))
    return pl.DataFrame(hits, schema=HITS, orient="row")


def _hits(
    positions: pl.Series, texts: pl.Series, persons: pl.Series, wanted: frozenset[Pattern]
) -> Iterator[tuple[int, str, int, int]]:
    for index, text, person in zip(positions, texts, persons, strict=True):
        for pattern, start, end in personal_in(text, person, wanted):
            yield index, pattern.value, start, end


def mask_personal(texts: pl.Series, hits: pl.DataFrame) -> pl.Series:
    """The texts with each hit replaced by ***; overlapping hits are one."""
    if not hits.height:
        return texts
    spans: dict[int, list[tuple[int, int]]] = {}
    for index, start, end in hits.sort("index", "start").select("index", "start", "end").iter_rows():
        spans.setdefault(index, []).append((start, end))
    masked = [_masked(text, cuts) for text, cuts in zip(texts.gather(list(spans)), spans.values(), strict=True)]
    return texts.scatter(list(spans), pl.Series(masked, dtype=pl.String))


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join([*parts, text[done:]])

"""Personal data in the texts of a column: found and masked. Columnar, but for the few cells that may hold some."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from publish.model.personal_numbers import LATEST_BIRTH
from publish.model.personal_patterns import DASHES, SPACES, UNSEEN, personal_in
from publish.model.spelling import by_distinct
from publish.model.terms import Pattern

HITS = {"index": pl.UInt32(), "pattern": pl.String(), "start": pl.UInt32(), "end": pl.UInt32()}
MASK = "***"

# Cheap and never too narrow: each finds at least what personal_in does, so that few texts are looked at one by one.
_BETWEEN = rf"[ .．·•・\-－{DASHES}{SPACES}{UNSEEN}]{{0,3}}"
_ELEVEN_DIGITS = rf"[0-9０-９](?:{_BETWEEN}[0-9０-９]){{10}}"
_TOLD_NUMBER = r"身份|证件号|[账帐][号户]|卡号|开户"
_MAIL = "[@＠]"
# Narrower, for the few that are left: whatever is told to be a number has so many of a number's characters.
_LOOSE = rf"[ .．·•・\-－{DASHES}{SPACES}{UNSEEN}]*"
_SIX_OF_A_NUMBER = rf"[0-9０-９*＊×✕●■█XxＸｘ](?:{_LOOSE}[0-9０-９*＊×✕●■█XxＸｘ]){{5}}"
_DWELLING_OF_PERSONS = (
    r"家庭(?:详细|居住|常住|现)?[住地]|居住[地于在]|户[籍口]|身份证|[现常暂租家]住|住家|"
    rf"(?:[男女族日生]|身份|经营者|负责人|法定代表人|业主|投资人)[^。]*[,，、(（ {SPACES}]现?住"
)
_ADDRESS = rf"[住户]|地[{UNSEEN}]*址"  # one of these is in whatever leads to an address
_DWELLING = rf"[住地]址|住所|住处|(?:^|[,，、。;；:： {SPACES}(（)）])住"


def find_personal(
    texts: pl.Series, person: pl.Series, wanted: frozenset[Pattern], latest_birth: date = LATEST_BIRTH
) -> pl.DataFrame:
    """One row per hit: `index` UInt32 (position in `texts`), `pattern` String, `start`, `end` UInt32 (characters).

    `person` Boolean: the record is about a natural person, or not known to be about another (null counts as that).
    A column that holds an organisation's credit code is left out by the caller: an all-digit code may look like a
    resident ID number. `latest_birth`: an unlabelled number with a later day of birth is none (permits are numbered
    by region, day and order too).
    """
    persons = person.fill_null(True)
    maybe = _may_hold(texts, persons, wanted).arg_true()
    maybe = maybe.filter(_may_still_hold(texts.gather(maybe), wanted))
    hits = list(_hits(maybe, texts.gather(maybe), persons.gather(maybe), wanted, latest_birth))
    return pl.DataFrame(hits, schema=HITS, orient="row")


def _may_hold(texts: pl.Series, persons: pl.Series, wanted: frozenset[Pattern]) -> pl.Series:
    """Boolean: the texts worth a closer look."""
    parts = []
    if wanted & {Pattern.RESIDENT_ID, Pattern.MOBILE, Pattern.BANK_CARD}:
        parts.append(_ELEVEN_DIGITS)
    if wanted & {Pattern.RESIDENT_ID, Pattern.BANK_CARD}:
        parts.append(_TOLD_NUMBER)
    if Pattern.EMAIL in wanted:
        parts.append(_MAIL)
    if Pattern.ADDRESS in wanted:
        parts.append(_DWELLING_OF_PERSONS)
    if not parts:
        return pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
    parts.append(f"[{UNSEEN}]")  # may stand anywhere in words and numbers
    maybe = by_distinct(texts, lambda some: some.str.contains("|".join(parts))).fill_null(False)
    if Pattern.ADDRESS in wanted and persons.any():
        theirs = persons.arg_true()
        lived_in = texts.gather(theirs).str.contains(_DWELLING).fill_null(False)
        maybe = maybe.scatter(theirs, maybe.gather(theirs) | lived_in)
    return maybe


def _may_still_hold(texts: pl.Series, wanted: frozenset[Pattern]) -> pl.Series:
    """Boolean: of texts worth a closer look those with what a pattern needs beside a word that tells it."""
    parts = [_SIX_OF_A_NUMBER, _MAIL, *([_ADDRESS] if Pattern.ADDRESS in wanted else [])]
    return texts.str.contains("|".join(parts))


def _hits(
    positions: pl.Series, texts: pl.Series, persons: pl.Series, wanted: frozenset[Pattern], latest_birth: date
) -> Iterator[tuple[int, str, int, int]]:
    for index, text, person in zip(positions, texts, persons, strict=True):
        for pattern, start, end in personal_in(text, person, wanted, latest_birth):
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

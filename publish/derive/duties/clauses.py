"""Responsibility clauses found in a text."""

import re
from collections.abc import Iterator

from publish.derive.duties.reading import Convention, Reading, read_clause
from publish.derive.duties.splitting import half_width
from publish.derive.duties.words import OWN_LABEL, first_leads
from publish.model.responsibility import Clause

# A clause of the largest plans names some fifty units.
_LONGEST = 1500
_DEEPEST = 3
_MARK = re.compile(r"[()]")
_ENDS = "。;!?！？…”\"'’:)"
_AFTER = '。;,、.!?！？”"('
_LABELLED = re.compile(rf"(?:^|(?<=[。;\s|)]))(?:{OWN_LABEL.pattern}):[^\n。]*", re.MULTILINE)


def derive_clauses(text: str, convention: Convention | None = None) -> tuple[Clause, ...]:
    """The clauses of `text` in its order. `convention` None: what the text itself says of the unit named first.

    In brackets (half or full width, square ones too) at the end of a sentence or of a line, or with a label
    (牵头单位：…) on a line's end. Pure; names are as they stand.
    """
    plain = half_width(text)
    convention = convention or Convention(*first_leads(plain))
    found: list[Clause] = []
    for start, end, content in _brackets(plain):
        if found and start < found[-1].end:
            continue  # inside a clause
        reading = read_clause(content, convention)
        if reading is not None and _stands_as_clause(plain, start, end, reading):
            found.append(Clause(start, end, reading.named, reading.persons, reading.unknown))
    found += _labelled(plain, found, convention)
    return tuple(sorted(found, key=lambda clause: clause.start))


def _brackets(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, content) of brackets, outer ones first; one that is not closed ends with its line."""
    opened: list[list[int]] = []  # where each begins, how deep brackets in it go
    pairs: list[tuple[int, int, str]] = []
    for match in _MARK.finditer(text):
        place = match.start()
        if match[0] == "(":
            opened.append([place, 0])
        elif match[0] == ")" and opened:
            start, depth = opened.pop()
            if opened:
                opened[-1][1] = max(opened[-1][1], depth + 1)
            if place - start <= _LONGEST and depth <= _DEEPEST:
                pairs.append((start, place + 1, text[start + 1 : place]))
    last: dict[int, int] = {}  # of each line with one that is not closed, the last of them
    for start, _ in opened:
        end = text.find("\n", start, start + _LONGEST)
        last[end if end >= 0 else min(len(text), start + _LONGEST)] = start
    pairs += [(start, end, text[start + 1 : end]) for end, start in last.items() if _before(text, start).endswith("。")]
    yield from sorted(pairs, key=lambda pair: (pair[0], -pair[1]))


def _before(text: str, place: int) -> str:
    """What stands before a place, without blanks at its end; no more of it than anybody looks at."""
    return text[max(0, place - 100) : place].rstrip()


def _stands_as_clause(text: str, start: int, end: int, reading: Reading) -> bool:
    before, after = _before(text, start), text[end : end + 100].lstrip(" \t\u3000")
    at_end = not after or after[0] == "\n"
    ended = not before or before[-1] in _ENDS or (before[-1] == "." and not before[-2:-1].isdigit())
    if reading.spoken:
        return at_end or ended or after[0] in _AFTER
    # A bare list of units: a sentence must be over, or the line, and then it must be a list. Words for many without a
    # share (市各有关部门) tell neither who nor what.
    alone = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    ended = ended and not before.endswith(")")
    closed = not alone and (at_end or after[0] in "。;") and (ended or len(reading.named) > 1)
    particular = any(not one.collective for one in reading.named)
    return closed and particular and not reading.persons and not reading.unknown


def _labelled(text: str, brackets: list[Clause], convention: Convention) -> Iterator[Clause]:
    """Clauses without brackets: from a label to the line's end; labels of the next lines belong to it."""
    spans = [(match.start(), match.end()) for match in _LABELLED.finditer(text)]
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if any(clause.start <= start < clause.end for clause in brackets):
            continue
        if (
            merged
            and not text[merged[-1][1] : start].strip(" 。;|\t\n")
            and not _same_label(text, merged[-1][0], start)
        ):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    for start, end in merged:
        reading = read_clause(re.sub(r"[\n|。]+", ";", text[start:end]), convention)
        if reading is not None:
            yield Clause(start, end, reading.named, reading.persons, reading.unknown)


def _same_label(text: str, one: int, other: int) -> bool:
    label = text[other:].partition(":")[0]
    return text[one:other].startswith(label) or f"\n{label}:" in text[one:other]

"""What was changed from one text of a document to the next, part by part."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from publish.derive.lines import joined
from publish.derive.outline import full_labels, read_outline
from publish.model.document import Document
from publish.model.policy import Amendment, Change, ChangeKind, Run

_ALIKE = 0.5  # parts that share so much of their text are the same part under another number
_ISLAND = 2  # so few equal characters between two changes are told with them: a reader could make nothing of them


@dataclass(frozen=True, slots=True)
class _Unit:
    """A part as it is compared: its anchor, its number with those above it, and its text without its number."""

    anchor: str
    label: str
    text: str


def derive_amendments(document: Document) -> tuple[Amendment, ...]:
    """From each earlier text of a document to the next, the last one to its present text; newest first."""
    texts = [*((version.day, version.document) for version in document.versions), (None, document)]
    found = []
    for (day, before), (next_day, after) in pairwise(texts):
        if day is None:
            continue
        units = _units(after)
        changes, unchanged = _compare(_units(before), units)
        if next_day is not None:  # anchors lead to the present text only
            changes = [replace(change, anchor=None) for change in changes]
        found.append(Amendment(day, next_day, tuple(changes), unchanged))
    return tuple(reversed(found))


def _units(document: Document) -> list[_Unit]:
    outline = read_outline(document)
    first = outline.starts[0] if outline.starts else len(outline.lines)
    above = "\n".join(joined(list(outline.lines[:first])))
    units = [_Unit("", "", above)] if above else []
    labels = full_labels(outline.parts)
    parts = ((part, part.text.removeprefix(part.label).strip()) for part in outline.parts)
    return [*units, *(_Unit(part.anchor, labels[part.anchor], text) for part, text in parts)]


def _compare(before: Sequence[_Unit], after: Sequence[_Unit]) -> tuple[list[Change], int]:
    """The changes in the order of the later text, and how many parts are as they were."""
    matcher = SequenceMatcher(None, [unit.text for unit in before], [unit.text for unit in after], autojunk=False)
    changes: list[Change] = []
    unchanged = 0
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            changes += _paired(before[a:b], after[c:d])
            continue
        for old, new in zip(before[a:b], after[c:d], strict=True):
            if old.label == new.label:
                unchanged += 1
            else:
                runs = ((Run.SAME, new.text),)
                changes.append(Change(ChangeKind.RENUMBERED, old.label, new.label, runs, new.anchor or None))
    return changes, unchanged


def _paired(before: Sequence[_Unit], after: Sequence[_Unit]) -> Iterator[Change]:
    """Parts of one stretch: those of one number, then those of like text, are one part changed."""
    waiting = list(before)
    for new in after:
        old = next((one for one in waiting if one.label == new.label and _likeness(one, new) >= _ALIKE), None)
        old = old or max(waiting, key=lambda one: _likeness(one, new), default=None)
        if old is None or _likeness(old, new) < _ALIKE:
            yield Change(ChangeKind.ADDED, None, new.label, ((Run.ADDED, new.text),), new.anchor or None)
            continue
        while waiting[0] is not old:
            yield _removed(waiting.pop(0))
        waiting.pop(0)
        yield Change(ChangeKind.CHANGED, old.label, new.label, tuple(_runs(old.text, new.text)), new.anchor or None)
    yield from map(_removed, waiting)


def _removed(unit: _Unit) -> Change:
    return Change(ChangeKind.REMOVED, unit.label, None, ((Run.REMOVED, unit.text),))


def _likeness(one: _Unit, other: _Unit) -> float:
    return SequenceMatcher(None, one.text, other.text, autojunk=False).ratio()


def _runs(before: str, after: str) -> Iterator[tuple[Run, str]]:
    """The later text with what was removed from the earlier one, in runs as long as can be."""
    removed = added = ""
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for place, (tag, a, b, c, d) in enumerate(opcodes):
        island = 0 < place < len(opcodes) - 1 and b - a < _ISLAND and not re.search(r"\n", before[a:b])
        if tag != "equal" or island:
            removed, added = removed + before[a:b], added + after[c:d]
            continue
        yield from _flushed(removed, added)
        removed = added = ""
        yield Run.SAME, before[a:b]
    yield from _flushed(removed, added)


def _flushed(removed: str, added: str) -> Iterator[tuple[Run, str]]:
    if removed:
        yield Run.REMOVED, removed
    if added:
        yield Run.ADDED, added

"""The account of an import, checked: every line of the copy once, every character of the result from it, in order."""

import html
import re
from collections.abc import Sequence

from publish.derive.folding import fold_text
from publish.importers.policy.cleaning import Cleaned
from publish.importers.policy.lines import Copy
from publish.importers.policy.markdown import body
from publish.importers.policy.report import Entry, entries
from publish.render.text import plain_text

ELSEWHERE = {"read in another encoding", "markup or unseen characters"}
REMOVED = {"removed-shell", "removed-spam", "removed-personal"}


def squeezed(text: str) -> str:
    return "".join(text.split())


def within(part: str, whole: str) -> bool:
    """Whether the characters of `part` stand in `whole` in their order."""
    rest = iter(whole)
    return all(character in rest for character in part)


def assert_accounted(copy: Copy, documents: Sequence[Cleaned]) -> None:
    account = entries(documents)
    assert_every_line_once(copy, account)
    for entry in account:
        assert_from_the_raw_line(entry)
        assert_nothing_lost(entry)
    for document in documents:
        assert_round_trip(document)


def assert_every_line_once(copy: Copy, account: Sequence[Entry]) -> None:
    personal = {line.first for line in copy.lines}
    numbers = [n for entry in account for n in range(entry.first, entry.last + 1) if n in personal]
    assert numbers == [line.first for line in copy.lines]
    by_number = {line.first: line.raw for line in copy.lines}
    for entry in account:
        raws = [by_number[n] for n in range(entry.first, entry.last + 1) if n in by_number]
        if not set(entry.kinds) & REMOVED:
            assert entry.raw == "\n".join(raws)


def assert_from_the_raw_line(entry: Entry) -> None:
    """Characters come from the raw line in order; punctuation, brackets and traditional characters are folded."""
    if not entry.kinds:
        assert squeezed(entry.result) == squeezed(entry.raw)
    if "removed-personal" in entry.kinds:
        return  # its raw line is masked
    raw = html.unescape(entry.raw) if set(entry.notes) & ELSEWHERE else entry.raw
    if "read in another encoding" not in entry.notes:
        assert within(_folded(entry.result.replace("|", "")), _folded(raw)), entry


def assert_nothing_lost(entry: Entry) -> None:
    """Where nothing was removed, all Chinese characters of the raw line are in the result."""
    if set(entry.kinds) & REMOVED or set(entry.notes) & ELSEWHERE or "pinyin in brackets" in entry.notes:
        return
    assert _han(entry.result) == _han(entry.raw), entry


def _folded(text: str) -> str:
    """Folded, with the characters alike that OpenCC converts only in some words (答覆, 著作)."""
    return fold_text(text).translate(str.maketrans("覆乾著麼徵瞭", "复干着么征了"))


def _han(text: str) -> str:
    return re.sub(r"[^\u3400-\u9fff]", "", _folded(text))


def assert_round_trip(document: Cleaned) -> None:
    """The page's text is the cleaned text."""
    kept = [line for line in document.lines if line.place == "body"]
    expected = "".join("".join("".join(row) for row in line.rows) if line.rows else line.text for line in kept)
    assert squeezed(plain_text(body(document.lines))) == squeezed(expected)

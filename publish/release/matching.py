"""Searching many texts at once for private values and personal patterns: what scan_release does with what it reads.

What is searched is the unescaped text (publish/model/unescaping.py). A match of less than _SURE bytes counts only
between text, or in what is text as a whole: in compressed bytes six given ones turn up by chance.
"""

import codecs
import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from publish.model.sieve import Hits, Sieve, hits_of
from publish.model.sieve_windows import MAX_BYTES
from publish.model.terms import Pattern
from publish.model.unescaping import unescaped
from publish.release.shared_lines import SharedLines
from publish.release.suspects import MOBILE, suspects_of

# Finds personal data in a text: what it is, from which character, to which. Whatever it finds has an `@`, or digits as
# publish/release/suspects.py says; what decides on it lies within 96 bytes on either side.
PatternFinder = Callable[[str], Iterable[tuple[Pattern, int, int]]]

WINDOW = 1 << 22  # bytes searched at a time
NAME = "(name)"  # the part of a finding that is in the path itself
# Owners of findings that are no values of a field.
PATTERN, NOT_SCANNABLE = -1, -2

_OVERLAP = 10 * MAX_BYTES + 1024  # a value whose every byte is written as an escape of up to ten
_MARGIN = 64  # at a cut: what is so near may be half an escape, or half a number
_BETWEEN = b"\0\xff\0"  # between pieces: no value has it
_SURE = 10
_NEAR = 96
_PAGES = 1 << 24  # bytes of pages whose lines are looked at together
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_MOST_KNOWN = 4096  # stretches whose findings are remembered: most are of what all pages have
_LONG = 4096  # bytes of a stretch that is not remembered: it is of one text, or of many at once


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A file and a part of it. `owner`: index of a field, or PATTERN (`what`: which) or NOT_SCANNABLE (`what`: why)."""

    path: str
    part: str
    owner: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where a text lies in the buffer; a match counts if it ends after `seen` and not after `high`."""

    path: str
    part: str
    begin: int
    size: int
    seen: int
    high: int
    is_text: bool


class Search:
    """Collects texts until there are enough of them to be searched at once. `found` counts."""

    def __init__(
        self, sieves: Sequence[Sieve], patterns: PatternFinder | None, allowed: frozenset[bytes], lines: int = 1
    ) -> None:
        """`lines`: over how many a value goes at most."""
        self.found: Counter[Finding] = Counter()
        self._shared = SharedLines(lines)
        self._pages: dict[str, bytes] = {}
        self._pages_size = 0
        self._sieves = sieves
        self._patterns = patterns
        self._allowed = allowed
        self._pieces: list[_Piece] = []
        self._texts: list[bytes] = []
        self._size = 0
        self._known: dict[bytes, tuple[tuple[str, int], ...]] = {}

    def add_blocks(self, path: str, part: str, blocks: Iterator[bytes]) -> None:
        """A text of any length, cut with an overlap."""
        held, size, overlap = list[bytes](), 0, 0
        for block in blocks:
            if size - overlap >= WINDOW:
                data = b"".join(held)
                self.add(path, part, data, overlap, last=False)
                held = [data[-_OVERLAP:]]
                size = overlap = len(held[0])
            held.append(block)
            size += len(block)
        self.add(path, part, b"".join(held), overlap)

    def add_page(self, path: str, data: bytes) -> None:
        """One of many pages of the same templates: lines are searched but once in the same company."""
        if not is_plain_text(data):
            self.add(path, "", data)  # what stands farther away decides there
            return
        self._pages[path] = data
        self._pages_size += len(data)
        if self._pages_size >= _PAGES:
            self._add_pages()

    def _add_pages(self) -> None:
        for path, text in zip(self._pages, self._shared.fresh(list(self._pages.values())), strict=True):
            if text:
                self.add(path, "", text, is_text=True)
        self._pages, self._pages_size = {}, 0

    def add(
        self, path: str, part: str, data: bytes, overlap: int = 0, last: bool = True, is_text: bool = False
    ) -> None:
        """A text, or a window of one: its first `overlap` bytes were in the window before. A match there counts twice
        at worst, and never not at all. `is_text`: nothing in it is there by chance.
        """
        text = unescaped(data)
        seen = len(unescaped(data[:overlap])) - 2 * _MARGIN if overlap else 0
        piece = _Piece(path, part, self._size, len(text), seen, len(text) - (0 if last else _MARGIN), is_text)
        self._pieces.append(piece)
        self._texts += (text, _BETWEEN)
        self._size += len(text) + len(_BETWEEN)
        if self._size >= WINDOW:
            self._search()

    def flush(self) -> None:
        """Search what was collected, pages too."""
        if self._pages:
            self._add_pages()
        self._search()

    def _search(self) -> None:
        buffer = b"".join(self._texts)
        begins = [piece.begin for piece in self._pieces]
        is_utf8 = cache(lambda at: _is_utf8(buffer, self._pieces[at]))
        if self._patterns is not None:
            self._find_patterns(buffer, begins, self._patterns)
        for sieve, hits in zip(self._sieves, hits_of(self._sieves, buffer), strict=True):
            owners = sieve.owners[hits.ids].tolist() if len(hits) else []
            for (position, length), owner in zip(spans(hits), owners, strict=True):
                at = bisect_right(begins, position) - 1
                piece = self._pieces[at]
                counts = piece.seen < position - piece.begin + length <= piece.high
                is_sure = length >= _SURE or piece.is_text
                if counts and (is_sure or _between_text(buffer, position, length, piece) or is_utf8(at)):
                    self.found[Finding(piece.path, piece.part, owner)] += 1
        self._pieces, self._texts, self._size = [], [], 0

    def _find_patterns(self, buffer: bytes, begins: Sequence[int], patterns: PatternFinder) -> None:
        for piece, begin, end in _suspects(buffer, self._pieces, begins):
            for pattern, rest in self._findings(buffer[begin:end], patterns):
                if piece.seen < end - rest - piece.begin <= piece.high:
                    self.found[Finding(piece.path, piece.part, PATTERN, pattern)] += 1

    def _findings(self, stretch: bytes, patterns: PatternFinder) -> tuple[tuple[str, int], ...]:
        """What is found in a stretch and not allowed: which pattern, and how many bytes stand behind it."""
        found = self._known.get(stretch)
        if found is None:
            near = _decoded(stretch, cut=True) or ""
            found = tuple(
                # The first character may have been cut, hence the offset from the end.
                (pattern.value, len(near[last:].encode()))
                for pattern, first, last in (patterns(near) if near else ())
                if match_digest(near[first:last]) not in self._allowed
            )
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            if len(stretch) <= _LONG:
                self._known[stretch] = found
        return found


def _suspects(buffer: bytes, pieces: Sequence[_Piece], begins: Sequence[int]) -> Iterator[tuple[_Piece, int, int]]:
    """Stretches of the pieces in which a pattern can be, by their places in the buffer: around `@` that can be a mail
    address's and many digits; whole pieces with full-width ones. Finders are slow, this is not."""
    spans, digits = suspects_of(buffer)
    wide = np.bincount(np.searchsorted(begins, digits, "right"), minlength=len(pieces) + 1)[1:]
    whole = frozenset(np.flatnonzero(wide >= MOBILE).tolist())
    yield from ((pieces[at], pieces[at].begin, pieces[at].begin + pieces[at].size) for at in sorted(whole))
    place, begin, end = -1, 0, 0
    for first, last in spans:
        own = bisect_right(begins, first) - 1
        if own in whole:
            continue
        if own != place or first - _NEAR > end:
            yield from _widened(buffer, pieces[place], begin, end)
            place, begin, end = own, first - _NEAR, first
        begin, end = max(begin, pieces[own].begin), max(end, last + _NEAR)
    yield from _widened(buffer, pieces[place], begin, end) if pieces else ()


def _widened(buffer: bytes, piece: _Piece, begin: int, end: int) -> Iterator[tuple[_Piece, int, int]]:
    """Not from or to the middle of a word, since what is beside a number decides on it; and not beyond its piece, which
    no word goes on beyond."""
    while begin > piece.begin and buffer[begin - 1 : begin].isalnum():
        begin -= 1
    while end and buffer[end : end + 1].isalnum():
        end += 1
    if begin < end:
        yield piece, begin, min(end, piece.begin + piece.size)


def match_digest(match: str) -> bytes:
    """By which a match of a pattern is known without holding it."""
    return hashlib.blake2b(match.encode(), digest_size=16).digest()


def spans(hits: Hits) -> Iterator[tuple[int, int]]:
    """Position and length of each hit."""
    return zip(hits.positions.tolist(), hits.lengths.tolist(), strict=True)


def _between_text(buffer: bytes, position: int, length: int, piece: _Piece) -> bool:
    """Whether the eight bytes on either side, as far as the piece goes, are printable text or its separators."""
    end = position + length
    before = buffer[max(position - 8, piece.begin) : position]
    after = buffer[end : min(end + 8, piece.begin + piece.size)]
    return _printable(_decoded(before, cut=True)) and _printable(_decoded(after, cut=False))


def _is_utf8(buffer: bytes, piece: _Piece) -> bool:
    """Whether all of it is text, as packed bytes are not, whatever controls are in it."""
    return _decoded(buffer[piece.begin : piece.begin + piece.size], cut=True) is not None


def is_plain_text(data: bytes) -> bool:
    """Whether all of it is printable text."""
    if len(data.translate(None, _CONTROLS)) < len(data):  # four times as fast as a pattern
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _printable(text: str | None) -> bool:
    return text is not None and all(character >= " " or character in "\0\t\n\r" for character in text)


def _decoded(data: bytes, cut: bool) -> str | None:
    """Text, if the bytes are UTF-8; the last character may be cut, with `cut` the first too."""
    if cut:
        data = data[next((at for at, byte in enumerate(data[:4]) if byte & 0xC0 != 0x80), 0) :]
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return None

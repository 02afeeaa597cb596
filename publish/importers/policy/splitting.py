"""One copy may hold several documents, one after the other, each with its annexes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from publish.importers.policy import forms
from publish.importers.policy.lines import Kind, Line, Place
from publish.importers.policy.numerals import DATE

_CITED = re.compile(r"《((?:[^《》]|《[^《》]{0,100}》){2,150})》")
_ISSUING = re.compile(
    r"(?:印发|印發|发布|發布|公布|转发|轉發|下发|批转|颁布|通过|通過)(?:给|給)?[^。《]{0,6}《|(?:现将|現將)[^。《]{0,6}《"
    r"|^《[^。]{1,400}》[^。]{0,80}。?[^。]{0,60}(?:印发|印發|发布|公布|發布)"
)
_ABOUT_ISSUE = re.compile(
    r"(?:关于|關於|關于)(?:印发|印發|发布|發布|公布|转发|轉發|批转)《?(.{4,250}?)》?的(?:通知|公告|决定|決定)"
)
_AND = re.compile(r"》?(?:[和、及与與]|以及)《?")
# How the text below a document's title begins.
_PREAMBLE = re.compile(r"为|為|根据|根據|按照|依据|依據|第一[编章条條]|一、|[(（]一[)）]|近年来|近年來|各[市县區区部]")
_NAME_LONGEST = 120
_AHEAD = 40


@dataclass(slots=True)
class Piece:
    """One document of a copy: its lines, its title if the copy has one, and which piece it is an annex of.

    `annex`: the number in its label, if that has one.
    """

    lines: list[Line] = field(default_factory=list)
    title: str | None = None
    parent: int | None = None
    labelled: bool = False
    annex: int | None = None
    named: set[str] = field(default_factory=set)

    @property
    def begun(self) -> bool:
        """Whether anything but title, number and the like has come."""
        return any(line.place is Place.BODY for line in self.lines)


def cited_names(lines: Sequence[Line]) -> frozenset[str]:
    """Every title that the copy names, folded, also where a line end stands in it."""
    text = "".join(line.text for line in lines if line.kept and not line.rows)
    return frozenset(forms.folded_name(name) for name in (*_CITED.findall(text), *_ABOUT_ISSUE.findall(text)))


def issued_names(text: str) -> Iterator[str]:
    """The titles, folded, of what a line issues: 现将《…》和《…》印发给你们."""
    for sentence in text.split("。"):
        if _ISSUING.search(sentence):
            yield from (forms.folded_name(name) for name in _CITED.findall(sentence))
    for names in _ABOUT_ISSUE.findall(text):
        parts = _AND.split(names)
        # Which 和 parts two titles is not told: every run of neighbours may be one.
        for first in range(len(parts)) if len(parts) < 12 else ():
            for last in range(first + 1, len(parts) + 1):
                yield forms.folded_name(_between(names, parts, first, last))


def _between(names: str, parts: list[str], first: int, last: int) -> str:
    """The text of `names` from one part to another, what stands between them included."""
    start = sum(len(part) for part in parts[:first]) + sum(len(m) for m in _AND.findall(names)[:first])
    end = sum(len(part) for part in parts[:last]) + sum(len(m) for m in _AND.findall(names)[: last - 1])
    return names[start:end]


def split(lines: Sequence[Line]) -> list[Piece]:
    """The documents of a copy. Titles, numbers and labels are in the front matter, all else in bodies.

    Lines that were removed go with the piece that is open. A covering notice without a title and what it issues are
    one document, which has the latter's title.
    """
    splitter = _Splitter(list(lines), [Piece()])
    at = 0
    while at < len(lines):
        at = splitter.take(at)
    pieces = splitter.pieces
    if len(pieces) > 1 and pieces[0].title is None and pieces[1].parent == 0 and _is_cover(pieces[0], pieces[1]):
        pieces = _without_cover(pieces)
    for piece in pieces:
        if piece.title is None:
            _guess_title(piece)
    return [piece for piece in pieces if piece.lines]


def _is_cover(cover: Piece, first: Piece) -> bool:
    """Whether a piece without a title only brings the next: a notice, or an order, whose text may be its annex."""
    order = any(line.place is Place.FRONT and re.search("令.*第.*[号號]", line.text) for line in cover.lines)
    return order or not first.labelled


def _guess_title(piece: Piece) -> None:
    """The first short line of a document without a line that has the form of a title; a person has to look."""
    for at, line in enumerate(piece.lines):
        if line.place is Place.BODY and line.kept:
            if _may_be_title(line):
                piece.title = tidy_title(line.text)
                piece.lines[at] = replace(line.changed(Kind.UNSURE, note="is this the title?"), place=Place.FRONT)
            return


def _may_be_title(line: Line) -> bool:
    text = line.text
    other = (
        forms.terminal(text)
        or forms.red_head_of(text)
        or forms.structural(text)
        or forms.alone(text)
        or forms.is_addressees(text)
    )
    return not other and not line.rows and 3 < len(text) <= 60 and "，" not in text


def _without_cover(pieces: list[Piece]) -> list[Piece]:
    cover, first = pieces[0], pieces[1]
    whole = Piece(cover.lines + first.lines, first.title, None, False, named=cover.named | first.named)
    rest = [replace(piece, parent=None if piece.parent is None else max(0, piece.parent - 1)) for piece in pieces[2:]]
    return [whole, *rest]


@dataclass(slots=True)
class _Splitter:
    lines: list[Line]
    pieces: list[Piece]
    main: int = 0
    ended: bool = False

    def take(self, at: int) -> int:
        """Take the line at this place, and what belongs to it; the place of the next."""
        line = self.lines[at]
        piece = self.pieces[-1]
        if not line.kept or line.rows:
            piece.lines.append(line)
            return at + 1
        text = line.text
        following = self._after(at)
        if forms.annex_of(text) is not None and not _listed(following) and (piece.begun or piece.title is None):
            return self._labelled(at, following)
        if self._is_start(text, at):
            self._start(line, at)
            return at + 1
        if self._titled(line, following):
            return at + 1
        if self._opens(text, at):
            self._begin(None)
            piece = self.pieces[-1]
        if piece.title is None and not piece.begun and _may_be_title(line) and forms.number_of(following):
            piece.title = tidy_title(text)
            line = line.changed(Kind.UNSURE, note="is this the title?")
            piece.lines.append(replace(line, place=Place.FRONT))
            return at + 1
        head = not piece.begun and (forms.number_of(text) or forms.red_head_of(text))
        piece.lines.append(replace(line, place=Place.FRONT) if head else line)
        self.ended = _mark(text) or (self.ended and forms.is_office(text))
        for name in issued_names(text):
            self.pieces[self.main].named.add(name)
        return at + 1

    def _labelled(self, at: int, following: str) -> int:
        """Take a label: of an annex, of a copy of an annex alone, or of nothing."""
        piece = self.pieces[-1]
        if piece.begun and not following:
            piece.lines.append(self.lines[at].removed(Kind.REMOVED_SHELL, "a label of nothing"))
            return at + 1
        if piece.begun:
            self._begin(self.main, labelled=True)
        return self._named_annex(at, self.pieces[-1])

    def _titled(self, line: Line, following: str) -> bool:
        """Take a line as a title: behind the label of its annex, or of an unusual form right above a number."""
        piece = self.pieces[-1]
        label = forms.annex_number_of(line.text)
        expected = self.ended or (piece.annex is not None and label == piece.annex + 1)
        if expected and piece.begun and (title := forms.annex_title_of(line.text)):
            self._begin(self.main, labelled=True)
            piece = self.pieces[-1]
            piece.annex = label
        elif piece.title is None and not piece.begun and _may_be_title(line) and forms.number_of(following):
            title = line.text
            line = line.changed(Kind.UNSURE, note="is this the title?")
        else:
            return False
        piece.title = tidy_title(title)
        piece.lines.append(replace(line, place=Place.FRONT))
        return True

    def _after(self, at: int, count: int = 1) -> str:
        """The text of the next line that is kept, or of the one behind it; "" if there is none."""
        for place in range(at + 1, min(len(self.lines), at + _AHEAD)):
            if self.lines[place].kept:
                count -= 1
                if not count:
                    return self.lines[place].text
        return ""

    def _is_start(self, text: str, at: int) -> bool:
        piece = self.pieces[-1]
        if self._named(text):
            return True
        if not forms.is_title(text):
            return False
        if piece.title is None and not piece.begun and self.main == len(self.pieces) - 1:
            return True
        if piece.title is not None and not piece.begun and forms.folded_name(text) == forms.folded_name(piece.title):
            return True
        nearly = forms.number_of(self._after(at)) or forms.is_addressees(self._after(at))
        about = re.search("[关關][于於]", text) is not None
        begins = _PREAMBLE.match(self._after(at)) is not None and forms.terminal(piece.lines[-1].text)
        return piece.begun and (self.ended or bool(nearly and about) or (begins and len(text) > 7))

    def _named(self, text: str) -> bool:
        main = self.pieces[self.main]
        known = len(text) <= _NAME_LONGEST and not forms.terminal(text) and not forms.structural(text)
        return known and forms.folded_name(text) in main.named and main.begun

    def _opens(self, text: str, at: int) -> bool:
        """Whether a number or the head of an office's paper stands above the next document's title."""
        above = forms.number_of(text) is not None or forms.red_head_of(text) is not None
        nearby = (self._after(at, count) for count in (1, 2))
        return above and self.ended and self.pieces[-1].begun and any(forms.is_title(other) for other in nearby)

    def _start(self, line: Line, at: int) -> None:
        piece = self.pieces[-1]
        title = tidy_title(line.text)
        if piece.title is not None and not piece.begun and forms.folded_name(title) == forms.folded_name(piece.title):
            piece.lines.append(line.removed(Kind.REMOVED_SHELL, "the title again"))
            return
        if not piece.begun and piece.title is None:
            piece.title = title
        else:
            main = self.pieces[self.main]
            following = self._after(at)
            own = forms.number_of(following) is not None or forms.is_addressees(following)
            issued = self._named(line.text) or (bool(main.named) and not own)
            self._begin(self.main if issued else None)
            self.pieces[-1].title = title
        self.pieces[-1].lines.append(replace(line, place=Place.FRONT))
        if self.main == len(self.pieces) - 1:
            self.pieces[-1].named.update(issued_names(line.text))
        self.ended = False

    def _begin(self, parent: int | None, *, labelled: bool = False) -> None:
        self.pieces.append(Piece(parent=parent, labelled=labelled))
        self.main = len(self.pieces) - 1 if parent is None else self.main
        self.ended = False

    def _named_annex(self, at: int, piece: Piece) -> int:
        """An annex with its label and title, which may be any short line."""
        piece.annex = forms.annex_number_of(self.lines[at].text)
        piece.lines.append(replace(self.lines[at], place=Place.FRONT))
        at += 1
        while at < len(self.lines) and not self.lines[at].kept:
            piece.lines.append(self.lines[at])
            at += 1
        if at < len(self.lines):
            line = self.lines[at]
            plain = not forms.terminal(line.text) and not forms.structural(line.text) and not line.rows
            if plain and len(line.text) <= _NAME_LONGEST:
                piece.title = tidy_title(line.text)
                piece.lines.append(replace(line, place=Place.FRONT))
                return at + 1
        piece.title = piece.lines[0].text
        return at


def _listed(text: str) -> bool:
    """Whether a list of annexes follows, not an annex."""
    return re.match(r"[0-9]{1,2}\s?[.．、]|附件", text) is not None


def _mark(text: str) -> bool:
    return (
        forms.date_of(text) is not None
        or forms.publicity_of(text) is not None
        or forms.is_printed(text)
        or signed(text)
    )


def signed(text: str) -> bool:
    """Whether a line is an office and a date."""
    match = re.fullmatch(rf"(.{{2,50}}?)\s+({DATE})", text)
    return match is not None and forms.is_office(match[1])


def tidy_title(text: str) -> str:
    """A title as one line: no white space between Chinese characters."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", text).strip()

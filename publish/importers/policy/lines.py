"""The lines of a copy on their way into a document, and what was done to each."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """What was done to a line. `UNSURE`: nothing, since it is not certain what is right; a person has to look."""

    REMOVED_SHELL = "removed-shell"
    REMOVED_SPAM = "removed-spam"
    REMOVED_PERSONAL = "removed-personal"
    REPAIRED = "repaired"
    JOINED = "joined"
    CONVERTED = "converted"
    UNSURE = "unsure"


class Place(StrEnum):
    """Where a line ended up: in a document's body, in its front matter, or nowhere."""

    BODY = "body"
    FRONT = "front"
    NOWHERE = "nowhere"


PAGE_NUMBER = "the number of a page"
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or several that were joined: `first` to `last` in the copy, from 1.

    `raw` is what stands there, line ends included between joined lines; `text` what has become of it. `rows` are the
    cells of a table, which then are its text. `gap`: a blank line stands before it. `document` is the slug of the
    document it belongs to, once that is known.
    """

    first: int
    last: int
    raw: str
    text: str
    gap: bool = False
    rows: Rows = ()
    kinds: frozenset[Kind] = frozenset()
    notes: tuple[str, ...] = ()
    place: Place = Place.BODY
    document: str = ""

    def changed(self, kind: Kind, text: str | None = None, note: str = "") -> "Line":
        """This line with another text, for a reason of this kind. A table's cells become text if given one."""
        notes = (*self.notes, note) if note and note not in self.notes else self.notes
        rows = self.rows if text is None else ()
        return replace(
            self, text=self.text if text is None else text, rows=rows, kinds=self.kinds | {kind}, notes=notes
        )

    def removed(self, kind: Kind, note: str = "") -> "Line":
        """This line, left out for a reason of this kind."""
        kinds = (self.kinds - {Kind.UNSURE}) | {kind}  # what is certain now
        return replace(self.changed(kind, note=note), kinds=kinds, place=Place.NOWHERE, text="", rows=())

    @property
    def kept(self) -> bool:
        """Whether anything of it stands in a document."""
        return self.place is not Place.NOWHERE


def joined(lines: Iterable[Line], text: str, kind: Kind = Kind.JOINED, note: str = "") -> Line:
    """Neighbouring lines as one line with this text."""
    parts = list(lines)
    kinds = frozenset[Kind]().union(*(part.kinds for part in parts))
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    whole = Line(parts[0].first, parts[-1].last, "\n".join(part.raw for part in parts), text, parts[0].gap)
    return replace(whole, kinds=kinds, notes=notes).changed(kind, text, note)


@dataclass(frozen=True, slots=True)
class Copy:
    """A file, read: its lines that are not blank, and what it says of itself.

    `form` is text, html or docx; in the latter two a line is a block or a table, counted from 1. `stated` are values
    of the page's own meta tags (ArticleTitle, PubDate, ContentSource, ...).
    """

    name: str
    form: str
    encoding: str
    lines: tuple[Line, ...]
    stated: dict[str, str] = field(default_factory=dict)

"""The lines of a document's sanitised HTML, each with the places where its characters stand in it."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from publish.model.markup import HEADINGS

_TOKEN = re.compile(r'<(?P<end>/?)(?P<tag>[a-z][a-z0-9]*)(?P<rest>(?:[^">]|"[^"]*")*)>|&[#\w]+;|[^<&]+|[<&]')
_ID = re.compile(r'\sid="([^"]*)"')
_START = re.compile(r'\sstart="(-?\d+)"')
_CELLS = frozenset({"td", "th"})
_BLOCKS = HEADINGS | _CELLS | {"p", "li", "dt", "dd", "caption", "pre"}
_CONTAINERS = frozenset({"ul", "ol", "dl", "blockquote", "table", "tr", "thead", "tbody"})


@dataclass(slots=True)
class Line:
    """A line of a block: what stands in it up to the next end of line or `br`.

    `text` is plain, its white space folded; `places` the offset of each character in the HTML, `linked` whether it is
    part of a link. `tag` is that of the block ("" for none), `opened` the offset behind its start tag and `anchor` its
    id, for its first line only. `begin`: where the line begins. `split`: the block can be cut in two there. `row`: the
    number of its table row, 0 outside of tables. `ordinal`: its number in a numbered list. `top`: the offset of the
    outermost element that it stands in. `quoted`: it stands in a quotation.
    """

    tag: str
    first: bool
    anchor: str
    opened: int
    begin: int
    split: bool
    row: int
    ordinal: int | None
    top: int
    quoted: bool = False
    text: str = ""
    places: list[int] = field(default_factory=list)
    linked: list[bool] = field(default_factory=list)

    @property
    def heading(self) -> bool:
        """Whether it stands in a heading."""
        return self.tag in HEADINGS


def lines_of(markup: str) -> list[Line]:
    """The lines of sanitised HTML that hold anything, in their order."""
    reader = _Reader()
    for match in _TOKEN.finditer(markup):
        reader.take(match)
    reader.close()
    return reader.lines


@dataclass(slots=True)
class _Open:
    tag: str
    at: int
    behind: int
    anchor: str
    ordinal: int | None = None
    used: bool = False


class _Reader:
    """Walks through the tokens of sanitised HTML, whose elements are all closed."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._stack: list[_Open] = []
        self._line: Line | None = None
        self._characters: list[str] = []
        self._rows = 0

    def take(self, match: re.Match[str]) -> None:
        """The next token."""
        tag = match["tag"]
        if tag is None:
            self._text(match[0], match.start())
        elif tag == "br":
            self.close()
        elif match["end"]:
            self._leave(tag)
        elif tag != "hr":
            self._enter(tag, match)

    def close(self) -> None:
        """The end of a line."""
        text = "".join(self._characters).rstrip()
        if self._line is not None and text:
            self._line.text = text
            self.lines.append(self._line)
        self._line, self._characters = None, []

    def _enter(self, tag: str, match: re.Match[str]) -> None:
        if tag in _BLOCKS or tag in _CONTAINERS:
            self.close()
        self._rows += tag == "tr"
        anchor = _ID.search(match["rest"])
        opened = _Open(tag, match.start(), match.end(), html.unescape(anchor[1]) if anchor else "")
        if tag == "ol":
            start = _START.search(match["rest"])
            opened.ordinal = int(start[1]) if start else 1
        elif tag == "li" and self._stack and self._stack[-1].tag == "ol":
            opened.ordinal = self._stack[-1].ordinal
            self._stack[-1].ordinal = (opened.ordinal or 0) + 1
        self._stack.append(opened)

    def _leave(self, tag: str) -> None:
        if tag in _BLOCKS or tag in _CONTAINERS:
            self.close()
        while self._stack and self._stack.pop().tag != tag:
            pass

    def _text(self, text: str, at: int) -> None:
        linked, kept = self._within("a"), self._within("pre")
        if text[0] == "&":
            self._put(html.unescape(text), [at] * len(text), linked)
            return
        for number, line in enumerate([text] if kept else text.split("\n")):
            if number:
                self.close()
            self._put(line, range(at, at + len(line)), linked)
            at += len(line) + 1

    def _put(self, text: str, places: Sequence[int], linked: bool) -> None:
        for character, at in zip(text, places, strict=False):
            space = character.isspace()
            if space and self._characters[-1:] in ([], [" "]):
                continue
            if self._line is None:
                self._line = self._begin(at)
            self._characters.append(" " if space else character)
            self._line.places.append(at)
            self._line.linked.append(linked)

    def _begin(self, at: int) -> Line:
        block = next((one for one in reversed(self._stack) if one.tag in _BLOCKS), None)
        if block is None:
            return Line("", True, "", at, at, False, 0, None, self._stack[0].at if self._stack else at)
        item = next((one for one in reversed(self._stack) if one.tag == "li"), None)
        first, block.used = not block.used, True
        ordinal, anchor = None, block.anchor if first else ""
        if item is not None and not (item.used and item is not block):
            ordinal = item.ordinal if first else None
            anchor = anchor or (item.anchor if first else "")
            item.used = True
        return Line(
            tag=block.tag,
            first=first,
            anchor=anchor,
            opened=block.behind,
            begin=at,
            split=block.tag == "p" and self._stack[-1] is block and len(self._stack) == 1,
            row=self._rows if any(one.tag == "tr" for one in self._stack) else 0,
            ordinal=ordinal,
            top=self._stack[0].at,
            quoted=self._within("blockquote"),
        )

    def _within(self, tag: str) -> bool:
        return any(one.tag == tag for one in self._stack)


def joined(lines: list[Line]) -> Iterator[str]:
    """The text of lines, the cells of a table's row as one line."""
    row = 0
    cells: list[str] = []
    for line in lines:
        if cells and line.row != row:
            yield " ".join(cells)
            cells = []
        row = line.row
        if row:
            cells.append(line.text)
        else:
            yield line.text
    if cells:
        yield " ".join(cells)

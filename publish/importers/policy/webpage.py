"""HTML into lines and tables.

No tree is built: tags are scanned once, so that nothing nests too deep and time grows with the size only. (html5ever,
and so nh3, takes minutes for 200,000 nested elements.) Nothing of the markup gets into a document, so that it need not
be sanitised either; the text is escaped when it is written.
"""

import html
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from publish.importers.policy.faults import NotReadable
from publish.importers.policy.lines import Kind, Line, Rows

MAX_TAGS = 2_000_000
MAX_CELLS = 200_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*'|[\"'])*?)/?>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,30})\s{0,4}=\s{0,4}(?:\"([^\"<]*)\"|'([^'<]*)'|([^\s\"'<>]+))")
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
        *("legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "select", "table", "tbody", "td"),
        *("textarea", "tfoot", "th", "thead", "title", "tr", "ul"),
    )
)
_SILENT = frozenset({"script", "style", "noscript", "template", "iframe", "object", "svg", "head"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "area", "base", "col", "embed", "source"})


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] | None = None
    nested: bool = False
    start: int = 0


@dataclass(slots=True)
class _Blocks:
    """Blocks so far. Text goes into the cell of the innermost table, or the block that is open."""

    done: list[Line] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    tables: list[_Table] = field(default_factory=list)
    cells: int = 0

    def text(self, text: str) -> None:
        cell = self.tables[-1].cell if self.tables else None
        (self.open if cell is None else cell).append(text)

    def end(self) -> None:
        """A block ends: in a cell that is a space, elsewhere a line."""
        if self.tables and self.tables[-1].cell is not None:
            self.tables[-1].cell.append("\n")
            return
        for part in html.unescape("".join(self.open)).split("\x00"):
            self._line(part)
        self.open.clear()

    def _line(self, text: str, rows: Rows = ()) -> None:
        squeezed = " ".join(text.split())
        if squeezed or rows:
            number = len(self.done) + 1
            self.done.append(Line(number, number, squeezed, squeezed, rows=rows))

    def tag(self, closing: bool, name: str) -> None:
        if name == "table":
            self._end_table() if closing else self._begin_table()
        elif name in ("tr", "td", "th") and self.tables:
            self._cell(closing, name)
        elif name in _BLOCKS:
            self.end()

    def _begin_table(self) -> None:
        for table in self.tables[-1:]:
            table.nested = True
        if not self.tables:
            self.end()
        if len(self.tables) < 50:  # deeper ones add their text to the innermost
            self.tables.append(_Table())

    def _cell(self, closing: bool, name: str) -> None:
        table = self.tables[-1]
        if table.cell is not None:
            table.rows[-1].append("".join(table.cell))
            table.cell = None
        if closing:
            return
        if name == "tr" or not table.rows:
            table.rows.append([])
        if name != "tr":
            table.cell = []
            self.cells += 1
            if self.cells > MAX_CELLS:
                raise NotReadable("import.bad-html", f"the page has more than {MAX_CELLS} table cells")

    def _end_table(self) -> None:
        if not self.tables:
            return
        self._cell(True, "tr")
        table = self.tables.pop()
        texts = [[html.unescape(cell) for cell in row] for row in table.rows if any(cell.strip() for cell in row)]
        if self.tables:
            self.tables[-1].nested = True
            # A table in a cell of another: a page's scaffolding, whose text is blocks.
            self.text("\n" + "\n".join("\n".join(row) for row in table.rows) + "\n")
        elif table.nested or not is_data(texts):
            for row in texts:
                for cell in row:
                    for part in cell.split("\n"):
                        self._line(part)
        else:
            rows = tuple(tuple(" ".join(cell.split()) for cell in row) for row in texts)
            self._line(" ".join(" ".join(row) for row in rows), rows)


def is_data(rows: list[list[str]]) -> bool:
    """Whether rows of cells are a table, not the scaffolding of a page: two columns and rows, no cell of many lines."""
    full = [row for row in rows if sum(bool(cell.strip()) for cell in row) > 1]
    return len(full) > 1 and all(len(cell) < 2000 and cell.strip().count("\n") < 20 for row in rows for cell in row)


def read_html(text: str) -> tuple[tuple[Line, ...], dict[str, str]]:
    """The blocks of a page that are not blank, numbered from 1, and what its meta tags state.

    Raises NotReadable `import.bad-html`: more tags or cells than a policy page has.
    """
    blocks, stated = _Blocks(), dict[str, str]()
    for count, (plain, closing, name, attributes) in enumerate(_tokens(text)):
        if count > MAX_TAGS:
            raise NotReadable("import.bad-html", f"the page has more than {MAX_TAGS} tags")
        if plain:
            blocks.text(plain)
        if name == "meta":
            stated |= _meta(attributes)
        elif name:
            blocks.tag(closing, name)
    while blocks.tables:
        blocks.tag(True, "table")
    blocks.end()
    return tuple(line.changed(Kind.CONVERTED) if line.rows else line for line in blocks.done), stated


def _tokens(text: str) -> Iterator[tuple[str, bool, str, str]]:
    """Text before a tag, whether the tag closes, its name, its attributes. Scripts, styles, comments are left out."""
    at = 0
    while at < len(text):
        less = text.find("<", at)
        if less < 0:
            yield text[at:], False, "", ""
            return
        plain = re.sub(r"\s+", " ", text[at:less])
        if text.startswith("<!--", less):
            end = text.find("-->", less + 4)
            at = len(text) if end < 0 else end + 3
            yield plain, False, "", ""
            continue
        tag = _TAG.match(text, less)
        if tag is None:
            skip = re.compile(r"<[!?/][^<>]*>?").match(text, less)
            yield plain if skip else plain + "<", False, "", ""
            at = skip.end() if skip else less + 1
            continue
        name = tag[2].lower()
        at = tag.end()
        if name in _SILENT and not tag[1]:
            at = yield from _silent(text, name, at)
            name = "p"
        yield plain, bool(tag[1]), name, tag[3]


def _silent(text: str, name: str, at: int) -> Generator[tuple[str, bool, str, str], None, int]:
    """Passes over an element that is not read; of a head its meta tags are."""
    close = re.compile(rf"</{name}\b[^<>]*>|<body\b" if name == "head" else rf"</{name}\b[^<>]*>", re.IGNORECASE)
    end = close.search(text, at)
    if name == "head":
        for tag in _TAG.finditer(text, at, end.start() if end else min(len(text), at + 100_000)):
            if tag[2].lower() == "meta":
                yield "", False, "meta", tag[3]
        if end and end[0].lower().startswith("<body"):
            return end.start()
    if end is None:
        return at if name == "head" else len(text)
    return end.end()


def _meta(attributes: str) -> dict[str, str]:
    pairs = {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(attributes[:4000])}
    name, content = pairs.get("name", "").lower(), " ".join(pairs.get("content", "").split())
    return {name: content} if name and content else {}

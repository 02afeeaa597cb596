"""The outline of a document in its own numbering (facts, 9).

Counters differ by document: （一） may begin anew under each 二、 or run through all of them. Each form's counter gets
the scope in which its numbers go wrong least often; an anchor names the numbers of that scope only, so that one of a
counter that runs through stays the same when a chapter is put in.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from publish.derive.counters import inner_first, scopes_of
from publish.derive.labels import Label, label_of, lists_annexes
from publish.derive.lines import Line, joined, lines_of
from publish.model.document import Document
from publish.model.issue import Issue, Level
from publish.model.markup import markdown_html
from publish.model.outline import Form, Part

_CONTENTS = re.compile(r"目\s*[录錄次]")
_DIVISIONS = frozenset({Form.BOOK, Form.CHAPTER, Form.SECTION})
_RANK = {form: rank for rank, form in enumerate(Form)}
_LONGEST_TITLE = 40
_WORDS = {Form.ANNEX: "annex", Form.BOOK: "book", Form.CHAPTER: "chapter", Form.SECTION: "section", Form.ARTICLE: "art"}
# What a form is called where another one has its anchors already.
_OWN_WORDS = {
    Form.HAN: "part",
    Form.HAN_BRACKETS: "para",
    Form.DIGITS: "point",
    Form.DIGITS_BRACKETS: "sub",
    Form.CIRCLED: "mark",
}


@dataclass(slots=True)
class Entry:
    """A numbered line on its way to be a Part. `at`: which line; `chain`: what it stands in, outermost first.

    `path`: the numbers that its anchor tells. `scope`: the entry in which its counter began, None for the document.
    """

    label: Label
    at: int
    chain: tuple["Entry", ...] = ()
    scope: "Entry | None" = None
    path: tuple[str, ...] = ()
    anchor: str = ""
    fault: str = ""

    @property
    def form(self) -> Form:
        """How it is numbered."""
        return self.label.form


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's HTML, its lines and its parts; `starts`: the line that each part begins with."""

    markup: str
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    starts: tuple[int, ...]
    faults: tuple[tuple[str, str], ...] = field(default=())


@dataclass(slots=True)
class _Counter:
    """The numbers of one form in one scope so far."""

    last: int = 0
    highest: int = 0
    seen: set[int] = field(default_factory=set)

    def fault(self, label: Label) -> str:
        """What is wrong with the next number; blank if nothing is."""
        found = "" if label.form is Form.ANNEX else self._found(label.number, label.sub)
        self.last, self.highest = label.number, max(self.highest, label.number)
        self.seen.add(label.number)
        return found

    def _found(self, number: int, sub: int) -> str:
        if sub:
            return "" if self.last == number else f"number {number} of its kind is missing before this one"
        if number in self.seen:
            return f"number {number} stands twice"
        if number < self.highest:
            return f"number {number} after {self.last}"
        return "" if number == self.last + 1 else f"number {number} where {self.last + 1} was expected"


def derive_outline(document: Document) -> tuple[Part, ...]:
    """The chapters, articles and items of a document in its order, each with its anchor."""
    return read_outline(document).parts


def full_labels(parts: Sequence[Part]) -> Mapping[str, str]:
    """By anchor how a part is cited: 第三十条（二）, 三（二）, 二（四）9; chapters are not part of it."""
    labels: dict[str, str] = {}
    divisions: set[str] = set()
    for part in parts:
        alone = part.form in _DIVISIONS or part.form is Form.ARTICLE or part.parent is None or part.parent in divisions
        above = "" if alone else labels[part.parent or ""]
        labels[part.anchor] = above + part.label.rstrip("、.．")
        if part.form in _DIVISIONS:
            divisions.add(part.anchor)
    return labels


def outline_issues(document: Document, file: str = "") -> Iterator[Issue]:
    """A warning `document.numbering` for each number that does not follow the one before it."""
    for anchor, fault in read_outline(document).faults:
        hint = f"#{anchor}: {fault}; the text is kept as it is, and each part has an anchor of its own"
        yield Issue("document.numbering", Level.WARNING, hint, file=file)


def read_outline(document: Document) -> Outline:
    """The outline with the lines of the HTML that it was read from."""
    markup = markdown_html(document.body)
    lines = lines_of(markup)
    entries = list(_entries(lines))
    for segment in _segments(entries):
        _nest(segment)
    _name(entries, lines)
    parts = tuple(_part(entries, number, lines) for number in range(len(entries)))
    faults = tuple((entry.anchor, entry.fault) for entry in entries if entry.fault)
    return Outline(markup, tuple(lines), parts, tuple(entry.at for entry in entries), faults)


def _entries(lines: Sequence[Line]) -> Iterator[Entry]:
    """Lines that begin with a number: not in tables, quotations, the table of contents, lists of annexes."""
    labels = [None if line.row or line.quoted else _label(line) for line in lines]
    contents = _contents(lines, labels)
    annexes = False
    for at, (line, label) in enumerate(zip(lines, labels, strict=True)):
        annexes = lists_annexes(line.text) or (annexes and label is not None and label.form is Form.DIGITS)
        if label is not None and not annexes and at not in contents:
            yield Entry(label, at)


def _label(line: Line) -> Label | None:
    """A line's own number, else that of the numbered list that it stands in."""
    label = label_of(line.text, line.heading)
    if label is None and line.ordinal is not None:
        return Label(Form.DIGITS, f"{line.ordinal}.", line.ordinal, 0, line.text)
    return label


def _contents(lines: Sequence[Line], labels: Sequence[Label | None]) -> range:
    """The lines of the text's own table of contents: from 目录 to where its first chapter stands again."""
    begin = next((at for at, line in enumerate(lines) if _CONTENTS.fullmatch(line.text)), len(lines))
    divisions = [
        (at, label.form, label.number)
        for at, label in enumerate(labels)
        if at > begin and label is not None and label.form in _DIVISIONS
    ]
    again = next((at for at, *division in divisions[1:] if division == list(divisions[0][1:])), begin)
    return range(begin, again)


def _segments(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The text before any annex, and each annex: numbers begin anew there."""
    segment: list[Entry] = []
    for entry in entries:
        if entry.form is Form.ANNEX and segment:
            yield segment
            segment = []
        segment.append(entry)
    if segment:
        yield segment


def _nest(entries: Sequence[Entry]) -> None:
    """Tell each entry what it stands in, where its counter began, and its path."""
    outer = inner_first([(entry.form, entry.label.number) for entry in entries])
    stack: list[Entry] = []
    for entry in entries:
        while stack and not outer(stack[-1].form, entry.form):
            stack.pop()
        entry.chain = tuple(stack)
        stack.append(entry)
    for form in dict.fromkeys(entry.form for entry in entries):
        alike = [entry for entry in entries if entry.form is form]
        chains = [[(other.form, id(other)) for other in entry.chain] for entry in alike]
        numbers = [entry.label.number for entry in alike]
        for entry, place in zip(alike, scopes_of(form, numbers, chains), strict=True):
            entry.scope = None if place is None else entry.chain[place]


def _name(entries: Sequence[Entry], lines: Sequence[Line]) -> None:
    """Give every entry its anchor: the id that stands in the text, or one from its numbers."""
    explicit = Counter(line.anchor for line in lines if line.anchor)
    taken = set(explicit)
    clashing = _clashing(entries)
    counters: dict[tuple[Form, int], _Counter] = {}
    for entry in entries:
        counter = counters.setdefault((entry.form, id(entry.scope)), _Counter())
        entry.fault = counter.fault(entry.label)
        scope = entry.scope.path if entry.scope else ()
        number = str(entry.label.number) + (f"z{entry.label.sub}" if entry.label.sub else "")
        word = _OWN_WORDS[entry.form] if entry.form in clashing else _word(entry)
        stem = "-".join((word, *scope))
        own = lines[entry.at].anchor
        if own and explicit[own] == 1:
            entry.path, entry.anchor = (*scope, number), own
            continue
        letters = _letters()
        unique = number
        while f"{stem}-{unique}" in taken:
            unique = number + next(letters)
        entry.path, entry.anchor = (*scope, unique), f"{stem}-{unique}"
        taken.add(entry.anchor)


def _clashing(entries: Sequence[Entry]) -> frozenset[Form]:
    """Forms whose anchors would be those of a form that may hold it: all of them then have a word of their own."""
    names: dict[Form, set[tuple[str, ...]]] = {}
    for entry in entries:
        numbers: list[str] = []
        scope: Entry | None = entry
        while scope is not None:
            numbers.append(str(scope.label.number))
            scope = scope.scope
        names.setdefault(entry.form, set()).add((_word(entry), *numbers))
    return frozenset(
        form
        for form, own in names.items()
        if form in _OWN_WORDS and any(own & other for outer, other in names.items() if _RANK[outer] < _RANK[form])
    )


def _letters() -> Iterator[str]:
    """b, c, …, y, then ya, yb, …: what tells parts of one number apart."""
    prefix = ""
    while True:
        yield from (prefix + chr(code) for code in range(ord("b"), ord("z")))
        prefix += "y"


def _word(entry: Entry) -> str:
    """The word that an anchor begins with; an item of an article goes by the article's."""
    if entry.form in _WORDS:
        word = _WORDS[entry.form]
    elif entry.scope and any(one.form is Form.ARTICLE for one in (*entry.scope.chain, entry.scope)):
        word = "art"
    else:
        word = "part" if entry.form is Form.HAN else "item"
    annexed = entry.scope is not None and (entry.scope.chain or (entry.scope,))[0].form is Form.ANNEX
    return f"annex-{word}" if annexed else word


def _part(entries: Sequence[Entry], number: int, lines: Sequence[Line]) -> Part:
    entry = entries[number]
    end = entries[number + 1].at if number + 1 < len(entries) else len(lines)
    own = list(lines[entry.at : end])
    texts = list(joined(own))
    if own[0].ordinal is not None and not texts[0].startswith(entry.label.text):
        texts[0] = f"{entry.label.text} {texts[0]}"
    parent = entry.chain[-1].anchor if entry.chain else None
    return Part(
        anchor=entry.anchor,
        form=entry.form,
        label=entry.label.text,
        number=entry.label.number,
        parent=parent,
        depth=len(entry.chain),
        title=_title(entry, own),
        text="\n".join(texts),
    )


def _title(entry: Entry, own: Sequence[Line]) -> str | None:
    """What follows the number, if that is a heading by its markup or by being short and no sentence."""
    rest = entry.label.rest
    if entry.form is Form.ANNEX and not rest and len(own) > 1 and _is_title(own[1].text):
        return own[1].text
    if own[0].heading or entry.form in _DIVISIONS:
        return rest.removesuffix("。") or None
    # （一）加强制度建设。 is a heading, the last of a list of an article's items is not.
    articles = any(one.form is Form.ARTICLE for one in (*entry.chain, entry))
    if entry.form in (Form.HAN, Form.HAN_BRACKETS) and not articles:
        rest = rest.removesuffix("。")
    return rest if not articles and _is_title(rest) else None


def _is_title(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_TITLE and re.search(r"[。；;：:！!]|[，,）)]\s*$", text) is None

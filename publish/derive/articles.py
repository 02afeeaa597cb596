"""Where a citation leads: the document published here that it names, and the article in it.

Articles are found by their numbers (第十二条, 三、, （二）, 1.), whatever the ids are called: a citation `三（二）` is
the second item under the third heading. Where a number is not there, stands twice, or has no id of its own, the link
is to what encloses it, at last to the page: a link to the wrong article would be worse than one to the document.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publish import urls
from publish.derive.folding import fold_text
from publish.derive.sections import derive_sections
from publish.model.document import Document
from publish.model.rules import Citation

# A number in its form: the unit of 第…条, or the punctuation around it. An item's number starts anew under the next.
_NUMERAL = r"[〇零一二两三四五六七八九十百千\d]+"
_LABEL = re.compile(rf"第({_NUMERAL})([编章节条款项目])|\(({_NUMERAL})\)|({_NUMERAL})([、.]?)")
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class _Label:
    form: str
    number: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A section of a document: its label, and its address if that leads to it and nothing before it."""

    label: _Label | None
    url: str | None


class Articles:
    """The documents published here, looked up by citation. `citations` are all that will be asked for.

    A document number may be shared: a measure and the opinions issued with it. Where citations of one number name
    several documents, the number alone tells nothing.
    """

    def __init__(self, documents: Sequence[Document], citations: Sequence[Citation]) -> None:
        self._documents = documents
        self._places: dict[str, tuple[_Place, ...]] = {}
        self._titles: dict[str, set[str]] = {}
        for citation in citations:
            self._titles.setdefault(fold_text(citation.number), set()).add(fold_text(citation.title))

    def address_of(self, citation: Citation) -> str | None:
        """URL of the cited article, else of its document; None if that is not published here."""
        document = self._document(citation)
        if document is None:
            return None
        if document.slug not in self._places:
            self._places[document.slug] = tuple(_places(document))
        return _find(self._places[document.slug], citation.article) or urls.policy(document.slug)

    def _document(self, citation: Citation) -> Document | None:
        """By number and title; by a number that the citations give to one document only; by title, where no number
        speaks against it."""
        number, title = fold_text(citation.number), fold_text(citation.title)
        numbered = [d for d in self._documents if number and fold_text(d.number or "") == number]
        # A copy is often headed 某市关于印发《…》的通知: its title holds the one that is cited.
        for found in (
            [d for d in numbered if fold_text(d.title) == title],
            [d for d in numbered if title in fold_text(d.title)],
            numbered if len(self._titles[number]) == 1 else [],
            [d for d in self._documents if fold_text(d.title) == title and not (number and d.number)],
        ):
            if len(found) == 1:
                return found[0]
        return None


def _places(document: Document) -> Iterator[_Place]:
    before = urls.policy(document.slug)
    for section in derive_sections(document):
        first = fold_text((section.title or section.text).partition("\n")[0])
        match = _LABEL.match(first)
        # A bare number at the beginning of a text (2026年…) numbers nothing.
        label = _label(match) if match and (match[4] is None or match[5]) else None
        yield _Place(label, None if section.url == before else section.url)
        before = section.url


def _find(places: Sequence[_Place], article: str) -> str | None:
    """Address of the finest part of `article` that is there once; None if there is none, or it has no id."""
    found = None
    begin, end = 0, len(places)
    for match in _LABEL.finditer(fold_text(article)):
        wanted = _label(match)
        alike = [i for i in range(begin, end) if _answers(places[i].label, wanted)]
        if len(alike) != 1:
            break
        (at,) = alike
        found = places[at].url or found
        begin, end = at + 1, next((i for i in range(at + 1, end) if _beside(places[i], places[at])), end)
    return found


def _beside(place: _Place, other: _Place) -> bool:
    return place.label is not None and other.label is not None and place.label.form == other.label.form


def _answers(label: _Label | None, wanted: _Label) -> bool:
    """Items (第二项) are written （二） or 2. in a text."""
    if label is None or label.number != wanted.number:
        return False
    return label.form == wanted.form or (wanted.form == "项" and label.form in ("()", "."))


def _label(match: re.Match[str]) -> _Label:
    if match[2]:
        return _Label(match[2], _number(match[1]))
    if match[3]:
        return _Label("()", _number(match[3]))
    return _Label("." if match[4].isdecimal() else "、", _number(match[4]))


def _number(text: str) -> int:
    """A Chinese or Arabic numeral below ten thousand."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS.get(character, 0)
    return total + digit

"""Where a citation leads: the document published here that it names, and the article in it.

Articles are found by their numbers (第十二条, 三、, （二）, 1.), whatever the ids are called: a citation `三（二）` is
the second item under the third heading. Where a number is not there, or stands twice, the link is to what encloses it,
at last to the page: a link to the wrong article would be worse than one to the document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publish import urls
from publish.derive.folding import fold_text
from publish.derive.labels import number_of
from publish.derive.numbers import number_key
from publish.derive.outline import derive_outline
from publish.model.document import Document
from publish.model.issue import Issue, Level
from publish.model.outline import Form, Part
from publish.model.rules import Citation, RuleBook

_NUMERAL = r"[〇零一二两三四五六七八九十百千\d]+"
_LABEL = re.compile(
    rf"附[件录表](?P<annex>{_NUMERAL})?|第(?P<unit_n>{_NUMERAL})(?P<unit>[编章节条款项目])|\((?P<round>{_NUMERAL})\)"
    rf"|(?P<bare>{_NUMERAL})[、.]?"
)
# The forms that a word for a part may mean; 款 is an unnumbered paragraph.
_FORMS: Mapping[str, tuple[Form, ...]] = {
    "附件": (Form.ANNEX,),
    "编": (Form.BOOK,),
    "章": (Form.CHAPTER,),
    "节": (Form.SECTION,),
    "条": (Form.ARTICLE,),
    "款": (),
    "项": (Form.HAN_BRACKETS, Form.DIGITS),
    "目": (Form.DIGITS, Form.DIGITS_BRACKETS),
    "()": (Form.HAN_BRACKETS, Form.DIGITS_BRACKETS),
    "、": (Form.HAN,),
    ".": (Form.DIGITS,),
}


def fold_title(title: str) -> str:
    """A title as titles are compared: one that stands within another may bear 《》 or 〈〉."""
    return fold_text(title).replace("《", "〈").replace("》", "〉")


@dataclass(frozen=True, slots=True)
class Found:
    """The document of a citation and the finest part of it that is there once; `lost`: an article that is not there."""

    document: Document
    part: Part | None
    lost: bool

    @property
    def url(self) -> str:
        """Address of the part, else of the document."""
        page = urls.policy(self.document.slug)
        return f"{page}#{self.part.anchor}" if self.part else page


class Articles:
    """The documents published here, looked up by citation. `citations` are all that will be asked for.

    A document number may be shared: a measure and the opinions issued with it. Where citations of one number name
    several documents, the number alone tells nothing. `outlines` are those of the documents, by slug, that are known.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        citations: Sequence[Citation],
        outlines: Mapping[str, tuple[Part, ...]] | None = None,
    ) -> None:
        self._numbered: dict[str, list[Document]] = {}
        self._titled: dict[str, list[Document]] = {}
        for document in documents:
            self._titled.setdefault(fold_title(document.title), []).append(document)
            if document.number:
                self._numbered.setdefault(number_key(document.number), []).append(document)
        self._parts = dict(outlines or {})
        self._titles: dict[str, set[str]] = {}
        for citation in citations:
            if citation.title:
                self._titles.setdefault(number_key(citation.number), set()).add(fold_title(citation.title))

    def address_of(self, citation: Citation) -> str | None:
        """URL of the cited article, else of its document; None if that is not published here."""
        found = self.find(citation)
        return found.url if found else None

    def find(self, citation: Citation) -> Found | None:
        """The cited document and article; None if the document is not published here."""
        document = self._document(citation)
        return None if document is None else self.find_in(document, citation.article)

    def find_in(self, document: Document, article: str) -> Found:
        """The article of a document that is known already."""
        if document.slug not in self._parts:
            self._parts[document.slug] = derive_outline(document)
        return Found(document, *_find(self._parts[document.slug], article))

    def numbers(self) -> frozenset[str]:
        """The numbers of the documents here, as `number_key` gives them."""
        return frozenset(self._numbered)

    def _document(self, citation: Citation) -> Document | None:
        """By number and title; by a number that the citations give to one document only; by title, where no number
        speaks against it."""
        number, title = number_key(citation.number), fold_title(citation.title)
        numbered = self._numbered.get(number, []) if number else []
        # A copy is often headed 某市关于印发《…》的通知: its title holds the one that is cited.
        for found in (
            [d for d in numbered if title and fold_title(d.title) == title],
            [d for d in numbered if title and title in fold_title(d.title)],
            numbered if len(self._titles.get(number, ())) <= 1 else [],
            [d for d in self._titled.get(title, []) if not (number and d.number)],
        ):
            if len(found) == 1:
                return found[0]
        return None


def citation_issues(book: RuleBook, documents: Sequence[Document]) -> Iterator[Issue]:
    """An error `rules.lost-article` for each rule whose document is published here without the article that it cites.

    A document that is not published here cannot be looked into; such a rule stays as it is.
    """
    articles = Articles(documents, [rule.citation for rule in book.rules()])
    for profile in book.profiles:
        for rule in profile.rules:
            found = articles.find(rule.citation)
            if found is not None and found.lost:
                hint = (
                    f"rule {rule.id} cites an article that {found.document.file or found.document.slug} does not have: "
                    "cite the one that it has now, or restore its number"
                )
                yield Issue(
                    "rules.lost-article", Level.ERROR, hint, file=profile.file, line=rule.line, field="citation.article"
                )


def _find(parts: Sequence[Part], article: str) -> tuple[Part | None, bool]:
    """The finest part of `article` that is there once, and whether a numbered part of it is not there at all."""
    found: Part | None = None
    begin, end = 0, len(parts)
    for forms, number in _labels(article):
        alike = [at for at in range(begin, end) if parts[at].form in forms and parts[at].number == number]
        if found is None and len(alike) > 1:  # the text itself before its annexes
            annex = next((at for at, part in enumerate(parts) if part.form is Form.ANNEX), len(parts))
            alike = [at for at in alike if at < annex] or alike
        if len(alike) != 1:
            # Paragraphs (款) bear no numbers, and an annex may be a document of its own: they are not missed.
            return found, bool(forms) and forms != _FORMS["附件"] and not alike
        (at,) = alike
        found = parts[at]
        begin, end = at + 1, next((i for i in range(at + 1, end) if parts[i].depth <= found.depth), end)
    return found, False


def _labels(article: str) -> Iterator[tuple[tuple[Form, ...], int]]:
    for match in _LABEL.finditer(fold_text(article)):
        if match[0].startswith("附"):
            yield _FORMS["附件"], number_of(match["annex"] or "1")
        elif match["unit"]:
            yield _FORMS[match["unit"]], number_of(match["unit_n"])
        elif match["round"]:
            yield _FORMS["()"], number_of(match["round"])
        else:
            yield _FORMS["." if match["bare"].isdecimal() else "、"], number_of(match["bare"])

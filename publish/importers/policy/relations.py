"""What a document says of others: what it is based on, implements and repeals. Only what it states itself."""

import re
from collections.abc import Iterator, Sequence

from publish.importers.policy import forms
from publish.importers.policy.punctuation import normal_numbers
from publish.model.document import Relation, RelationKind

_CITATION = r"《(?:[^《》]|《[^《》]{0,100}》){2,150}》(?:\s?[（(][^（）()《》]{0,60}[)）])?"
_LIST = rf"((?:{_CITATION}[、，,和及与以]{{0,2}}){{1,20}})"
_PARTS = re.compile(r"《((?:[^《》]|《[^《》]{0,100}》){2,150})》(?:\s?[（(]([^（）()《》]{0,60})[)）])?")
_BASED = re.compile(rf"(?:根据|根據|依据|依據|依照|按照){_LIST}")
_IMPLEMENTS = re.compile(rf"(?:贯彻落实|貫徹落實|贯彻执行|贯彻|貫徹|落实|落實|确保|確保|执行){_LIST}")
_REPEALS = re.compile(r"同时废止|同時廢止|予以废止|予以廢止|即行废止|一并废止|停止执行|同时失效")
_SENTENCE = re.compile(r"[^。；;]{1,2000}")
_NUMBER = re.compile(rf"{forms.NUMBER}|{forms.ORDER}")
_HEAD_PARAGRAPHS = 6


def relations_of(texts: Sequence[str], title: str) -> tuple[Relation, ...]:
    """The relations that the paragraphs of a document state, each once."""
    found: list[Relation] = []
    own = forms.folded_name(title)
    for text in texts[:_HEAD_PARAGRAPHS]:
        for kind, pattern in ((RelationKind.BASED_ON, _BASED), (RelationKind.IMPLEMENTS, _IMPLEMENTS)):
            for match in pattern.finditer(text):
                found += _cited(kind, match[1])
    for text in texts:
        if _REPEALS.search(text):
            for sentence in _SENTENCE.findall(text):
                if _REPEALS.search(sentence):
                    found += _repealed(sentence)
    return tuple(dict.fromkeys(one for one in found if not own or forms.folded_name(one.title or "") != own))


def _cited(kind: RelationKind, text: str) -> Iterator[Relation]:
    for title, note in _PARTS.findall(text):
        number = _NUMBER.search(note)
        yield Relation(kind, title, normal_numbers(number[0]) if number else None)


def _repealed(sentence: str) -> Iterator[Relation]:
    before = sentence[: _REPEALS.search(sentence).start()]  # type: ignore[union-attr]
    # What a sentence names before 自…起 or 根据 is not what it repeals.
    for title, note in _PARTS.findall(re.sub(rf"(?:根据|依据|按照){_LIST}", "", before)):
        number = _NUMBER.search(note)
        yield Relation(RelationKind.REPEALS, title, normal_numbers(number[0]) if number else None)

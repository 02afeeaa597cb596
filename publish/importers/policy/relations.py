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
# 决定废止《…》, and 决定废止以下2件规范性文件 with a list below.
_REPEALING = re.compile(rf"(?:决定|決定|同意|现|現|予以|[关關][于於])(?:废止|廢止)(?:原)?{_LIST}")
_LISTS = re.compile(
    r"(?:(?:废止|廢止)(?:以下|下列|如下)|(?:以下|下列).{0,20}文件.{0,20}(?:予以|同时)?(?:废止|廢止|失效|停止执行))"
)
_FIRST = re.compile(rf"^.{{0,12}}?{_LIST}")
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
    found += _all_repealed(texts)
    for match in _REPEALING.finditer(title):
        found += _cited(RelationKind.REPEALS, match[1])
    return tuple(dict.fromkeys(one for one in found if not own or forms.folded_name(one.title or "") != own))


def _all_repealed(texts: Sequence[str]) -> Iterator[Relation]:
    listing = False
    for text in texts:
        listing = listing and forms.structural(text)
        if listing:
            yield from (one for match in _FIRST.finditer(text) for one in _cited(RelationKind.REPEALS, match[1]))
        for sentence in _SENTENCE.findall(text):
            if repeal := _REPEALS.search(sentence):
                # What a sentence names before 自…起 or 根据 is not what it repeals.
                before = re.sub(rf"(?:根据|依据|按照){_LIST}", "", sentence[: repeal.start()])
                yield from _cited(RelationKind.REPEALS, before)
            for match in _REPEALING.finditer(sentence):
                yield from _cited(RelationKind.REPEALS, match[1])
        listing = listing or (_LISTS.search(text) is not None and text[-1] in "：:。")


def _cited(kind: RelationKind, text: str) -> Iterator[Relation]:
    for title, note in _PARTS.findall(text):
        number = _NUMBER.search(note)
        yield Relation(kind, title, normal_numbers(number[0]) if number else None)

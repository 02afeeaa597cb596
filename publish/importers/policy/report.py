"""What an import did, line by line: as JSON and as a page to review. Personal data is masked in both."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from jinja2 import Environment

from publish.importers.policy.cleaning import Cleaned
from publish.importers.policy.lines import Copy, Kind, Line
from publish.importers.policy.personal import masked
from publish.importers.policy.review import TEMPLATE


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the copy, or several that were joined: what stood there and what has become of it.

    `kinds` are sorted, empty if nothing was done. `place`: body, front or nowhere. A table's result has a line a row,
    its cells between bars.
    """

    first: int
    last: int
    raw: str
    result: str
    kinds: tuple[str, ...]
    notes: tuple[str, ...]
    place: str
    document: str


def entries(documents: Sequence[Cleaned]) -> tuple[Entry, ...]:
    """Every line of the copy once, in its order."""
    lines = sorted((line for document in documents for line in document.lines), key=lambda line: line.first)
    return tuple(_entry(line) for line in lines)


def _entry(line: Line) -> Entry:
    personal = Kind.REMOVED_PERSONAL in line.kinds
    raw = masked(line.raw, names=personal) if personal or not line.kept else line.raw
    result = "\n".join(" | ".join(row) for row in line.rows) if line.rows else line.text
    kinds = tuple(sorted(line.kinds))
    return Entry(line.first, line.last, raw, result, kinds, line.notes, line.place, line.document)


def counts(all_entries: Sequence[Entry]) -> dict[str, int]:
    """How many entries there are of each kind."""
    found = Counter(kind for entry in all_entries for kind in entry.kinds)
    return {kind.value: found[kind.value] for kind in Kind}


def as_json(copy: Copy, documents: Sequence[Cleaned], all_entries: Sequence[Entry]) -> str:
    """The report: source, documents, counts, and every entry, unchanged ones too."""
    report = {
        "source": copy.name,
        "form": copy.form,
        "encoding": copy.encoding,
        "documents": [_document(document) for document in documents],
        "counts": counts(all_entries),
        "entries": [_fields(entry) for entry in all_entries],
    }
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def _document(document: Cleaned) -> dict[str, str | None]:
    return {"slug": document.slug, "title": document.head.title, "original_title": document.original_title}


def _fields(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def as_page(copy: Copy, documents: Sequence[Cleaned], all_entries: Sequence[Entry]) -> str:
    """A page without scripts and outside links: each changed line beside its result, what is unsure first."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    unsure = [_shown(entry) for entry in all_entries if Kind.UNSURE in entry.kinds]
    changed = [_shown(entry) for entry in all_entries if entry.kinds and Kind.UNSURE not in entry.kinds]
    groups = (("unsure", "待人工确认", unsure), ("changed", "已分类的改动", changed))
    same = sum(not entry.kinds for entry in all_entries)
    return environment.from_string(TEMPLATE).render(
        copy=copy, documents=documents, counts=counts(all_entries), groups=groups, same=same, names=NAMES, told=NOTES
    )


NAMES = {
    "removed-shell": "去除页面外壳",
    "removed-spam": "去除广告",
    "removed-personal": "去除个人信息",
    "repaired": "修复",
    "joined": "合并断行",
    "converted": "转换",
    "unsure": "不确定",
    "front": "移入文件头",
    "body": "正文",
    "nowhere": "不保留",
}
NOTES = {
    "broken line": "断行",
    "several paragraphs in one line": "一行中有几段",
    "markup or unseen characters": "标签或不可见字符",
    "markup only": "只有标签",
    "pinyin in brackets": "括注拼音",
    "pinyin, or letters that are meant": "是拼音，还是原文的字母？",
    "punctuation": "标点",
    "traditional characters": "繁体字",
    "read in another encoding": "编码误读",
    "bytes are lost": "有字节丢失",
    "a question mark that asks nothing: a lost byte?": "问号不表疑问，可能是丢失的字节",
    "a quote without its partner": "引号不成对",
    "a table with bars": "竖线表格",
    "cells of a table whose columns cannot be counted": "表格的列数无法确定",
    "staff of the page": "页面工作人员",
    "contact data of a person": "个人联系方式",
    "page head, kept in the front matter": "页面文件头，已移入文件头",
    "unrelated, behind the end of the document": "文末无关内容",
    "a short line behind the end of the document": "文末短行",
    "text behind the end of the document": "文末文字，是否属于本文件？",
    "above the document": "在文件之上",
    "the number of a page": "页码",
    "the name of a file": "附件的文件名",
    "a title in a list of other pages": "其他页面的标题",
    "a label of nothing": "没有内容的标签",
    "text above the document": "文件之上的文字，是否属于本文件？",
    "is this the title?": "这是标题吗？",
    "no line is the title: it is taken from the page": "正文没有标题行，标题取自页面",
    "the title again": "标题重复",
    "the number was set by the word processor": "自动编号",
}


@dataclass(frozen=True, slots=True)
class _Shown:
    entry: Entry
    raw: tuple[tuple[bool, str], ...]
    result: tuple[tuple[bool, str], ...]


def _shown(entry: Entry) -> _Shown:
    return _Shown(entry, tuple(_marked(entry.raw, entry.result)), tuple(_marked(entry.result, entry.raw)))


_COMPARED = 1_000


def _compared(text: str, other: str) -> Iterator[tuple[bool, str]]:
    at = 0
    for block in SequenceMatcher(None, text, other, autojunk=False).get_matching_blocks():
        if block.a > at:
            yield not text[at : block.a].isspace(), text[at : block.a]
        if block.size:
            yield False, text[block.a : block.a + block.size]
        at = block.a + block.size


def _marked(text: str, other: str) -> Iterator[tuple[bool, str]]:
    """The runs of `text`, and whether `other` lacks them; long lines are walked along once, character by character."""
    if max(len(text), len(other)) <= _COMPARED:
        yield from _compared(text, other)
        return
    position, run, missing = 0, "", False
    for character in text:
        if character.isspace():
            run += character
            continue
        found = other.find(character, position, position + 200)
        lacks = found < 0
        if lacks != missing and run:
            yield missing, run
            run = ""
        missing = lacks
        run += character
        if not lacks:
            position = found + 1
    if run:
        yield missing, run

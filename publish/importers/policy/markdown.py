"""A document as Markdown with front matter: headings, articles and items as the site has them, all else escaped."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields

import yaml

from publish.importers.policy import forms
from publish.importers.policy.heads import Head
from publish.importers.policy.lines import Line, Place, Rows

_SPECIAL = re.compile(r"[\\`*_{}\[\]|~]|&(?=[#a-zA-Z])|<|(?<!^)(?<=.)>|!(?=\[)")
_FIRST = re.compile(r"^(?:[#>+\-=:~]|[0-9]{1,9}(?=[.)]))")
_CLOSING = re.compile(r"#+$")
_ARTICLE = re.compile(rf"(第\s?[{forms.HAN}0-9]{{1,6}}\s?[条條])\s?")
_LEVELS = (
    (re.compile(rf"第\s?[{forms.HAN}0-9]{{1,6}}\s?[编編](?:\s|$)"), "book"),
    (re.compile(rf"第\s?[{forms.HAN}0-9]{{1,6}}\s?章"), "chapter"),
    (re.compile(rf"第\s?[{forms.HAN}0-9]{{1,6}}\s?[节節]"), "section"),
    (re.compile(rf"[{forms.HAN}]{{1,4}}\s?[、．.，]"), "han"),
    (re.compile(rf"[(（]\s?[{forms.HAN}]{{1,4}}\s?[)）]"), "brackets"),
)
# 第一章 总 则: a title of two characters, spread.
_SPREAD = re.compile(r"(?<=[章节節编編] [\u4e00-\u9fff]) (?=[\u4e00-\u9fff]$)")
_HEADING_LONGEST = {"han": 50, "brackets": 45}


def written(head: Head, lines: Sequence[Line]) -> str:
    """The file of a document."""
    return f"---\n{front_matter(head)}---\n{body(lines)}"


def front_matter(head: Head) -> str:
    """The head as YAML; what is not stated is left out, but for `validity: unstated`."""
    front: dict[str, object] = {}
    for one in fields(head):
        value = getattr(head, one.name)
        if one.name == "relations":
            value = [_relation(relation) for relation in value]
        if value:
            front[one.name] = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)


def _relation(relation: object) -> dict[str, str]:
    return {name: str(value) for name in ("kind", "title", "number") if (value := getattr(relation, name))}


def body(lines: Sequence[Line]) -> str:
    """The paragraphs of a document, each followed by a blank line but the last."""
    kept = [line for line in lines if line.place is Place.BODY]
    levels = list(_levels(kept))
    parts = [
        table(line.rows) if line.rows else _paragraph(line.text, level)
        for line, level in zip(kept, levels, strict=True)
    ]
    return "\n\n".join(parts) + "\n" if parts else ""


def _levels(lines: Sequence[Line]) -> Iterator[int]:
    """The heading level of each line, 0 for a paragraph."""
    forms_of = [_form(line) for line in lines]
    articles = any(_ARTICLE.match(line.text) and not line.rows for line in lines)
    books = "book" in forms_of
    chapters = books or "chapter" in forms_of
    for at, (line, form) in enumerate(zip(lines, forms_of, strict=True)):
        after = forms_of[at + 1] if at + 1 < len(lines) else "end"
        if form in ("book", "chapter", "section") and forms.heading(line.text):
            yield {"book": 2, "chapter": 3 if books else 2, "section": 4 if books else 3}[form]
        elif form in _HEADING_LONGEST and not articles and _is_heading(line.text, form, after):
            yield (2 if form == "han" else 3) + chapters
        else:
            yield 0


def _form(line: Line) -> str:
    return "" if line.rows else next((form for pattern, form in _LEVELS if pattern.match(line.text)), "")


def _is_heading(text: str, form: str, after: str) -> bool:
    """Short, without punctuation inside, and something of its own below it: items in a row are a list."""
    higher = {"han": ("end", "han", "chapter", "book"), "brackets": ("end", "han", "brackets", "chapter", "book")}[form]
    return len(text) <= _HEADING_LONGEST[form] and forms.heading(text) and after not in higher


def _paragraph(text: str, level: int) -> str:
    if level:
        shown = escaped(_SPREAD.sub("", text))
        # What closes a heading in Markdown is not shown.
        return f"{'#' * level} {_CLOSING.sub(lambda match: '&#35;' * len(match[0]), shown)}"
    article = _ARTICLE.match(text)
    if article:
        return f"**{escaped(article[1])}** {escaped(text[article.end() :], first=False)}".rstrip()
    return escaped(text)


def escaped(text: str, *, first: bool = True) -> str:
    """`text` such that Markdown shows it as it is. `first`: it begins a block."""
    text = _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), text)
    if first and _FIRST.match(text):
        number = re.match(r"[0-9]{1,9}", text)
        text = f"{number[0]}\\{text[number.end() :]}" if number else f"&#{ord(text[0])};{text[1:]}"
    return text


_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "~": "&#126;"}


def table(rows: Rows) -> str:
    """Rows as a Markdown table; the first is its head. Short rows get blank cells."""
    width = max(len(row) for row in rows)
    shown = [[escaped(cell, first=False) for cell in row] + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in shown]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])

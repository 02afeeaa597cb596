"""Queries such as people type, cut from the tables themselves: thousands of them, of every kind."""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from publish.derive.folding import fold_text, simplified
from publish.model.public import PublicTable
from tests.searchkit import Asked, asked

_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def queries_of(source: random.Random, tables: Sequence[PublicTable], count: int) -> list[Asked]:
    """Names, parts of names, codes and their ends and middles, document numbers and parts of them, words of all other
    texts, two and three terms, fields, other spellings, and some that find nothing."""
    makers: list[Callable[[random.Random, PublicTable], Asked | None]] = [
        _part_of_name, _part_of_name, _name, _code, _code_end, _code_middle, _number, _number_part, _words, _words,
        _several, _several, _field, _spelled, _spelled, _nothing,
    ]  # fmt: skip
    queries: list[Asked] = []
    while len(queries) < count:
        table = source.choice([one for one in tables if one.frame.height])
        made = source.choice(makers)(source, table)
        # A quote inside a term cannot be written; quoted terms are among those with spaces.
        if (
            made
            and not re.search('["＂“”]', "".join(text for text, _ in made.terms))
            and sum(len(fold_text(text)) for text, _ in made.terms) >= 2
            and all(fold_text(t) for t, _ in made.terms)
        ):
            queries.append(made)
    return queries


def _cell(source: random.Random, table: PublicTable, name: str) -> str:
    return table.frame[name][source.randrange(table.frame.height)] or ""


def _piece(source: random.Random, text: str, least: int = 2, most: int = 8) -> str:
    if len(text) < least:
        return text
    size = source.randint(least, min(most, len(text)))
    start = source.randint(0, len(text) - size)
    return text[start : start + size]


def _name(source: random.Random, table: PublicTable) -> Asked:
    return asked((_cell(source, table, "_subject"), None))


def _part_of_name(source: random.Random, table: PublicTable) -> Asked:
    return asked((_piece(source, _cell(source, table, "_subject")), None))


def _code(source: random.Random, table: PublicTable) -> Asked:
    return asked((_cell(source, table, "_code"), None))


def _code_end(source: random.Random, table: PublicTable) -> Asked:
    return asked((_cell(source, table, "_code")[-source.randint(2, 9) :], None))


def _code_middle(source: random.Random, table: PublicTable) -> Asked:
    return asked((_piece(source, _cell(source, table, "_code"), 3, 10), None))


def _number(source: random.Random, table: PublicTable) -> Asked:
    return asked((_cell(source, table, "_title"), None))


def _number_part(source: random.Random, table: PublicTable) -> Asked:
    return asked((_piece(source, _cell(source, table, "_title"), 3, 9), None))


def _text_fields(table: PublicTable) -> list[str]:
    return [field.name for field in table.fields if field.type in ("string", "any")]


def _words(source: random.Random, table: PublicTable) -> Asked:
    return asked((_piece(source, _cell(source, table, source.choice(["_reason", *_text_fields(table)])), 2, 14), None))


def _several(source: random.Random, table: PublicTable) -> Asked:
    row = table.frame.row(source.randrange(table.frame.height), named=True)
    cells = [cell for cell in row.values() if isinstance(cell, str) and len(cell) > 1]
    terms = {
        _piece(source, source.choice(cells), 1 if number else 2, 5).strip()
        for number in range(source.choice([2, 2, 3]))
    }
    return asked(*((term, None) for term in sorted(terms)), joint=source.choice([" ", "　", "  "]))


def _field(source: random.Random, table: PublicTable) -> Asked | None:
    names = [field for field in table.fields if field.type in ("string", "any")]
    field = source.choice(names)
    text = _piece(source, _cell(source, table, field.name), 2, 9)
    if not text or '"' in text:
        return None
    other = [(_piece(source, _cell(source, table, "_authority"), 2, 4), None)] if source.random() < 0.3 else []
    return asked((text, source.choice([field.name, field.title])), *other)


def _spelled(source: random.Random, table: PublicTable) -> Asked:
    text = _piece(
        source, source.choice([_cell(source, table, name) for name in ("_subject", "_title", "_reason")]), 2, 9
    )
    traditional = {other: one for one, other in simplified().items()}
    changes: list[Callable[[str], str]] = [
        str.lower,
        lambda text: text.replace("〔", "[").replace("〕", "】"),
        lambda text: text.translate(_FULL_WIDTH),
        lambda text: unicodedata.normalize("NFKD", text),
        lambda text: "".join(traditional.get(one, one) for one in text),
    ]
    return asked((source.choice(changes)(text), None))


def _nothing(source: random.Random, table: PublicTable) -> Asked:
    letters = list(_piece(source, _cell(source, table, "_subject"), 3, 6) + "鑫")
    source.shuffle(letters)
    return asked(("".join(letters), None))


def common_pieces(tables: Sequence[PublicTable], count: int) -> list[Asked]:
    """The pairs of characters that stand most often in names: every hit of them is to be found."""
    often: Counter[str] = Counter()
    for table in tables:
        for name in table.frame["_subject"].drop_nulls().head(2000).to_list():
            often.update(name[at : at + 2] for at in range(len(name) - 1))
    return [asked((text, None)) for text, _ in often.most_common(count) if len(fold_text(text)) > 1]

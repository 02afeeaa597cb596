"""Folding: when two spellings are the same for a search.

Text is folded in four steps: Unicode NFKC (full-width and compatibility forms), lower case, the table of this module,
then traditional Chinese characters to simplified ones (OpenCC's table of characters), character by character. The
tables have their home here and travel to the browser with the search index, so that an index and the script that
reads it can never fold differently. The second one is large and seldom needed, so it travels in a file of its own.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

import opencc

# A folded text holds none of these characters, so that one of them, U+000A, can separate texts when they are joined.
REMOVED: tuple[tuple[int, int], ...] = (
    (0x0000, 0x0020),  # controls and space
    (0x007F, 0x00A0),  # controls and no-break space
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # direction mark
    (0x1680, 0x1680),  # Ogham space
    (0x180B, 0x180F),  # Mongolian variation selectors and vowel separator
    (0x2000, 0x200F),  # spaces, zero-width characters, direction marks
    (0x2028, 0x202F),  # separators, direction controls, narrow no-break space
    (0x205F, 0x206F),  # mathematical space, joiners, invisible operators
    (0x3000, 0x3000),  # ideographic space
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xE0100, 0xE01EF),  # variation selectors of ideographs
)

# What stands for what; only characters that NFKC and lower case leave. No value is a key.
_ALIKE: Mapping[str, str] = {
    "(": "[\u3014\u3010\u3016\u3018\u301a",  # 〔【〖〘〚, of document numbers above all
    ")": "]\u3015\u3011\u3017\u3019\u301b",
    "-": "\u2010\u2012\u2013\u2014\u2015\u2212\u2500",  # hyphen, dashes, minus, box drawing
    "\u00b7": "\u2022\u2027\u2219\u22c5\u30fb",  # middle dots in personal names: 阿依·古丽
    "\u3007": "\u25cb\u25ef",  # circles typed for 〇
    '"': "\u201c\u201d\u201e\u201f",
    "'": "\u2018\u2019\u201a\u201b",
    "\u03c3": "\u03c2",  # final sigma: which one it is depends on what follows, which a search cannot know
}

REPLACED: Mapping[str, str] = {variant: usual for usual, variants in _ALIKE.items() for variant in variants}

_TABLE = {code: "" for first, last in REMOVED for code in range(first, last + 1)} | {
    ord(variant): usual for variant, usual in REPLACED.items()
}

_HAN: tuple[tuple[int, int], ...] = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF))
# The characters that GB 2312 encodes, in its rows and cells: a browser can list them without a table of ours.
_GB2312_ROWS, _GB2312_CELLS = range(0xB0, 0xF8), range(0xA1, 0xFF)


def fold_text(text: str) -> str:
    """`text` folded. Two texts are found by each other exactly if the folded one contains the other folded one."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_TABLE)
    return folded if folded.isascii() else folded.translate(_simplified_codes())


def fold_lightly(text: str) -> str:
    """`text` folded but for the last step: what a browser can do without the table of simplified characters."""
    return unicodedata.normalize("NFKC", text).lower().translate(_TABLE)


def fold_lightly_each(lines: str) -> str:
    """Single characters, one a line, each folded lightly as if it stood alone; the same lines."""
    # Ends of line part them: they join to nothing and are no letters.
    folded = unicodedata.normalize("NFKC", lines).lower()
    return folded.translate({code: usual for code, usual in _TABLE.items() if code != ord("\n")})


@cache
def simplified() -> Mapping[str, str]:
    """Traditional characters and what they fold to; no value is a key."""
    characters = [chr(code) for first, last in _HAN for code in range(first, last + 1)]
    # One character a line, so that no phrase is looked up: a search must fold each character the same everywhere.
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {one: other for one, other in zip(characters, converted, strict=True) if one != other and len(other) == 1}
    return {one: _last(table, one) for one in table}


@cache
def misleading() -> str:
    """The keys of `simplified` that GB 2312 has too, sorted: all others can be told by not being in GB 2312."""
    return "".join(sorted(_standard() & simplified().keys()))


def is_rare(character: str) -> bool:
    """Whether an ideograph is neither in GB 2312 nor a traditional one, such as 璟: a reader cannot tell by itself."""
    is_han = any(first <= ord(character) <= last for first, last in _HAN)
    return is_han and character not in _standard() and character not in simplified()


@cache
def _standard() -> frozenset[str]:
    pairs = (bytes((row, cell)) for row in _GB2312_ROWS for cell in _GB2312_CELLS)
    return frozenset(pair.decode("gb2312", "ignore") for pair in pairs)


def folding_table() -> dict[str, object]:
    """The small table as the script reads it: `replace` (character to character), `remove` (ranges of code points)."""
    return {"replace": dict(REPLACED), "remove": [list(span) for span in REMOVED]}


def needs_simplifying(texts: Iterable[str]) -> bool:
    """Whether folding one of them takes the table of simplified characters."""
    keys = simplified().keys()
    return any(not keys.isdisjoint(fold_lightly(text)) for text in texts)


@cache
def _simplified_codes() -> Mapping[int, str]:
    return {ord(one): other for one, other in simplified().items()}


def _last(table: Mapping[str, str], character: str) -> str:
    """What a character becomes when it is looked up until nothing changes."""
    seen = {character}
    while character in table and table[character] not in seen:
        character = table[character]
        seen.add(character)
    return character

"""Folding: when two spellings are the same for a search.

Text is folded in three steps: Unicode NFKC (full-width and compatibility forms), lower case, then this table, character
by character. The table has its home here and travels to the browser in the root of the search index, so that an index
and the script that reads it can never fold differently. Traditional and simplified characters will be entries too.
"""

import unicodedata
from collections.abc import Mapping

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


def fold_text(text: str) -> str:
    """`text` folded. Two texts are found by each other exactly if the folded one contains the other folded one."""
    return unicodedata.normalize("NFKC", text).lower().translate(_TABLE)


def folding_table() -> dict[str, object]:
    """The table as the script reads it: `replace` (character to character), `remove` (ranges of code points)."""
    return {"replace": dict(REPLACED), "remove": [list(span) for span in REMOVED]}

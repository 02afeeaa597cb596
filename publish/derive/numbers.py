"""When two spellings of a document's number are the same: brackets and widths, and names of offices in orders."""

import re

from publish.derive.duties.names import canonical_name
from publish.derive.folding import fold_text
from publish.derive.labels import number_of

_N = r"(?P<n>[〇零一二三四五六七八九十百千两\d]+)"
_YEAR = r"(?P<year>\d{4}年)?"
_ORDER = (
    re.compile(rf"(?P<office>.+?)(?P<kind>令|公告){_YEAR}第{_N}号"),
    re.compile(rf"(?P<office>.+?){_YEAR}第{_N}号(?P<kind>令|公告)"),
)
_STATE = "中华人民共和国"


def number_key(number: str) -> str:
    """A number as numbers are compared: folded, and an order by one name of its office.

    中华人民共和国国家发展和改革委员会令 第 58 号, 国家发展改革委令第58号 and 国家发展改革委第五十八号令 are
    one; no year is made up for an order that has none.
    """
    folded = fold_text(number)
    for pattern in _ORDER if folded.endswith(("号", "令", "公告")) else ():
        if match := pattern.fullmatch(folded):
            office = canonical_name(match["office"].removeprefix(_STATE) or _STATE)
            return f"{office}{match['kind']}{match['year'] or ''}第{number_of(match['n'])}号"
    return folded

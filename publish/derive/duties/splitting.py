"""The text of a clause, made plain and cut into its members: the stretches between 、 , and ; outside brackets."""

import re
from collections.abc import Iterator

from publish.derive.duties.names import is_unit
from publish.derive.folding import simplified

# One character for one, so that places in the text stay what they are.
_HALF = str.maketrans("（），；：［］[]【】〔〕．", "(),;:()()()().")
_TRADITIONAL = re.compile(r"[負責單參會]|牽頭")
_PLACES = r"(?:区|县|市|旗|州|盟|乡|镇|街道|省|自治区|自治州|自治县|委|办|局|部|厅|厂|场)"
# 各区、县人民政府 and 各委、办、局 are one name each.
_ONE_NAME = re.compile(
    rf"各(?:{_PLACES}|\([^()]*\))+(?:[、,](?:{_PLACES}|\([^()]*\))+)+(?=$|[、,;)]|人民政府|政府|管委会|有关|相关|[^、,;]{{0,6}}(?:负责|配合|牵头|参加|参与|按|分别|和|及))"
)
_DEPARTMENTS = re.compile(r"(?<=[关各属级])(?:部门[、,]单位|单位[、,]部门)")
_HELD = "\ue000"
_CONNECTORS = re.compile(r"以及|及|和|与|暨|/")


def half_width(text: str) -> str:
    """Brackets and marks in half width, character by character; square brackets become round ones.

    A text in traditional characters is read in simplified ones. Others are left alone: some (乾) are both.
    """
    if _TRADITIONAL.search(text):
        text = text.translate({ord(one): other for one, other in simplified().items()})
    return text.translate(_HALF)


def split_members(text: str) -> Iterator[str]:
    """The members of a clause (half width, without its own brackets)."""
    for one_name in (_ONE_NAME, _DEPARTMENTS):
        text = one_name.sub(lambda match: re.sub("[、,]", _HELD, match[0]), text)
    depth, start = 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character in "、,;。" and depth <= 0:
            yield from _spaced(text[start:place])
            start = place + 1
    yield from _spaced(text[start:])


def _spaced(text: str) -> Iterator[str]:
    """Units may be told apart by blanks; other blanks are those of broken lines."""
    text = text.replace(_HELD, "、").strip()
    pieces = text.split()
    if len(pieces) > 1 and all(is_unit(piece.rpartition(":")[2]) for piece in pieces[:-1]):
        yield from pieces
    elif text:
        yield "".join(pieces)


def split_names(text: str) -> list[str]:
    """`A和B` as two names where both are names of units; 工业和信息化局 is one."""
    for match in _CONNECTORS.finditer(text):
        left, right = text[: match.start()], text[match.end() :]
        if match.start() and _ends_name(left) and not _belongs(right) and is_unit(right):
            return [left, *split_names(right)]
    return [text]


def _belongs(text: str) -> bool:
    """市财政局及其所属单位, 市有关部门和单位."""
    return text.startswith("其") or text in ("单位", "部门", "机构", "地区")


def _ends_name(text: str) -> bool:
    """天津市和平区人民政府: a place alone ends no name, but for 各区县."""
    return is_unit(text) and (text.startswith("各") or not text.endswith(("市", "区", "县", "州", "省")))

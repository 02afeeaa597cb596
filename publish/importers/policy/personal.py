"""Personal data in a document's text: the names and mobile numbers of contacts (facts, 7). Offices' numbers stay."""

import re
from collections.abc import Sequence

from publish.importers.policy.lines import Kind, Line

_MOBILE = r"(?<![0-9A-Za-z])1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9A-Za-z])"
_IDENTITY = r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx](?![0-9A-Za-z])"
_MAIL = r"(?<![\w.])[\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{1,20}"
_WHO = (
    r"(?:(?:网站|网页|栏目|业务|项目)?(?:联\s?系\s?人|聯\s?[系繫絡]\s?人)|联络人|聯絡人|联络员|經辦人|经办人|联系人员)"
)
# The office that a contact belongs to goes with the name.
_PLACED = r"(?:[\u4e00-\u9fff]{2,20}(?:局|办|室|科|处|股|部|中心|委|院|所|站|会)[ ，,]{1,2})?"
_NAME = r"[\u4e00-\u9fff·]{2,4}(?:[、，, ][\u4e00-\u9fff·]{2,4}){0,3}(?![\u4e00-\u9fff])"
_CALLED = r"(?<=[0-9])\s?[（(]\s?[\u4e00-\u9fff]{1,3}(?:老师|同志|女士|先生|科长|股长|处长|主任|经理)\s?[)）]"
_CALL = r"(?:(?:联系|聯系|聯繫|办公|咨询)?(?:电话|電話|手机|手機|方式)|手机号码|传真|邮箱|电子邮箱)"
_CONTACT = re.compile(
    rf"[(（]?\s?{_WHO}(?:及(?:联系)?(?:电话|方式))?\s?[:：]?\s?{_PLACED}{_NAME}"
    rf"(?:\s?[，,；;、。]?\s?(?:{_CALL})?\s?[:：]?\s?(?:[0-9][0-9 \-—－/、()（）]{{6,40}}|"
    rf"{_MAIL}))*\s?[)）]?[。；;]?"
)
_NAMED = re.compile(_CALLED)
_NUMBER = re.compile(rf"(?:{_CALL}\s?[:：]?\s?)?(?:{_MOBILE})|{_IDENTITY}")
_STAFF_NAME = re.compile(
    r"((?:责任编辑|責任編輯|责编|編輯|编辑|作者|记者|供稿|撰稿|审核|審核|初审|复审|终审|校对|录入|发布人|经办人|联系人)人?\s*[:：]\s*)"
    r"[\u4e00-\u9fff·*]{2,4}(?![\u4e00-\u9fff])"
)
_LABEL_NAME = re.compile(r"([:：]\s*)[\u4e00-\u9fff·*]{1,12}")
_DIGITS = re.compile(rf"{_IDENTITY}|{_MOBILE}|{_MAIL}")


def strip_personal(lines: Sequence[Line]) -> list[Line]:
    """Each line without contacts' names with their numbers, mobile numbers and identity numbers."""
    done: list[Line] = []
    for line in lines:
        if not line.kept or not any(c in line.text for c in "0123456789联聯经經"):
            done.append(line)
            continue
        rows = tuple(tuple(_without(cell) for cell in row) for row in line.rows)
        text = " ".join(" ".join(row) for row in rows) if rows else _without(line.text)
        if text == line.text:
            done.append(line)
        elif not text:
            done.append(line.removed(Kind.REMOVED_PERSONAL, "contact data of a person"))
        else:
            changed = line.changed(Kind.REMOVED_PERSONAL, text, "contact data of a person")
            done.append(
                Line(changed.first, changed.last, changed.raw, text, changed.gap, rows, changed.kinds, changed.notes)
            )
    return done


def _without(text: str) -> str:
    return _NUMBER.sub("", _NAMED.sub("", _CONTACT.sub("", text))).strip()


def masked(raw: str, *, names: bool = True) -> str:
    """A raw line whose personal data is hidden, for the report: contacts, numbers, addresses; `names` behind labels."""
    raw = _DIGITS.sub("***", _CONTACT.sub("（***）", raw))
    return (_LABEL_NAME if names else _STAFF_NAME).sub(r"\1***", raw)

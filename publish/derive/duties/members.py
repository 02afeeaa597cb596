"""One member of a clause: the names in it, and the words behind them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from publish.derive.duties.names import is_collective, is_person, is_unit
from publish.derive.duties.splitting import split_names
from publish.derive.duties.words import TAIL, tail_share

_LONGEST = 200
_OTHERS = re.compile(
    r"(.*?)、?等(?:[\d一二三四五六七八九十]+[个家])?(?:[市省县区州]直?|国家|中央|各|相关|有关|其他|行业|职能|责任|成员|政府|主管|涉及)*"
    r"(?:部门(?:和|、|及)?单位|单位(?:和|、|及)?部门|部门|单位|机构|企业|机关|组织|方面)?"
)
_BRACKET = re.compile(r"\(([^()]*)\)")
# Brackets that are part of a name: 各县(市、区)人民政府, 村(居)委会, 相关部门(单位).
_KEPT = re.compile(r"[县市区旗州盟乡镇省街道村居、,和及自治]+|单位|部门")
_LEAD_IN = re.compile(r"^(?:[①-⑳*★☆▲※△◆●]|\d+[.、])+|[*★☆▲※△◆●]+$|^(?:.*[^自])?由(?=.)|^由(?=.)|^请(?=.)")
_ALSO = re.compile(r"以?下?简?称[“\"]?(.+?)[”\"]?$")
# Fields of work that stand for their offices in a list that ends with 部门: 公安、财政、税务等部门.
_FIELDS = re.compile(
    r"((?:各级|各地|各区县?|[市省县区州]级?|国家)?)"
    r"((?:发展改革|发改|教育|科技|工业和信息化|工信|经信|公安|司法|民政|财政|人力资源和?社会保障|人力社保|人社|自然资源|规划|国土(?:资源|房管)?|生态环境|环保|环境保护|"
    r"住房和?城乡建设|住建|建设|交通运输|交通|水利|水务|农业农村|农业|林业|商务|文化和?旅游|文化|旅游|文旅|体育|广电|卫生健康|卫健|卫生|计生|医疗保障|医保|退役军人|"
    r"应急管理|应急|审计|统计|国资|市场监管|市场监督管理|工商|质监|质量监督|食品药品(?:监管)?|药品监管|药监|知识产权|金融(?:监管)?|银行|证券|保险|税务|国税|地税|海关|"
    r"检验检疫|气象|邮政|通信|电力|能源|宣传|网信|组织|编制|机构编制|统战|政法|信访|城管|城市管理|园林|人防|消防|法院|检察|纪检监察|监察|民族宗教|民宗|"
    r"外事|侨务|粮食|物价|价格|安监|安全监管|安全生产|行政审批|审批|政务服务|大数据|公共资源交易|烟草|盐业|房管|房产))"
)
_WORD_OF_SHARE = re.compile(r"(?:牵头负责|牵头|负责|配合|协助|参与)(?![的人者单部])")
_CLASS = re.compile(r"(部门|机关|单位|机构)$")


@dataclass(frozen=True, slots=True)
class Name:
    """A stretch of a clause where a name is expected. `text` None: no name that may be told; then `person` says why.

    `field`: it is only a field of work (公安), which a later 部门 makes a name of.
    """

    text: str | None
    alias: str | None = None
    others: bool = False
    person: bool = False
    field: tuple[str, str] | None = None
    persons_inside: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """The names of a member; `tail` are the words that give a share, "" if none do; `rest` is what follows them."""

    names: tuple[Name, ...]
    tail: str
    rest: str = ""


def read_member(text: str) -> Member:
    """Read a member (half width). `A和B负责` gives two names and the tail 负责."""
    if len(text) > _LONGEST:
        return Member((Name(None),), "")
    inner = re.fullmatch(r"(.+)\(([^()]*)\)", text)
    if inner and TAIL.fullmatch(inner[2]) and tail_share(inner[2]):
        return Member(tuple(_names(inner[1])), inner[2])
    found = None
    for place in range(len(text)):
        tail = text[place:]
        if TAIL.fullmatch(tail) and tail_share(tail):
            names = tuple(_names(text[:place])) if place else ()
            found = found or Member(names, tail)
            if all(name.text or name.field for name in names):
                return Member(names, tail)
    return _with_rest(text) or found or Member(tuple(_names(text)), "")


def _with_rest(text: str) -> Member | None:
    """市财政局负责资金保障; 市财政局牵头市教育局配合, where the mark is missing."""
    for match in _WORD_OF_SHARE.finditer(text):
        names = tuple(_names(text[: match.start()])) if match.start() else ()
        if names and all(name.text for name in names):
            return Member(names, match[0], text[match.end() :])
    return None


def _names(text: str) -> Iterator[Name]:
    for piece in split_names(text):
        stripped = piece
        while (shorter := _LEAD_IN.sub("", stripped, count=1)) != stripped:
            stripped = shorter
        yield _name(stripped)


def _name(text: str) -> Name:
    match = _OTHERS.fullmatch(text)
    others = match is not None
    bare = match[1] if match else text
    if others and not bare:
        return Name(None, others=True)
    field = _FIELDS.fullmatch(bare)
    if field and not is_unit(bare):
        return Name(None, others=others, field=(field[1], field[2]))
    plain, alias, persons = _without_brackets(bare)
    if is_unit(plain):
        return Name(plain, alias, others, persons_inside=persons)
    return Name(None, others=others, person=is_person(plain), persons_inside=persons)


def _without_brackets(text: str) -> tuple[str, str | None, int]:
    """A name without brackets that are no part of it; what the last one calls it too; how many may name persons."""
    alias, persons = None, 0
    for match in _BRACKET.finditer(text):
        said = match[1]
        if _KEPT.fullmatch(said):
            continue
        also = _ALSO.fullmatch(said)
        called = also[1] if also else said
        if is_unit(called) and match.end() == len(text):
            alias = called
        elif not is_unit(called):
            persons += is_person(called)
    plain = _BRACKET.sub(lambda match: match[0] if _KEPT.fullmatch(match[1]) else "", text)
    return plain, alias, persons


def fill_fields(names: list[Name]) -> list[Name]:
    """Fields of work get the class word that ends the list, and the level that begins it: 各级公安、税务部门."""
    if not any(name.field for name in names):
        return names
    last = names[-1]
    word = _CLASS.search(last.text or "")
    if word is None and not (last.field and last.others):
        return [Name(None, others=name.others) if name.field else name for name in names]
    ending = word[1] if word else "部门"
    level, filled = "", []
    for name in names:
        if name.field:
            level = name.field[0] or level
            filled.append(Name(level + name.field[1] + ending, others=name.others))
        else:
            own = _FIELDS.fullmatch(_CLASS.sub("", name.text or ""))
            keeps = own is None or own[1] or not level or name.text == own[0]
            filled.append(name if keeps else Name(level + (name.text or ""), others=name.others))
    return filled


def stands_for_many(name: Name) -> bool:
    """Whether the words of a name stand for many units."""
    return name.text is not None and is_collective(name.text)

"""The front matter of a document: what its head, its signature and its page state of it. Nothing is inferred."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from publish.importers.policy import forms
from publish.importers.policy.lines import Line, Place
from publish.importers.policy.numerals import DATE, parse_day
from publish.importers.policy.orders import order_office, usual_order
from publish.importers.policy.punctuation import normal_numbers
from publish.importers.policy.relations import relations_of
from publish.importers.policy.splitting import Piece, tidy_title
from publish.model.document import Relation, RelationKind

_TITLE_NUMBER = re.compile(rf"^(.+?)\s?[（(]\s?({forms.NUMBER})\s?[)）]$")
_DATED = re.compile(rf"[号號]\s+({DATE})\s?[)）]?$")
_ORDER_NOTE = re.compile(rf"[（(][^（）()]{{0,200}}?({forms.ORDER})[^（）()]{{0,200}}[)）]")
_SIGNED = re.compile(rf"(.{{2,50}}?)\s+({DATE})")
_FORCE = re.compile(
    rf"本[\u4e00-\u9fff]{{1,6}}(?:（[^（）]{{1,10}}）)?[^。；《》]{{0,12}}自\s?({DATE})\s?起(?:正式)?(?:施行|实施|實施|执行|執行|生效|试行)|^自\s?({DATE})\s?起(?:施行|实施|執行|执行|生效)"
)
# An order tells it of what it issues.
_ORDERED = re.compile(
    rf"[现現]予以?(?:公布|发布|發布|公佈)[^。；]{{0,6}}自\s?({DATE})\s?起(?:施行|实施|實施|执行|執行)"
)
_UNTIL = re.compile(rf"有效期(?:限)?(?:至|到)\s?({DATE})|(?:施行|执行|实施)至\s?({DATE})(?:止)?")
_VALIDITY = re.compile(r"有效期(?:限)?(?:为|為)?\s?[0-9一二三四五六七八九十]{1,3}\s?(?:年|个月)")
_SOURCE = re.compile(r"(?:来源|來源|稿源)\s?[:：]\s*(\S+)")
_SIGNERS, _OFFICE_LONGEST = 12, 40
_STAMP = re.compile(r"[12][0-9]{3}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}")
_PUBLISHED = re.compile(r"(?:发布日期|发布时间|發布日期|發布時間|公开日期|时间|日期)\s?[:：]\s*([12][0-9]{3}\S{4,8})")


@dataclass(frozen=True, slots=True)
class Head:
    """The front matter, as `publish.model.document.Document` has it; `keywords` as stated by the page."""

    title: str
    number: str | None = None
    issuer: str | None = None
    addressees: str | None = None
    written_on: date | None = None
    printed_on: date | None = None
    published_on: date | None = None
    publicity: str | None = None
    source: str | None = None
    index_number: str | None = None
    subject_class: str | None = None
    keywords: tuple[str, ...] = ()
    validity: str = "unstated"
    in_force_from: date | None = None
    in_force_until: date | None = None
    repealed_on: date | None = None
    relations: tuple[Relation, ...] = ()


def head_of(piece: Piece) -> Head:
    """What the document itself states. The title is "" if it has none."""
    lines = [line for line in piece.lines if line.kept]
    texts = [line.text for line in lines if line.place is Place.BODY and not line.rows]
    title = piece.title or ""
    numbered = _TITLE_NUMBER.match(title)
    number = normal_numbers(numbered[2]) if numbered else _number(lines)
    usual = usual_order(number) if number else None
    keywords = (number,) if number and usual != number else ()
    head = Head(numbered[1] if numbered else title, usual, keywords=keywords)
    office = order_office(number) if number else None
    head = replace(
        head, issuer=_red_head(lines) or office, addressees=_addressees(texts), relations=relations_of(texts, title)
    )
    head = _signature(head, texts)
    for line in lines[:8]:
        if line.place is Place.FRONT and (dated := _DATED.search(line.text)):
            head = replace(head, written_on=parse_day(dated[1]))
    return _force(head, texts)


def _number(lines: Sequence[Line]) -> str | None:
    for line in lines[:8]:
        if line.place is Place.FRONT and (number := forms.number_of(line.text)):
            return re.sub(r"\s", "", normal_numbers(number))
    for line in lines[:4]:
        if match := _ORDER_NOTE.fullmatch(line.text):
            return re.sub(r"\s", "", match[1])
    return None


def _red_head(lines: Sequence[Line]) -> str | None:
    found = (forms.red_head_of(line.text) for line in lines[:4] if line.place is Place.FRONT)
    return next((re.sub(r"\s", "", office) for office in found if office), None)


def _addressees(texts: Sequence[str]) -> str | None:
    return next((text.rstrip(":：").strip() for text in texts[:3] if forms.is_addressees(text)), None)


def _signature(head: Head, texts: Sequence[str]) -> Head:
    """Who signed it when: the last date that stands alone, or behind an office."""
    for at in range(len(texts) - 1, -1, -1):
        text = texts[at]
        if printed := forms.printed_of(text):
            office, day = printed
            office = office if forms.is_office(office) else ""
            head = replace(head, printed_on=parse_day(day), issuer=head.issuer or office or None)
        elif mark := forms.publicity_of(text):
            head = replace(head, publicity=mark)
        elif head.written_on is None and (day_text := forms.date_of(text)):
            office = "、".join(_offices(texts[:at]))
            head = replace(head, written_on=parse_day(day_text), issuer=_signer(office, head.issuer))
        elif head.written_on is None and (match := _SIGNED.fullmatch(text)) and forms.is_office(match[1]):
            head = replace(head, written_on=parse_day(match[2]), issuer=_signer(match[1], head.issuer))
    return head


def _offices(texts: Sequence[str]) -> list[str]:
    """The offices that end `texts`, each in a line."""
    offices: list[str] = []
    for text in reversed(texts[-_SIGNERS:]):
        if not forms.is_office(text) or len(text) > _OFFICE_LONGEST:
            break
        offices.insert(0, re.sub(r"\s", "", text))
    return offices


def _signer(office: str, other: str | None) -> str | None:
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", office) or other


def _force(head: Head, texts: Sequence[str]) -> Head:
    for text in texts:
        plain = re.sub(r"^(?:\*\*)?第[\u4e00-\u9fff0-9]{1,6}条\s*", "", text)
        order = _ORDERED.search(plain) if head.number and "令" in head.number else None
        if order and head.in_force_from is None:
            head = replace(head, in_force_from=parse_day(order[1]))
        if match := _FORCE.search(plain):
            head = replace(head, in_force_from=parse_day(match[1] or match[2]))
            until, period = _UNTIL.search(plain), _VALIDITY.search(plain)
            if until:
                head = replace(head, in_force_until=parse_day(until[1] or until[2]))
            if stated := until or period:
                head = replace(head, validity=stated[0])
    return head


def with_page(head: Head, fields: Mapping[str, str], stated: Mapping[str, str], shell: Sequence[Line]) -> Head:
    """The head with what the page around the document states. The document's own word goes before the page's."""
    get = _Fields(fields)
    raw = "\n".join(line.raw for line in shell)
    stamp = _STAMP.search(
        next((line.raw for line in shell if _STAMP.search(line.raw) and not forms.date_of(line.text)), "")
    )
    source = _SOURCE.search(raw)
    published = get.day("发布日期", "公开日期", "发布时间", "颁布日期", "颁布时间") or parse_day(
        stated.get("pubdate", "")
    )
    return replace(
        head,
        title=head.title
        or tidy_title(get.text("标题", "名称", "信息名称", "文件名称") or stated.get("articletitle", "")),
        number=head.number or _given_number(get.text("发文字号", "文号", "文件编号", "发布文号")),
        issuer=head.issuer or get.text("发文机关", "发文机构", "发文单位", "制发机关", "颁布单位"),
        written_on=head.written_on or get.day("成文日期", "生成日期", "发文日期"),
        printed_on=head.printed_on or get.day("印发日期"),
        published_on=published or (parse_day(_plain_stamp(stamp[0])) if stamp else None),
        source=_source(
            get.text("信息来源", "来源") or (source[1] if source else "") or stated.get("contentsource", "")
        ),
        index_number=get.text("索引号", "信息索引号"),
        subject_class=get.text("主题分类", "主题类别"),
        keywords=(*head.keywords, *_words(get.text("主题词", "关键词") or "")),
        validity=get.text("有效性", "是否有效", "时效性", "时效", "效力状态", "时效状态", "有效期") or head.validity,
        repealed_on=get.day("废止日期", "失效日期"),
        in_force_from=head.in_force_from or get.day("实施日期", "施行日期", "生效日期"),
    )


def _words(text: str) -> Iterator[str]:
    return (word for word in re.split(r"[\s,，;；、]+", text) if word)


def _source(text: str) -> str | None:
    """The source's name: what follows it on the line is the page's."""
    return re.split(r"[\s【\[（(|]", text.strip())[0] or None


def _plain_stamp(text: str) -> str:
    return re.sub(r"[^0-9]+", "-", text)


def _given_number(text: str | None) -> str | None:
    return re.sub(r"\s", "", normal_numbers(text)) if text and re.search(r"[号號]$", text.strip()) else None


@dataclass(frozen=True, slots=True)
class _Fields:
    """The values of a page head by their names; blank ones are none."""

    values: Mapping[str, str]

    def text(self, *names: str) -> str | None:
        found = (self.values.get(name, "").strip() for name in names)
        return next((value for value in found if value.strip("-—无無/ ")), None)

    def day(self, *names: str) -> date | None:
        text = self.text(*names)
        return parse_day(text) if text else None


def annex_head(head: Head, cover: Head) -> Head:
    """An annex's head: it was issued and published with its covering document, and has no number of its own."""
    whole = Relation(RelationKind.ANNEX_OF, cover.title or None, cover.number)
    relations = (whole, *head.relations) if whole.title or whole.number else head.relations
    return replace(
        head,
        issuer=head.issuer or cover.issuer,
        written_on=head.written_on or cover.written_on,
        printed_on=head.printed_on or cover.printed_on,
        published_on=head.published_on or cover.published_on,
        publicity=head.publicity or cover.publicity,
        source=head.source or cover.source,
        relations=relations,
    )

"""What a line of an official document is, by its form: a number, a date, a title, an item (facts, 9)."""

import re

from publish.importers.policy.numerals import DATE, numeral_value

TYPES = (
    "通知|通告|通报|公告|公报|决定|决议|命令|意见|办法|方案|规定|细则|规则|条例|规划|计划|纲要|要点|分工|批复|函|报告|请示|议案|"
    "制度|规程|规范|指引|指南|标准|目录|清单|名单|措施|章程|准则|守则|预案|解读|说明|任务书|一览表|分工表|任务表|登记表|申请表|汇总表|明细表|附表|要求|流程|机制|标准化|"
    "通則|辦法|規定|細則|規則|條例|規劃|計劃|綱要|要點|批復|報告|請示|議案|規程|規範|標準|目錄|清單|名單|預案|意見|決定|決議|說明|要求|机制|通報|分工表"
)
_SUFFIX = r"(?:\s?[(（〔\[][^()（）]{1,20}[)）〕\]]){0,2}"
NUMBER = (
    r"[\u4e00-\u9fff]{1,12}\s?[〔\[［(（【﹝]\s?[12１２][0-9０-９]{3}\s?[〕\]］)）】﹞]\s?(?:第\s?)?[0-9０-９]{1,5}\s?"
    r"[号號]"
)
ORDER = r"[\u4e00-\u9fff]{2,30}令(?:\s?[12][0-9]{3}年)?\s?第\s?[0-9一二三四五六七八九十百零〇]{1,5}\s?[号號]"
_NUMBER_LINE = re.compile(
    rf"(?:(?:发文字号|文号|發文字號|文號)\s?[:：]\s?)?[(（]?\s?({NUMBER}|{ORDER}|(?:[12][0-9]{{3}}\s?年\s?)?第\s?[0-9]{{1,4}}\s?[号號])(?:\s+(?:{DATE}))?\s?[)）]?"
)
_DATE_LINE = re.compile(rf"[(（]?\s?({DATE})\s?[)）]?")
_PUBLICITY = re.compile(r"[(（【\[]?\s?(此件[\u4e00-\u9fff]{2,16})\s?[)）】\]]?")
_PRINTED = re.compile(rf"(.{{0,60}}?)\s?({DATE})\s?印[发發]\s?[。]?")
_ANNEX = re.compile(r"附\s?[件录錄表]\s?([0-9一二三四五六七八九十]{0,3})\s?[:：]?")
_ANNEX_NUMBER = re.compile(r"附\s?[件录錄表]\s?([0-9一二三四五六七八九十]{1,3})")
_ANNEX_TITLE = re.compile(r"附\s?[件录錄表]\s?[0-9一二三四五六七八九十]{0,3}\s?[:：.、 ]\s?([^。；;，,]{4,100})")
_TITLE = re.compile(rf"[^。；;！!？?，,]{{0,110}}(?:{TYPES}){_SUFFIX}")
_ABOUT = re.compile(rf"[^。；;！!？?]{{0,40}}(?:关于|關於|關于)[^。；;！!？?]{{2,160}}的?(?:{TYPES}){_SUFFIX}")
_ABOUT_WHOLE = re.compile(
    rf".*的?(?:通知|通告|通报|公告|决定|意见|函|批复|报告|命令|办法|规定|方案|公报|通報|決定|意見|批復|報告|辦法|規定){_SUFFIX}"
)
HAN = "零〇一二三四五六七八九十百"
_STRUCTURAL = re.compile(
    rf"第\s?[{HAN}0-9]{{1,6}}\s?[编編章节節条條款]|[{HAN}]{{1,4}}\s?[、．.，,](?![0-9])|[(（]\s?(?:[{HAN}]{{1,4}}|[0-9]{{1,3}})\s?[)）]"
    r"|[0-9]{1,3}\s?[、．](?![0-9])|[0-9]{1,3}\.(?![0-9])|[①-⑳]|[一二三四五六七八九十]{1,3}是|附\s?[件录錄表]\s?[0-9一二三四五六七八九十:：]|[•●■◆]"
)
_ADDRESSED = re.compile(r"[各市省县區区州委局厅厛厅办辦院部门門政府银行公司单位單位法]")
_TERMINAL = re.compile(r"[。！？!?；;：:…][”’」』）)】》]*$|[。；][)）]$")
_INNER = re.compile(r"[，,。；;]")
_OFFICE = re.compile(
    r"[\u4e00-\u9fff、（）() ]{2,40}(?:政府|委员会|委員會|办公室|辦公室|办公厅|辦公廳|局|厅|廳|部|委|办|"
    r"辦|院|会|會|署|行|中心|小组|小組|公司|厅、.{2,20})"
)
_RED_HEAD = re.compile(r"([\u4e00-\u9fff ]{4,60}?)\s?文\s?件")


def number_of(text: str) -> str | None:
    """The document number if the line is one, alone or in brackets."""
    match = _NUMBER_LINE.fullmatch(text)
    return match[1] if match else None


def date_of(text: str) -> str | None:
    """The date if the line is one."""
    match = _DATE_LINE.fullmatch(text)
    return match[1] if match else None


def publicity_of(text: str) -> str | None:
    """The mark if the line is one such as （此件公开发布）."""
    match = _PUBLICITY.fullmatch(text)
    return match[1] if match else None


def printed_of(text: str) -> tuple[str, str] | None:
    """Office and date if the line says who printed the document when."""
    match = _PRINTED.fullmatch(text)
    return (match[1], match[2]) if match else None


def annex_of(text: str) -> str | None:
    """The annex's number, "" if it has none, if the line is a label such as 附件1."""
    match = _ANNEX.fullmatch(text)
    return match[1] if match else None


def annex_number_of(text: str) -> int | None:
    """The number in the label that a line begins with; None if there is no label, or no number in it."""
    match = _ANNEX_NUMBER.match(text)
    return numeral_value(match[1]) if match else None


def annex_title_of(text: str) -> str | None:
    """The title behind a label if a line is both: 附件1：重点任务分工表."""
    match = _ANNEX_TITLE.fullmatch(text)
    return match[1] if match and not terminal(match[1]) else None


def red_head_of(text: str) -> str | None:
    """The office if the line is the head of its paper: …人民政府文件."""
    match = _RED_HEAD.fullmatch(text)
    return match[1] if match and _OFFICE.fullmatch(match[1]) else None


def is_title(text: str) -> bool:
    """Whether a line can be a document's whole title."""
    if (
        not 4 < len(text) < 150
        or re.search("[>|»：:]", text)
        or structural(text)
        or text.startswith(("现将", "現將", "为", "為", "根据", "根據", "按照", "经", "（", "("))
    ):
        return False
    if re.search("[关關][于於]", text):
        return _ABOUT.fullmatch(text) is not None and _ABOUT_WHOLE.fullmatch(text) is not None
    return _TITLE.fullmatch(text) is not None and not is_printed(text)


def is_printed(text: str) -> bool:
    """Whether the line tells of the printing."""
    return printed_of(text) is not None


def structural(text: str) -> bool:
    """Whether a line begins with a number of its own: chapter, article, item, annex."""
    return _STRUCTURAL.match(text) is not None


def is_addressees(text: str) -> bool:
    """Whether a line names those the document goes to: 各县（市、区）人民政府，…："""
    return (
        text[-1:] in (":", "：")
        and 3 < len(text) < 400
        and not re.search("[。；;]|如下|通知|公告|决定|意见|第[一二三]", text)
        and not structural(text)
        and _ADDRESSED.search(text) is not None
    )


def is_office(text: str) -> bool:
    """Whether a line can be the signature of an office."""
    return _OFFICE.fullmatch(text) is not None and not is_title(text)


def terminal(text: str) -> bool:
    """Whether a line ends as a sentence or an item of a list does, or with a bracket behind a sentence."""
    if _TERMINAL.search(text):
        return True
    if text[-1:] not in (")", "）"):
        return False
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in ")）") - (text[at] in "(（")
        if depth == 0:
            return (at == 0 and len(text) > 8) or text[at - 1] in "。；;！？!?"
    return False


def form_of(text: str) -> str:
    """How a line is numbered, in a word; "" if it is not."""
    match = _STRUCTURAL.match(text)
    if match is None:
        return ""
    return re.sub(rf"[{HAN}]+", "一", re.sub(r"[0-9]+", "1", re.sub(r"\s|[\u2460-\u2473]", "", match[0])))


def heading(text: str) -> bool:
    """Whether a line is a numbered heading: short, without punctuation inside (a 。 at the end apart)."""
    return structural(text) and len(text) <= 60 and _INNER.search(_unnumbered(text).rstrip("。")) is None


def _unnumbered(text: str) -> str:
    number = _STRUCTURAL.match(text)
    return text[number.end() :] if number else text


def alone(text: str) -> bool:
    """Whether a line stands for itself and never goes on in the next: number, date, mark, label, printing, 印发."""
    return (
        number_of(text) is not None
        or date_of(text) is not None
        or publicity_of(text) is not None
        or annex_of(text) is not None
        or is_printed(text)
    )


def folded_name(text: str) -> str:
    """A title as it is compared: without brackets, marks and white space."""
    return re.sub(r"[\s《》〈〉<>“”\"'（）()〔〕\[\]【】,，、:：.。—–-]", "", text)

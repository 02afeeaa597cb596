"""Addresses of persons in a text: after words that only persons have, and after 住, 住所 where it is about a person.

Pure functions on one string folded by publish/model/personal_patterns.py. What is found is the address, not the word.
"""

import re
from collections.abc import Iterator

from publish.model.terms import Pattern

Hit = tuple[Pattern, int, int]

_LINK = r"(?:[为是系在于:]|地址| |\([^()\d]{1,6}\))*"
# 住 and 户籍 also begin words that are about houses, guests and offices.
_NO_DWELLING = r"(?!房|宅|院|户|宿|建|持|店|客|人|改|保|满|过|进|了|着|不|在线|证)"
_ALWAYS = re.compile(
    r"(?:家庭(?:详细|居住|常住|现)?(?:住址|地址|住所)|(?:现|原|常|实际|经常)?居住地址?(?!块|产|县级|市级|区级|社区|所在)|"
    r"户(?:籍|口)(?:所在地|登记地|地址|地)|户(?:籍|口)(?=[:为系是在])|户籍(?=[^管业室民制人证科窗派登迁]{2,12}?[省市县])|"
    r"身份证(?:件)?(?:上的?|登记|载明)?(?:的)?(?:住址|地址|住所)|(?:现|常|暂|租)住(?:地址|址|所地?|地|于|在)(?!线)|暂住(?!人|登|证|户|申|管)|"
    rf"居住[于在](?!线|地)|(?<![安好万居全])家住{_NO_DWELLING}|住家(?=[:为在]))" + _LINK
)
_IN_RECORDS_OF_PERSONS = re.compile(
    rf"(?:(?<!单位|公司)住址|住所地?|住处|(?<!单位|公司|经营|生产|注册|项目|网络|网站|案发|检查)地址|"
    rf"现住{_NO_DWELLING}(?!址|所|处|地)|"
    rf"(?:^|(?<=[,、。;:( )]))住{_NO_DWELLING}(?!所|址|处))" + _LINK
)
# A description of a person, then 住; after the name of who runs a firm, 住所 would be the firm's.
_AFTER_PERSON = re.compile(
    r"(?:(?:[,、(][男女](?=[,、)])|\d日?出?生|[\u4e00-\u9fff]族(?=[,、]))[^。;\n]{0,60}?[,、( ]现?住(?:址|所地?|处)?|"
    r"(?:身份证|公民身份|经营者|负责人|法定代表人|业主|投资人)[^。;\n]{0,40}?[,、( ]现?住[址处]?(?!所))"
    rf"{_NO_DWELLING}" + _LINK
)
_CLAUSE = re.compile(r"[^,。;!?\n<>\"]{0,80}")
# Words after which no address goes on.
_STOP = re.compile(
    r"(?:公民)?身份证|身份号码|证件|(?:联系)?电话|手机|联系方式|邮编|邮箱|涉嫌|的|因|\d{4}年|法定代表人|经营者|驾驶|无证|擅自|未经|"
    r"违反|销售|从事|民族|现住|户籍|男(?=[,、)])|女(?=[,、)])|\*{3}"
)
_AGENCY = re.compile(
    r"人民法院|法院|人民政府|政府|检察院|公安|派出所|[\u4e00-\u9fff]{2,8}局|委员会|管委会|机关|主管部门|司法"
)
_NUMBER = r"[0-9A-Za-z一二三四五六七八九十百〇零甲乙丙丁东西南北\-]"
_FINE = re.compile(
    rf"(?:大?道|路|街|巷|弄|胡同|[村组屯庄寨坊湾社队]|社区|小区|新村|家属院|公寓|宿舍|花园|家园|苑|[园里]|{_NUMBER}+(?:号楼|号|栋|幢|座|楼|层|单元|室|户|院)"
    r"|[栋幢室号]|单元|\d+-\d+(?:-\d+)*)"
)
_COARSE = re.compile(r"[省县旗州盟镇乡]|市(?!场)|区(?!域)|街道(?:办事处)?")
_BRACKETED = re.compile(r"\([^()]{0,30}\)")


def addresses(text: str, person: bool) -> Iterator[Hit]:
    """Addresses of persons. `person`: the record is about a natural person, or not known to be about another."""
    words = (_ALWAYS, _AFTER_PERSON, _IN_RECORDS_OF_PERSONS) if person else (_ALWAYS, _AFTER_PERSON)
    for word in words:
        for match in word.finditer(text):
            end = _address_end(text, match.end())
            if end is not None:
                yield Pattern.ADDRESS, match.end(), end


def _address_end(text: str, start: int) -> int | None:
    """Where the address that begins at `start` ends; None if there is none."""
    clause = _CLAUSE.match(text, start)
    assert clause is not None  # may be empty
    end = clause.end()
    stop = _STOP.search(text, start, end)
    end = stop.start() if stop else end
    agency = _AGENCY.search(text, start, end)
    if agency:
        end = agency.start()
    fine = _last_end(_FINE, text, start, end)
    # The name of a town and then an office is the office's name, not where somebody lives.
    coarse = None if agency else _last_end(_COARSE, text, start, end)
    found = max((place for place in (fine, coarse) if place is not None), default=None)
    if found is None or found - start < 3:
        return None
    bracket = _BRACKETED.match(text, found)
    if bracket and _FINE.search(bracket[0]):
        found = bracket.end()
    return found


def _last_end(pattern: re.Pattern[str], text: str, start: int, end: int) -> int | None:
    last = None
    for match in pattern.finditer(text, start, end):
        last = match.end()
    return last

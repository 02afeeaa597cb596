"""Spellings of one document number; citations of orders and in traditional characters."""

from datetime import date

import pytest

from publish.derive.citations import Reader
from publish.derive.numbers import number_key
from publish.derive.policies import derive_policies
from publish.model.document import Document
from publish.model.rules import RuleBook

ORDER = "国家发展改革委令第58号"


@pytest.mark.parametrize(
    "other",
    [
        "国家发展和改革委员会令第58号",
        "中华人民共和国国家发展和改革委员会令 第 58 号",
        "国家发展改革委令第五十八号",
        "国家发展改革委第58号令",
        "國家發展改革委令第58號",
    ],
)
def test_spellings_of_an_order(other: str) -> None:
    assert number_key(other) == number_key(ORDER)


@pytest.mark.parametrize("other", ["国家发展改革委令第57号", "国家卫生健康委令第58号", "国家发展改革委令2023年第58号"])
def test_other_orders(other: str) -> None:
    assert number_key(other) != number_key(ORDER)


def test_numbers_with_years_are_folded_only() -> None:
    assert number_key("豫政[2014]31號") == number_key("豫政〔2014〕31号") != number_key("豫政办〔2014〕31号")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("《信用办法》（國發〔2014〕21號）", "國發〔2014〕21號"),
        ("根據國發〔2014〕21號的要求", "國發〔2014〕21號"),
        ("（2018年11月2日雁江市人民政府令第31号公布", "雁江市人民政府令第31号"),
        ("二〇一八年十一月二日雁江市人民政府令第三十一号公布", "雁江市人民政府令第三十一号"),
        ("根据日照市人民政府令第3号", "日照市人民政府令第3号"),
        ("依据国家发展改革委第58号令", "国家发展改革委第58号令"),
        ("《价格规定》（中华人民共和国国家发展和改革委员会令第7号）", "中华人民共和国国家发展和改革委员会令第7号"),
    ],
)
def test_numbers_found(text: str, number: str) -> None:
    assert [one.number for one in Reader(()).mentions(text)] == [number]


def test_an_order_is_linked_whichever_way_its_office_is_named() -> None:
    order = Document("order", "企业信用修复办法", "**第一条** 甲。\n", number="国家发展和改革委员会令第58号")
    other = Document(
        "other", "修复须知", "根据《企业信用修复办法》（国家发展改革委令第58号）第一条，以及国家发展改革委第58号令。\n"
    )
    texts = derive_policies([order, other], RuleBook(()), date(2026, 11, 20))
    html = "".join(piece.html for piece in texts["other"].pieces)
    assert html.count("order.html") == 3
    assert texts["other"].missing == ()


def test_articles_of_a_text_in_traditional_characters() -> None:
    document = Document("a", "信用辦法", "**第一條** 甲。\n\n**第二條** 違反本辦法第一條的，處理。\n")
    text = derive_policies([document], RuleBook(()), date(2026, 11, 20))["a"]
    assert 'href="#art-1"' in "".join(piece.html for piece in text.pieces)

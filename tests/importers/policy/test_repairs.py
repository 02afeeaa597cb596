"""Repairs of single lines: pinyin, punctuation, encodings, tags, tables, personal data."""

from collections.abc import Callable

import pytest

from publish.importers.policy.cells import rebuild_tables
from publish.importers.policy.cleaning import Cleaned, converter
from publish.importers.policy.lines import Kind, Line
from publish.importers.policy.markup import repair_encoding, strip_markup
from publish.importers.policy.numerals import han_numeral, numeral_value, parse_day
from publish.importers.policy.personal import masked, strip_personal
from publish.importers.policy.pinyin import first_letter, strip_pinyin
from publish.importers.policy.punctuation import widened
from publish.importers.policy.reading import text_lines
from tests.importers.policy.conftest import CleanOf


def without_pinyin(text: str) -> Line:
    return strip_pinyin(text_lines(text), converter())[0]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("發(fā)布", "發布"),
        ("发(fa)布", "发布"),
        ("發（fā）布", "發布"),
        ("發(fā)(fā)布實(shí)施", "發布實施"),
        ("發( fā )布", "發布"),
        ("發(f膩)布", "發布"),  # ā in UTF-8, read as GBK
        ("發(f?)布，實(sh??)施", "發布，實施"),
        ("關(guān)于綠(lǜ)色聯(lián)網(wǎng)", "關于綠色聯網"),
        ("應用（APP）和A(b)级", "應用（APP）和A(b)级"),
        ("附件(abc)和条款(xyz)", "附件(abc)和条款(xyz)"),
        ("盱眙(xūyí)县", "盱眙(xūyí)县"),
    ],
)
def test_pinyin_goes_and_other_letters_stay(text: str, result: str) -> None:
    line = without_pinyin(text)
    assert line.text == result
    assert (Kind.REPAIRED in line.kinds) == (text != result)
    assert Kind.UNSURE not in line.kinds


@pytest.mark.parametrize("text", ["信用(bei)", "等级(a)啊(a)"])
def test_letters_that_may_be_meant_stay_and_are_unsure(text: str) -> None:
    line = without_pinyin(text)
    assert "(" in line.text
    assert Kind.UNSURE in line.kinds


def test_gb2312_tells_first_letters() -> None:
    letters = {"啊": "a", "发": "f", "信": "x", "用": "y", "中": "z", "国": "g", "体": "t", "诚": "c", "座": "z"}
    assert {character: first_letter(character) for character in letters} == letters
    assert first_letter("發") is None
    assert first_letter("亍") is None


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("县(市、区)政府,各部门:", "县（市、区）政府，各部门："),
        ("按照(豫政[2014]31号)执行;", "按照（豫政〔2014〕31号）执行；"),
        ("豫政(2014) 31 号", "豫政〔2014〕31号"),
        ("比例为3:1,时间11:55,共1,234人,见http://a.cn:80/x?y=(1)", "比例为3:1，时间11:55，共1,234人，见http://a.cn:80/x?y=(1)"),
        ("(1)推进\"双公示\"(含GDP(现价),f(x)等)", "（1）推进“双公示”（含GDP（现价），f(x)等）"),
        ("(一）总则", "（一）总则"),
        ("《规划(2014—2020年)》", "《规划（2014—2020年）》"),
        ("是否公开?请说明!", "是否公开？请说明！"),
        ("See (a, b); c: d!", "See (a, b); c: d!"),
        ("2014—2020年(含2020年),", "2014—2020年（含2020年），"),
    ],
)  # fmt: skip
def test_flattened_punctuation(text: str, result: str) -> None:
    assert widened(text) == (result, ())


@pytest.mark.parametrize("text", ["信用信?体系", '这是"一个引号'])
def test_punctuation_that_is_not_certain(text: str) -> None:
    result, doubts = widened(text)
    assert result == text
    assert len(doubts) == 1


def test_text_read_in_the_wrong_encoding() -> None:
    latin = "信用信息".encode("gbk").decode("latin-1")
    gbk = "信用信息".encode().decode("gbk")
    lines = repair_encoding(text_lines(f"关于{latin}公示\n关于{gbk}公示\n信用\ufffd体系\nCafé à la carte"))
    assert [line.text for line in lines[:2]] == ["关于信用信息公示"] * 2
    assert Kind.UNSURE in lines[2].kinds
    assert lines[3].kinds == frozenset()


def test_tags_and_entities_as_text() -> None:
    text = '<p id="a8f3">信用</p>&nbsp;体&#x7cfb;\n<div class="x9">\n<关于信用>的规定\n1<2且3>2\n<span id=\nk8">余下'
    lines = strip_markup(text_lines(text))
    assert [line.text for line in lines] == ["信用 体系", "", "<关于信用>的规定", "1<2且3>2", "", "余下"]


@pytest.mark.parametrize(
    "text",
    [
        "| 序号 |\n| 任务 |\n| 1 |\n| 甲 |\n| 2 |\n| 乙 |",
        "| 序号\n| 任务\n|\n| 1\n| 甲\n|\n| 2\n| 乙",
        "序号 |\n任务 |\n\n1 |\n甲 |\n\n2 |\n乙 |",
        "| 序号 | 任务 |\n|---|---|\n| 1 | 甲 |\n| 2 | 乙 |",
        "序号|任务\n1|甲\n2|乙",
    ],
)
def test_tables_with_bars(text: str) -> None:
    lines = rebuild_tables(text_lines(text))
    assert [line.rows for line in lines] == [(("序号", "任务"), ("1", "甲"), ("2", "乙"))]


def test_a_cell_may_be_broken() -> None:
    lines = rebuild_tables(text_lines("| 序号\n| 任务\n| 1\n| 建立\n目录\n| 2\n| 乙"))
    assert lines[0].rows == (("序号", "任务"), ("1", "建立目录"), ("2", "乙"))


def test_cells_that_cannot_be_counted_are_unsure() -> None:
    lines = rebuild_tables(text_lines("| 甲\n| 乙\n| 丙\n| 丁\n| 戊"))
    assert all(Kind.UNSURE in line.kinds and not line.rows for line in lines)


def test_contacts_of_persons_go_and_offices_stay() -> None:
    text = "（联系人：李小明，联系电话：0660-3210000、13912345678）\n"
    text += "请报市信用办（电话：0660-3210000）。\n手机13912345678。"
    lines = strip_personal(text_lines(text))
    assert [line.text for line in lines] == ["", "请报市信用办（电话：0660-3210000）。", "。"]
    assert lines[1].kinds == frozenset()
    assert "李小明" not in masked(text)
    assert "13912345678" not in masked(text)


def test_typos_of_the_source_are_kept(cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]) -> None:
    text = "企业产品品质量“黑红榜”应当应当公布,并按帐户（账户）管理。"
    documents = cleaned(f"关于信用工作的通知\n一、总体要求\n{text}")
    assert texts(documents[0])[1] == text.replace(",", "，")


def test_numerals_and_days() -> None:
    assert [han_numeral(n) for n in (1, 10, 11, 20, 21, 105, 110, 1001)] == [
        *("一", "十", "十一", "二十", "二十一", "一百零五", "一百一十", "一千零一")
    ]
    assert all(numeral_value(han_numeral(n)) == n for n in range(1, 2000))
    assert str(parse_day("二〇一五年五月十八日")) == "2015-05-18"
    assert str(parse_day("二○二一年十二月三十一日")) == "2021-12-31"
    assert str(parse_day("2021-07-19 11:55")) == "2021-07-19"
    assert parse_day("2021年2月30日") is None
    assert parse_day("2021年2月") is None


def test_paragraphs_on_one_line_are_for_a_person(cleaned: CleanOf) -> None:
    text = "关于信用月的通知\n现通知如下。　　一、时间。9月。　　二、内容。公示。　　三、要求。报送。"
    (document,) = cleaned(text)
    assert [line.notes for line in document.lines if Kind.UNSURE in line.kinds] == [("several paragraphs in one line",)]

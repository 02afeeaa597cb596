"""The outline: numbered parts in the scope of their counters, whatever markup they have."""

import random
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.labels import label_of, number_of
from publish.derive.outline import derive_outline, outline_issues
from publish.derive.sections import derive_sections
from publish.model.document import Document
from publish.model.outline import Form, Part

HAN = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """A Chinese numeral below a hundred."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else ("十" if tens == 1 else HAN[tens] + "十")) + (HAN[ones] if ones else "")


def document(*lines: str) -> Document:
    return Document("d", "示例", "\n\n".join(lines))


def outline(*lines: str) -> tuple[Part, ...]:
    return derive_outline(document(*lines))


def anchors(*lines: str) -> list[str]:
    return [part.anchor for part in outline(*lines)]


def test_items_that_begin_anew_under_each_heading() -> None:
    parts = outline(
        "## 一、总体要求",
        "（一）指导思想",
        "以诚信为本。",
        "（二）原则",
        "1、甲，乙。",
        "2、丙。",
        "二、任务",
        "(一)丁。戊。",
    )
    found = [(part.anchor, part.parent, part.depth, part.form, part.label, part.title) for part in parts]
    assert found == [
        ("part-1", None, 0, Form.HAN, "一、", "总体要求"),
        ("item-1-1", "part-1", 1, Form.HAN_BRACKETS, "（一）", "指导思想"),
        ("item-1-2", "part-1", 1, Form.HAN_BRACKETS, "（二）", "原则"),
        ("item-1-2-1", "item-1-2", 2, Form.DIGITS, "1、", None),
        ("item-1-2-2", "item-1-2", 2, Form.DIGITS, "2、", None),
        ("part-2", None, 0, Form.HAN, "二、", "任务"),
        ("item-2-1", "part-2", 1, Form.HAN_BRACKETS, "(一)", None),
    ]
    assert parts[1].text == "（一）指导思想\n以诚信为本。"


def test_a_counter_that_runs_through_keeps_its_anchors_when_a_chapter_is_put_in() -> None:
    before = ["一、甲", "（一）1号。好。", "（二）2号。好。", "二、乙", "（三）3号。好。"]
    added = [*before[:3], "二、新", "三、乙", *before[4:]]
    texts = {part.text: part.anchor for part in outline(*before)}
    later = {part.text: part.anchor for part in outline(*added)}
    assert [texts[line] for line in (before[1], before[2], before[4])] == ["item-1", "item-2", "item-3"]
    assert later[before[4]] == "item-3"


def test_articles_run_through_chapters() -> None:
    lines = (
        "第一章 总则",
        "第一条 甲。",
        "第二条 乙：",
        "（一）丙；",
        "第二章 分则",
        "第一节 丁",
        "第三条　戊。",
        "第三章 附则",
    )
    assert anchors(*lines) == [
        "chapter-1",
        "art-1",
        "art-2",
        "art-2-1",
        "chapter-2",
        "section-2-1",
        "art-3",
        "chapter-3",
    ]


def test_numbers_that_run_through_items_stand_beside_the_items() -> None:
    lines = ("（一）甲。乙。", "1\\. 丙。", "2\\. 丁。", "（二）戊。己。", "3\\. 庚。", "4\\. 辛。")
    assert anchors(*lines) == ["item-1", "point-1", "point-2", "item-2", "point-3", "point-4"]


def test_items_that_run_through_with_points_that_begin_anew() -> None:
    lines = (
        "一、甲",
        "（一）乙。",
        "1.丙。",
        "2.丁。",
        "二、戊",
        "（二）己。",
        "1.庚。",
        "（三）辛。",
        "1.壬。",
        "2.癸。",
    )
    assert anchors(*lines) == [
        *("part-1", "item-1", "item-1-1", "item-1-2", "part-2", "item-2", "item-2-1", "item-3", "item-3-1", "item-3-2"),
    ]


def test_items_below_points_where_the_document_has_it_so() -> None:
    lines = ("1．甲。", "（一）乙。", "（二）丙。", "2．丁。", "（一）戊。")
    found = [(part.anchor, part.parent) for part in outline(*lines)]
    assert found == [
        ("item-1", None),
        ("item-1-1", "item-1"),
        ("item-1-2", "item-1"),
        ("item-2", None),
        ("item-2-1", "item-2"),
    ]


def test_brackets_and_digits_of_any_width() -> None:
    for line, form in {
        "(一)甲": Form.HAN_BRACKETS,
        "（ 一 ）甲": Form.HAN_BRACKETS,
        "㈠甲": Form.HAN_BRACKETS,
        "１．甲": Form.DIGITS,
        "1、甲": Form.DIGITS,
        "⒈甲": Form.DIGITS,
        "（1）甲": Form.DIGITS_BRACKETS,
        "1)甲": Form.DIGITS_BRACKETS,
        "⑴甲": Form.DIGITS_BRACKETS,
        "①甲": Form.CIRCLED,
        "第１条 甲": Form.ARTICLE,
        "第一條 甲": Form.ARTICLE,
        "第 1 章 甲": Form.CHAPTER,
        "附件1": Form.ANNEX,
    }.items():
        label = label_of(line)
        assert label is not None, line
        assert (label.form, label.number) == (form, 1), line


@pytest.mark.parametrize(
    "line",
    [
        *(
            "2026年5月1日起施行",
            "3.5%的企业",
            "第三条第二款规定",
            "第三条规定的情形",
            "第三条、第四条",
            "一二三四",
            "十分重要",
        ),
        *(
            "第五条和第六条",
            "附件：1. 申请表",
            "一是加强领导",
            "第一批名单",
            "第三条所列的",
            "第三条以外的",
            "第二项规定",
        ),
    ],
)
def test_what_only_looks_like_a_number(line: str) -> None:
    assert label_of(line) is None
    assert anchors(line) == []


def test_several_items_in_the_lines_of_one_paragraph() -> None:
    parts = outline("## 一、甲", "（一）乙；\n（二）丙；<br>（三）丁。")
    assert [(part.anchor, part.text) for part in parts[1:]] == [
        *(("item-1-1", "（一）乙；"), ("item-1-2", "（二）丙；"), ("item-1-3", "（三）丁。")),
    ]


def test_markup_makes_no_difference() -> None:
    plain = anchors("一、甲", "（一）乙。", "1\\. 丙。", "2\\. 丁。")
    assert anchors("## 一、甲", "### （一）乙。", "1. 丙。\n2. 丁。") == plain
    assert anchors("**一、甲**", "- （一）乙。", "1\\. **丙**。", "2\\. 丁。") == plain
    assert outline("一、甲", "1. 丙。\n2. 丁。")[1].text == "1. 丙。"


def test_explicit_ids_win() -> None:
    lines = ("## 一、甲 {#goals}", "### （一）乙 {#item-1-2}", "### （二）丙", "第一条 丁。\n{: #art-9 }")
    parts = outline(*lines)
    assert [part.anchor for part in parts[:2]] == ["goals", "item-1-2"]
    assert parts[2].anchor == "item-1-2b", "the derived one gives way"
    assert parts[3].anchor == "art-9"


def test_ids_of_the_page_itself_are_no_anchors() -> None:
    assert anchors("## 一、甲 {#related}") == ["part-1"]


def test_annexes_count_anew() -> None:
    lines = (
        "一、甲",
        "（一）乙。",
        "附件：1. 表一",
        "2. 表二",
        "附件1",
        "任务分工",
        "一、丙",
        "（一）丁。",
        "附件2",
        "一、戊",
    )
    parts = outline(*lines)
    assert [part.anchor for part in parts] == [
        *("part-1", "item-1-1", "annex-1", "annex-part-1-1", "annex-item-1-1-1", "annex-2", "annex-part-2-1"),
    ]
    assert parts[2].title == "任务分工"


def test_a_table_of_contents_is_none_of_the_text() -> None:
    lines = ("目　录", "第一章 总则", "第二章 附则", "第一章 总则", "第一条 甲。", "第二章 附则", "第二条 乙。")
    assert anchors(*lines) == ["chapter-1", "art-1", "chapter-2", "art-2"]
    assert list(outline_issues(document(*lines))) == []


def test_numbers_in_tables_are_no_parts() -> None:
    assert anchors("一、甲", "| 序号 | 任务 |\n| --- | --- |\n| 1. | （一）乙 |") == ["part-1"]
    assert (
        outline("一、甲", "| 序号 | 任务 |\n| --- | --- |\n| 1. | （一）乙 |")[0].text
        == "一、甲\n序号 任务\n1. （一）乙"
    )


def test_numbers_in_quotations_are_no_parts() -> None:
    assert anchors("一、甲", "> 第三条 乙。", "二、丙") == ["part-1", "part-2"]


def test_wrong_numbers_are_told_and_have_anchors_of_their_own() -> None:
    lines = ("第一条 甲。", "第三条 乙。", "第三条 丙：", "（一）丁。", "第二条 戊。", "第四条 己。", "第四条之一 庚。")
    assert anchors(*lines) == ["art-1", "art-3", "art-3b", "art-3b-1", "art-2", "art-4", "art-4z1"]
    issues = list(outline_issues(document(*lines), "content/policies/d.md"))
    assert [(issue.code, issue.file, issue.hint.partition(";")[0]) for issue in issues] == [
        ("document.numbering", "content/policies/d.md", "#art-3: number 3 where 2 was expected"),
        ("document.numbering", "content/policies/d.md", "#art-3b: number 3 stands twice"),
        ("document.numbering", "content/policies/d.md", "#art-2: number 2 after 3"),
        ("document.numbering", "content/policies/d.md", "#art-4: number 4 where 3 was expected"),
    ]


def test_text_and_search_are_cut_from_the_same_rendering() -> None:
    doc = document("一、甲 <script>一、乙</script>", "（一）丙<!-- 丁 -->。")
    assert [part.text for part in derive_outline(doc)] == ["一、甲", "（一）丙。"]
    assert "乙" not in "".join(section.text for section in derive_sections(doc))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=5),
    st.sampled_from(["restart", "through"]),
    st.sampled_from(["## {}", "{}", "**{}**", "- {}"]),
)
def test_every_form_of_counting_is_told_from_its_numbers(sizes: list[int], counting: str, markup: str) -> None:
    """Documents of both ways to count: anchors are unique, tell the number, and none is called wrong."""
    running = count(1)
    lines, expected = [], []
    for chapter, size in enumerate(sizes, 1):
        lines.append(f"{numeral(chapter)}、标题")
        expected.append(f"part-{chapter}")
        for place in range(1, size + 1):
            number = next(running) if counting == "through" else place
            lines.append(markup.format(f"（{numeral(number)}）内容，内容。"))
            expected.append((chapter, number))  # type: ignore[arg-type]
    crossing = counting == "through" and sum(1 for size in sizes if size) > 1
    wanted = [
        one if isinstance(one, str) else (f"item-{one[1]}" if crossing else f"item-{one[0]}-{one[1]}")
        for one in expected
    ]
    assert anchors(*lines) == wanted
    assert list(outline_issues(document(*lines))) == []


def test_numerals() -> None:
    assert [number_of(text) for text in ("十", "二十六", "一百零五", "３", "一〇", "百")] == [10, 26, 105, 3, 10, 100]


def test_chapters_hold_articles_whatever_stands_between_them() -> None:
    """The last thing before a chapter may be an item, and articles go on after a chapter: that turns nothing round."""
    lines = ("第一章 总则", "第一条 甲。", "第二条 乙：", "（一）丙；", "（二）丁。", "第二章 附则", "第三条 戊。")
    parents = {part.anchor: part.parent for part in outline(*lines)}
    assert parents == {
        "chapter-1": None,
        "art-1": "chapter-1",
        "art-2": "chapter-1",
        "art-2-1": "art-2",
        "art-2-2": "art-2",
        "chapter-2": None,
        "art-3": "chapter-2",
    }


LINES: dict[str, Callable[[int], str]] = {
    "chapter": lambda n: f"第{numeral(n)}章 标题",
    "article": lambda n: f"第{numeral(n)}条 内容，内容",
    "han": lambda n: f"{numeral(n)}、标题",
    "brackets": lambda n: f"（{numeral(n)}）内容，内容：",
    "digits": lambda n: f"{n}\\.内容，内容",
    "digits-brackets": lambda n: f"（{n}）内容，内容",
}
SHAPES = (
    *(("chapter", "article", "brackets"), ("chapter", "article", "brackets", "digits"), ("article", "brackets")),
    *(("han", "brackets", "digits"), ("han", "brackets", "digits", "digits-brackets"), ("han", "brackets")),
    *(("han", "digits"), ("brackets", "digits"), ("digits", "digits-brackets")),
)


def random_document(seed: int) -> tuple[list[str], list[int | None]]:
    """Lines of a document of some shape, its counters each beginning anew or running through; what each stands in."""
    chance = random.Random(seed)
    shape = chance.choice(SHAPES)
    through = {form: form == "article" or (form != "chapter" and chance.random() < 0.4) for form in shape}
    counts = dict.fromkeys(shape, 0)
    lines: list[str] = []
    parents: list[int | None] = []

    def fill(level: int, parent: int | None) -> None:
        form = shape[level]
        for place in range(1, chance.randint(0 if level else 2, 4) + 1):
            counts[form] += 1
            lines.append(LINES[form](counts[form] if through[form] else place))
            parents.append(parent)
            if level + 1 < len(shape) and counts[form] < 90:
                fill(level + 1, len(lines) - 1)

    fill(0, None)
    return lines, parents


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_documents_are_read_as_they_were_made(first: int) -> None:
    for seed in range(first, first + 50):
        lines, parents = random_document(seed)
        parts = outline(*lines)
        names = [part.anchor for part in parts]
        assert len(names) == len(lines) == len(set(names)), seed
        assert [part.parent for part in parts] == [None if at is None else names[at] for at in parents], seed
        assert list(outline_issues(document(*lines))) == [], seed


def test_sections_of_the_search_lead_to_derived_anchors() -> None:
    doc = document("第一章 总则", "第一条 甲。", "第二条 乙：", "（一）丙。", "## 附则 {#end}", "丁。")
    found = [(section.url.partition("#")[2], section.text) for section in derive_sections(doc)]
    assert found[1:] == [
        ("chapter-1", "第一章 总则"),
        ("art-1", "第一条 甲。"),
        ("art-2", "第二条 乙：\n（一）丙。"),
        ("end", "丁。"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "第三条为了规范",
        "第三条中介机构应当",
        "第三条项目单位",
        "第三条目录应当载明",
        "第三条第三方机构",
        "第三条以信用为基础",
        "第三条 第二款",
    ],
)
def test_an_article_without_a_space_behind_its_number(line: str) -> None:
    assert anchors(line) == ["art-3"]


def test_a_list_of_annexes_begins_no_annex() -> None:
    assert anchors("一、甲", "附件：", "1. 表一", "2. 表二") == ["part-1"]
    assert anchors("一、甲", "附件：1. 表一\n2. 表二", "附件 1", "一、乙") == ["part-1", "annex-1", "annex-part-1-1"]

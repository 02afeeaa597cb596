"""Citations in documents: found, linked both ways, missed; the rules that rest on articles."""

from datetime import date

import pytest

from publish.derive.citations import Mention, Reader
from publish.derive.folding import fold_text
from publish.derive.policies import derive_policies, policy_issues
from publish.model.document import Document
from publish.model.issue import Issue, Level
from publish.model.policy import Named, PolicyText
from publish.model.rules import Citation, Rule, RuleBook, RuleProfile
from publish.model.rules import Level as Rank
from publish.model.topics import Deadline

DAY = date(2026, 11, 20)
EMPTY = RuleBook(())
MEASURES = Document(
    "measures",
    "示例市公示办法（试行）",
    """## 第一章 总则

**第一条** 目的。

**第二条** 下列：

（一）甲；

（二）乙。

**第三条** 违反本办法第一条、第二条第二项的，追究责任。
""",
    number="示府发〔2026〕6号",
    file="content/policies/measures.md",
)


def mentions(text: str, *numbers: str) -> list[tuple[str, str, str, str]]:
    """(as it stands, title, number, article) of each citation."""
    found = Reader([fold_text(number) for number in numbers]).mentions(text)
    return [(text[one.begin : one.end], one.title, one.number, one.article) for one in found]


def derived(*documents: Document, book: RuleBook = EMPTY) -> dict[str, PolicyText]:
    return dict(derive_policies(documents, book, DAY))


def html(text: PolicyText) -> str:
    return "".join(piece.html for piece in text.pieces)


def book(article: str, title: str = MEASURES.title, number: str = "示府发〔2026〕6号") -> RuleBook:
    rule = Rule("town.deadline", "七日内公示", Citation(title, number, article), Deadline(7), line=9)
    return RuleBook((RuleProfile("town", "示例市规定", Rank.MUNICIPAL, (rule,), file="content/rules/town.yaml"),))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "根据《公示办法》（甲政发〔2024〕3号）制定",
            [("《公示办法》（甲政发〔2024〕3号）", "公示办法", "甲政发〔2024〕3号", "")],
        ),
        (
            "按照《公示办法》(甲政发[2024]3号)精神",
            [("《公示办法》(甲政发[2024]3号)", "公示办法", "甲政发[2024]3号", "")],
        ),
        ("按照甲政发〔2024〕3号的要求", [("甲政发〔2024〕3号", "", "甲政发〔2024〕3号", "")]),
        ("国家发展改革委令第58号公布", [("国家发展改革委令第58号", "", "国家发展改革委令第58号", "")]),
        (
            "贯彻落实《关于印发〈公示办法〉的通知》",
            [("《关于印发〈公示办法〉的通知》", "关于印发〈公示办法〉的通知", "", "")],
        ),
        ("《关于《公示办法》的说明》", [("《关于《公示办法》的说明》", "关于《公示办法》的说明", "", "")]),
        ("没有结尾的《书名", []),
        (
            "《处罚法》第十条、第十二条第二款和第三十条第（一）项",
            [
                ("《处罚法》", "处罚法", "", ""),
                ("第十条", "处罚法", "", "第十条"),
                ("第十二条第二款", "处罚法", "", "第十二条第二款"),
                ("第三十条第（一）项", "处罚法", "", "第三十条第（一）项"),
            ],
        ),
        ("违反本办法第三条的", [("第三条", "", "", "第三条")]),
        ("依照第三条处理", []),
    ],
)
def test_what_is_a_citation(text: str, found: list[tuple[str, str, str, str]]) -> None:
    assert mentions(text) == found


def test_a_number_in_running_text_begins_where_a_known_one_does() -> None:
    text = "市政府转发示府发〔2026〕6号后"
    assert mentions(text, "示府发〔2026〕6号")[0][0] == "示府发〔2026〕6号"
    assert mentions("各单位按照豫政[2014]31号办理")[0][0] == "豫政[2014]31号"


def test_an_alias_stands_for_what_it_was_said_of() -> None:
    reader = Reader([])
    reader.mentions("为了落实《示例市公示办法（试行）》（示府发〔2026〕6号，以下简称《办法》），")
    assert reader.mentions("按照《办法》第二条办理，《办法》另有规定的除外。") == [
        Mention(6, 9, "示例市公示办法（试行）", "示府发〔2026〕6号", "第二条")
    ]
    apart = Reader([])
    apart.mentions("《示例市公示办法（试行）》（示府发〔2026〕6号）（以下简称《办法》）")
    assert [one.number for one in apart.mentions("《办法》第一条")] == ["示府发〔2026〕6号"]


def test_citations_lead_to_the_article_and_back() -> None:
    body = "一、依据\n\n（一）按照《示例市公示办法（试行）》（示府发〔2026〕6号）第二条和示府发[2026]6号第三条办理。"
    notice = Document("notice", "通知", body)
    texts = derived(MEASURES, notice)
    page = html(texts["notice"])
    assert '<a href="/policies/measures.html">《示例市公示办法（试行）》（示府发〔2026〕6号）</a>' in page
    assert '<a href="/policies/measures.html#art-2">第二条</a>' in page
    assert '<a href="/policies/measures.html#art-3">第三条</a>' in page
    backs = [(one.slug, one.anchor, one.label, one.article, one.cited_anchor) for one in texts["measures"].cited_by]
    assert backs == [
        ("notice", "item-1-1", "一（一）", "", None),
        ("notice", "item-1-1", "一（一）", "第二条", "art-2"),
        ("notice", "item-1-1", "一（一）", "第三条", "art-3"),
    ]
    assert texts["notice"].missing == ()
    assert texts["notice"].cited_by == ()


def test_a_document_leads_to_its_own_articles() -> None:
    page = html(derived(MEASURES)["measures"])
    assert '违反本办法<a href="#art-1">第一条</a>、<a href="#art-2-2">第二条第二项</a>的' in page
    assert derived(MEASURES)["measures"].cited_by == ()


def test_an_article_that_is_not_there_leads_to_the_document() -> None:
    notice = Document("notice", "通知", "按照《示例市公示办法（试行）》第九条办理。")
    assert '<a href="/policies/measures.html">第九条</a>' in html(derived(MEASURES, notice)["notice"])


def test_links_of_the_text_are_not_linked_again_and_count() -> None:
    body = "见[《示例市公示办法（试行）》](/policies/measures.html)（示府发〔2026〕6号）。"
    texts = derived(MEASURES, Document("notice", "通知", body))
    assert html(texts["notice"]).count("<a ") == 1
    assert [one.slug for one in texts["measures"].cited_by] == ["notice"]


def test_citations_across_markup_and_with_entities() -> None:
    body = "按照《示例市**公示办法**（试行）》办理；《甲 & 乙规定》与《示例市公示办法（试行）》&amp;其他。"
    page = html(derived(MEASURES, Document("notice", "通知", body))["notice"])
    assert page.count("<a ") == 1, "a link across markup could not be closed rightly"
    assert '<a href="/policies/measures.html">《示例市公示办法（试行）》</a>&amp;其他' in page


def test_what_is_cited_and_not_published_here() -> None:
    body = (
        "根据《中华人民共和国行政处罚法》《规划（2020年）》和《甲办法》（甲政发〔2024〕3号），填写《申请表》。"
        "《甲办法》、《规划（2020年）》（乙发〔2020〕1号）。"
    )
    assert derived(Document("n", "通知", body))["n"].missing == (
        Named("中华人民共和国行政处罚法", None),
        Named("规划（2020年）", "乙发〔2020〕1号"),
        Named("甲办法", "甲政发〔2024〕3号"),
    )


def test_a_notice_that_issues_what_is_published_here() -> None:
    notice = Document("notice", "通知", "《关于印发〈示例市公示办法（试行）〉的通知》已经印发。")
    assert 'href="/policies/measures.html"' in html(derived(MEASURES, notice)["notice"])


def test_every_part_has_its_id_once() -> None:
    body = "## 一、甲 {#goals}\n\n（一）乙；\n（二）丙；\n\n- （三）丁\n- （四）戊\n\n## 二、己\n\n1. 庚\n2. 辛"
    text = derived(Document("d", "文", body))["d"]
    page = html(text)
    for part in text.parts:
        assert page.count(f'id="{part.anchor}"') == 1, part.anchor
    assert [part.anchor for part in text.parts][:3] == ["goals", "item-1-1", "item-1-2"]
    assert '<p id="item-1-2">（二）丙；</p>' in page


def test_pieces_are_whole_elements() -> None:
    for piece in derived(MEASURES)["measures"].pieces:
        assert piece.html.count("<p") == piece.html.count("</p>")
        assert piece.anchor is None or f'id="{piece.anchor}"' in piece.html


def test_articles_show_the_rules_that_rest_on_them() -> None:
    resting = derived(MEASURES, book=book("第二条"))["measures"].resting
    assert {anchor: [rule.rule_id for rule in rules] for anchor, rules in resting.items()} == {
        "art-2": ["town.deadline"]
    }
    assert list(derived(MEASURES, book=book(""))["measures"].resting) == [""]


@pytest.mark.parametrize(
    "article", ["第二条", "第二条第二项", "第三条第二款", "第一章", "", "附件", "第二条第一款第五项"]
)
def test_rules_that_cite_what_is_there(article: str) -> None:
    assert list(policy_issues([MEASURES], book(article))) == []


@pytest.mark.parametrize("article", ["第九条", "第二条第三项", "一（二）", "第二章"])
def test_a_rule_whose_article_is_gone_stops_the_build(article: str) -> None:
    (issue,) = policy_issues([MEASURES], book(article))
    assert (issue.code, issue.level, issue.file, issue.line) == (
        *("rules.lost-article", Level.ERROR, "content/rules/town.yaml", 9),
    )
    assert "town.deadline" in issue.hint
    assert "content/policies/measures.md" in issue.hint


def test_a_document_that_is_not_here_is_only_cited() -> None:
    assert list(policy_issues([MEASURES], book("第九条", "别的办法", "别发〔2026〕1号"))) == []


def test_numbers_that_go_wrong_are_told_with_their_file() -> None:
    document = Document("d", "文", "第一条 甲。\n\n第三条 乙。", file="content/policies/d.md")
    (issue,) = policy_issues([document], EMPTY)
    assert isinstance(issue, Issue)
    assert (issue.code, issue.level, issue.file) == ("document.numbering", Level.WARNING, "content/policies/d.md")

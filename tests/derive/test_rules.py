"""The rules of a site: their state on the day, their kinds, what replaces them, and where their articles stand."""

from datetime import date
from pathlib import Path

import pytest

from publish.derive.rules import derive_rules
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.rules import load_rule_book
from publish.model.document import Document
from publish.model.rules import Citation, Level, Rule, RuleBook, RuleProfile
from publish.model.site import RuleState
from publish.model.terms import Kind
from publish.model.topics import Deadline, PriorNotice

ROOT = Path(__file__).resolve().parents[2]
APRIL = date(2026, 4, 1)
BODY = """前言
{: #preface }

## 第一章 总则 {#chapter-1}

**第一条** 目的。
{: #a1 }

**第二条** 下列：
{: #a2 }

（一）甲；
{: #a2-1 }

（二）乙。

**第 12 条** 其他。
{: #a12 }

（一）丙；
{: #a12-1 }

**第十三条** 没有自己的地址。

### 第十四条 标题

**第十五条** 保留。
{: #related }

**第十六条** 甲。
{: #a16 }

**第十六条** 又一个第十六条。
{: #a16b }

## 一、目标 {#p1}

### （二）丁 {#p1-2}

## 三、措施 {#p3}

### （一）戊 {#p3-1}

1\\. 第一点。
{: #p3-1-1 }

### （二）己 {#p3-2}

2026年底前完成。
{: #p3-y }
"""
DOCUMENT = Document("measures", "示例办法(试行)", BODY, number="示府发〔2026〕6号")
URL = "/policies/measures.html"


def rule(name: str = "r", citation: Citation | None = None, **changes: object) -> Rule[Deadline]:
    return Rule(id=name, title=name, citation=citation or Citation("示例办法"), parameters=Deadline(7), **changes)  # type: ignore[arg-type]


def book(*rules: Rule[Deadline]) -> RuleBook:
    return RuleBook((RuleProfile("town", "示例市规定", Level.MUNICIPAL, rules),))


def address(citation: Citation, *documents: Document, others: tuple[Citation, ...] = ()) -> str | None:
    """Where a citation leads, in a book that has `others` too."""
    rules = [rule("r", citation), *(rule(f"o{n}", other) for n, other in enumerate(others))]
    return derive_rules(book(*rules), {Kind.PENALTY}, APRIL, documents or (DOCUMENT,))[0].basis_url


@pytest.mark.parametrize(
    ("start", "end", "state"),
    [
        (None, None, RuleState.IN_FORCE),
        (APRIL, APRIL, RuleState.IN_FORCE),
        (date(2026, 4, 2), None, RuleState.COMING),
        (None, date(2026, 3, 31), RuleState.ENDED),
        (date(2020, 1, 1), date(2021, 1, 1), RuleState.ENDED),
    ],
)
def test_states(start: date | None, end: date | None, state: RuleState) -> None:
    (entry,) = derive_rules(book(rule(start=start, end=end)), {Kind.PENALTY}, APRIL, ())
    assert (entry.state, entry.profile, entry.level) == (state, "示例市规定", Level.MUNICIPAL)


def test_only_rules_about_the_kinds_of_the_site() -> None:
    rules = book(
        rule("all"),
        rule("licences", kinds=frozenset({Kind.LICENCE})),
        rule("both", kinds=frozenset({Kind.LICENCE, Kind.PENALTY})),
    )
    found = derive_rules(rules, {Kind.PENALTY, Kind.REDLIST}, APRIL, ())
    assert [(e.rule.id, e.kinds, e.every_kind) for e in found] == [
        ("all", (Kind.PENALTY, Kind.REDLIST), True),
        ("both", (Kind.PENALTY,), False),
    ]
    assert derive_rules(rules, set(), APRIL, ()) == ()


def test_a_replaced_rule_says_by_which() -> None:
    new = rule("new", overrides="old")
    old, successor = derive_rules(book(rule("old"), new), {Kind.PENALTY}, APRIL, ())
    assert (old.state, old.replaced_by, old.kinds) == (RuleState.REPLACED, (new,), (Kind.PENALTY,))
    assert (successor.state, successor.replaced_by) == (RuleState.IN_FORCE, ())


def test_a_rule_that_is_replaced_for_some_kinds_holds_for_the_others() -> None:
    new = rule("new", overrides="old", kinds=frozenset({Kind.LICENCE}))
    old, _ = derive_rules(book(rule("old"), new), {Kind.PENALTY, Kind.LICENCE}, APRIL, ())
    assert (old.state, old.replaced_by) == (RuleState.IN_FORCE, (new,))
    assert (old.kinds, old.every_kind) == ((Kind.PENALTY,), False)


def test_nothing_is_replaced_by_what_is_not_in_force_or_about_another_kind() -> None:
    coming = rule("coming", overrides="old", start=date(2027, 1, 1))
    elsewhere = rule("elsewhere", overrides="old", kinds=frozenset({Kind.REDLIST}))
    found = derive_rules(book(rule("old"), coming, elsewhere), {Kind.PENALTY}, APRIL, ())
    assert [(e.rule.id, e.state, e.replaced_by) for e in found] == [
        ("old", RuleState.IN_FORCE, ()),
        ("coming", RuleState.COMING, ()),
    ]


def test_the_page_and_the_decisions_agree() -> None:
    """What the page calls in force is what RuleBook.in_force yields, for every kind and day of the demo's book."""
    rules = load_rule_book(ROOT, load_config(ROOT).rule_profiles)
    for day in (date(2022, 1, 1), date(2026, 3, 31), APRIL, date(2026, 11, 20)):
        found = derive_rules(rules, set(Kind), day, ())
        for topic in (Deadline, PriorNotice):
            for kind in Kind:
                shown = {
                    e.rule.id
                    for e in found
                    if e.state is RuleState.IN_FORCE and kind in e.kinds and isinstance(e.rule.parameters, topic)
                }
                assert shown == {r.id for r in rules.in_force(topic, kind, day)}, (day, kind)


@pytest.mark.parametrize(
    ("article", "anchor"),
    [
        ("第二条", "#a2"),
        ("第2条", "#a2"),
        ("第二条第一项", "#a2-1"),
        ("第二条第（一）项", "#a2-1"),
        ("第二条第二项", "#art-2-2"),  # its id is derived
        ("第二条第一款第二项", "#a2"),  # paragraphs bear no numbers
        ("第十二条", "#a12"),
        ("第十二条（一）", "#a12-1"),
        ("第十二条第二项", "#a12"),  # there is none
        ("第一章", "#chapter-1"),
        ("一", "#p1"),
        ("三、（二）", "#p3-2"),
        ("三（二）", "#p3-2"),
        ("三(一)1", "#p3-1-1"),
        ("三（一）2", "#p3-1"),
        ("一（一）", "#p1"),
        ("", ""),
        ("第九十九条", ""),
        ("第十三条", "#art-13"),
        ("第十四条", "#art-14"),
        ("第十五条", "#art-15"),  # its own id is one of the page's, and is taken from the document
        ("第十六条", ""),  # there are two
        ("（二）", ""),  # of which one?
        ("二〇二六", ""),
        ("附件", ""),
    ],
)
def test_articles(article: str, anchor: str) -> None:
    assert address(Citation("示例办法(试行)", "示府发〔2026〕6号", article)) == URL + anchor


@pytest.mark.parametrize(
    "number",
    [
        "示府发〔2026〕6号",
        "示府发［2026］6号",
        "示府发[2026]6号",
        "示府发(2026)6号",
        "示府发（2026） 6 号",
        "示府发【２０２６】6号",
    ],
)
def test_numbers_are_compared_without_their_brackets(number: str) -> None:
    assert address(Citation("示例办法(试行)", number)) == URL
    assert address(Citation("别的标题", number)) == URL, "the number alone is enough, if it names one document"


def test_orders_by_their_number() -> None:
    order = Document("order", "信用修复管理办法", "", number="国家发展改革委令 2025年第36号")
    assert address(Citation("信用修复管理办法", "国家发展改革委令2025年第36号"), order) == "/policies/order.html"
    assert address(Citation("信用修复管理办法", "国家发展改革委令第58号"), order) is None


def test_titles_where_there_is_no_number() -> None:
    plain = Document("plain", "示例通知（试行）", "")
    assert address(Citation("示例通知(试行)"), plain) == "/policies/plain.html"
    assert address(Citation("示例通知(试行)", "示办〔2026〕1号"), plain) == "/policies/plain.html"
    assert address(Citation("示例通知"), plain) is None
    assert address(Citation("示例办法(试行)", "示府发〔2025〕1号")) is None, "another number: another document"
    assert address(Citation("示例通知(试行)"), plain, Document("copy", "示例通知(试行)", "")) is None, "which of them?"


def test_two_documents_of_one_number() -> None:
    """A measure and the opinions that were issued with it: the wrong one would be worse than none."""
    opinions = Citation("示例意见", "示府发〔2026〕6号", "第二条")
    measures = Citation("示例办法(试行)", "示府发〔2026〕6号", "第二条")
    assert address(opinions, others=(measures,)) is None
    assert address(measures, others=(opinions,)) == f"{URL}#a2"
    copy = Document("notice", "关于印发《示例意见》的通知", BODY, number="示府发〔2026〕6号")
    assert address(opinions, DOCUMENT, copy, others=(measures,)) == "/policies/notice.html#a2"


def test_the_demo_links_every_rule_of_its_own_to_an_article() -> None:
    config = load_config(ROOT)
    documents, _, _ = load_documents(ROOT, config)
    found = derive_rules(load_rule_book(ROOT, config.rule_profiles), set(Kind), date(2026, 11, 20), documents)
    own = {e.rule.id: e.basis_url for e in found if e.profile == "汀澜市规定"}
    assert len(own) > 8
    assert [name for name, url in own.items() if url is None or "#" not in url] == []
    assert own["tinglan.statistics"] == "/policies/objection-and-repair-notice.html#part-3-2"

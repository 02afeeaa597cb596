"""The rules page: groups, states, links, and a sentence for everything that a rule can set."""

import dataclasses
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from publish import urls
from publish.derive.rules import derive_rules
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.rules import load_rule_book
from publish.model import topics
from publish.model.config import SiteConfig
from publish.model.rules import Citation, Level, Rule, RuleBook, RuleProfile
from publish.model.site import Site
from publish.model.terms import Area, ExitReason, Kind, Outcome, Pattern, PenaltyType, Procedure, Severity, SubjectKind
from publish.model.topics import Parameters
from publish.render.rules_page import render_rules, statements
from publish.render.stage import make_desk
from publish.render.views import Desk
from tests.render.htmlcheck import Page, faults

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 11, 20)
S = Severity


@cache
def desk(language: str = "zh-Hans") -> Desk:
    config = SiteConfig("示例信用", "办公室", "https://a.example", language, "Asia/Shanghai", ())
    return make_desk(config, AS_OF, [ROOT / "site_templates"])


def page_of(entries: Any, language: str = "zh-Hans") -> Page:
    site = Site((), pl.DataFrame(), (), {}, entries)
    html = render_rules(desk(language), site).decode()
    assert faults(html) == []
    return Page(html)


SAID: list[tuple[Parameters, list[str]]] = [
    (
        topics.Validity(
            periods={S.SERIOUS: 36, S.MINOR: 3, S.GENERAL: 12},
            minimums={S.GENERAL: 3},
            areas=frozenset({Area.FIRE, Area.FOOD}),
            area_minimum=12,
            holiday_roll=True,
        ),
        [
            "最长公示期：轻微 3 个月、一般 12 个月、严重 36 个月。",
            "最短公示期：一般 3 个月。",
            "涉及食品、消防的，最短公示 12 个月。",
            "无法确定公示截止日期的，不予公示。",
            "公示期最后一日不是工作日的，顺延至下一个工作日。",
        ],
    ),
    (topics.Validity(topics.End.OPEN_ENDED), ["注明长期有效的，可以没有公示截止日期。"]),
    (topics.Validity(topics.End.WHILE_LISTED), ["在信息来源保留期间公示。"]),
    (
        topics.Withhold(
            frozenset({S.MINOR, S.GENERAL}), frozenset({Procedure.SUMMARY}), frozenset({SubjectKind.NATURAL_PERSON})
        ),
        [
            "失信程度为轻微、一般的，不予公示。",
            "适用简易程序的，不予公示。",
            "主体为自然人的，不予公示。",
            "主体类别不明的，按自然人处理。",
        ],
    ),
    (topics.Withhold(subject_kind=frozenset({SubjectKind.SOLE_TRADER})), ["主体为个体工商户的，不予公示。"]),
    (topics.Require(("severity", "decision_date")), ["缺少下列任何一项的，不予公示：失信程度、认定日期。"]),
    (
        topics.Grading({PenaltyType.CLOSED: S.SERIOUS, PenaltyType.WARNING: S.MINOR, PenaltyType.CRITICISM: S.MINOR}),
        [
            "轻微：警告、通报批评。",
            "严重：责令关闭。",
            "一项决定有多个处罚种类的，按最重的确定；种类不明的，不据此划分。",
        ],
    ),
    (topics.Adult(18), ["决定作出之日未满 18 周岁的自然人，不予公示。"]),
    (
        topics.Catalogue(("description", "authority_level")),
        ["数据集未载明下列任何一项的，不予公示：内容、认定机关层级。"],
    ),
    (topics.PriorNotice(), ["没有事先告知登记的，不予公示。"]),
    (topics.CrossCheck(frozenset({Kind.BLACKLIST})), ["主体同时列入严重失信主体名单的，不予公示。"]),
    (
        topics.Objection(topics.UnderObjection.PUBLIC, False, 10, 5, 3),
        [
            "异议处理期间，信息加注标识，继续公示。",
            "异议处理期间，不停止相关措施。",
            "自受理异议之日起 10 个工作日内答复。",
            "提供单位 5 个工作日内核查反馈。",
            "信息有误的，3 个工作日内更正。",
        ],
    ),
    (
        topics.Objection(topics.UnderObjection.SUSPENDED, True),
        ["异议处理期间，信息暂停公示。", "异议处理期间，暂停相关措施。"],
    ),
    (topics.Repair(5), ["准予信用修复的，公示 5 个工作日后停止公示原信息。"]),
    (topics.Repair(), ["准予信用修复的，停止公示。"]),
    (
        topics.ExitNotice(topics.NamedSubjects.ORGANISATIONS, 30, True, frozenset({ExitReason.WRONGLY_LISTED})),
        [
            "限于因下列原因停止公示的：错误列入，已更正。",
            "退出公告可以载明法人和其他组织的名称，不载明自然人姓名。",
            "退出公告最长登载 30 日。",
            "退出公告不供搜索引擎收录。",
        ],
    ),
    (
        topics.ExitNotice(topics.NamedSubjects.ALL, noindex=False),
        ["退出公告载明主体名称，自然人姓名脱敏。", "退出公告可以供搜索引擎收录。"],
    ),
    (topics.ExitNotice(topics.NamedSubjects.NOBODY), ["退出公告不载明主体名称。"]),
    (topics.Deadline(7), ["自作出决定之日起 7 个工作日内公示。"]),
    (
        topics.Deadline(7, frozenset({SubjectKind.SOLE_TRADER, SubjectKind.ORGANISATION})),
        ["自作出决定之日起 7 个工作日内公示。", "限于下列主体：法人和非法人组织、个体工商户。"],
    ),
    (
        topics.FreeText(frozenset({Pattern.MOBILE, Pattern.RESIDENT_ID}), Outcome.MASKED),
        ["文本中的下列内容脱敏后公示：身份证号、手机号。"],
    ),
    (
        topics.FreeText(frozenset({Pattern.ADDRESS}), Outcome.WITHHELD),
        ["文本含有下列内容的信息，不予公示：自然人住址。"],
    ),
    (topics.Statistics(True), ["在统计页公布办理时限情况。"]),
    (topics.Statistics(False), ["不在统计页公布办理时限情况。"]),
    (topics.Safeguard(topics.SafeguardTopic.PERSON_NAME), []),
]


@pytest.mark.parametrize(("parameters", "said"), SAID)
def test_what_a_rule_sets(parameters: Parameters, said: list[str]) -> None:
    assert list(statements(desk(), parameters)) == said
    assert len(list(statements(desk("en"), parameters))) == len(said)


def test_every_topic_is_spoken_of() -> None:
    assert {type(parameters) for parameters, _ in SAID} == set(topics.Parameters.__args__)


def test_every_parameter_changes_what_is_said() -> None:
    """A parameter that the page passes over would be a rule that nobody can read."""
    silent = []
    for parameters, _ in SAID:
        for field in dataclasses.fields(parameters):
            for other in (each for each, _ in SAID if type(each) is type(parameters)):
                changed = dataclasses.replace(parameters, **{field.name: getattr(other, field.name)})
                if changed != parameters and list(statements(desk(), changed)) == list(statements(desk(), parameters)):
                    silent.append((type(parameters).__name__, field.name))
    assert set(silent) <= {("Safeguard", "topic"), ("Validity", "areas"), ("Validity", "area_minimum")}


def rule(name: str, **changes: Any) -> Rule[Any]:
    base: dict[str, Any] = {
        "id": name,
        "title": f"{name}的标题",
        "citation": Citation("示例办法", "示府发〔2026〕6号", "第一条"),
        "parameters": topics.Deadline(7),
    }
    return Rule(**(base | changes))


def entries_of(*rules: Rule[Any], level: Level = Level.MUNICIPAL) -> Any:
    book = RuleBook((RuleProfile("town", "示例市规定", level, rules),))
    return derive_rules(book, {Kind.PENALTY, Kind.LICENCE}, AS_OF, ())


def text_of(page: Page, name: str) -> str:
    (item,) = (e for e in page.all("li") if e.attributes.get("id") == name)
    return item.text


def test_the_groups_of_the_page() -> None:
    page = page_of(entries_of(rule("one", kinds=frozenset({Kind.LICENCE})), rule("two", start=date(2026, 4, 1))))
    assert [e.text for e in page.all("h2")] == ["示例市规定 市级"]
    assert [e.text.strip() for e in page.all("h3")] == ["one的标题", "two的标题"]
    assert "适用：行政许可" in text_of(page, "one")
    assert "施行" not in text_of(page, "one")
    assert "适用：全部类别" in text_of(page, "two")
    assert "自 2026-04-01 起施行" in text_of(page, "two")
    assert "依据：《示例办法》（示府发〔2026〕6号）第一条" in text_of(page, "two")
    assert "截至2026-11-20" in page.all("main")[0].text


def test_rules_of_other_days_and_replaced_ones_stand_apart() -> None:
    page = page_of(
        entries_of(
            rule("now"),
            rule("new", overrides="old"),
            rule("old"),
            rule("coming", start=date(2027, 1, 1)),
            rule("ended", start=date(2023, 5, 1), end=date(2026, 3, 31)),
        )
    )
    assert [e.text for e in page.all("h2")] == ["示例市规定 市级", "尚未施行、已失效和被替代的规则"]
    order = [e.attributes["id"] for e in page.all("li") if e.attributes.get("class") == "row rule"]
    assert order == ["now", "new", "old", "coming", "ended"]
    for name, state in (("coming", "尚未施行"), ("ended", "已失效"), ("old", "已被替代")):
        assert state in text_of(page, name)
        assert "示例市规定" in text_of(page, name)
    assert "2023-05-01 至 2026-03-31 施行" in text_of(page, "ended")
    assert "由以下规则替代：new的标题" in text_of(page, "old")
    assert f"{urls.RULES}#new" in {e.attributes["href"] for e in page.all("a")}
    assert "替代" not in text_of(page, "now")


def test_partly_replaced() -> None:
    page = page_of(entries_of(rule("old"), rule("new", overrides="old", kinds=frozenset({Kind.LICENCE}))))
    assert "对其他类别由以下规则替代：new的标题" in text_of(page, "old")
    assert "适用：行政处罚" in text_of(page, "old")


def test_the_protections_say_once_that_they_are_some() -> None:
    guard = topics.Safeguard(topics.SafeguardTopic.EXIT)
    page = page_of(entries_of(rule("a", parameters=guard), rule("b", parameters=guard), level=Level.BASELINE))
    assert page.all("main")[0].text.count("基本保护，其他规定不得减损") == 1


def test_what_the_title_says_is_not_said_again() -> None:
    page = page_of(entries_of(rule("a", title="准予信用修复的，停止公示", parameters=topics.Repair())))
    assert text_of(page, "a").count("准予信用修复的，停止公示") == 1


def test_no_rules() -> None:
    page = page_of(())
    assert page.all("h2") == []
    assert "不列规则" in page.all("main")[0].text


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_demo(language: str) -> None:
    """Every profile of the demo has its group, and each article that is published here is linked."""
    config = load_config(ROOT)
    documents, _, _ = load_documents(ROOT, config)
    book = load_rule_book(ROOT, config.rule_profiles)
    page = page_of(derive_rules(book, set(Kind), AS_OF, documents), language)
    ids = [e.attributes["id"] for e in page.all("li") if "rule" in e.attributes.get("class", "").split()]
    assert sorted(ids) == sorted(rule.id for rule in book.rules())
    hrefs = {e.attributes["href"] for e in page.all("a")}
    assert "/policies/disclosure-measures.html#art-20" in hrefs
    for profile in book.profiles:
        assert profile.title in page.all("main")[0].text

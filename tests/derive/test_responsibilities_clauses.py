"""Responsibility clauses in a text: patterns that are clauses, brackets that are none, and generated ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.duties.clauses import derive_clauses
from publish.derive.duties.words import first_leads
from publish.model.responsibility import Clause, Share

L, C, J, S = Share.LEAD, Share.CO_LEAD, Share.JOINT, Share.SUPPORT
Told = list[tuple[str, Share]]


def told(text: str) -> list[Told]:
    return [[(one.name, one.share) for one in clause.named] for clause in derive_clauses(text)]


# What stands behind "完善制度。", and who has which share by it.
ONE_CLAUSE: list[tuple[str, Told]] = [
    ("(市发展改革委牵头,市财政局、市教育局配合)", [("市发展改革委", L), ("市财政局", S), ("市教育局", S)]),
    ("（市发展改革委牵头，市财政局、市教育局配合）", [("市发展改革委", L), ("市财政局", S), ("市教育局", S)]),
    ("（市发展改革委牵头,市财政局参加)", [("市发展改革委", L), ("市财政局", S)]),
    ("【市发展改革委牵头；市财政局协助】", [("市发展改革委", L), ("市财政局", S)]),
    ("[责任单位：市发展改革委；完成时限：2026年12月底]", [("市发展改革委", L)]),
    ("(市发展改革委牵头负责,市财政局等单位参加)。", [("市发展改革委", L), ("市财政局", S)]),
    ("(市发展改革委、市财政局牵头)", [("市发展改革委", C), ("市财政局", C)]),
    ("(市发展改革委、市财政局按照职责分工分别牵头负责)", [("市发展改革委", C), ("市财政局", C)]),
    ("(市发展改革委负责)", [("市发展改革委", L)]),
    ("(市公安局负责,市司法局配合)", [("市公安局", L), ("市司法局", S)]),
    ("(市公安局、市司法局负责)", [("市公安局", J), ("市司法局", J)]),
    ("(市公安局、市司法局按职责分工)", [("市公安局", J), ("市司法局", J)]),
    ("(市公安局、市司法局按照职责分工分别负责)", [("市公安局", J), ("市司法局", J)]),
    ("(市财政局牵头,市公安局、市司法局按职责分工负责)", [("市财政局", L), ("市公安局", J), ("市司法局", J)]),
    ("(市财政局牵头,市公安局、市司法局)", [("市财政局", L), ("市公安局", S), ("市司法局", S)]),
    ("(市财政局牵头、市公安局配合)", [("市财政局", L), ("市公安局", S)]),
    ("(市财政局牵头市公安局配合)", [("市财政局", L), ("市公安局", S)]),
    ("(市财政局,市公安局,市司法局负责)", [("市财政局", J), ("市公安局", J), ("市司法局", J)]),
    ("(市财政局会同市公安局、市司法局负责)", [("市财政局", L), ("市公安局", S), ("市司法局", S)]),
    ("(市财政局牵头,会同有关部门组织实施)", [("市财政局", L), ("有关部门", S)]),
    ("(市教育局(牵头)、市财政局(配合))", [("市教育局", L), ("市财政局", S)]),
    ("(市教育局指导,各区县人民政府组织实施)", [("市教育局", S), ("各区县人民政府", J)]),
    ("(由市财政局牵头,长期坚持)", [("市财政局", L)]),
    ("(此项工作由市财政局牵头)", [("市财政局", L)]),
    ("(2026年底前完成,市财政局负责)", [("市财政局", L)]),
    ("(市财政局负责资金保障,市教育局负责组织实施)", [("市财政局", J), ("市教育局", J)]),
    ("(责任单位:市发展改革委、市财政局)", [("市发展改革委", J), ("市财政局", J)]),
    ("(牵头单位:市发展改革委;配合单位:市财政局、市教育局)", [("市发展改革委", L), ("市财政局", S), ("市教育局", S)]),
    ("牵头单位：市发展改革委\n配合单位：市财政局", [("市发展改革委", L), ("市财政局", S)]),
    ("责任单位：市发展改革委牵头，市财政局配合。", [("市发展改革委", L), ("市财政局", S)]),
    ("牵头单位：市财政局。配合单位：市司法局。另行通知。", [("市财政局", L), ("市司法局", S)]),
    ("牵头部门/单位：市财政局", [("市财政局", L)]),
    ("(牵头单位为市财政局,配合单位为市司法局)", [("市财政局", L), ("市司法局", S)]),
    ("(分工:市财政局牵头)", [("市财政局", L)]),
    ("(市发展改革委、\n市财政局\n负责)", [("市发展改革委", J), ("市财政局", J)]),
    ("(市财政局、市教育局)", [("市财政局", J), ("市教育局", J)]),
    ("(市财政局)", [("市财政局", L)]),
    ("(市财政局负责", [("市财政局", L)]),
    ("(各司局分别负责,年内持续推进)", [("各司局", J)]),
    (
        "〔省财政厅、人行示例分行牵头,相关部门(单位)配合〕",
        [("省财政厅", C), ("人行示例分行", C), ("相关部门（单位）", S)],
    ),
    (
        "(省科技厅、省财政厅负责,各地级以上市人民政府结合实际落实)",
        [("省科技厅", J), ("省财政厅", J), ("各地级以上市人民政府", J)],
    ),
    (
        "(牵头单位:州司法局;责任单位:州委编办及州直相关单位,6月底完成)",
        [("州司法局", L), ("州委编办", J), ("州直相关单位", J)],
    ),
    ("(牵头部门：市商务局 配合部门：市财政局 市税务局)", [("市商务局", L), ("市财政局", S), ("市税务局", S)]),
    ("(市商务局*、市税务局)", [("市商务局", J), ("市税务局", J)]),
    ("(市商务局、市税务局,各镇街)", [("市商务局", J), ("市税务局", J), ("各镇街", J)]),
    ("(市信用办负责,市各相关部门和单位按照各自职责做好相关工作)", [("市信用办", L), ("市各相关部门和单位", J)]),
    ("(省级有关部门、单位负责)", [("省级有关部门、单位", J)]),
    ("(市工商联(总商会)、市档案局(馆)、村(居)委会负责)", [("市工商联", J), ("市档案局", J), ("村（居）委会", J)]),
    # Names: what is one, and what is two.
    ("(市工业和信息化委、市规划和自然资源局负责)", [("市工业和信息化委", J), ("市规划和自然资源局", J)]),
    ("(市编办、市审批办等部门和各区县人民政府负责)", [("市编办", J), ("市审批办", J), ("各区县人民政府", J)]),
    ("(市住房和城乡建设局与各区人民政府共同负责)", [("市住房和城乡建设局", J), ("各区人民政府", J)]),
    ("(市财政局、天津市和平区人民政府负责)", [("市财政局", J), ("天津市和平区人民政府", J)]),
    ("(市自由贸易试验区管委会负责)", [("市自由贸易试验区管委会", L)]),
    ("(各区、县人民政府负责)", [("各区、县人民政府", J)]),
    ("(各县（市、区）人民政府负责)", [("各县（市、区）人民政府", J)]),
    ("(各镇(街道)、开发区管委会负责)", [("各镇（街道）", J), ("开发区管委会", J)]),
    ("(各委、办、局按职责分工负责)", [("各委、办、局", J)]),
    (
        "(团市委、市妇联、市工商联、人行平顶山市中心支行负责)",
        [("团市委", J), ("市妇联", J), ("市工商联", J), ("人行平顶山市中心支行", J)],
    ),
    ("(国务院国资委、中国银保监会、最高人民法院负责)", [("国务院国资委", J), ("中国银保监会", J), ("最高人民法院", J)]),
    ("(市林业局、市金融办、经信委、党校负责)", [("市林业局", J), ("市金融办", J), ("经信委", J), ("党校", J)]),
    ("(各级公安、司法、税务部门按职责分工负责)", [("各级公安部门", J), ("各级司法部门", J), ("各级税务部门", J)]),
    ("(公安、财政等部门负责)", [("公安部门", J), ("财政部门", J)]),
    ("(市市场监管委(市知识产权局)牵头,市财政局配合)", [("市市场监管委", L), ("市财政局", S)]),
    ("(市公安局、市司法局等15个部门负责)", [("市公安局", J), ("市司法局", J)]),
    ("（市發展改革委牽頭，各區縣人民政府配合）", [("市发展改革委", L), ("各区县人民政府", S)]),
]


@pytest.mark.parametrize(("clause", "expected"), ONE_CLAUSE, ids=[clause for clause, _ in ONE_CLAUSE])
def test_who_does_what(clause: str, expected: Told) -> None:
    assert told(f"完善制度。{clause}") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "规划(2014-2020年)",
        "规划（2014—2020年）。",
        "《办法》(以下简称《办法》)。",
        "市社会信用体系建设领导小组办公室(以下简称市信用办)",
        "(此件公开发布)",
        "（此件主动公开）",
        "《意见》（国办发〔2019〕35号）",
        "示信用[2015]2号",
        "各县(市、区)人民政府,新城区、高新区管委会:",
        "平台(“粤信融”)建设",
        "发挥行业协会(商会)的作用",
        "依据法律、法规(含地方性法规)认定。",
        "国家企业信用信息公示系统(广东)建立档案。",
        "实施“五个一”(一个电子政务外网、一个电子政务云平台、一批数据库)工程。",
        "开展农业设施(种植业)抵押登记。",
        "信用乡(镇)建设",
        "办法(征求意见稿)",
        "组长由市长担任。(名单附后)",
        "中国人民银行(天津分行)公布。",
        "协调机制(市财政局牵头)的办法另行制定。",
        "由市财政局负责的项目(由市财政局负责的项目)。",
        "报市财政局(负责人签字)。",
        "市发展改革委要发挥牵头作用,各有关单位配合。",
        "见附件(市财政局提供)。",
        "完善制度。(市各有关部门)",
        "（市财政局）",
        "市财政局(盖章)",
        "1.(负责)",
        "()",
        "",
    ],
)
def test_no_clause(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("推进甲(市财政局负责),推进乙(市教育局负责)。", 2),
        ("推进甲。(市财政局负责)推进乙。(市教育局负责)", 2),
        ("推进甲。(市财政局牵头)(市教育局配合)", 2),
        ("牵头单位：市财政局\n配合单位：市教育局\n牵头单位：市司法局", 2),
        ("推进甲。(市财政局负责)\n(市教育局负责)", 2),
    ],
)
def test_several_clauses(text: str, count: int) -> None:
    assert len(told(text)) == count


def test_the_place_of_a_clause() -> None:
    text = "推进甲（2026年）。（市财政局牵头）。\n推进乙。责任单位：市教育局\n"
    found = [text[clause.start : clause.end] for clause in derive_clauses(text)]
    assert found == ["（市财政局牵头）", "责任单位：市教育局"]


# Whom a clause names who is no unit: (clause, units, persons, unknown).
@pytest.mark.parametrize(
    ("clause", "units", "persons", "unknown"),
    [
        ("(张三负责)", [], 1, 0),
        ("(李四同志牵头,市财政局配合)", ["市财政局"], 1, 0),
        ("(市财政局牵头,欧阳建国、王科配合)", ["市财政局"], 2, 0),
        ("(市财政局牵头,李登科、钱学会配合)", ["市财政局"], 2, 0),
        ("(阿依古丽·买买提、市财政局负责)", ["市财政局"], 1, 0),
        ("(市发展改革委主任负责)", [], 1, 0),
        ("(市委书记、市长牵头,市财政局配合)", ["市财政局"], 2, 0),
        ("(各单位主要负责人牵头,市财政局配合)", ["市财政局"], 1, 0),
        ("(市发展改革委(张三)负责)", ["市发展改革委"], 1, 0),
        ("(责任人:王五;责任单位:市财政局)", ["市财政局"], 1, 0),
        ("(责任领导:王五、赵六;责任单位:市财政局)", ["市财政局"], 2, 0),
        ("(市财政局、某某平台负责)", ["市财政局"], 0, 1),
    ],
)
def test_persons_are_counted_and_never_named(clause: str, units: list[str], persons: int, unknown: int) -> None:
    (found,) = derive_clauses(f"完善制度。{clause}")
    assert [one.name for one in found.named] == units
    assert (found.persons, found.unknown) == (persons, unknown)


@pytest.mark.parametrize(
    "stated",
    [
        "列第一位者为牵头单位",
        "列首位的为牵头单位",
        "排在第一位的部门为牵头单位",
        "排名首位的责任单位为该项任务的牵头单位",
        "第一个单位为牵头单位",
        "列在首位的是主办单位",
        "责任单位中第一位的为牵头单位",
        "牵头单位排在首位",
    ],
)
def test_the_first_leads_where_the_document_says_so(stated: str) -> None:
    lines = ["推进甲。(市财政局、市教育局)", "推进乙。(市教育局、市财政局负责)", "推进丙。(市司法局牵头,市财政局配合)"]
    assert told("\n".join([f"说明:{stated}。", *lines])) == [
        [("市财政局", L), ("市教育局", S)],
        [("市教育局", L), ("市财政局", J)],
        [("市司法局", L), ("市财政局", S)],
    ]
    assert first_leads(f"{stated},其他单位为配合单位") == (True, True)


@pytest.mark.parametrize("stated", ["列第一位者不是牵头单位", "排名不分先后", "市财政局为牵头单位"])
def test_else_nobody_leads_by_standing_first(stated: str) -> None:
    assert told(f"{stated}。\n推进甲。(市财政局、市教育局)") == [[("市财政局", J), ("市教育局", J)]]


def test_others_are_said_of_those_before_them() -> None:
    (clause,) = derive_clauses("完善制度。(市编办、市审批办等部门和各区县人民政府负责)")
    assert [(one.others, one.collective) for one in clause.named] == [(True, False), (True, False), (False, True)]


UNITS = (
    "市发展改革委",
    "市发展和改革委员会",
    "市财政局",
    "市工业和信息化局",
    "市市场监督管理局",
    "市委宣传部",
    "市委网信办",
    "市中级人民法院",
    "市人民检察院",
    "团市委",
    "市总工会",
    "市残联",
    "人民银行示例市中心支行",
    "示例海关",
    "示例银保监分局",
    "市公共资源交易中心",
    "市政务服务管理办公室",
    "市住房和城乡建设局",
    "市供销合作社",
    "市税务局",
    "高新区管委会",
    "甲县人民政府",
    "省国资委",
    "国家林业和草原局",
    "教育部",
    "交通运输部",
    "中国证监会",
    "县农业农村局",
    "区卫生健康局",
    "示例供电公司",
    "市红十字会",
    "市消防救援支队",
)
MANY = (
    "各区县人民政府",
    "市有关部门",
    "各行业主管部门",
    "各县（市、区）人民政府",
    "各有关单位",
    "市直各部门",
)
TAILS = {
    L: ["牵头", "牵头负责", "负责牵头", "牵头组织实施"],
    J: ["负责", "分别负责", "按职责分工负责", "按照职责分工分别负责", "共同负责", "按各自职责组织实施"],
    S: ["配合", "参加", "协助", "参与", "积极配合"],
}


@st.composite
def clauses(draw: st.DrawFn) -> tuple[str, list[tuple[str, Share]]]:
    """A clause of known units, in either width, and who has which share."""
    kinds = draw(st.sampled_from([(L,), (L, S), (J,), (J, S), (L, J), (L, J, S), (S,)]))
    names = draw(st.lists(st.sampled_from(UNITS), min_size=len(kinds), max_size=9, unique=True))
    cuts = (
        sorted(
            draw(
                st.lists(st.integers(1, len(names) - 1), min_size=len(kinds) - 1, max_size=len(kinds) - 1, unique=True)
            )
        )
        if len(kinds) > 1
        else []
    )
    groups = [names[a:b] for a, b in zip([0, *cuts], [*cuts, len(names)], strict=True)]
    expected, parts = [], []
    for kind, group in zip(kinds, groups, strict=True):
        many = draw(st.sampled_from(MANY)) if kind is not L and draw(st.booleans()) else None
        members = [*group, many] if many and many not in names else group
        others = draw(st.sampled_from(["", "等", "等单位", "等有关部门"])) if not many else ""
        parts.append("、".join(members) + others + draw(st.sampled_from(TAILS[kind])))
        share = kind
        if kind is L and len(group) > 1:
            share = C
        if kind is J and kinds[0] is J and len(members) == 1 and not others:
            share = L
        expected += [(member, share) for member in members]
    wide = draw(st.booleans())
    comma = draw(st.sampled_from("，；" if wide else ",;"))
    brackets = draw(st.sampled_from(["（）", "【】"] if wide else ["()", "[]"]))
    return brackets[0] + comma.join(parts) + brackets[1] + draw(st.sampled_from(["", "。", "\n"])), expected


@settings(max_examples=400, deadline=None)
@given(clauses(), st.sampled_from(["完善制度。", "一、总则\n推进甲（2026年）、乙。", "开展工作", "（一）加强建设。"]))
def test_a_generated_clause_is_read_back(clause: tuple[str, list[tuple[str, Share]]], before: str) -> None:
    text, expected = clause
    assert told(before + text) == [expected]


WORDS = (
    "完善",
    "制度",
    "建立",
    "机制",
    "市财政局",
    "市发展改革委",
    "牵头",
    "负责",
    "配合",
    "《办法》",
    "（2014—2020年）",
    "（以下简称《办法》）",
    "（国办发〔2019〕35号）",
    "（此件公开发布）",
    "（含地方性法规）",
    "（商会）",
    "（市、区）",
    "的",
    "和",
    "、",
    "，",
    "。",
    "各有关部门",
    "按照职责分工",
    "（试行）",
    "（一）",
    "1.",
    "（征求意见稿）",
    "（“粤信融”）",
    "\n",
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_text_without_clauses_gives_none(words: list[str]) -> None:
    assert told("".join(words)) == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="市财政局委员会、,，;；:：()（）[]【】牵头负责配合等和 \n。1年责任单位各", max_size=80))
def test_any_text_is_read_without_fault(text: str) -> None:
    end = 0
    for clause in derive_clauses(text):
        assert isinstance(clause, Clause)
        assert end <= clause.start < clause.end <= len(text)
        end = clause.end
        assert all(one.name and one.name in one.name.strip() for one in clause.named)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        ")" * 100_000,
        "(" * 50_000 + ")" * 50_000,
        "。(" + "抓好做好负责牵头" * 20_000,
        "。(" + "负责按照职责分工分别" * 140 + "甲)",
        "。(" + "市和" * 700 + "负责)",
        "。(" + "各区、县" * 350 + ")",
        "(甲)" * 50_000,
        "由市" * 100_000 + "(以下简称甲)",
        "责任单位:" * 30_000,
        "、" * 100_000 + "(" + "等" * 1400 + "负责)",
    ],
    ids=range(11),
)
def test_hostile_text_takes_no_time_to_speak_of(text: str) -> None:
    """Each ends within seconds; where a pattern is tried in all ways, it would not."""
    assert [one.name for clause in derive_clauses(text) for one in clause.named if one.name.startswith("市和")] == []

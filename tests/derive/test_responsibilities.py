"""Responsibilities of documents: tasks and anchors, names in full, units over documents, pairs, warnings."""

from dataclasses import replace
from pathlib import Path

from publish.derive.duties.context import place_of
from publish.derive.duties.names import canonical_name
from publish.derive.outline import derive_outline
from publish.derive.responsibilities import PARTNERS, derive_responsibilities
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.model.document import Document, Relation, RelationKind
from publish.model.responsibility import Responsibility, Share

ROOT = Path(__file__).resolve().parents[2]
BODY = """## 一、主要任务

### （一）统一标准 {#standards}

编制目录。（市发展改革委牵头，财政局、司法局配合）

1\\. 建立机制（2026年）。（市发改委负责）

2\\. 公布甲（市财政局负责）；公布乙（市司法局负责）。

## 二、进度

| 序号 | 重点任务 | 牵头单位 | 配合单位 | 完成时限 |
| --- | --- | --- | --- | --- |
| 1 | 编制目录 | 市发展和改革委员会 | 市财政局、各区县人民政府 | 2026年 |
| 2 | 评估成效 | 市财政局 | — | 2027年 |
"""
PLAN = Document("plan", "示例市工作方案", BODY, issuer="示例市人民政府办公室")


def of(body: str) -> tuple[Responsibility, ...]:
    return derive_responsibilities([replace(PLAN, body=body)])[0].rows


def units(body: str) -> list[str]:
    return [row.unit for row in of(body)]


def test_rows_of_a_document() -> None:
    rows = of(BODY)
    assert [(row.number, row.anchor, row.item, row.task, row.unit, row.share, row.order) for row in rows] == [
        (1, "standards", "一、（一）", "统一标准 编制目录。", "市发展和改革委员会", Share.LEAD, 1),
        (1, "standards", "一、（一）", "统一标准 编制目录。", "市财政局", Share.SUPPORT, 2),
        (1, "standards", "一、（一）", "统一标准 编制目录。", "市司法局", Share.SUPPORT, 3),
        (2, rows[3].anchor, "一、（一）1.", "建立机制（2026年）。", "市发展和改革委员会", Share.LEAD, 1),
        (3, rows[4].anchor, "一、（一）2.", "公布甲", "市财政局", Share.LEAD, 1),
        (4, rows[4].anchor, "一、（一）2.", "公布乙", "市司法局", Share.LEAD, 1),
        (5, rows[6].anchor, "二、", "编制目录", "市发展和改革委员会", Share.LEAD, 1),
        (5, rows[6].anchor, "二、", "编制目录", "市财政局", Share.SUPPORT, 2),
        (5, rows[6].anchor, "二、", "编制目录", "各区县人民政府", Share.SUPPORT, 3),
        (6, rows[6].anchor, "二、", "评估成效", "市财政局", Share.LEAD, 1),
    ]
    assert [row.named for row in rows[:4]] == ["市发展改革委", "财政局", "司法局", "市发改委"]
    assert [row.collective for row in rows[6:9]] == [False, False, True]
    anchors = {part.anchor: part for part in derive_outline(PLAN)}
    assert {row.anchor for row in rows} <= set(anchors)
    for row in rows:
        assert row.item is not None
        assert row.item.endswith(anchors[row.anchor or ""].label)


def test_a_clause_outside_of_any_item_stands_on_the_page() -> None:
    (row,) = of("现就有关工作通知如下，由各单位执行。（市财政局负责）\n\n无编号。\n")
    assert (row.anchor, row.item, row.task) == (None, None, "现就有关工作通知如下，由各单位执行。")


def test_a_task_without_words_of_its_own_has_those_before_it() -> None:
    rows = of("一、统一标准\n\n（市财政局牵头）（市司法局配合）\n")
    assert [(row.task, row.unit) for row in rows] == [("统一标准", "市财政局"), ("统一标准", "市司法局")]
    rows = of("1\\. 编制目录。（市财政局牵头）\n\n（市司法局配合）\n")
    assert [row.task for row in rows] == ["编制目录。", "编制目录。"]


def test_a_document_without_clauses_has_no_rows() -> None:
    assert of("## 第一章 总则\n\n**第一条** 为了规范公示（以下简称公示），制定本办法。\n") == ()
    told, issues = derive_responsibilities([replace(PLAN, body="无。")])
    assert (told.rows, told.units, told.pairs, issues) == ((), (), (), ())


def test_names_are_written_out_only_as_the_document_says() -> None:
    assert units("甲。（市发改委负责）\n") == ["市发改委"]
    assert units("甲。（市发改委负责）\n\n请径向示例市发展和改革委员会反映。\n") == ["市发展和改革委员会"]
    assert units("甲。（市人社局、住建局负责）\n\n乙。（市住房和城乡建设局负责）\n")[:2] == [
        "市人社局",
        "市住房和城乡建设局",
    ]
    assert units("甲。（市财政局、农业局负责）\n") == ["市财政局", "农业局"]
    # Other units, however alike their names.
    assert units("甲。（市农业局负责）\n\n乙。（市农业机械局、市农业农村局负责）\n")[0] == "市农业局"
    assert units("甲。（市委、市政府办公室负责）\n\n乙。（市发展改革委、市人民政府金融工作办公室负责）\n")[:2] == [
        "市委",
        "市政府办公室",
    ]


def test_stated_short_names() -> None:
    stated = "设立市社会信用体系建设领导小组办公室（以下简称市信用办）。\n\n"
    assert units(stated + "甲。（市信用办牵头）\n") == ["市社会信用体系建设领导小组办公室"]
    stated = "由市人力资源和社会保障局（以下简称“市人社局”）负责。\n\n"
    assert units(stated + "甲。（市人社局牵头）\n") == ["市人力资源和社会保障局"]
    rows = of("甲。（市市场监管委（市知识产权局）牵头）\n\n乙。（市知识产权局负责）\n")
    assert [(row.unit, row.named) for row in rows] == [
        ("市市场监管委", "市市场监管委（市知识产权局）"),
        ("市市场监管委", "市知识产权局"),
    ]


def test_names_of_one_unit_have_one_spelling() -> None:
    for names in (
        ("市发展和改革委员会", "市发展改革委", "市发改委"),
        ("市人力资源和社会保障局", "市人力资源社会保障局", "市人社局"),
        ("市住房和城乡建设局", "市住房城乡建设局", "市住建局"),
        ("市市场监督管理局", "市市场监管局"),
        ("市人民政府办公室", "市政府办公室", "市政府办"),
        ("中国人民银行示例市中心支行", "人民银行示例市中心支行", "人行示例市中心支行"),
        ("市中级人民法院", "市法院", "市中院"),
        ("各县（市、区）人民政府", "各县(市、区)政府"),
    ):
        assert len({canonical_name(name) for name in names}) == 1, names
    assert (
        len({canonical_name(name) for name in ("市委", "市政府", "市政府办", "市政府金融办", "市委办", "市编办")}) == 6
    )


def test_units_are_those_of_one_place() -> None:
    again = Document("notice", "通知", "甲。（市发改委、各有关部门负责）\n", issuer="示例市信用办")
    elsewhere = Document("other", "关于印发他山市工作方案的通知", "甲。（市发展改革委负责）\n")
    untold = Document("untold", "通知", "甲。（市发展改革委负责）\n")
    told, _ = derive_responsibilities([PLAN, again, elsewhere, untold])
    same = [unit for unit in told.units if "市发展改革委" in unit.names]
    assert [(unit.name, unit.place) for unit in same] == [
        ("市发展改革委", "他山市"),
        ("市发展和改革委员会", "示例市"),
        ("市发展改革委", None),
    ]
    assert same[1].names == ("市发展和改革委员会", "市发展改革委", "市发改委")
    assert told.pairs == (("notice", "plan"),)
    assert [unit.collective for unit in told.units] == sorted(unit.collective for unit in told.units)
    backwards, _ = derive_responsibilities([untold, elsewhere, again, PLAN])
    assert (backwards.units, backwards.pairs) == (told.units, told.pairs)


def test_an_annex_is_about_what_its_document_is_about() -> None:
    notice = Document("notice", "关于印发工作要点的通知", "", number="示府办〔2026〕1号", issuer="示例市人民政府办公室")
    annex_of = (Relation(RelationKind.ANNEX_OF, number="示府办〔2026〕1号"),)
    annex = Document("annex", "工作要点", "甲。（市财政局负责）\n", relations=annex_of)
    told, _ = derive_responsibilities([annex, notice])
    assert [unit.place for unit in told.units] == ["示例市"]
    assert [unit.place for unit in derive_responsibilities([annex])[0].units] == [None]


def test_where_a_document_is_from() -> None:
    def place(title: str, issuer: str | None = None) -> str | None:
        return place_of(Document("a", title, "", issuer=issuer))

    assert place("通知", "汀澜市人民政府办公室") == "汀澜市"
    assert place("通知", "江苏省苏州市人民政府") == "江苏省苏州市"
    assert place("通知", "深圳市市场监督管理局") == "深圳市"
    assert place("通知", "中共示例市委办公室") == "示例市"
    assert place("通知", "国务院办公厅") == "全国"
    assert place("关于印发平顶山市社会信用体系建设实施方案的通知") == "平顶山市"
    assert place("贯彻落实《天津市社会信用体系建设规划(2014—2020年)》责任分工") == "天津市"
    assert place("关于建设诚信城市的意见") is None
    assert place("社会信用体系建设方案") is None


def test_each_document_is_compared_with_few() -> None:
    documents = [Document(f"d{number:02}", "示例市通知", "甲。（市财政局负责）\n") for number in range(12)]
    told, _ = derive_responsibilities(documents)
    partners = [slug for pair in told.pairs for slug in pair]
    assert max(map(partners.count, partners)) == PARTNERS
    assert len(told.pairs) <= len(documents) * PARTNERS // 2
    many = [replace(document, body="甲。（各区县人民政府负责）\n") for document in documents]
    assert derive_responsibilities(many)[0].pairs == ()


def test_persons_get_no_row_and_no_name_is_told() -> None:
    body = "1\\. 甲。（张三负责）\n\n2\\. 乙。（李四同志牵头，市财政局配合）\n\n3\\. 丙。（市司法局、某某平台负责）\n"
    told, issues = derive_responsibilities([replace(PLAN, body=body, file="content/policies/plan.md")])
    assert [row.unit for row in told.rows] == ["市财政局", "市司法局"]
    assert [(issue.code, issue.count, issue.file) for issue in issues] == [
        ("document.responsible-person", 2, "content/policies/plan.md"),
        ("document.responsible-unknown", 1, "content/policies/plan.md"),
    ]
    assert issues[0].field.startswith("#")
    assert "张三" not in repr((told, issues))
    assert "李四" not in repr((told, issues))


def test_a_table_with_merged_cells() -> None:
    body = """一、任务

<table><tr><th>工作任务</th><th>责任单位</th></tr>
<tr><td>编制目录</td><td rowspan="2">市财政局牵头，市司法局配合</td></tr><tr><td>公布目录</td></tr>
<tr><td>评估</td><td>市教育局<br>市司法局</td></tr></table>
"""
    assert [(row.task, row.unit, row.share) for row in of(body)] == [
        ("编制目录", "市财政局", Share.LEAD),
        ("编制目录", "市司法局", Share.SUPPORT),
        ("公布目录", "市财政局", Share.LEAD),
        ("公布目录", "市司法局", Share.SUPPORT),
        ("评估", "市教育局", Share.JOINT),
        ("评估", "市司法局", Share.JOINT),
    ]


def test_the_head_of_a_table_may_stand_below_its_title() -> None:
    head = "| 序号 | 主要举措 | 责任单位（列首位的为牵头单位） | 责任人 |"
    lines = ["| 任务分工表 | | | |", "| --- | --- | --- | --- |", head]
    lines += ["| 1 | 编制目录 | 市财政局、市司法局 | 张三 |", "| 2 | 公布 | | 李四 |"]
    rows = of("一、任务\n\n" + "\n".join(lines))
    assert [(row.task, row.unit, row.share) for row in rows] == [
        ("编制目录", "市财政局", Share.LEAD),
        ("编制目录", "市司法局", Share.JOINT),
    ]


def test_the_demo_city() -> None:
    documents, _, _ = load_documents(ROOT, load_config(ROOT))
    told, issues = derive_responsibilities(documents)
    assert issues == ()
    counted = {slug: max(row.number for row in told.rows if row.document == slug) for slug, *_ in map(_slug, told.rows)}
    # Fourteen brackets and three rows of a table; five brackets.
    assert counted == {"publication-plan": 17, "objection-and-repair-notice": 5}
    assert told.pairs == (("objection-and-repair-notice", "publication-plan"),)
    assert {unit.place for unit in told.units} == {"汀澜市"}


def _slug(row: Responsibility) -> tuple[str]:
    return (row.document,)

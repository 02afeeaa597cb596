"""Several documents in a copy, and what each states of itself."""

from collections.abc import Callable

import pytest

from publish.importers.policy.cleaning import Cleaned
from publish.importers.policy.lines import Kind
from publish.importers.policy.markdown import body, written
from publish.importers.policy.orders import usual_order
from publish.model.document import Relation, RelationKind
from tests.importers.policy.conftest import CleanOf

MIRROR = """您當前的位置：首頁 > 政務公開
汀瀾省政府關(guān)于印發(fā)汀瀾省公共信用信息管理辦(bàn)法(試
行)和汀瀾省守信聯(lián)合激勵(lì)實(shí)施意見的通知
發(fā)布日期：2018-03-01 10:22  瀏覽次數(shù)：1234 次 字體：[ 大 中 小 ]
汀政發(fā)〔2018〕23號(hào)
各市、縣(市、區)人民政府,省各委辦(bàn)廳局:
現(xiàn)將《汀瀾省公共信用信息管理辦(bàn)法(試行)》和《汀瀾省守信聯(lián)合激勵(lì)實(shí)施意見》印發(fā)給你們,請認(rèn)真執(zhí)行。
汀瀾省人民政府
2018年2月8日
(此件公開(kāi)發(fā)布)
汀瀾省公共信用信息管理辦(bàn)法(試行)
第一章 總則
第一條 為規(guī)范信用，根據(jù)《征信業(yè)管理條例》(國務(wù)院令第631號)、《汀瀾省社會信用條例》,制定本辦(bàn)法。
第二條 下列信息不得歸集：
(一)宗教信仰；
(二)其他信息。
第二章 附則
第三條 本辦法自2018年4月1日起施行，有效期五年。《汀瀾省信用暫行辦(bàn)法》（汀政辦發〔2013〕98號(hào)）同時(shí)廢止。
汀瀾省守信聯(lián)合激勵(lì)實(shí)施意見
為(wèi)貫徹落實(shí)《指導(dǎo)意見》(國發(fā)〔2016〕33號(hào)),提出如下意見。
一、總體要求
(一)指導(dǎo)思想。
堅(jiān)持以人民為中心。
責(zé)任編輯：張小三
掃一掃在手機(jī)打開當(dāng)前頁
澳門金沙娛樂城，首存送888！
"""  # fmt: skip
NATIONAL = """国家发展改革委令第58号
信用信息公示办法
（2023年1月1日国家发展改革委令第58号公布）
第一章 总则
第一条 为了规范公示，制定本办法。
第二条 本办法自2023年5月1日起施行，有效期至2028年4月30日。
"""


def test_a_notice_with_two_documents_from_a_mirror(cleaned: CleanOf) -> None:
    notice, measures, opinion = cleaned(MIRROR, simplified=True)
    title = "汀澜省政府关于印发汀澜省公共信用信息管理办法（试行）和汀澜省守信联合激励实施意见的通知"
    assert (notice.head.title, notice.head.number) == (title, "汀政发〔2018〕23号")
    assert notice.head.addressees == "各市、县（市、区）人民政府，省各委办厅局"
    assert (notice.head.issuer, notice.head.publicity) == ("汀澜省人民政府", "此件公开发布")
    assert [str(day) for day in (notice.head.written_on, notice.head.published_on)] == ["2018-02-08", "2018-03-01"]
    whole = Relation(RelationKind.ANNEX_OF, title, "汀政发〔2018〕23号")
    assert measures.head.title == "汀澜省公共信用信息管理办法（试行）"
    assert measures.head.keywords == ("汀瀾省公共信用信息管理辦法（試行）",)
    assert measures.head.number is None
    assert measures.head.relations == (
        whole,
        Relation(RelationKind.BASED_ON, "征信业管理条例", "国务院令第631号"),
        Relation(RelationKind.BASED_ON, "汀澜省社会信用条例"),
        Relation(RelationKind.REPEALS, "汀澜省信用暂行办法", "汀政办发〔2013〕98号"),
    )
    assert (str(measures.head.in_force_from), measures.head.in_force_until) == ("2018-04-01", None)
    assert measures.head.validity == "有效期五年"
    assert opinion.head.relations == (whole, Relation(RelationKind.IMPLEMENTS, "指导意见", "国发〔2016〕33号"))
    assert body(opinion.lines).splitlines()[2:] == [
        "## 一、总体要求",
        "",
        "### （一）指导思想。",
        "",
        "坚持以人民为中心。",
    ]
    assert "（一）宗教信仰；\n" in body(measures.lines)
    assert "**第一条** 为规范信用，" in body(measures.lines)


def test_the_same_addresses_whether_simplified_or_not(cleaned: CleanOf) -> None:
    assert [d.slug for d in cleaned(MIRROR, simplified=True)] == [d.slug for d in cleaned(MIRROR)]


def test_an_order_states_its_number_and_days(cleaned: CleanOf) -> None:
    (order,) = cleaned(NATIONAL)
    assert (order.head.title, order.head.number) == ("信用信息公示办法", "国家发展改革委令第58号")
    assert [str(day) for day in (order.head.in_force_from, order.head.in_force_until)] == ["2023-05-01", "2028-04-30"]
    assert order.slug.startswith("order-58-")


def test_documents_one_after_the_other(cleaned: CleanOf) -> None:
    head = "关于开展{0}工作的通知\n汀信办〔2020〕{1}号\n各区人民政府：\n"
    one = head + "请做好{0}工作。\n汀澜市信用办\n二〇二〇年{1}月三日\n"
    documents = cleaned(
        one.format("归集", "1").replace("年1月", "年一月") + one.format("公示", "2").replace("年2月", "年二月")
    )
    assert [d.head.title for d in documents] == ["关于开展归集工作的通知", "关于开展公示工作的通知"]
    assert [d.head.number for d in documents] == ["汀信办〔2020〕1号", "汀信办〔2020〕2号"]
    assert [str(d.head.written_on) for d in documents] == ["2020-01-03", "2020-02-03"]
    assert all(d.head.relations == () for d in documents)


@pytest.mark.parametrize("label", ["附件\n重点任务分工表", "附件1：\n重点任务分工表", "附件：重点任务分工表"])
def test_an_annex_behind_its_label(cleaned: CleanOf, label: str, texts: Callable[[Cleaned], list[str]]) -> None:
    table = "| 序号 |\n| 任务 |\n| 1 |\n| 建立目录 |\n| 2 |\n| 公示 |"
    text = "关于信用工作的意见\n一、总体要求\n做好工作。\n附件：重点任务分工表\n汀澜市信用办\n2020年1月3日\n"
    whole, annex = cleaned(f"{text}{label}\n{table}")
    assert annex.head.title == "重点任务分工表"
    assert annex.head.relations == (Relation(RelationKind.ANNEX_OF, "关于信用工作的意见"),)
    assert texts(annex) == ["序号 | 任务\n1 | 建立目录\n2 | 公示"]
    assert "附件：重点任务分工表" in texts(whole)


def test_a_covering_notice_without_a_title(cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]) -> None:
    text = "各区人民政府：\n现将《信用工作分工》印发给你们。\n2016年1月2日\n信用工作分工\n一、总体要求\n做好工作。"
    (document,) = cleaned(text)
    assert document.head.title == "信用工作分工"
    assert document.head.addressees == "各区人民政府"
    assert texts(document)[:3] == ["各区人民政府：", "现将《信用工作分工》印发给你们。", "2016年1月2日"]


def test_the_head_of_a_page(cleaned: CleanOf) -> None:
    text = """索引号：99-2020-001 主题分类：社会信用
发文机关：汀澜市人民政府办公室
成文日期：2020年1月2日
发文字号：汀政办〔2020〕1号
发布日期：2020年1月5日
有效性：有效
主题词：信用 公示
关于信用工作的意见
一、总体要求
做好工作。"""
    (document,) = cleaned(text)
    head = document.head
    assert (head.index_number, head.subject_class, head.issuer) == ("99-2020-001", "社会信用", "汀澜市人民政府办公室")
    assert (head.number, head.validity, head.keywords) == ("汀政办〔2020〕1号", "有效", ("信用", "公示"))
    assert [str(day) for day in (head.written_on, head.published_on)] == ["2020-01-02", "2020-01-05"]


def test_what_is_not_stated_is_unstated(cleaned: CleanOf) -> None:
    (document,) = cleaned("关于信用工作的意见\n一、总体要求\n做好工作。《旧办法》不得适用。自发布之日起施行。")
    assert document.head.validity == "unstated"
    assert document.head.in_force_from is None
    assert document.head.relations == ()
    assert written(document.head, document.lines).startswith(
        "---\ntitle: 关于信用工作的意见\nvalidity: unstated\n---\n"
    )


def test_a_line_that_may_be_the_title_is_unsure(cleaned: CleanOf) -> None:
    (document,) = cleaned("汀澜信用二十条\n一、总体要求\n做好工作。")
    assert document.head.title == "汀澜信用二十条"
    assert [line.first for line in document.lines if Kind.UNSURE in line.kinds] == [1]


def test_items_are_paragraphs_and_short_headings_are_headings(cleaned: CleanOf) -> None:
    text = "信用工作方案\n一、要求\n（一）思想\n坚持公开。\n（二）原则。\n1.依法。\n2.便民。\n二、任务\n"
    text += "（一）归集。（甲负责）\n（二）公示。（乙负责）"
    (document,) = cleaned(text)
    assert body(document.lines).split("\n\n") == [
        *("## 一、要求", "### （一）思想", "坚持公开。", "### （二）原则。", "1\\.依法。", "2\\.便民。", "## 二、任务"),
        *("（一）归集。（甲负责）", "（二）公示。（乙负责）\n"),
    ]


def test_an_order_and_what_it_issues_are_one(cleaned: CleanOf) -> None:
    text = """中华人民共和国国家发展和改革委员会令
第58号
《信用修复管理办法（试行）》已经审议通过，现予公布，自2023年5月1日起施行。
2023年1月13日
附件：信用修复管理办法（试行）
信用修复管理办法（试行）
第一章  总  则
第一条  本办法自2023年5月1日起施行。《旧通知》（发改办财金〔2019〕527号）同时废止。"""
    (order,) = cleaned(text)
    head = order.head
    assert (head.title, head.number) == ("信用修复管理办法（试行）", "国家发展改革委令第58号")
    assert head.keywords == ("中华人民共和国国家发展和改革委员会令第58号",)
    assert [str(day) for day in (head.written_on, head.in_force_from)] == ["2023-01-13", "2023-05-01"]
    assert head.relations == (Relation(RelationKind.REPEALS, "旧通知", "发改办财金〔2019〕527号"),)
    assert "## 第一章 总则" in body(order.lines)


def test_an_order_tells_from_when_what_it_issues_is_in_force(cleaned: CleanOf) -> None:
    text = """汀南省人民政府令
第 300 号
《汀南省信用办法》已经省人民政府第50次常务会议通过，现予公布，自2020年7月1日起施行。
2020年5月20日
汀南省信用办法
第一条 为了推进信用建设，制定本办法。
第二条 本办法由省发展改革部门解释。"""
    (order,) = cleaned(text)
    assert (order.head.number, order.head.issuer) == ("汀南省人民政府令第300号", "汀南省人民政府")
    assert str(order.head.in_force_from) == "2020-07-01"


@pytest.mark.parametrize(
    ("number", "usual"),
    [
        ("中华人民共和国国家发展和改革委员会令第58号", "国家发展改革委令第58号"),
        ("国家卫生健康委员会令第3号", "国家卫生健康委令第3号"),
        ("中华人民共和国工业和信息化部令第60号", "工业和信息化部令第60号"),
        ("中华人民共和国主席令第49号", "中华人民共和国主席令第49号"),
        ("汀南省人民政府令第300号", "汀南省人民政府令第300号"),
        ("汀信办〔2020〕9号", "汀信办〔2020〕9号"),
    ],
)
def test_usual_numbers_of_orders(number: str, usual: str) -> None:
    assert usual_order(number) == usual


def test_a_number_in_the_title_and_a_signature_on_one_line(cleaned: CleanOf) -> None:
    text = "关于信用工作的通知（汀信办〔2020〕9号）\n各区人民政府：\n做好工作。\n"
    text += "汀澜市信用办 2020年1月3日\n（此件公开发布）"
    (document,) = cleaned(text)
    assert (document.head.title, document.head.number) == ("关于信用工作的通知", "汀信办〔2020〕9号")
    assert (document.head.issuer, str(document.head.written_on)) == ("汀澜市信用办", "2020-01-03")


@pytest.mark.parametrize("title", ["汀澜市信用工作方案", "汀澜信用二十条", "关于信用工作的意见"])
def test_a_title_above_whatever_follows_is_kept(title: str, cleaned: CleanOf) -> None:
    (document,) = cleaned(
        f"政府信息公开目录\n{title}\n汀信办〔2020〕9号\n各区人民政府：\n做好工作。\n一、总体要求\n公开。"
    )
    assert (document.head.title, document.head.number) == (title, "汀信办〔2020〕9号")
    if title.endswith("方案"):
        (document,) = cleaned(f"{title}\n（2020年1月3日）\n各区人民政府：\n做好工作。\n一、总体要求\n公开。")
        assert (document.head.title, document.head.addressees) == (title, "各区人民政府")

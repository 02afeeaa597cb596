"""Samples of every page's context, with all optional parts and without, and how to make their text hostile."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup

from publish.render.contexts import (
    Choice,
    CountLink,
    DatasetView,
    DownloadView,
    ExitRow,
    FieldView,
    FiguresTable,
    Link,
    Meta,
    Pager,
    QrView,
    Row,
    RuleGroup,
    RuleView,
    SiteView,
    Value,
)
from publish.render.page_contexts import (
    BulkPage,
    CataloguePage,
    DatasetPage,
    ExitPage,
    ExitsPage,
    HomePage,
    LeavingPage,
    ListingPage,
    NotFoundPage,
    RecordPage,
    RulesPage,
    SearchPage,
    StatisticsPage,
    SubjectPage,
    TextPage,
)
from publish.render.policy_contexts import (
    BodyPiece,
    ChangeView,
    CiterView,
    CompareCell,
    ComparedTask,
    ComparedUnit,
    CompareEntry,
    ComparePage,
    CompareRow,
    ComparisonPage,
    PoliciesPage,
    PolicyGroup,
    PolicyPage,
    PolicyRow,
    RunView,
    ShareView,
    StandingView,
    TaskView,
    TieView,
    TocEntry,
    UnitDocument,
    UnitPage,
    UnitRow,
    UnitShare,
    UnitsPage,
    VersionPage,
)

HOSTILE = "<script>alert(1)</script>\"'&<!--{{ 7*7 }}"

NAV = (Link("首页", "/"), Link("数据目录", "/datasets/"))
SITE = SiteView(
    name="示例市信用公示",
    organiser="示例市信用办公室",
    base_url="https://credit.example",
    domain="credit.example",
    language="zh-Hans",
    description="示例市的信用公示。",
    as_of="2026-11-20",
    nav=NAV,
    site_code="9901000001",
    icp_number="示ICP备00000000号",
    police_number="示公网安备 99010002000001号",
    phone="000-0000-0000",
    email="credit@credit.example",
    address="示例市示例路1号",
    demonstration="全部内容均为虚构。",
)
BARE_SITE = SiteView("示例", "办公室", "https://credit.example", "credit.example", "zh-Hans", "", "2026-11-20", NAV)

CRUMBS = (Link("首页", "/"), Link("本页"))
COLUMN = Meta("行政处罚", "/datasets/penalties/", "说明", CRUMBS, column="行政处罚", column_type="政务公开")
ARTICLE = Meta(
    "示罚〔2026〕1号", "/a.html", "说明", CRUMBS, published="2026-10-08", source="示例办公室", keywords=("公示", "异议")
)
NOINDEX = Meta("退出公告", "/exits/", "退出公告", CRUMBS, noindex=True)
BARE_META = Meta("标题", "/bare.html")

KEY = "00112233445566778899"
DATASET = DatasetView(
    slug="penalties",
    url="/datasets/penalties/",
    title="行政处罚",
    kind="penalty",
    kind_label="行政处罚",
    provider="示例办公室",
    description="示例市的行政处罚。",
    count=3,
    latest="2026-10-08",
    official=True,
)
BARE_DATASET = dataclasses.replace(DATASET, description="", count=0, latest=None, official=False)

ROW = Row(
    url=f"/r/00/{KEY}.html",
    title="示罚〔2026〕1号",
    subject="示例甲有限公司",
    authority="示例市监管局",
    date="2026-10-08",
    until="2027-10-08",
    reason="未按规定公示",
    severity="一般",
    flag="异议处理中",
    dataset_title="行政处罚",
    kind="penalty",
)
BARE_ROW = Row(ROW.url, ROW.title, None, None, None, None, None, None, None, ROW.dataset_title, ROW.kind)
ROWS = Markup('<li class="row"><a class="row-title" href="/r/00/1.html">示罚〔2026〕1号</a></li>')
BODY = Markup('<h2 id="objection">异议申请</h2><p>请与<a href="/leaving/00.html">提供单位</a>联系。</p>')

MONTHS = (CountLink("2026年10月", "/datasets/penalties/2026-10.html", 2), CountLink("日期不详", "/undated.html", 1))
AUTHORITIES = (CountLink("示例市监管局", "/datasets/penalties/by/00.html", 3),)
DOWNLOAD = DownloadView("CSV", "/data/penalties/latest/penalties.csv", "12.3 KiB", 12595, "ab" * 32)
FIELDS = (
    FieldView("name", "名称", "文本", "相对人名称", masked=True),
    FieldView("decided", "处罚决定日期", "日期", "", masked=False),
)
PAGER = Pager(
    first="/1.html",
    previous="/3.html",
    next="/5.html",
    last="/9.html",
    dates="/1.html#dates",
    pages=(Link("10-09", "/2.html"), Link("10-08", "/3.html"), Link("10-08（2）"), Link("10-07", "/5.html")),
)
NO_PAGER = Pager(None, None, None, None, None, (Link("第 1 页"),))
LEFT = ExitRow(f"/exits/00/{KEY}.html", "示例乙有限公司", "行政处罚", "2026-11-02", "公示期满", "2026-12-01")
UNNAMED = dataclasses.replace(LEFT, url="/exits/01/1.html", subject=None, reason="错误列入，已更正")
NOTICE = ExitPage(
    meta=dataclasses.replace(ARTICLE, noindex=True),
    exit=LEFT,
    sentence="“示例乙有限公司”的相关信息已于2026-11-02停止在“行政处罚”中公示。",
    apology=False,
    basis="《甲法》第一条",
    dataset=DATASET,
    channel=Link("old.example", "/leaving/05.html"),
    atom="/exits/penalties.atom",
)
LISTS = (CountLink("行政处罚", "/exits/penalties.html", 1),)
FEEDS = (Link("JSON", "/exits/exits.json"), Link("Atom", "/exits/exits.atom"))
EXITS_PAGE = ExitsPage(NOINDEX, None, "最长 30 天。", (LEFT, UNNAMED), 2, LISTS, FEEDS, "/exits/exits.atom")
RULE = RuleView(
    id="town.repair",
    title="准予修复的公示五个工作日",
    sets=("公示 5 个工作日。", "期满停止公示。"),
    kinds="行政处罚",
    period="自 2026-04-01 起施行",
    basis=Link("《管理办法》第二十一条", "/policies/a.html#art-21"),
    profile="示例市规定",
    state=None,
    replaced_by=(Link("另一条", "/rules/#town.other"),),
)
BARE_RULE = dataclasses.replace(
    RULE, id="town.other", sets=(), period="", basis=Link("《通知》"), state="已失效", replaced_by=()
)
STANDING = StandingView(
    "repealed",
    "已废止",
    ("自 2026-01-01 起废止",),
    (Link("《新办法》", "/policies/new.html"), Link("《外地办法》（外府发〔2026〕1号）")),
)
BARE_STANDING = StandingView("unstated", "未注明")
POLICY_ROW = PolicyRow("/policies/a.html", "管理办法", "示府发〔2026〕1号", "示例市人民政府", "2026-01-31", STANDING)
TOC = (TocEntry("第一章 总则", "#chapter-1", (TocEntry("第一条", "#art-1"),)), TocEntry("第二章 附则", "#chapter-2"))
CITER = CiterView(
    Link("通知", "/policies/b.html"),
    (Link("第一条（引用第三条）", "/policies/b.html#art-1"), Link("第二条", "/policies/b.html#art-2")),
)
CHANGES = (
    ChangeView(
        "changed",
        "修改",
        Link("第三条", "/policies/a.html#art-3"),
        (RunView("十"), RunView("个", removed=True), RunView("五个", added=True)),
    ),
    ChangeView("removed", "删去", Link("第四条"), (RunView("旧文", removed=True),)),
)
COMPARED = CompareRow(
    "validity",
    "公示期限",
    (
        CompareCell(
            "国家规定",
            (
                CompareEntry(("最长一年。",), "行政处罚", Link("《办法》第八条", "/policies/a.html#art-8")),
                CompareEntry(("最短三个月。",), "", Link("《旧办法》")),
            ),
        ),
        CompareCell("示例市规定", ()),
    ),
)
OFFICE = Link("示例市财政局", "/units/00aa00aa00aa.html")
TASK = TaskView(
    "/policies/a.html#item-1",
    "二、（一）1.",
    "编制目录。",
    (ShareView("牵头负责", (OFFICE,), False), ShareView("配合参加", (OFFICE, OFFICE), True)),
)
UNIT_TASK = TaskView("/policies/a.html#item-1", "二、（一）1.", "编制目录。", (), "财政局")
BARE_TASK = TaskView("/policies/a.html", "", "编制目录。")
TASKS = UnitDocument(Link("管理办法", "/policies/a.html"), (UNIT_TASK, BARE_TASK))
CONTRASTED = (ComparedTask("牵头负责", UNIT_TASK), ComparedTask("配合参加", BARE_TASK))
HEAD = (("索引号", "99-01"), ("发文机关", "示例市人民政府"))

DATASET_PAGE = DatasetPage(
    meta=COLUMN,
    dataset=DATASET,
    description=Markup('<p>示例市的行政处罚，见<a href="/policies/a.html">管理办法</a>。</p>'),
    legal_basis=("《甲法》第一条", "《乙条例》第二条"),
    keywords=("处罚", "信用"),
    licenses=(Link("许可协议", "/leaving/01.html"), Link("自有许可")),
    sources=(Link("来源", "/leaving/02.html"), Link("档案")),
    homepage=Link("source.example", "/leaving/03.html"),
    update_cycle="每月",
    catalogue=(("使用范围", "社会公开"), ("保存期限", "五年")),
    fields=FIELDS,
    months=MONTHS,
    authorities=AUTHORITIES,
    downloads=(DOWNLOAD, dataclasses.replace(DOWNLOAD, note="供 Excel 打开")),
    descriptor_url="/data/penalties/latest/datapackage.json",
    versions_url="/data/penalties/versions.json",
    exits_url="/exits/penalties.html",
    exits=1,
)
BARE_DATASET_PAGE = dataclasses.replace(
    DATASET_PAGE,
    dataset=BARE_DATASET,
    description=Markup(""),
    legal_basis=(),
    keywords=(),
    licenses=(),
    sources=(),
    homepage=None,
    update_cycle=None,
    catalogue=(),
    fields=(),
    months=(),
    authorities=(),
    downloads=(),
    exits=0,
)
LISTING_PAGE = ListingPage(
    COLUMN,
    DATASET,
    "2026年10月",
    "10-08（2）",
    120,
    "40",
    "2026-10-08 至 2026-10-07",
    ROWS,
    PAGER,
    dates=(CountLink("10-08", "/1.html", 80), CountLink("10-07", "/2.html", 40)),
    months=tuple(Link(month.label, month.href) for month in MONTHS),
)
RECORD_PAGE = RecordPage(
    meta=dataclasses.replace(ARTICLE, expires="2027-10-08"),
    row=ROW,
    values=(Value("文号", "示罚〔2026〕1号", "number"), Value("名称", "示例甲有限公司", "name")),
    subject_url="/s/16/914403001922038216.html",
    flag_note="信息主体对本条信息提出了异议，正在核查。",
    dataset=BARE_DATASET,
    legal_basis=("《甲法》第一条", "《乙条例》第二条"),
)

TASKED_PAGE = PolicyPage(
    BARE_META, BARE_STANDING, (HEAD[0],), (), (BodyPiece(BODY),), None, (), (), (), (), (), (), (), tasks=(TASK,)
)

# Full samples first, then those without any optional part.
CHOICES = (Choice("serious", "严重"), Choice("general", "一般"))
SAMPLES: tuple[Any, ...] = (
    HomePage(dataclasses.replace(COLUMN, breadcrumbs=()), (DATASET, BARE_DATASET), ROWS, (Link("办法", "/a"),), 1, 3),
    HomePage(BARE_META, (), Markup(""), (), 0, 0),
    CataloguePage(COLUMN, (DATASET, BARE_DATASET)),
    CataloguePage(BARE_META, ()),
    DATASET_PAGE,
    dataclasses.replace(DATASET_PAGE, homepage=Link("source.example")),
    BARE_DATASET_PAGE,
    LISTING_PAGE,
    ListingPage(BARE_META, BARE_DATASET, "示例局", None, None, "1", "2026-10-08", ROWS, NO_PAGER),
    RECORD_PAGE,
    RecordPage(BARE_META, BARE_ROW, (), None, None, DATASET, ()),
    SubjectPage(
        dataclasses.replace(BARE_META, expires="2027-10-08"),
        "示例甲有限公司",
        "914403001922038216",
        "2",
        ROWS,
        QrView("29", "M4 4.5h7m1 0h2m-10 1h1m5 0h1"),
    ),
    SubjectPage(BARE_META, "示例乙有限公司", "91110108551385082Q", "1", ROWS, None),
    EXITS_PAGE,
    dataclasses.replace(EXITS_PAGE, dataset=DATASET, total=1001),
    ExitsPage(NOINDEX, None, "最长 30 天。", (), 0, (), FEEDS, "/exits/exits.atom"),
    NOTICE,
    dataclasses.replace(
        NOTICE, meta=NOINDEX, exit=UNNAMED, apology=True, basis="", dataset=BARE_DATASET, channel=Link("旧网站")
    ),
    RulesPage(
        COLUMN,
        (RuleGroup("示例市规定", "市级", "", (RULE,)), RuleGroup("基本规则", "基本保护", "不得减损。", ())),
        (BARE_RULE, dataclasses.replace(BARE_RULE, id="town.old", replaced_by=RULE.replaced_by)),
    ),
    RulesPage(BARE_META, (), ()),
    StatisticsPage(
        COLUMN,
        (
            FiguresTable("datasets", "各数据集", ("数据集", "公示中"), (("行政处罚", "3"), ("许可", "0"))),
            FiguresTable("duties", "办理时限", ("机关", "按时"), (("示例局", "3"),), "工作日按照放假安排计算。"),
        ),
        "/statistics/statistics.json",
    ),
    StatisticsPage(COLUMN, (), "/statistics/statistics.json"),
    PoliciesPage(
        COLUMN,
        (
            PolicyGroup(
                "unstated", "未注明", (PolicyRow("/policies/b.html", "通知", None, None, None, BARE_STANDING),)
            ),
            PolicyGroup("repealed", "已废止", (POLICY_ROW,)),
        ),
    ),
    PoliciesPage(COLUMN, (PolicyGroup("repealed", "已废止", (POLICY_ROW,)),), "/units/"),
    PoliciesPage(BARE_META, ()),
    PolicyPage(
        ARTICLE,
        STANDING,
        HEAD,
        TOC,
        (
            BodyPiece(BODY, (Link("七日内公示", "/rules/#town.deadline"), Link("修复", "/rules/#town.repair"))),
            BodyPiece(
                Markup('<h2 id="chapter-1">第一章</h2><p id="art-1">第一条 总则。</p><h2 id="chapter-2">第二章</h2>')
            ),
        ),
        Link("来源网", "/leaving/04.html"),
        (DOWNLOAD,),
        (Link("2024-05-01 文本与现行文本对照", "/policies/a/2024-05-01.html"),),
        (TieView("制定依据", (Link("《办法》", "/policies/a.html"), Link("《外地办法》（外府发〔2026〕1号）"))),),
        ("《中华人民共和国行政处罚法》",),
        (CITER,),
        (Link("总的规则", "/rules/#town.all"),),
        (Link("通知", "/policies/b.html"),),
    ),
    PolicyPage(BARE_META, BARE_STANDING, (HEAD[0],), (), (), Link("来源网"), (), (), (), (), (), (), ()),
    PolicyPage(BARE_META, BARE_STANDING, (HEAD[0],), (), (BodyPiece(BODY),), None, (), (), (), (), (), (), ()),
    dataclasses.replace(TASKED_PAGE, tasks=(TASK, BARE_TASK), comparisons=(Link("通知", "/units/compare/00.html"),)),
    TASKED_PAGE,
    VersionPage(
        ARTICLE,
        Link("管理办法", "/policies/a.html"),
        "2024-05-01 文本与现行文本对照",
        "另有 3 个部分未作修改。",
        CHANGES,
    ),
    VersionPage(BARE_META, Link("管理办法", "/policies/a.html"), "对照", "另有 9 个部分未作修改。", ()),
    ComparePage(COLUMN, (("国家规定", "国家级"), ("示例市规定", "市级")), (COMPARED,)),
    ComparePage(BARE_META, (), ()),
    UnitsPage(
        COLUMN,
        ("牵头负责", "配合参加"),
        (UnitRow("/units/00aa00aa00aa.html", "市财政局", "示例市", (2, 0)),),
        (UnitRow("/units/00bb00bb00bb.html", "市有关部门", "", (0, 1)),),
        (Link("responsibilities.csv", "/data/responsibilities/responsibilities.csv"),),
        (Link("《办法》与《通知》", "/units/compare/00.html"),),
    ),
    UnitsPage(COLUMN, ("牵头负责",), (), (UnitRow("/units/00bb00bb00bb.html", "市有关部门", "", (1,)),), (), ()),
    UnitPage(COLUMN, "市财政局", "示例市", ("财政局",), False, (UnitShare("lead", "牵头负责", 2, (TASKS,)),)),
    UnitPage(BARE_META, "市有关部门", "", (), True, ()),
    ComparisonPage(
        COLUMN,
        Link("办法", "/policies/a.html"),
        Link("通知", "/policies/b.html"),
        (ComparedUnit(OFFICE, CONTRASTED, CONTRASTED),),
        (ComparedUnit(OFFICE, CONTRASTED, ()), ComparedUnit(OFFICE, (), CONTRASTED)),
    ),
    ComparisonPage(BARE_META, Link("办法", "/policies/a.html"), Link("通知", "/policies/b.html"), (), ()),
    TextPage(COLUMN, BODY),
    TextPage(BARE_META, Markup("")),
    SearchPage(COLUMN, "/search/index/root.gz", (DATASET,), CHOICES, CHOICES, CHOICES),
    SearchPage(BARE_META, "/search/index/root.gz", (), (), (), ()),
    BulkPage(COLUMN, "/search/index/root.gz"),
    NotFoundPage(dataclasses.replace(BARE_META, noindex=True)),
    LeavingPage(NOINDEX, "https://elsewhere.example/a?b=1&c=2", "elsewhere.example"),
)


def template_of(page: type) -> str:
    """The template that a context class names in its docstring."""
    found = re.match(r"pages/([a-z0-9-]+)\.html", page.__doc__ or "")
    assert found, f"{page.__name__} does not begin with its template"
    return found[1]


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A context with every string in it changed; Markup, numbers and None stay."""
    if isinstance(value, Markup) or value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(mapped(item, change) for item in value)
    return dataclasses.replace(
        value, **{field.name: mapped(getattr(value, field.name), change) for field in dataclasses.fields(value)}
    )


def hostile(text: str) -> str:
    """Text that breaks out wherever it is not escaped. The empty text stays: it means that there is none."""
    return text + HOSTILE if text else text


def named(pages: tuple[Any, ...] = SAMPLES) -> Iterator[tuple[str, Any]]:
    """(name for a test's id, context)."""
    seen: dict[str, int] = {}
    for page in pages:
        name = template_of(type(page))
        seen[name] = seen.get(name, 0) + 1
        yield f"{name}-{seen[name]}", page


class Recorder:
    """Stands for a context object and notes which attributes a template asks for."""

    def __init__(self, value: Any, seen: set[tuple[str, str]]) -> None:
        self._value, self._seen = value, seen

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._value, name)
        self._seen.add((type(self._value).__name__, name))
        return recording(value, self._seen)


def recording(value: Any, seen: set[tuple[str, str]]) -> Any:
    """A context whose objects, all the way down, are recorders."""
    if isinstance(value, tuple):
        return tuple(recording(item, seen) for item in value)
    return Recorder(value, seen) if dataclasses.is_dataclass(value) else value

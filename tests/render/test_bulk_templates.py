"""The real bulk templates: pages assembled in columns equal plainly rendered ones, byte by byte, whatever the cells."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from publish import urls
from publish.derive.summaries import derive_subjects, derive_summary
from publish.load.config import load_config
from publish.model.public import EXIT_SCHEMA, DatasetInfo, ExitTable, PublicField, PublicTable
from publish.model.terms import Kind, Severity
from publish.render.bulk import assemble
from publish.render.contexts import DatasetView, Row
from publish.render.records import (
    derive_record_plan,
    derive_row_plan,
    derive_subject_plan,
    record_renderer,
    rows_html,
    subject_renderer,
    subject_slots,
    with_qr,
)
from publish.render.rows import ROW_SLOTS, record_slots
from publish.render.stage import make_desk
from publish.render.views import Desk, dataset_view
from tests.render.htmlcheck import Page, faults

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'&<>&amp;&#34;",
    "{{ page }}{% raw %}",
    "\ue000title\ue001",  # what a stand-in looks like
    "一\n二\r\n\t三\x00",
    " ",
    "　",
    "",
    "{date}{0}%s$1\\1",
]
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc", "Cf"])
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(alphabet=CHARACTERS, max_size=6))
CONSTANTS = WORDS.filter(lambda text: not {"\ue000", "\ue001"} & set(text))  # of the site itself: refused
TITLES = CONSTANTS.filter(lambda text: bool(text.strip()))
DAYS = st.one_of(st.none(), st.dates(date(2004, 1, 1), date(2099, 12, 31)))
CODES = ["914403001922038216", "91110108551385082Q", "11230500001755309F"]
ORIGINS = ["https://credit.example", "https://" + "a" * 200 + ".example"]  # the second is too long for a QR code
NAMES = ["url", "title", "html", "_shape", "path", "名称", "<b>", "value:x", "a b"]


def optional(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), texts)


@st.composite
def tables(draw: st.DrawFn) -> PublicTable:
    """A public table of a few rows and fields, as disclosure makes them."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    columns: dict[str, Any] = {
        "_key": WORDS.map(lambda text: text.encode().hex()[:20].ljust(20, "0")),
        "_title": optional(WORDS),
        "_subject": optional(WORDS),
        "_code": optional(st.sampled_from(CODES)),
        "_kind": st.just("organisation"),
        "_date": DAYS,
        "_until": DAYS,
        "_authority": optional(WORDS),
        "_severity": optional(st.sampled_from([grade.value for grade in Severity])),
        "_reason": optional(WORDS),
        "_flag": st.sampled_from([None, "objection"]),
        **{name: optional(WORDS) for name in names},
    }
    rows = draw(st.lists(st.tuples(*columns.values()), min_size=1, max_size=5, unique_by=lambda row: row[0]))
    dates = {name: pl.Date() for name in ("_date", "_until")}
    frame = pl.DataFrame(rows, schema={name: dates.get(name, pl.String()) for name in columns}, orient="row")
    info = DatasetInfo(
        slug="penalties",
        title=draw(TITLES),
        kind=draw(st.sampled_from(list(Kind))),
        provider=draw(TITLES),
        legal_basis=tuple(draw(st.lists(TITLES, max_size=2))),
        official=draw(st.booleans()),
    )
    return PublicTable(info, tuple(PublicField(name, draw(TITLES)) for name in names), frame)


@cache
def make() -> Desk:
    config = load_config(ROOT / "tests/sites/minimal")
    return make_desk(config, date(2026, 11, 20), [ROOT / "site_templates"])


def view_of(desk: Desk, table: PublicTable) -> DatasetView:
    exits = ExitTable(pl.DataFrame(schema=dict(EXIT_SCHEMA)))
    return dataset_view(desk, derive_summary(table, exits))


def plain_row(desk: Desk, slots: dict[str, Any], view: DatasetView) -> str:
    macro: Any = desk.environment.get_template("components/record-row/macro.html").module
    row = Row(dataset_title=view.title, kind=view.kind, **{name: slots[name] for name in ROW_SLOTS})
    return str(macro.record_row(row))


@settings(deadline=None, max_examples=60)
@given(table=tables(), origin=st.sampled_from(ORIGINS))
def test_bulk_pages_equal_plain_ones(table: PublicTable, origin: str) -> None:
    desk = make()
    view = view_of(desk, table)
    slots = record_slots(table, desk.label)
    plain = record_renderer(desk, table, view)
    pages = assemble(derive_record_plan(desk, table, slots, view), slots).to_list()
    assert pages == [plain(row) for row in slots.iter_rows(named=True)]

    listed = slots.select(ROW_SLOTS)
    rows = rows_html(derive_row_plan(desk, listed, view), listed, table.frame["_key"])
    assert rows["html"].to_list() == [plain_row(desk, row, view) for row in listed.iter_rows(named=True)]

    subjects = with_qr(subject_slots(derive_subjects([table]), rows, origin), origin).drop("path")
    plain_subject = subject_renderer(desk)
    assert assemble(derive_subject_plan(desk, subjects), subjects).to_list() == [
        plain_subject(row | {"rows": Markup(row["rows"])}) for row in subjects.iter_rows(named=True)
    ]


@settings(deadline=None, max_examples=40)
@given(table=tables())
def test_bulk_pages_are_well_formed(table: PublicTable) -> None:
    """Also where a title is blank: a link or heading without text would be found."""
    desk = make()
    view = view_of(desk, table)
    slots = record_slots(table, desk.label)
    listed = slots.select(ROW_SLOTS)
    rows = rows_html(derive_row_plan(desk, listed, view), listed, table.frame["_key"])
    subjects = with_qr(subject_slots(derive_subjects([table]), rows, ORIGINS[0]), ORIGINS[0]).drop("path")
    pages = assemble(derive_record_plan(desk, table, slots, view), slots).to_list()
    pages += assemble(derive_subject_plan(desk, subjects), subjects).to_list()
    assert [fault for page in pages for fault in faults(page)] == []


def test_a_record_page_says_when_it_ends() -> None:
    frame = pl.DataFrame(
        {
            "_key": ["0" * 20, "1" * 20],
            "_title": ["甲", "乙"],
            "_subject": ["示例甲有限公司", "张**"],
            "_code": [CODES[0], None],
            "_kind": ["organisation", "natural_person"],
            "_date": [date(2026, 10, 8), date(2026, 10, 9)],
            "_until": [date(2027, 10, 8), None],
            "_authority": ["示例局", None],
            "_severity": ["general", None],
            "_reason": ["事由", None],
            "_flag": ["objection", None],
        }
    )
    table = PublicTable(DatasetInfo("penalties", "行政处罚", Kind.PENALTY, "示例办公室"), (), frame)
    desk = make()
    view = view_of(desk, table)
    slots = record_slots(table, desk.label)
    ending, endless = map(Page, assemble(derive_record_plan(desk, table, slots, view), slots))
    assert ending.meta("robots") == "unavailable_after: 2027-10-08T23:59:59"
    assert [main.attributes.get("data-expires") for main in ending.all("main")] == ["2027-10-08"]
    assert endless.meta("robots") is None
    assert [main.attributes.get("data-expires") for main in endless.all("main")] == [None]
    for page, day in ((ending, "2026-10-08 00:00"), (endless, "2026-10-09 00:00")):
        assert page.meta("PubDate") == day
        assert page.meta("ContentSource") == "示例办公室"
    assert ending.meta("ArticleTitle") == "甲"
    assert urls.subject(CODES[0]) in {a.attributes["href"] for a in ending.all("a")}
    assert not [a for a in endless.all("a") if a.attributes["href"].startswith("/s/")]

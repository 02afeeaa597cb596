"""The real bulk templates: pages assembled in columns equal plainly rendered ones, byte by byte, whatever the cells."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from publish import urls
from publish.derive.summaries import derive_subjects, derive_summary
from publish.load.config import load_config
from publish.model.public import EXIT_SCHEMA, DatasetInfo, ExitTable, PublicField, PublicTable
from publish.model.terms import Kind, Severity
from publish.render.bulk_pages import Pages, Partition, render_partition, with_qr
from publish.render.contexts import DatasetView
from publish.render.digests import row_digests
from publish.render.fragments import Fragments, list_row
from publish.render.records import record_pages, record_renderer, subject_pages, subject_renderer
from publish.render.rows import ROW_SLOTS
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
    return str(macro.record_row(list_row(slots, view)))


@contextmanager
def fragments_of(desk: Desk, table: PublicTable, view: DatasetView) -> Iterator[tuple[Fragments, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        yield Fragments(desk, [table], [view], Path(folder)), Path(folder)


def every(frame: pl.DataFrame) -> pl.Series:
    return pl.int_range(frame.height, dtype=pl.UInt32, eager=True)


def made(pages: Pages, folder: Path) -> dict[str, str]:
    """The pages by path, as workers make them."""
    slots = pages.slots(every(pages.inputs))
    shapes = pages.shapes(slots).unique().to_list()
    if not shapes:
        return {}
    files: tuple[Path, ...] = ()
    if pages.fragments is not None:
        files, rows = pages.fragments.placed(slots["rows"])
        slots = slots.with_columns(rows)
    assert slots["path"].to_list() == pages.inputs["path"].to_list()
    slots.write_parquet(folder / "rows.parquet")
    render_partition(Partition(pages.plan(shapes), folder / "rows.parquet", folder / "out", pages.origin, files))
    return dict(pl.read_ipc(folder / "out").iter_rows())


@settings(deadline=None, max_examples=60)
@given(table=tables(), origin=st.sampled_from(ORIGINS))
def test_bulk_pages_equal_plain_ones(table: PublicTable, origin: str) -> None:
    desk = make()
    desk = replace(desk, config=replace(desk.config, base_url=origin))
    view = view_of(desk, table)
    records = record_pages(desk, table, view, row_digests(table.frame))
    slots = records.slots(every(table.frame))
    plain = record_renderer(desk, table, view)
    with fragments_of(desk, table, view) as (fragments, folder):
        assert made(records, folder) == {row.pop("path"): plain(row) for row in slots.iter_rows(named=True)}

        rows = [plain_row(desk, row, view) for row in slots.select(ROW_SLOTS).iter_rows(named=True)]
        assert fragments.html(every(table.frame)).to_list() == rows

        subjects = subject_pages(desk, derive_subjects([table]), fragments)
        chosen = subjects.slots(every(subjects.inputs))
        plain_subject, expected = subject_renderer(desk), {}
        for row in with_qr(chosen, origin).iter_rows(named=True):
            html = Markup("".join(rows[number] for number in row["rows"]))
            expected[row.pop("path")] = plain_subject(row | {"rows": html})
        assert made(subjects, folder) == expected


@settings(deadline=None, max_examples=40)
@given(table=tables())
def test_bulk_pages_are_well_formed(table: PublicTable) -> None:
    """Also where a title is blank: a link or heading without text would be found."""
    desk = make()
    view = view_of(desk, table)
    with fragments_of(desk, table, view) as (fragments, folder):
        pages = made(record_pages(desk, table, view, row_digests(table.frame)), folder)
        pages |= made(subject_pages(desk, derive_subjects([table]), fragments), folder)
    assert [fault for page in pages.values() for fault in faults(page)] == []


@settings(deadline=None, max_examples=40)
@given(table=tables(), data=st.data())
def test_inputs_tell_pages_apart(table: PublicTable, data: st.DataObject) -> None:
    """Of whatever cell is another one: where a page is another, so is the hash of its inputs."""
    desk = make()
    view = view_of(desk, table)
    column = data.draw(st.sampled_from([name for name in table.frame.columns if name not in ("_key", "_code")]))
    row = data.draw(st.integers(0, max(table.frame.height - 1, 0)))
    cells = table.frame[column].to_list()
    others = st.one_of(st.none(), st.sampled_from([cell for cell in cells if cell is not None] or [None]))
    if cells:
        cells[row] = data.draw(others)
    other = replace(table, frame=table.frame.with_columns(pl.Series(column, cells, dtype=table.frame[column].dtype)))
    found = []
    for one in (table, other):
        with fragments_of(desk, one, view) as (fragments, folder):
            for pages in (
                record_pages(desk, one, view, row_digests(one.frame)),
                subject_pages(desk, derive_subjects([one]), fragments),
            ):
                found.append((dict(pages.inputs.iter_rows()), made(pages, folder)))
    for (inputs, pages), (other_inputs, other_pages) in ((found[0], found[2]), (found[1], found[3])):
        assert all(pages[path] == other_pages[path] for path in pages if inputs[path] == other_inputs.get(path))
        assert table.frame.equals(other.frame) <= (inputs == other_inputs)


def two_records() -> pl.DataFrame:
    """One with all optional cells and one with none."""
    return pl.DataFrame(
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


@pytest.mark.parametrize("sign", ["{{ row.title }}", "{% if row.flag %}", "{% if row.reason %}"])
def test_another_template_of_rows_is_another_input_of_lists(tmp_path: Path, sign: str) -> None:
    """Whatever shapes of records there are."""
    macro = (ROOT / "site_templates/components/record-row/macro.html").read_text(encoding="utf-8")
    assert macro.count(sign) >= 1
    own = tmp_path / "components/record-row/macro.html"
    own.parent.mkdir(parents=True)
    own.write_text(macro.replace(sign, f"{sign}<i></i>"), encoding="utf-8")
    table = PublicTable(DatasetInfo("a", "甲", Kind.PENALTY, "示例办公室"), (), two_records())
    config = load_config(ROOT / "tests/sites/minimal")
    found = []
    for folders in ([ROOT / "site_templates"], [tmp_path, ROOT / "site_templates"]):
        desk = make_desk(config, date(2026, 11, 20), folders)
        with fragments_of(desk, table, view_of(desk, table)) as (fragments, _):
            found.append((set(fragments.hashes), fragments.rows))
    assert found[0][0].isdisjoint(found[1][0])
    assert found[0][1][0].equals(found[1][1][0])


def test_a_record_page_says_when_it_ends() -> None:
    table = PublicTable(DatasetInfo("penalties", "行政处罚", Kind.PENALTY, "示例办公室"), (), two_records())
    desk = make()
    view = view_of(desk, table)
    with fragments_of(desk, table, view) as (_, folder):
        ending, endless = map(Page, made(record_pages(desk, table, view, row_digests(table.frame)), folder).values())
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

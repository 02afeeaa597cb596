"""How much a build does, by counts: in full, again, with one record changed, as of the next day. Never how fast it is.

Counts with `==` are what must be. Those of builds that follow another are upper bounds: an incremental build may do
less, never more. `INCREMENT_FILES` is what one changed record may cause to be written.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import polars as pl
import pytest

from tests.bench.city import AS_OF, City, make_city, write_records, write_site
from tests.workkit import Work, counted_build

ROWS: Final = 300
SHAPES: Final = 8  # of record pages: which optional values there are
NOTICES: Final = 2  # sorts of exit notices: with an apology and without
NEXT_DAY: Final = 25  # files that tell the day: home, lists of datasets and exits, what describes the data
BULK: Final = ("pages/record.html", "pages/subject.html", "pages/exit.html")
LISTS: Final = 2  # of exits: of all, and of the one dataset
# By the first part of the path: the record, its subject, its month and authority and the dataset's page, its data
# files with what describes them, and what of the search index holds it.
INCREMENT_FILES: Final = {"r": 1, "s": 1, "datasets": 3, "data": 8, "catalog.jsonld": 1, "search": 12}


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Work]:
    folder = tmp_path_factory.mktemp("work")
    root, out = folder / "root", folder / "out"
    city = make_city(ROWS)
    write_site(root, city)
    done = {name: counted_build(root, out, AS_OF) for name in ("full", "again")}
    change_a_record(root, city)
    done["changed"] = counted_build(root, out, AS_OF)
    done["next day"] = counted_build(root, out, AS_OF + timedelta(days=1))
    return done


def change_a_record(root: Path, city: City) -> None:
    """One cell of a public record that is not among the newest, which the home page shows."""
    told = pl.concat([register["JLBH"] for register in city.registers.values()])
    plain = (pl.col("CF_SXCD") != "轻微") & (pl.col("CF_CFCX") == "普通程序") & pl.col("CF_XDR_SHXYM").is_not_null()
    public = city.first[40:].filter(plain & ~pl.col("JLBH").is_in(told.implode()))
    edited = pl.when(pl.col("JLBH") == public["JLBH"][0]).then(pl.format("{}（已更正）", "CF_WFXW"))
    write_records(root, city.first.with_columns(edited.otherwise("CF_WFXW").alias("CF_WFXW")))


def bulk_pages(work: Work) -> int:
    return work.report.pages["record"] + work.report.pages["subject"] + work.report.pages["exit"] - LISTS


def test_nearly_all_records_of_the_generated_site_are_public(works: Mapping[str, Work]) -> None:
    assert works["full"].report.records.records == ROWS
    assert works["full"].report.records.published >= 0.97 * ROWS
    assert {issue.code for issue in works["full"].report.issues} <= {"repair.before-minimum"}


def test_a_full_build_does_everything_once(works: Mapping[str, Work]) -> None:
    full = works["full"]
    assert full.report.pages["record"] == full.report.records.published == full.written["r"]
    assert full.report.pages["subject"] == full.written["s"]
    assert full.steps["render, files"] == bulk_pages(full)
    assert full.report.files == full.written.total()
    # Bulk pages are searched while they are made; but for a sample, all other files are read once.
    assert 1000 * full.steps["scan, KB"] < 0.6 * full.report.bytes
    assert (full.report.linked, full.bytes) == (0, full.report.bytes)
    assert full.hashed == ROWS


def test_jinja_renders_a_shape_of_a_bulk_page_once_and_every_other_page_once(works: Mapping[str, Work]) -> None:
    """The count of plain renderings does not grow with the records."""
    full = works["full"]
    assert full.templates["pages/record.html"] <= SHAPES
    assert full.templates["pages/subject.html"] <= 2
    assert full.templates["pages/exit.html"] <= NOTICES
    single = full.templates.total() - sum(full.templates[name] for name in BULK)
    assert single == sum(full.report.pages.values()) - bulk_pages(full)


def test_nothing_is_written_where_nothing_has_changed(works: Mapping[str, Work]) -> None:
    again = works["again"]
    assert again.report.release == works["full"].report.release
    assert again.report.linked == again.report.files
    assert (again.written.total(), again.bytes) == (0, 0)


def test_pages_are_assembled_where_something_has_changed(works: Mapping[str, Work]) -> None:
    """And one of each shape, which is searched whole."""
    full, again, changed = works["full"].assembled, works["again"].assembled, works["changed"].assembled
    notices = works["full"].report.pages["exit"] - LISTS
    assert (full["exits"], again["exits"]) == (notices, works["again"].templates["pages/exit.html"])
    assert changed["exits"] == again["exits"] <= NOTICES
    assert (full["r"], full["s"]) == (works["full"].written["r"], works["full"].written["s"])
    assert (again["r"], again["s"]) == tuple(
        works["again"].templates[f"pages/{name}.html"] for name in ("record", "subject")
    )
    assert 1 <= changed["r"] - again["r"] <= 1
    assert 0 <= changed["s"] - again["s"] <= 1


def test_one_changed_record_writes_a_few_files(works: Mapping[str, Work]) -> None:
    changed = works["changed"]
    assert (changed.written["r"], changed.written["s"]) == (1, 1)
    assert {name: count for name, count in changed.written.items() if count > INCREMENT_FILES.get(name, 0)} == {}
    assert 4 * changed.bytes < works["full"].bytes


def test_the_next_day_shares_what_does_not_tell_the_day(works: Mapping[str, Work]) -> None:
    later = works["next day"]
    assert [later.written[name] for name in ("static", "robots.txt", "_headers", "sitemap.xml")] == [0, 0, 0, 0]
    assert later.written["search"] <= INCREMENT_FILES["search"]
    assert [later.written[name] for name in ("r", "s", "leaving", "units")] == [0, 0, 0, 0]
    assert later.written.total() <= NEXT_DAY
    assert 20 * later.bytes < works["full"].bytes


@pytest.mark.parametrize("name", ["again", "changed", "next day"])
def test_a_later_build_does_no_more_than_the_first(works: Mapping[str, Work], name: str) -> None:
    """Single pages, data files and single reads are done again each time; docs/plan.md."""
    full, later = works["full"], works[name]
    # One of the pages that were searched while they were made is read again, another one each time.
    more = full.steps + Counter({"scan, KB": 40})
    assert {stage: count for stage, count in later.steps.items() if count > more[stage]} == {}
    assert {page: count for page, count in later.templates.items() if count > full.templates[page]} == {}
    assert later.hashed <= ROWS

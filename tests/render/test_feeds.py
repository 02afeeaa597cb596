"""What machines read: sitemap, robots.txt, exits, catalogue."""

import csv
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import urllib.robotparser
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from publish import urls
from publish.model.config import Contact, SiteConfig
from publish.model.public import EXIT_SCHEMA, WITHDRAWAL_SCHEMA, DatasetInfo, ExitTable, PublicTable
from publish.model.terms import Kind
from publish.render.catalog import CatalogEntry, render_catalog
from publish.render.downloads import DownloadFile
from publish.render.feeds import (
    exit_data,
    render_exits_csv,
    render_exits_json,
    render_robots,
    render_sitemap,
    render_withdrawals,
)

BASE = "https://credit.example.test"
AS_OF = date(2026, 5, 4)
KEY = "0123456789abcdef0123"
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
EXITS = ExitTable(
    pl.DataFrame(
        [
            (KEY, "penalties", "=甲,公司", AS_OF, "expired", "《办法》第三十条", date(2026, 6, 3), True),
            ("f" * 20, "other", None, AS_OF, "repaired", "《办法》", date(2026, 6, 3), True),
        ],
        schema=dict(EXIT_SCHEMA),
        orient="row",
    )
)
TITLES = {"penalties": "行政处罚"}


def locations(data: bytes) -> list[str | None]:
    return [element.text for element in ElementTree.fromstring(data).iter(LOC)]


def test_sitemap_of_a_small_site() -> None:
    pages = [
        "/",
        "/policies/a.html",
        f"/exits/01/{KEY}.html",
        "/exits/",
        "/leaving/0.html",
        "/404.html",
        "/a'b&名.html",
    ]
    ((url, data),) = render_sitemap(BASE, pl.Series(pages))
    assert url == urls.SITEMAP
    assert locations(data) == [f"{BASE}/", f"{BASE}/policies/a.html", f"{BASE}/a%27b&%E5%90%8D.html"]
    assert b"lastmod" not in data


def test_sitemap_of_nothing() -> None:
    ((_, data),) = render_sitemap(BASE, pl.Series([], dtype=pl.String))
    assert locations(data) == []


def test_sitemap_of_a_large_site() -> None:
    pages = pl.Series([urls.record(f"{number:020x}") for number in range(25)])
    files = dict(render_sitemap(BASE, pages, limit=10, most=8))
    first, *parts = files
    assert first == urls.SITEMAP
    assert locations(files[first]) == [BASE + url for url in parts]
    assert all(1 <= len(locations(files[url])) <= 8 for url in parts)
    assert parts == [urls.sitemap_part((locations(files[url])[0] or "").removeprefix(BASE)) for url in parts]
    assert [place for url in parts for place in locations(files[url])] == [BASE + page for page in pages]
    assert len(render_sitemap(BASE, pages, limit=25)) == 1


def test_an_index_of_sitemaps_has_no_more_parts_than_it_may_have() -> None:
    pages = pl.Series([f"/{number}.html" for number in range(500)])  # some have less than eight bytes
    assert len(render_sitemap(BASE, pages, limit=20, most=2)) <= 1 + 20


def test_one_page_more_changes_few_parts_of_a_sitemap() -> None:
    """And the others have the names that they had."""
    pages = [
        urls.record(hashlib.sha256(bytes([number % 256, number // 256])).hexdigest()[:20]) for number in range(800)
    ]
    every = set(render_sitemap(BASE, pl.Series(pages), limit=100, most=20))
    for at in (0, 100, 377, 799):
        fewer = set(render_sitemap(BASE, pl.Series(pages[:at] + pages[at + 1 :]), limit=100, most=20))
        assert len(fewer) > 40
        assert len(fewer - every) < 8  # one of them is the index


def test_parts_of_a_sitemap_that_are_known_are_not_made() -> None:
    """But named; and what is known of them changes with each address, their order and the site's own address."""
    pages = pl.Series([urls.record(f"{number:020x}") for number in range(60)])
    asked: list[pl.DataFrame] = []

    def parts(base: str = BASE, pages: pl.Series = pages, at: int | None = None) -> tuple[tuple[str, bytes], ...]:
        def kept(files: pl.DataFrame) -> pl.Series:
            asked.append(files)
            return pl.Series([number == at for number in range(files.height)], dtype=pl.Boolean)

        return render_sitemap(base, pages, limit=30, most=8, kept=kept)

    every = parts()
    assert parts(at=2) == every[:3] + every[4:]
    assert asked[0]["path"].to_list() == [urls.file_of(url) for url, _ in every[1:]]
    assert asked[0]["inputs"].n_unique() == len(every) - 1
    assert asked[1].equals(asked[0])
    swapped = pages.gather([0, 2, 1, *range(3, 60)])
    for base, some in ((BASE + ".cn", pages), (BASE, swapped), (BASE, pages.filter(pages != pages[3]))):
        other = parts(base, some)
        same = asked[-1].join(asked[0], on=["path", "inputs"])["path"].to_list()
        assert same == [urls.file_of(url) for url, data in other if (url, data) in every[1:]]
        assert len(same) < len(every) - 1


def test_robots() -> None:
    robots = urllib.robotparser.RobotFileParser()
    robots.parse(render_robots(BASE).decode().splitlines())
    assert not robots.can_fetch("any", BASE + urls.exit_notice(KEY))
    assert not robots.can_fetch("any", BASE + urls.leaving("https://else.test"))
    assert robots.can_fetch("any", BASE + urls.record(KEY))
    assert robots.site_maps() == [f"{BASE}/sitemap.xml"]


def test_a_notice_that_may_be_found_is_in_the_sitemap_and_may_be_fetched() -> None:
    """And so are those that may not: a crawler must read a page to learn that it may not list it."""
    page = urls.exit_notice(KEY)
    pages = pl.Series([page, urls.exit_notice("f" * 20), urls.EXITS, urls.leaving("https://else.test")])
    ((_, data),) = render_sitemap(BASE, pages, searchable={page})
    assert locations(data) == [BASE + page]
    lines = render_robots(BASE, searchable={page}).decode().splitlines()
    closed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    pattern = "|".join(re.escape(path).replace(r"\*", ".*").replace(r"\$", "$") for path in closed)  # RFC 9309, 2.2.3
    hidden = [urls.EXITS_JSON, urls.EXITS_CSV, urls.EXITS_ATOM, urls.exits_feed("penalties", "atom")]
    assert all(re.match(pattern, path) for path in [*hidden, urls.leaving("https://else.test")])
    assert not any(re.match(pattern, path) for path in (page, urls.EXITS, urls.exits_of("penalties"), urls.record(KEY)))


def withdrawn(*rows: tuple[str, str, date]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(WITHDRAWAL_SCHEMA), orient="row")


def test_withdrawals() -> None:
    frame = withdrawn((KEY, "penalties", AS_OF), ("f" * 20, "lists", AS_OF - timedelta(1)))
    data = render_withdrawals(frame, AS_OF)
    assert json.loads(data) == {
        "as_of": "2026-05-04",
        "retention_days": 400,
        "count": 2,
        "withdrawals": [
            {"id": KEY, "dataset": "penalties", "withdrawn_on": "2026-05-04"},
            {"id": "f" * 20, "dataset": "lists", "withdrawn_on": "2026-05-03"},
        ],
    }
    assert data.decode().splitlines()[1].startswith(f'{{"id":"{KEY}"'), "one entry a line"
    assert render_withdrawals(frame.with_columns(name=pl.lit("示例甲")), AS_OF) == data, "it names nobody"


def test_no_withdrawals_and_very_many() -> None:
    assert json.loads(render_withdrawals(withdrawn(), AS_OF))["withdrawals"] == []
    count = 100_000
    keys = pl.DataFrame({"key": pl.int_range(count, eager=True).cast(pl.String).str.zfill(20)})
    frame = keys.with_columns(dataset=pl.lit("penalties"), withdrawn_on=pl.lit(AS_OF))
    assert len(json.loads(render_withdrawals(frame, AS_OF))["withdrawals"]) == count


@pytest.mark.parametrize("name", ["penalties.csv", "penalties.csv.gz"])
def test_a_copy_is_purged_as_the_docs_say(name: str, tmp_path: Path) -> None:
    """The program of docs/downloads.md, as it stands there."""
    text = (Path(__file__).resolve().parents[2] / "docs/downloads.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    rows = [
        ("文号", "_permalink", "public_until", "flag"),
        ("甲,乙", BASE + urls.record("0" * 20), "2027-01-01", ""),
        ("撤下", BASE + urls.record("1" * 20), "2027-01-01", "objection"),
        ("丙\n丁", BASE + urls.record("2" * 20), "", ""),
        ("期满", BASE + urls.record("3" * 20), "2026-05-03", ""),
        ("今日期满", BASE + urls.record("4" * 20), "2026-05-04", ""),
    ]
    copy, feed = tmp_path / name, tmp_path / "withdrawals.json"
    opened = gzip.open if name.endswith(".gz") else open
    with opened(copy, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    feed.write_bytes(render_withdrawals(withdrawn(("1" * 20, "penalties", AS_OF), ("9" * 20, "x", AS_OF)), AS_OF))
    (tmp_path / "purge.py").write_text(program, encoding="utf-8")
    subprocess.run([sys.executable, "purge.py", copy.name, feed.name], cwd=tmp_path, check=True)
    with opened(copy, "rt", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [list(rows[number]) for number in (0, 1, 3, 5)]
    assert {path.name for path in tmp_path.iterdir()} == {name, "withdrawals.json", "purge.py"}


def test_exits_json() -> None:
    document = json.loads(render_exits_json(exit_data(EXITS, TITLES, BASE), AS_OF))
    assert (document["as_of"], document["count"]) == ("2026-05-04", 2)
    assert document["exits"][0] == {
        "url": BASE + urls.exit_notice(KEY),
        "dataset": "penalties",
        "list": "行政处罚",
        "subject": "=甲,公司",
        "left_on": "2026-05-04",
        "reason": "expired",
        "citation": "《办法》第三十条",
        "notice_until": "2026-06-03",
    }
    assert document["exits"][1]["list"] == "other"
    assert document["exits"][1]["subject"] is None


def test_exits_json_is_written_as_json_writes_it() -> None:
    """Quotes, backslashes, control characters and what is not there."""
    hostile = ['甲"乙"', "a\\b\n\t\x00\x7f\u2028", "", None]
    frame = EXITS.frame.head(1).drop("subject").join(pl.DataFrame({"subject": hostile}), how="cross")
    data = render_exits_json(exit_data(ExitTable(frame.select(list(EXIT_SCHEMA))), TITLES, BASE), AS_OF)
    document = json.loads(data)
    assert [one["subject"] for one in document["exits"]] == hostile
    for whole in (document, document | {"count": 0, "exits": []}):
        kept = ExitTable(frame.select(list(EXIT_SCHEMA)).head(whole["count"]))
        plain = json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"
        assert render_exits_json(exit_data(kept, TITLES, BASE), AS_OF) == plain


def test_exits_csv_has_the_same() -> None:
    text = render_exits_csv(exit_data(EXITS, TITLES, BASE)).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    listed = json.loads(render_exits_json(exit_data(EXITS, TITLES, BASE), AS_OF))["exits"]
    assert rows == [{name: value or "" for name, value in exit_.items()} for exit_ in listed]
    assert text.count("\r\n") == 3


def test_no_exits() -> None:
    none = ExitTable(EXITS.frame.clear())
    assert json.loads(render_exits_json(exit_data(none, {}, BASE), AS_OF))["exits"] == []
    assert render_exits_csv(exit_data(none, {}, BASE)).startswith(b"url,dataset,list,")


CONFIG = SiteConfig(
    "虚构市信用",
    "虚构市信用办",
    BASE,
    "zh-Hans",
    "Asia/Shanghai",
    (),
    description="演示",
    contact=Contact(phone="(0000) 123-456", email="a@example.test"),
)


def entry(licenses: tuple[tuple[str, str], ...] = (("许可", "https://example.test/l"),)) -> CatalogEntry:
    info = DatasetInfo(
        "penalties",
        "行政处罚",
        Kind.PENALTY,
        "处罚机关",
        legal_basis=("《办法》",),
        keywords=("处罚",),
        licenses=licenses,
    )
    frame = pl.DataFrame({"_date": [date(2026, 3, 1), None, date(2025, 1, 1)]}, schema={"_date": pl.Date})
    files = tuple(DownloadFile(suffix, Path("x"), 12, "ab" * 32) for suffix in urls.DOWNLOAD_NAMES)
    return CatalogEntry(PublicTable(info, (), frame), files)


def terms(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield name
            yield from terms(value)
    elif isinstance(node, list):
        for value in node:
            yield from terms(value)


def test_catalog_has_the_mandatory_and_recommended_properties() -> None:
    catalog = json.loads(render_catalog(CONFIG, [entry()], AS_OF))
    assert {"dct:title", "dct:description", "dct:publisher", "dcat:dataset", "foaf:homepage"} <= set(catalog)
    assert catalog["dct:publisher"]["foaf:name"]["@value"] == "虚构市信用办"
    (dataset,) = catalog["dcat:dataset"]
    assert {"dct:title", "dct:description", "dcat:contactPoint", "dcat:distribution", "dcat:keyword"} <= set(dataset)
    assert {"dct:publisher", "dct:temporal", "dcat:theme"} <= set(dataset)
    assert dataset["dct:publisher"]["foaf:name"]["@value"] == "处罚机关"
    assert dataset["dct:temporal"]["dcat:startDate"]["@value"] == "2025-01-01"
    assert dataset["dct:temporal"]["dcat:endDate"]["@value"] == "2026-03-01"
    assert dataset["dcat:contactPoint"]["vcard:hasTelephone"] == {"@id": "tel:0000123-456"}
    assert len(dataset["dcat:distribution"]) == 6
    for suffix, distribution in zip(urls.DOWNLOAD_NAMES, dataset["dcat:distribution"], strict=True):
        assert {"dcat:accessURL", "dcatap:availability", "dct:description", "dct:format", "dct:license"} <= set(
            distribution
        )
        assert distribution["dcat:downloadURL"]["@id"] == BASE + urls.download("penalties", suffix)
        assert distribution["spdx:checksum"]["spdx:checksumValue"]["@value"] == "ab" * 32
        assert distribution["spdx:checksum"]["spdx:algorithm"]["@id"] == "spdx:checksumAlgorithm_sha256"


def test_packed_files_in_the_catalog() -> None:
    """By what is in them, and how it is packed."""
    packed = entry()
    files = tuple(DownloadFile(suffix, Path("x"), 12, "ab" * 32) for suffix in urls.PACKED_NAMES)
    (plain,) = json.loads(render_catalog(CONFIG, [packed], AS_OF))["dcat:dataset"]
    (dataset,) = json.loads(render_catalog(CONFIG, [replace(packed, files=files)], AS_OF))["dcat:dataset"]
    told = zip(urls.PACKED_NAMES, plain["dcat:distribution"], dataset["dcat:distribution"], strict=True)
    packing = {"@id": "https://www.iana.org/assignments/media-types/application/gzip"}
    for suffix, one, other in told:
        assert other["dct:format"] == one["dct:format"]
        assert other.get("dcat:mediaType") == one.get("dcat:mediaType")
        assert other.get("dcat:compressFormat") == (packing if suffix.endswith(".gz") else None)
        assert "dcat:compressFormat" not in one


def test_every_prefix_of_the_catalog_is_defined_and_used() -> None:
    catalog = json.loads(render_catalog(CONFIG, [entry()], AS_OF))
    context = catalog.pop("@context")
    used = {name.partition(":")[0] for name in terms(catalog) if not name.startswith("@")}
    assert used | {"xsd"} == set(context)


def test_the_catalog_makes_nothing_up() -> None:
    (dataset,) = json.loads(render_catalog(CONFIG, [entry(())], AS_OF))["dcat:dataset"]
    assert "dct:spatial" not in dataset
    assert all("dct:license" not in distribution for distribution in dataset["dcat:distribution"])
    bare = SiteConfig("x", "y", BASE, "zh-Hans", "Asia/Shanghai", ())
    contact = json.loads(render_catalog(bare, [entry()], AS_OF))["dcat:dataset"][0]["dcat:contactPoint"]
    assert set(contact) == {"@type", "vcard:fn", "vcard:hasURL"}

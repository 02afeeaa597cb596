"""What machines read: sitemap, robots.txt, exits, catalogue."""

import csv
import io
import json
import urllib.robotparser
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from publish import urls
from publish.model.config import Contact, SiteConfig
from publish.model.public import EXIT_SCHEMA, DatasetInfo, ExitTable, PublicTable
from publish.model.terms import Kind
from publish.render.catalog import CatalogEntry, render_catalog
from publish.render.downloads import DownloadFile
from publish.render.feeds import render_exits_csv, render_exits_json, render_robots, render_sitemap

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
    pages = pl.Series([f"/r/{number}.html" for number in range(25)])
    files = dict(render_sitemap(BASE, pages, limit=10))
    assert list(files) == ["/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml", "/sitemap-3.xml"]
    index = locations(files["/sitemap.xml"])
    assert index == [f"{BASE}/sitemap-{number}.xml" for number in (1, 2, 3)]
    listed = [place for url in list(files)[1:] for place in locations(files[url])]
    assert listed == [BASE + page for page in pages]
    assert len(render_sitemap(BASE, pages, limit=25)) == 1


def test_robots() -> None:
    robots = urllib.robotparser.RobotFileParser()
    robots.parse(render_robots(BASE).decode().splitlines())
    assert not robots.can_fetch("any", BASE + urls.exit_notice(KEY))
    assert not robots.can_fetch("any", BASE + urls.leaving("https://else.test"))
    assert robots.can_fetch("any", BASE + urls.record(KEY))
    assert robots.site_maps() == [f"{BASE}/sitemap.xml"]


def test_exits_json() -> None:
    document = json.loads(render_exits_json(EXITS, TITLES, BASE, AS_OF))
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


def test_exits_csv_has_the_same() -> None:
    text = render_exits_csv(EXITS, TITLES, BASE).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    listed = json.loads(render_exits_json(EXITS, TITLES, BASE, AS_OF))["exits"]
    assert rows == [{name: value or "" for name, value in exit_.items()} for exit_ in listed]
    assert text.count("\r\n") == 3


def test_no_exits() -> None:
    none = ExitTable(EXITS.frame.clear())
    assert json.loads(render_exits_json(none, {}, BASE, AS_OF))["exits"] == []
    assert render_exits_csv(none, {}, BASE).startswith(b"url,dataset,list,")


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

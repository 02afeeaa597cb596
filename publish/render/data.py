"""Data files and feeds: downloads of each dataset, exits as data, the catalogue, the sitemap."""

from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path

import polars as pl

from publish import urls
from publish.model.artifact import Sink
from publish.model.public import Disclosure, ExitTable
from publish.render.catalog import CatalogEntry, render_catalog
from publish.render.downloads import DownloadFile, data_package_descriptor, render_downloads, render_versions
from publish.render.feeds import (
    render_exits_csv,
    render_exits_json,
    render_robots,
    render_sitemap,
    render_withdrawals,
)
from publish.render.notices import render_exits_atom, searchable
from publish.render.views import Desk


def put_downloads(
    desk: Desk, disclosure: Disclosure, sink: Sink, executor: Executor, scratch: Path
) -> dict[str, tuple[DownloadFile, ...]]:
    """All files of all datasets, with their descriptors. Returns the files by dataset."""
    base = desk.config.base_url
    futures = {
        table.info.slug: executor.submit(render_downloads, table, base, desk.as_of, scratch)
        for table in disclosure.public
    }
    files: dict[str, tuple[DownloadFile, ...]] = {}
    for table in disclosure.public:
        slug = table.info.slug
        files[slug] = futures[slug].result()
        for file in files[slug]:
            sink.add_file(urls.download(slug, file.suffix), file.path)
        sink.write(urls.data_package(slug), data_package_descriptor(table, files[slug], base, desk.as_of))
        sink.write(urls.data_versions(slug), render_versions(table.info, files[slug], desk.as_of))
    return files


def put_feeds(
    desk: Desk, disclosure: Disclosure, files: Mapping[str, tuple[DownloadFile, ...]], pages: pl.Series, sink: Sink
) -> None:
    """Exits and withdrawals as data, the catalogue, the sitemap over `pages` (URLs), robots.txt."""
    base = desk.config.base_url
    put_exits(desk, disclosure, sink)
    sink.write(urls.WITHDRAWALS, render_withdrawals(disclosure.withdrawals, desk.as_of))
    entries = [CatalogEntry(table, files[table.info.slug]) for table in disclosure.public]
    sink.write(urls.CATALOG_JSONLD, render_catalog(desk.config, entries, desk.as_of))
    shown = searchable(disclosure.exits)
    for url, data in render_sitemap(base, pages, searchable=shown):
        sink.write(url, data)
    sink.write(urls.ROBOTS, render_robots(base, searchable=shown))


def put_exits(desk: Desk, disclosure: Disclosure, sink: Sink) -> None:
    """Exit notices as JSON, CSV and Atom: all of them, and those of each dataset."""
    base, infos = desk.config.base_url, [table.info for table in disclosure.public]
    titles = {info.slug: info.title for info in infos}
    sink.write(urls.EXITS_JSON, render_exits_json(disclosure.exits, titles, base, desk.as_of))
    sink.write(urls.EXITS_CSV, render_exits_csv(disclosure.exits, titles, base))
    sink.write(urls.EXITS_ATOM, render_exits_atom(desk, disclosure.exits, infos))
    for slug in titles:
        mine = ExitTable(disclosure.exits.frame.filter(pl.col("dataset") == slug))
        sink.write(urls.exits_feed(slug, "json"), render_exits_json(mine, titles, base, desk.as_of))
        sink.write(urls.exits_feed(slug, "csv"), render_exits_csv(mine, titles, base))
        sink.write(urls.exits_feed(slug, "atom"), render_exits_atom(desk, mine, infos, slug))

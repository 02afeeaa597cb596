"""Data files and feeds: downloads of each dataset, the search index, exits as data, the catalogue, the sitemap."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from pathlib import Path

import polars as pl

from publish import urls
from publish.model.artifact import DataCells, Sink
from publish.model.data_memory import KnownData
from publish.model.public import Disclosure, PublicTable
from publish.model.search import SearchIndex
from publish.render.catalog import CatalogEntry, render_catalog
from publish.render.copied import LiveFiles
from publish.render.descriptors import data_package_descriptor, render_versions
from publish.render.downloads import (
    DownloadFile,
    DownloadTask,
    MadeFiles,
    cells_of,
    download_tasks,
    render_task,
)
from publish.render.feeds import (
    Kept,
    exit_data,
    render_exits_csv,
    render_exits_json,
    render_robots,
    render_sitemap,
    render_withdrawals,
)
from publish.render.notices import render_exits_atom, searchable
from publish.render.views import Desk


class Downloads:
    """The data files of all datasets, made by the executor while pages are written."""

    def __init__(
        self,
        desk: Desk,
        executor: Executor,
        scratch: Path,
        known: Mapping[str, KnownData] | None = None,
        live: Callable[[str], tuple[Path, str] | None] = lambda path: None,
    ) -> None:
        """`known`, by dataset, of the live release; `live` gives path and SHA-256 of its files by their path in it."""
        self._desk = desk
        self._executor = executor
        self._scratch = scratch
        self._known = known or {}
        self._live = live
        self._started: dict[str, list[tuple[DownloadTask, Future[MadeFiles]]]] = {}

    def start(self, table: PublicTable) -> None:
        """Have the files of a dataset made."""
        slug = table.info.slug
        tasks = download_tasks(
            table, self._desk.config.base_url, self._scratch, self._live_files(slug), self._names(slug)
        )
        self._started[table.info.slug] = [(task, self._executor.submit(render_task, task)) for task in tasks]

    def _live_files(self, slug: str) -> LiveFiles | None:
        """Of the live release, if it has those that are known."""
        known = self._known.get(slug)
        if known is None:
            return None
        paths = {suffix: urls.file_of(urls.download(slug, suffix)) for suffix in self._names(slug)}
        if known.sha256.keys() - set(paths.values()):  # they were packed then and are not now, or the other way round
            return None
        found = {suffix: self._live(path) for suffix, path in paths.items() if path in known.sha256}
        sha256 = {suffix: one[1] for suffix, one in found.items() if one is not None}
        if {suffix: known.sha256[paths[suffix]] for suffix in found} != sha256:
            return None
        return LiveFiles({suffix: one[0] for suffix, one in found.items() if one is not None}, sha256, known)

    def _names(self, slug: str) -> Sequence[str]:
        return urls.PACKED_NAMES if slug in self._desk.config.data_files.packed else urls.DOWNLOAD_NAMES

    def done(self) -> bool:
        """Whether `put` waits for nobody: all that was started is made, or has come to grief."""
        return all(future.done() for started in self._started.values() for _, future in started)

    def close(self) -> None:
        """Begin no more, and wait for what is being made: it is written into the scratch folder."""
        tasks = [future for started in self._started.values() for _, future in started]
        wait([task for task in tasks if not task.cancel()])

    def cells(self, tables: Sequence[PublicTable]) -> Iterator[DataCells]:
        """Of which cells the files of these datasets are made. Waits for them."""
        for table in tables:
            for _, future in self._started[table.info.slug]:
                future.result()
            slug = table.info.slug
            yield cells_of(self._started[slug][0][0].rows, slug, self._scratch, self._names(slug))

    def put(self, tables: Sequence[PublicTable], sink: Sink) -> dict[str, tuple[DownloadFile, ...]]:
        """Put the files of these datasets, which have been started, and their descriptors into the release. Returns the
        files by dataset, in the order of their names in urls."""
        base, as_of = self._desk.config.base_url, self._desk.as_of
        files: dict[str, tuple[DownloadFile, ...]] = {}
        for table in tables:
            slug = table.info.slug
            made = {file.suffix: file for _, future in self._started[slug] for file in future.result().files}
            files[slug] = tuple(made[suffix] for suffix in self._names(slug))
            for file in files[slug]:
                sink.add_file(urls.download(slug, file.suffix), file.path, file.sha256)
            fields = self._started[slug][0][0].rows.fields
            sink.write(urls.data_package(slug), data_package_descriptor(table.info, fields, files[slug], base, as_of))
            sink.write(urls.data_versions(slug), render_versions(table.info, files[slug], as_of))
        return files


def put_index(index: SearchIndex, sink: Sink) -> list[str]:
    """All files of the search index. Returns the paths of those that are written."""
    written = {**index.parts, urls.SEARCH_ROOT: index.root}
    for url, data in written.items():
        sink.write(url, data)
    sink.keep_many(index.kept)
    return [urls.file_of(url) for url in written]


def put_feeds(
    desk: Desk,
    disclosure: Disclosure,
    files: Mapping[str, tuple[DownloadFile, ...]],
    pages: pl.Series,
    sink: Sink,
    kept: Kept,
) -> None:
    """Exits and withdrawals as data, the catalogue, the sitemap over `pages` (URLs), robots.txt. Parts of the sitemap
    that are `kept` are in the release already."""
    base = desk.config.base_url
    put_exits(desk, disclosure, sink)
    sink.write(urls.WITHDRAWALS, render_withdrawals(disclosure.withdrawals, desk.as_of))
    entries = [CatalogEntry(table, files[table.info.slug]) for table in disclosure.public]
    sink.write(urls.CATALOG_JSONLD, render_catalog(desk.config, entries, desk.as_of))
    shown = searchable(disclosure.exits)
    sitemap, *parts = render_sitemap(base, pages, searchable=shown, kept=kept)
    sink.write(*sitemap)
    parts.sort()
    sink.write_many([urls.file_of(url) for url, _ in parts], [data for _, data in parts])
    sink.write(urls.ROBOTS, render_robots(base, searchable=shown))


def put_exits(desk: Desk, disclosure: Disclosure, sink: Sink) -> None:
    """Exit notices as JSON, CSV and Atom: all of them, and those of each dataset."""
    base, infos = desk.config.base_url, [table.info for table in disclosure.public]
    titles = {info.slug: info.title for info in infos}
    every = exit_data(disclosure.exits, titles, base)
    sink.write(urls.EXITS_JSON, render_exits_json(every, desk.as_of))
    sink.write(urls.EXITS_CSV, render_exits_csv(every))
    sink.write(urls.EXITS_ATOM, render_exits_atom(desk, disclosure.exits, infos))
    for slug in titles:
        mine = every.filter(pl.col("dataset") == slug)
        sink.write(urls.exits_feed(slug, "json"), render_exits_json(mine, desk.as_of))
        sink.write(urls.exits_feed(slug, "csv"), render_exits_csv(mine))
        sink.write(urls.exits_feed(slug, "atom"), render_exits_atom(desk, disclosure.exits, infos, slug))

"""The render stage: every page, feed and data file of the site, handed to a sink."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

import polars as pl

from publish import urls
from publish.model.artifact import Sink
from publish.model.document import Page
from publish.model.public import Disclosure, PublicTable
from publish.model.site import Site
from publish.render import notices, pages
from publish.render.contexts import DatasetView, DownloadView
from publish.render.lists import render_listings
from publish.render.records import (
    Partition,
    derive_row_plan,
    record_partitions,
    render_partition,
    rows_html,
    subject_partitions,
    subject_slots,
)
from publish.render.rows import ROW_SLOTS, record_slots
from publish.render.views import Desk, dataset_view, size_for_people

Advance = Callable[[int], None]


def render_bulk(
    desk: Desk,
    disclosure: Disclosure,
    site: Site,
    sink: Sink,
    executor: Executor,
    scratch: Path,
    advance: Advance,
) -> tuple[dict[str, pl.DataFrame], dict[str, int]]:
    """Record and subject pages. Returns `key`, `html` of each dataset's records as lists show them, and page counts.

    Partitions are computed by the executor and written here, by one writer, in the order in which they were handed
    out: two writers in one tree of directories are slower than one.
    """
    rows: dict[str, pl.DataFrame] = {}
    work: list[Partition] = []
    counts = {"record": 0, "subject": 0}
    for table, view in zip(disclosure.public, dataset_views(desk, site), strict=True):
        slots = record_slots(table, desk.label)
        row_plan = derive_row_plan(desk, slots.select(ROW_SLOTS), view)
        rows[table.info.slug] = rows_html(row_plan, slots.select(ROW_SLOTS), table.frame["_key"])
        work += record_partitions(desk, table, slots, view, scratch)
        counts["record"] += slots.height
    if rows:
        subjects = subject_slots(site.subjects, pl.concat(rows.values()))
        counts["subject"] = subjects.height
        work += subject_partitions(desk, subjects, scratch)
    for future in [executor.submit(render_partition, partition) for partition in work]:
        out = future.result()
        done = pl.read_ipc(out)
        sink.write_many(done["path"].to_list(), (html.encode() for html in done["html"]))
        advance(done.height)
        out.unlink()
    return rows, counts


def render_single(
    desk: Desk,
    disclosure: Disclosure,
    site: Site,
    texts: Sequence[Page],
    rows: Mapping[str, pl.DataFrame],
    downloads: Mapping[str, Sequence[DownloadView]],
    sink: Sink,
) -> dict[str, int]:
    """All other HTML pages; the leaving notices last, when every outside link has been met. Returns page counts."""
    views = dataset_views(desk, site)
    latest = pages.latest_rows(disclosure.public, rows)
    counts = {
        "home": _put(sink, [(urls.HOME, pages.render_home(desk, views, latest, site, disclosure))]),
        "catalogue": _put(sink, [(urls.DATASETS, pages.render_catalogue(desk, views))]),
        "dataset": 0,
        "listing": 0,
    }
    for table, summary, view in zip(disclosure.public, site.summaries, views, strict=True):
        page = pages.render_dataset(desk, table, summary, view, downloads[table.info.slug])
        counts["dataset"] += _put(sink, [(view.url, page)])
        counts["listing"] += _put(sink, render_listings(desk, table, summary, view, rows[table.info.slug]))
    counts["exit"] = _put(sink, notices.render_exits(desk, disclosure.exits, site.summaries, views))
    counts["policy"] = _put(sink, pages.render_policies(desk, site))
    counts["text"] = _put(sink, pages.render_texts(desk, texts))
    counts["search"] = _put(sink, [(urls.SEARCH, pages.render_search(desk, views, urls.SEARCH_INDEX + "root.json"))])
    counts["404"] = _put(sink, [(urls.NOT_FOUND, pages.render_not_found(desk))])
    counts["leaving"] = _put(sink, pages.render_leaving(desk))
    return counts


def dataset_views(desk: Desk, site: Site) -> list[DatasetView]:
    """The datasets as cards show them, in the site's order."""
    return [dataset_view(desk, summary) for summary in site.summaries]


def _put(sink: Sink, rendered: Iterable[tuple[str, bytes]]) -> int:
    count = 0
    for url, data in rendered:
        sink.write(url, data)
        count += 1
    return count


def download_views(desk: Desk, table: PublicTable, files: Sequence[tuple[str, int, str]]) -> tuple[DownloadView, ...]:
    """A dataset's downloads as its page lists them. `files` are (suffix, bytes, sha256)."""
    return tuple(
        DownloadView(
            label=desk.label(f"download.{suffix}"),
            href=urls.download(table.info.slug, suffix),
            size=size_for_people(count),
            bytes=count,
            sha256=digest,
        )
        for suffix, count, digest in files
    )

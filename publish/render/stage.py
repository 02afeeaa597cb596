"""The render stage: every page and feed of the site, handed to a sink."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from publish import urls
from publish.model.artifact import Sink
from publish.model.config import SiteConfig
from publish.model.document import Page
from publish.model.public import Disclosure, PublicTable
from publish.model.report import Progress
from publish.model.site import Site
from publish.render import notices, pages
from publish.render.bulk_pages import Pages
from publish.render.compare_page import render_comparison
from publish.render.contexts import DatasetView, DownloadView
from publish.render.data import put_feeds
from publish.render.downloads import DownloadFile
from publish.render.environment import environment, load_interface, static_files
from publish.render.exit_notices import exit_pages
from publish.render.fragments import Fragments
from publish.render.lists import Listings, further_pages, listings, render_first_pages
from publish.render.outbound import Outbound
from publish.render.policies import render_policies
from publish.render.records import record_pages, subject_pages
from publish.render.responsibilities import responsibility_files
from publish.render.rules_page import render_rules
from publish.render.statistics import render_statistics, render_statistics_json
from publish.render.units import render_units
from publish.render.views import Desk, dataset_view, site_view, size_for_people
from publish.render.writer import BulkPages, HtmlPages


def make_desk(
    config: SiteConfig, as_of: date, folders: Sequence[Path], static: Mapping[str, tuple[str, bytes]] | None = None
) -> Desk:
    """Read templates and interface texts, the site's own first. `static`: what `static_files` has made of them."""
    texts = load_interface(folders, config.language)
    static = static_files(folders) if static is None else static
    addresses = {path: url for path, (url, _) in static.items()}
    jinja = environment(folders, config.language, site_view(config, as_of, texts), addresses)
    translate: Any = jinja.globals["t"]
    outbound = Outbound(config.base_url, config.government_domains)
    return Desk(jinja, translate, config, as_of, outbound, static)


def render(
    desk: Desk,
    disclosure: Disclosure,
    site: Site,
    texts: Sequence[Page],
    sink: Sink,
    bulk: BulkPages,
    files_made: Callable[[], Mapping[str, tuple[DownloadFile, ...]]],
    scratch: Path,
    progress: Progress,
) -> dict[str, int]:
    """Render the whole site into `sink`, but for data files and the search index; returns how
    many pages of each sort. `files_made` waits for the data files of each dataset: the sink has them then. It is
    asked when most pages are done. `scratch` is a folder for what pages are made of."""
    html = HtmlPages(sink)
    fragments = Fragments(desk, disclosure.public, dataset_views(desk, site), scratch)
    counts = render_bulk(desk, disclosure, site, fragments, html, bulk, progress)
    files = files_made()
    shown = {table.info.slug: download_views(desk, table, files[table.info.slug]) for table in disclosure.public}
    single = render_single(desk, disclosure, site, texts, fragments, shown, html)
    counts |= single | {"exit": counts["exit"] + single["exit"]}
    told = responsibility_files(site, desk.config, desk.as_of)
    for url, data in chain(desk.static.values(), told):
        sink.write(url, data)
    put_feeds(desk, disclosure, files, html.urls(), sink, bulk.sharing("sitemap", sink))
    sink.write(urls.STATISTICS_JSON, render_statistics_json(site.statistics, desk.as_of))
    return counts


def render_bulk(
    desk: Desk,
    disclosure: Disclosure,
    site: Site,
    fragments: Fragments,
    html: HtmlPages,
    bulk: BulkPages,
    progress: Progress,
) -> dict[str, int]:
    """Record and subject pages, exit notices, and listings. Returns page counts."""
    views = dataset_views(desk, site)
    counts = {"record": sum(table.frame.height for table in disclosure.public)}
    counts |= {"subject": site.subjects.height}
    counts |= {"exit": sum(summary.exits for summary in site.summaries), "listing": 0}
    progress.expect(sum(counts.values()))

    def pages() -> Iterator[Pages]:
        for table, view, digests in zip(disclosure.public, views, fragments.rows, strict=True):
            yield record_pages(desk, table, view, digests)
        yield subject_pages(desk, site.subjects, fragments)
        yield from exit_pages(desk, disclosure.exits, site.summaries, views)

    for count in bulk.put(pages(), html):
        progress.advance(count)
    for number, (table, summary, view) in enumerate(zip(disclosure.public, site.summaries, views, strict=True)):
        every = listings(desk, table, summary, view, fragments.begin(number))
        counts["listing"] += _render_listings(desk, every, fragments, html, bulk)
    return counts


def _render_listings(
    desk: Desk, every: Iterable[Listings], fragments: Fragments, html: HtmlPages, bulk: BulkPages
) -> int:
    """First pages are rendered here, on the way; all others as bulk pages. Returns how many pages there are."""
    count = 0

    def pages() -> Iterator[Pages]:
        nonlocal count
        for number, one in enumerate(every):
            count += _put(html, render_first_pages(desk, one, fragments))
            yield further_pages(desk, one, fragments, f"listings-{one.dataset.slug}-{number}")

    return sum(bulk.put(pages(), html)) + count


def render_single(
    desk: Desk,
    disclosure: Disclosure,
    site: Site,
    texts: Sequence[Page],
    fragments: Fragments,
    downloads: Mapping[str, Sequence[DownloadView]],
    html: HtmlPages,
) -> dict[str, int]:
    """All other HTML pages; the leaving notices last, when every outside link has been met. Returns page counts."""
    views = dataset_views(desk, site)
    latest = pages.latest_rows(disclosure.public, fragments)
    counts = {
        "home": _put(html, [(urls.HOME, pages.render_home(desk, views, latest, site, disclosure))]),
        "catalogue": _put(html, [(urls.DATASETS, pages.render_catalogue(desk, views))]),
        "dataset": 0,
    }
    for table, summary, view in zip(disclosure.public, site.summaries, views, strict=True):
        page = pages.render_dataset(desk, table, summary, view, downloads[table.info.slug])
        counts["dataset"] += _put(html, [(view.url, page)])
    counts["exit"] = _put(html, notices.render_exits(desk, disclosure.exits, site.summaries, views))
    counts["policy"] = _put(html, render_policies(desk, site))
    counts["unit"] = _put(html, render_units(desk, site))
    rules = [(urls.RULES, render_rules(desk, site)), (urls.RULES_COMPARED, render_comparison(desk, site.compared))]
    counts["rules"] = _put(html, rules)
    counts["statistics"] = _put(html, [(urls.STATISTICS, render_statistics(desk, site.statistics))])
    counts["text"] = _put(html, pages.render_texts(desk, texts))
    search = pages.render_search(desk, views)
    counts["search"] = _put(html, [(urls.SEARCH, search), (urls.BULK, pages.render_bulk_check(desk))])
    counts["404"] = _put(html, [(urls.NOT_FOUND, pages.render_not_found(desk))])
    counts["leaving"] = _put(html, pages.render_leaving(desk))
    return counts


def dataset_views(desk: Desk, site: Site) -> list[DatasetView]:
    """The datasets as cards show them, in the site's order."""
    return [dataset_view(desk, summary) for summary in site.summaries]


def download_views(desk: Desk, table: PublicTable, files: Sequence[DownloadFile]) -> tuple[DownloadView, ...]:
    """A dataset's downloads as its page lists them."""
    return tuple(
        DownloadView(
            label=desk.label(f"download.{urls.plain_name(file.suffix)}"),
            note=desk.label("download.packed") if urls.is_packed(file.suffix) else "",
            href=urls.download(table.info.slug, file.suffix),
            size=size_for_people(file.bytes),
            bytes=file.bytes,
            sha256=file.sha256,
        )
        for file in files
    )


def _put(html: HtmlPages, rendered: Iterable[tuple[str, bytes]]) -> int:
    count = 0
    for url, data in rendered:
        html.write(url, data)
        count += 1
    return count

"""Single pages: everything that is not a record, a subject or a listing."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import polars as pl
from markupsafe import Markup

from publish import urls
from publish.model.document import Page
from publish.model.public import DatasetInfo, Disclosure, PublicTable
from publish.model.site import DatasetSummary, Site
from publish.model.terms import Flag, Severity
from publish.render.contexts import Choice, DatasetView, DownloadView, FieldView, Link, Meta
from publish.render.fragments import Fragments
from publish.render.lists import authority_links, month_links
from publish.render.page_contexts import (
    BulkPage,
    CataloguePage,
    DatasetPage,
    HomePage,
    LeavingPage,
    NotFoundPage,
    SearchPage,
    TextPage,
)
from publish.render.policies import newest
from publish.render.text import plain_text, render_markdown
from publish.render.views import Desk, column_meta

LATEST = 10
ABOUT = "about"


def render_home(
    desk: Desk, datasets: Sequence[DatasetView], latest: Markup, site: Site, disclosure: Disclosure
) -> bytes:
    """The home page."""
    meta = Meta(
        title=desk.config.name,
        path=urls.HOME,
        description=desk.config.description or desk.config.name,
        column=desk.label("nav.home"),
        column_type=desk.label("column.type"),
    )
    policies = tuple(Link(d.title, urls.policy(d.slug)) for d in newest(site.documents)[:5])
    count = sum(view.count for view in datasets)
    page = HomePage(meta, tuple(datasets), latest, policies, disclosure.exits.frame.height, count)
    return desk.page("home", page)


def latest_rows(tables: Sequence[PublicTable], fragments: Fragments) -> Markup:
    """HTML of the newest records of all datasets."""
    newest_of_each = []
    for number, table in enumerate(tables):
        newest = table.frame.select("_key", "_date").head(LATEST)
        begin = fragments.begin(number)
        rows = pl.int_range(begin, begin + newest.height, dtype=pl.UInt32, eager=True)
        newest_of_each.append(newest.with_columns(fragments.html(rows)))
    if not newest_of_each:
        return Markup("")
    frame = pl.concat(newest_of_each).drop_nulls("_date").sort(["_date", "_key"], descending=[True, False])
    return Markup("".join(frame["html"].head(LATEST).to_list()))


def render_catalogue(desk: Desk, datasets: Sequence[DatasetView]) -> bytes:
    """The list of all datasets."""
    title = desk.label("nav.datasets")
    return desk.page(
        "catalogue", CataloguePage(column_meta(desk, title, urls.DATASETS, [Link(title)]), tuple(datasets))
    )


def render_dataset(
    desk: Desk,
    table: PublicTable,
    summary: DatasetSummary,
    dataset: DatasetView,
    downloads: Sequence[DownloadView],
) -> bytes:
    """A dataset's page."""
    info = table.info
    crumbs = (Link(desk.label("nav.datasets"), urls.DATASETS), Link(info.title))
    fields = tuple(
        FieldView(f.name, f.title, desk.label(f"type.{f.type}"), f.description, f.masked) for f in table.fields
    )
    homepage = desk.link(urlsplit(info.homepage).hostname or info.homepage, info.homepage) if info.homepage else None
    page = DatasetPage(
        meta=column_meta(desk, info.title, dataset.url, crumbs, description=plain_text(info.description)),
        dataset=dataset,
        description=render_markdown(info.description, desk.outbound),
        legal_basis=info.legal_basis,
        keywords=info.keywords,
        licenses=tuple(desk.link(title, url) for title, url in info.licenses),
        sources=tuple(desk.link(title, url) for title, url in info.sources),
        homepage=homepage,
        update_cycle=info.update_cycle,
        catalogue=tuple(_catalogue(desk, info)),
        fields=fields,
        months=month_links(desk, summary),
        authorities=authority_links(summary),
        downloads=tuple(downloads),
        descriptor_url=urls.data_package(info.slug),
        versions_url=urls.data_versions(info.slug),
        exits_url=urls.exits_of(info.slug),
        exits=summary.exits,
    )
    return desk.page("dataset", page)


def _catalogue(desk: Desk, info: DatasetInfo) -> Iterator[tuple[str, str]]:
    """(label, text) of what the publisher states for the catalogue (JS-M 8)."""
    for name, value in info.catalogue.items():
        yield desk.label(f"dataset.{name}"), desk.label(f"authority.{value}") if name == "authority_level" else value


def render_texts(desk: Desk, pages: Sequence[Page]) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of each of the site's own pages; a site without an about page gets a plain one.

    Every page links to it: whoever is on a list must find how to object.
    """
    if ABOUT not in {page.slug for page in pages}:
        pages = [*pages, Page(ABOUT, desk.label("nav.about"), desk.label("about.default"))]
    for page in pages:
        url = urls.page(page.slug)
        meta = column_meta(desk, page.title, url, [Link(page.title)], description=plain_text(page.body)[:120])
        yield url, desk.page("text", TextPage(meta, render_markdown(page.body, desk.outbound)))


def render_search(desk: Desk, datasets: Sequence[DatasetView]) -> bytes:
    """The search page."""
    title = desk.label("nav.search")
    meta = column_meta(desk, title, urls.SEARCH, [Link(title)])
    kinds = {dataset.kind: dataset.kind_label for dataset in datasets} | {"policy": desk.label("nav.policies")}
    page = SearchPage(
        meta,
        urls.SEARCH_ROOT,
        tuple(datasets),
        kinds=tuple(Choice(kind, label) for kind, label in kinds.items()),
        severities=tuple(Choice(grade.value, desk.label(f"severity.{grade.value}")) for grade in Severity),
        statuses=tuple(Choice(flag.value, desk.label(f"flag.{flag.value}")) for flag in Flag),
    )
    return desk.page("search", page)


def render_bulk_check(desk: Desk) -> bytes:
    """The page that checks a whole list."""
    title = desk.label("nav.bulk")
    crumbs = (Link(desk.label("nav.search"), urls.SEARCH), Link(title))
    meta = column_meta(desk, title, urls.BULK, crumbs, description=desk.label("bulk.lead"))
    return desk.page("bulk", BulkPage(meta, urls.SEARCH_ROOT))


def render_not_found(desk: Desk) -> bytes:
    """404.html."""
    return desk.page("404", NotFoundPage(Meta(desk.label("not-found.title"), urls.NOT_FOUND, noindex=True)))


def render_leaving(desk: Desk) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of a leaving notice for each outside address met so far; render it after all other pages."""
    for target in desk.outbound.met():
        url = urls.leaving(target)
        meta = Meta(desk.label("leaving.title"), url, noindex=True, steady=True)
        yield url, desk.page("leaving", LeavingPage(meta, target, urlsplit(target).hostname or ""))

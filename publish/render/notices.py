"""Lists of exit notices: pages and feeds. The notices themselves: exit_notices.py."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from publish import urls
from publish.model.public import DatasetInfo, ExitTable
from publish.model.site import DatasetSummary
from publish.render.atom import AtomEntry, AtomFeed, render_atom
from publish.render.contexts import CountLink, DatasetView, ExitRow, Link
from publish.render.exit_notices import told_exits
from publish.render.page_contexts import ExitsPage
from publish.render.rows import exit_path
from publish.render.views import Desk, column_meta

# A page or feed that grows without end serves nobody; the data files hold all notices.
LISTED = 1000

_SEARCHABLE = ~pl.col("noindex").fill_null(True)

Entry = Mapping[str, object]  # a row of told_exits


def render_exits(
    desk: Desk, exits: ExitTable, summaries: Sequence[DatasetSummary], datasets: Sequence[DatasetView]
) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of the list of all exits, and of one list per dataset.

    A list is kept out of search engines as soon as one of its notices is, or if it has none.
    """
    lists = tuple(
        CountLink(view.title, urls.exits_of(view.slug), summary.exits)
        for view, summary in zip(datasets, summaries, strict=True)
    )
    known = told_exits(desk, exits, [summary.info for summary in summaries])
    shown = searchable(exits)
    yield urls.EXITS, _list(desk, known, None, lists, noindex=urls.EXITS not in shown)
    for view in datasets:
        url = urls.exits_of(view.slug)
        mine = known.filter(pl.col("dataset") == view.slug)
        yield url, _list(desk, mine, view, lists, noindex=url not in shown)


def searchable(exits: ExitTable) -> frozenset[str]:
    """Addresses under /exits/ that search engines may list: notices, and lists all of whose notices may be."""
    frame = exits.frame
    by_dataset = frame.group_by("dataset").agg(_SEARCHABLE.all()).filter("noindex")["dataset"]
    found = set(frame.filter(_SEARCHABLE).select("/" + exit_path()).to_series())
    found |= {urls.exits_of(slug) for slug in by_dataset}
    if frame.height and frame.select(_SEARCHABLE.all()).item():
        found.add(urls.EXITS)
    return frozenset(found)


def render_exits_atom(desk: Desk, exits: ExitTable, infos: Sequence[DatasetInfo], dataset: str | None = None) -> bytes:
    """The newest notices as an Atom feed: all of them, or those of one dataset (its slug).

    `updated` is the day on which the record left, at midnight in the site's time zone: a build has no clock.
    """
    known = {info.slug: info for info in infos}
    slugs = [*known] if dataset is None else [dataset]
    newest_first = ExitTable(exits.frame.filter(pl.col("dataset").is_in(slugs)).head(LISTED))
    rows = told_exits(desk, newest_first, [known[slug] for slug in slugs])
    base = desk.config.base_url
    title = desk.label("nav.exits")
    newest = rows["left_on"].max() if rows.height else desk.as_of
    assert isinstance(newest, date)
    feed = AtomFeed(
        url=base + (urls.EXITS_ATOM if dataset is None else urls.exits_feed(dataset, "atom")),
        page=base + (urls.EXITS if dataset is None else urls.exits_of(dataset)),
        title=f"{desk.config.name if dataset is None else known[dataset].title} {title}",
        subtitle=_lead(desk),
        author=desk.config.organiser,
        author_url=base + urls.HOME,
        language=desk.config.language,
        updated=_midnight(desk, newest),
        entries=[_entry(desk, row) for row in rows.iter_rows(named=True)],
    )
    return render_atom(feed)


def _list(
    desk: Desk,
    entries: pl.DataFrame,
    view: DatasetView | None,
    lists: tuple[CountLink, ...],
    *,
    noindex: bool,
) -> bytes:
    title = desk.label("nav.exits")
    if view is None:
        meta = column_meta(desk, title, urls.EXITS, [Link(title)])
        addresses = [urls.EXITS_JSON, urls.EXITS_CSV, urls.EXITS_ATOM]
    else:
        crumbs = [Link(title, urls.EXITS), Link(view.title)]
        meta = column_meta(desk, f"{view.title} {title}", urls.exits_of(view.slug), crumbs)
        addresses = [urls.exits_feed(view.slug, suffix) for suffix in ("json", "csv", "atom")]
    rows = tuple(_row(entry) for entry in entries.head(LISTED).iter_rows(named=True))
    feeds = tuple(map(Link, ("JSON", "CSV", "Atom"), addresses))
    meta = replace(meta, noindex=noindex)
    return desk.page("exits", ExitsPage(meta, view, _lead(desk), rows, entries.height, lists, feeds, addresses[-1]))


def _lead(desk: Desk) -> str:
    return desk.t("exits.lead", days=desk.config.limits.exit_notice_days).unescape()


def _row(entry: Entry) -> ExitRow:
    names = ("url", "subject", "date", "until")
    return ExitRow(dataset_title=entry["list"], reason=entry["word"], **{name: entry[name] for name in names})  # type: ignore[arg-type]


def _entry(desk: Desk, entry: Entry) -> AtomEntry:
    day = entry["left_on"]
    assert isinstance(day, date)
    told = [str(entry["sentence"])]
    told.append(desk.t("exit.summary", reason=entry["word"], until=entry["until"]).unescape())
    if entry["citation"]:
        told.append(desk.t("exit.summary-basis", basis=entry["citation"]).unescape())
    return AtomEntry(
        url=f"{desk.config.base_url}{entry['url']}",
        title=f"{entry['title']} {entry['list']} {day}",
        updated=_midnight(desk, day),
        summary="\n".join(told),
        category=(str(entry["reason"]), str(entry["word"])),
    )


def _midnight(desk: Desk, day: date) -> str:
    return datetime.combine(day, time.min, ZoneInfo(desk.config.time_zone)).isoformat()

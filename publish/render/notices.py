"""Exit notices: a subject has left a list. A page for each, the lists of them, the feeds; nothing of the record itself.

A notice that a listing was wrong is a clarification with an apology (JS-J 24): it says that the listing was wrong and
has been taken off, and not what it said. A notice that names nobody does not tell why it names nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import polars as pl

from publish import urls
from publish.model.public import DatasetInfo, ExitTable
from publish.model.site import DatasetSummary
from publish.model.terms import ExitReason
from publish.render.atom import AtomEntry, AtomFeed, render_atom
from publish.render.contexts import CountLink, DatasetView, ExitPage, ExitRow, ExitsPage, Link, Meta
from publish.render.views import Desk, column_meta

# A page or feed that grows without end serves nobody; the data files hold all notices.
LISTED = 1000

_SEARCHABLE = ~pl.col("noindex").fill_null(True)

Entry = Mapping[str, object]  # a row of ExitTable


def render_exits(
    desk: Desk, exits: ExitTable, summaries: Sequence[DatasetSummary], datasets: Sequence[DatasetView]
) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of the list of all exits, of one list per dataset, and of each notice.

    A list is kept out of search engines as soon as one of its notices is, or if it has none.
    """
    lists = tuple(
        CountLink(view.title, urls.exits_of(view.slug), summary.exits)
        for view, summary in zip(datasets, summaries, strict=True)
    )
    titles = {view.slug: view.title for view in datasets}
    known = exits.frame.filter(pl.col("dataset").is_in(list(titles)))
    shown = searchable(exits)
    yield urls.EXITS, _list(desk, known, None, titles, lists, noindex=urls.EXITS not in shown)
    for view in datasets:
        url = urls.exits_of(view.slug)
        mine = known.filter(pl.col("dataset") == view.slug)
        yield url, _list(desk, mine, view, titles, lists, noindex=url not in shown)
    views = {view.slug: (view, summary.info) for view, summary in zip(datasets, summaries, strict=True)}
    for entry in known.iter_rows(named=True):
        row = _row(desk, entry, titles)
        yield row.url, _notice(desk, entry, row, *views[entry["dataset"]])


def searchable(exits: ExitTable) -> frozenset[str]:
    """Addresses under /exits/ that search engines may list: notices, and lists all of whose notices may be."""
    frame = exits.frame
    by_dataset = frame.group_by("dataset").agg(_SEARCHABLE.all()).filter("noindex")["dataset"]
    found = {urls.exit_notice(key) for key in frame.filter(_SEARCHABLE)["key"]}
    found |= {urls.exits_of(slug) for slug in by_dataset}
    if frame.height and frame.select(_SEARCHABLE.all()).item():
        found.add(urls.EXITS)
    return frozenset(found)


def render_exits_atom(desk: Desk, exits: ExitTable, infos: Sequence[DatasetInfo], dataset: str | None = None) -> bytes:
    """The newest notices as an Atom feed: all of them, or those of one dataset (its slug).

    `updated` is the day on which the record left, at midnight in the site's time zone: a build has no clock.
    """
    known = {info.slug: info for info in infos}
    wanted = list(known) if dataset is None else [dataset]
    rows = exits.frame.filter(pl.col("dataset").is_in(wanted)).head(LISTED)
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
        entries=[_entry(desk, row, known[row["dataset"]]) for row in rows.iter_rows(named=True)],
    )
    return render_atom(feed)


def _list(
    desk: Desk,
    entries: pl.DataFrame,
    view: DatasetView | None,
    titles: Mapping[str, str],
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
    rows = tuple(_row(desk, entry, titles) for entry in entries.head(LISTED).iter_rows(named=True))
    feeds = tuple(map(Link, ("JSON", "CSV", "Atom"), addresses))
    meta = replace(meta, noindex=noindex)
    return desk.page("exits", ExitsPage(meta, view, _lead(desk), rows, entries.height, lists, feeds, addresses[-1]))


def _lead(desk: Desk) -> str:
    return desk.t("exits.lead", days=desk.config.limits.exit_notice_days).unescape()


def _row(desk: Desk, entry: Entry, titles: Mapping[str, str]) -> ExitRow:
    subject = entry["subject"]
    return ExitRow(
        url=urls.exit_notice(str(entry["key"])),
        subject=None if subject is None else str(subject),
        dataset_title=titles[str(entry["dataset"])],
        date=str(entry["left_on"]),
        reason=desk.label(f"exit.{entry['reason']}"),
        until=str(entry["notice_until"]),
    )


def _notice(desk: Desk, entry: Entry, row: ExitRow, dataset: DatasetView, info: DatasetInfo) -> bytes:
    title = _title(desk, entry)
    lists = (Link(desk.label("nav.exits"), urls.EXITS), Link(dataset.title, urls.exits_of(dataset.slug)))
    meta = Meta(
        title,
        row.url,
        title,
        desk.crumbs(*lists, Link(title)),
        noindex=entry["noindex"] is not False,
        expires=row.until,
        published=row.date,
        source=dataset.provider,
        steady=True,
    )
    page = ExitPage(
        meta=meta,
        exit=row,
        sentence=_sentence(desk, entry, info),
        apology=_is_apology(entry),
        basis=str(entry["citation"] or ""),
        dataset=dataset,
        channel=_channel(desk, info),
        atom=urls.exits_feed(dataset.slug, "atom"),
    )
    return desk.page("exit", page)


def _title(desk: Desk, entry: Entry) -> str:
    """What the notice is called; never whom it is about, since titles travel."""
    return desk.label("exit.apology-title") if _is_apology(entry) else desk.label("exit.title")


def _is_apology(entry: Entry) -> bool:
    return entry["reason"] == ExitReason.WRONGLY_LISTED.value


def _sentence(desk: Desk, entry: Entry, info: DatasetInfo) -> str:
    """The notice in one or two sentences of plain text."""
    day, subject = entry["left_on"], entry["subject"]
    if _is_apology(entry) and subject is None:
        text = desk.t("exit.apology-unnamed", list=info.title, date=day, provider=info.provider)
    elif _is_apology(entry):
        text = desk.t("exit.apology", subject=subject, list=info.title, date=day, provider=info.provider)
    elif subject is None:
        text = desk.t("exit.sentence-unnamed", list=info.title, date=day)
    else:
        text = desk.t("exit.sentence", subject=subject, list=info.title, date=day)
    return text.unescape()


def _channel(desk: Desk, info: DatasetInfo) -> Link:
    """Where the list was first published: an address, the words that the publisher states, or else this site."""
    if not info.channel:
        return Link(desk.t("exit.channel-here", list=info.title).unescape(), urls.dataset(info.slug))
    if info.channel.startswith(("https://", "http://")):
        address = desk.outbound.link(info.channel)
        return Link((urlsplit(info.channel).hostname if address else None) or info.channel, address)
    return Link(info.channel)


def _entry(desk: Desk, entry: Entry, info: DatasetInfo) -> AtomEntry:
    day = entry["left_on"]
    assert isinstance(day, date)
    reason = desk.label(f"exit.{entry['reason']}")
    told = [_sentence(desk, entry, info)]
    told.append(desk.t("exit.summary", reason=reason, until=entry["notice_until"]).unescape())
    if entry["citation"]:
        told.append(desk.t("exit.summary-basis", basis=entry["citation"]).unescape())
    return AtomEntry(
        url=desk.config.base_url + urls.exit_notice(str(entry["key"])),
        title=f"{_title(desk, entry)} {info.title} {day}",
        updated=_midnight(desk, day),
        summary="\n".join(told),
        category=(str(entry["reason"]), reason),
    )


def _midnight(desk: Desk, day: date) -> str:
    return datetime.combine(day, time.min, ZoneInfo(desk.config.time_zone)).isoformat()

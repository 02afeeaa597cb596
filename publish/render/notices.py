"""Exit notices: a subject has left a list. A page for each, and the lists of them; nothing of the record itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from publish import urls
from publish.model.public import ExitTable
from publish.model.site import DatasetSummary
from publish.render.contexts import CountLink, DatasetView, ExitPage, ExitRow, ExitsPage, Link, Meta
from publish.render.views import Desk, column_meta


def render_exits(
    desk: Desk, exits: ExitTable, summaries: Sequence[DatasetSummary], datasets: Sequence[DatasetView]
) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of the list of all exits, of one list per dataset, and of each notice. All `noindex`."""
    views = {view.slug: view for view in datasets}
    notices = [
        (entry, _row(desk, entry, views[entry["dataset"]]))
        for entry in exits.frame.iter_rows(named=True)
        if entry["dataset"] in views
    ]
    lists = tuple(
        CountLink(view.title, urls.exits_of(view.slug), summary.exits)
        for view, summary in zip(datasets, summaries, strict=True)
    )
    title = desk.label("nav.exits")
    days = desk.config.limits.exit_notice_days
    meta = replace(column_meta(desk, title, urls.EXITS, [Link(title)]), noindex=True)
    yield urls.EXITS, desk.page("exits", ExitsPage(meta, None, tuple(row for _, row in notices), lists, days))
    for view in datasets:
        name = f"{view.title} {title}"
        crumbs = (Link(title, urls.EXITS), Link(view.title))
        meta = replace(column_meta(desk, name, urls.exits_of(view.slug), crumbs), noindex=True)
        rows = tuple(row for entry, row in notices if entry["dataset"] == view.slug)
        yield meta.path, desk.page("exits", ExitsPage(meta, view, rows, lists, days))
    for entry, row in notices:
        yield row.url, _notice(desk, entry, row, views[entry["dataset"]])


def _row(desk: Desk, entry: Mapping[str, object], dataset: DatasetView) -> ExitRow:
    return ExitRow(
        url=urls.exit_notice(str(entry["key"])),
        subject=str(entry["subject"] or desk.label("subject.unnamed")),
        dataset_title=dataset.title,
        date=str(entry["left_on"]),
        reason=desk.label(f"exit.{entry['reason']}"),
        until=str(entry["notice_until"]),
    )


def _notice(desk: Desk, entry: Mapping[str, object], row: ExitRow, dataset: DatasetView) -> bytes:
    until = str(entry["notice_until"])
    title = desk.label("exit.title")
    crumbs = desk.crumbs(Link(desk.label("nav.exits"), urls.EXITS), Link(row.subject))
    meta = Meta(title, row.url, title, crumbs, noindex=True, expires=until, published=row.date, source=dataset.provider)
    return desk.page("exit", ExitPage(meta, row, str(entry["citation"]), until, dataset))

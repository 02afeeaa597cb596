"""Pages of responsible units: the list, each unit's tasks, two documents compared; and the tasks on a policy page."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from publish import urls
from publish.model.responsibility import Responsibilities, Responsibility, Share, Unit
from publish.model.site import Site
from publish.render.contexts import Link, Meta
from publish.render.policy_contexts import (
    ComparedTask,
    ComparedUnit,
    ComparisonPage,
    ShareView,
    TaskView,
    UnitDocument,
    UnitPage,
    UnitRow,
    UnitShare,
    UnitsPage,
)
from publish.render.responsibilities import FILES, task_url
from publish.render.views import Desk, column_meta

_SHOWN = 120
Rows = Sequence[Responsibility]


def render_units(desk: Desk, site: Site) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of the list of units, of each unit and of each comparison; nothing if no document has a clause."""
    told = site.responsibilities
    if not told.rows:
        return
    titles = {document.slug: document.title for document in site.documents}
    by_unit = _grouped(told.rows, lambda row: row.key)
    yield urls.UNITS, _index(desk, told, titles, by_unit)
    for unit in told.units:
        yield urls.unit(unit.key), _unit(desk, unit, by_unit[unit.key], titles)
    by_document = _grouped(told.rows, lambda row: row.document)
    for one, other in told.pairs:
        url = urls.comparison(one, other)
        documents = (Link(titles[one], urls.policy(one)), Link(titles[other], urls.policy(other)))
        yield url, _comparison(desk, documents, (by_document[one], by_document[other]), told.units, url)


def document_tasks(desk: Desk, site: Site) -> dict[str, tuple[TaskView, ...]]:
    """By document the tasks whose clauses say who is responsible, with links to the units."""
    tasks: dict[str, tuple[TaskView, ...]] = {}
    for slug, rows in _grouped(site.responsibilities.rows, lambda row: row.document).items():
        clauses = groupby(rows, key=lambda row: row.number)
        tasks[slug] = tuple(_shared_task(desk, list(clause)) for _, clause in clauses)
    return tasks


def document_comparisons(site: Site) -> dict[str, tuple[Link, ...]]:
    """By document links to its comparisons, named by the other document."""
    titles = {document.slug: document.title for document in site.documents}
    links: dict[str, list[Link]] = {}
    for one, other in site.responsibilities.pairs:
        for mine, its in ((one, other), (other, one)):
            links.setdefault(mine, []).append(Link(titles[its], urls.comparison(one, other)))
    return {slug: tuple(found) for slug, found in links.items()}


def _index(desk: Desk, told: Responsibilities, titles: Mapping[str, str], by_unit: Mapping[str, Rows]) -> bytes:
    title = desk.label("units.title")
    policies = Link(desk.label("nav.policies"), urls.POLICIES)
    # Those with most to do first, in each place.
    busy = sorted(told.units, key=lambda unit: (unit.place is None, unit.place or "", -len(by_unit[unit.key])))
    rows = {unit.key: _row(unit, by_unit[unit.key]) for unit in busy}
    page = UnitsPage(
        meta=_meta(desk, title, urls.UNITS, [policies, Link(title)], desk.label("units.lead")),
        shares=tuple(desk.label(f"share.{share.value}") for share in Share),
        units=tuple(rows[unit.key] for unit in busy if not unit.collective),
        collective=tuple(rows[unit.key] for unit in busy if unit.collective),
        files=tuple(Link(name, urls.responsibilities(name)) for name in FILES),
        comparisons=tuple(
            Link(
                desk.t("contrast.pair", one=titles[one], other=titles[other]).unescape(),
                urls.comparison(one, other),
            )
            for one, other in told.pairs
        ),
    )
    return desk.page("units", page)


def _meta(desk: Desk, title: str, url: str, crumbs: Sequence[Link], description: str) -> Meta:
    return replace(column_meta(desk, title, url, crumbs, description=description), steady=True)


def _row(unit: Unit, rows: Rows) -> UnitRow:
    counts = Counter(row.share for row in rows)
    return UnitRow(urls.unit(unit.key), unit.name, unit.place or "", tuple(counts[share] for share in Share))


def _unit(desk: Desk, unit: Unit, rows: Rows, titles: Mapping[str, str]) -> bytes:
    shares = []
    for share in Share:
        own = [row for row in rows if row.share is share]
        documents = tuple(
            UnitDocument(Link(titles[slug], urls.policy(slug)), tuple(_task(row, _note(row, unit)) for row in group))
            for slug, group in groupby(own, key=lambda row: row.document)
        )
        if own:
            shares.append(UnitShare(share.value, desk.label(f"share.{share.value}"), len(own), documents))
    name = _full_name(desk, unit)
    crumbs = (Link(desk.label("nav.policies"), urls.POLICIES), Link(desk.label("units.title"), urls.UNITS), Link(name))
    description = desk.t("unit.description", name=name, count=len(rows)).unescape()
    page = UnitPage(
        meta=_meta(desk, name, urls.unit(unit.key), crumbs, description),
        name=unit.name,
        place=unit.place or "",
        names=tuple(other for other in unit.names if other != unit.name),
        collective=unit.collective,
        shares=tuple(shares),
    )
    return desk.page("unit", page)


def _full_name(desk: Desk, unit: Unit) -> str:
    return desk.t("unit.of-place", name=unit.name, place=unit.place).unescape() if unit.place else unit.name


def _note(row: Responsibility, unit: Unit) -> str:
    return row.named if row.named != unit.name else ""


def _comparison(
    desk: Desk, documents: tuple[Link, Link], rows: tuple[Rows, Rows], units: Sequence[Unit], url: str
) -> bytes:
    one, other = (_grouped(side, lambda row: row.key) for side in rows)
    compared = {
        unit.key: ComparedUnit(
            Link(unit.name, urls.unit(unit.key)),
            tuple(_compared(desk, row) for row in one.get(unit.key, ())),
            tuple(_compared(desk, row) for row in other.get(unit.key, ())),
        )
        for unit in units
        if unit.key in one or unit.key in other
    }
    title = desk.label("contrast.title")
    crumbs = (Link(desk.label("nav.policies"), urls.POLICIES), Link(desk.label("units.title"), urls.UNITS), Link(title))
    description = desk.t("contrast.pair", one=documents[0].label, other=documents[1].label).unescape()
    page = ComparisonPage(
        meta=_meta(desk, title, url, crumbs, description),
        one=documents[0],
        other=documents[1],
        both=tuple(unit for unit in compared.values() if unit.one and unit.other),
        single=tuple(unit for unit in compared.values() if not (unit.one and unit.other)),
    )
    return desk.page("comparison", page)


def _compared(desk: Desk, row: Responsibility) -> ComparedTask:
    return ComparedTask(desk.label(f"share.{row.share.value}"), _task(row, ""))


def _shared_task(desk: Desk, rows: Rows) -> TaskView:
    """A task with everybody who has a share in it, leaders first."""
    shares = []
    for share in Share:
        own = [row for row in rows if row.share is share]
        if own:
            units = tuple(Link(row.unit, urls.unit(row.key)) for row in own)
            others = any(row.others for row in own)
            shares.append(ShareView(desk.label(f"share.{share.value}"), units, others))
    return TaskView(task_url(rows[0]), _item(rows[0]), _beginning(rows[0].task), tuple(shares))


def _task(row: Responsibility, note: str) -> TaskView:
    return TaskView(task_url(row), _item(row), _beginning(row.task), (), note)


def _item(row: Responsibility) -> str:
    """The item's number without the mark behind it, as one would cite it: 二、（一）1, 三."""
    return (row.item or "").rstrip("、.．")


def _beginning(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _grouped(rows: Rows, key: Callable[[Responsibility], str]) -> dict[str, list[Responsibility]]:
    groups: dict[str, list[Responsibility]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups

"""The pages of policy documents: the list, each document, and what was changed from one text to the next."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from publish import urls
from publish.model.document import Document
from publish.model.policy import Amendment, Change, CitedBy, Named, PolicyText, Run, Standing, Status
from publish.model.site import Site
from publish.render.contexts import DownloadView, Link, Meta
from publish.render.policy_body import body_pieces, rule_link, table_of_contents
from publish.render.policy_contexts import (
    ChangeView,
    CiterView,
    PoliciesPage,
    PolicyGroup,
    PolicyPage,
    PolicyRow,
    RunView,
    StandingView,
    TieView,
    VersionPage,
)
from publish.render.text import plain_text
from publish.render.units import document_comparisons, document_tasks
from publish.render.views import Desk, column_meta, size_for_people


def newest(documents: Sequence[Document]) -> list[Document]:
    """Documents by publication date, newest first; those without a date last, by slug."""
    undated = date.min
    return sorted(documents, key=lambda d: (-(d.published_on or undated).toordinal(), d.slug))


def render_policies(desk: Desk, site: Site) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of the list of policy documents, of each document, and of the changes of each earlier text."""
    yield urls.POLICIES, _list(desk, site)
    tasks, comparisons = document_tasks(desk, site), document_comparisons(site)
    for document in site.documents:
        text = site.policies[document.slug]
        page = _policy(desk, site, document, text)
        duties = (tasks.get(document.slug, ()), comparisons.get(document.slug, ()))
        yield urls.policy(document.slug), desk.page("policy", replace(page, tasks=duties[0], comparisons=duties[1]))
        for amendment in text.amendments:
            yield urls.policy_version(document.slug, amendment.day.isoformat()), _version(desk, document, amendment)


def _list(desk: Desk, site: Site) -> bytes:
    title = desk.label("nav.policies")
    rows = [
        PolicyRow(
            urls.policy(d.slug),
            d.title,
            d.number,
            d.issuer,
            _day(d.published_on),
            standing_view(desk, site.policies[d.slug].status),
        )
        for d in newest(site.documents)
    ]
    groups = tuple(
        PolicyGroup(standing.value, desk.label(f"validity.{standing.value}"), alike)
        for standing in Standing
        if (alike := tuple(row for row in rows if row.standing.value == standing.value))
    )
    meta = column_meta(desk, title, urls.POLICIES, [Link(title)])
    units_url = urls.UNITS if site.responsibilities.rows else None
    return desk.page("policies", PoliciesPage(meta, groups, units_url))


def standing_view(desk: Desk, status: Status) -> StandingView:
    """The mark of a document: in words, with the days that are stated."""
    notes = []
    if status.standing is Standing.REPEALED and status.since:
        notes.append(desk.t("policy.repealed-since", date=status.since).unescape())
    elif status.standing is not Standing.REPEALED:
        if status.since:
            notes.append(desk.t("policy.since", date=status.since).unescape())
        if status.until:
            notes.append(desk.t("policy.until", date=status.until).unescape())
    label = status.words or desk.label(f"validity.{status.standing.value}")
    return StandingView(status.standing.value, label, tuple(notes), tuple(_named(named) for named in status.by))


def _named(named: Named) -> Link:
    return Link(_cited(named), urls.policy(named.slug) if named.slug else None)


def _cited(named: Named) -> str:
    """A document as it is cited: 《title》（number）."""
    title = f"《{named.title}》" if named.title else ""
    return f"{title}（{named.number}）" if title and named.number else title or named.number or ""


def _policy(desk: Desk, site: Site, document: Document, text: PolicyText) -> PolicyPage:
    titles = {one.slug: one.title for one in site.documents}
    standing = standing_view(desk, text.status)
    source = desk.link(document.source or "", document.source_url) if document.source_url else None
    meta = Meta(
        title=document.title,
        path=urls.policy(document.slug),
        description=plain_text(document.body)[:120],
        breadcrumbs=desk.crumbs(Link(desk.label("nav.policies"), urls.POLICIES), Link(document.title)),
        published=_day(document.published_on),
        source=document.source or document.issuer,
        keywords=site.keywords.get(document.slug, document.keywords),
        steady=True,
    )
    return PolicyPage(
        meta=meta,
        standing=standing,
        head=tuple(_head(desk, document, standing)),
        toc=table_of_contents(text.parts),
        body=body_pieces(desk, text, document.title),
        source_link=source,
        attachments=tuple(_attachments(document)),
        versions=tuple(_version_link(desk, document, amendment) for amendment in text.amendments),
        ties=tuple(_ties(desk, text)),
        missing=tuple(map(_cited, text.missing)),
        cited_by=tuple(_citers(desk, text.cited_by)),
        rules=tuple(map(rule_link, text.resting.get("", ()))),
        related=tuple(Link(titles[slug], urls.policy(slug)) for slug in site.related.get(document.slug, ())),
    )


def _head(desk: Desk, document: Document, standing: StandingView) -> Iterator[tuple[str, str]]:
    """The government page head: what is not stated is left out."""
    fields = (
        ("index-number", document.index_number),
        ("subject-class", document.subject_class),
        ("issuer", document.issuer),
        ("written-on", _day(document.written_on)),
        ("number", document.number),
        ("printed-on", _day(document.printed_on)),
        ("published-on", _day(document.published_on)),
        ("addressees", document.addressees),
        ("publicity", document.publicity),
        ("keywords", desk.label("join.words").join(document.keywords) or None),
        ("in-force-from", _day(document.in_force_from)),
        ("in-force-until", _day(document.in_force_until)),
        ("repealed-on", _day(document.repealed_on)),
        ("validity", standing.label),
    )
    for key, value in fields:
        if value is not None:
            yield desk.label(f"policy.{key}"), value


def _attachments(document: Document) -> Iterator[DownloadView]:
    for one in document.attachments:
        url = urls.policy_file(document.slug, one.name)
        yield DownloadView(one.title, url, size_for_people(one.bytes), one.bytes, one.sha256, note=one.name)


def _citers(desk: Desk, cited_by: Sequence[CitedBy]) -> Iterator[CiterView]:
    """By citing document, each place with what it cites."""
    for (slug, title), places in groupby(cited_by, key=lambda one: (one.slug, one.title)):
        links = []
        found = list(places)
        exact = {one.anchor for one in found if one.article}
        for one in found:
            if not one.article and one.anchor in exact:
                continue  # the same place names the article, too
            label = one.label or desk.label("policy.preamble")
            if one.article:
                label = desk.t("policy.cites", part=label, article=one.article).unescape()
            links.append(Link(label, urls.policy(slug) + (f"#{one.anchor}" if one.anchor else "")))
        yield CiterView(Link(title, urls.policy(slug)), tuple(links))


def _ties(desk: Desk, text: PolicyText) -> Iterator[TieView]:
    for tie, alike in groupby(text.ties, key=lambda one: one[0]):
        yield TieView(desk.label(f"policy.tie.{tie.value}"), tuple(_named(named) for _, named in alike))


def _version_link(desk: Desk, document: Document, amendment: Amendment) -> Link:
    return Link(_between(desk, amendment), urls.policy_version(document.slug, amendment.day.isoformat()))


def _between(desk: Desk, amendment: Amendment) -> str:
    if amendment.next_day is None:
        return desk.t("version.to-present", day=amendment.day).unescape()
    return desk.t("version.between", day=amendment.day, next=amendment.next_day).unescape()


def _version(desk: Desk, document: Document, amendment: Amendment) -> bytes:
    between = _between(desk, amendment)
    present = Link(document.title, urls.policy(document.slug))
    meta = Meta(
        title=desk.t("version.title", title=document.title).unescape(),
        path=urls.policy_version(document.slug, amendment.day.isoformat()),
        description=between,
        breadcrumbs=desk.crumbs(Link(desk.label("nav.policies"), urls.POLICIES), present, Link(between)),
        published=_day(document.published_on),
        source=document.source or document.issuer,
        steady=True,
    )
    unchanged = desk.t("version.unchanged", count=amendment.unchanged).unescape()
    changes = tuple(_change(desk, document, change) for change in amendment.changes)
    return desk.page("version", VersionPage(meta, present, between, unchanged, changes))


def _change(desk: Desk, document: Document, change: Change) -> ChangeView:
    preamble = desk.label("policy.preamble")
    before = None if change.before is None else change.before or preamble
    after = None if change.after is None else change.after or preamble
    place = after or before or preamble
    if before and after and before != after:
        place = desk.t("version.from-to", before=before, after=after).unescape()
    href = f"{urls.policy(document.slug)}#{change.anchor}" if change.anchor else None
    runs = tuple(RunView(text, run is Run.ADDED, run is Run.REMOVED) for run, text in change.runs)
    return ChangeView(change.kind.value, desk.label(f"version.{change.kind.value}"), Link(place, href), runs)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

"""From the model to what templates show: the parts that several pages share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import Markup

from publish import urls
from publish.model.config import SiteConfig
from publish.model.site import DatasetSummary
from publish.render.contexts import DatasetView, Link, Meta, SiteView
from publish.render.outbound import Outbound
from publish.render.text import plain_text


class Translate(Protocol):
    """`t` of the environment: interface text by key, with values put in and escaped."""

    def __call__(self, key: str, **values: object) -> Markup:
        """The text; KeyError names a missing key."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page function needs: the environment, its `t`, the site's configuration, outside links.

    `static` are the static files by path: (URL, content).
    """

    environment: Environment
    t: Translate
    config: SiteConfig
    as_of: date
    outbound: Outbound
    static: Mapping[str, tuple[str, bytes]]

    def page(self, template: str, context: object) -> bytes:
        """A page of the site as UTF-8."""
        return self.environment.get_template(f"pages/{template}.html").render(page=context).encode()

    def label(self, key: str) -> str:
        """Interface text without values, as plain text (it is escaped where it is printed)."""
        return self.t(key).unescape()

    def link(self, label: str, address: str) -> Link:
        """A link to an address as it was written, through a leaving notice where due; else it is its own label."""
        return Link(label or address, self.outbound.link(address) if address else None)

    def crumbs(self, *links: Link) -> tuple[Link, ...]:
        """Breadcrumbs from the home page; the last one is the page itself."""
        return (Link(self.label("nav.home"), urls.HOME), *links)


def site_view(config: SiteConfig, as_of: date, texts: Mapping[str, str]) -> SiteView:
    """The site's own data for every page."""
    nav = (
        Link(texts["nav.home"], urls.HOME),
        Link(texts["nav.datasets"], urls.DATASETS),
        Link(texts["nav.policies"], urls.POLICIES),
        Link(texts["nav.exits"], urls.EXITS),
        Link(texts["nav.search"], urls.SEARCH),
        Link(texts["nav.about"], urls.ABOUT),
    )
    return SiteView(
        name=config.name,
        organiser=config.organiser,
        base_url=config.base_url.rstrip("/"),
        domain=urlsplit(config.base_url).hostname or "",
        language=config.language,
        description=config.description,
        as_of=as_of.isoformat(),
        nav=nav,
        time_zone=config.time_zone,
        site_code=config.site_code,
        icp_number=config.icp_number,
        police_number=config.police_number,
        phone=config.contact.phone,
        email=config.contact.email,
        address=config.contact.address,
        demonstration=config.demonstration,
    )


def dataset_view(desk: Desk, summary: DatasetSummary) -> DatasetView:
    """A dataset as cards and headers show it."""
    info = summary.info
    return DatasetView(
        slug=info.slug,
        url=urls.dataset(info.slug),
        title=info.title,
        kind=info.kind.value,
        kind_label=desk.label(f"kind.{info.kind.value}"),
        provider=info.provider,
        description=plain_text(info.description),
        count=summary.count,
        latest=summary.latest,
        official=info.official,
    )


def column_meta(desk: Desk, title: str, path: str, crumbs: Sequence[Link], *, description: str = "") -> Meta:
    """Head of a column page (a page that leads to others), with the government's Column… meta tags."""
    return Meta(
        title=title,
        path=path,
        description=description or title,
        breadcrumbs=desk.crumbs(*crumbs),
        column=title,
        column_type=desk.label("column.type"),
    )


def size_for_people(count: int) -> str:
    """A file's size in binary units with at most one decimal."""
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"

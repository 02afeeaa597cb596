"""What the template contexts are made of. With page_contexts.py, one frozen dataclass per page, this is the contract
with site_templates/.

A template `pages/<name>.html` gets `page` (its class there), `site` (SiteView), and the functions `t(key, **values)`
(interface text of the site's language) and `static(path)` (address of a static file). `Markup` values are HTML that is
already safe; every other value is escaped by autoescape. A test renders every page with undefined names as errors.

Values marked *slot* below come from columns: in bulk pages they are stand-ins that a template may print, and test for
presence with `if`, and nothing else (no filters, comparisons or concatenation with `~`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `href` None is the page itself (last breadcrumb)."""

    label: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class SiteView:
    """What every page shows of the site. `as_of` is `yyyy-mm-dd`; days end in `time_zone`."""

    name: str
    organiser: str
    base_url: str
    domain: str
    language: str
    description: str
    as_of: str
    nav: tuple[Link, ...]
    time_zone: str = "Asia/Shanghai"
    site_code: str | None = None
    icp_number: str | None = None
    police_number: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    demonstration: str | None = None


@dataclass(frozen=True, slots=True)
class Meta:
    """Head of a page. `path` is its canonical address; `expires` (`yyyy-mm-dd`, *slot*) its last public day.

    `noindex` keeps search engines out. `column` is ColumnName and `column_type` ColumnType of the government meta tags
    (国办发〔2017〕47号); pages that are articles set `published` (PubDate) and `source` (ContentSource) instead,
    and may have `keywords`. A `steady` page does not tell the day of the build: of very many pages each stays the same
    file until its own content changes.
    """

    title: str
    path: str
    description: str = ""
    breadcrumbs: tuple[Link, ...] = ()
    noindex: bool = False
    expires: str | None = None
    column: str | None = None
    column_type: str | None = None
    published: str | None = None
    source: str | None = None
    keywords: tuple[str, ...] = ()
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a list; all *slots* except `kind`, which templates may compare (`Kind` values).

    `severity` and `flag` are interface texts already; `kind` is the dataset's kind. `date`, `until` are `yyyy-mm-dd`.
    """

    url: str
    title: str
    subject: str | None
    authority: str | None
    date: str | None
    until: str | None
    reason: str | None
    severity: str | None
    flag: str | None
    dataset_title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Value:
    """One labelled field of a record; `text` is a *slot*; fields without a value are left out."""

    label: str
    text: str
    name: str


@dataclass(frozen=True, slots=True)
class DatasetView:
    """A dataset in the catalogue. `latest` is the newest date among its records, or None; `description` plain text."""

    slug: str
    url: str
    title: str
    kind: str
    kind_label: str
    provider: str
    description: str
    count: int
    latest: str | None
    official: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    """One row of a dataset's data dictionary."""

    name: str
    title: str
    type: str
    description: str
    masked: bool


@dataclass(frozen=True, slots=True)
class CountLink:
    """A link with a number beside it: months, authorities."""

    label: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class DownloadView:
    """A file to download. `size` is for people (`12.3 KB`), `bytes` and `sha256` for machines."""

    label: str
    href: str
    size: str
    bytes: int
    sha256: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a page of a listing stands; all are *slots*, addresses or None. `pages` are links to those near, called by
    the day of their first record, the present one without href. `first`: where it is not among them. `last`: on the
    first page only. `dates`: the list of days or months on the first page, if there is one."""

    first: str | None
    previous: str | None
    next: str | None
    last: str | None
    dates: str | None
    pages: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class QrView:
    """A QR code for an inline SVG, both *slots*: `size` is its width in modules with the quiet zone, `path` the `d` of
    a path whose strokes, one module wide, are the dark modules."""

    size: str
    path: str


@dataclass(frozen=True, slots=True)
class ExitRow:
    """One exit in a list. `reason` is interface text; `date` the day it left, `until` the last day of the notice.

    `subject` None: the notice names nobody. In a notice all but `dataset_title` are *slots*.
    """

    url: str
    subject: str | None
    dataset_title: str
    date: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule. `sets` is what it lays down, in sentences; `kinds` and `period` (when it is in force) are words too.

    `basis` is the citation, linked where the document is published here. `replaced_by` are links to the rules that take
    its place; `state` says why it is not in force, None where it is; `profile` is whose rule it is.
    """

    id: str
    title: str
    sets: tuple[str, ...]
    kinds: str
    period: str
    basis: Link
    profile: str
    state: str | None
    replaced_by: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules of one profile; `level` is interface text, `note` a sentence about all of them or blank."""

    title: str
    level: str
    note: str
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True)
class FiguresTable:
    """A table of counts. `head` are the titles of the columns, the first that of the row headers; all are words."""

    id: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter, and how it is called."""

    value: str
    label: str

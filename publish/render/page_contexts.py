"""The contexts of the pages themselves: one frozen dataclass each. What they are made of, and how templates use it, is
in contexts.py; pages of policy documents are in policy_contexts.py.
"""

from dataclasses import dataclass

from markupsafe import Markup

from publish.render.contexts import (
    Choice,
    CountLink,
    DatasetView,
    DownloadView,
    ExitRow,
    FieldView,
    FiguresTable,
    Link,
    Meta,
    Pager,
    QrView,
    Row,
    RuleGroup,
    RuleView,
    Value,
)


@dataclass(frozen=True, slots=True)
class HomePage:
    """pages/home.html. `latest` is HTML of record rows (components/record-row)."""

    meta: Meta
    datasets: tuple[DatasetView, ...]
    latest: Markup
    policies: tuple[Link, ...]
    exits: int
    record_count: int


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """pages/catalogue.html."""

    meta: Meta
    datasets: tuple[DatasetView, ...]


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """pages/dataset.html. `description` is sanitised HTML; all links already go through leaving notices where due."""

    meta: Meta
    dataset: DatasetView
    description: Markup
    legal_basis: tuple[str, ...]
    keywords: tuple[str, ...]
    licenses: tuple[Link, ...]
    sources: tuple[Link, ...]
    homepage: Link | None
    update_cycle: str | None
    catalogue: tuple[tuple[str, str], ...]
    fields: tuple[FieldView, ...]
    months: tuple[CountLink, ...]
    authorities: tuple[CountLink, ...]
    downloads: tuple[DownloadView, ...]
    descriptor_url: str
    versions_url: str
    exits_url: str
    exits: int


@dataclass(frozen=True, slots=True)
class ListingPage:
    """pages/listing.html: one page of the records of a month or of an authority.

    *Slots*: `heading`, `label` (what the page is called in pagers; None: it is the first), `size` (records on it),
    `span` (from which day to which), `rows` (HTML), `pager`, `meta.title`, `meta.path`. Of the first page only: `count`
    of the listing's records, `dates`, links to its days or months if it has several pages and dates, and `months` of
    the dataset. Other pages tell of others only the names and addresses of those near them.
    """

    meta: Meta
    dataset: DatasetView
    heading: str
    label: str | None
    count: int | None
    size: str
    span: str
    rows: Markup
    pager: Pager
    dates: tuple[CountLink, ...] = ()
    months: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordPage:
    """pages/record.html (bulk). Strings that are *slots*: all of `row`'s, `values[].text`, `subject_url`, `flag_note`,
    `meta.title`, `meta.path`, `meta.expires`, `meta.description`."""

    meta: Meta
    row: Row
    values: tuple[Value, ...]
    subject_url: str | None
    flag_note: str | None
    dataset: DatasetView
    legal_basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """pages/subject.html (bulk). *Slots*: `name`, `code`, `count`, `rows` (HTML), `meta.title`, `meta.path`,
    `meta.expires` (the last day of the record that stays longest; each row hides itself on its own day).

    `qr` leads to the page itself; None where its address is too long for one.
    """

    meta: Meta
    name: str
    code: str
    count: str
    rows: Markup
    qr: QrView | None


@dataclass(frozen=True, slots=True)
class ExitsPage:
    """pages/exits.html: the newest exits, or those of one dataset (then `dataset` is set).

    `total` is how many there are. `feeds` are the same as data files; `atom` the address of the Atom feed among them.
    """

    meta: Meta
    dataset: DatasetView | None
    lead: str
    exits: tuple[ExitRow, ...]
    total: int
    lists: tuple[CountLink, ...]
    feeds: tuple[Link, ...]
    atom: str


@dataclass(frozen=True, slots=True)
class ExitPage:
    """pages/exit.html: a notice that a subject has left a list. Nothing of the record itself.

    `sentence` (*slot*) says it in words; `apology`: the listing was wrong. `basis` is a *slot*, or blank. `channel` is
    where the list was first published.
    """

    meta: Meta
    exit: ExitRow
    sentence: str
    apology: bool
    basis: str
    dataset: DatasetView
    channel: Link
    atom: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    """pages/rules.html: the rules that the site goes by, then `others`, which are not yet or no longer in force."""

    meta: Meta
    groups: tuple[RuleGroup, ...]
    others: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True)
class StatisticsPage:
    """pages/statistics.html; `data_url` is the address of the same figures as JSON."""

    meta: Meta
    tables: tuple[FiguresTable, ...]
    data_url: str


@dataclass(frozen=True, slots=True)
class TextPage:
    """pages/text.html: a page of the site's own (about, how to object)."""

    meta: Meta
    body: Markup


@dataclass(frozen=True, slots=True)
class SearchPage:
    """pages/search.html. `index_url` is the address of the index root, for the script; the others are the values of
    filters, but for those that the index itself tells; the script shows `statuses` beside marked records, too."""

    meta: Meta
    index_url: str
    datasets: tuple[DatasetView, ...]
    kinds: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    statuses: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class BulkPage:
    """pages/bulk.html, the check of a whole list. `index_url` is the address of the index root, for the script."""

    meta: Meta
    index_url: str


@dataclass(frozen=True, slots=True)
class NotFoundPage:
    """pages/404.html."""

    meta: Meta


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """pages/leaving.html: you are leaving this site. `target` is the full address, `host` its host."""

    meta: Meta
    target: str
    host: str

"""The template contexts of policy documents: their pages, units, comparisons. As in contexts.py."""

from dataclasses import dataclass

from markupsafe import Markup

from publish.render.contexts import DownloadView, Link, Meta


@dataclass(frozen=True, slots=True)
class StandingView:
    """How a document stands: `value` (`Standing`) for templates, `label` in words, `notes` with days and reasons.

    `by` are the documents that repealed it, linked where they are published here.
    """

    value: str
    label: str
    notes: tuple[str, ...] = ()
    by: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy document in a list."""

    url: str
    title: str
    number: str | None
    issuer: str | None
    published: str | None
    standing: StandingView


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """The documents of one standing; `value` as in StandingView."""

    value: str
    label: str
    policies: tuple[PolicyRow, ...]


@dataclass(frozen=True, slots=True)
class ShareView:
    """The units that have one share in a task: `label` is interface text (牵头负责). `others`: and others, unnamed."""

    label: str
    units: tuple[Link, ...]
    others: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task of a document: `item` is its number (二、（一）2) or blank, `text` its beginning, `url` where it stands.

    `shares` say who is to do it; on the page of one unit they are blank, and `note` is how the clause names the unit,
    blank if by the name at the head of the page.
    """

    url: str
    item: str
    text: str
    shares: tuple[ShareView, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PoliciesPage:
    """pages/policies.html: groups by standing, newest first in each; groups without documents are left out.

    `units_url`: the list of responsible units, None if no document names any.
    """

    meta: Meta
    groups: tuple[PolicyGroup, ...]
    units_url: str | None = None


@dataclass(frozen=True, slots=True)
class TocEntry:
    """A part in the table of contents, and the parts in it."""

    label: str
    href: str
    children: tuple["TocEntry", ...] = ()


@dataclass(frozen=True, slots=True)
class BodyPiece:
    """A stretch of a document's sanitised HTML, and the rules that rest on the part that ends with it."""

    html: Markup
    rules: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class CiterView:
    """A document that cites this one, and where it does, with what it cites."""

    document: Link
    places: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class TieView:
    """The documents to which this one is related in one way; `label` is that way in words."""

    label: str
    documents: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """pages/policy.html. `head` are (label, value) pairs of the government page head; `body` is in pieces.

    `source_link` is where the text was taken from. `versions` are pages of what was changed, newest first; `ties` what
    it and others state of one another; `missing`
    the citations of documents that are not published here; `rules` those that rest on the document as a whole;
    `related` other documents with common words (Whoosh). `tasks` are those whose clauses say who is responsible;
    `comparisons` lead to other documents that name the same units.
    """

    meta: Meta
    standing: StandingView
    head: tuple[tuple[str, str], ...]
    toc: tuple[TocEntry, ...]
    body: tuple[BodyPiece, ...]
    source_link: Link | None
    attachments: tuple[DownloadView, ...]
    versions: tuple[Link, ...]
    ties: tuple[TieView, ...]
    missing: tuple[str, ...]
    cited_by: tuple[CiterView, ...]
    rules: tuple[Link, ...]
    related: tuple[Link, ...]
    tasks: tuple[TaskView, ...] = ()
    comparisons: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A responsible unit in the list. `counts` are its tasks by share, in the order of `UnitsPage.shares`."""

    url: str
    name: str
    place: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UnitsPage:
    """pages/units.html: the responsible units, then `collective`: words that stand for many, such as 各区县人民政府.

    `shares` are the titles of the columns of counts. `files` are the data package; `comparisons` pairs of documents.
    """

    meta: Meta
    shares: tuple[str, ...]
    units: tuple[UnitRow, ...]
    collective: tuple[UnitRow, ...]
    files: tuple[Link, ...]
    comparisons: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class UnitDocument:
    """The tasks that one document gives a unit."""

    document: Link
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True, slots=True)
class UnitShare:
    """The tasks in which a unit has one share, by document; `label` and `count` head them."""

    id: str
    label: str
    count: int
    documents: tuple[UnitDocument, ...]


@dataclass(frozen=True, slots=True)
class UnitPage:
    """pages/unit.html: all tasks of one unit. `place` may be blank; `names`: what else documents call it."""

    meta: Meta
    name: str
    place: str
    names: tuple[str, ...]
    collective: bool
    shares: tuple[UnitShare, ...]


@dataclass(frozen=True, slots=True)
class ComparedTask:
    """A task in a comparison, with the unit's share in it as interface text."""

    share: str
    task: TaskView


@dataclass(frozen=True, slots=True)
class ComparedUnit:
    """What a unit has to do by each of two documents; one of them may be blank."""

    unit: Link
    one: tuple[ComparedTask, ...]
    other: tuple[ComparedTask, ...]


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """pages/comparison.html: two documents unit by unit; `both` are the units that both name, then those of one."""

    meta: Meta
    one: Link
    other: Link
    both: tuple[ComparedUnit, ...]
    single: tuple[ComparedUnit, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """A stretch of a part's text; neither added nor removed: it stands in both."""

    text: str
    added: bool = False
    removed: bool = False


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A part that was changed: `kind` (`ChangeKind`) and `label` say how, `place` which, linked where it stands."""

    kind: str
    label: str
    place: Link
    runs: tuple[RunView, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """pages/version.html: what was changed in a document from one text to the next. `lead` says which, in words."""

    meta: Meta
    document: Link
    lead: str
    unchanged: str
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class CompareEntry:
    """What a rule of a jurisdiction says about a parameter; `note` says for what, and from when if that is to come."""

    sentences: tuple[str, ...]
    note: str
    basis: Link


@dataclass(frozen=True, slots=True)
class CompareCell:
    """A jurisdiction's entries about a parameter, none where its rules are silent."""

    profile: str
    entries: tuple[CompareEntry, ...]


@dataclass(frozen=True, slots=True)
class CompareRow:
    """A parameter, with a cell for every jurisdiction."""

    id: str
    label: str
    cells: tuple[CompareCell, ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """pages/compare.html: how jurisdictions regulate the same. `profiles` are (name, level) of the columns."""

    meta: Meta
    profiles: tuple[tuple[str, str], ...]
    rows: tuple[CompareRow, ...]

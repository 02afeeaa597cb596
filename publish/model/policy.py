"""What derive makes of a policy document for its page: parts, citations both ways, rules that rest on it, standing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from publish.model.outline import Part


class Standing(StrEnum):
    """How a document stands on the day of the build, as far as it is stated. OTHER: stated in words of its own."""

    IN_FORCE = "in-force"
    COMING = "coming"
    OTHER = "other"
    UNSTATED = "unstated"
    ARCHIVED = "archived"
    EXPIRED = "expired"
    REPEALED = "repealed"


@dataclass(frozen=True, slots=True)
class Named:
    """A document by title (without 《》) or number; `slug` where it is published here, `anchor` the cited part there.

    `article` is what was cited of it, as it was written.
    """

    title: str | None
    number: str | None
    article: str = ""
    slug: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A document's standing, the day from or up to which (last day) that is so, and what repealed it."""

    standing: Standing
    words: str = ""
    since: date | None = None
    until: date | None = None
    by: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a document's sanitised HTML: the part that begins with it (None before any), and the HTML."""

    anchor: str | None
    html: str


@dataclass(frozen=True, slots=True)
class CitedBy:
    """A citation of a document in another one: the citing document, its part (None outside of any), what it cites."""

    slug: str
    title: str
    anchor: str | None
    label: str
    article: str
    cited_anchor: str | None


@dataclass(frozen=True, slots=True)
class Resting:
    """A rule that rests on a part of a document."""

    rule_id: str
    title: str


class Tie(StrEnum):
    """How a document is related to another one, by its own word or by the other's."""

    BASED_ON = "based-on"
    BASIS_OF = "basis-of"
    IMPLEMENTS = "implements"
    IMPLEMENTED_BY = "implemented-by"
    REPEALS = "repeals"
    REPEALED_BY = "repealed-by"
    AMENDS = "amends"
    AMENDED_BY = "amended-by"
    ANNEX_OF = "annex-of"
    HAS_ANNEX = "has-annex"


class ChangeKind(StrEnum):
    """What became of a part from one text of a document to the next. RENUMBERED: only its number is another one."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENUMBERED = "renumbered"


class Run(StrEnum):
    """A stretch of a changed part."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """A part that is not as it was: its number before and now (None: not there), its text in runs.

    `anchor` is that of the part in the document's present text, where it still stands there.
    """

    kind: ChangeKind
    before: str | None
    after: str | None
    runs: tuple[tuple[Run, str], ...]
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """From the text that held from `day` to the next one, of `next_day` (None: the present text)."""

    day: date
    next_day: date | None
    changes: tuple[Change, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A document as its page shows it. `pieces` have ids and links; links to other sites are as they were written.

    `missing` are documents that it cites and that are not published here; `resting` the rules by the anchor of the part
    that they cite ("" for the document as a whole); `ties` the relations that it or the other one states, by Tie.
    """

    status: Status
    pieces: tuple[Piece, ...] = ()
    parts: tuple[Part, ...] = ()
    missing: tuple[Named, ...] = ()
    cited_by: tuple[CitedBy, ...] = ()
    resting: Mapping[str, tuple[Resting, ...]] = field(default_factory=dict)
    amendments: tuple[Amendment, ...] = ()
    ties: tuple[tuple[Tie, Named], ...] = ()
